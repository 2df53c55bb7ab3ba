"""Identities that persist: within the agreement's term, and decided on in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.checks.modes import entities
from equipoise.agree.document import Agreement


def within_the_term(agreement: Agreement) -> Iterator[Finding]:
    """Nothing is known again before the agreement begins or after its keys are gone."""
    starts, ends = agreement.starts, agreement.ends
    for _, clause, name, entity in entities(agreement):
        kept = entity.identities
        if kept is not None and not starts <= kept.until <= ends:
            words = {"entity": name, "until": kept.until, "starts": starts, "ends": ends}
            yield find("AGR238", f"{clause}.identities.until", "starts", "ends", **words)


def decided_once(agreement: Agreement) -> Iterator[Finding]:
    """Who is one person is decided by pairs of rows, or by identities, and not by both."""
    for _, clause, name, entity in entities(agreement):
        if entity.identities is not None and entity.reviewed_by is not None:
            at = f"{clause}.reviewed by"
            yield find("AGR243", at, f"{clause}.identities", entity=name)


CHECKS: Final = (within_the_term, decided_once)
