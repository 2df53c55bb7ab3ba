"""The pairs of one linkage that a person is asked about, and what the answers change.

Only in the mode ``identified``, in which the records lie in the secure room as they are. The pairs
are chosen in the locked process that links; what comes out holds the two records side by side.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.agree.words import SURE
from equipoise.carry.encode.wire import compared_kinds
from equipoise.carry.link.answers import ANSWERS, known_of
from equipoise.carry.link.comparing import LIKELY, Side
from equipoise.carry.link.exact import entity_clause
from equipoise.carry.link.fitting import fitted
from equipoise.carry.link.judged import Judged, judged
from equipoise.carry.link.modes import alike, identifier_sides
from equipoise.carry.link.opt_outs import without_barred
from equipoise.carry.link.probabilistic import link_encoded
from equipoise.carry.link.review import judged_anew, to_review
from equipoise.carry.session import Session

AT_ONCE: Final = 100
"""Pairs of one joined dataset that are made ready at a time."""
LEFT, RIGHT = "left.", "right."


@dataclass(frozen=True)
class Asked:
    """Pairs to look at, in the order in which to show them.

    ``pairs`` has ``dataset``, ``left_row``, ``right_row``; ``left.<field>`` and ``right.<field>``
    for each field compared; and, not to be shown, ``linked``, ``chance`` and ``stands_for``.
    """

    pairs: pa.Table


def pairs_to_review(session: Session, agreement: Agreement, entity: str) -> Asked:
    """Return pairs to look at, but for those answered before (the table ``ANSWERS``).

    Raises as ``modes.link_identifiers``.
    """
    clause = entity_clause(agreement, entity)
    barred = without_barred(session, agreement, (clause.spine, *clause.join))
    sides = identifier_sides(barred, clause, agreement=agreement, entity=entity)
    answers = session.table(ANSWERS) if ANSWERS in session.names() else None
    parts = []
    for dataset in clause.join:
        spine, joined = sides[clause.spine], sides[dataset]
        session.progress(0.5, f"choosing pairs: {dataset}")
        found, known = _judged(spine, joined, clause, answers)
        table = _chosen(found, known, spine, joined, clause)
        tables = (barred.table(clause.spine), barred.table(dataset))
        fields = compared_kinds(agreement, entity, dataset)
        parts.append(_shown(table, tables, dataset, tuple(fields)))
    whole = pa.concat_tables(parts, promote_options="default")
    # One order over all datasets: nothing is to be read from where a pair stands.
    order = np.random.default_rng(secrets.randbits(64)).permutation(whole.num_rows)
    session.progress(1.0, "chosen")
    return Asked(whole.take(pa.array(order)))


def _judged(
    spine: Side, joined: Side, clause: Entity, answers: pa.Table | None
) -> tuple[Judged, dict[int, bool]]:
    left, right = fitted(alike(spine.data, joined.data), alike(joined.data, spine.data))
    links = link_encoded(left, right, pairs=clause.pairs, at_least=LIKELY)
    found = judged(links, left.rows, right.rows, clause.pairs)
    known = known_of(answers, found, spine.tokens["row_id"], joined.tokens["row_id"])
    return judged_anew(found, known) if known else found, known


def _chosen(
    found: Judged, known: Mapping[int, bool], spine: Side, joined: Side, clause: Entity
) -> pa.Table:
    asked = to_review(found, AT_ONCE + len(known), seed=secrets.randbits(64))
    fresh = ~np.isin(asked.pair, np.fromiter(known, np.int64, len(known)))
    fresh &= np.cumsum(fresh) <= AT_ONCE
    pair = asked.pair[fresh]
    sure = SURE if clause.sure_at_least is None else clause.sure_at_least
    return pa.table(
        {
            "left_row": spine.tokens["row_id"].take(pa.array(asked.left[fresh])),
            "right_row": joined.tokens["row_id"].take(pa.array(asked.right[fresh])),
            "linked": found.linked[pair] & (found.chance[pair] >= sure),
            "chance": found.chance[pair],
            "stands_for": asked.stands_for[fresh],
            "at_left": asked.left[fresh],
            "at_right": asked.right[fresh],
        }
    )


def _shown(
    chosen: pa.Table, tables: tuple[pa.Table, pa.Table], dataset: str, fields: tuple[str, ...]
) -> pa.Table:
    """Return pairs with the values of the fields compared, side by side, as text."""
    for side, table, at in zip((LEFT, RIGHT), tables, ("at_left", "at_right"), strict=True):
        for field in (name for name in fields if name in table.column_names):
            value = table[field].take(chosen[at]).cast(pa.string())
            chosen = chosen.append_column(f"{side}{field}", value)
    name = pa.repeat(pa.scalar(dataset, pa.string()), chosen.num_rows)
    return chosen.drop_columns(["at_left", "at_right"]).append_column("dataset", name)
