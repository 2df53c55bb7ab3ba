"""The initiative card: who shares what, why and how, what comes of it, and where that is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.weigh.entry import Entry, SeedLines, line_ranges

Told = Annotated[str, Field(max_length=2000)]
Sentence = Annotated[str, Field(min_length=3, max_length=600)]
CardId = Annotated[str, Field(pattern=r"^([A-F]|[1-6]|case-[1-3]|[a-z][a-z0-9]*(-[a-z0-9]+)+)$")]
CardSet = Annotated[str, Field(pattern=r"^(A-F|1-6|case|[a-z][a-z0-9 -]{0,40})$")]

FIELDS: Final = ("who", "why", "what", "how", "impacts", "source")
"""The six fields of a card, in order."""


class Impacts(Entry):
    """What comes of an initiative, as sentences: for people and services, and against them."""

    benefits: tuple[Sentence, ...] = ()
    risks: tuple[Sentence, ...] = ()


class Card(Entry):
    """One initiative on one page.

    ``set`` is the set in which it was laid out: ``A-F`` and ``1-6`` (either may be weighed for
    benefit, for risk, or for both), ``case`` for the three case studies, or a site's own name.
    ``described`` is false where hardly more than a title survives: such a card is kept so that
    the set is whole, and is not for ranking. ``seed`` names the lines it rests on.
    """

    id: CardId
    title: Annotated[str, Field(min_length=3, max_length=120)]
    set: CardSet
    who: Told = ""
    why: Told = ""
    what: Told = ""
    how: Told = ""
    impacts: Impacts = Impacts()
    source: Annotated[str, Field(max_length=600)] = ""
    seed: SeedLines = ""
    described: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse a card that claims to be described and leaves out who, why, what or how."""
        missing = [name for name in FIELDS[:4] if len(getattr(self, name)) < 3]
        if self.described and missing:
            raise PydanticCustomError("card", "{missing} missing", {"missing": ", ".join(missing)})
        return self

    @property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """Return the first and last line of each passage that ``seed`` names."""
        return line_ranges(self.seed)

    @property
    def digest(self) -> str:
        """Return the card's digest, by which a workshop names what was laid on the table."""
        return digest_of(canonical_bytes(self.model_dump(mode="json")))


Cards = Mapping[str, Card]
"""Cards by id, in the order in which they are laid out."""
