"""Each type of field in one form, so that two bodies that mean the same write the same bytes.

``standardise`` takes an array and its field type and returns an array of the same length: text in
its standard form (dates stay dates), null where the value is missing or cannot be of its type. It
is idempotent: the standard form of a standard form is itself. Nothing is guessed: a value that
could mean two things becomes null, and intake counts it.

    forename, surname   capitals without accents; apostrophes and full stops out; hyphens are space;
                        titles before and JNR, SNR, ESQ, OBE, MBE, CBE after a name out. Space is
                        kept here and taken out of tokens, so O'Neill, O Neill, ONEILL meet, and
                        Smith-Jones, Smith Jones, SMITHJONES meet. Initials after a forename are
                        out (Rebecca M is REBECCA); second forenames in full stay.
    sex                 M, F, X; unknown is missing (NHS codes 1, 2, 9; 0 unknown)
    postcode            outward, one space, inward; O for 0 in the inward digit is mended; ZZ99
                        (nobody's postcode in health files) is missing
    address             words in capitals, British abbreviations written out, postcode out
    uprn, nhs number, nino   see ``numbers``
    code                capitals, no space; other signs stay: 12/345 is not 1/2345
    text, category      capitals without accents, single spaces
    date, datetime      as dates; text only as yyyy-mm-dd
    numbers, yes/no     decimal text without trailing zeros; ``yes`` or ``no``
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import empty_to_null, folded, kept_where, rewrite
from equipoise.carry.encode.numbers import nhs_number, nino, uprn

_TITLES = "MR|MRS|MISS|MS|MX|DR|PROF|PROFESSOR|REV|REVD|REVEREND|SIR|DAME|LORD|LADY|MASTER"
_LETTERS_AFTER = "JNR|JR|JUNIOR|SNR|SR|SENIOR|ESQ|OBE|MBE|CBE"
_NAME: Final = (
    (r"['’‘ʼ`´.]", ""),
    (r"[^\p{L}]+", " "),
    (r"^ +| +$", ""),
    (rf"^(?:(?:{_TITLES}) )+([^ ].*)$", r"\1"),
    (rf"^(.*[^ ])(?: (?:{_LETTERS_AFTER}))+$", r"\1"),
)
_INITIALS: Final = (r"^(\p{L}{2,}(?: \p{L}{2,})*)(?: \p{L})+$", r"\1")
"""Initials of middle names, which one office keeps and the next leaves out."""

_SPACED: Final = ((r"\s+", " "), (r"^ +| +$", ""))

_OUTWARD = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|[A-Z]{4})"
_STREETS: Final[tuple[tuple[str, str], ...]] = (
    ("RD", "ROAD"),
    ("AVE", "AVENUE"),
    ("AV", "AVENUE"),
    ("LN", "LANE"),
    ("CL", "CLOSE"),
    ("CRES", "CRESCENT"),
    ("CRESC", "CRESCENT"),
    ("DR", "DRIVE"),
    ("DRV", "DRIVE"),
    ("GDNS", "GARDENS"),
    ("GDN", "GARDEN"),
    ("GR", "GROVE"),
    ("GRV", "GROVE"),
    ("PL", "PLACE"),
    ("SQ", "SQUARE"),
    ("TERR", "TERRACE"),
    ("TER", "TERRACE"),
    ("CT", "COURT"),
    ("CRT", "COURT"),
    ("PK", "PARK"),
    ("HSE", "HOUSE"),
    ("BLDGS", "BUILDINGS"),
    ("APT", "FLAT"),
    ("FLT", "FLAT"),
    ("APARTMENT", "FLAT"),
    ("NTH", "NORTH"),
    ("STH", "SOUTH"),
    ("MT", "MOUNT"),
)
_ADDRESS: Final = (
    (r"['’‘ʼ`´.]", ""),
    (r"[^\p{L}0-9]+", " "),
    (rf" {_OUTWARD} ?[0-9][A-Z]{{2}} *$", ""),
    (r"^ +| +$", ""),
    *((rf"\b{short}\b", long) for short, long in _STREETS),
    # ST is Saint before a name and Street after one: only a last ST, or one before a town, is a
    # street, and only the last can be told.
    (r"([^ ] )ST$", r"\1STREET"),
    (r"\b([0-9]+) ([A-Z])\b", r"\1\2"),
)

SEXES: Final[dict[str, str]] = {
    "M": "M",
    "MALE": "M",
    "MAN": "M",
    "BOY": "M",
    "1": "M",
    "F": "F",
    "FEMALE": "F",
    "WOMAN": "F",
    "GIRL": "F",
    "2": "F",
    "X": "X",
    "9": "X",
    "OTHER": "X",
    "NON BINARY": "X",
    "NONBINARY": "X",
    "INDETERMINATE": "X",
    "I": "X",
}
"""What is read as which sex."""

SEX_UNKNOWN: Final = frozenset(
    {"0", "U", "UNKNOWN", "NOT KNOWN", "NOT STATED", "NOT SPECIFIED", "PREFER NOT TO SAY"}
)
"""Ways of saying that the sex is not known: missing, not wrong."""


def _name(values: pa.Array) -> pa.Array:
    return empty_to_null(rewrite(folded(values), _NAME))


def _forename(values: pa.Array) -> pa.Array:
    return rewrite(_name(values), (_INITIALS,))


def _spaced(values: pa.Array) -> pa.Array:
    return empty_to_null(rewrite(folded(values), _SPACED))


def _code(values: pa.Array) -> pa.Array:
    return empty_to_null(rewrite(folded(values), ((r"\s", ""),)))


def sex_words(values: pa.Array) -> pa.Array:
    """Return sexes in capitals with single spaces, as the two tables above hold them."""
    return empty_to_null(rewrite(folded(values), ((r"\.0+$", ""), (r"[^A-Z0-9]+", " "), *_SPACED)))


def _sex(values: pa.Array) -> pa.Array:
    found = pc.index_in(sex_words(values), pa.array(list(SEXES)))
    return pa.array(list(SEXES.values())).take(found)


def _postcode(values: pa.Array) -> pa.Array:
    text = rewrite(
        folded(values),
        ((r"[^A-Z0-9]", ""), (rf"^({_OUTWARD})O([A-Z]{{2}})$", r"\10\2")),
    )
    good = pc.and_(
        pc.match_substring_regex(text, rf"^{_OUTWARD}[0-9][A-Z]{{2}}$"),
        pc.invert(pc.starts_with(text, "ZZ99")),
    )
    return rewrite(kept_where(text, good), ((r"^(.*)(...)$", r"\1 \2"),))


def _address(values: pa.Array) -> pa.Array:
    return empty_to_null(rewrite(folded(values), _ADDRESS))


def _date(values: pa.Array) -> pa.Array:
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return values.cast(pa.date32(), safe=False)
    shaped = kept_where(values, pc.match_substring_regex(values, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
    read = pc.strptime(shaped, format="%Y-%m-%d", unit="s", error_is_null=True)
    # strptime reads 30 February as 1 March: a date that does not come back as written is none.
    good = pc.equal(pc.strftime(read, format="%Y-%m-%d"), shaped)
    return kept_where(read, good).cast(pa.date32())


def _datetime(values: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type):
        return _spaced(values)
    return pc.strftime(values.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%dT%H:%M:%S")


def _number(values: pa.Array) -> pa.Array:
    rules = ((r"\s", ""), (r"(\.[0-9]*?)0+$", r"\1"), (r"\.$", ""))
    return empty_to_null(rewrite(values.cast(pa.string()), rules))


def _yes_no(values: pa.Array) -> pa.Array:
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "yes", "no")
    return pc.utf8_lower(_spaced(values))


STANDARDS: Final[dict[FieldType, Callable[[pa.Array], pa.Array]]] = {
    "forename": _forename,
    "surname": _name,
    "sex": _sex,
    "postcode": _postcode,
    "address": _address,
    "uprn": uprn,
    "nhs number": nhs_number,
    "nino": nino,
    "code": _code,
    "text": _spaced,
    "category": _spaced,
    "date": _date,
    "datetime": _datetime,
    "whole number": _number,
    "number": _number,
    "yes/no": _yes_no,
}
"""One standard form for each type of field."""


def standardise(values: pa.Array, kind: FieldType) -> pa.Array:
    """Return ``values`` in the standard form of ``kind``; see the head of this file.

    Work on distinct values where there are many equal ones: every function here is elementwise.
    """
    return STANDARDS[kind](values)
