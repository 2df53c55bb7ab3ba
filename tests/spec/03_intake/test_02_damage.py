"""A file that is not whole, or not what it should be, is refused with a reason."""

from __future__ import annotations

import gzip
import os
import random
import zipfile

import pyarrow as pa
import pyarrow.parquet
import pytest
from intake_files import codes, column, dataset, faults, refusal, taken, workbook, written

PEOPLE = dataset({"account": {"type": "code"}, "surname": {}, "birth_date": {}})
HEADER = "account,surname,birth_date\n"
ROW = "1,Lee,1980-04-03\n"


def test_no_file_a_folder_and_a_closed_file(tmp_path):
    assert codes(refusal(tmp_path / "none.csv", PEOPLE)) == ["INT001"]
    assert codes(refusal(tmp_path, PEOPLE)) == ["INT002"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_permission(tmp_path):
    path = written(tmp_path, HEADER + ROW)
    path.chmod(0)
    assert codes(refusal(path, PEOPLE)) == ["INT003"]


def test_a_file_that_cannot_be_opened_says_why(tmp_path):
    path = tmp_path / ("x" * 300)
    (problem,) = refusal(path, PEOPLE)
    assert problem.code == "INT003"
    assert "long" in problem.what


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"  \r\n \n", b"\xff\xfe"])
def test_an_empty_file(tmp_path, content):
    assert codes(refusal(written(tmp_path, content), PEOPLE)) == ["INT004"]


def test_an_empty_cohort_a_header_without_rows(tmp_path):
    assert codes(refusal(written(tmp_path, HEADER), PEOPLE)) == ["INT005"]
    assert codes(refusal(written(tmp_path, HEADER.strip()), PEOPLE)) == ["INT005"]


def test_a_picture_or_a_random_blob_with_a_csv_name(tmp_path):
    noise = random.Random(1).randbytes(5000)
    assert codes(refusal(written(tmp_path, b"\x01" + noise), PEOPLE)) == ["INT006"]
    for magic in (b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1", b"\x89PNG\r\n", b"SQLite format 3\0"):
        (problem,) = refusal(written(tmp_path, magic + noise), PEOPLE)
        assert problem.code == "INT006"
        assert problem.next


def test_a_zip_that_is_no_workbook(tmp_path):
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("people.csv", HEADER + ROW)
    assert codes(refusal(path, PEOPLE)) == ["INT006"]


def test_a_cut_off_workbook(tmp_path):
    whole = workbook(tmp_path, [["account", "surname", "birth_date"], ["1", "Lee", None]])
    cut = written(tmp_path, whole.read_bytes()[:-40], "cut.xlsx")
    assert codes(refusal(cut, PEOPLE)) == ["INT007"]


def test_an_empty_workbook(tmp_path):
    assert codes(refusal(workbook(tmp_path, []), PEOPLE)) == ["INT004"]


def test_a_csv_cut_in_the_middle_of_its_last_row(tmp_path):
    (problem,) = refusal(written(tmp_path, HEADER + ROW * 50 + "51,Le"), PEOPLE)
    assert problem.code == "INT007"
    assert "row 51" in problem.what


def test_a_csv_cut_in_the_middle_of_a_character(tmp_path):
    data = (HEADER + ROW + "2,1980-04-03,Zoë").encode()[:-1]
    assert codes(refusal(written(tmp_path, data), PEOPLE)) == ["INT007"]


def test_a_cut_off_gzip_and_a_damaged_one(tmp_path):
    noise = "".join(f"{at},Lee{random.Random(at).random()},\n" for at in range(3000))
    packed = bytearray(gzip.compress((HEADER + noise).encode()))
    assert codes(refusal(written(tmp_path, bytes(packed[:-300])), PEOPLE)) == ["INT007"]
    packed[len(packed) // 2] ^= 0xFF
    assert codes(refusal(written(tmp_path, bytes(packed)), PEOPLE)) == ["INT007"]


def test_a_cut_off_parquet_and_one_with_damage_inside(tmp_path):
    path = tmp_path / "people.parquet"
    table = pa.table({name: [str(at * 7919) for at in range(5000)] for name in PEOPLE.fields})
    pa.parquet.write_table(table, path)
    whole = bytearray(path.read_bytes())
    assert codes(refusal(written(tmp_path, bytes(whole[:-20])), PEOPLE)) == ["INT007"]
    whole[10:2000] = bytes(1990)
    assert codes(refusal(written(tmp_path, bytes(whole)), PEOPLE)) == ["INT007"]


def test_a_cut_off_arrow_file_and_a_cut_off_stream(tmp_path):
    table = pa.table({name: ["1", "2"] for name in PEOPLE.fields})
    with pa.ipc.new_file(tmp_path / "a", table.schema) as out:
        out.write_table(table)
    with pa.ipc.new_stream(tmp_path / "b", table.schema) as out:
        out.write_table(table)
    for name in ("a", "b"):
        cut = written(tmp_path, (tmp_path / name).read_bytes()[:-120], "cut")
        assert codes(refusal(cut, PEOPLE)) == ["INT007"]


def test_columns_of_lists_or_bytes_cannot_enter(tmp_path):
    table = pa.table({"account": [[1]], "surname": ["Lee"], "birth_date": [b"x"]})
    pa.parquet.write_table(table, tmp_path / "p.parquet")
    assert codes(refusal(tmp_path / "p.parquet", PEOPLE)) == ["INT025", "INT025"]


def test_a_quotation_mark_that_never_closes_swallows_nothing_silently(tmp_path):
    text = HEADER + ROW + '2,"Lee,1980-04-03\n' + ROW * 20
    (problem,) = refusal(written(tmp_path, text), PEOPLE)
    assert problem.code == "INT009"


def test_an_inch_mark_inside_a_value_is_no_quotation(tmp_path):
    text = HEADER + '1,Lee 5",1980-04-03\n'
    assert taken(written(tmp_path, text), PEOPLE).counts.accepted == 1


def test_a_value_that_runs_on_without_end(tmp_path):
    text = HEADER + ROW + '2,"' + "x\n" * 5_000_000 + '",1980-04-03\n'
    assert codes(refusal(written(tmp_path, text), PEOPLE)) == ["INT009"]


def test_ragged_rows_are_rejected_by_number_and_the_rest_enters(tmp_path):
    text = HEADER + ROW + "2,Lee\n" + "\n" + "3,Lee,1980-04-03,more\n" + "4,Lee,1980-04-03\n"
    intake = taken(written(tmp_path, text), PEOPLE)
    assert faults(intake) == [(2, "INT101"), (3, "INT101")]
    assert intake.table["account"].to_pylist() == ["1", "4"]
    assert intake.row_numbers.to_pylist() == [1, 4]


def test_a_nul_byte_makes_an_identifier_missing_and_rejects_payload(tmp_path):
    text = HEADER + "1,Le\0e,1980-04-03\n" + ROW * 5
    intake = taken(written(tmp_path, text), PEOPLE)
    assert intake.table["surname"].to_pylist()[:2] == [None, "LEE"]
    assert any("INT104" in warning.what for warning in intake.warnings)
    assert faults(column(tmp_path, "text", ["good", "b\0d"])) == [(2, "INT104")]


def test_no_message_holds_a_value_of_the_file(tmp_path):
    secret = "Featherstonehaugh"
    text = f"{secret},1980-04-03,x\n{secret},{secret},{secret}\n"
    for of in (PEOPLE, dataset({"surname": {"is": "payload", "type": "whole number"}})):
        said = " ".join(problem.sentence() for problem in refusal(written(tmp_path, text), of))
        assert secret not in said
    rows = HEADER + f"1,{secret},{secret}\n" * 30
    said = " ".join(problem.sentence() for problem in refusal(written(tmp_path, rows), PEOPLE))
    assert "INT034" in said
    assert secret not in said
