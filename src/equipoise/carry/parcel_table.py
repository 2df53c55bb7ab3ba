"""The table inside a parcel: how it is packed, and what it must be before anybody uses it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from equipoise.carry.spool import ID_BYTES, id_numbers
from equipoise.errors import DataRefused, IntegrityRefused, Problem

AGAIN: Final = "ask the sender to pack it again"
WHY_BROKEN: Final = "it was changed after it was signed, or put together by somebody else"
_BATCH_ROWS: Final = 1 << 16


class Hashing:
    """Passes bytes to a file, and hashes and counts them on the way."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        """Write ``data``."""
        self._hash.update(data)
        self._file.write(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Pass on what the file holds back."""
        self._file.flush()

    def close(self) -> None:
        """Leave the file open: it is its maker's."""

    def digest(self) -> str:
        """Return the SHA-256 of all that went through, in hexadecimal."""
        return self._hash.hexdigest()


class After:
    """Some bytes and then a file, to be read as one."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = io.BytesIO(head), file

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, empty at the end."""
        return self._head.read(size) or self._file.read(size)


@dataclass(frozen=True)
class Packed:
    """What was written: ``sha256`` (hexadecimal) and ``size`` in bytes are those of the file."""

    rows: int
    columns: tuple[str, ...]
    sha256: str
    size: int


def pack_table(kind: str, parts: Iterable[pa.Table], sink: BinaryIO) -> Packed:
    """Write a table as Parquet into ``sink``, part by part, in the order of the row ids.

    ``parts`` are one table or more of one schema, in that order within and among them; memory holds
    one at a time. Metadata of the schema and of its fields is left out: it could carry more than
    was agreed. Raises ``DataRefused`` PAR011, PAR012 when a part is not what a parcel of ``kind``
    must hold.
    """
    hashing, rows, last = Hashing(sink), 0, b""
    with ExitStack() as opened:
        writer: pq.ParquetWriter | None = None
        for part in parts:
            if problems := table_problems(kind, part, after=last):
                raise DataRefused(problems)
            if writer is None:
                bare = pa.schema([pa.field(each.name, each.type) for each in part.schema])
                writer = opened.enter_context(_writer(bare, hashing))
            writer.write_table(pa.Table.from_arrays(part.columns, schema=bare))
            if part.num_rows:
                rows, last = rows + part.num_rows, part.column("row_id")[-1].as_py()
    return Packed(rows, tuple(bare.names), hashing.digest(), hashing.size)


def _writer(schema: pa.Schema, sink: Hashing) -> pq.ParquetWriter:
    words = [each.name for each in schema if not pa.types.is_fixed_size_binary(each.type)]
    return pq.ParquetWriter(
        pa.PythonFile(sink, mode="w"),
        schema,
        compression="zstd",
        use_dictionary=words,
        dictionary_pagesize_limit=1 << 26,  # encodings of one value are long, and repeat
    )


def _meet(numbers: npt.NDArray[np.uint64]) -> bool:
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

    One value a thousand times over takes no room in the file, so text is read in dictionary form
    and spelt out only where there is room for it. The columns ``repeated`` are brought into
    dictionary form batch by batch.
    Raises ``IntegrityRefused`` PAR010 when it is not ``rows`` rows of ``columns``, ``DataRefused``
    PAR011 when it holds nested values and PAR013 when it takes more than ``at_most_bytes`` in
    memory.
    """
    try:
        schema = pq.read_schema(pa.BufferReader(packed))
        if nested := [n for n, each in enumerate(schema) if pa.types.is_nested(each.type)]:
            raise DataRefused([_of_another_type(number, "any kind") for number in nested])
        texts = [each.name for each in schema if _is_text(each.type)]
        file = pq.ParquetFile(pa.BufferReader(packed), read_dictionary=texts)
        if file.metadata.num_rows != rows or tuple(schema.names) != columns:
            raise pa.ArrowInvalid("not as the manifest says")
        batches, size = [], 0
        for batch in file.iter_batches(batch_size=_rows_at_once(schema, at_most_bytes)):
            shorter = _in_dictionary_form(batch, repeated)
            size += sum(map(_spelt_out, shorter.columns, schema))
            if size > at_most_bytes:
                raise DataRefused(_too_large(at_most_bytes))
            batches.append(_as_declared(shorter, schema, repeated))
        nothing = pa.RecordBatch.from_pylist([], schema=_bare(schema))
        empty = _in_dictionary_form(nothing, repeated)
        table = pa.Table.from_batches(batches, schema=empty.schema).unify_dictionaries()
    except (pa.ArrowException, OSError, ValueError):
        raise IntegrityRefused(
            Problem("PAR010", "the table is not what the manifest says", WHY_BROKEN, AGAIN)
        ) from None
    return table


def _bare(schema: pa.Schema) -> pa.Schema:
    """Return a schema without metadata."""
    return pa.schema([pa.field(each.name, each.type) for each in schema])


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or _has_bytes(type_))


def _has_bytes(type_: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_))


def _rows_at_once(schema: pa.Schema, at_most_bytes: int) -> int:
    """Return how many rows to read at once, so that the columns of one length stay in bounds."""
    types = [
        each.type.value_type if pa.types.is_dictionary(each.type) else each.type for each in schema
    ]
    width = sum(type_.byte_width for type_ in types if pa.types.is_fixed_size_binary(type_))
    return int(max(1, min(_BATCH_ROWS, at_most_bytes // (4 * max(width, 1)))))


def _spelt_out(column: pa.Array, declared: pa.Field) -> int:
    """Return the bytes that a column takes in its declared type."""
    if not pa.types.is_dictionary(column.type) or not _is_text(declared.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).cast(pa.int64())
    return int(pc.sum(lengths.take(column.indices)).as_py() or 0) + 8 * len(column)


def _as_declared(
    batch: pa.RecordBatch, schema: pa.Schema, repeated: tuple[str, ...]
) -> pa.RecordBatch:
    """Return a batch with its text spelt out, but for the columns ``repeated``."""
    columns = [
        column.cast(each.type) if _is_text(each.type) and each.name not in repeated else column
        for column, each in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=schema.names)


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


def table_problems(kind: str, table: pa.Table, after: bytes | None = None) -> list[Problem]:
    """Return what a parcel of ``kind`` cannot hold: types (PAR011) and row ids (PAR012).

    Row ids must be all different; with ``after``, rise from one row to the next, from beyond that.
    """
    problems = [
        _of_another_type(number, kind)
        for number, each in enumerate(table.schema)
        if each.name != "row_id" and not _fits(kind, each)
    ]
    return [*problems, *_row_id_problems(table, after)]


def _of_another_type(number: int, kind: str) -> Problem:
    return Problem(
        "PAR011",
        f"column {number} of the table has a type that a parcel of {kind} cannot hold",
        why="encodings hold keyed bytes of one length only; identifiers hold text and dates; a "
        "payload holds single plain values; links hold a dataset and a 16-byte id",
        next=AGAIN,
    )


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


def _row_id_problems(table: pa.Table, after: bytes | None) -> Iterator[Problem]:
    names = table.column_names
    why = ""
    if names.count("row_id") != 1:
        why = "there is no row_id, or more than one"
    elif table.schema.field("row_id").type != pa.binary(ID_BYTES):
        why = "a row id is 16 bytes"
    elif table.column("row_id").null_count:
        why = f"{table.column('row_id').null_count} rows have none"
    elif after is None:
        ids = id_numbers(table)
        if _meet(ids[:, 0]) and (doubled := len(ids) - len(np.unique(ids, axis=0))):
            why = f"{doubled} rows bear the id of another row"
    elif table.num_rows and not _rises(id_numbers(table), after):
        why = "a row bears the id of another row, or stands out of their order"
    if why:
        yield Problem("PAR012", "the row ids do not name each row once", why, AGAIN)


def _rises(ids: npt.NDArray[np.uint64], after: bytes) -> bool:
    """Say whether each id is greater than the one before it, and the first than ``after``."""
    high, low = ids[:, 0], ids[:, 1]
    more = (high[1:] > high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] > low[:-1]))
    first = b"".join(int(number).to_bytes(8, "big") for number in ids[0])
    return bool(more.all()) and first > after
