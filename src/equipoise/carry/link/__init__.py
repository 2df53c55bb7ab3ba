"""Telling which rows are about the same person or thing, from tokens alone.

``link`` chooses the linker that the agreement's mode asks for. Every linker takes the same three
things, a session with encoded tables, the agreement and an entity, and returns ``Linked``: members,
pairs and a report. ``link_tables`` and ``cluster_tables`` are the same engines as library calls.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from equipoise.agree.document import Agreement
from equipoise.agree.words import LinkMode
from equipoise.carry.link.doubts import LinkageWarning
from equipoise.carry.link.exact import entity_clause, link_exact
from equipoise.carry.link.library import cluster_tables, link_tables
from equipoise.carry.link.linked import MEMBERS, PAIRS, SCORED, Linked
from equipoise.carry.link.modes import link_fields, link_filters, link_identifiers
from equipoise.carry.link.opt_outs import without_barred
from equipoise.carry.link.report import DatasetCount, LinkReport, RuleCount
from equipoise.carry.session import Session

Linker = Callable[[Session, Agreement, str], Linked]

LINKERS: Final[MappingProxyType[LinkMode, Linker]] = MappingProxyType(
    {
        "exact": link_exact,
        "encoded": link_filters,
        "enclave": link_fields,
        "identified": link_identifiers,
    }
)
"""Mode of the agreement -> what carries it out."""


def link(session: Session, agreement: Agreement, entity: str) -> Linked:
    """Link one entity in the agreement's mode, without the rows that opt-out lists bar.

    Raises ``UsageRefused`` (LNK001) for an entity that is not there, ``DataRefused`` (ENC306,
    ENC307) when an opt-out list cannot be applied, and what the linker raises.
    """
    clause = entity_clause(agreement, entity)
    assert agreement.linkage is not None, "an entity is part of linkage"
    barred = without_barred(session, agreement, (clause.spine, *clause.join))
    found = LINKERS[agreement.linkage.mode](barred, agreement, entity)
    return barred.told(found, agreement)


__all__ = [
    "LINKERS",
    "MEMBERS",
    "PAIRS",
    "SCORED",
    "DatasetCount",
    "LinkReport",
    "LinkageWarning",
    "Linked",
    "Linker",
    "RuleCount",
    "cluster_tables",
    "link",
    "link_exact",
    "link_tables",
]
