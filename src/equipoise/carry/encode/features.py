"""Encoding fields for comparison: each distinct value once, under keys, into an ``EncodedTable``.

How the features are made, so that another program can make the same ones (layout version 1):

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
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.columns import EncodedField, EncodedTable, counted, stacked
from equipoise.carry.encode.datetexts import Order, order_of, standard_dates
from equipoise.carry.encode.folding import distinct
from equipoise.carry.encode.grams import gram_filters
from equipoise.carry.encode.kinds import EITHER, KINDS, Kind, partners
from equipoise.carry.encode.tokens import Hasher
from equipoise.carry.encode.words import words_of
from equipoise.errors import Problem, UsageRefused

Hashers = Callable[[str], Hasher]
_LAYOUT: Final = "equipoise field 1"
ROWS_AT_ONCE: Final = 1_000_000


@dataclass(frozen=True)
class _Field:
    """One field to encode: its column, kind, the field beside it and its date order if decided."""

    name: str
    column: str
    kind: Kind
    beside: str
    order: Order | None = None


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
) -> EncodedTable:
    """Return ``table`` encoded: ``fields`` names each field and its kind, in order.

    ``column`` says which column holds a field that is called otherwise. Raises ``UsageRefused``
    with all that is wrong: no field at all (ENC102), a kind that is none (ENC103), a column that is
    not there (ENC104) or that holds lists or other nested values (ENC105).
    """
    chosen = _chosen(table.schema, fields, column or {})
    return _table(table, chosen, hasher)


def encode_batches(
    batches: Iterable[pa.RecordBatch],
    fields: Mapping[str, Kind],
    hasher: Hashers,
    *,
    column: Mapping[str, str] | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
) -> EncodedTable:
    """Return a stream of batches encoded as one table.

    Only ``rows_at_once`` rows are held in the clear at a time; what grows with the file is four
    bytes for each row and field, and the encoded dictionary. Whether a column puts the day or the
    month first is decided from its first ``rows_at_once`` rows. Raises as ``encode_fields``, and
    ``UsageRefused`` (ENC106) for a stream without a batch.
    """
    done: list[EncodedTable] = []
    chosen: list[_Field] = []
    for some in _gathered(batches, rows_at_once):
        if not chosen:
            chosen = [
                _decided(one, some[one.column])
                for one in _chosen(some.schema, fields, column or {})
            ]
        done.append(_table(some, chosen, hasher))
    if not done:
        raise UsageRefused(
            Problem(
                "ENC106",
                "there is no batch to encode",
                why="without one not even the columns are known",
                next="pass at least one batch, if need be without rows",
            )
        )
    return done[0] if len(done) == 1 else stacked(done)


def _gathered(batches: Iterable[pa.RecordBatch], rows: int) -> Iterable[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(len(one) for one in held) >= rows:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


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


def _decided(field: _Field, column: pa.ChunkedArray) -> _Field:
    if field.kind != "date":
        return field
    order = order_of(_distinct(column).dictionary)
    return _Field(field.name, field.column, field.kind, field.beside, order)


def _distinct(column: pa.ChunkedArray) -> pa.DictionaryArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return distinct(column)


def _table(table: pa.Table, chosen: list[_Field], hasher: Hashers) -> EncodedTable:
    """Encode every field, on all cores; hashers are asked for here, since a key store may not bear
    to be asked from two threads."""
    waiting = [(table[one.column], _Hashed(one, hasher)) for one in chosen]
    with ThreadPoolExecutor(min(len(chosen), os.cpu_count() or 1)) as pool:
        encoded = pool.map(lambda one: _encoded(*one), waiting)
        return EncodedTable(
            table.num_rows, {one.name: field for one, field in zip(chosen, encoded, strict=True)}
        )


def _encoded(column: pa.ChunkedArray, hashed: _Hashed) -> EncodedField:
    field, spec = hashed.field, hashed.spec
    raw = _distinct(column)
    # Two ways to write one value are one form now, and MARY ANN and MARYANN one whole.
    forms = pc.dictionary_encode(
        standard_dates(raw.dictionary, field.order)
        if field.kind == "date"
        else spec.standard(raw.dictionary)
    )
    wholes = pc.dictionary_encode(spec.whole(forms.dictionary))
    codes = _through(_places(raw.indices), _places(forms.indices), _places(wholes.indices))
    texts = wholes.dictionary
    shown = forms.dictionary.take(pa.array(_shown(forms.dictionary, _places(wholes.indices))))
    return EncodedField(
        field.kind,
        codes,
        hashed.of([texts], "exact")[:, 0],
        hashed.filters(texts),
        hashed.parts(shown),
        counted(codes, len(texts)),
    )


def _places(indices: pa.Array) -> npt.NDArray[np.int32]:
    places: npt.NDArray[np.int32] = indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return places


def _through(*steps: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Follow each row's place through dictionary after dictionary; -1, missing, stays."""
    codes = steps[0]
    for step in steps[1:]:
        codes = np.append(step, np.int32(-1))[codes]
    return codes


def _shown(forms: pa.Array, wholes: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Return for each whole the form its parts are made of: the first in the order of text, which
    has the most words, wherever its row stands."""
    there = np.flatnonzero(wholes >= 0)
    counts = np.bincount(wholes[there])
    first = np.zeros(len(counts), np.int64)
    first[wholes[there]] = there
    several = there[counts[wholes[there]] > 1]
    if len(several):
        order = pc.sort_indices(forms.take(pa.array(several))).to_numpy()[::-1]
        first[wholes[several[order]]] = several[order]
    return first


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
        messages = once.dictionary.cast(pa.binary()).to_pylist()
        hashes = np.zeros(len(messages) + 1, np.uint64)
        if messages:
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
