"""Rows kept on disk for a while, and handed back in an order that tells nothing of how they came.

    spool = Spool(folder / "rows.arrow")
    for table in tables: spool.add(table)
    for chunk in spool.chunks(): ...        # twice, if need be: the order is the same

Every row gets 16 random bytes, its ``row_id``, and rows come back in the order of these: a random
order, which is no sort of anything that the rows hold. What is added at once is put in that order
before it is written, so that each chunk is one stretch of every batch in the file. Memory holds one
batch while rows are added, and one chunk while they are handed back, however many there are.

The file is readable by its owner alone. Whoever gives the folder removes it.
"""

from __future__ import annotations

import os
import secrets
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

ID_BYTES: Final = 16
CHUNK: Final = 1 << 17
"""Rows handed back at a time, about."""


def private_file(path: Path) -> IO[bytes]:
    """Make a new file, to write and to read, that its owner alone may open."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "w+b")


def row_ids(count: int) -> pa.Array:
    """Draw a random id for each row: all that joins the two parcels of one dataset."""
    drawn = pa.py_buffer(secrets.token_bytes(ID_BYTES * count))
    return pa.Array.from_buffers(pa.binary(ID_BYTES), count, [None, drawn])


def id_numbers(table: pa.Table) -> npt.NDArray[np.uint64]:
    """Return the ids of a table's rows as two numbers each (n x 2), in whose order ids stand."""
    array = table.column("row_id").combine_chunks()
    array = pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
    return _heads(array).astype(np.uint64)


def by_row_id(table: pa.Table) -> pa.Table:
    """Return a table with its rows in the order of their ids."""
    ids = id_numbers(table)
    in_order = np.sort(ids[:, 0])
    meet = bool((in_order[1:] == in_order[:-1]).any())
    order = np.lexsort((ids[:, 1], ids[:, 0])) if meet else np.argsort(ids[:, 0])
    return table.take(pa.array(order))


def _heads(array: pa.Array) -> npt.NDArray[np.uint64]:
    """Return ids as numbers of eight bytes, the highest first, without a copy."""
    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return np.zeros((0, 2), ">u8")
    data = buffer[array.offset * ID_BYTES : (array.offset + len(array)) * ID_BYTES]
    return np.frombuffer(data, ">u8").reshape(-1, 2)


class Spool:
    """Rows on disk. ``path`` must not be there; tables added have one schema and no ``row_id``."""

    def __init__(self, path: Path, draw: Callable[[int], pa.Array] = row_ids) -> None:
        self._path, self._draw = path, draw
        self._sink: pa.NativeFile | None = None
        self._writer: pa.RecordBatchFileWriter | None = None
        self._schema: pa.Schema | None = None
        self.rows = 0

    def add(self, table: pa.Table) -> None:
        """Give every row its id and keep it. Raises ``OSError``, as on a full disk."""
        table = table.add_column(0, "row_id", self._draw(table.num_rows))
        if self._writer is None:
            private_file(self._path).close()
            self._sink, self._schema = pa.OSFile(str(self._path), "wb"), table.schema
            self._writer = pa.ipc.new_file(self._sink, table.schema)
        for batch in by_row_id(table).combine_chunks().to_batches():
            self._writer.write_batch(batch)
        self.rows += table.num_rows

    def close(self) -> None:
        """End adding; rows may then be had back."""
        if self._writer is not None and self._sink is not None:
            self._writer.close()
            self._sink.close()
            self._writer = self._sink = None

    def chunks(self, rows: int = CHUNK) -> Iterator[pa.Table]:
        """Yield all rows with their ids, in the order of ids, some ``rows`` at a time.

        At least one table is yielded, if need be without rows; nothing where none was ever added.
        """
        self.close()
        if self._schema is None:
            return
        count = max(1, -(-self.rows // rows))
        ends = [-((-number << 64) // count) for number in range(1, count + 1)]
        starts: list[int] | None = None
        for end in ends:
            # A mapping opened anew forgets what the last chunk touched.
            with pa.memory_map(str(self._path)) as file:
                reader = pa.ipc.open_file(file)
                starts = starts or [0] * reader.num_record_batches
                yield by_row_id(_stretch(reader, starts, end))


def _stretch(reader: pa.RecordBatchFileReader, starts: list[int], end: int) -> pa.Table:
    """Return the rows of every batch from its start to the first id of ``end`` or more, copied to
    memory; move the starts."""
    parts = []
    for number, start in enumerate(starts):
        batch = reader.get_batch(number)
        heads = _heads(batch.column(0))[:, 0]
        stop = bisect_left(heads, end, lo=start)
        parts.append(batch.slice(start, stop - start))
        starts[number] = stop
    return pa.Table.from_batches(parts, schema=reader.schema)
