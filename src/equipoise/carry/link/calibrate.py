"""From weights to probabilities that mean what they say, still without any truth.

Three things that Fellegi and Sunter's model leaves out. Rows compete: where a row can have one
partner only, a likely pair makes its rivals unlikely; where it can have several, how many such rows
have is learnt (``competition``). A row that has no partner is as rare as such
rows are: when nearly all of a file is found, the best candidate of one of the rest is likelier than
its weight alone says. And fields are not independent: a household shares surname, address and
postcode at once; so what a pattern is really worth is read off how its pairs fare in competition.

One to one, the odds of a pair are its likelihood ratio times M / ((L - M)(R - M)) for M matches
among L and R rows: what the likelihood of a whole matching gains by one pair more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link import competition

Rows = npt.NDArray[np.int32]
Bits = npt.NDArray[np.float64]
Pairs = competition.Pairs

_ROUNDS: Final = 4
_MOST_BITS: Final = 4.0
_HIGHEST: Final = 60.0
_STILL: Final = 1e-4
_STEPS: Final = 50
_ALONE: Final = 0.02
"""Share of a file's rows that are taken to have no partner, at least."""


@dataclass(frozen=True)
class Rivals:
    """Pairs of rows that compete: places on either side, and how many rows there are of each."""

    left: Rows
    right: Rows
    rows_left: int
    rows_right: int
    pairs: Pairs

    def prior_bits(self, matches: float) -> float:
        """Return the log-odds of a pair before it is looked at, when there are ``matches``."""
        left, right = float(max(self.rows_left, 1)), float(max(self.rows_right, 1))
        if self.pairs != "many to many":
            right = max(right - matches, _ALONE * right, 0.5)
        if self.pairs == "one to one":
            left = max(left - matches, _ALONE * left, 0.5)
        return float(np.log2(max(matches, 1e-3) / (left * right)))

    def probabilities(self, log_odds: Bits) -> Bits:
        """Return each pair's probability given the rivals of its rows; ``log_odds`` in bits."""
        odds = np.exp2(np.clip(log_odds, -_HIGHEST, _HIGHEST))
        if self.pairs == "many to many":
            return np.asarray(odds / (1.0 + odds), np.float64)
        rows = (self.left, self.right, self.rows_left, self.rows_right)
        return competition.shared(competition.Rivals(*rows, self.pairs), odds)[0]

    def settle(self, weights: Bits, matches: float) -> tuple[Bits, float]:
        """Return log-odds for likelihood ratios in bits, and the number of matches they add up to.

        ``matches`` is where the search for the number begins.
        """
        for _ in range(_STEPS):
            before = matches
            matches = float(self.probabilities(weights + self.prior_bits(matches)).sum())
            if abs(matches - before) <= _STILL * max(1.0, matches):
                break
        return weights + self.prior_bits(matches), matches


def calibrate(
    rivals: Rivals, patterns: npt.NDArray[np.int64], weights: Bits, matches: float
) -> Bits:
    """Return log-odds, in bits, that agree with how each pattern's pairs fare in competition.

    ``weights`` are likelihood ratios in bits, ``matches`` the number first thought of. Where pairs
    do not compete there is nothing to learn from but that number.
    """
    log_odds, matches = rivals.settle(weights, matches)
    if rivals.pairs == "many to many" or not len(weights):
        return log_odds
    codes = np.unique(patterns, return_inverse=True)[1]
    number = np.bincount(codes).astype(np.float64)
    for _ in range(_ROUNDS):
        alone = 1.0 / (1.0 + np.exp2(-np.clip(log_odds, -_HIGHEST, _HIGHEST)))
        expected = np.bincount(codes, weights=alone)
        won = np.bincount(codes, weights=rivals.probabilities(log_odds))
        change = np.log2((won + 1) / (number - won + 1)) - np.log2(
            (expected + 1) / (number - expected + 1)
        )
        # Competition costs every pattern something; what tells is how much more than the others.
        change -= np.average(change, weights=won)
        fresh = weights + np.clip(change, -_MOST_BITS, _MOST_BITS)[codes]
        log_odds, matches = rivals.settle(fresh, matches)
    return log_odds
