"""What tables judge by in one workshop: which of the catalogue's lists, and what was added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from equipoise.errors import Problem
from equipoise.weigh.catalogue import Catalogue, Group, Item
from equipoise.weigh.workshop.plan import Plan

JUDGED_BY: Final[tuple[Group, ...]] = ("criteria", "risk criteria", "factors")
"""The lists that a facilitator may shorten and add to: of benefit, of risk, of acceptability."""
MOST_OWN: Final = 10
"""Criteria that a facilitator may add to one list: a table reads it aloud."""
_LETTERS: Final = (2, 200)

Lists = Mapping[str, tuple[str, ...]]
"""List -> ids of the catalogue, or words of one's own."""


def offered(plan: Plan, items: Catalogue) -> Catalogue:
    """Return the catalogue as it is offered in a workshop: the lists to judge by as planned."""
    if not plan.criteria and not plan.own_criteria:
        return items
    kept = [
        item
        for item in items.items
        if item.group not in plan.criteria or item.id in plan.criteria[item.group]
    ]
    return Catalogue(version=items.version, items=(*kept, *_own(plan)))


def _own(plan: Plan) -> Iterator[Item]:
    for at, group in enumerate(JUDGED_BY):
        for number, words in enumerate(plan.own_criteria.get(group, ()), 1):
            yield Item(
                id=f"own-{'brf'[at]}{number}",
                group=group,
                words=words,
                place="exercise:rank by benefit",
                source=f"the plan of the workshop {plan.id}",
            )


def faults_of_criteria(criteria: Lists, own: Lists, items: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with the lists to judge by (WGH183, WGH184), each at its list."""
    for group in JUDGED_BY:
        known = {item.id for item in items.of(group)}
        if not known.issuperset(criteria.get(group, ())):
            yield Problem(
                "WGH183",
                f"something chosen is not one of the {group} of the catalogue",
                next="choose from the list, or add it in your own words",
                clause=group,
            )
        if not criteria.get(group, tuple(known)) and not own.get(group):
            yield Problem(
                "WGH183",
                f"nothing is left of the {group} to judge by",
                why="a table begins from a list, and agrees on what of it counts",
                next="choose one at least, or add one in your own words",
                clause=group,
            )
        yield from _faults_of_own(group, own.get(group, ()), items)


def _faults_of_own(group: Group, own: tuple[str, ...], items: Catalogue) -> Iterator[Problem]:
    least, most = _LETTERS
    folded = [words.casefold() for words in own]
    there = {item.words.casefold().rstrip(".") for item in items.of(group)}
    if (
        len(own) > MOST_OWN
        or len(set(folded)) < len(own)
        or there & {words.rstrip(".") for words in folded}
        or any(not least <= len(words.strip()) <= most for words in own)
    ):
        yield Problem(
            "WGH184",
            f"what you add to the {group} must differ from each other and from the list",
            why=f"there is room for {MOST_OWN}, each of {least} to {most} letters",
            clause=f"own {group}",
        )
