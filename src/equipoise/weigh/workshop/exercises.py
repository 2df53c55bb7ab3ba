"""The exercises as data: what is asked, of whom, with what instructions and in how many minutes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from equipoise.weigh.shipped import Entry, entries, read_shipped

Kind = Literal["vote", "statement", "order", "items", "words", "line", "evaluation"]
"""What a question takes: a point on a scale, one for each statement that tables wrote, an order of
cards, items of the catalogue, free text, a red line; ``evaluation`` stands for the seven
questions about the day."""
By = Literal["person", "table"]
Sentence = Annotated[str, Field(min_length=3, max_length=400)]


class Asked(Entry):
    """One question of an exercise, before a plan says for which cards it is asked.

    ``each`` asks it once for every card or variation; ``since`` names the question that was the
    first round of this one; ``on`` the question whose texts are the statements; ``group`` the
    group of the catalogue to choose from.
    """

    kind: Kind
    by: By
    words: Sentence
    scale: str = ""
    each: Literal["", "card", "variation"] = ""
    group: str = ""
    since: str = ""
    on: str = ""


class Stage(Entry):
    """One step of an exercise: what is open for answers at the same time."""

    title: Sentence
    questions: Mapping[str, Asked] = Field(default_factory=dict)


class Minutes(Entry):
    """How long an exercise takes; ``card`` more for every card beyond the second."""

    least: int = Field(ge=1)
    usual: int = Field(ge=1)
    card: int = 0


class Exercise(Entry):
    """One exercise. ``not`` says how it is misread and ``check`` how a facilitator notices."""

    id: str
    places: tuple[str, ...] = ()
    title: Sentence
    seed: Annotated[str, Field(pattern=r"^L\d{1,4}(-\d{1,4})?(, L\d{1,4}(-\d{1,4})?)*$")]
    drop: int = Field(ge=0, le=9)
    minutes: Minutes
    cards: Literal["none", "ranked", "cases"] = "none"
    information: bool = False
    variations: bool = False
    instructions: tuple[Sentence, ...] = Field(min_length=1)
    misread: tuple[Sentence, ...] = Field(alias="not", min_length=1)
    check: Sentence
    stages: tuple[Stage, ...] = Field(min_length=1)

    def least(self, cards: int) -> int:
        """Return the fewest minutes worth giving it with so many cards."""
        return self.minutes.least + self.minutes.card * max(0, cards - 2)

    def usual(self, cards: int) -> int:
        """Return the minutes it takes when nobody hurries."""
        return self.minutes.usual + self.minutes.card * max(0, cards - 2)


@cache
def _shipped() -> dict[str, Any]:
    return read_shipped(__package__, "exercises.yaml")


@cache
def exercises() -> Mapping[str, Exercise]:
    """Return every exercise by id, in the order of a day."""
    found = entries(Exercise, _shipped()["exercises"])
    return MappingProxyType({exercise.id: exercise for exercise in found})


@cache
def places() -> Mapping[str, tuple[str, ...]]:
    """Return the names that the catalogue's places give exercises, each with the exercises meant.

    An exercise answers to its own id, and to wider names as ``ranking``, which means both orders.
    """
    found: dict[str, tuple[str, ...]] = {}
    for exercise in exercises().values():
        for name in (exercise.id, *exercise.places):
            found[name] = (*found.get(name, ()), exercise.id)
    return MappingProxyType(found)


@cache
def scales() -> Mapping[str, tuple[str, ...]]:
    """Return the scales by name: the words of each point, from the lowest."""
    return MappingProxyType({name: tuple(words) for name, words in _shipped()["scales"].items()})


CANNOT_SAY: Final = 0
"""The choice of whoever cannot or will not say: no point on a scale, and never its middle."""
