"""Every date in its order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.document import Agreement


def term(agreement: Agreement) -> Iterator[Finding]:
    """The end follows the start, and the review lies between them."""
    starts, ends = agreement.starts, agreement.ends
    if ends < starts:
        yield find("AGR101", "ends", "starts", ends=ends, starts=starts)
    elif agreement.review is not None and not starts <= agreement.review <= ends:
        yield find(
            "AGR102", "review", "starts", "ends", review=agreement.review, starts=starts, ends=ends
        )


def benefits(agreement: Agreement) -> Iterator[Finding]:
    """No benefit is due before the agreement starts."""
    for index, benefit in enumerate(agreement.purpose.benefits):
        if benefit.by is not None and benefit.by < agreement.starts:
            clause = f"purpose.benefits.{index}.by"
            yield find("AGR103", clause, "starts", by=benefit.by, starts=agreement.starts)


def retention(agreement: Agreement) -> Iterator[Finding]:
    """Nothing is to be gone before it is shared."""
    for name, kept in agreement.retention.items():
        if kept.until is not None and kept.until < agreement.starts:
            clause = f"retention.{name}.until"
            words = {"name": name, "until": kept.until, "starts": agreement.starts}
            yield find("AGR104", clause, "starts", **words)


CHECKS: Final = (term, benefits, retention)
