"""Nearest-neighbour matching on one distance, and the weights that follow from it.

Greedy matching as in Ho, Imai, King and Stuart (2011, J Stat Softw 42:8, the MatchIt paper): each
treated person in turn takes the nearest comparison person left. With a ratio above one, everybody
gets a first before anybody gets a second. Controls stand in one sorted array; the nearest one still
free is found through two union-find chains, so the whole is O((n + m k) log n).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equipoise.carry.uses.evaluate.coding import Booleans, Floats

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matched:
    """Pairs: ``treated[i]`` was matched to ``control[i]``; both are row numbers."""

    treated: Rows
    control: Rows

    @property
    def sets(self) -> Rows:
        """Return the treated rows that found at least one comparison, ascending."""
        return np.unique(self.treated)


def order_treated(distance: Floats, treated: Booleans, order: str, seed: int = 20260101) -> Rows:
    """Return the treated rows in the order in which they choose.

    The random order has a fixed seed, so that a run can be repeated.
    """
    rows = np.flatnonzero(treated)
    if order == "random":
        return np.random.default_rng(seed).permutation(rows)
    return np.asarray(rows[np.argsort(-distance[rows], kind="stable")])


def match_nearest(
    distance: Floats,
    treated: Booleans,
    order: Rows,
    *,
    ratio: int = 1,
    replace: bool = False,
    within: float = np.inf,
    strata: Rows | None = None,
) -> Matched:
    """Match each treated row to at most ``ratio`` controls no farther than ``within``.

    ``order`` lists the treated rows as they choose; ``strata`` (n,) are group numbers inside which
    matches must fall. A treated row that finds nobody is left out.
    """
    strata = np.zeros(len(distance), dtype=np.int64) if strata is None else strata
    controls = np.flatnonzero(~treated)
    pairs: list[tuple[Rows, Rows]] = []
    for stratum in np.unique(strata[order]):
        choosers = order[strata[order] == stratum]
        offered = controls[strata[controls] == stratum]
        if len(offered):
            offered = offered[np.argsort(distance[offered], kind="stable")]
            take = _take_again if replace else _take_once
            who, spot = take(distance[choosers], distance[offered], ratio, within)
            pairs.append((choosers[who], offered[spot]))
    if not pairs:
        return Matched(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    return Matched(np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs]))


class _Free:
    """The places of a sorted array that are still free, in two chains of union-find."""

    def __init__(self, size: int) -> None:
        # Place 0 and place size + 1 are fences; place i holds the sorted control i - 1.
        self._down = list(range(size + 2))
        self._up = list(range(size + 2))

    @staticmethod
    def _root(chain: list[int], place: int) -> int:
        while chain[place] != place:
            chain[place] = chain[chain[place]]
            place = chain[place]
        return place

    def below(self, place: int) -> int:
        return self._root(self._down, place)

    def above(self, place: int) -> int:
        return self._root(self._up, place)

    def take(self, place: int) -> None:
        self._down[place] = place - 1
        self._up[place] = place + 1


def _take_once(wants: Floats, offers: Floats, ratio: int, within: float) -> tuple[Rows, Rows]:
    """Return choosers and the places of the sorted ``offers`` they take, each place once."""
    free, size = _Free(len(offers)), len(offers)
    start = np.searchsorted(offers, wants, "left").tolist()
    want, offer = wants.tolist(), offers.tolist()
    who: list[int] = []
    spot: list[int] = []
    waiting = list(range(len(want)))
    for _ in range(ratio):
        still = []
        for i in waiting:
            above, below = free.above(start[i] + 1), free.below(start[i])
            up = offer[above - 1] - want[i] if above <= size else np.inf
            down = want[i] - offer[below - 1] if below >= 1 else np.inf
            if min(up, down) > within or min(up, down) == np.inf:
                continue
            place = above if up <= down else below
            free.take(place)
            who.append(i)
            spot.append(place - 1)
            still.append(i)
        waiting = still
    return np.array(who, dtype=np.int64), np.array(spot, dtype=np.int64)


def _take_again(wants: Floats, offers: Floats, ratio: int, within: float) -> tuple[Rows, Rows]:
    """The same when a place may be taken by many choosers.

    Controls at one value are taken in turn, so that a tie does not put all weight on one of them.
    """
    values, first, count = np.unique(offers, return_index=True, return_counts=True)
    turn = [0] * len(values)
    value, start, many = values.tolist(), first.tolist(), count.tolist()
    nearest = np.searchsorted(values, wants, "left").tolist()
    who: list[int] = []
    spot: list[int] = []
    for i, want in enumerate(wants.tolist()):
        up, down, left = nearest[i], nearest[i] - 1, ratio
        while left:
            above = value[up] - want if up < len(value) else np.inf
            below = want - value[down] if down >= 0 else np.inf
            if min(above, below) > within or min(above, below) == np.inf:
                break
            block = up if above <= below else down
            taken = min(left, many[block])
            spot += [start[block] + (turn[block] + j) % many[block] for j in range(taken)]
            who += [i] * taken
            turn[block] = (turn[block] + taken) % many[block]
            left -= taken
            up, down = (up + 1, down) if block == up else (up, down - 1)
    return np.array(who, dtype=np.int64), np.array(spot, dtype=np.int64)


def weights(matched: Matched, size: int) -> Floats:
    """Return the weight of each of ``size`` rows for the effect on the treated, as MatchIt has it.

    A matched treated row weighs 1. In each matched set the controls share 1 equally; a control adds
    up its shares over sets; then control weights are scaled to add up to the number of controls.
    """
    weight = np.zeros(size)
    if not len(matched.treated):
        return weight
    weight += shares(matched, size)
    controls = weight > 0
    weight[controls] *= controls.sum() / weight[controls].sum()
    weight[matched.sets] = 1.0
    return weight


def shares(matched: Matched, size: int) -> Floats:
    """Return for each row the sum over matched sets of one over the set's number of controls."""
    in_set = np.bincount(matched.treated, minlength=size)
    return np.bincount(matched.control, 1.0 / in_set[matched.treated], size).astype(np.float64)


def effective(weight: Floats) -> float:
    """Return Kish's effective number of people, (sum w)^2 / sum w^2."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def caliper_width(logit: Floats, treated: Booleans, caliper: float | None) -> float:
    """Return the caliper in logits: so many standard deviations, pooled as the root of the mean of
    the two groups' variances (Austin 2011, Pharm Stat 10:150); infinite without a caliper."""
    if caliper is None:
        return float("inf")
    spread = (logit[treated].var(ddof=1) + logit[~treated].var(ddof=1)) / 2
    return float(caliper * np.sqrt(spread))
