"""What one rater answers. Frozen; how it is read from a file stands in ``reading``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from equipoise.agree.parts import Frozen, Sentence, Slug
from equipoise.agree.people import same_person_mark
from equipoise.agree.words import Sector

DONT_KNOW: Final = "don't know"
Level = Annotated[int, Field(ge=1, le=5)]
Answer = Level | Literal["don't know"]
"""1 to 5, or *don't know*: which is no number, no midpoint, and counted by itself."""

Bearer = Literal[
    "people in the data",
    "families and neighbours",
    "people like them",
    "wider public",
    "staff",
    "providers",
]
BEARERS: Final[tuple[Bearer, ...]] = get_args(Bearer)
"""On whom a benefit or a risk falls."""

ViewWord = Literal["share", "share with conditions", "do not share", "don't know"]
Brief = Annotated[str, Field(max_length=2000)]
ItemName = Annotated[str, Field(min_length=2, max_length=80)]


class Part(BaseModel):
    """Any part of a sheet: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


class Rater(Part):
    """Who answers: a named person, the sector they come from, and in which role they are here."""

    name: Sentence
    sector: Sector
    role: Sentence

    @property
    def mark(self) -> str:
        """Return what is equal for two ways to write one person's name."""
        return same_person_mark(self.name)


class Judgement(Part):
    """One answer, why, and the evidence for it if there is any."""

    answer: Answer
    because: Sentence
    evidence: Brief = ""


class DrawnLine(Part):
    """A line that somebody will not see crossed. ``about`` names the red line of the catalogue it
    belongs to, if any; ``scope`` says where it holds: for these data, this recipient, always."""

    line: Sentence
    held_by: Sentence = Field(alias="held by")
    scope: Sentence
    about: ItemName | None = None
    because: Sentence


class Effect(Part):
    """What may come of sharing: an item of the catalogue, or the rater's own words; on whom; how
    large and how likely."""

    item: ItemName | None = None
    words: Sentence | None = None
    on: Bearer
    size: Answer
    likelihood: Answer
    because: Sentence
    evidence: Brief = ""

    @property
    def name(self) -> str:
        """Return the item, or the words: what two raters must share to speak of the same thing."""
        return self.item or (self.words or "")


class Control(Part):
    """What makes a risk less likely, and how likely it is then. It makes no data less sensitive
    and no harm smaller: there is no key for that."""

    what: Sentence
    likelihood: Level = Field(alias="likelihood becomes")
    evidence: Sentence


class Risk(Effect):
    """A risk, with what is done about it. ``gains`` names who has the good of what exposes these
    people, where it is not what the agreement's purpose says."""

    controls: tuple[Control, ...] = ()
    reidentifies: bool = Field(alias="re-identifies", default=False)
    gains: tuple[Bearer, ...] | None = None

    @property
    def residual_likelihood(self) -> int | None:
        """Return how likely it is with every control, or None when the rater does not know."""
        if isinstance(self.likelihood, str):
            return None
        return min([self.likelihood, *(control.likelihood for control in self.controls)])


class Wish(Part):
    """A condition: what must be so before this rater would agree."""

    condition: Sentence
    because: Sentence


class View(Part):
    """What the rater would do, all in all, and why."""

    answer: ViewWord
    because: Sentence


class SheetSoFar(Part):
    """What one rater has answered so far: any part of it may be missing."""

    assessment: Slug
    rater: Rater | None = None
    red_lines: tuple[DrawnLine, ...] = Field(alias="red lines", default=())
    benefits: tuple[Effect, ...] = ()
    risks: tuple[Risk, ...] = ()
    not_sharing: tuple[Effect, ...] = Field(alias="not sharing", default=())
    factors: Frozen[Judgement] = Field(default_factory=dict)
    tests: Frozen[Judgement] = Field(default_factory=dict)
    conditions: tuple[Wish, ...] = ()
    view: View | None = None


class Sheet(SheetSoFar):
    """Everything that one rater answered."""

    rater: Rater
    view: View

    @property
    def judgements(self) -> Mapping[str, Judgement]:
        """Return every factor and question that was answered, by its id."""
        return {**self.factors, **self.tests}
