"""What a record-level filter takes from a value: its grams, and the parts that salt other fields.

Everything is done on a field's distinct values, as arrays. A value's *grams* are 64-bit keyed
digests of its pieces, so that two spellings of one value share most of them. A *part* is a coarse
piece (the sound of a name, the year of a date) that stays the same under small errors; it is never
a gram of its own, it only decides where the grams of another field fall.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.datetexts import order_of, standard_dates
from equipoise.carry.encode.folding import distinct, empty_to_null, kept_where
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.tokens import Hasher

Words = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int64]

LONGEST: Final = 64
"""Signs of a value that are read; a longer value is cut."""

WHOLE: Final = "whole"
"""The name of the part that is the value itself."""

_NEW_YEAR: Final = "-01-01"
_YEAR_ALONE: Final = "-00-00"
"""1 January is what files say who know the year alone. Where many do, a month and day that a third
of them share would salt nothing and make strangers alike; so it is read as no month and no day."""

_EDGE: Final = 0x1F
_LARGEST_TABLE: Final = 1 << 24
_PLACED: Final = frozenset({"nhs number", "nino", "uprn", "number", "phone", "code"})
"""Kinds in which a sign's place matters more than its neighbours: fixed forms and numbers."""
_UNDIVIDED: Final = frozenset({"sex", "category", "year"})
"""Kinds of which a value is one gram: two of them are equal or they are not."""


class Column:
    """One field of a table: its distinct values in standard form, and each row's place among them.

    ``codes`` has one number a row; a missing value has the number of distinct values.
    """

    def __init__(self, column: pa.ChunkedArray, kind: Kind) -> None:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        raw = distinct(column)
        self.kind = kind
        if kind == "date":
            dates = standard_dates(raw.dictionary, order_of(raw.dictionary))
            forms = pc.replace_substring(dates, _NEW_YEAR, _YEAR_ALONE)
        else:
            forms = KINDS[kind].standard(raw.dictionary)
        once = pc.dictionary_encode(forms)
        self.forms: pa.Array = once.dictionary
        places = np.append(once.indices.fill_null(len(self.forms)).to_numpy(), len(self.forms))
        rows = raw.indices.fill_null(len(raw.dictionary)).to_numpy()
        self.codes: Codes = places[rows].astype(np.int64)

    def part(self, name: str, hasher: Hasher) -> Words:
        """Return one keyed digest for each distinct value's part, 0 for none, and a last 0."""
        if name == WHOLE:
            texts = KINDS[self.kind].whole(self.forms)
        else:
            texts = KINDS[self.kind].made[name].make(self._named(name))
        return np.append(digests(texts, hasher), np.uint64(0))

    def _named(self, part: str) -> pa.Array:
        """Return the forms a part is made of: a forename sounds like the name it is short for."""
        if part == "sound" and self.kind == "forename":
            return KINDS[self.kind].made["nickname"].make(self.forms)
        return self.forms

    def grams(self, hasher: Hasher) -> Words:
        """Return the keyed grams of distinct values: ``d x g``, rows in rising order, then zeros.

        Rising order of keyed digests is random to whoever lacks the key and the same for both
        owners, so that a row's first grams are nearly the same ones for two spellings of one value.
        """
        if self.kind == "date":
            pieces = _date_words(self.forms)
        elif self.kind == "postcode":
            pieces = _postcode_words(KINDS["postcode"].whole(self.forms))
        elif self.kind in _UNDIVIDED:
            pieces = [self.forms]
        else:
            texts = self._spelt()
            return _sorted(_bigrams(texts, hasher, placed=self.kind in _PLACED))
        return _sorted(np.stack([digests(piece, hasher) for piece in pieces], axis=1))

    def _spelt(self) -> pa.Array:
        """Return the text whose neighbouring signs are the grams, null for none.

        Of an address these are its numbers and the first word of its street: what all addresses
        have (ROAD, the town) would only make strangers alike.
        """
        kind = KINDS[self.kind]
        whole = empty_to_null(kind.whole(self.forms))
        if self.kind != "address":
            return whole
        pieces = [pc.fill_null(kind.made[part].make(self.forms), "") for part in _OF_AN_ADDRESS]
        short = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*pieces, " "))
        return pc.coalesce(empty_to_null(short), whole)


def columns_of(
    table: pa.Table, fields: Mapping[str, Kind], column: Mapping[str, str] | None = None
) -> dict[str, Column]:
    """Return the columns of the fields; ``column`` says which is called otherwise."""
    column = column or {}
    return {name: Column(table[column.get(name, name)], kind) for name, kind in fields.items()}


def digests(texts: pa.Array, hasher: Hasher) -> Words:
    """Return the first eight bytes of each text's keyed digest as a number, 0 for a missing text.

    Equal texts are hashed once. The bytes are read with the lowest first; 0 becomes 1.
    """
    once = pc.dictionary_encode(texts.cast(pa.string()))
    numbers = np.zeros(len(once.dictionary) + 1, np.uint64)
    if len(once.dictionary):
        made = hasher.digests(once.dictionary)
        words = np.frombuffer(made.buffers()[1], "<u8")[made.offset * 2 :: 2]
        numbers[:-1] = np.maximum(words[: len(made)], 1)
    told: Words = numbers[once.indices.fill_null(len(once.dictionary)).to_numpy()]
    return told


_OF_AN_ADDRESS: Final = ("numbers", "street word")
_OF_A_POSTCODE: Final = ((0, None), (0, -1), (-4, None), (-3, None), (-4, -1))
"""Where the grams of a postcode start and stop: its area alone says nothing in a local file."""


def _postcode_words(codes: pa.Array) -> list[pa.Array]:
    """Return pieces of a postcode without space, each marked by its number."""
    codes = empty_to_null(codes)
    cuts = (pc.utf8_slice_codeunits(codes, start, stop) for start, stop in _OF_A_POSTCODE)
    return [pc.binary_join_element_wise(str(number), cut, "-") for number, cut in enumerate(cuts)]


_WORDS_OF_A_DATE: Final = (
    ("y", "year"),
    ("m", "month"),
    ("d", "day"),
    ("ym", "year", "month"),
    ("md", "month", "day"),
    ("yd", "year", "day"),
    ("either", "low", "high"),
    ("either of", "year", "low", "high"),
    ("decade", "decade", "month", "day"),
    ("unit", "unit", "month", "day"),
)
"""The grams of a date. Month and day as a set, so that swapping them costs little; the halves of
the year, so that one wrong figure does."""


def _date_words(dates: pa.Array) -> list[pa.Array]:
    shaped = kept_where(dates, pc.match_substring_regex(dates, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
    cuts = {"year": (0, 4), "month": (5, 7), "day": (8, 10), "decade": (0, 3), "unit": (3, 4)}
    pieces = {
        name: kept_where(piece, pc.match_substring_regex(piece, "[1-9]" if name != "unit" else "."))
        for name, cut in cuts.items()
        for piece in [pc.utf8_slice_codeunits(shaped, *cut)]
    }
    less = pc.less(pieces["month"], pieces["day"])
    pieces["low"] = pc.if_else(less, pieces["month"], pieces["day"])
    pieces["high"] = pc.if_else(less, pieces["day"], pieces["month"])
    return [
        pc.binary_join_element_wise(name, *(pieces[part] for part in parts), "-")
        for name, *parts in _WORDS_OF_A_DATE
    ]


def _bigrams(texts: pa.Array, hasher: Hasher, *, placed: bool) -> Words:
    """Return keyed digests of each two neighbouring signs, the edges of the value among them.

    The message is the two signs as UTF-16 numbers in lower-case hexadecimal with a hyphen between,
    and with the place (from 1) after another hyphen where places count. An edge is ``1f``.
    """
    if not len(texts):
        return np.zeros((0, 1), np.uint64)
    cut = pc.fill_null(pc.utf8_slice_codeunits(texts, 0, LONGEST), "").to_pylist()
    width = max(map(len, cut), default=0) or 1
    signs = np.array(cut, dtype=f"<U{width}").view(np.uint32).reshape(len(cut), width)
    edged = np.zeros((len(cut), width + 2), np.int64)
    edged[:, 1:-1] = signs
    filled = np.flatnonzero(signs[:, 0] > 0)
    edged[filled, 0] = _EDGE
    edged[filled, (signs[filled] > 0).sum(axis=1) + 1] = _EDGE
    known, rank = _ranked(edged)
    pairs = rank[:, :-1] * len(known) + rank[:, 1:]
    pairs[edged[:, 1:] == 0] = 0
    if placed:
        place = np.arange(width + 1) * len(known) ** 2
        pairs += np.where(pairs > 0, place, 0)
    once, at = _ranked(pairs)
    made = digests(pa.array([_message(int(gram), known, placed) for gram in once]), hasher)
    found: Words = made[at]
    return found


def _ranked(numbers: Codes) -> tuple[Codes, Codes]:
    """Return the distinct numbers, 0 always among them, and the place of each among these."""
    if numbers.max(initial=0) > _LARGEST_TABLE:
        once, place = np.unique(np.append(numbers.ravel(), 0), return_inverse=True)
        return once, place[:-1].reshape(numbers.shape)
    seen = np.zeros(int(numbers.max(initial=0)) + 1, np.bool_)
    seen[numbers] = True
    seen[0] = True
    once = np.flatnonzero(seen)
    place = np.zeros(len(seen), np.int64)
    place[once] = np.arange(len(once))
    return once, place[numbers]


def _message(gram: int, known: Codes, placed: bool) -> str | None:
    if not gram:
        return None
    gram, second = divmod(gram, len(known))
    place, first = divmod(gram, len(known))
    signs = f"{known[first]:x}-{known[second]:x}"
    return f"{signs}-{place + 1}" if placed else signs


def _sorted(grams: Words) -> Words:
    """Sort each row's distinct grams, zeros (none) last."""
    none = np.uint64(2**64 - 1)
    rows = np.sort(np.where(grams == 0, none, grams), axis=1)
    rows[:, 1:][rows[:, 1:] == rows[:, :-1]] = none
    rows = np.sort(rows, axis=1)
    rows[rows == none] = 0
    return rows
