"""The clause that says how benefit and risk were weighed, and what people asked for in return."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from equipoise.agree.parts import Clause, Digest, Sentence


class RedLine(Clause):
    """A line somebody will not cross, who holds it, and how it was settled."""

    line: Sentence
    held_by: Sentence = Field(alias="held by")
    settled: str = ""


class Condition(Clause):
    """What people asked for before they would agree. ``clause`` names the part of this text that
    it became, as ``releases.0.fields``; otherwise ``answer`` says in writing what came of it."""

    condition: Sentence
    set_by: Sentence = Field(alias="set by")
    clause: Sentence | None = None
    answer: Sentence | None = None


class Departure(Clause):
    """A decision against what people said: what they said, why it was decided otherwise, and who
    answers for that. The register publishes it."""

    people_said: Sentence = Field(alias="people said")
    because: Sentence
    decided_by: Sentence = Field(alias="decided by")


class PassedOver(Clause):
    """A workshop that was held about this agreement and that ``workshop`` does not name: what the
    site calls it, why it is passed over, and who answers for that. The register publishes it."""

    workshop: Sentence
    because: Sentence
    decided_by: Sentence = Field(alias="decided by")


class Weighing(Clause):
    """What people weighed. The full route binds three documents by their hashes."""

    route: Literal["full", "light"]
    reason: str = ""
    assessment: Digest | None = None
    workshop: Digest | None = None
    information_pack: Digest | None = Field(alias="information pack", default=None)
    red_lines: tuple[RedLine, ...] = Field(alias="red lines", default=())
    # None and not (): a text signed before there were conditions keeps its canonical form.
    conditions: tuple[Condition, ...] | None = Field(default=None, min_length=1)
    departs: tuple[Departure, ...] | None = Field(default=None, min_length=1)
    passed_over: tuple[PassedOver, ...] | None = Field(
        alias="passed over", default=None, min_length=1
    )
