"""Which rows are about one home: addresses, and the traps in them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from identity_registers import token

from equipoise.carry.identity.dwellings import PLACES, dwellings


def homes(*lines: str) -> list[int]:
    """Place rows written as ``person uprn building flat``; return a number for each home, -1 for
    none."""
    words = [line.split() for line in lines]
    columns = {
        "person": [int(row[0]) for row in words],
        **{n: [token(row[k]) for row in words] for k, n in enumerate(PLACES.names[1:], 1)},
    }
    found = dwellings(pa.table(columns, schema=PLACES)).to_pylist()
    seen: dict[bytes, int] = {}
    return [-1 if each is None else seen.setdefault(each, len(seen)) for each in found]


def test_people_of_one_uprn_share_a_home() -> None:
    assert homes("0 u1 b1 -", "1 u1 b1 -", "2 u2 b2 -") == [0, 0, 1]


def test_flats_of_one_building_are_homes_of_their_own() -> None:
    assert homes("0 - b1 f1", "1 - b1 f2", "2 - b1 f1") == [0, 1, 0]


def test_a_row_with_an_address_only_finds_the_home_that_another_row_numbers() -> None:
    assert homes("0 u1 b1 -", "1 - b1 -") == [0, 0]
    assert homes("0 u1 b1 f1", "1 - b1 f1", "2 u2 b1 f2") == [0, 0, 1]


def test_one_address_written_two_ways_is_one_home_by_its_uprn() -> None:
    assert homes("0 u1 b1 -", "1 u1 b2 -", "2 - b2 -", "3 - b1 -") == [0, 0, 0, 0]


def test_a_building_s_own_uprn_joins_no_flats() -> None:
    """Every flat was given the number of the shell: the flats tell the homes apart."""
    assert homes("0 u9 b1 f1", "1 u9 b1 f2", "2 u9 b1 f3", "3 u9 b1 f1") == [0, 1, 2, 0]


def test_a_row_that_names_the_building_and_no_flat_is_placed_in_none() -> None:
    assert homes("0 u9 b1 f1", "1 u9 b1 f2", "2 u9 b1 -") == [0, 1, -1]
    assert homes("0 - b1 f1", "1 - b1 f2", "2 - b1 -") == [0, 1, -1]
    assert homes("0 u1 b1 -", "1 u2 b1 -", "2 - b1 -") == [0, 1, -1]


def test_one_flat_written_two_ways_by_one_person_is_one_home() -> None:
    """``Flat 2, 10 King Road`` and ``10B King Road`` bear one UPRN, and somebody is on both."""
    assert homes("0 u1 b1 f1", "0 u1 b2 f2", "1 u1 b2 f2") == [0, 0, 0]
    assert homes("0 u1 b1 f1", "1 u1 b2 f2") == [0, 1], "nobody on both: two flats of a shell"


def test_a_home_without_uprn_is_known_by_number_and_postcode() -> None:
    assert homes("0 - b1 -", "1 - b1 -", "2 - b2 -") == [0, 0, 1]


def test_a_row_without_any_address_is_placed_nowhere() -> None:
    assert homes("0 - - -", "1 u1 - -") == [-1, 0]
    assert homes() == []


@pytest.mark.parametrize("turn", range(3))
def test_a_home_has_the_same_value_in_the_next_delivery(turn: int) -> None:
    """Whoever lives there, and in whatever order the rows come."""
    lines = ["0 u1 b1 -", "1 u1 b1 -", "2 - b7 f7"]
    order = lines[turn:] + lines[:turn]
    rows = [line.split() for line in order]
    columns = {
        "person": [9 - int(row[0]) for row in rows],
        **{n: [token(row[k]) for row in rows] for k, n in enumerate(PLACES.names[1:], 1)},
    }
    found = dwellings(pa.table(columns, schema=PLACES)).to_pylist()
    assert dict(zip(order, found, strict=True)) == {
        "0 u1 b1 -": token("u1"), "1 u1 b1 -": token("u1"), "2 - b7 f7": token("f7"),
    }  # fmt: skip
