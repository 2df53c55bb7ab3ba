"""Records of one person gathered from any number of tables, without snowballing.

Chaining every likely pair (A is like B, B like C, …) grows clusters in which the ends have nothing
in common. Here a cluster is joined to another only while its records are, on average over *all*
their pairs, more likely one person than not: average linkage on log-odds, where a pair nobody
proposed counts against it. A pair that differs counts against it by four to one at the most: of
somebody's many records one that is spoilt differs from all the others, which says one thing, once,
and not as many things as there are others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Rows = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]

_FOR: Final = 8.0
AGAINST: Final = 2.0
"""Log-odds (bits) beyond which a pair says no more for a whole cluster, or against it."""
_LARGEST: Final = 1500
"""Rows of one group that are held against each other in full; a larger one is first cut."""


def gather(
    rows: int,
    left: Rows,
    right: Rows,
    log_odds: Weights,
    weigh: Callable[[Rows, Rows], Weights],
    *,
    apart: npt.NDArray[np.int64] | None = None,
) -> Rows:
    """Return a cluster number, from 0, for each of ``rows`` records.

    ``left``, ``right`` and ``log_odds`` (bits) are the likely pairs; ``weigh`` gives the log-odds
    of any pairs. Records with one and the same number of ``apart`` (0 or more) are never put
    together: a table that has nobody twice. Clusters are numbered by their first record.
    """
    numbers = np.arange(rows, dtype=np.int64)
    for members in _groups(rows, left, right, log_odds):
        numbers[members] = members[0]
        if len(members) > 2 or apart is not None:
            numbers[members] = members[_first(_average(members, weigh, apart))]
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def kept_apart(
    sizes: Mapping[str, int], without_repeats: frozenset[str]
) -> npt.NDArray[np.int64] | None:
    """Return ``apart`` for tables of so many rows, one after another: each row's table if that is
    one of ``without_repeats``, else -1; None where there is none."""
    if not without_repeats:
        return None
    numbers = [
        np.full(rows, number if name in without_repeats else -1, np.int64)
        for number, (name, rows) in enumerate(sizes.items())
    ]
    return np.concatenate(numbers)


def _first(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """Return for each place the first place of its label."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first[inverse]


def _groups(rows: int, left: Rows, right: Rows, log_odds: Weights) -> list[Rows]:
    """Return groups of two or more records joined by likely pairs, none larger than the bound.

    A group that is too large is cut at ever higher odds until its parts are small enough.
    """
    found: list[Rows] = []
    waiting = [(left, right, log_odds, 0.0)]
    while waiting:
        a, b, odds, floor = waiting.pop()
        held = odds > floor
        a, b, odds = a[held], b[held], odds[held]
        if not len(a):
            continue
        graph = coo_array((np.ones(len(a), np.bool_), (a, b)), shape=(rows, rows))
        count, labels = connected_components(graph, directed=False)
        sizes = np.bincount(labels, minlength=count)
        order = np.argsort(labels, kind="stable")
        starts = np.concatenate([[0], np.cumsum(sizes)])
        for group in np.flatnonzero((sizes > 1) & (sizes <= _LARGEST)):
            found.append(order[starts[group] : starts[group + 1]])
        large = (sizes > _LARGEST)[labels[a]]
        if large.any():
            waiting.append((a[large], b[large], odds[large], floor + 2.0))
    return found


def _average(
    members: Rows, weigh: Callable[[Rows, Rows], Weights], apart: npt.NDArray[np.int64] | None
) -> npt.NDArray[np.int32]:
    """Return a label for each member: average linkage, cut where the average log-odds reach 0."""
    a, b = np.triu_indices(len(members), 1)
    weights = np.clip(weigh(members[a], members[b]), -AGAINST, _FOR)
    if apart is not None:
        of = apart[members]
        # Far below any average that other pairs could lift above nought.
        weights[(of[a] == of[b]) & (of[a] >= 0)] = -_FOR * 2 * len(members) ** 2
    if len(members) == 2:
        return np.array([1, 1 if weights[0] > 0 else 2], np.int32)
    # Imported here: the library takes longer to load than linking two tables takes.
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(_FOR - weights, method="average")
    labels: npt.NDArray[np.int32] = fcluster(tree, t=_FOR, criterion="distance")
    return labels
