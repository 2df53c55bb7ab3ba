"""What has no rule fails, and what fails carries no data."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

import pyarrow as pa
import pytest
from tables import check, codes, column, counted, output

from equipoise.carry.disclose import RULES
from equipoise.carry.outputs import ColumnKind, OutputKind


def failed(what: Any, code: str) -> None:
    checked = check(what)
    assert checked.verdict == "fail"
    assert codes(checked, "fail") == {code}
    assert checked.output.table.num_rows == 0
    assert checked.suppressed == {}


def test_every_kind_of_output_has_a_rule() -> None:
    assert set(RULES) == set(get_args(OutputKind))


def test_a_kind_without_a_rule_fails() -> None:
    failed(dataclasses.replace(counted([100]), kind="model"), "DIS001")


@pytest.mark.parametrize("kind", ["picture", "", "measure", "pseudonym", "reference", "value"])
def test_a_column_without_a_rule_fails(kind: str) -> None:
    table = output("counts", [column("n", "count"), column("x", kind)],
                   {"n": [100], "x": pa.array([1], pa.uint64())})  # fmt: skip
    assert "DIS002" in codes(check(table), "fail")


def test_each_kind_of_column_is_allowed_somewhere() -> None:
    from equipoise.carry.disclose.shape import _ALLOWED

    assert set().union(*_ALLOWED.values()) == set(get_args(ColumnKind))


@pytest.mark.parametrize("values", [[1.5], ["a"], [-1], [True], [b"x"], [[1]]])
def test_counts_are_whole_numbers_from_nothing_up(values: list[Any]) -> None:
    failed(output("counts", [column("n", "count")], {"n": values}), "DIS003")


@pytest.mark.parametrize("values", [[[1]], [{"name": "x"}], [b"x"]])
def test_labels_are_single_plain_values(values: list[Any]) -> None:
    table = output("counts", [column("l", "label"), column("n", "count")],
                   {"l": values, "n": [100]})  # fmt: skip
    failed(table, "DIS003")


def test_a_rate_is_a_number_of_stated_counts() -> None:
    columns = [column("n", "count"), column("r", "rate", numerator="m", denominator="n")]
    failed(output("counts", columns, {"n": [100], "r": [1.0]}), "DIS005")
    columns = [column("n", "count"), column("r", "rate", numerator="n", denominator="n")]
    failed(output("counts", columns, {"n": [100], "r": ["x"]}), "DIS003")


def test_columns_that_were_not_described_fail() -> None:
    more = counted([100])
    failed(
        dataclasses.replace(more, table=more.table.append_column("name", pa.array(["x"]))),
        "DIS004",
    )
    failed(dataclasses.replace(more, columns=more.columns[:1]), "DIS004")
    failed(dataclasses.replace(more, columns=more.columns[::-1]), "DIS004")
    twice = output("counts", [column("n", "count")] * 2, {"n": [1]})
    failed(twice, "DIS004")


@pytest.mark.parametrize("name", ["total_of", "steps_of", "sums_of"])
def test_relations_are_between_labels(name: str) -> None:
    failed(counted([100], **{name: "people"}), "DIS004")
