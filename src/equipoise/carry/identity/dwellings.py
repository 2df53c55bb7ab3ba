"""Which rows are about one dwelling: addresses and their traps.

A row says where somebody is by up to three keyed values: ``uprn``; ``building``, made of the house
number or name and the postcode; and ``flat``, made of the flat, the number and the postcode, null
where the address names no flat.

- One address written two ways is one dwelling when both ways bear one UPRN.
- Flats of one building are dwellings of their own. A UPRN that stands on several flats is the
  building's own number, and its rows go by their flats; unless somebody is on both flats, then it
  is one flat written two ways.
- A row that names a building with flats and no flat could be any of them, and is placed in none.
- A row without UPRN is placed by its flat, or by its building where that is one dwelling.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from equipoise.carry.identity.register import ID, Numbers, Truths, flat, numbers

PLACES: Final = pa.schema([("person", pa.int64()), ("uprn", ID), ("building", ID), ("flat", ID)])
"""One line for each row that says where a person is. Any of the three may be null."""


def dwellings(places: pa.Table) -> pa.Array:
    """Return the dwelling of each row, as one of its keyed values, or null for none.

    The same dwelling has the same value in the next delivery, as long as it is known by its UPRN,
    or by an address written as before.
    """
    uprn, building, apart = (_coded(places, name) for name in ("uprn", "building", "flat"))
    person = numbers(places["person"])
    group = _groups(person, uprn, apart)
    building_group = _of_buildings(building, group)
    lone = (group < 0) & (building >= 0)
    group[lone] = building_group[building[lone]]
    whole_building = _names_many(uprn, group) & (apart < 0)
    group[whole_building] = -1
    return _named(places, group)


def _coded(places: pa.Table, name: str) -> Numbers:
    indices = flat(places[name]).dictionary_encode().indices
    return numbers(indices)


def _groups(person: Numbers, uprn: Numbers, apart: Numbers) -> Numbers:
    """Return a number for each row with a UPRN or a flat, equal where these are one dwelling."""
    homes, flats = int(uprn.max(initial=-1)) + 1, int(apart.max(initial=-1)) + 1
    both = np.flatnonzero((uprn >= 0) & (apart >= 0))
    pairs, at = np.unique(np.stack([uprn[both], apart[both]], 1), axis=0, return_inverse=True)
    pair = np.full(len(uprn), -1, np.int64)
    pair[both] = at.reshape(-1)
    same_way = _written_by_one_person(person, uprn, pair, pairs)
    several = np.bincount(_ways(pairs, same_way), minlength=homes) > 1 if len(pairs) else None
    spread = several if several is not None else np.zeros(homes, np.bool_)
    # A UPRN joins its flats into one dwelling unless it is a whole building's.
    joins = ~spread[pairs[:, 0]]
    left = np.concatenate([pairs[joins, 0], homes + pairs[same_way[0], 1]])
    right = np.concatenate([homes + pairs[joins, 1], homes + pairs[same_way[1], 1]])
    label = _components(left, right, homes + flats)
    group = np.full(len(uprn), -1, np.int64)
    by_uprn = uprn >= 0
    by_uprn[by_uprn] &= ~spread[uprn[by_uprn]]
    group[by_uprn] = label[uprn[by_uprn]]
    by_flat = ~by_uprn & (apart >= 0)
    group[by_flat] = label[homes + apart[by_flat]]
    return group


def _written_by_one_person(
    person: Numbers, uprn: Numbers, pair: Numbers, pairs: Numbers
) -> tuple[Numbers, Numbers]:
    """Return pairs of (UPRN, flat) with one UPRN that somebody has both of."""
    rows = np.flatnonzero(pair >= 0)
    order = rows[np.lexsort((pair[rows], uprn[rows], person[rows]))]
    one, two = order[:-1], order[1:]
    same = (person[one] == person[two]) & (uprn[one] == uprn[two]) & (pair[one] != pair[two])
    return pair[one[same]], pair[two[same]]


def _ways(pairs: Numbers, same: tuple[Numbers, Numbers]) -> Numbers:
    """Return the UPRN of each flat once, ways of writing one flat taken together."""
    label = _components(same[0], same[1], len(pairs))
    _, first = np.unique(label, return_index=True)
    return np.asarray(pairs[first, 0])


def _components(left: Numbers, right: Numbers, size: int) -> Numbers:
    graph = coo_array((np.ones(len(left), np.bool_), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _span(code: Numbers, group: Numbers) -> tuple[Numbers, Numbers]:
    """Return for each code the lowest and the highest dwelling that its rows are of."""
    count = int(code.max(initial=-1)) + 1
    rows = np.flatnonzero((code >= 0) & (group >= 0))
    lowest = np.full(count, np.iinfo(np.int64).max)
    highest = np.full(count, -1)
    np.minimum.at(lowest, code[rows], group[rows])
    np.maximum.at(highest, code[rows], group[rows])
    return lowest, highest


def _of_buildings(building: Numbers, group: Numbers) -> Numbers:
    """Return for each building its one dwelling; -1 where it has several; a new one for none."""
    lowest, highest = _span(building, group)
    fresh = int(group.max(initial=-1)) + 1 + np.arange(len(highest))
    return np.where(highest < 0, fresh, np.where(lowest == highest, highest, -1))


def _names_many(uprn: Numbers, group: Numbers) -> Truths:
    """Return which rows bear a UPRN whose rows are of several dwellings."""
    lowest, highest = _span(uprn, group)
    many = np.zeros(len(uprn), np.bool_)
    known = uprn >= 0
    many[known] = (highest > lowest)[uprn[known]]
    return many


def _named(places: pa.Table, group: Numbers) -> pa.Array:
    """Return for each group the least of its UPRNs, else of its flats, else of its buildings.

    A value that stands on several dwellings names none of them.
    """
    result = pa.nulls(len(group), ID)
    for name in ("building", "flat", "uprn"):
        code = _coded(places, name)
        lowest, highest = _span(code, group)
        rows = np.flatnonzero((group >= 0) & (code >= 0))
        rows = rows[(lowest == highest)[code[rows]]]
        if not len(rows):
            continue
        column = flat(places[name])
        order = rows[np.asarray(pc.sort_indices(column.take(pa.array(rows))))]
        numbered, first = np.unique(group[order], return_index=True)
        named = column.take(pa.array(order[first]))
        at = np.minimum(np.searchsorted(numbered, group), len(numbered) - 1)
        there = (group >= 0) & (numbered[at] == group)
        result = pc.coalesce(named.take(pa.array(at, mask=~there)), result)
    return result
