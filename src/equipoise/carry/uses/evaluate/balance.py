"""Are the groups alike? Every covariate before and after matching.

Definitions follow MatchIt's and cobalt's for the effect on the treated: a mean difference is
divided by the standard deviation in the treated group *before* matching, so that a change shows
the means and not the divisor (Stuart 2010, Stat Sci 25:1); for a yes/no that is sqrt(p(1 - p)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from equipoise.carry.uses.evaluate.coding import Booleans, Floats

Light = Literal["green", "amber", "red"]
GREEN_UP_TO = 0.05
AMBER_UP_TO = 0.10


@dataclass(frozen=True)
class Comparison:
    """One comparison of treated with comparison people over m columns (each array is (m,)).

    ``variance_ratio`` is not a number for yes/no columns; ``ecdf_mean`` and ``ecdf_max`` are
    differences between the two (weighted) cumulative distributions.
    """

    mean_treated: Floats
    mean_comparison: Floats
    smd: Floats
    variance_ratio: Floats
    ecdf_mean: Floats
    ecdf_max: Floats


def light(smd: float) -> Light:
    """Return green up to 0.05, amber up to 0.10, else red."""
    size = abs(smd)
    return "green" if size <= GREEN_UP_TO else "amber" if size <= AMBER_UP_TO else "red"


def divisors(values: Floats, binary: Booleans, treated: Booleans) -> Floats:
    """Return the standard deviation by which each column's difference is divided.

    Where the treated do not vary at all, the pooled one serves, so that a difference still shows.
    """
    one = _variance(values[treated], np.ones(int(treated.sum())), binary)
    other = _variance(values[~treated], np.ones(int((~treated).sum())), binary)
    own = np.sqrt(one)
    return np.asarray(np.where(own > 1e-12, own, np.sqrt((one + other) / 2)))


def compare(
    values: Floats, binary: Booleans, treated: Booleans, weight: Floats, divisor: Floats
) -> Comparison:
    """Compare the weighted groups. ``values`` (n, m); ``weight`` (n,), 0 for a person not used."""
    ours, theirs = treated & (weight > 0), ~treated & (weight > 0)
    mean_1 = np.average(values[ours], axis=0, weights=weight[ours])
    mean_0 = np.average(values[theirs], axis=0, weights=weight[theirs])
    with np.errstate(divide="ignore", invalid="ignore"):
        smd = (mean_1 - mean_0) / divisor
        ratio = _variance(values[ours], weight[ours], binary) / _variance(
            values[theirs], weight[theirs], binary
        )
    smd = np.where((divisor <= 1e-12) & (np.abs(mean_1 - mean_0) <= 1e-12), 0.0, smd)
    gaps = [_ecdf_gaps(column, weight * treated, weight * ~treated) for column in values.T]
    # A yes/no has one step, at no: its gap is the plain difference of the two shares.
    mean_gap = np.where(binary, np.abs(mean_1 - mean_0), [gap[0] for gap in gaps])
    return Comparison(
        mean_1,
        mean_0,
        smd,
        np.where(binary, np.nan, ratio),
        mean_gap,
        np.array([gap[1] for gap in gaps]),
    )


def _variance(values: Floats, weight: Floats, binary: Booleans) -> Floats:
    """p(1 - p) for a yes/no; else the weighted variance with the correction for few people."""
    mean = np.average(values, axis=0, weights=weight)
    total, squares = weight.sum(), (weight**2).sum()
    spread = (weight[:, None] * (values - mean) ** 2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        free = spread * total / (total**2 - squares)
    return np.asarray(np.where(binary, mean * (1 - mean), free))


def _ecdf_gaps(values: Floats, ours: Floats, theirs: Floats) -> tuple[float, float]:
    """Return mean and largest gap of two weighted cumulative distributions.

    They are held against each other at every value that anybody had before matching, so that before
    and after compare at the same places (as MatchIt does).
    """
    value, place = np.unique(values, return_inverse=True)
    here = np.bincount(place, weights=ours, minlength=len(value))
    there = np.bincount(place, weights=theirs, minlength=len(value))
    gap = np.abs(np.cumsum(here) / ours.sum() - np.cumsum(there) / theirs.sum())
    return float(gap.mean()), float(gap.max())
