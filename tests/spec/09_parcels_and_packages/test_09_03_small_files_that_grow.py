"""A parcel of a hundred kilobytes may hold a table of gigabytes: it is refused before it grows."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equipoise.carry.parcel_table import pack_table, read_table
from equipoise.errors import DataRefused

ROWS = 40_000
LIMIT = 8 << 20


def packed(column: pa.Array, form: str) -> bytes:
    ids = pa.array([number.to_bytes(16, "big") for number in range(len(column))], pa.binary(16))
    table = pa.table({"row_id": ids, "a": column})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", store_schema=form == "declared")
    return sink.getvalue()


def one_value(value: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(ROWS, np.int32)), value)


WIDE = 20_000
GROWING = {
    "text": one_value(pa.array(["x" * WIDE])),
    "bytes": one_value(pa.array([b"x" * WIDE])),
    "bytes of one length": one_value(pa.array([b"x" * WIDE], pa.binary(WIDE))),
}


@pytest.mark.parametrize("what", GROWING)
def test_one_long_value_many_times_over_is_refused_in_little_memory(what):
    data = packed(GROWING[what], "bare")
    assert len(data) < 1 << 20, "the file itself is small"
    pool = pa.proxy_memory_pool(pa.system_memory_pool())
    before = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        with pytest.raises(DataRefused) as caught:
            read_table(data, ROWS, ("row_id", "a"), at_most_bytes=LIMIT)
    finally:
        pa.set_memory_pool(before)
    assert [each.code for each in caught.value.problems] == ["PAR013"]
    assert pool.max_memory() < 6 * LIMIT, "spelt out it would be 800 MB"


def test_a_list_without_end_is_refused_unread():
    lists = pa.array([[0] * (1 << 22)])
    data = packed(lists, "bare")
    assert len(data) < 1 << 20
    with pytest.raises(DataRefused) as caught:
        read_table(data, 1, ("row_id", "a"), at_most_bytes=LIMIT)
    assert [each.code for each in caught.value.problems] == ["PAR011"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["a", None, "", "Zoë", "a"]),
        pa.array(["a", None, "", "Zoë", "a"], pa.large_string()),
        pa.array(["a", None, "b", "b", "a"]).dictionary_encode(),
        pa.array([None] * 5, pa.string()),
        pa.array([1.5, None, 2.0, 0.0, -1.0]),
        pa.array([True, None, False, True, True]),
        pa.array([0, None, 2, 3, 4], pa.date32()),
        pa.array([b"ab", None, b"cd", b"ab", b"cd"], pa.binary(2)),
    ],
)
def test_what_fits_is_read_as_it_was_packed(column):
    ids = pa.array([number.to_bytes(16, "big") for number in range(5)], pa.binary(16))
    table = pa.table({"row_id": ids, "a": column})
    sink = io.BytesIO()
    kind = "encodings" if pa.types.is_fixed_size_binary(column.type) else "payload"
    pack_table(kind, [table.slice(0, 3), table.slice(3)], sink)
    held = read_table(sink.getvalue(), 5, ("row_id", "a"), at_most_bytes=1 << 20)
    assert held.schema.equals(table.schema)
    assert held.to_pylist() == table.to_pylist()
