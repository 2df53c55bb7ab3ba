"""Who belongs to whom when several pairs compete: one to one, or many to one.

One to one is solved for the greatest total weight, not greedily: two brothers who each resemble
both brothers of the other file are given out together. The pairs fall into small groups that share
no row (connected components), and each group is solved by itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Rows = npt.NDArray[np.int32]
Places = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
Kept = npt.NDArray[np.bool_]

_LARGEST: Final = 2000
"""Rows on one side of a group beyond which weights are given out greedily: its solution takes the
cube of this."""


def one_to_one(left: Rows, right: Rows, weight: Weights) -> Kept:
    """Return which pairs to keep so that no row is used twice and the kept weight is greatest.

    ``left``, ``right`` and ``weight`` are of one length; a pair of weight 0 or less is never kept,
    so give log-odds against the least probability that is wanted. Equal weights are settled by row
    number, so the answer does not depend on the order of pairs.
    """
    kept = np.zeros(len(left), np.bool_)
    at = np.flatnonzero(weight > 0)
    if not len(at):
        return kept
    at = at[np.lexsort((right[at], left[at]))]
    left_names, left_at = np.unique(left[at], return_inverse=True)
    right_names, right_at = np.unique(right[at], return_inverse=True)
    group = _groups(left_at, right_at, len(left_names), len(right_names))
    by_group = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[by_group], prepend=-1))
    sizes = np.diff(starts, append=len(by_group))
    kept[at[by_group[starts[sizes == 1]]]] = True
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        members = by_group[start : start + size]
        chosen = _solve(left_at[members], right_at[members], weight[at[members]])
        kept[at[members[chosen]]] = True
    return kept


def many_to_one(right: Rows, weight: Weights, left: Rows) -> Kept:
    """Return which pairs to keep so that each right row has at most one left row: its heaviest.

    A left row may be kept many times. Equal weights are settled by the left row's number.
    """
    kept = np.zeros(len(right), np.bool_)
    at = np.flatnonzero(weight > 0)
    at = at[np.lexsort((left[at], -weight[at], right[at]))]
    kept[at[np.flatnonzero(np.diff(right[at], prepend=-1))]] = True
    return kept


def _groups(left: Places, right: Places, lefts: int, rights: int) -> npt.NDArray[np.int32]:
    """Return each pair's group: pairs that share a row, directly or through others, are of one."""
    ones = np.ones(len(left), np.bool_)
    graph = coo_array((ones, (left, lefts + right)), shape=(lefts + rights, lefts + rights))
    _, labels = connected_components(graph, directed=False)
    found: npt.NDArray[np.int32] = labels[left]
    return found


def _solve(left: Places, right: Places, weight: Weights) -> npt.NDArray[np.intp]:
    """Return the places of the pairs kept in one group."""
    lefts, left_at = np.unique(left, return_inverse=True)
    rights, right_at = np.unique(right, return_inverse=True)
    if min(len(lefts), len(rights)) == 1:
        return np.array([int(np.argmax(weight))])
    if max(len(lefts), len(rights)) > _LARGEST:
        return _greedy(left_at, right_at, weight)
    # Imported here: the library takes longer to load than most linkages take to need it.
    from scipy.optimize import linear_sum_assignment

    table = np.zeros((len(lefts), len(rights)))
    place = np.full(table.shape, -1)
    table[left_at, right_at] = weight
    place[left_at, right_at] = np.arange(len(weight))
    rows, columns = linear_sum_assignment(table, maximize=True)
    found: npt.NDArray[np.intp] = place[rows, columns]
    return found[found >= 0]


def _greedy(left: Places, right: Places, weight: Weights) -> npt.NDArray[np.intp]:
    taken_left = np.zeros(left.max() + 1, np.bool_)
    taken_right = np.zeros(right.max() + 1, np.bool_)
    chosen = []
    for pair in np.argsort(-weight, kind="stable"):
        if not (taken_left[left[pair]] or taken_right[right[pair]]):
            taken_left[left[pair]] = taken_right[right[pair]] = True
            chosen.append(pair)
    return np.array(chosen, np.intp)
