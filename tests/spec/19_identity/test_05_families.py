"""Families by declared relations: two generations, at a moment, whatever the address."""

from __future__ import annotations

import pyarrow as pa
import pytest
from identity_registers import day

from equipoise.carry.identity.families import RELATIONS, families, related
from equipoise.errors import DataRefused


def declared(*lines: tuple[object, ...]) -> pa.Table:
    """Relations written as (person, relation, other) and, if need be, from and to."""
    rows = [(*line, None, None)[:5] for line in lines]
    return pa.table(
        [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 5,
        schema=RELATIONS,
    )


def found(relations: pa.Table, on: int = 0) -> set[frozenset[tuple[int, str]]]:
    members: dict[int, set[tuple[int, str]]] = {}
    for row in families(relations, day(on)).to_pylist():
        members.setdefault(row["family"], set()).add((row["person"], row["part"][0]))
    return {frozenset(each) for each in members.values()}


def test_partners_and_their_children_are_a_family() -> None:
    told = declared((0, "partner of", 1), (0, "parent of", 2), (3, "child of", 1))
    assert found(told) == {frozenset({(0, "a"), (1, "a"), (2, "c"), (3, "c")})}


def test_a_lone_parent_and_a_guardian_have_families() -> None:
    told = declared((0, "parent of", 1), (5, "guardian of", 6))
    assert found(told) == {frozenset({(0, "a"), (1, "c")}), frozenset({(5, "a"), (6, "c")})}


def test_a_child_of_separated_parents_is_in_the_family_of_each() -> None:
    told = declared((0, "parent of", 2), (1, "parent of", 2))
    assert found(told) == {frozenset({(0, "a"), (2, "c")}), frozenset({(1, "a"), (2, "c")})}


def test_whoever_has_a_partner_or_child_begins_a_family() -> None:
    """Four generations are three families, not a clan."""
    told = declared((0, "parent of", 1), (1, "parent of", 2), (2, "parent of", 3))
    assert found(told) == {
        frozenset({(0, "a")}),
        frozenset({(1, "a")}),
        frozenset({(2, "a"), (3, "c")}),
    }


def test_relations_hold_from_when_until_when() -> None:
    told = declared(
        (0, "partner of", 1, None, day(100)),
        (0, "partner of", 2, day(200), None),
        (0, "parent of", 9),
    )
    assert found(told, 50) == {frozenset({(0, "a"), (1, "a"), (9, "c")})}
    assert found(told, 150) == {frozenset({(0, "a"), (9, "c")})}
    assert found(told, 250) == {frozenset({(0, "a"), (2, "a"), (9, "c")})}
    assert len(related(told, day(150))[0]) == 1


def test_nobody_declared_is_in_no_family() -> None:
    assert found(declared()) == set()


def test_words_that_are_not_known_and_people_related_to_themselves_are_refused() -> None:
    with pytest.raises(DataRefused) as refused:
        families(declared((0, "friend of", 1), (2, "parent of", 2)), day(0))
    assert [problem.code for problem in refused.value.problems] == ["IDR040", "IDR041"]
