"""What a check between clauses finds."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.agree.catalogue import problem
from equipoise.errors import Problem


@dataclass(frozen=True)
class Finding:
    """A problem, and the clauses it rests on: if one of them is not as written, it says nothing."""

    problem: Problem
    rests: tuple[str, ...]


def find(code: str, clause: str, *rests: str, **words: object) -> Finding:
    """Return the finding ``code`` at ``clause``, which also rests on the clauses ``rests``."""
    return Finding(problem(code, clause, **words), (clause, *rests))
