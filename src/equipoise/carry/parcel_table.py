"""The table inside a parcel: how it is packed, and what it must be before anybody uses it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from equipoise.errors import DataRefused, IntegrityRefused, Problem

ID_BYTES: Final = 16
AGAIN: Final = "ask the sender to pack it again"
WHY_BROKEN: Final = "it was changed after it was signed, or put together by somebody else"
_BATCH_ROWS: Final = 1 << 16


def pack_table(table: pa.Table) -> bytes:
    """Return ``table`` as Parquet, its rows in the order of their random ids.

    Metadata of the schema and of its fields is left out: it could carry more than was agreed.
    """
    ids = _id_numbers(table)
    order = np.argsort(ids[:, 0]) if not _meet(ids[:, 0]) else np.lexsort((ids[:, 1], ids[:, 0]))
    table = table.take(pa.array(order))
    bare = pa.schema([pa.field(each.name, each.type) for each in table.schema])
    sink = io.BytesIO()
    plain = pa.Table.from_arrays(table.columns, schema=bare)
    words = [each.name for each in bare if not pa.types.is_fixed_size_binary(each.type)]
    pq.write_table(
        plain,
        sink,
        compression="zstd",
        row_group_size=1 << 18,
        use_dictionary=words,
        dictionary_pagesize_limit=1 << 26,  # encodings of one value are long, and repeat
    )
    return sink.getvalue()


def _id_numbers(table: pa.Table) -> np.ndarray:
    array = table.column("row_id").combine_chunks()
    buffer = array.buffers()[1]
    start = array.offset * ID_BYTES
    data = b"" if buffer is None else buffer[start : start + len(array) * ID_BYTES].to_pybytes()
    return np.frombuffer(data, dtype=">u8").reshape(-1, 2).astype(np.uint64)


def _meet(numbers: np.ndarray) -> bool:
    in_order = np.sort(numbers)
    return bool((in_order[1:] == in_order[:-1]).any())


def read_table(
    packed: bytes,
    rows: int,
    columns: tuple[str, ...],
    *,
    at_most_bytes: int,
    repeated: tuple[str, ...] = (),
) -> pa.Table:
    """Read a table whose hash was found right, in batches: a small file may grow without end.

    The columns ``repeated`` are brought into dictionary form batch by batch.
    Raises ``IntegrityRefused`` PAR010 when it is not ``rows`` rows of ``columns``, ``DataRefused``
    PAR013 when it takes more than ``at_most_bytes`` in memory.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(packed))
        names = tuple(file.schema_arrow.names)
        if file.metadata.num_rows != rows or names != columns:
            raise pa.ArrowInvalid("not as the manifest says")
        batches, size = [], 0
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            shorter = _in_dictionary_form(batch, repeated)
            size += shorter.nbytes
            if size > at_most_bytes:
                raise DataRefused(_too_large(at_most_bytes))
            batches.append(shorter)
        empty = _in_dictionary_form(
            pa.RecordBatch.from_pylist([], schema=file.schema_arrow), repeated
        )
        table = pa.Table.from_batches(batches, schema=empty.schema).unify_dictionaries()
    except (pa.ArrowException, OSError, ValueError):
        raise IntegrityRefused(
            Problem("PAR010", "the table is not what the manifest says", WHY_BROKEN, AGAIN)
        ) from None
    bare = pa.schema([pa.field(each.name, each.type) for each in table.schema])
    return pa.Table.from_arrays(table.columns, schema=bare)


def _in_dictionary_form(batch: pa.RecordBatch, repeated: tuple[str, ...]) -> pa.RecordBatch:
    for name in repeated:
        at = batch.schema.get_field_index(name)
        if at >= 0 and not pa.types.is_dictionary(batch.schema.field(at).type):
            batch = batch.set_column(at, name, batch.column(at).dictionary_encode())
    return batch


def _too_large(at_most_bytes: int) -> Problem:
    return Problem(
        "PAR013",
        "the table grows beyond what this receiver accepts",
        why=f"more than {at_most_bytes} bytes in memory",
        next="ask the sender whether it is right; if so, raise the limit",
    )


def table_problems(kind: str, table: pa.Table) -> list[Problem]:
    """Return what a parcel of ``kind`` cannot hold: types (PAR011) and row ids (PAR012)."""
    problems = [
        Problem(
            "PAR011",
            f"column {number} of the table has a type that a parcel of {kind} cannot hold",
            why="encodings hold keyed bytes of one length only; identifiers hold text and dates; a "
            "payload holds single plain values; links hold a dataset and a 16-byte id",
            next=AGAIN,
        )
        for number, each in enumerate(table.schema)
        if each.name != "row_id" and not _fits(kind, each)
    ]
    return [*problems, *_row_id_problems(table)]


def _fits(kind: str, column: pa.Field) -> bool:
    type_ = column.type
    if (kind, column.name) == ("links", "link_id"):
        return bool(type_ == pa.binary(ID_BYTES))
    if kind == "links":
        return bool(type_ == pa.string())
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if kind == "encodings":
        return bool(pa.types.is_fixed_size_binary(type_))
    if kind == "identifiers":
        return type_ in (pa.string(), pa.date32(), pa.binary(ID_BYTES))
    return not (pa.types.is_nested(type_) or _is_bytes(type_))


def _is_bytes(type_: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(type_) for test in tests)


def _row_id_problems(table: pa.Table) -> Iterator[Problem]:
    names = table.column_names
    why = ""
    if names.count("row_id") != 1:
        why = "there is no row_id, or more than one"
    elif table.schema.field("row_id").type != pa.binary(ID_BYTES):
        why = "a row id is 16 bytes"
    elif table.column("row_id").null_count:
        why = f"{table.column('row_id').null_count} rows have none"
    else:
        ids = _id_numbers(table)
        if _meet(ids[:, 0]) and (doubled := len(ids) - len(np.unique(ids, axis=0))):
            why = f"{doubled} rows bear the id of another row"
    if why:
        yield Problem("PAR012", "the row ids do not name each row once", why, AGAIN)
