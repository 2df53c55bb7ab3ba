"""Is this text the one that was weighed, and is everything that people asked for answered in it?

A document of the weighing (an assessment, a workshop) has a *cover*: what it weighed, which red
lines and conditions came of it, and what people said, without anybody's name or reasons beyond what
the agreement itself will publish. The agreement names the cover by its hash, and the cover names
the agreement by the hash of its substance: a change of either breaks the tie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from equipoise.agree.canonical import canonical_bytes, digest_of, substance
from equipoise.agree.catalogue import problem
from equipoise.agree.changes import named
from equipoise.agree.document import Agreement
from equipoise.agree.weighing import Condition
from equipoise.errors import IntegrityRefused, Problem

Standing = Literal["settled", "open", "failed"]
"""A red line at the end of a weighing. What failed is settled by no words, only by another text."""

Said = Literal["for", "with conditions", "against", "divided", "unknown"]
"""What people said, all in all. With ``against`` and ``divided`` going on needs reasons."""

AGAINST: Final = ("against", "divided")
KINDS: Final = ("assessment", "workshop")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Line:
    """A red line that somebody holds, and how it stood when the weighing was closed."""

    line: str
    held_by: str
    standing: Standing


@dataclass(frozen=True)
class Weighed:
    """The cover of a closed document of the weighing.

    ``name`` is what the site calls it; ``substance`` the digest of what was weighed (empty when
    no draft was); ``content`` the digest of the whole document, with everybody's answers in it;
    ``closed`` is UTC, ``…T…Z``.
    """

    kind: Literal["assessment", "workshop"]
    name: str
    substance: str
    content: str
    closed: str
    raters: int
    said: Said
    lines: tuple[Line, ...] = ()
    conditions: tuple[str, ...] = ()
    information_pack: str = ""
    """The digest of what people read between two rounds of a poll; empty when they read nothing."""
    workshop: str = ""
    """The digest of the workshop that an assessment heard; empty when it heard none."""

    def as_dict(self) -> dict[str, Any]:
        """Return the cover for JSON. Without an information pack, or a workshop, it reads, and so
        is hashed, as it was before covers named any."""
        said = asdict(self)
        for later in ("information_pack", "workshop"):
            if not said[later]:
                del said[later]
        return {**said, "lines": list(said["lines"]), "conditions": list(said["conditions"])}

    @property
    def digest(self) -> str:
        """Return the hash by which an agreement names this document."""
        return digest_of(canonical_bytes(self.as_dict()))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Weighed:
        """Read a cover. Raises ``IntegrityRefused`` (AGR250) for anything of another shape."""
        try:
            lines = tuple(Line(**one) for one in data["lines"])
            made = cls(**{**data, "lines": lines, "conditions": tuple(data["conditions"])})
        except (KeyError, TypeError, AttributeError):
            raise IntegrityRefused(problem("AGR250")) from None
        if not is_cover(made):
            raise IntegrityRefused(problem("AGR250"))
        return made


def is_cover(value: object) -> bool:
    """Say whether a value is a cover through and through, so that it has one digest."""
    if type(value) is not Weighed or type(value.raters) is not int or value.kind not in KINDS:
        return False
    texts = (value.name, value.closed, value.said, *value.conditions)
    lines = [one for one in value.lines if type(one) is Line]
    texts += tuple(text for one in lines for text in (one.line, one.held_by, one.standing))
    return (
        len(lines) == len(value.lines)
        and all(type(text) is str for text in texts)
        and all(one.standing in ("settled", "open", "failed") for one in lines)
        and value.said in ("for", "with conditions", "unknown", *AGAINST)
        and bool(_DIGEST.fullmatch(str(value.content)))
        and all(
            digest == "" or bool(_DIGEST.fullmatch(str(digest)))
            for digest in (value.substance, value.information_pack, value.workshop)
        )
    )


Lack = Literal[
    "unknown",
    "other text",
    "other pack",
    "other workshop",
    "line failed",
    "line open",
    "line missing",
    "line unsettled",
    "condition missing",
    "condition unanswered",
    "no reasons",
]
"""What keeps a text from being the one that was weighed."""


@dataclass(frozen=True)
class Shortfall:
    """One such thing, at its clause, with the words that its reason speaks of."""

    lack: Lack
    clause: str
    words: Mapping[str, str] = field(default_factory=dict)


def answered(agreement: Agreement, condition: Condition) -> bool:
    """Say whether a condition became a clause of this text, or was answered in writing."""
    if condition.clause is not None and stands(agreement, condition.clause):
        return True
    return bool((condition.answer or "").strip())


def stands(agreement: Agreement, clause: str) -> bool:
    """Say whether a clause says something, and is not about the weighing itself."""
    return not clause.startswith("weighing") and named(agreement, clause) is not None


def shortfalls(agreement: Agreement, covers: Iterable[Weighed]) -> Iterator[Shortfall]:
    """Yield everything that keeps ``agreement`` from being what was weighed.

    ``covers`` are the documents that are known. What is bound must be among them. A workshop is
    held to what it asked for and what it read, and may have talked about an earlier draft, because
    its conditions could not become clauses otherwise.
    """
    weighing = agreement.weighing
    for number, line in enumerate(weighing.red_lines):
        if not line.settled.strip():
            yield Shortfall("line unsettled", f"weighing.red lines.{number}", {"line": line.line})
    for number, condition in enumerate(weighing.conditions or ()):
        if not answered(agreement, condition):
            words = {"condition": condition.condition}
            yield Shortfall("condition unanswered", f"weighing.conditions.{number}", words)
    known = {(str(cover.kind), cover.digest): cover for cover in covers}
    for kind, bound in (("assessment", weighing.assessment), ("workshop", weighing.workshop)):
        cover = known.get((kind, bound)) if bound is not None else None
        if cover is not None:
            yield from _against(agreement, cover)
        elif bound is not None:
            # A workshop that nobody can follow would take all that people asked for with it.
            yield Shortfall("unknown", f"weighing.{kind}", {"kind": kind, "digest": bound})


def _against(agreement: Agreement, cover: Weighed) -> Iterator[Shortfall]:
    """Yield what the text lacks of one document that it binds."""
    weighing = agreement.weighing
    at = f"weighing.{cover.kind}"
    if cover.kind == "assessment" and cover.substance != substance(agreement):
        yield Shortfall("other text", at, {"name": cover.name})
    if cover.information_pack not in ("", weighing.information_pack):
        yield Shortfall("other pack", "weighing.information pack", {"name": cover.name})
    if cover.workshop not in ("", weighing.workshop):
        yield Shortfall("other workshop", "weighing.workshop", {"name": cover.name})
    drawn = {line.line for line in weighing.red_lines}
    for line in cover.lines:
        words = {"name": cover.name, "line": line.line, "who": line.held_by}
        if line.standing == "failed":
            yield Shortfall("line failed", at, words)
        elif line.standing == "open":
            yield Shortfall("line open", at, words)
        elif line.line not in drawn:
            yield Shortfall("line missing", "weighing.red lines", words)
    told = {condition.condition for condition in weighing.conditions or ()}
    for condition in cover.conditions:
        if condition not in told:
            words = {"name": cover.name, "condition": condition}
            yield Shortfall("condition missing", "weighing.conditions", words)
    if cover.said in AGAINST and not weighing.departs:
        yield Shortfall("no reasons", "weighing.departs", {"name": cover.name, "said": cover.said})


CODES: Final[Mapping[Lack, str]] = {
    "unknown": "AGR251",
    "other text": "AGR252",
    "line failed": "AGR253",
    "line open": "AGR254",
    "line missing": "AGR255",
    "line unsettled": "AGR256",
    "condition missing": "AGR257",
    "condition unanswered": "AGR258",
    "no reasons": "AGR259",
    "other pack": "AGR261",
    "other workshop": "AGR262",
}
"""What is lacking -> the code under which signing refuses it."""


def check_weighed(agreement: Agreement, covers: Iterable[Weighed]) -> tuple[Problem, ...]:
    """Return every reason for which this text may not be signed as the one that was weighed."""
    return tuple(
        problem(CODES[each.lack], each.clause, **each.words)
        for each in shortfalls(agreement, covers)
    )
