"""What a record-level filter takes from a value: its grams, and the parts that salt other fields.

Everything is done on a field's distinct values, as arrays. A value's *grams* are 64-bit keyed
digests of its pieces, so that two spellings of one value share most of them. A *part* is a coarse
piece (the sound of a name, the year of a date) that stays the same under small errors; it is never
a gram of its own, it only decides where the grams of another field fall.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import empty_to_null, rewrite, squeezed
from equipoise.carry.encode.standardise import standardise
from equipoise.carry.encode.tokens import Hasher
from equipoise.carry.encode.transforms import part_text

Words = npt.NDArray[np.uint64]
Texts = Callable[[pa.Array], pa.Array]

LONGEST: Final = 64
"""Characters of a value that are read; a longer value is cut."""

_DATE_WORDS: Final = ("%Y-", "-%m-", "-%d", "%Y-%m", "%m-%d", "%Y--%d", "y%y", "%Y!")
_EDGE: Final = 0x1F


def texts_of(values: pa.Array, kind: str) -> pa.Array:
    """Return distinct values in the standard form of ``kind``, as text; dates are yyyy-mm-dd."""
    plain = standardise(values, FIELD_TYPE[kind])
    if kind == "date":
        return pc.strftime(plain, format="%Y-%m-%d")
    if kind in {"phone", "number"}:
        plain = rewrite(plain, ((r"[^0-9A-Z]", ""),))
    return empty_to_null(squeezed(plain))


FIELD_TYPE: Final[MappingProxyType[str, FieldType]] = MappingProxyType({
    "forename": "forename", "surname": "surname", "name": "surname", "date": "date",
    "year": "code", "sex": "sex", "postcode": "postcode", "address": "address", "place": "text",
    "organisation": "text", "nhs number": "nhs number", "nino": "nino", "uprn": "uprn",
    "number": "code", "email": "code", "phone": "code", "code": "code", "category": "category",
    "text": "text",
})  # fmt: skip
"""Kind of field -> the type whose standard form it takes."""


def part_texts(values: pa.Array, kind: str, part: str) -> pa.Array:
    """Return one part of each distinct value, as text; null where the value has no such part."""
    return _PARTS[kind, part](values) if (kind, part) in _PARTS else texts_of(values, kind)


def _named(kind: FieldType, part: str) -> Texts:
    return lambda values: part_text(standardise(values, kind), kind, part)


def _first(letters: int, kind: str) -> Texts:
    return lambda values: pc.utf8_slice_codeunits(texts_of(values, kind), 0, letters)


_PARTS: Final[MappingProxyType[tuple[str, str], Texts]] = MappingProxyType({
    ("forename", "nickname"): _named("forename", "nickname"),
    ("forename", "initial"): _named("forename", "initial"),
    ("surname", "sound"): _named("surname", "sound"),
    ("surname", "initial"): _named("surname", "initial"),
    ("name", "initial"): _named("surname", "initial"),
    ("date", "year"): _named("date", "year"),
    ("date", "month and day"): _named("date", "month and day"),
    ("date", "year and month"): _named("date", "year and month"),
    ("postcode", "district"): _named("postcode", "district"),
    ("postcode", "sector"): _named("postcode", "sector"),
    ("address", "number"): _named("address", "number"),
    ("place", "start"): _first(4, "place"),
    ("organisation", "start"): _first(4, "organisation"),
    ("text", "start"): _first(4, "text"),
    ("code", "start"): _first(3, "code"),
})  # fmt: skip


def digests(texts: pa.Array, hasher: Hasher) -> Words:
    """Return the first eight bytes of each text's keyed digest as a number, 0 for a missing text.

    Equal texts are hashed once. The bytes are read with the lowest first.
    """
    coded = pc.dictionary_encode(texts)
    made = hasher.digests([text.encode() for text in coded.dictionary.to_pylist()])
    numbers = np.zeros(len(made) + 1, np.uint64)
    if len(made):
        numbers[1:] = np.frombuffer(made.buffers()[1], "<u8").reshape(-1, 2)[
            made.offset : made.offset + len(made), 0
        ]
    return numbers[coded.indices.fill_null(-1).to_numpy() + 1]


def grams_of(values: pa.Array, kind: str, hasher: Hasher) -> Words:
    """Return the keyed grams of distinct values: ``d x g``, each row in rising order, then zeros.

    Rising order of keyed digests is random to whoever lacks the key and the same for both owners,
    so that taking a row's first grams takes nearly the same ones from two spellings of one value.
    """
    texts = texts_of(values, kind)
    if kind == "date":
        pieces = _date_words(texts)
    elif kind in {"sex", "category", "year"}:
        pieces = [texts]
    else:
        return _sorted(_bigrams(texts, hasher, placed=kind in _PLACED))
    columns = [digests(piece, hasher) for piece in pieces]
    return _sorted(np.stack(columns, axis=1))


_PLACED: Final = frozenset({"postcode", "nhs number", "nino", "uprn", "number", "phone"})
"""Kinds in which a sign's place matters more than its neighbours: fixed forms and numbers."""


def _date_words(texts: pa.Array) -> list[pa.Array]:
    """Return the words of a date: year, month, day, each two of them, the day and month as a set
    (so that swapping them costs little), and the year's two halves."""
    year, month, day = (pc.utf8_slice_codeunits(texts, *cut) for cut in ((0, 4), (5, 7), (8, 10)))
    swapped = pc.less(month, day)
    low, high = pc.if_else(swapped, month, day), pc.if_else(swapped, day, month)
    words = (
        ("y", year), ("m", month), ("d", day), ("ym", year, month), ("md", month, day),
        ("yd", year, day), ("set", low, high), ("yset", year, low, high),
        ("decade", pc.utf8_slice_codeunits(texts, 0, 3), day),
        ("unit", pc.utf8_slice_codeunits(texts, 3, 4), month, day),
    )  # fmt: skip
    return [pc.binary_join_element_wise(name, *parts, "-") for name, *parts in words]


def _bigrams(texts: pa.Array, hasher: Hasher, *, placed: bool) -> Words:
    """Return keyed digests of each two neighbouring signs, the edges of the value among them."""
    if not len(texts):
        return np.zeros((0, 1), np.uint64)
    cut = pc.fill_null(pc.utf8_slice_codeunits(texts, 0, LONGEST), "").to_pylist()
    grid = np.array(cut, dtype=np.str_)
    width = max(grid.dtype.itemsize // 4, 1)
    signs = grid.astype(f"<U{width}").view(np.uint32).reshape(len(cut), width)
    edged = np.zeros((len(cut), width + 2), np.uint64)
    edged[:, 1:-1] = signs
    filled = signs[:, 0] > 0
    edged[filled, 0] = _EDGE
    lengths = (signs > 0).sum(axis=1)
    edged[np.flatnonzero(filled), lengths[filled] + 1] = _EDGE
    pairs = (edged[:, :-1] << np.uint64(32)) | edged[:, 1:]
    pairs[edged[:, 1:] == 0] = 0
    if placed:
        pairs |= np.where(pairs > 0, np.arange(1, width + 2, dtype=np.uint64) << np.uint64(24), 0)
    once, at = np.unique(pairs, return_inverse=True)
    made = digests(pa.array([gram.tobytes().hex() for gram in once]), hasher)
    made[once == 0] = 0
    return made[at.reshape(pairs.shape)]


def _sorted(grams: Words) -> Words:
    """Sort each row's distinct grams, zeros (none) last."""
    none = np.uint64(2**64 - 1)
    rows = np.sort(np.where(grams == 0, none, grams), axis=1)
    rows[:, 1:][rows[:, 1:] == rows[:, :-1]] = none
    rows = np.sort(rows, axis=1)
    rows[rows == none] = 0
    return rows
