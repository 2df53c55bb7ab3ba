"""What people are asked: the eighteen questions, those about the day, and the DPIA's steps."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from equipoise.weigh.entry import Entry, ItemId, PlaceText, Words

Test = Literal["purposeful", "proportionate", "responsible", "evaluation"]
TESTS: Final[tuple[Test, ...]] = ("purposeful", "proportionate", "responsible")
"""The three tests, in order; ``evaluation`` is about the workshop, not about an initiative."""


class Question(Entry):
    """One question. A closed one is answered on a scale whose two ends are in words.

    The answer to one of the eighteen is a whole number from ``least`` to ``most``, or *don't know*
    where ``may_not_know``; that is no number, no midpoint and no missing answer, and is counted
    by itself. Where ``reasons``, an answer comes with why, and with evidence where there is any.
    ``draws`` names the items of the catalogue the question rests on.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$")]
    test: Test
    words: Words
    kind: Literal["closed", "open"] = "closed"
    least: int = 1
    most: Annotated[int, Field(ge=2, le=10)] = 5
    low: str = ""
    high: str = ""
    may_not_know: bool = Field(alias="may not know", default=True)
    reasons: bool = True
    draws: tuple[ItemId, ...] = ()


class Step(Entry):
    """One step of a data protection impact assessment.

    ``must_say`` lists what the document has to say at this step; ``filled_by`` names the clauses,
    questions and exercises it is taken from.
    """

    id: Annotated[str, Field(pattern=r"^dpia-[1-7]$")]
    title: Words
    words: Words
    must_say: tuple[Words, ...] = Field(alias="must say", min_length=1)
    filled_by: tuple[PlaceText, ...] = Field(alias="filled by", min_length=1)
