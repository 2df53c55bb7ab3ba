"""Counting values that do not fit into memory gives what counting them at once gives."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry import marks
from equipoise.carry.marks import Marks, joined, marks_of


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("at_once", [1 << 20, 10])
def test_values_are_counted_in_any_number_of_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_disk: bool, at_once: int
) -> None:
    monkeypatch.setattr(marks, "AT_ONCE", at_once)
    values = np.random.default_rng(1).integers(0, 40, 300)
    held = Marks(tmp_path / "m" if on_disk else None)
    for some in np.split(values, 6):
        once, times = np.unique(some, return_counts=True)
        held.add(marks_of(pa.array([f"v{one}" for one in once])), times)
    truth = Counter(values.tolist())
    assert held.counted() == (len(truth), max(truth.values()))
    held.close()


@pytest.mark.parametrize("at_once", [1 << 20, 2])
def test_marks_with_different_numbers_beside_them_are_found(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(marks, "AT_ONCE", at_once)
    held = Marks()
    for whole, form in [("AB", 1), ("CD", 1), ("AB", 2), ("CD", 1), ("EF", 7)]:
        held.add(marks_of(pa.array([whole])), np.array([form]))
    assert held.divided().tolist() == marks_of(pa.array(["AB"])).tolist()


def test_nothing_is_counted_as_nothing() -> None:
    assert Marks().counted() == (0, 0) and len(Marks().divided()) == 0
    assert len(joined([])) == 0


def test_a_missing_value_has_the_mark_0_and_equal_ones_have_one() -> None:
    made = marks_of(pa.array(["A", None, "A", "B", ""])).tolist()
    assert made[1] == 0 and made[0] == made[2] and len(set(made)) == 4


def test_rows_are_told_apart_by_every_column_and_its_place() -> None:
    a, b, none = (marks_of(pa.array([one])) for one in ("A", "B", None))
    rows = [(a, b), (b, a), (a, a), (a, none), (none, a), (none, none)]
    assert len({int(joined(row)[0]) for row in rows}) == len(rows)
