"""Dates are read in the forms people use, day first; what cannot be told is not guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from intake_files import codes, column, dataset, faults, refusal, taken, written

THIRD_OF_APRIL = [
    "1980-04-03", "1980/4/3", "1980.04.03", "3/4/1980", "03/04/1980", "3-4-1980", "3.4.1980",
    "3 4 1980", "19800403", "03041980", "3 Apr 1980", "3 April 1980", "3rd April 1980",
    "3-APR-1980", "03apr1980", "April 3, 1980", "Apr 3rd 1980", "29314", "29314.75",
    "1980-04-03 00:00:00", "03/04/1980 13:30", "1980-04-03T12:30:00Z", "1980-04-03 00:00:00.000",
    "3/4/1980 1:30 pm", " 3/4/1980 ",
]  # fmt: skip


@pytest.mark.parametrize("text", THIRD_OF_APRIL)
def test_the_third_of_april_in_every_form(tmp_path, text):
    assert column(tmp_path, "date", [text]).table["it"].to_pylist() == [date(1980, 4, 3)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31/02/1990", "INT111"), ("29/02/1900", "INT111"), ("0/1/1990", "INT111"),
        ("1990-13-01", "INT111"), ("32 Jan 1990", "INT111"), ("1990-01-01 25:00", "INT111"),
        ("1990-01-01 0:30 pm", "INT111"), ("0080-01-01", "INT111"), ("3/4/80", "INT112"),
        ("3-Apr-80", "INT112"), ("3 Mai 1990", "INT110"), ("1990", "INT110"), ("-", "INT110"),
        ("unknown", "INT110"), ("1234", "INT110"), ("17991231", "INT110"), ("0000-00-00", "INT110"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_told_apart(tmp_path, text, code):
    good = ["1990-01-01"] * 30
    assert faults(column(tmp_path, "date", [*good, text])) == [(31, code)]


def test_leap_days_are_in_the_calendar(tmp_path):
    read = column(tmp_path, "date", ["29/02/2000", "29/02/1996"])
    assert read.table["it"].to_pylist() == [date(2000, 2, 29), date(1996, 2, 29)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-07-01 12:05:09", datetime(2024, 7, 1, 12, 5, 9)),
        ("01/07/2024 12:05", datetime(2024, 7, 1, 12, 5)),
        ("2024-07-01T12:00:00Z", datetime(2024, 7, 1, 13)),
        ("2024-07-01T12:00:00+01:00", datetime(2024, 7, 1, 12)),
        ("2024-07-01T12:00:00-0530", datetime(2024, 7, 1, 18, 30)),
        ("2024-01-01T12:00:00Z", datetime(2024, 1, 1, 12)),
        ("2024-03-31T00:59:59Z", datetime(2024, 3, 31, 0, 59, 59)),
        ("2024-03-31T01:00:00Z", datetime(2024, 3, 31, 2)),
        ("2024-10-27T00:59:59Z", datetime(2024, 10, 27, 1, 59, 59)),
        ("2024-10-27T01:00:00Z", datetime(2024, 10, 27, 1)),
        ("1 Jan 2024 12:30 am", datetime(2024, 1, 1, 0, 30)),
        ("1 Jan 2024 12:30 PM", datetime(2024, 1, 1, 12, 30)),
        ("45000.5", datetime(2023, 3, 15, 12)),
        ("2024-07-01", datetime(2024, 7, 1)),
    ],
)
def test_moments_are_read_on_the_uk_clock(tmp_path, text, moment):
    assert column(tmp_path, "datetime", [text]).table["it"].to_pylist() == [moment]


def _people(tmp_path, dates, **said):
    of = dataset({"account": {"type": "code"}, "birth_date": said})
    rows = "".join(f"{at},{text}\n" for at, text in enumerate(dates))
    return written(tmp_path, "account,birth_date\n" + rows), of


def test_a_column_with_the_month_first_is_refused_with_advice(tmp_path):
    american = [f"{month}/{day}/1990" for month in range(1, 13) for day in range(1, 29)]
    (problem,) = refusal(*_people(tmp_path, american))
    assert problem.code == "INT031"
    assert "yyyy-mm-dd" in problem.next


def test_a_few_dates_read_month_first_would_misread_the_rest_so_a_small_file_is_refused(tmp_path):
    assert codes(refusal(*_people(tmp_path, ["3/4/1980", "12/25/1990", "5/6/1970"]))) == ["INT031"]


def test_one_such_date_among_many_is_one_unreadable_date(tmp_path):
    british = [f"{day}/{month}/1990" for month in range(1, 13) for day in range(1, 29)]
    intake = taken(*_people(tmp_path, [*british, "12/25/1990"]))
    assert intake.table["birth_date"].null_count == 1
    assert intake.table["birth_date"][0].as_py() == date(1990, 1, 1)
    assert any("INT120" in warning.what for warning in intake.warnings)


def test_a_column_of_two_digit_years_is_refused_because_a_guess_takes_a_century(tmp_path):
    assert codes(refusal(*_people(tmp_path, ["3/4/24"] * 10))) == ["INT032"]


def test_a_birth_date_in_the_future_is_unreadable_but_a_person_is_not_lost(tmp_path):
    intake = taken(*_people(tmp_path, ["2026-06-30", "2026-07-01"]))
    assert intake.table["birth_date"].to_pylist() == [date(2026, 6, 30), None]
    assert intake.counts.accepted == 2
    assert any("INT113" in warning.what for warning in intake.warnings)


def test_other_dates_may_lie_in_the_future(tmp_path):
    assert column(tmp_path, "date", ["2031-01-01"]).counts.rejected == 0


def test_day_month_and_year_in_three_columns_make_one_date(tmp_path):
    of = dataset({"account": {"type": "code"}, "birth_date": {"columns": ["d", "m", "y"]}})
    text = "account,d,m,y\n1,3,4,1980\n2,3.0,Apr,1980.0\n3,,,\n4,,4,1980\n5,31,2,1980\n6,3,4,80\n"
    intake = taken(written(tmp_path, text), of)
    there = date(1980, 4, 3)
    assert intake.table["birth_date"].to_pylist() == [there, there, None, None, None, None]
    said = [w.what for w in intake.warnings if w.code == "INT202"]
    assert [what[:8] for what in said] == ["1 values"] * 3


def test_three_columns_in_the_wrong_order_are_noticed(tmp_path):
    of = dataset({"account": {"type": "code"}, "birth_date": {"columns": ["m", "d", "y"]}})
    rows = "".join(f"{day},{day},{1 + day % 12},1980\n" for day in range(1, 29))
    assert codes(refusal(written(tmp_path, "account,d,m,y\n" + rows), of)) == ["INT031"]
