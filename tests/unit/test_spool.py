"""Rows on disk: every one comes back, in an order of its own, and nobody else may look."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.spool import Spool, by_row_id, row_ids


def table(start: int, rows: int) -> pa.Table:
    names = [f"name {number}" for number in range(start, start + rows)]
    return pa.table({"number": np.arange(start, start + rows), "name": pa.array(names)})


def filled(path: Path, *sizes: int) -> Spool:
    spool, start = Spool(path), 0
    for size in sizes:
        spool.add(table(start, size))
        start += size
    return spool


@pytest.mark.parametrize(
    ("sizes", "at_once"), [((700, 1, 0, 999), 100), ((50,), 1000), ((3, 3), 1), ((2000,), 7)]
)
def test_every_row_comes_back_whole_in_the_order_of_ids(
    tmp_path: Path, sizes: tuple[int, ...], at_once: int
) -> None:
    spool = filled(tmp_path / "rows", *sizes)
    chunks = list(spool.chunks(at_once))
    whole = pa.concat_tables(chunks)
    assert sorted(whole["number"].to_pylist()) == list(range(sum(sizes)))
    for row in whole.to_pylist():
        assert row["name"] == f"name {row['number']}"
    ids = whole["row_id"].to_pylist()
    assert ids == sorted(set(ids)) and {len(one) for one in ids} == {16}
    assert max(chunk.num_rows for chunk in chunks) <= 3 * at_once + 60


def test_rows_come_back_twice_in_one_order_and_in_another_from_another_spool(
    tmp_path: Path,
) -> None:
    spool, other = filled(tmp_path / "a", 500, 500), filled(tmp_path / "b", 500, 500)
    one, two, three = (
        pa.concat_tables(each.chunks(64))["number"].to_pylist() for each in (spool, spool, other)
    )
    assert one == two and one != three and one != sorted(one)
    # rows that came together do not stay together
    near = np.abs(np.diff(np.array(one)))
    assert 250 < near.mean() < 420


def test_nobody_else_may_read_the_file_and_no_other_file_is_written_over(tmp_path: Path) -> None:
    spool = filled(tmp_path / "rows", 10)
    assert stat.S_IMODE((tmp_path / "rows").stat().st_mode) == 0o600
    spool.close()
    with pytest.raises(FileExistsError):
        filled(tmp_path / "rows", 10)


def test_no_rows_make_one_table_without_rows_and_nothing_makes_none(tmp_path: Path) -> None:
    (empty,) = filled(tmp_path / "rows", 0).chunks()
    assert empty.column_names == ["row_id", "number", "name"] and empty.num_rows == 0
    assert list(Spool(tmp_path / "none").chunks()) == []


def test_ids_that_share_their_first_half_are_put_in_order_by_the_second(tmp_path: Path) -> None:
    alike = pa.array([bytes(8) + bytes([0] * 7 + [n]) for n in (3, 1, 2)], pa.binary(16))
    spool = Spool(tmp_path / "rows", draw=lambda count: alike)
    spool.add(table(0, 3))
    (chunk,) = spool.chunks()
    assert chunk["number"].to_pylist() == [1, 2, 0]
    assert by_row_id(chunk).equals(chunk)


def test_ids_are_drawn_anew() -> None:
    assert len({*row_ids(100).to_pylist(), *row_ids(100).to_pylist()}) == 200
