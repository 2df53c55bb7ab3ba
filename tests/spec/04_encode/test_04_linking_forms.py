"""Chapter 4, linking: how a value is written before it is compared by degree.

A dirty value is still evidence. So, other than for exact tokens, a value that is not of its kind
keeps what can be read of it; only what says that nothing is known is missing.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.agree.words import FieldType
from equipoise.carry.encode.datetexts import order_of, standard_dates
from equipoise.carry.encode.features import standard_form
from equipoise.carry.encode.kinds import KINDS, Kind, kind_of

FORMS: list[tuple[Kind, str, str | None]] = [
    ("surname", "O’Neill", "ONEILL"),
    ("surname", "O Neill", "ONEILL"),
    ("surname", "Mc Donald", "MCDONALD"),
    ("surname", "van der Berg", "VANDERBERG"),
    ("surname", "Smith-Jones", "SMITH JONES"),
    ("surname", "Núñez", "NUNEZ"),
    ("surname", "Mr Smith Jr", "SMITH"),
    ("surname", "Lord", "LORD"),
    ("surname", "山田", "山田"),
    ("surname", "रीमा", "रीमा"),
    ("surname", "Иванов", "ИВАНОВ"),
    ("surname", "Sm1th", "SM1TH"),
    ("surname", "???", None),
    ("surname", " not known ", None),
    ("forename", "Rebecca M.", "REBECCA"),
    ("forename", "J. R.", "J R"),
    ("forename", "Dr. Mary Ann", "MARY ANN"),
    ("name", "Smith, John", "JOHN SMITH"),
    ("postcode", "ls1 4ab", "LS1 4AB"),
    ("postcode", "LS14AB", "LS1 4AB"),
    ("postcode", "SW1AOAA", "SW1A 0AA"),
    ("postcode", "ls1", "LS1"),
    ("postcode", "LS7 4", "LS7 4"),
    ("postcode", "3042", "3042"),
    ("postcode", "02139-1234", "02139"),
    ("postcode", "zz99 3vz", None),
    ("sex", "Female", "F"),
    ("sex", "2", "F"),
    ("sex", "unknown", None),
    ("sex", "0", None),
    ("phone", "+44 7700 900123", "700900123"),
    ("phone", "07700 900123", "700900123"),
    ("number", "091-50-8826", "91508826"),
    ("number", "91508826.0", "91508826"),
    ("number", "000", None),
    ("nhs number", "943 476 5919", "9434765919"),
    ("nhs number", "943 476 5910", "9434765910"),
    ("nino", "AB 12 34 56 C", "AB123456"),
    ("email", "Ann.B+news@Example.org", "ann.b@example.org"),
    ("address", "Flat 2, 14 King St., LS1 4AB", "FLAT 2 14 KING STREET"),
    ("address", "8, Kings Rd", "8 KINGS ROAD"),
    ("address", "12 a Mill Ln", "12A MILL LANE"),
    ("address", "Smith-Jones House", "SMITH JONES HOUSE"),
    ("organisation", "Acme Stores Ltd", "ACME STORES"),
    ("organisation", "The Co", "THE CO"),
    ("year", "85", "1985"),
    ("year", "03/04/1985", "1985"),
    ("category", "White  British", "WHITE BRITISH"),
]
DATES = [
    ("1985-02-01", "1985-02-01"),
    ("01/02/1985", "1985-02-01"),
    ("1.2.85", "1985-02-01"),
    ("03 March 1989", "1989-03-03"),
    ("02-Jan-88", "1988-01-02"),
    ("3rd of May 1999", "1999-05-03"),
    ("May 3, 1999", "1999-05-03"),
    ("19850201", "1985-02-01"),
    ("01021985", "1985-02-01"),
    ("31079", "1985-02-01"),
    ("85-02-01", "1985-02-01"),
    ("1985-02-01T12:30:00Z", "1985-02-01"),
    ("02/1985", "1985-02-00"),
    ("1985", "1985-00-00"),
    ("30/02/1980", "1980-02-30"),
    ("19581399", "1958-13-99"),
    ("-0050-01-0", "-0050-01-0"),
    ("0000-00-00", None),
    ("unknown", None),
]


@pytest.mark.parametrize(("kind", "value", "form"), FORMS)
def test_a_value_is_written_one_way(kind: Kind, value: str, form: str | None) -> None:
    assert standard_form(pa.array([value]), kind).to_pylist() == [form]


@pytest.mark.parametrize(("value", "form"), DATES)
def test_a_date_is_read_in_whatever_form(value: str, form: str | None) -> None:
    assert standard_form(pa.array([value]), "date").to_pylist() == [form]


def test_a_column_shows_whether_the_month_comes_first() -> None:
    american = pa.array(["04/05/1933", "12/25/1990", "05/31/1994", "05242019"])
    assert order_of(american) == "month first"
    assert standard_dates(american).to_pylist() == [
        "1933-04-05",
        "1990-12-25",
        "1994-05-31",
        "2019-05-24",
    ]
    british = pa.array(["04/05/1933", "25/12/1990", "31/05/1994"])
    assert standard_dates(british).to_pylist()[0] == "1933-05-04"


def test_one_slip_does_not_turn_the_whole_column() -> None:
    mixed = pa.array(["25/12/1990", "31/05/1994", "05/31/1994"])
    assert standard_dates(mixed).to_pylist()[2] == "1994-05-31"


def test_columns_of_other_types_are_written_too() -> None:
    born = dt.date(1985, 2, 1)
    assert standard_form(pa.array([born]), "date").to_pylist() == ["1985-02-01"]
    moment = pa.array([dt.datetime(1985, 2, 1, 10)])
    assert standard_form(moment, "date").to_pylist() == ["1985-02-01"]
    assert standard_form(pa.array([3042]), "postcode").to_pylist() == ["3042"]
    assert standard_form(pa.array([3042.0, None]), "number").to_pylist() == ["3042", None]
    assert standard_form(pa.array([True, None]), "category").to_pylist() == ["YES", None]


@pytest.mark.parametrize("kind", list(KINDS))
@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(
        st.none()
        | st.text(max_size=24)
        | st.text("abcdeAEMRZ0123456789 -/.,'’@+áßİ", max_size=24)
        | st.sampled_from(["Mr de la Cruz Jr", "12 a st", "ST ST", "1/13/85", "٣", "ǅ", "ﬁ"]),
        max_size=6,
    )
)
def test_the_form_of_a_form_is_itself(kind: Kind, values: list[str | None]) -> None:
    once = standard_form(pa.array(values, pa.string()), kind)
    assert len(once) == len(values)
    assert standard_form(once, kind).to_pylist() == once.to_pylist()
    assert "" not in once.to_pylist()


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(categories=["Lo"]), min_size=1, max_size=8))
def test_a_name_in_another_script_is_never_lost(name: str) -> None:
    kinds: tuple[Kind, ...] = ("forename", "surname", "name", "place", "text")
    for kind in kinds:
        assert standard_form(pa.array([name]), kind).to_pylist() != [None]


def test_every_type_of_field_of_an_agreement_has_a_kind() -> None:
    from typing import get_args

    assert {kind_of(each) for each in get_args(FieldType)} <= set(KINDS)
    assert kind_of("date") == kind_of("datetime") == "date"
