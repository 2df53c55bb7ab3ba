"""Intervals and adjustments that several uses share, each with its source."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.special import ndtri, stdtr, stdtrit


def normal_quantile(confidence: float) -> float:
    """Return the two-sided standard normal quantile, as 1.96 for 0.95."""
    return float(ndtri(0.5 + confidence / 2))


def t_quantile(confidence: float, freedom: float) -> float:
    """Return the two-sided Student quantile with ``freedom`` degrees of freedom."""
    return float(stdtrit(freedom, 0.5 + confidence / 2))


def t_two_sided(statistic: float, freedom: float) -> float:
    """Return the two-sided p of a Student statistic."""
    return float(2 * stdtr(freedom, -abs(statistic)))


def wilson(part: int, whole: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share, from 0 to 1 (Wilson 1927, JASA 22:209).

    With nothing observed (``whole`` = 0) nothing is known: the interval is 0 to 1.
    """
    if whole == 0:
        return 0.0, 1.0
    z = normal_quantile(confidence)
    share = part / whole
    centre = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + (z / whole) ** 2 / 4)
    # At the ends the limit is exactly 0 or 1, which rounding would miss by a hair.
    low = 0.0 if part == 0 else max(0.0, centre - half)
    return low, 1.0 if part == whole else min(1.0, centre + half)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p values adjusted for their number, step down (Holm 1979, Scand J Stat 6:65)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = running
    return tuple(adjusted)


def e_value(ratio: float) -> float:
    """Return how strong an unmeasured cause must be, as a risk ratio with both service and outcome,
    to explain ``ratio`` away (VanderWeele and Ding 2017, Ann Intern Med 167:268).
    """
    above = ratio if ratio >= 1 else 1 / ratio
    return above + math.sqrt(above * (above - 1))


def e_value_of_limit(ratio: float, low: float, high: float) -> float:
    """Return the same for the limit of the interval nearest to 1; 1 when it holds 1."""
    if low <= 1 <= high:
        return 1.0
    return e_value(low if ratio > 1 else high)
