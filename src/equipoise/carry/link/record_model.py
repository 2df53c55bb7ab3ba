"""How probable it is that a pair of filters is one person, learnt from the pairs themselves.

No truth is used. Once some rows have plainly found their partner, every *other* pair they are in is
plainly not a match: such pairs show how often people who are not the same resemble each other so
much - by chance, or because they are kin or namesakes. (Proteomics counts its false finds in the
same way, with decoys: Elias and Gygi, Nature Methods 4, 2007.) What rows that are still free hold
beyond that number is matches. How many matches there are at each resemblance changes slowly, so
where others drown them it is read off the resemblances at which they show. Odds are made to rise
with resemblance (isotonic), and pairs that share a row then compete (``competition``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.calibrate import Pairs
from equipoise.carry.link.competition import Messages, Rivals, shared
from equipoise.carry.link.record_pairs import Near

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

STEP: Final = 0.25
"""Resemblances are counted in steps of this."""
FIRM: Final = 0.9
"""The probability from which on a pair stands for its rows' having been found."""
_TURNS: Final = 12
_MARGIN: Final = 2.0
"""By how much a first guess must beat the runner-up of both its rows, in resemblance."""
_SLOWLY: Final = 1.5
"""The resemblance over which the number of matches changes little."""
_TOLD: Final = 50.0
"""Pairs by chance from which on it is told how far others exceed chance."""


@dataclass(frozen=True)
class Judged:
    """Each pair's probability; ``odds`` before competition; how many matches are looked for."""

    probability: Numbers
    odds: Numbers
    matches: float


@dataclass(frozen=True)
class Deeper:
    """A second look, below the first one's ``cutoff``, at ``compared`` pairs of free rows only."""

    cutoff: float
    compared: int


@dataclass(frozen=True)
class _Case:
    """What is judged: pairs, the step at which each stands, and for each step how many pairs could
    have been found there (``looked``) and how many chance alone puts there."""

    near: Near
    rivals: Rivals
    steps: npt.NDArray[np.int64]
    looked: Numbers
    chance: Numbers
    deeper: int

    @property
    def whole(self) -> float:
        """Return how many pairs of rows there are."""
        return float(self.rivals.lefts) * self.rivals.rights

    def count(self, some: Flags, weights: Numbers | None = None) -> Numbers:
        """Return how many of some pairs stand at each step, or what they weigh."""
        weights = None if weights is None else weights[some]
        counted = np.bincount(self.steps[some], weights, len(self.looked))
        return np.asarray(counted, np.float64)


def judge(
    near: Near,
    lefts: int,
    rights: int,
    pairs: Pairs = "one to one",
    deeper: Deeper | None = None,
) -> Judged:
    """Return the probability of each pair of ``near`` being one person, rows pairing as ``pairs``.

    With ``deeper``, ``near`` holds what both looks found, from the lower cutoff.
    """
    if not len(near.left):
        return Judged(np.zeros(0), np.zeros(0), 0.0)
    rivals = Rivals(near.left, near.right, lefts, rights, pairs)
    case = _case(near, rivals, deeper)
    chosen = _plain(case)
    held = case.count(chosen)
    odds = probability = np.zeros(len(chosen))
    messages: Messages | None = None
    for _ in range(_TURNS):
        others = _others(case, chosen, probability)
        if not held.sum():
            held = np.maximum(case.count(np.ones_like(chosen)) - others, 0.0)
        total = min(float(held.sum()), rivals.most())
        ratio = rising(_slowly(held, others), others, case.looked / case.whole)
        odds = (ratio * case.whole / rivals.free(chosen, total))[case.steps]
        probability, messages = shared(rivals, odds, messages)
        chosen = probability >= FIRM
        held = _held(case, chosen, probability, others)
    return Judged(probability, odds, float(probability.sum()))


def _case(near: Near, rivals: Rivals, deeper: Deeper | None) -> _Case:
    # A resemblance at the very cutoff may lie a hair below it in single precision.
    steps = ((near.resemblance.astype(float) - near.cutoff) / STEP + 1e-5).astype(np.int64)
    size = int(steps.max()) + 1
    below = round((deeper.cutoff - near.cutoff) / STEP) if deeper is not None else 0
    looked = np.full(size, float(near.compared))
    if deeper is not None:
        looked[:below] = deeper.compared
    edges = near.cutoff + STEP * np.arange(size + 1)
    return _Case(near, rivals, steps, looked, -np.diff(near.chance.tail(edges)) * looked, below)


def _plain(case: _Case) -> Flags:
    """Return pairs that are each other's best by a margin, above what chance reaches."""
    near, rivals = case.near, case.rivals
    sure = near.chance.cutoff(min(0.1 / max(near.compared, 1), 0.5))
    gap = _gap(near.right, near.resemblance, rivals.rights)
    if rivals.pairs == "one to one":
        gap = np.minimum(gap, _gap(near.left, near.resemblance, rivals.lefts))
    return (gap >= _MARGIN) & (near.resemblance >= sure)


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


def _others(case: _Case, chosen: Flags, probability: Numbers) -> Numbers:
    """Return how many pairs that are no match each step should hold, judged by firm rows' others.

    Where a row may have several partners, another of its pairs may be true as well; one that is
    as likely as not still counts for most of a pair, or doubtful pairs would vouch for one another.
    Below the first look nobody firm was looked at: there others exceed chance as they do just above
    it.
    """
    firm_left, firm_right = case.rivals.rows(chosen)
    shown = case.rivals.on_left(firm_left) | case.rivals.on_right(firm_right)
    none = np.where(case.rivals.at_sole(firm_left, firm_right), 1.0, 1 - probability**2)
    free = float((~firm_left).sum()) * (~firm_right).sum()
    seen = case.count(shown & ~chosen, none) * (case.looked / max(case.whole - free, 1))
    above = slice(case.deeper, case.deeper + 4)
    known = case.chance[above].sum()
    further = seen[above].sum() / known if known >= _TOLD else 1.0
    seen[: case.deeper] = case.chance[: case.deeper] * further
    return np.asarray(np.maximum(seen, case.chance), np.float64)


def _held(case: _Case, chosen: Flags, probability: Numbers, others: Numbers) -> Numbers:
    """Return how many matches each step holds: those that are firm, and of the rest no more than
    free rows hold beyond what they should that is no match.

    Nothing but this keeps pairs that chance explains from vouching for one another.
    """
    rivals = case.rivals
    taken_left, taken_right = rivals.taken(*rivals.rows(chosen))
    free = ~(rivals.on_left(taken_left) | rivals.on_right(taken_right) | chosen)
    share = (1 - taken_left.mean()) * (1 - taken_right.mean())
    # A second look has seen free rows only, so what it saw is all theirs.
    strange = others * np.minimum(1.0, share * case.whole / np.maximum(case.looked, 1))
    room = np.maximum(case.count(free) - strange, 0.0)
    rest = case.count(~chosen, probability)
    return np.asarray(case.count(chosen, probability) + np.minimum(rest, room), np.float64)


def _slowly(held: Numbers, others: Numbers) -> Numbers:
    """Return how many matches each step should hold, by steps nearby at which they show."""
    clear = held / (held + others + 0.1)
    place = np.arange(len(held)) * STEP / _SLOWLY
    close = np.exp(-np.abs(place[:, None] - place[None, :]))
    return np.asarray((close @ (clear * held)) / np.maximum(close @ clear, 1e-12), np.float64)


def rising(matches: Numbers, others: Numbers, looked: Numbers) -> Numbers:
    """Return how many matches there are to each other pair, never fewer as resemblance grows.

    ``others`` are of the pairs that were looked at, a share ``looked`` of all.
    """
    share = (matches + 0.01) / (matches + others / looked + 0.02)
    # Imported here: it takes longer to load than most commands take.
    from scipy.optimize import isotonic_regression

    steady = isotonic_regression(share, weights=matches + others + 0.02).x
    return np.asarray(steady / (1 - steady), np.float64)
