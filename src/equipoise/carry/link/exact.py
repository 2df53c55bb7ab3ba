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

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.carry.encode.folding import distinct
from equipoise.carry.link.report import DatasetCount, LinkReport, RuleCount
from equipoise.carry.session import Session
from equipoise.errors import DataRefused, Problem, UsageRefused

Places = npt.NDArray[np.int64]

_ID: Final = pa.binary(16)
_MOST_RULES: Final = 127
MEMBERS: Final = pa.schema([("dataset", pa.string()), ("row_id", _ID), ("entity_row", pa.int64())])
"""Every row of every dataset and the entity it belongs to."""
PAIRS: Final = pa.schema(
    [("dataset", pa.string()), ("left_row", _ID), ("right_row", _ID), ("rule", pa.int8())]
)
"""Every link: the joined dataset, the spine's row id, the joined row's id, the rule's number."""


@dataclass(frozen=True)
class Linked:
    """One entity, linked. ``members`` has the schema ``MEMBERS``, ``pairs`` has ``PAIRS``."""

    members: pa.Table
    pairs: pa.Table
    report: LinkReport


@dataclass(frozen=True)
class _Met:
    """Places of linked rows in the spine and in one joined dataset, and by which rule."""

    left: Places
    right: Places
    rule: npt.NDArray[np.int8]


def link_exact(session: Session, agreement: Agreement, entity: str) -> Linked:
    """Link the encoded tables of one entity; the session names each by its dataset.

    Raises ``UsageRefused`` (LNK001) for an entity the agreement does not have, ``DataRefused``
    (LNK002 to LNK005) for tables that are not as ``encode`` makes them.
    """
    if agreement.linkage is None or entity not in agreement.linkage.entities:
        raise UsageRefused(
            Problem(
                "LNK001",
                f"the agreement links no entity called {entity!r}",
                clause="linkage.entities",
                next="name one of the entities of the agreement",
            )
        )
    clause = agreement.linkage.entities[entity]
    tables = _tables(session, clause, entity)
    spine = tables[clause.spine]
    met: dict[str, _Met] = {}
    told = []
    for done, dataset in enumerate(clause.join):
        session.progress(done / len(clause.join), f"linking {dataset} to {clause.spine}")
        met[dataset], count = _link_one(spine, tables[dataset], dataset, entity, clause)
        told.append(count)
    ranks = {name: _ranks(table["row_id"]) for name, table in tables.items()}
    members, entities = _members(clause, tables, ranks, met)
    session.progress(1.0, "linked")
    report = LinkReport(entity, clause.spine, spine.num_rows, clause.pairs, entities, tuple(told))
    return Linked(members, _pairs(clause.spine, tables, ranks, met), report)


def _link_one(
    spine: pa.Table, joined: pa.Table, dataset: str, entity: str, clause: Entity
) -> tuple[_Met, DatasetCount]:
    """Apply every rule to one joined dataset."""
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
    met = _Met(partner[at], at, by_rule[at])
    return met, DatasetCount(
        dataset, joined.num_rows, len(at), len(np.unique(met.left)), tuple(counts)
    )


def _codes(left: pa.ChunkedArray, right: pa.ChunkedArray) -> tuple[Places, Places]:
    """Return small integers that are equal exactly where tokens are; -1 for a missing token."""
    both = pa.chunked_array([*left.chunks, *right.chunks], _ID)
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


def _members(
    clause: Entity, tables: dict[str, pa.Table], ranks: dict[str, Places], met: dict[str, _Met]
) -> tuple[pa.Table, int]:
    """Number the entities: spine rows first, then unlinked rows, each in the order of row ids.

    Row ids are random, so neither the numbers nor the order of the table say anything of a row's
    place in its owner's file.
    """
    spine_numbers = ranks[clause.spine]
    parts = [_listed(clause.spine, tables[clause.spine], spine_numbers, spine_numbers)]
    next_number = len(spine_numbers)
    for dataset, links in met.items():
        numbers = np.full(tables[dataset].num_rows, -1, np.int64)
        numbers[links.right] = spine_numbers[links.left]
        alone = np.flatnonzero(numbers < 0)
        numbers[alone[np.argsort(ranks[dataset][alone])]] = next_number + np.arange(len(alone))
        next_number += len(alone)
        parts.append(_listed(dataset, tables[dataset], numbers, ranks[dataset]))
    return pa.concat_tables(parts), next_number


def _ranks(row_ids: pa.ChunkedArray) -> Places:
    """Return each row id's rank from 0, ids read as 16 bytes, the highest first."""
    if not len(row_ids):
        return np.zeros(0, np.int64)
    flat = row_ids.combine_chunks()
    flat = pa.concat_arrays(flat.chunks) if isinstance(flat, pa.ChunkedArray) else flat
    halves = np.frombuffer(flat.buffers()[1], dtype=">u8").reshape(-1, 2)
    halves = halves[flat.offset : flat.offset + len(flat)].astype(np.uint64)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _listed(dataset: str, table: pa.Table, numbers: Places, ranks: Places) -> pa.Table:
    name = pa.repeat(pa.scalar(dataset, pa.string()), table.num_rows)
    listed = pa.table(
        {"dataset": name, "row_id": table["row_id"], "entity_row": numbers}, schema=MEMBERS
    )
    return listed.take(pa.array(np.lexsort((ranks, numbers))))


def _pairs(
    spine: str, tables: dict[str, pa.Table], ranks: dict[str, Places], met: dict[str, _Met]
) -> pa.Table:
    parts = [PAIRS.empty_table()]
    for dataset, links in met.items():
        order = np.lexsort((ranks[dataset][links.right], ranks[spine][links.left]))
        parts.append(
            pa.table(
                {
                    "dataset": pa.repeat(pa.scalar(dataset, pa.string()), len(order)),
                    "left_row": tables[spine]["row_id"].take(pa.array(links.left[order])),
                    "right_row": tables[dataset]["row_id"].take(pa.array(links.right[order])),
                    "rule": pa.array(links.rule[order], pa.int8()),
                },
                schema=PAIRS,
            )
        )
    return pa.concat_tables(parts)


def _tables(session: Session, clause: Entity, entity: str) -> dict[str, pa.Table]:
    """Return the encoded tables, checked. Raises ``DataRefused`` with all problems."""
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
        if name not in table.column_names or table.schema.field(name).type != _ID
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
