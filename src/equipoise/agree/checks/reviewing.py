"""Pairs that people look at: only where whoever links sees the records anyhow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.checks.modes import entities
from equipoise.agree.document import Agreement


def where_records_are_seen(agreement: Agreement) -> Iterator[Finding]:
    """In the other modes nobody sees both records, and nobody shall."""
    for mode, clause, name, entity in entities(agreement):
        if entity.reviewed_by is not None and (mode != "identified" or entity.compare is None):
            yield find("AGR240", f"{clause}.reviewed by", "linkage.mode", entity=name, mode=mode)


def by_whoever_links(agreement: Agreement) -> Iterator[Finding]:
    """The records lie with whoever links and go to nobody else for being looked at."""
    for _, clause, name, entity in entities(agreement):
        by = agreement.linkage.by if agreement.linkage is not None else ""
        if entity.reviewed_by is not None and entity.reviewed_by != by:
            words = {"entity": name, "party": entity.reviewed_by, "by": by}
            yield find("AGR241", f"{clause}.reviewed by", "linkage.by", **words)


CHECKS: Final = (where_records_are_seen, by_whoever_links)
