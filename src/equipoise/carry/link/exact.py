"""Linking by equal tokens, rule by rule.

Each joined dataset is held against the spine by itself, the rules in the order of the agreement.
A rule sees only rows that no earlier rule linked. It links two rows when they have the same token
and nothing else could be meant:

- one to one: the token stands on exactly one free spine row and exactly one free joined row;
  both are then taken, the spine row for this dataset;
- many to one: the token stands on exactly one spine row; any number of joined rows may have it.

A token that could mean several rows links none of them; a later rule may still tell them apart.
So the result does not depend on the order of rows, and rows with other tokens change nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.carry.encode.folding import distinct
from equipoise.carry.link.linked import ID, Linked, Met, Places, linked
from equipoise.carry.link.report import (
    NOBODY,
    DatasetCount,
    LinkReport,
    RuleCount,
    hardly_any,
)
from equipoise.carry.session import Session
from equipoise.errors import DataRefused, Problem, UsageRefused

_MOST_RULES: Final = 127


def link_exact(session: Session, agreement: Agreement, entity: str) -> Linked:
    """Link the encoded tables of one entity; the session names each by its dataset.

    Raises ``UsageRefused`` (LNK001) for an entity the agreement does not have, ``DataRefused``
    (LNK002 to LNK005) for tables that are not as ``encode`` makes them.
    """
    clause = entity_clause(agreement, entity)
    tables = token_tables(session, clause, entity)
    spine = tables[clause.spine]
    met: dict[str, Met] = {}
    told = []
    for done, dataset in enumerate(clause.join):
        session.progress(done / len(clause.join), f"linking {dataset} to {clause.spine}")
        met[dataset], count = link_by_rules(spine, tables[dataset], dataset, entity, clause)
        told.append(count)
    session.progress(1.0, "linked")
    report = LinkReport(entity, clause.spine, spine.num_rows, clause.pairs, 0, tuple(told))
    return linked(clause, tables, met, report)


def entity_clause(agreement: Agreement, entity: str) -> Entity:
    """Return the clause of an entity. Raises ``UsageRefused`` (LNK001) where there is none."""
    if agreement.linkage is None or entity not in agreement.linkage.entities:
        raise UsageRefused(
            Problem(
                "LNK001",
                f"the agreement links no entity called {entity!r}",
                clause="linkage.entities",
                next="name one of the entities of the agreement",
            )
        )
    return agreement.linkage.entities[entity]


def link_by_rules(
    spine: pa.Table, joined: pa.Table, dataset: str, entity: str, clause: Entity
) -> tuple[Met, DatasetCount]:
    """Apply every rule to one joined dataset. Tables have the columns of ``token_tables``."""
    partner = np.full(joined.num_rows, -1, np.int64)
    by_rule = np.full(joined.num_rows, -1, np.int8)
    spine_free = np.ones(spine.num_rows, np.bool_)
    one_to_one = clause.pairs == "one to one"
    counts = []
    for number, rule in enumerate(clause.rules):
        left = np.flatnonzero(spine_free) if one_to_one else np.arange(spine.num_rows)
        right = np.flatnonzero(partner < 0)
        name = f"{entity}.{number}"
        codes_left, codes_right = _codes(
            spine[name].take(pa.array(left)), joined[name].take(pa.array(right))
        )
        spine_at, ambiguous, present = _meet(codes_left, codes_right, one_to_one)
        found = spine_at >= 0
        partner[right[found]] = left[spine_at[found]]
        by_rule[right[found]] = number
        spine_free[left[spine_at[found]]] = False
        missing = int((codes_right < 0).sum())
        counts.append(
            RuleCount(
                rule=tuple(rule),
                tried=len(right),
                found=int(found.sum()),
                ambiguous=int(ambiguous.sum()),
                missing=missing,
                absent=len(right) - missing - int(present.sum()),
            )
        )
    at = np.flatnonzero(partner >= 0)
    met = Met(partner[at], at, by_rule[at])
    rows = joined.num_rows
    doubt = NOBODY if hardly_any(len(at), min(rows, spine.num_rows)) else ""
    lefts = len(np.unique(met.left))
    return met, DatasetCount(dataset, rows, len(at), lefts, tuple(counts), doubt=doubt)


def _codes(left: pa.ChunkedArray, right: pa.ChunkedArray) -> tuple[Places, Places]:
    """Return small integers that are equal exactly where tokens are; -1 for a missing token."""
    both = pa.chunked_array([*left.chunks, *right.chunks], ID)
    codes = distinct(both).indices.fill_null(-1).to_numpy().astype(np.int64)
    return codes[: len(left)], codes[len(left) :]


def _meet(
    left: Places, right: Places, one_to_one: bool
) -> tuple[Places, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return for each right row the one left row it means (-1 for none), and whether its token is
    ambiguous, and whether any left row has it."""
    size = int(max(left.max(initial=-1), right.max(initial=-1))) + 2
    on_left, on_right = _count(left, size), _count(right, size)
    holder = np.full(size, -1, np.int64)
    # A missing token is -1, the last place: nothing is counted there, so nothing is linked by it.
    holder[left] = np.arange(len(left))
    present = on_left[right] > 0
    alone = on_left == 1
    if one_to_one:
        alone &= on_right == 1
    spine_at = np.where(alone[right], holder[right], -1)
    return spine_at, present & (spine_at < 0), present


def _count(codes: Places, size: int) -> npt.NDArray[np.int64]:
    return np.bincount(codes[codes >= 0], minlength=size)


def token_tables(session: Session, clause: Entity, entity: str) -> dict[str, pa.Table]:
    """Return the row ids and tokens of each dataset, checked.

    Raises ``DataRefused`` (LNK002 to LNK005) with all problems.
    """
    wanted = ["row_id", *(f"{entity}.{number}" for number in range(len(clause.rules)))]
    problems: list[Problem] = []
    if len(clause.rules) > _MOST_RULES:
        problems.append(
            Problem(
                "LNK005",
                f"{len(clause.rules)} rules are more than {_MOST_RULES}",
                clause=f"linkage.entities.{entity}.rules",
                next="leave out rules that find nobody",
            )
        )
    tables: dict[str, pa.Table] = {}
    for dataset in (clause.spine, *clause.join):
        if dataset not in session.names():
            problems.append(
                Problem(
                    "LNK002",
                    f"the encoded table of {dataset} is not here",
                    clause=f"datasets.{dataset}",
                    next="ask its owner for the parcel of encodings",
                )
            )
            continue
        table = session.table(dataset)
        problems += _faults(table, dataset, wanted)
        if not problems:
            tables[dataset] = table.select(wanted)
    if problems:
        raise DataRefused(problems)
    return tables


def _faults(table: pa.Table, dataset: str, wanted: list[str]) -> list[Problem]:
    wrong = [
        name
        for name in wanted
        if name not in table.column_names or table.schema.field(name).type != ID
    ]
    if wrong:
        return [
            Problem(
                "LNK003",
                f"the encoded table of {dataset} lacks 16-byte columns: {', '.join(wrong)}",
                clause=f"datasets.{dataset}",
                why="it was not encoded under these rules",
                next="have its owner pack it again under this version of the agreement",
            )
        ]
    ids = table["row_id"]
    if ids.null_count or pc.count_distinct(ids).as_py() != len(ids):
        return [
            Problem(
                "LNK004",
                f"row ids of {dataset} are missing or repeated",
                clause=f"datasets.{dataset}",
                why="a link could not be told from another",
                next="have its owner pack it again",
            )
        ]
    return []
