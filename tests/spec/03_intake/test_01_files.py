"""A file is read for what it is: its content tells, not its name."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from intake_files import codes, dataset, taken, workbook, written

PEOPLE = dataset({"account": {"type": "code"}, "surname": {"is": "payload"},
                  "birth_date": {}, "paid": {"type": "whole number"}})  # fmt: skip
CSV = "account,surname,birth_date,paid\n001,Zoë O’Neill,1980-04-03,12\n002,NA,,0\n"
ROWS = [
    {"account": "001", "surname": "Zoë O’Neill", "birth_date": date(1980, 4, 3), "paid": 12},
    {"account": "002", "surname": "NA", "birth_date": None, "paid": 0},
]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_text_is_read_in_every_encoding_that_british_files_come_in(tmp_path, encoding):
    path = written(tmp_path, CSV.encode(encoding))
    assert taken(path, PEOPLE).table.to_pylist() == ROWS


def test_an_encoding_that_had_to_be_guessed_is_told(tmp_path):
    guessed = taken(written(tmp_path, CSV.encode("cp1252")), PEOPLE)
    assert "INT209" in codes(guessed.warnings)
    assert "INT209" not in codes(taken(written(tmp_path, CSV), PEOPLE).warnings)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_delimiter_and_line_end_are_found(tmp_path, delimiter, line_end):
    text = CSV.replace(",", delimiter).replace("\n", line_end)
    assert taken(written(tmp_path, text), PEOPLE).table.to_pylist() == ROWS


def test_the_delimiter_is_the_one_that_finds_the_agreed_columns(tmp_path):
    text = 'account;"surname";birth_date;paid;note,a,b,c,d,e,f\n1;Lee;1980-04-03;1;x\n'
    assert taken(written(tmp_path, text), PEOPLE).counts.accepted == 1


def test_quoted_values_may_hold_delimiters_quotes_and_line_breaks(tmp_path):
    text = 'account,surname,birth_date,paid\n1,"Lee, ""Jo""\nof Bow",1980-04-03,1\n'
    intake = taken(written(tmp_path, text), PEOPLE)
    assert intake.table["surname"].to_pylist() == ['Lee, "Jo"\nof Bow']
    assert "INT210" in codes(intake.warnings)


def test_a_missing_last_line_end_and_blank_lines_do_no_harm(tmp_path):
    text = CSV.replace("\n002", "\n\n002").rstrip("\n")
    assert taken(written(tmp_path, text), PEOPLE).table.to_pylist() == ROWS


def test_gzip_is_unpacked(tmp_path):
    path = written(tmp_path, gzip.compress(CSV.encode()), "people.csv.gz")
    assert taken(path, PEOPLE).table.to_pylist() == ROWS


def _arrow() -> pa.Table:
    return pa.table(
        {
            "account": pa.array(["001", "002"]).dictionary_encode(),
            "surname": pa.array(["Zoë O’Neill", "NA"], pa.large_string()),
            "birth_date": pa.array([date(1980, 4, 3), None]),
            "paid": pa.array([12.0, 0.0]),
            "extra": pa.array([[1], [2]]),
        }
    )


def test_parquet_is_read_whatever_it_is_called(tmp_path):
    path = tmp_path / "people.csv"
    pa.parquet.write_table(_arrow(), path)
    assert taken(path, PEOPLE).table.to_pylist() == ROWS


def test_arrow_files_feather_files_and_arrow_streams_are_read(tmp_path):
    pa.feather.write_feather(_arrow(), tmp_path / "a.feather")
    with pa.ipc.new_file(tmp_path / "b.arrow", _arrow().schema) as out:
        out.write_table(_arrow())
    with pa.ipc.new_stream(tmp_path / "c.arrows", _arrow().schema) as out:
        out.write_table(_arrow())
    for name in ("a.feather", "b.arrow", "c.arrows"):
        assert taken(tmp_path / name, PEOPLE).table.to_pylist() == ROWS


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("yes/no", [True, None], [True, None]),
        ("number", [1.5, float("nan")], [1.5, None]),
        ("number", [Decimal("1.50"), None], [1.5, None]),
        ("whole number", [3.0, None], [3, None]),
        ("uprn", [100021066689.0, None], ["100021066689", None]),
        ("datetime", [datetime(2024, 7, 1, 12), None], [datetime(2024, 7, 1, 12), None]),
        ("date", [datetime(2024, 7, 1), None], [date(2024, 7, 1), None]),
        ("text", [None, None], [None, None]),
    ],
)
def test_typed_columns_keep_their_meaning(tmp_path, kind, values, expected):
    path = tmp_path / "it.parquet"
    pa.parquet.write_table(pa.table({"it": values, "n": [1, 2]}), path)
    of = dataset({"n": {"type": "code"}, "it": {"type": kind}})
    assert taken(path, of).table["it"].to_pylist() == expected


def test_a_moment_with_a_zone_becomes_uk_clock_time(tmp_path):
    moment = pa.array([datetime(2024, 7, 1, 12)], pa.timestamp("us", "UTC"))
    pa.parquet.write_table(pa.table({"it": moment, "n": [1]}), tmp_path / "it.parquet")
    of = dataset({"n": {"type": "code"}, "it": {"type": "datetime"}})
    assert taken(tmp_path / "it.parquet", of).table["it"].to_pylist() == [datetime(2024, 7, 1, 13)]


def test_excel_keeps_leading_zeros_and_dates(tmp_path):
    rows = [
        ["account", "surname", "birth_date", "paid"],
        ["001", "Zoë O’Neill", date(1980, 4, 3), 12.0],
        [None, None, None, None],
        ["002", "NA", None, 0],
    ]
    intake = taken(workbook(tmp_path, rows), PEOPLE)
    assert intake.table.to_pylist() == ROWS
    assert intake.counts.read == 2


def test_excel_yes_no_cells_fractions_and_bare_day_numbers_are_read(tmp_path):
    of = dataset({"a": {"type": "yes/no"}, "b": {"type": "number"}, "c": {"type": "date"}})
    intake = taken(workbook(tmp_path, [["a", "b", "c"], [True, 1.5, 29314], [False, 2, 29315]]), of)
    assert intake.table.to_pylist() == [
        {"a": True, "b": 1.5, "c": date(1980, 4, 3)}, {"a": False, "b": 2.0, "c": date(1980, 4, 4)},
    ]  # fmt: skip
    assert "INT211" in codes(intake.warnings)


def test_only_the_first_sheet_is_read_and_others_are_told(tmp_path):
    path = workbook(tmp_path, [["n", "it"], ["1", "2"]], more_sheets=1)
    of = dataset({"n": {"type": "code"}, "it": {"type": "code"}})
    assert codes(taken(path, of).warnings) == ["INT212"]


def test_progress_is_told_from_start_to_end(tmp_path):
    said = []
    path = written(tmp_path, CSV)
    taken(path, PEOPLE, on_progress=lambda share, what: said.append((share, what)))
    shares = [share for share, _ in said]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert not any("Neill" in what for _, what in said)
