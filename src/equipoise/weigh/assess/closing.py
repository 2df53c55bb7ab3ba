"""What ends an assessment: who settled which line, on whose advice, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from pydantic import Field

from equipoise.agree.parts import Day, Digest, Sentence, Slug
from equipoise.agree.people import same_person_mark
from equipoise.agree.weighed import Weighed
from equipoise.agree.weighing import Departure
from equipoise.errors import Problem
from equipoise.weigh.assess.problems import problem
from equipoise.weigh.assess.sheet import Brief, Part


class Settled(Part):
    """A line that was met: in whose eyes, and how. ``by`` is whoever signs off, by name; ``on
    behalf of`` the body that holds the line, if it is not that person's own."""

    line: Sentence
    by: Sentence
    on_behalf_of: Brief = Field(alias="on behalf of", default="")
    how: Sentence

    def for_holder(self, holder: str) -> bool:
        """Say whether this is signed off by whoever holds the line."""
        mark = same_person_mark(holder)
        return mark in (same_person_mark(self.by), same_person_mark(self.on_behalf_of))


class Heard(Part):
    """What people said in a workshop, with the hashes of what they said it about."""

    workshop: Digest | None = None
    information_pack: Digest | None = Field(alias="information pack", default=None)
    said: Literal["for", "with conditions", "against", "divided", "unknown"]
    in_short: Sentence = Field(alias="in short")


class Adviser(Part):
    """The data protection adviser: what they advised, and whether it was followed."""

    name: Sentence
    advice: Sentence
    followed: bool
    because: Brief = ""


class Regulator(Part):
    """When the regulator was consulted, and what it said."""

    consulted: Day
    said: Sentence


class Closing(Part):
    """The end of an assessment."""

    assessment: Slug
    consulted: Sentence
    """Who was asked and how, or why nobody was."""
    settled: tuple[Settled, ...] = ()
    heard: Heard | None = None
    adviser: Adviser
    regulator: Regulator | None = None
    departs: tuple[Departure, ...] = ()
    approved_by: Sentence = Field(alias="approved by")
    accepted_by: Sentence = Field(alias="accepted by")
    reviewed_by: Sentence = Field(alias="reviewed by")
    review: Day | None = None


FEWEST: Final = 2
"""Raters without whom an assessment is not closed: one view is no weighing."""


def wrongly_heard(closing: Closing, covers: Iterable[Weighed]) -> Iterator[Problem]:
    """Yield what a closing says of a workshop otherwise than the workshop's own cover, where that
    is among ``covers``: whoever closes an assessment types what was said there."""
    heard = closing.heard
    for cover in covers if heard and heard.workshop else ():
        assert heard is not None
        if cover.kind != "workshop":
            continue
        if cover.content == heard.workshop:
            words = {"name": cover.name, "digest": cover.digest}
            yield problem("WGH114", "heard.workshop", **words)
        if cover.digest != heard.workshop:
            continue
        if cover.said != heard.said:
            words = {"name": cover.name, "said": heard.said, "own": cover.said}
            yield problem("WGH112", "heard.said", **words)
        if heard.information_pack not in (None, cover.information_pack or None):
            yield problem("WGH113", "heard.information pack", name=cover.name)
