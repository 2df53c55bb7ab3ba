"""A figure and its interval, and how figures that are not certain are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

Numbers = npt.NDArray[np.float64]

Z: Final = 1.96
ENDS: Final = (0.025, 0.975)
_MODEL_ERROR: Final = 0.5
"""By how much of itself a number that probabilities add up to may be off (one standard deviation):
fields are not independent, and no probability is learned exactly."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def times(self, scale: float) -> Estimate:
        """Return the figure and its interval, all multiplied."""
        return Estimate(self.value * scale, self.low * scale, self.high * scale)

    def plus(self, other: Estimate) -> Estimate:
        """Return the sum, its interval from end to end."""
        return Estimate(self.value + other.value, self.low + other.low, self.high + other.high)


def whole(value: float, low: float, high: float) -> Estimate:
    """Return an interval for a count: its ends are whole numbers."""
    return Estimate(value, min(value, float(np.floor(low))), max(value, float(np.ceil(high))))


def counted(chance: Numbers) -> Estimate:
    """Return a sum of probabilities with an interval: luck, and the model's own error."""
    total = float(chance.sum())
    luck = float((chance * (1 - chance)).sum())
    # Half a case is added: that none is expected of a finite number is no certainty.
    mean, variance = total + 0.5, luck + 0.5 + (_MODEL_ERROR * total) ** 2
    low, high = gammaincinv(mean**2 / variance, ENDS) * (variance / mean)
    return whole(total, float(low), float(high))


def foretold(count: float, scale: float) -> Estimate:
    """Return how many to expect elsewhere of what was seen ``count`` times, each for ``scale``.

    Luck comes twice: in what was seen, and in what happens there.
    """
    mean = (count + 0.5) * scale
    variance = mean * scale + mean
    low, high = gammaincinv(mean**2 / variance, ENDS) * (variance / mean)
    return whole(count * scale, float(low), float(high))


def share(count: float, of: float) -> Estimate:
    """Return a share with Wilson's interval."""
    if not of:
        return Estimate(0.0, 0.0, 1.0)
    p = count / of
    middle = (p + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z * float(np.sqrt(p * (1 - p) / of + Z * Z / (4 * of * of))) / (1 + Z * Z / of)
    return Estimate(p, bounded(min(p, middle - half)), bounded(max(p, middle + half)))


def share_of(part: Estimate, others: Sequence[Estimate]) -> Estimate:
    """Return ``part`` as a share of itself and ``others``.

    The interval goes from end to end: all parts rest on one model, and err together.
    """
    ends = (
        (part.value, sum(one.value for one in others)),
        (part.low, sum(one.high for one in others)),
        (part.high, sum(one.low for one in others)),
    )
    return Estimate(*(bounded(mine / max(mine + rest, 1e-9)) for mine, rest in ends))


def bounded(share: float) -> float:
    """Return a share held between 0 and 1."""
    return min(1.0, max(0.0, share))
