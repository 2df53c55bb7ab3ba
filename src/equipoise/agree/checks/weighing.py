"""What people asked for: each condition points to a clause that says something, or is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.changes import named
from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest


def conditions(agreement: Agreement) -> Iterator[Finding]:
    """A condition is met in one way, by a clause that is there or by words that say something."""
    seen: set[str] = set()
    for number, said in enumerate(agreement.weighing.conditions or ()):
        at = f"weighing.conditions.{number}"
        if said.condition in seen:
            yield find("AGR226", f"{at}.condition")
        seen.add(said.condition)
        if said.clause is not None and said.answer is not None:
            yield find("AGR225", at, f"{at}.clause", f"{at}.answer")
        elif said.answer is not None and not said.answer.strip():
            yield find("AGR227", f"{at}.answer")
        if said.clause is not None:
            yield from _points(agreement, said.clause, f"{at}.clause")


def _points(agreement: Agreement, clause: str, at: str) -> Iterator[Finding]:
    if clause.startswith("weighing"):
        yield find("AGR224", at)
    elif named(agreement, clause) is None:
        first = clause.replace("[", ".").split(".")[0]
        parts = [name for name in _parts(agreement) if name != "weighing"]
        below = f"Look at what stands below '{first}': list items are numbered from 0."
        next_ = below if first in parts else suggest(first, parts)
        rests = (first,) if first in parts else ()
        yield find("AGR223", at, *rests, path=clause, next=next_)


def _parts(agreement: Agreement) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in type(agreement).model_fields.items())


def departures(agreement: Agreement) -> Iterator[Finding]:
    """Going against what people said is explained in words."""
    for number, each in enumerate(agreement.weighing.departs or ()):
        if not each.because.strip():
            yield find("AGR228", f"weighing.departs.{number}.because")
    for number, passed in enumerate(agreement.weighing.passed_over or ()):
        if not passed.because.strip():
            yield find("AGR229", f"weighing.passed over.{number}.because")


CHECKS: Final = (conditions, departures)
