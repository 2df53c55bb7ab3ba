"""Values become what the agreement says they are, or are told to be otherwise."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from intake_files import column, dataset, faults, taken, written

PADDING = 30


def _read(tmp_path, kind, good, texts, **said):
    """Read ``texts`` after many good values, so that none of them condemns the column."""
    intake = column(tmp_path, kind, [good] * PADDING + list(texts), **said)
    values = dict(zip(intake.row_numbers.to_pylist(), intake.table["it"].to_pylist(), strict=True))
    wrong = dict(faults(intake))
    return [values.get(at, wrong.get(at)) for at in range(PADDING + 1, PADDING + 1 + len(texts))]


@pytest.mark.parametrize(
    ("kind", "good", "read"),
    [
        ("yes/no", "y", {"Yes": True, "N": False, "TRUE": True, "0": False, "1.0": True,
                         "maybe": "INT109", "": None}),
        ("whole number", "1", {"1,234": 1234, "£1,234,567": 1234567, "5.0": 5, "+7": 7, "-3": -3,
                               "007": 7, "5.5": "INT106", "1e5": "INT106", "12,34": "INT106",
                               "9" * 20: "INT106", "abc": "INT106", "": None}),
        ("number", "1", {"1,234.5": 1234.5, "£3": 3.0, ".5": 0.5, "-2.": -2.0, "1e5": 1e5,
                         "nan": "INT105", "inf": "INT105", "-": "INT105", "": None}),
        ("postcode", "LS7 4DL", {"ls74dl": "LS7 4DL", "SW1A1AA": "SW1A 1AA", "M1 OAA": "M1 0AA",
                                 "ZZ99 3VZ": None, "LS7": "INT114", "nowhere": "INT114"}),
        ("uprn", "12", {"0012": "12", "100021066689.0": "100021066689", "0": "INT115",
                        "1.00021E+11": "INT119", "x": "INT115"}),
        ("nhs number", "9434765919", {"943 476 5919": "9434765919", "943-476-5919": "9434765919",
                                      "9434765918": "INT116", "1111111111": "INT116",
                                      "9.43E+09": "INT119", "943476591": "INT116"}),
        ("nino", "AB123456C", {"ab 12 34 56 d": "AB123456", "AB123456": "AB123456",
                               "QQ123456C": "INT117", "TN010180F": "INT117", "AB12345": "INT117"}),
        ("sex", "M", {"female": "F", "1": "M", "2.0": "F", "Non-binary": "X", "unknown": None,
                      "0": None, "q": "INT118"}),
        ("text", "a", {" some  words ": "some  words", "NA": "NA", "NULL": "NULL", "None": "None",
                       "n/a": "n/a", " ": None}),
        ("code", "a", {"007": "007", "a/b": "a/b"}),
        ("surname", "Lee", {"O'Neill": "O'Neill", "--": "--"}),
        ("address", "1 High St", {"2 High St": "2 High St"}),
    ],
)  # fmt: skip
def test_payload_of_each_type(tmp_path, kind, good, read):
    assert _read(tmp_path, kind, good, list(read)) == list(read.values())


def test_a_category_takes_the_agreed_spelling(tmp_path):
    read = _read(tmp_path, "category", "theft", ["Theft", "DRUGS", "arson", ""],
                 values=["theft", "drugs"])  # fmt: skip
    assert read == ["theft", "drugs", "INT108", None]


def test_two_agreed_values_that_differ_in_case_only_stay_two(tmp_path):
    assert _read(tmp_path, "code", "a", ["A", "a"], values=["a", "A"]) == ["A", "a"]


def test_bounds_are_inclusive(tmp_path):
    said = {"at least": 10, "at most": 20}
    read = _read(tmp_path, "whole number", "15", ["10", "20", "9", "21"], **said)
    assert read == [10, 20, "INT107", "INT107"]
    read = _read(tmp_path, "number", "15", ["10.0", "20.5"], **said)
    assert read == [10.0, "INT107"]


def test_a_surname_na_is_a_surname_and_only_an_empty_cell_is_missing(tmp_path):
    of = dataset({"surname": {}, "forename": {}})
    names = ["NA", "Null", "NULL", "None", "nan", "N/A", "", '""']
    rows = "".join(f"{name},Jo\n" for name in names)
    intake = taken(written(tmp_path, "surname,forename\n" + rows), of)
    assert intake.table["surname"].to_pylist() == [
        "NA", "NULL", "NULL", "NONE", "NAN", "N A", None, None,
    ]  # fmt: skip


def test_identifiers_enter_in_their_standard_form(tmp_path):
    of = dataset({"forename": {}, "surname": {}, "address": {},
                  "pnc_id": {"is": "identifier", "type": "code"}})  # fmt: skip
    text = 'forename,surname,address,pnc_id\nMr Zoë,O’Neill-Lee,"2a King St.",95/123 x\n,-,,\n'
    first, second = taken(written(tmp_path, text), of).table.to_pylist()
    assert first == {"forename": "ZOE", "surname": "ONEILL LEE", "address": "2A KING STREET",
                     "pnc_id": "95/123X"}  # fmt: skip
    assert set(second.values()) == {None}


def test_a_reference_goes_back_as_it_came(tmp_path):
    of = dataset({"account": {"type": "code"}})
    intake = taken(written(tmp_path, "account\n Ab/01é \n"), of)
    assert intake.table["account"].to_pylist() == ["Ab/01é"]


@pytest.mark.parametrize(
    ("kind", "how", "text", "blurred"),
    [
        ("date", "month", "2024-07-19", date(2024, 7, 1)),
        ("date", "year", "2024-07-19", date(2024, 1, 1)),
        ("datetime", "hour", "2024-07-19 13:45", datetime(2024, 7, 19, 13)),
        ("datetime", "day", "2024-07-19 13:45", datetime(2024, 7, 19)),
        ("datetime", "month", "2024-07-19 13:45", datetime(2024, 7, 1)),
        ("datetime", "year", "2024-07-19 13:45", datetime(2024, 1, 1)),
        ("postcode", "sector", "LS7 4DL", "LS7 4"),
        ("postcode", "district", "LS7 4DL", "LS7"),
        ("whole number", "band of 5", "24", 20),
        ("whole number", "band of 10", "-1", -10),
        ("number", "band of 10", "39.9", 30.0),
        ("number", "band of 5", "39.9", 35.0),
    ],
)
def test_payload_is_blurred_as_agreed(tmp_path, kind, how, text, blurred):
    intake = column(tmp_path, kind, [text, ""], coarsen=how)
    if kind == "postcode":
        intake = column(tmp_path, kind, [text, ""], coarsen=how, **{"is": "payload"})
    assert intake.table["it"].to_pylist() == [blurred, None]


def test_every_agreed_coarsening_can_be_done():
    from equipoise.agree.words import COARSENINGS
    from equipoise.carry.intake.coarsen import BLURS

    assert {kind: set(how) for kind, how in BLURS.items()} == {
        kind: set(how) for kind, how in COARSENINGS.items()
    }


def test_every_type_can_be_read_and_written_one_way():
    from typing import get_args

    from equipoise.agree.words import FieldType
    from equipoise.carry.encode.standardise import STANDARDS
    from equipoise.carry.intake.convert import READERS

    assert set(READERS) == set(STANDARDS) == set(get_args(FieldType))
