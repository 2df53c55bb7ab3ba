"""Linking by comparing: rules first where there are any, then the engine of the agreement's mode.

Each joined dataset is held against the spine by itself. The engine sees all rows, because it learns
from the easy ones how matches look; where it would link a row that a rule linked already, the rule
stands. Links less probable than the agreement asks are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.agree.words import SURE, LinkMode, Pairs
from equipoise.carry.link.exact import entity_clause, link_by_rules
from equipoise.carry.link.linked import COMPARED, Linked, Met, Places, Probabilities, linked
from equipoise.carry.link.quality import Quality
from equipoise.carry.link.report import (
    NOBODY,
    Band,
    Compared,
    DatasetCount,
    FoundBy,
    LinkReport,
    hardly_any,
)
from equipoise.carry.session import Session

Progress = Callable[[float, str], None]

LIKELY: Final = 0.5
"""Links less probable than this are not looked at."""
EDGES: Final = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Side:
    """One dataset, ready: its rows and tokens, what the engine compares, and on which fields."""

    tokens: pa.Table
    data: Any
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What an engine found: row places, probabilities of at least ``LIKELY``, and estimates.

    ``seen`` is how many matches there are among the pairs that can be seen to be alike; None where
    the engine cannot say. ``proposed`` names for each link the blocking rule that proposed it.
    ``quality`` tells, of the links that are so probable, what can be told without truth; None where
    the engine gives no more than ``seen``. ``doubt`` says in words what somebody should look into.
    """

    left: Places
    right: Places
    probability: Probabilities
    seen: float | None = None
    proposed: tuple[str, ...] = ()
    rule: Places | None = None
    quality: Callable[[float], Quality] | None = None
    doubt: str = ""


Engine = Callable[[Side, Side, Pairs, Progress], Found]
"""(spine, joined, pairs, progress) -> what was found."""


def link_compared(
    session: Session,
    agreement: Agreement,
    entity: str,
    mode: LinkMode,
    sides: Callable[[Session, Entity], Mapping[str, Side]],
    engine: Engine,
) -> Linked:
    """Link one entity by ``engine``; ``sides`` makes each dataset ready, or refuses it.

    Raises ``UsageRefused`` (LNK001), and what ``sides`` and ``engine`` raise.
    """
    clause = entity_clause(agreement, entity)
    ready = sides(session, clause)
    spine = ready[clause.spine]
    met: dict[str, Met] = {}
    told = []
    for done, dataset in enumerate(clause.join):
        joined = ready[dataset]
        met[dataset], count = link_by_rules(spine.tokens, joined.tokens, dataset, entity, clause)
        if clause.compare is not None:
            found = engine(spine, joined, clause.pairs, _part(session, clause, done))
            met[dataset], compared = _together(spine, joined, clause, met[dataset], found)
            count = _counted(count, met[dataset], compared)
        told.append(count)
    session.progress(1.0, "linked")
    rows = spine.tokens.num_rows
    report = LinkReport(entity, clause.spine, rows, clause.pairs, 0, tuple(told), mode)
    tables = {name: side.tokens for name, side in ready.items()}
    return linked(clause, tables, met, report)


def _part(session: Session, clause: Entity, done: int) -> Progress:
    """Return the progress of the whole for that of one joined dataset."""
    of, dataset = len(clause.join), clause.join[done]
    return lambda share, doing: session.progress((done + share) / of, f"{doing}: {dataset}")


def _counted(count: DatasetCount, met: Met, compared: Compared) -> DatasetCount:
    return replace(
        count,
        linked=len(met.right),
        spine_linked=len(np.unique(met.left)),
        compared=compared,
        doubt="",
    )


def _together(
    spine: Side, joined: Side, clause: Entity, by_rules: Met, found: Found
) -> tuple[Met, Compared]:
    """Return the links of rules and of comparing, a row of a rule's link in no other."""
    sure_at_least = SURE if clause.sure_at_least is None else clause.sure_at_least
    sure = found.probability >= sure_at_least
    taken = np.zeros(joined.tokens.num_rows, np.bool_)
    taken[by_rules.right] = True
    against = taken[found.right]
    if clause.pairs == "one to one":
        used = np.zeros(spine.tokens.num_rows, np.bool_)
        used[by_rules.left] = True
        against = against | used[found.left]
    at = np.flatnonzero(sure & ~against)
    met = Met(
        np.concatenate([by_rules.left, found.left[at]]),
        np.concatenate([by_rules.right, found.right[at]]),
        np.concatenate([by_rules.rule, np.full(len(at), COMPARED, np.int8)]),
        np.concatenate([np.full(len(by_rules.left), np.nan), found.probability[at]]),
    )
    # The same two rows, found twice, are not found against a rule.
    same = _keys(by_rules.left, by_rules.right, joined)
    differs = ~np.isin(_keys(found.left, found.right, joined), same)
    return met, Compared(
        fields=joined.fields,
        sure_at_least=sure_at_least,
        links=len(at),
        unsure=int((~sure & ~against).sum()),
        against=int((sure & against & differs).sum()),
        bands=_bands(found.probability[~against]),
        **_estimates(found, sure, sure_at_least),
        found_by=_found_by(found, at),
        doubt=found.doubt or _doubt(len(met.right), spine, joined),
    )


def _doubt(links: int, spine: Side, joined: Side) -> str:
    """Return in words that hardly anybody was linked, if so."""
    smaller = min(spine.tokens.num_rows, joined.tokens.num_rows)
    return NOBODY if hardly_any(links, smaller) else ""


def _keys(left: Places, right: Places, joined: Side) -> Places:
    return np.asarray(left * max(1, joined.tokens.num_rows) + right, np.int64)


def _bands(probability: Probabilities) -> tuple[Band, ...]:
    counts, _ = np.histogram(probability, bins=EDGES)
    return tuple(
        Band(least, below, int(count))
        for least, below, count in zip(EDGES, EDGES[1:], counts, strict=False)
    )


def _estimates(found: Found, sure: np.ndarray, sure_at_least: float) -> dict[str, Any]:
    """Return precision and recall as estimated, or as the probabilities themselves tell them."""
    if found.quality is not None:
        return _told(found.quality(sure_at_least))
    right = float(found.probability[sure].sum())
    count = int(sure.sum())
    return {
        "precision": right / count if count else None,
        # A match whose filters do not show it is in no figure: this is not called recall.
        "recall": None,
        "of_those_seen": min(1.0, right / found.seen) if found.seen else None,
    }


def _told(quality: Quality) -> dict[str, Any]:
    precision, recall = quality.precision, quality.recall
    return {
        "precision": precision.value if precision else None,
        "recall": recall.value if recall else None,
        "precision_between": (precision.low, precision.high) if precision else None,
        "recall_between": (recall.low, recall.high) if recall else None,
        "not_told": quality.missed.no_rule.why if not quality.whole else "",
    }


def _found_by(found: Found, at: np.ndarray) -> tuple[FoundBy, ...]:
    if found.rule is None:
        return ()
    counts = np.bincount(found.rule[at], minlength=len(found.proposed))
    return tuple(
        FoundBy(rule, int(count)) for rule, count in zip(found.proposed, counts, strict=True)
    )
