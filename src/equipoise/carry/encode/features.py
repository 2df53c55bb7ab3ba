"""Encoding fields for comparison: each distinct value once, under keys, into an ``EncodedTable``.

How the features are made, so that another program can make the same ones:

1. A label is these lines, joined by a line feed: ``equipoise field 1``, the field's name, the
   purpose. The hasher is made for that label. Purposes are ``exact``, ``grams`` and those of the
   parts (``carry.encode.kinds``). Purpose ``either name`` is made under the names of a forename and
   of the surname beside it, joined by ``+``, so that the two meet when they were swapped.
2. The message is the text in UTF-8: the kind's whole form for ``exact``, the part for a part.
3. The feature is the first 8 bytes of the digest, the lowest first; a 0 becomes 1, because 0 says
   that a part is missing.
4. The filter is made as ``carry.encode.grams`` says, of the kind's whole form.

These encodings show which rows have equal values and how often each occurs. They are for the room
in which both files may be seen, and for work on the spot; another linkage unit gets record-level
filters.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.columns import EncodedField, EncodedTable, counted
from equipoise.carry.encode.grams import gram_filters
from equipoise.carry.encode.kinds import EITHER, KINDS, Kind, partners
from equipoise.carry.encode.shown import Shown, Values
from equipoise.carry.encode.tokens import Hasher
from equipoise.carry.encode.words import words_of
from equipoise.errors import Problem, UsageRefused

Hashers = Callable[[str], Hasher]
_LAYOUT: Final = "equipoise field 1"


@dataclass(frozen=True)
class _Field:
    """One field to encode: its column, kind, and the field beside it."""

    name: str
    column: str
    kind: Kind
    beside: str


def field_label(field: str, purpose: str) -> str:
    """Return the label under which one feature of a field is hashed."""
    return "\n".join((_LAYOUT, field, purpose))


def standard_form(values: pa.Array, kind: Kind) -> pa.Array:
    """Return distinct values in the standard form of a kind; null where nothing is known."""
    return KINDS[kind].standard(values)


def encode_fields(
    table: pa.Table,
    fields: Mapping[str, Kind],
    hasher: Hashers,
    *,
    column: Mapping[str, str] | None = None,
    shown: Shown | None = None,
) -> EncodedTable:
    """Return ``table`` encoded: ``fields`` names each field and its kind, in order.

    ``column`` says which column holds a field that is called otherwise. Where ``table`` is a part
    of a file, ``shown`` has seen the whole. Raises ``UsageRefused`` with all that is wrong: no
    field at all (ENC102), a kind that is none (ENC103), a column that is not there (ENC104) or that
    holds lists or other nested values (ENC105).
    """
    chosen = _chosen(table.schema, fields, column or {})
    return _table(table, chosen, hasher, shown or Shown({}))


def _chosen(
    schema: pa.Schema, fields: Mapping[str, Kind], column: Mapping[str, str]
) -> list[_Field]:
    problems = [] if fields else [Problem("ENC102", "no field is named", next="name at least one")]
    beside = partners(fields)
    for name, kind in fields.items():
        source = column.get(name, name)
        if kind not in KINDS:
            problems.append(
                Problem(
                    "ENC103",
                    f"{kind!r} is no kind of field (for {name})",
                    next=f"choose one of: {', '.join(KINDS)}",
                )
            )
        if source not in schema.names:
            problems.append(
                Problem(
                    "ENC104",
                    f"the table has no column {source!r} (for {name})",
                    next=f"its columns are: {', '.join(schema.names)}",
                )
            )
        elif pa.types.is_nested(schema.field(source).type):
            problems.append(
                Problem(
                    "ENC105",
                    f"the column {source!r} holds {schema.field(source).type}, not single values",
                    next="make one column of each value that is to be compared",
                )
            )
    if problems:
        raise UsageRefused(problems)
    return [
        _Field(name, column.get(name, name), kind, beside.get(name, ""))
        for name, kind in fields.items()
    ]


def _table(table: pa.Table, chosen: list[_Field], hasher: Hashers, shown: Shown) -> EncodedTable:
    """Encode every field, on all cores; hashers are asked for here, since a key store may not bear
    to be asked from two threads."""
    waiting = [(table[one.column], _Hashed(one, hasher)) for one in chosen]
    with ThreadPoolExecutor(min(len(chosen), os.cpu_count() or 1)) as pool:
        encoded = pool.map(lambda one: _encoded(one[0], one[1], shown), waiting)
        return EncodedTable(
            table.num_rows, {one.name: field for one, field in zip(chosen, encoded, strict=True)}
        )


def _encoded(column: pa.ChunkedArray, hashed: _Hashed, shown: Shown) -> EncodedField:
    field = hashed.field
    values = Values(column, field.kind)
    return EncodedField(
        field.kind,
        values.codes,
        hashed.of([values.wholes], "exact")[:, 0],
        hashed.filters(values.wholes),
        hashed.parts(shown.of(field.name, values)),
        counted(values.codes, len(values.wholes)),
    )


class _Hashed:
    """Hashes the texts of one field; parts of one purpose are hashed together."""

    def __init__(self, field: _Field, hasher: Hashers) -> None:
        self.field = field
        self.spec = KINDS[field.kind]
        purposes = {"exact", "grams", *(part.purpose for part in self.spec.made.values())}
        self._hashers = {purpose: hasher(self._label(purpose)) for purpose in sorted(purposes)}

    def filters(self, texts: pa.Array) -> npt.NDArray[np.uint64]:
        """Return the filter of each text, zeros for a kind that is compared by equality only."""
        if self.spec.grams is None or not len(texts):
            return np.zeros((len(texts), 2), np.uint64)
        return gram_filters(texts, self.spec.grams, self._hashers["grams"])

    def parts(self, forms: pa.Array) -> npt.NDArray[np.uint64]:
        """Return the hashes of every part, in the order of the kind (values x parts)."""
        parts = list(self.spec.made.values())
        hashes = np.zeros((len(forms), len(parts)), np.uint64)
        words = words_of(forms) if any(part.of_words for part in parts) else None
        for purpose in dict.fromkeys(part.purpose for part in parts):
            places = [place for place, part in enumerate(parts) if part.purpose == purpose]
            made = [
                parts[place].make(forms)
                if words is None or (of_words := parts[place].of_words) is None
                else of_words(words)
                for place in places
            ]
            hashes[:, places] = self.of(made, purpose)
        return hashes

    def of(self, columns: list[pa.Array], purpose: str) -> npt.NDArray[np.uint64]:
        """Return 64-bit hashes of one purpose (values x columns), 0 for null; equal texts are
        hashed once."""
        texts = pa.concat_arrays([column.cast(pa.string()) for column in columns])
        once = pc.dictionary_encode(texts)
        messages = once.dictionary
        hashes = np.zeros(len(messages) + 1, np.uint64)
        if len(messages):
            digests = self._hashers[purpose].digests(messages)
            made = np.frombuffer(digests.buffers()[1], "<u8")[digests.offset * 2 :: 2]
            hashes[:-1] = np.maximum(made[: len(messages)], 1)
        places = once.indices.fill_null(len(messages)).to_numpy(zero_copy_only=False)
        by_column: npt.NDArray[np.uint64] = hashes[places].reshape(len(columns), -1).T
        return by_column

    def _label(self, purpose: str) -> str:
        name = self.field.name
        if purpose == EITHER and self.field.beside:
            pair = (name, self.field.beside)
            name = "+".join(pair if self.field.kind == "forename" else reversed(pair))
        return field_label(name, purpose)
