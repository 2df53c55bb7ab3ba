"""Families, by what was declared: who is whose partner, parent or guardian, and when.

A family is one person, or partners, with the children who have neither partner nor child of their
own; whoever has one begins a family of their own. So a family ends at two generations, and a chain
of relations never gathers a town. A child of separated parents is in the family of each.

A family says nothing of an address, and a household nothing of a relation: the two are counted
apart, and have identifiers apart.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from equipoise.carry.identity.register import MOMENT, Numbers, numbers
from equipoise.errors import DataRefused, Problem

PARTNER, PARENT, GUARDIAN, CHILD = "partner of", "parent of", "guardian of", "child of"
WORDS: Final = (PARTNER, PARENT, GUARDIAN, CHILD)
RELATIONS: Final = pa.schema(
    [
        ("person", pa.int64()),
        ("relation", pa.string()),
        ("other", pa.int64()),
        ("valid_from", MOMENT),
        ("valid_to", MOMENT),
    ]
)
"""``person`` is ``relation`` ``other``, from (null: always) until (null: still)."""
FAMILIES: Final = pa.schema([("family", pa.int64()), ("person", pa.int64()), ("part", pa.string())])
"""``part`` is ``adult`` or ``child``. Families are numbered from 0, at the moment asked for."""


def families(relations: pa.Table, moment: datetime) -> pa.Table:
    """Return the families at a moment (``FAMILIES``). People without relation are in none.

    Raises ``DataRefused`` (IDR040 unknown relation, IDR041 somebody related to themselves).
    """
    _check(relations)
    now = _standing_then(relations, moment)
    one, other = numbers(now["person"]), numbers(now["other"])
    partner = np.asarray(pc.equal(now["relation"], PARTNER))
    upward = np.asarray(pc.equal(now["relation"], CHILD))
    parent = np.where(upward, other, one)[~partner]
    child = np.where(upward, one, other)[~partner]
    size = int(max(one.max(initial=-1), other.max(initial=-1))) + 1
    core = _cores(one[partner], other[partner], size)
    heads = np.zeros(size, np.bool_)
    for those in (one[partner], other[partner], parent):
        heads[those] = True
    depends = ~heads[child]
    adults = np.flatnonzero(heads)
    lines = np.concatenate(
        [
            np.stack([core[adults], adults, np.zeros(len(adults), np.int64)], 1),
            np.stack([core[parent], child, np.ones(len(child), np.int64)], 1)[depends],
        ]
    )
    lines = np.unique(lines, axis=0)
    numbered = np.unique(lines[:, 0], return_inverse=True)[1].reshape(-1)
    part = pa.array(["adult", "child"]).take(pa.array(lines[:, 2]))
    return pa.table([numbered.astype(np.int64), lines[:, 1], part], schema=FAMILIES)


def related(relations: pa.Table, moment: datetime) -> tuple[Numbers, Numbers]:
    """Return every pair of people who are related at a moment, for counting unrelated ones."""
    _check(relations)
    now = _standing_then(relations, moment)
    return numbers(now["person"]), numbers(now["other"])


def _standing_then(relations: pa.Table, moment: datetime) -> pa.Table:
    when = pa.scalar(moment, MOMENT)
    begun = pc.fill_null(pc.less_equal(relations["valid_from"], when), True)
    on = pc.fill_null(pc.greater(relations["valid_to"], when), True)
    return relations.filter(pc.and_(begun, on))


def _cores(one: Numbers, other: Numbers, size: int) -> Numbers:
    graph = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _check(relations: pa.Table) -> None:
    problems = []
    known = pc.is_in(relations["relation"], value_set=pa.array(WORDS))
    if strange := relations.num_rows - (pc.sum(known).as_py() or 0):
        problems.append(
            Problem(
                "IDR040",
                f"{strange} declared relations are none that is known",
                why="a family rests on words with one meaning",
                next=f"use one of: {', '.join(WORDS)}",
            )
        )
    if loops := pc.sum(pc.equal(relations["person"], relations["other"])).as_py() or 0:
        problems.append(
            Problem(
                "IDR041",
                f"{loops} declared relations are of a person to themselves",
                why="two records of one person may have been merged since it was declared",
                next="leave them out",
            )
        )
    if problems:
        raise DataRefused(problems)
