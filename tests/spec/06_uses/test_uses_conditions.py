"""A test of an agreement, ``dataset.field operator value``, held against a column."""

import pyarrow as pa
import pytest

from equipoise.agree.uses import read_test
from equipoise.carry.uses.conditions import holds, known
from equipoise.errors import DocumentRefused


def met(text: str, column, other=None) -> list[bool]:
    return holds(read_test(text), column, other).tolist()


DAYS = pa.array(["2026-01-01", "2026-03-31", None]).cast(pa.date32())


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("a.b = yes", pa.array([True, False, None]), [True, False, False]),
        ("a.b != yes", pa.array([True, False, None]), [False, True, False]),
        ("a.b >= 60", pa.array([60, 59, None]), [True, False, False]),
        ("a.b < 0.5", pa.array([0.4, float("nan"), None]), [True, False, False]),
        ("a.b > 2026-01-01", DAYS, [False, True, False]),
        ("a.b <= 2026-03-31T12:00", DAYS.cast(pa.timestamp("us")), [True, True, False]),
        ("a.b = theft", pa.array(["theft", "NA", None]), [True, False, False]),
        ("a.b = NA", pa.array(["theft", "NA", None]), [False, True, False]),
        ("a.b = '007'", pa.array(["007", "7", None]), [True, False, False]),
        ("a.b = yes", pa.array(["yes", "no", None]), [True, False, False]),
        ("a.b != yes", pa.array(["yes", "no", None]), [False, True, False]),
    ],
)
def test_a_missing_value_meets_no_test(text, column, expected):
    assert met(text, column) == expected


def test_categories_and_pieces_of_a_column_read_as_one_text_column():
    column = pa.chunked_array([["x", "y"], ["x"]]).dictionary_encode()
    assert met("a.b = x", column) == [True, False, True]
    assert met("a.b = x", pa.chunked_array([], pa.string())) == []
    assert known(pa.chunked_array([[1.0], [float("nan"), None]])).tolist() == [True, False, False]


def test_two_columns_are_compared_row_by_row():
    assert met("a.b < a.c", pa.array([1, 5, None]), pa.array([2.0, 4.0, 1.0])) == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "column", "other"),
    [
        ("a.b > theft", pa.array(["x"]), None),
        ("a.b = 2026-02-31", DAYS, None),
        ("a.b = 5", DAYS, None),
        ("a.b = theft", pa.array([1]), None),
        ("a.b = yes", pa.array([1]), None),
        ("a.b = 1", pa.array([True]), None),
        ("a.b = a.c", pa.array([1]), pa.array(["1"])),
    ],
)
def test_what_cannot_be_compared_is_refused(text, column, other):
    with pytest.raises(DocumentRefused) as refused:
        met(text, column, other)
    assert [p.code for p in refused.value.problems] == ["USE014"]
    assert "theft" not in refused.value.problems[0].sentence()
