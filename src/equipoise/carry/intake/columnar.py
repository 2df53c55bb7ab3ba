"""Reading Parquet and Arrow files. Their values become text, so that one set of rules reads all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from equipoise.carry.intake.source import Source, truncated
from equipoise.errors import DataRefused, Problem

_ROWS = 131_072


def open_parquet(path: Path, wanted: Sequence[str] = ()) -> Source:
    """Open a Parquet file; see ``read_source``."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError):
        raise truncated(path, "the Parquet index at its end is missing or damaged") from None
    names = file.schema_arrow.names

    def read(columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        _check_types(path, file.schema_arrow, columns)
        chosen = [names[place] for place in columns]
        try:
            for batch in file.iter_batches(_ROWS, columns=chosen):
                yield _texts(batch.select(chosen))
        except (pa.ArrowException, OSError):
            raise truncated(path, "a part of it cannot be unpacked") from None

    return Source("parquet", tuple(names), read)


def open_arrow(path: Path, wanted: Sequence[str] = ()) -> Source:
    """Open an Arrow IPC file, a Feather file (version 2) or an Arrow stream."""
    schema = next(_batches(path, schema_only=True)).schema

    def read(columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        _check_types(path, schema, columns)
        for batch in _batches(path):
            yield _texts(batch.select(list(columns)))

    return Source("arrow", tuple(schema.names), read)


def _batches(path: Path, schema_only: bool = False) -> Iterator[pa.RecordBatch]:
    try:
        with pa.OSFile(str(path)) as file:
            if file.read(6) == b"ARROW1":
                reader = pa.ipc.open_file(file)
                whole = (reader.get_batch(at) for at in range(reader.num_record_batches))
            else:
                file.seek(0)
                reader = pa.ipc.open_stream(file)
                whole = iter(reader)
            if schema_only:
                yield pa.RecordBatch.from_pylist([], schema=reader.schema)
                return
            yield from whole
    except (pa.ArrowException, OSError, EOFError):
        raise truncated(path, "the Arrow index or a batch is missing or damaged") from None


def _check_types(path: Path, schema: pa.Schema, columns: Sequence[int]) -> None:
    problems = [
        Problem(
            "INT025",
            f"the column {schema.field(place).name!r} holds {schema.field(place).type}",
            why="only text, numbers, dates, times and yes/no can be read",
            next="export the column as text",
            file=path.name,
        )
        for place in columns
        if not _readable(schema.field(place).type)
    ]
    if problems:
        raise DataRefused(problems)


def _readable(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _readable(kind.value_type)
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_date,
        pa.types.is_timestamp,
        pa.types.is_time,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def _texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch([as_text(column) for column in batch.columns], batch.schema.names)


def as_text(values: pa.Array) -> pa.Array:
    """Return any readable array as text: dates as ISO, whole decimals without their zeros."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return as_text(values.dictionary).take(values.indices)
    if pa.types.is_boolean(kind):
        return pc.if_else(values, "yes", "no")
    if pa.types.is_timestamp(kind):
        form = "%Y-%m-%dT%H:%M:%S" + ("Z" if kind.tz else "")
        seconds = pa.timestamp("s", "UTC" if kind.tz else None)
        return pc.strftime(values.cast(seconds, safe=False), form)
    if pa.types.is_floating(kind):
        return _decimal(values.cast(pa.float64()))
    return values.cast(pa.string())


def _decimal(values: pa.Array) -> pa.Array:
    """Return floats as text; whole numbers that a missing neighbour made floats are whole again."""
    there = pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)
    whole = pc.and_(pc.equal(pc.floor(there), there), pc.less(pc.abs(there), 2.0**53))
    safe = pc.if_else(whole.fill_null(False), there, 0.0)
    return pc.if_else(whole, safe.cast(pa.int64()).cast(pa.string()), there.cast(pa.string()))
