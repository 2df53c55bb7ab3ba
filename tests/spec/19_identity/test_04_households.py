"""Who lives together, which places are no households, and which household is which a year later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from identity_registers import day, drawing, token

from equipoise.carry.identity.households import (
    Households,
    carry_on,
    merged_people,
    no_households,
    residents,
)

NOBODY = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def living(homes: Mapping[str, Sequence[int]], **more: object) -> tuple[pa.Table, list[bytes]]:
    """Place people: home -> people."""
    lines = [(person, home) for home, people in homes.items() for person in people]
    table, communal = residents(
        np.array([person for person, _ in lines], np.int64),
        pa.array([token(home) for _, home in lines], pa.binary(16)),
        np.zeros(len(lines), np.int64),
        **more,  # type: ignore[arg-type]
    )
    return table, communal.to_pylist()


def groups(table: pa.Table) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for row in table.to_pylist():
        found.setdefault(row["group"], set()).add(row["person"])
    return {frozenset(group) for group in found.values()}


def through(*moments: Mapping[str, Sequence[int]]) -> Households:
    """Take one year after another in."""
    households = no_households()
    for year, homes in enumerate(moments):
        table, _ = living(homes)
        households, _ = carry_on(households, table, at=day(365 * year), draw=drawing(year))
    return households


def who(households: Households, year: int) -> dict[int, set[int]]:
    """Household -> its people, in a year."""
    found: dict[int, set[int]] = {}
    for row in households.at(day(365 * year)).to_pylist():
        found.setdefault(row["household"], set()).add(row["person"])
    return found


def test_the_people_of_one_home_are_a_household() -> None:
    table, communal = living({"h1": [0, 1], "h2": [2]})
    assert groups(table) == {frozenset({0, 1}), frozenset({2})}
    assert communal == []


def test_a_home_with_many_unrelated_people_is_communal() -> None:
    table, communal = living({"hostel": range(7), "home": [7, 8]})
    assert groups(table) == {frozenset({7, 8})}
    assert communal == [token("hostel")]


def test_related_people_count_as_one() -> None:
    """A large family of nine is a household; nine strangers, or four and five of them, are not."""
    children = (np.zeros(8, np.int64), np.arange(1, 9))
    table, _ = living({"home": range(9)}, related=children)
    assert groups(table) == {frozenset(range(9))}
    table, communal = living({"home": range(9)}, related=NOBODY)
    assert communal == [token("home")]
    elsewhere = (np.zeros(1, np.int64), np.array([50]))
    assert living({"home": range(7)}, related=elsewhere)[1] == [token("home")]


def test_a_place_on_the_list_is_communal_whoever_lives_there() -> None:
    """A warden alone in a prison's address is no household."""
    listed = pa.array([token("prison")], pa.binary(16))
    table, communal = living({"prison": [0], "home": [1]}, communal=listed)
    assert groups(table) == {frozenset({1})}
    assert communal == [token("prison")]


def test_somebody_said_to_be_in_two_homes_is_in_the_newer() -> None:
    home = pa.array([token("old"), token("new"), token("new")], pa.binary(16))
    table, _ = residents(np.array([0, 0, 1]), home, np.array([1, 2, 1]))
    assert groups(table) == {frozenset({0, 1})}


def test_somebody_said_to_be_in_two_homes_at_once_is_where_more_files_say() -> None:
    home = pa.array([token(h) for h in ("a", "b", "b", "a")], pa.binary(16))
    table, _ = residents(np.array([0, 0, 0, 1]), home, np.array([5, 5, 5, 5]))
    assert groups(table) == {frozenset({0}), frozenset({1})}
    table, _ = residents(np.array([0, 0]), home.slice(0, 2), np.array([5, 5]))
    assert groups(table) == set(), "as many say one as the other: nobody is guessed at"


def test_a_household_keeps_its_identifier_as_long_as_it_lasts() -> None:
    households = through({"h1": [0, 1], "h2": [2]}, {"h1": [0, 1], "h2": [2]})
    assert who(households, 0) == who(households, 1) == {0: {0, 1}, 1: {2}}
    assert households.members["valid_to"].null_count == 3


def test_a_household_that_moves_together_keeps_its_identifier() -> None:
    households = through({"h1": [0, 1], "h2": [2]}, {"h9": [0, 1], "h1": [2]})
    assert who(households, 1) == {0: {0, 1}, 1: {2}}


def test_a_birth_and_a_death_leave_the_household_what_it_was() -> None:
    households = through({"h1": [0, 1]}, {"h1": [0, 1, 5]}, {"h1": [1, 5]})
    assert [who(households, year) for year in range(3)] == [
        {0: {0, 1}},
        {0: {0, 1, 5}},
        {0: {1, 5}},
    ]


def test_the_larger_part_keeps_the_identifier_when_a_household_parts() -> None:
    """Three move out together and one stays: the three are the household."""
    households = through({"h1": [0, 1, 2, 3]}, {"h1": [0], "h2": [1, 2, 3]})
    assert who(households, 1) == {0: {1, 2, 3}, 1: {0}}


def test_of_equal_parts_the_one_that_stays_keeps_the_identifier() -> None:
    households = through({"h1": [0, 1]}, {"h1": [1], "h2": [0]})
    assert who(households, 1) == {0: {1}, 1: {0}}


def test_of_equal_parts_that_both_left_the_one_with_the_longest_known_person_keeps_it() -> None:
    households = through({"h1": [3, 4]}, {"h2": [4], "h3": [3]})
    assert who(households, 1) == {0: {3}, 1: {4}}


def test_two_households_that_become_one_leave_one_identifier() -> None:
    """That of the one from which most people come; of equals, that of the home."""
    households = through({"h1": [0], "h2": [1, 2]}, {"h1": [0, 1, 2]})
    assert who(households, 1) == {1: {0, 1, 2}}
    assert households.households["ended"].to_pylist() == [day(365), None]
    households = through({"h1": [0], "h2": [1]}, {"h2": [0, 1]})
    assert who(households, 1) == {1: {0, 1}}


def test_a_home_passes_no_identifier_on_to_those_who_move_in() -> None:
    households = through({"h1": [0, 1]}, {"h1": [7, 8], "h2": [0, 1]})
    assert who(households, 1) == {0: {0, 1}, 1: {7, 8}}


def test_an_ended_household_s_identifier_is_never_given_again() -> None:
    households = through({"h1": [0]}, {}, {"h1": [0]})
    assert who(households, 1) == {}
    assert who(households, 2) == {1: {0}}
    identifiers = households.households["identifier"].to_pylist()
    assert len(set(identifiers)) == 2


def test_membership_carries_its_validity_in_time() -> None:
    households = through({"h1": [0, 1]}, {"h1": [0], "h2": [1]}, {"h1": [0, 1]})
    told = households.members.select(["household", "person", "valid_from", "valid_to"]).to_pylist()
    rows = [tuple(row.values()) for row in told]
    assert (0, 0, day(0), None) in rows
    assert (0, 1, day(0), day(365)) in rows
    assert (1, 1, day(365), day(730)) in rows
    assert (0, 1, day(730), None) in rows


def test_people_who_turn_out_to_be_one_are_renamed_in_their_household() -> None:
    households = through({"h1": [0, 1]})
    assert who(merged_people(households, np.array([0, 0])), 0) == {0: {0}}
