"""What a check between clauses finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from equipoise.agree.catalogue import problem
from equipoise.errors import Problem


@dataclass(frozen=True)
class Finding:
    """A problem, and the clauses it rests on: if one of them is not as written, it says nothing.

    ``names`` are clauses of which only the presence counts, not what stands in them. ``word``, if
    given, is what a clause must have been about to matter.
    """

    problem: Problem
    rests: tuple[str, ...]
    names: tuple[str, ...]
    word: str | None = None

    def stands(self, replaced: Mapping[str, str | None]) -> bool:
        """Say whether the finding holds although the clauses ``replaced`` are not as written.

        ``replaced`` maps each such clause to what stood there, None when nothing did.
        """
        return not any(
            any(_within(name, other) for name in (*self.rests, *self.names))
            or any(_within(other, rest) for rest in self.rests)
            for other, wrote in replaced.items()
            if self.word is None or wrote is None or self.word in wrote
        )


def _within(clause: str, other: str) -> bool:
    return clause == other or clause.startswith(other + ".")


class Presence(str):
    """A clause of which only the presence counts, not what stands in it."""

    __slots__ = ()


def find(code: str, clause: str, *rests: str, **words: object) -> Finding:
    """Return the finding ``code`` at ``clause``, which also rests on the clauses ``rests``."""
    names = tuple(rest for rest in rests if isinstance(rest, Presence))
    whole = tuple(rest for rest in rests if not isinstance(rest, Presence))
    return Finding(problem(code, clause, **words), whole, (clause, *names))
