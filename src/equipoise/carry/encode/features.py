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

from collections.abc import Callable, Iterable, Mapping
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
    return EncodedTable(
        table.num_rows, {one.name: _encoded(table[one.column], one, hasher) for one in chosen}
    )


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
        encoded = {one.name: _encoded(some[one.column], one, hasher) for one in chosen}
        done.append(EncodedTable(some.num_rows, encoded))
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


def _encoded(column: pa.ChunkedArray, field: _Field, hasher: Hashers) -> EncodedField:
    spec = KINDS[field.kind]
    raw = _distinct(column)
    forms = (
        standard_dates(raw.dictionary, field.order)
        if field.kind == "date"
        else spec.standard(raw.dictionary)
    )
    # Two ways to write one value are one value now; and so are MARY ANN and MARYANN.
    once = pc.dictionary_encode(spec.whole(forms))
    places = once.indices.fill_null(-1).to_numpy().astype(np.int32)
    rows = raw.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    codes = np.append(places, np.int32(-1))[rows]
    texts = once.dictionary
    shown = forms.take(pa.array(_first_of(places, len(texts))))
    hashed = _Hashed(field, hasher)
    grams = np.zeros((len(texts), 2), np.uint64)
    if spec.grams is not None and len(texts):
        grams = gram_filters(texts, spec.grams, hasher(field_label(field.name, "grams")))
    parts = np.zeros((len(texts), len(spec.made)), np.uint64)
    for number, part in enumerate(spec.made.values()):
        parts[:, number] = hashed.of(part.make(shown), part.purpose)
    exact = hashed.of(texts, "exact")
    return EncodedField(field.kind, codes, exact, grams, parts, counted(codes, len(texts)))


def _first_of(places: npt.NDArray[np.int32], distinct_: int) -> npt.NDArray[np.int64]:
    """Return where each of ``distinct_`` values occurs first in ``places``."""
    first = np.zeros(distinct_, np.int64)
    backwards = np.flatnonzero(places >= 0)[::-1]
    first[places[backwards]] = backwards
    return first


class _Hashed:
    """Hashes the texts of one field; parts of one purpose share a hasher."""

    def __init__(self, field: _Field, hasher: Hashers) -> None:
        self._field = field
        self._hasher = hasher
        self._made: dict[str, Hasher] = {}

    def of(self, texts: pa.Array, purpose: str) -> npt.NDArray[np.uint64]:
        """Return 64-bit hashes, 0 for null; equal texts are hashed once."""
        if not len(texts):
            return np.zeros(0, np.uint64)
        if purpose not in self._made:
            self._made[purpose] = self._hasher(self._label(purpose))
        once = pc.dictionary_encode(texts.cast(pa.string()))
        messages = once.dictionary.cast(pa.binary()).to_pylist()
        digests = self._made[purpose].digests(messages)
        hashes = np.zeros(len(messages) + 1, np.uint64)
        if messages:
            made = np.frombuffer(digests.buffers()[1], "<u8")[digests.offset * 2 :: 2]
            hashes[:-1] = np.maximum(made[: len(messages)], 1)
        places: npt.NDArray[np.int64] = once.indices.fill_null(len(messages)).to_numpy()
        return hashes[places]

    def _label(self, purpose: str) -> str:
        name = self._field.name
        if purpose == EITHER and self._field.beside:
            pair = (name, self._field.beside)
            name = "+".join(pair if self._field.kind == "forename" else reversed(pair))
        return field_label(name, purpose)
