"""Telling which rows are about the same person or thing, from tokens alone.

``link`` chooses the linker that the agreement's mode asks for; a mode without one is refused. Every
linker takes the same three things, a session with encoded tables, the agreement and an entity, and
returns ``Linked``: members, pairs and a report.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from equipoise.agree.document import Agreement
from equipoise.agree.words import LinkMode
from equipoise.carry.link.exact import MEMBERS, PAIRS, Linked, link_exact
from equipoise.carry.link.report import DatasetCount, LinkReport, RuleCount
from equipoise.carry.session import Session
from equipoise.errors import DocumentRefused, Problem

Linker = Callable[[Session, Agreement, str], Linked]

LINKERS: Final[MappingProxyType[LinkMode, Linker]] = MappingProxyType({"exact": link_exact})
"""Mode of the agreement -> what carries it out."""


def link(session: Session, agreement: Agreement, entity: str) -> Linked:
    """Link one entity in the agreement's mode.

    Raises ``DocumentRefused`` (LNK006) for a mode that this version cannot carry out, and what the
    linker raises.
    """
    mode = agreement.linkage.mode if agreement.linkage is not None else "exact"
    if mode not in LINKERS:
        raise DocumentRefused(
            Problem(
                "LNK006",
                f"this version cannot link in the mode {mode!r}",
                clause="linkage.mode",
                why="another mode would protect people less, or otherwise, than they were told",
                next=f"agree one of: {', '.join(LINKERS)}",
            )
        )
    return LINKERS[mode](session, agreement, entity)


__all__ = [
    "LINKERS",
    "MEMBERS",
    "PAIRS",
    "DatasetCount",
    "LinkReport",
    "Linked",
    "Linker",
    "RuleCount",
    "link",
    "link_exact",
]
