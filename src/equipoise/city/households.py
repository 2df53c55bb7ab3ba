"""Who lives with whom: households of the published kinds, filled with people of fitting ages.

Exactly the number of people asked for is made; the last household is cut short if it must be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from equipoise.city.draws import Draws, Floats, Truths, Whole
from equipoise.city.tables import rates, shares

FIRST, PARTNER, CHILD, OTHER, GRANDPARENT = range(5)
"""A person's part in the household. ``OTHER`` is anybody unrelated: sharer, student, resident."""

KINDS: Final = tuple(rates("household_type"))
"""The kinds of household, in the order of their table."""

_COUPLES: Final = ("couple_older", "couple_alone", "couple_children", "couple_grown", "extended")
_SIZES: Final[dict[str, tuple[int, str]]] = {
    "couple_children": (2, "dependent_children"),
    "couple_grown": (2, "grown_children"),
    "lone_children": (1, "dependent_children"),
    "lone_grown": (1, "grown_children"),
    "sharers": (0, "sharers_size"),
    "students": (0, "students_size"),
    "extended": (3, "extended_children"),
    "hostel": (0, "hostel_size"),
    "care_home": (0, "care_home_size"),
}
"""Adults to which the table's draw is added; kinds not named have one adult, couples two."""


@dataclass(frozen=True)
class Households:
    """Households and their people. Person arrays run household by household, in order of slot."""

    kind: Whole  # per household, position in KINDS
    first: Whole  # per household, its first person; one longer than kind
    household: Whole  # per person
    slot: Whole  # per person, 0 for the first of the household
    part: Whole  # per person, FIRST and so on
    male: Truths
    age: Floats  # years on the day of the city

    def is_kind(self, *names: str) -> Truths:
        """Return for each household whether it is of one of the named kinds."""
        return np.isin(self.kind, [KINDS.index(name) for name in names])


def build_households(people: int, draws: Draws) -> Households:
    """Draw households until ``people`` people live in them."""
    kind, size = _sizes(people, draws)
    first = np.concatenate([[0], np.cumsum(size)])
    household = np.repeat(np.arange(len(kind)), size)
    slot = np.arange(people) - first[household]
    part = _parts(kind, household, slot)
    male = _sexes(kind[household], part, draws)
    unborn = np.zeros(people)
    empty = Households(kind, first, household, slot, part, male, unborn)
    return replace(empty, age=_ages(empty, draws))


def _sizes(people: int, draws: Draws) -> tuple[Whole, Whole]:
    count = int(people / 1.7) + 200
    kind = draws.choose("kind", shares(rates("household_type")), count)
    size = np.ones(count, dtype=np.int64)
    size[np.isin(kind, [KINDS.index(name) for name in _COUPLES])] = 2
    for name, (adults, table) in _SIZES.items():
        rows = np.flatnonzero(kind == KINDS.index(name))
        options = rates(table)
        drawn = draws.choose(f"size.{name}", shares(options), len(rows))
        size[rows] = adults + np.array([int(key) for key in options])[drawn]
    ends = np.cumsum(size)
    last = int(np.searchsorted(ends, people))
    size[last] -= ends[last] - people
    return kind[: last + 1], size[: last + 1]


def _is(kind: Whole, *names: str) -> Truths:
    return np.isin(kind, [KINDS.index(name) for name in names])


def _parts(kind: Whole, household: Whole, slot: Whole) -> Whole:
    of = kind[household]
    part = np.full(len(slot), OTHER, dtype=np.int64)
    couple = _is(of, *_COUPLES)
    lone = _is(of, "one_older", "one_younger", "lone_children", "lone_grown")
    part[(couple | lone) & (slot == 0)] = FIRST
    part[couple & (slot == 1)] = PARTNER
    part[(couple & (slot >= 2)) | (lone & (slot >= 1))] = CHILD
    part[_is(of, "extended") & (slot == 2)] = GRANDPARENT
    return part


def _sexes(of: Whole, part: Whole, draws: Draws) -> Truths:
    family = rates("families")
    chance = np.full(len(of), 0.49)
    chance[_is(of, "one_older")] = 0.33
    chance[_is(of, "one_younger")] = 0.60
    chance[_is(of, "sharers")] = 0.55
    chance[_is(of, "care_home")] = 0.30
    chance[_is(of, "hostel")] = 0.72
    chance[_is(of, "lone_children", "lone_grown") & (part == FIRST)] = 1 - family["lone_mother"]
    chance[part == GRANDPARENT] = 0.35
    chance[part == CHILD] = 0.512
    chance[(part == CHILD) & _is(of, "couple_grown", "lone_grown")] = 0.57
    male = draws.happens("male", chance, len(of))
    partners = np.flatnonzero(part == PARTNER)
    alike = draws.happens("one sex", family["one_sex_couple"], len(partners))
    male[partners] = np.where(alike, male[partners - 1], ~male[partners - 1])
    return male


def _ages(of: Households, draws: Draws) -> Floats:
    """Ages from the eldest child up to the mother, from her to her husband, and down again."""
    kind, household, part, male = of.kind, of.household, of.part, of.male
    eldest = _eldest(kind, draws)
    anchor = _anchors(kind, eldest, draws)
    family = rates("families")
    gap = draws.bell(
        "husband", family["husband_older_mean"], family["husband_older_spread"], len(kind)
    )
    age = anchor[household]
    first_is_husband = (part == FIRST) & male & _is(kind[household], *_COUPLES)
    second_is_husband = (part == PARTNER) & male
    husband = first_is_husband | second_is_husband
    with_children = _is(kind, "couple_children", "couple_grown", "extended")
    least = np.where(with_children, eldest + rates("motherhood")["youngest"], 18.0)
    least = np.maximum(least, 18.0)[household]
    grown_up = np.maximum(age + gap[household], least)
    age = np.where(husband, grown_up, age)
    both_over = _is(kind[household], "couple_older") & husband
    age = np.where(both_over, np.maximum(age, 66.05), age)
    second = np.flatnonzero(part == PARTNER)
    alike = second[male[second] == male[second - 1]]
    age[alike] = np.maximum(age[alike] + draws.bell("alike", 0, 3.5, len(alike)), least[alike])
    # An elder of an extended family is the mother's mother or father.
    elder = draws.bell("elder", 27.5, 4.0, len(kind))[household]
    age = np.where(part == GRANDPARENT, age + np.clip(elder, 18, 40), age)
    own = part == OTHER
    age[own] = _own_ages(kind[household[own]], draws)
    children = np.flatnonzero(part == CHILD)
    age[children] = _children(of, children, eldest, draws)
    return np.clip(age, 0.01, 103.0)


def _eldest(kind: Whole, draws: Draws) -> Floats:
    bands = rates("eldest_child_age")
    dependent = draws.in_bands("eldest.dependent", bands["dependent"], len(kind))
    grown = draws.in_bands("eldest.grown", bands["grown"], len(kind))
    return np.where(_is(kind, "couple_grown", "lone_grown"), grown, dependent)


def _anchors(kind: Whole, eldest: Floats, draws: Draws) -> Floats:
    """Return the age of each household's first adult, or of its wife or mother."""
    bands: dict[str, Any] = rates("first_adult_age")
    anchor = np.zeros(len(kind))
    for name, table in bands.items():
        rows = np.flatnonzero(kind == KINDS.index(name))
        anchor[rows] = draws.in_bands(f"anchor.{name}", table, len(rows))
    mother = rates("motherhood")
    at_birth = draws.bell(
        "at birth", mother["first_birth_mean"], mother["first_birth_spread"], len(kind)
    )
    parents = _is(
        kind, "couple_children", "couple_grown", "lone_children", "lone_grown", "extended"
    )
    at_birth = np.clip(at_birth, mother["youngest"], mother["oldest"])
    return np.where(parents, eldest + at_birth, anchor)


def _own_ages(kind: Whole, draws: Draws) -> Floats:
    """Ages of unrelated people: each for themselves, from the bands of their household's kind."""
    age = np.zeros(len(kind))
    bands: dict[str, Any] = rates("first_adult_age")
    for name in ("sharers", "students", "hostel", "care_home"):
        rows = np.flatnonzero(kind == KINDS.index(name))
        age[rows] = draws.in_bands(f"own.{name}", bands[name], len(rows))
    return age


def _children(of: Households, children: Whole, eldest: Floats, draws: Draws) -> Floats:
    """Ages of children: the eldest as drawn, then each younger by a gap, or a twin."""
    mother, twins = rates("motherhood"), rates("families")["twins"]
    kind, household, count = of.kind, of.household, len(children)
    gap = draws.between("gap", mother["gap_least"], mother["gap_most"], count)
    twin = draws.happens("twins", twins, count)
    lead = _is(kind, "couple_children", "couple_grown") * 2 + _is(kind, "extended") * 3
    lead = lead + _is(kind, "lone_children", "lone_grown") * 1
    order: NDArray[np.int64] = of.slot[children] - lead[household[children]]
    age = eldest[household[children]].copy()
    spare = draws.uniform("late child", count)
    for nth in range(1, int(order.max(initial=0)) + 1):
        rows = np.flatnonzero(order == nth)
        before = age[rows - 1]
        younger = before - gap[rows]
        younger = np.where(younger < 0, before * spare[rows], younger)
        grown = _is(kind[household[children[rows]]], "couple_grown", "lone_grown")
        younger = np.where(grown, np.maximum(younger, np.minimum(before, 18.2)), younger)
        age[rows] = np.where(twin[rows], before, younger)
    return age
