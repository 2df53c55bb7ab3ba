"""Which answers a change of the draft makes stale: by clause, by item, by question.

The catalogue says which clauses each item lives in, and the questions which items they rest on. A
change of a clause therefore names the items it touches, and through them the answers. Words alone
make nothing stale, and a change that touches no item asks everybody's view anew: nothing is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from equipoise.agree.changes import Change, compare
from equipoise.agree.document import Agreement
from equipoise.weigh.assess.assessment import Assessment
from equipoise.weigh.assess.sheet import Part, Sheet
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.questions import Questions, questions

ALSO: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "parties": ("A6", "X1", "R15", "R17"),
        "purpose": ("A1", "A2", "A3", "X2", "R18"),
        "gateway": ("X1", "R16"),
        "datasets": ("A4", "A5", "X7", "R02", "R09"),
        "linkage": ("X5", "R02", "R05"),
        "uses": ("A1", "R01", "R05", "X4"),
        "outputs": ("X5", "R02", "K1"),
        "releases": ("A6", "X4", "R01", "R15", "R02"),
        "reveal": ("X3", "R02", "R04"),
        "prohibitions": ("X4", "R01", "R13"),
        "onward": ("X4", "R01", "R13"),
        "retention": ("X4", "R17"),
        "safeguards": ("X5", "A7", "R17"),
        "public": ("X6", "R12"),
        "on breach": ("A7", "R17"),
        "starts": ("A1",),
        "ends": ("X4", "R17"),
        "review": ("X6", "A7"),
    }
)
"""First key of a clause -> what else hangs on it, besides the places that the catalogue names."""


class Stale(Part):
    """What one change touches: the change in words, and the names of what rests on it."""

    clause: str
    sentence: str
    weight: str
    items: tuple[str, ...]
    questions: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """Return every item and question that the change touches."""
        return frozenset((*self.items, *self.questions))


def stale(
    old: Agreement, new: Agreement, items: Catalogue, asked: Questions | None = None
) -> tuple[Stale, ...]:
    """Return every change between two drafts with the answers it makes stale.

    A change of words alone is told and touches nothing. What the clause ``weighing`` says is not
    part of what is weighed.
    """
    changes = [each for each in compare(old, new) if not each.clause.startswith("weighing")]
    return tuple(_touched(change, items, asked) for change in changes)


def _touched(change: Change, items: Catalogue, asked: Questions | None = None) -> Stale:
    pool = questions() if asked is None else asked
    names = () if change.weight == "wording" else tuple(_items(change.clause, items))
    drawn = tuple(key for key, each in pool.items() if set(each.draws) & set(names))
    return Stale(
        clause=change.clause,
        sentence=change.sentence,
        weight=change.weight,
        items=names,
        questions=drawn,
    )


def _items(clause: str, items: Catalogue) -> Iterator[str]:
    """Yield the items that live in a clause, around it or below it."""
    first = clause.partition(".")[0]
    told = {*ALSO.get(first, ())}
    for item in items.items:
        if item.id in told or any(_meets(place, clause) for place in item.places):
            yield item.id


def _meets(place: str, clause: str) -> bool:
    kind, _, pattern = place.partition(":")
    if kind != "clause":
        return False
    steps, at = pattern.partition("=")[0].split("."), clause.split(".")
    # A list has no '*' of its own in the catalogue where the whole list is meant.
    return all(step in ("*", here) for step, here in zip(steps, at, strict=False))


def touched(changes: Iterable[Stale]) -> frozenset[str]:
    """Return every item and question that must be answered anew."""
    return frozenset(name for change in changes for name in change.names)


def stale_answers(sheet: Sheet, names: frozenset[str]) -> tuple[str, ...]:
    """Return which of a rater's answers are stale, as clauses of their sheet.

    With any change of substance the view of the whole is stale, and so are benefits, risks and
    lines in the rater's own words: nobody but the rater can say what they rest on.
    """
    if not names:
        return ()
    found = [f"factors.{key}" for key in sheet.factors if key in names]
    found += [f"tests.{key}" for key in sheet.tests if key in names]
    for part, effects in (
        ("benefits", sheet.benefits),
        ("risks", sheet.risks),
        ("not sharing", sheet.not_sharing),
    ):
        found += [
            f"{part}.{number}"
            for number, effect in enumerate(effects)
            if effect.item is None or effect.item in names
        ]
    found += [
        f"red lines.{number}"
        for number, line in enumerate(sheet.red_lines)
        if line.about is None or line.about in names
    ]
    return (*found, "view")


def stale_in(assessment: Assessment, changes: Iterable[Stale]) -> dict[str, tuple[str, ...]]:
    """Return, by rater's name, the answers that changes make stale."""
    changes = tuple(changes)
    names = touched(changes)
    if not names and any(change.weight != "wording" for change in changes):
        names = frozenset({"view"})
    return {sheet.rater.name: stale_answers(sheet, names) for sheet in assessment.sheets}
