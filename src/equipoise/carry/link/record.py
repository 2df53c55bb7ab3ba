"""Linking record-level filters: all that a linkage unit has is two piles of bits.

``link_records`` finds the pairs that resemble each other beyond chance (``record_pairs``), judges
each without truth (``record_model``) and gives the rows out so that none is used twice
(``assign``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.assign import many_to_one
from equipoise.carry.link.assign import one_to_one as given_out
from equipoise.carry.link.record_model import judge
from equipoise.carry.link.record_pairs import Near, all_pairs, cutoff_for
from equipoise.errors import DataRefused, Problem

Filters = npt.NDArray[np.uint64]
_LEAST = 0.01


@dataclass(frozen=True)
class RecordReport:
    """What linking found, in figures. ``precision`` and ``recall`` are estimates, of links with a
    probability of a half or more; recall is of the matches that the filters can show."""

    left_rows: int
    right_rows: int
    compared: int
    near: int
    links: int
    precision: float
    recall: float
    cutoff: float


@dataclass(frozen=True)
class RecordLinks:
    """Links: row numbers, the probability of each, and a report."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float64]
    report: RecordReport


def link_records(
    left: Filters,
    right: Filters,
    *,
    one_to_one: bool = True,
    tokens_left: npt.NDArray[np.uint64] | None = None,
    tokens_right: npt.NDArray[np.uint64] | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> RecordLinks:
    """Link two files of filters (``n x words``); each right row is given at most one left row.

    With ``one_to_one`` each left row too is used once. Links of a probability below 0.01 are left
    out; a caller who wants links that are more probable than not keeps those above a half. Raises
    ``DataRefused`` (LNK201) for filters of different lengths.
    """
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[1]:
        raise DataRefused(
            Problem(
                "LNK201",
                "the two files hold filters of different lengths",
                why="they were made with different strengths",
                next="have both encoded again under one version of the agreement",
            )
        )
    near = all_pairs(left, right, cutoff_for(len(left), len(right)), progress)
    judged = judge(near, len(left), len(right), one_to_one=one_to_one)
    weight = np.log(np.maximum(judged.odds, 1e-9) / _LEAST)
    if one_to_one:
        kept = given_out(near.left, near.right, weight)
    else:
        kept = many_to_one(near.right, weight, near.left)
    kept &= judged.probability >= _LEAST
    return RecordLinks(
        near.left[kept],
        near.right[kept],
        judged.probability[kept],
        _report(near, judged.probability, judged.probability[kept], len(left), len(right)),
    )


def _report(
    near: Near,
    every: npt.NDArray[np.float64],
    kept: npt.NDArray[np.float64],
    lefts: int,
    rights: int,
) -> RecordReport:
    likely = kept[kept >= 0.5]
    return RecordReport(
        lefts,
        rights,
        near.compared,
        len(near.left),
        len(likely),
        float(likely.mean()) if len(likely) else 1.0,
        float(likely.sum() / every.sum()) if every.sum() > 0 else 0.0,
        near.cutoff,
    )
