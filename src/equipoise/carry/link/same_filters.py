"""Linking files of filters in which crowds of rows bear one and the same filter.

Where a default date and a hostel's address make a thousand records alike to the last bit, none of
them can be told from another, and comparing each with each would fill the machine: a crowd of two
hundred thousand makes forty thousand million equal pairs. So a few of each crowd stand for all.
They compete with one another, and with whoever resembles them, as the crowd would; none of them is
ever more likely than not. Where rows may have any number of partners nobody competes, and those who
are a crowd in both files are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.calibrate import Pairs
from equipoise.carry.link.record import RecordLinks, about, link_records
from equipoise.carry.link.record_clusters import cluster_records

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int32]

KEPT: Final = 8
"""How many of a crowd are compared."""
RECORDS: Final = 200
"""Rows of one and the same filter that may all be one person's, where files are gathered."""
_MANY: Final = 0.01
"""The share of a file's rows, left out, from which on it is told."""
_LEAST: Final = 100
"""Or the number of them: even of a large file so many are told."""
_TOLD: Final = (
    "{gone} records have a filter that others of their file have too, to the last bit: too little "
    "is known of them to tell them apart, and they were linked to nobody. Look for values that "
    "stand for none, as one birth date for all who gave none."
)


def link_files(
    left: Words,
    right: Words,
    *,
    pairs: Pairs = "one to one",
    tokens_left: Words | None = None,
    tokens_right: Words | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> RecordLinks:
    """Link two files of filters as ``link_records`` does, crowds of equal filters thinned out.

    Where any number of right rows may be one left row, only the left file is thinned. Files without
    a crowd are handed on as they are. Raises as ``link_records``.
    """
    lefts = _some_of_each(left)
    rights = _some_of_each(right) if pairs == "one to one" else None
    if pairs == "many to many" and lefts is not None:
        lefts = lefts[~np.isin(_numbers(left[lefts]), _crowds(right))]
    at_left = np.arange(len(left), dtype=np.int32) if lefts is None else lefts
    at_right = np.arange(len(right), dtype=np.int32) if rights is None else rights
    links = link_records(
        left if lefts is None else left[lefts],
        right if rights is None else right[rights],
        pairs=pairs,
        tokens_left=None if tokens_left is None else tokens_left[at_left],
        tokens_right=None if tokens_right is None else tokens_right[at_right],
        progress=progress,
    )
    if lefts is None and rights is None:
        return links
    gone = len(left) - len(at_left), len(right) - len(at_right)
    many = max(gone) >= _LEAST or any(
        one >= _MANY * len(file) for one, file in zip(gone, (left, right), strict=True) if one
    )
    doubts = [links.report.doubt, _TOLD.format(gone=about(sum(gone))) if many else ""]
    report = replace(
        links.report,
        left_rows=len(left),
        right_rows=len(right),
        doubt=" ".join(filter(None, doubts)),
    )
    return RecordLinks(at_left[links.left], at_right[links.right], links.probability, report)


def _some_of_each(filters: Words) -> Places | None:
    """Return the places of rows to compare, in order: of equal filters, the first few.

    None where no filter is so common.
    """
    numbers = _numbers(filters)
    _, group, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    if counts.max(initial=0) <= KEPT:
        return None
    order = np.argsort(group, kind="stable")
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(order)) - starts[group[order]]
    kept: Places = np.sort(order[rank < KEPT]).astype(np.int32)
    return kept


def cluster_files(
    files: Mapping[str, Words],
    tokens: Mapping[str, Words] | None = None,
    *,
    without_repeats: frozenset[str] = frozenset(),
    progress: Callable[[float, str], None] = lambda share, doing: None,
) -> dict[str, npt.NDArray[np.int64]]:
    """Gather files of filters as ``cluster_records`` does; a row whose filter is borne by more rows
    than one person can have records is an entity of its own, since nothing says whose it is."""
    whole = np.vstack(list(files.values()))
    common = np.isin(_numbers(whole), _crowds(whole, RECORDS))
    if not common.any():
        return cluster_records(files, tokens, without_repeats=without_repeats, progress=progress)
    ends = np.cumsum([len(rows) for rows in files.values()])[:-1]
    kept = dict(zip(files, np.split(~common, ends), strict=True))
    found = cluster_records(
        {name: rows[kept[name]] for name, rows in files.items()},
        tokens and {name: rows[kept[name]] for name, rows in tokens.items()},
        without_repeats=without_repeats,
        progress=progress,
    )
    numbers = np.full(len(whole), -1, np.int64)
    numbers[~common] = np.concatenate([found[name] for name in files])
    numbers[common] = numbers.max() + 1 + np.arange(common.sum())
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    # Entities are numbered by their first row.
    order = np.empty(len(first), np.int64)
    order[np.argsort(first)] = np.arange(len(first))
    return dict(zip(files, np.split(order[inverse], ends), strict=True))


def _crowds(filters: Words, most: int = KEPT) -> Words:
    """Return the numbers of filters that more rows bear than that."""
    numbers, counts = np.unique(_numbers(filters), return_counts=True)
    return numbers[counts > most]


def _numbers(filters: Words) -> Words:
    """Return one number for each filter, the same for equal ones and hardly ever for others."""
    odd = np.random.default_rng(0).integers(0, 2**63, filters.shape[1], np.uint64) * 2 + 1
    numbers = np.zeros(len(filters), np.uint64)
    for place, factor in enumerate(odd):
        numbers += filters[:, place] * np.uint64(factor)
    return numbers
