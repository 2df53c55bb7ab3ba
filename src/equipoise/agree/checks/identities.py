"""Identities that persist: within the agreement's term, and in a mode that can know rows again."""

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


def by_tokens(agreement: Agreement) -> Iterator[Finding]:
    """A register knows rows by tokens."""
    for mode, clause, name, entity in entities(agreement):
        if entity.identities is not None and mode != "exact":
            yield find("AGR239", f"{clause}.identities", "linkage.mode", entity=name, mode=mode)


CHECKS: Final = (within_the_term, by_tokens)
