"""What no single clause shows: clauses held against each other, one module for each subject."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.agree.checks.finding import Finding
from equipoise.agree.document import Agreement
from equipoise.errors import Problem


def findings(agreement: Agreement) -> Iterator[Finding]:
    """Yield everything that does not fit together."""
    yield from ()


def check(agreement: Agreement) -> tuple[Problem, ...]:
    """Return everything that does not fit together."""
    return tuple(finding.problem for finding in findings(agreement))
