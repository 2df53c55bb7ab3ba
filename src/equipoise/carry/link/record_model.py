"""How probable it is that a pair of filters is one person, learnt from the pairs themselves.

No truth is used. Once some rows have plainly found their partner, every *other* pair they are in is
plainly not a match: such pairs show how often people who are not the same resemble each other so
much - by chance, or because they are kin or namesakes. (Proteomics counts its false finds in the
same way, with decoys: Elias and Gygi, Nature Methods 4, 2007.) What is found beyond that number is
matches. The odds at each resemblance follow, made to rise with it (isotonic), and pairs that share
a row then compete: at most one of them can be true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from equipoise.carry.link.record_pairs import Near

Numbers = npt.NDArray[np.float64]

_STEP: Final = 0.25
_TURNS: Final = 12
_FIRM: Final = 0.9
_MARGIN: Final = 2.0
"""By how much a first guess must beat the runner-up of both its rows, in resemblance."""


@dataclass(frozen=True)
class Judged:
    """Each pair's probability; ``odds`` before competition; how many matches are looked for."""

    probability: Numbers
    odds: Numbers
    matches: float


def judge(near: Near, lefts: int, rights: int, *, one_to_one: bool) -> Judged:
    """Return the probability of each pair of ``near`` being one person."""
    if not len(near.left):
        return Judged(np.zeros(0), np.zeros(0), 0.0)
    bins = ((near.resemblance - near.cutoff) / _STEP).astype(np.int64)
    count = np.bincount(bins).astype(float)
    chance = _chance(near, len(count))
    chosen = _plain(near, lefts, rights, one_to_one=one_to_one)
    pairs = float(lefts) * rights
    held = np.bincount(bins[chosen], minlength=len(count)).astype(float)
    odds = probability = np.zeros(len(bins))
    for _ in range(_TURNS):
        others = np.maximum(_others(near, bins, len(count), chosen, lefts, rights), chance)
        if not held.sum():
            held = np.maximum(count - others, 0.0)
        total = min(float(held.sum()), float(min(lefts, rights) if one_to_one else rights))
        free = _free(total, rights) * (_free(total, lefts) if one_to_one else lefts)
        ratio = _rising(held, others) * pairs / max(total, 1e-9)
        odds = (ratio * total / free)[bins]
        probability = _competed(near, odds, lefts, rights, one_to_one=one_to_one)
        # Nothing but this keeps pairs that chance explains from vouching for one another.
        held = np.bincount(bins, weights=probability, minlength=len(count))
        held = np.minimum(held, np.maximum(count - others, 0.0))
        chosen = probability >= _FIRM
    return Judged(probability, odds, float(probability.sum()))


def _free(matches: float, rows: int) -> float:
    """Return how many rows of a file have no partner: never none, since none can be ruled out."""
    return max(rows - matches, 0.005 * rows, 0.5)


def _chance(near: Near, bins: int) -> Numbers:
    """Return how many pairs chance alone puts in each bin."""
    edges = near.cutoff + _STEP * np.arange(bins + 1)
    return np.asarray(-np.diff(near.chance.tail(edges)) * near.compared, np.float64)


def _plain(near: Near, lefts: int, rights: int, *, one_to_one: bool) -> npt.NDArray[np.bool_]:
    """Return pairs that are each other's best by a margin, above what chance reaches."""
    sure = near.chance.cutoff(min(0.1 / max(near.compared, 1), 0.5))
    right_gap = _gap(near.right, near.resemblance, rights)
    gap = np.minimum(_gap(near.left, near.resemblance, lefts), right_gap)
    return ((gap if one_to_one else right_gap) >= _MARGIN) & (near.resemblance >= sure)


def _gap(rows: npt.NDArray[np.int32], score: npt.NDArray[np.float32], size: int) -> Numbers:
    """Return by how much each pair exceeds the best other pair of its row (below zero if not)."""
    order = np.lexsort((-score, rows))
    first = np.flatnonzero(np.diff(rows[order], prepend=-1))
    best = np.full(size, -np.inf)
    second = np.full(size, -np.inf)
    best[rows[order[first]]] = score[order[first]]
    follow = first + 1
    follow = follow[follow < len(order)]
    follow = follow[rows[order[follow]] == rows[order[follow - 1]]]
    second[rows[order[follow]]] = score[order[follow]]
    leader = np.zeros(len(rows), bool)
    leader[order[first]] = True
    rival = np.where(leader, second[rows], best[rows])
    return np.asarray(np.minimum(score - rival, 1e9), np.float64)


def _others(
    near: Near,
    bins: npt.NDArray[np.int64],
    size: int,
    chosen: npt.NDArray[np.bool_],
    lefts: int,
    rights: int,
) -> Numbers:
    """Return how many pairs that are no match each bin should hold, judged by firm rows' others."""
    firm_left = np.zeros(lefts, bool)
    firm_right = np.zeros(rights, bool)
    firm_left[near.left[chosen]] = True
    firm_right[near.right[chosen]] = True
    shown = (firm_left[near.left] | firm_right[near.right]) & ~chosen
    pairs = lefts * rights - (lefts - firm_left.sum()) * (rights - firm_right.sum())
    seen = np.bincount(bins[shown], minlength=size)
    return np.asarray(seen * (lefts * rights / max(pairs, 1)), np.float64)


def _rising(matches: Numbers, others: Numbers) -> Numbers:
    """Return how many matches there are to each other pair, never fewer as resemblance grows."""
    share = (matches + 0.01) / (matches + others + 0.02)
    steady = isotonic_regression(share, weights=matches + others + 0.02).x
    return np.asarray(steady / (1 - steady), np.float64)


def _competed(near: Near, odds: Numbers, lefts: int, rights: int, *, one_to_one: bool) -> Numbers:
    """Return probabilities when at most one pair of a row can be true."""
    rival = np.bincount(near.right, weights=odds, minlength=rights)[near.right].astype(float)
    if one_to_one:
        rival = rival + np.bincount(near.left, weights=odds, minlength=lefts)[near.left] - odds
    return np.asarray(odds / (1 + rival), np.float64)
