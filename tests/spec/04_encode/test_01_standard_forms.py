"""What two bodies write differently and mean alike is written one way."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest

from equipoise.carry.encode import standardise
from equipoise.carry.encode.transforms import part_text


def _token_text(kind, texts, part=None):
    return part_text(standardise(pa.array(texts), kind), kind, part).to_pylist()


@pytest.mark.parametrize(
    ("kind", "alike"),
    [
        ("surname", ["O'Neill", "O’Neill", "O Neill", "ONEILL", " o'neill ", "O'NEILL."]),
        ("surname", ["Smith-Jones", "Smith Jones", "SMITHJONES", "smith - jones"]),
        ("surname", ["Mac Donald", "MacDonald", "MACDONALD", "Mac-Donald"]),
        ("surname", ["St. John", "St John", "StJohn"]),
        ("surname", ["Mrs Lee", "Lee", "Dr. Lee MBE", "LEE Jnr", "Prof Dr Lee"]),
        ("surname", ["Müller", "MULLER", "Mu\u0308ller"]),
        ("surname", ["Straße", "STRASSE"]),
        ("surname", ["Ångström-Øst", "Angstrom Ost"]),
        ("forename", ["Zoë", "ZOE", "Zoe"]),
        ("forename", ["Mary-Ann", "Mary Ann", "Maryann", "Miss Mary Ann"]),
        ("forename", ["Siân", "SIAN"]),
        ("forename", ["Rebecca M", "Rebecca M.", "REBECCA M J", "Rebecca"]),
        ("forename", ["Mary Ann T", "Mary-Ann"]),
        ("sex", ["F", "female", "2", "Woman", " f "]),
        ("postcode", ["LS7 4DL", "ls74dl", "LS 7 4 DL", "LS7-4DL"]),
        ("postcode", ["M1 0AA", "M1 OAA"]),
        ("address", ["Flat 2, 14 King St.", "FLAT 2 14 KING STREET", "Apt 2 14 King St"]),
        ("address", ["12 A High Road", "12a High Rd", "12A, High Road, LS7 4DL"]),
        ("address", ["St John's Rd", "ST JOHNS ROAD"]),
        ("uprn", ["100021066689", "000100021066689"[3:], "100021066689.0", "1000 2106 6689"]),
        ("nhs number", ["943 476 5919", "943-476-5919", "9434765919"]),
        ("nino", ["AB 12 34 56 C", "ab123456c", "AB123456", "AB-12-34-56-D"]),
        ("code", ["95/123 x", "95/123X"]),
        ("text", ["Some  thing", "SOME THING", " some thing"]),
        ("number", ["1.50", "1.5", "1.500"]),
        ("whole number", ["100", "100.0"]),
        ("yes/no", ["yes", "YES"]),
    ],
)
def test_these_are_one(kind, alike):
    assert len(set(_token_text(kind, alike))) == 1
    assert None not in _token_text(kind, alike)


@pytest.mark.parametrize(
    ("kind", "different"),
    [
        ("surname", ["Neill", "O'Neill"]),
        ("surname", ["NA", "Null", "None"]),
        ("surname", ["MRS", "Lee"]),
        ("surname", ["王", "李"]),
        ("forename", ["J R", "J", "R J"]),
        ("forename", ["Mary Ann", "Mary"]),
        ("code", ["12/345", "1/2345"]),
        ("postcode", ["LS7 4DL", "LS74 4DL"]),
        ("address", ["2 14 King Street", "214 King Street x"]),
        ("number", ["10", "100", "1"]),
    ],
)
def test_these_stay_apart(kind, different):
    assert len(set(_token_text(kind, different))) == len(different)


@pytest.mark.parametrize(
    ("kind", "none"),
    [
        ("surname", ["", "-", "?", "123", " "]),
        ("sex", ["", "unknown", "0", "not stated", "sideways"]),
        ("postcode", ["", "LS7", "LS7 4D", "ZZ99 3VZ", "4DL LS7"]),
        ("uprn", ["", "0", "1234567890123", "12a"]),
        ("nhs number", ["", "9434765918", "943476591", "0000000000", "1111111111", "ABCDEFGHIJ"]),
        ("nino", ["", "QQ123456C", "BG123456A", "TN010180F", "AO123456A", "AB12345C", "AB123456E"]),
        ("date", ["", "1980-02-30", "3/4/1980"]),
        ("code", ["", " "]),
    ],
)
def test_these_can_be_nothing_of_the_kind(kind, none):
    assert set(_token_text(kind, none)) == {None}


@pytest.mark.parametrize(
    "number", ["9434765919", "4010232137", "9999999468", "8888888804", "2983396339"]
)
def test_nhs_numbers_whose_check_digit_holds(number):
    digits = [int(figure) for figure in number]
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits)) % 11  # noqa: B905
    if check % 11 == digits[9]:
        assert _token_text("nhs number", [number]) == [number]
    else:
        assert _token_text("nhs number", [number]) == [None]


def test_dates_moments_and_yes_or_no_may_come_typed():
    assert _token_text("date", [date(1980, 4, 3)]) == ["1980-04-03"]
    assert _token_text("date", [datetime(1980, 4, 3, 5)]) == ["1980-04-03"]
    assert _token_text("datetime", [datetime(1980, 4, 3, 5)]) == ["1980-04-03T05:00:00"]
    assert _token_text("datetime", ["1980-04-03T05:00:00"]) == ["1980-04-03T05:00:00"]
    assert _token_text("yes/no", [True, False, None]) == ["yes", "no", None]
    assert _token_text("whole number", [7, None]) == ["7", None]
