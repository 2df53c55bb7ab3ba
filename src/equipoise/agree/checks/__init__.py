"""What no single clause shows: clauses held against each other, one module for each subject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks import (
    data,
    dates,
    evaluate,
    gentle,
    homes,
    identities,
    links,
    lists,
    modes,
    parties,
    reach,
    results,
    reviewing,
    uses,
    weighing,
    why,
)
from equipoise.agree.checks.finding import Finding
from equipoise.agree.document import Agreement
from equipoise.errors import Problem

CHECKS: Final = tuple(
    check
    for subject in (
        dates,
        parties,
        data,
        links,
        identities,
        homes,
        modes,
        reviewing,
        lists,
        uses,
        reach,
        evaluate,
        results,
        why,
        weighing,
    )
    for check in subject.CHECKS
)


def findings(agreement: Agreement) -> Iterator[Finding]:
    """Yield everything that does not fit together, with the clauses it rests on."""
    for check_ in CHECKS:
        yield from check_(agreement)


def check(agreement: Agreement) -> tuple[Problem, ...]:
    """Return everything that does not fit together: with one of these an agreement is refused."""
    return tuple(finding.problem for finding in findings(agreement))


def warnings(agreement: Agreement) -> tuple[Problem, ...]:
    """Return what is allowed and yet worth a second thought before signing."""
    return tuple(found for gently in gentle.CHECKS for found in gently(agreement))


__all__ = ["CHECKS", "check", "findings", "warnings"]
