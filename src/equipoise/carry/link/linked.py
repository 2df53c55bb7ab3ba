"""What every linker gives: every row and the entity it belongs to, every link, and a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.agree.parts import Entity
from equipoise.carry.link.report import LinkReport

Places = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]

ID: Final = pa.binary(16)
COMPARED: Final = -1
"""Stands where a rule's number would, for a link that was found by comparing."""

MEMBERS: Final = pa.schema([("dataset", pa.string()), ("row_id", ID), ("entity_row", pa.int64())])
"""Every row of every dataset that no list bars, and the entity it belongs to."""
PAIRS: Final = pa.schema(
    [("dataset", pa.string()), ("left_row", ID), ("right_row", ID), ("rule", pa.int8())]
)
"""Every link: the joined dataset, the spine's row id, the joined row's id, the rule's number."""
SCORED: Final = PAIRS.append(pa.field("probability", pa.float64()))
"""The same in a mode that compares: rule -1 and a probability where no rule linked the two."""


DROPPED: Final = pa.schema([("dataset", pa.string()), ("row_id", ID)])
"""Rows that take no part because an opt-out list bars them."""


@dataclass(frozen=True)
class Linked:
    """One entity, linked. ``members`` has the schema ``MEMBERS``, ``pairs`` has ``PAIRS``.

    In a mode that compares, ``pairs`` has ``SCORED``. ``dropped`` has ``DROPPED``.
    """

    members: pa.Table
    pairs: pa.Table
    report: LinkReport
    dropped: pa.Table = field(default_factory=DROPPED.empty_table)


@dataclass(frozen=True)
class Met:
    """Places of linked rows in the spine and in one joined dataset, and by which rule.

    ``probability`` is None in the mode ``exact``, and not a number where a rule linked the two.
    """

    left: Places
    right: Places
    rule: npt.NDArray[np.int8]
    probability: Probabilities | None = None


def linked(
    clause: Entity, tables: Mapping[str, pa.Table], met: Mapping[str, Met], report: LinkReport
) -> Linked:
    """Return what was found as tables; ``report`` is given the number of entities."""
    ranks = {name: ranks_of(table["row_id"]) for name, table in tables.items()}
    members, entities = _members(clause, tables, ranks, met)
    pairs = _pairs(clause.spine, tables, ranks, met)
    return Linked(members, pairs, replace(report, entities=entities))


def _members(
    clause: Entity,
    tables: Mapping[str, pa.Table],
    ranks: Mapping[str, Places],
    met: Mapping[str, Met],
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


def ranks_of(row_ids: pa.ChunkedArray) -> Places:
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
    spine: str, tables: Mapping[str, pa.Table], ranks: Mapping[str, Places], met: Mapping[str, Met]
) -> pa.Table:
    scored = any(links.probability is not None for links in met.values())
    schema = SCORED if scored else PAIRS
    parts = [schema.empty_table()]
    for dataset, links in met.items():
        order = np.lexsort((ranks[dataset][links.right], ranks[spine][links.left]))
        columns = {
            "dataset": pa.repeat(pa.scalar(dataset, pa.string()), len(order)),
            "left_row": tables[spine]["row_id"].take(pa.array(links.left[order])),
            "right_row": tables[dataset]["row_id"].take(pa.array(links.right[order])),
            "rule": pa.array(links.rule[order], pa.int8()),
        }
        if links.probability is not None:
            columns["probability"] = pa.array(links.probability[order], from_pandas=True)
        parts.append(pa.table(columns, schema=schema))
    return pa.concat_tables(parts)
