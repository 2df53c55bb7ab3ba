"""Official numbers: the forms in which people write them, and which cannot be real.

NHS number: ten digits, the last a check digit modulo 11 (NHS Data Model and Dictionary, "NHS
NUMBER"). National Insurance number: two letters, six digits and a suffix A to D (HMRC, National
Insurance Manual NIM39110). UPRN: up to twelve digits (GeoPlace). Each function takes text and
returns text in one form, null where it is missing or cannot be such a number.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.folding import empty_to_null, folded, kept_where, rewrite

_UNSEEN = r"[\s\-./]"
_NINO = r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?$"
_NINO_NEVER_ISSUED = r"^(BG|GB|NK|KN|TN|NT|ZZ)"
_WHOLE_AS_DECIMAL = ((r"\.0+$", ""),)


def nhs_number(values: pa.Array) -> pa.Array:
    """Return ten digits whose check digit holds.

    Ten equal digits pass the arithmetic for some values and are never issued: they are refused.
    """
    digits = _digits(values.cast(pa.string()))
    shaped = kept_where(digits, pc.match_substring_regex(digits, r"^[0-9]{10}$"))
    places = np.flatnonzero(shaped.is_valid().to_numpy(zero_copy_only=False))
    if not len(places):
        return shaped
    joined = pc.binary_join(pa.array([shaped.drop_null().to_pylist()]), "")[0].as_py()
    rows = np.frombuffer(joined.encode(), dtype=np.uint8).reshape(-1, 10).astype(np.int64) - 48
    check = 11 - (rows[:, :9] @ np.arange(10, 1, -1)) % 11
    check[check == 11] = 0
    # A check of 10 equals no digit, so such numbers fall out by themselves.
    holds = (check == rows[:, 9]) & (rows != rows[:, :1]).any(axis=1)
    good = np.zeros(len(shaped), dtype=bool)
    good[places] = holds
    return kept_where(shaped, pa.array(good))


def nino(values: pa.Array) -> pa.Array:
    """Return the eight characters that identify a person.

    The suffix says when a card was renewed and many files leave it out, so it is checked and then
    dropped. Prefixes that are never given to people, TN (temporary) among them, are refused.
    """
    text = rewrite(folded(values), ((_UNSEEN, ""),))
    good = pc.and_(
        pc.match_substring_regex(text, _NINO),
        pc.invert(pc.match_substring_regex(text, _NINO_NEVER_ISSUED)),
    )
    return pc.utf8_slice_codeunits(kept_where(text, good), 0, 8)


def uprn(values: pa.Array) -> pa.Array:
    """Return one to twelve digits without leading zeros; zero is no property."""
    digits = _digits(values.cast(pa.string()))
    shaped = kept_where(digits, pc.match_substring_regex(digits, r"^[0-9]{1,12}$"))
    return empty_to_null(pc.utf8_ltrim(shaped, "0"))


def _digits(texts: pa.Array) -> pa.Array:
    """Take out what people write between digits; most files hold digits only, and pass at once."""
    if pc.all(pc.ascii_is_decimal(texts)).as_py():
        return texts
    return rewrite(texts, (*_WHOLE_AS_DECIMAL, (_UNSEEN, "")))


def rounded_by_a_spreadsheet(values: pa.Array) -> pa.Array:
    """Return where a long number was saved as ``1.23E+11``: its last digits are lost for good."""
    return pc.match_substring_regex(values, r"^[0-9]([.][0-9]+)?[eE]\+?[0-9]{1,2}$")
