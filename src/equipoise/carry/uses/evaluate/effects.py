"""What changed: the effect on the treated, its interval, and what the design alone would let vary.

With D the difference between a treated person and the mean of their matches, the effect is the mean
of D. Its variance is that of the matched sets (clustered by set: Abadie and Spiess 2022, JASA
117:983), plus, where a control served several sets, the part by which those sets vary together
(Abadie and Imbens 2006, Econometrica 74:235, theorem 7, for matches of unequal number). Without
replacement the second part is nil.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from equipoise.carry.uses.evaluate.coding import Booleans, Floats
from equipoise.carry.uses.evaluate.matching import Matched, Rows, effective, shares
from equipoise.carry.uses.intervals import (
    e_value,
    e_value_of_limit,
    t_quantile,
    t_two_sided,
)

_NEIGHBOURS = 4


@dataclass(frozen=True)
class Estimate:
    """A figure with its standard error and interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """The effect on one outcome. ``ratio`` is of risks or rates; none for a mean, and none where
    either group had no event. ``p`` is two-sided, of the difference."""

    mean_treated: float
    mean_comparison: float
    difference: Estimate
    ratio: Estimate | None
    p: float
    e_value: float | None
    e_value_limit: float | None


@dataclass(frozen=True)
class Design:
    """What every outcome shares: who was matched to whom, at which distance, by which weight."""

    matched: Matched
    distance: Floats
    treated: Booleans
    weight: Floats
    alpha: float

    @property
    def freedom(self) -> float:
        """Degrees of freedom: the smaller of matched sets and effective controls, less one."""
        controls = effective(self.weight[~self.treated])
        return max(1.0, min(float(len(self.matched.sets)), controls) - 1)


def set_differences(outcome: Floats, design: Design) -> tuple[Floats, Floats]:
    """Return, per matched set, the treated person's outcome and the mean of the matches'."""
    matched, size = design.matched, len(outcome)
    in_set = np.bincount(matched.treated, minlength=size)
    total = np.bincount(matched.treated, weights=outcome[matched.control], minlength=size)
    sets = matched.sets
    return outcome[sets], total[sets] / in_set[sets]


def shared_variance(outcome: Floats, design: Design) -> float:
    """Return the variance that reused controls add: sum of (w^2 - sum 1/M^2) s^2 over sets squared.

    s^2 is a control's outcome variance given its distance, from its four nearest controls.
    """
    matched, size = design.matched, len(outcome)
    in_set = np.bincount(matched.treated, minlength=size)
    once = np.bincount(matched.control, weights=1 / in_set[matched.treated] ** 2.0, minlength=size)
    excess = shares(matched, size) ** 2 - once
    rows = np.flatnonzero(excess > 1e-12)
    if not len(rows):
        return 0.0
    return float((excess[rows] * _local_variance(outcome, design, rows)).sum()) / (
        len(matched.sets) ** 2
    )


def _local_variance(outcome: Floats, design: Design, rows: Rows) -> Floats:
    """J / (J + 1) times the squared gap between a control and the mean of its J nearest others."""
    controls = np.flatnonzero(~design.treated)
    controls = controls[np.argsort(design.distance[controls], kind="stable")]
    count = min(_NEIGHBOURS, len(controls) - 1)
    if count < 1:
        return np.zeros(len(rows))
    place = np.empty(len(outcome), dtype=np.int64)
    place[controls] = np.arange(len(controls))
    steps = np.concatenate([np.arange(-count, 0), np.arange(1, count + 1)])
    around = place[rows][:, None] + steps
    outside = (around < 0) | (around >= len(controls))
    near = controls[np.clip(around, 0, len(controls) - 1)]
    gap = np.abs(design.distance[near] - design.distance[rows][:, None])
    pick = np.argsort(np.where(outside, np.inf, gap), axis=1, kind="stable")[:, :count]
    mean = outcome[np.take_along_axis(near, pick, axis=1)].mean(axis=1)
    return np.asarray(count / (count + 1) * (outcome[rows] - mean) ** 2)


def _estimate(value: float, variance: float, design: Design) -> Estimate:
    error = math.sqrt(variance)
    half = t_quantile(1 - design.alpha, design.freedom) * error
    return Estimate(value, error, value - half, value + half)


def effect(outcome: Floats, kind: str, design: Design) -> Effect | None:
    """Return the effect on one outcome, or none where no matched set differs in it.

    ``outcome`` (n,): 0 or 1 for ``binary``, else a number, in its own unit.
    """
    mine, theirs = set_differences(outcome, design)
    gap, sets = mine - theirs, len(mine)
    shared = shared_variance(outcome, design)
    variance = float(gap.var(ddof=1)) / sets + shared
    if variance <= 0:
        return None
    m1, m0 = float(mine.mean()), float(theirs.mean())
    difference = _estimate(m1 - m0, variance, design)
    p = t_two_sided(difference.value / difference.error, design.freedom)
    ratio = None
    if kind != "mean" and m1 > 0 and m0 > 0:
        spread = float((mine / m1 - theirs / m0).var(ddof=1)) / sets + shared / m0**2
        log = _estimate(math.log(m1 / m0), spread, design)
        ratio = Estimate(m1 / m0, log.error, math.exp(log.low), math.exp(log.high))
    as_ratio = ratio or (_as_ratio(outcome, design, difference) if kind == "mean" else None)
    if as_ratio is None:
        return Effect(m1, m0, difference, None, p, None, None)
    limit = e_value_of_limit(as_ratio.value, as_ratio.low, as_ratio.high)
    return Effect(m1, m0, difference, ratio, p, e_value(as_ratio.value), limit)


def _as_ratio(outcome: Floats, design: Design, difference: Estimate) -> Estimate | None:
    """Return a mean difference as an approximate risk ratio, exp(0.91 d) (VanderWeele 2017,
    cited at ``e_value``), d in standard deviations of the outcome among those analysed."""
    used = design.weight > 0
    spread = float(outcome[used].std(ddof=1))
    if spread <= 0:
        return None
    low, value, high = (
        math.exp(0.91 * part / spread)
        for part in (difference.low, difference.value, difference.high)
    )
    return Estimate(value, difference.error, low, high)


def adjusted(outcome: Floats, covariates: Floats, design: Design) -> Estimate | None:
    """Return the difference after taking out what covariates still differ within matched sets.

    Least squares of the sets' outcome differences on their covariate differences; the constant is
    the effect (Rubin 1973, Biometrics 29:185), its error is robust to unequal spread (HC1). None
    when there are fewer than five sets to a covariate.
    """
    mine, theirs = set_differences(outcome, design)
    columns = [np.subtract(*set_differences(column, design)) for column in covariates.T]
    x = np.column_stack([np.ones(len(mine)), *columns])
    sets, width = x.shape
    if sets < 5 * width:
        return None
    inverse = np.linalg.pinv(x.T @ x)
    beta = inverse @ x.T @ (mine - theirs)
    rest = (mine - theirs) - x @ beta
    meat = x.T @ (x * (rest**2)[:, None]) * sets / (sets - width)
    variance = float((inverse @ meat @ inverse)[0, 0]) + shared_variance(outcome, design)
    return _estimate(float(beta[0]), variance, design)
