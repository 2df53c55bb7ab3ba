"""From weights to probabilities that mean what they say, still without any truth.

Fellegi and Sunter's model takes fields for independent, and they are not: a household shares
surname, address and postcode at once, so such pairs come out too sure. Two things set it right.
Rows compete: where a row can have one partner only, a likely pair makes its rivals unlikely. And
what a pattern is really worth is then read off how its pairs fared in that competition, with the
number of matches held where it was.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Bits = npt.NDArray[np.float64]
Pairs = Literal["one to one", "many to one", "many to many"]

_ROUNDS: Final = 4
_MOST_BITS: Final = 4.0
_HIGHEST: Final = 60.0
_HALVINGS: Final = 40


def probabilities(left: Rows, right: Rows, log_odds: Bits, pairs: Pairs) -> Bits:
    """Return each pair's probability, given the rivals of its rows.

    ``log_odds`` are in bits, prior included. Many to one: a left row may have many partners, a
    right row one. Many to many: pairs do not compete.
    """
    odds = np.exp2(np.clip(log_odds, -_HIGHEST, _HIGHEST))
    rivals = np.ones(len(odds))
    if pairs != "many to many" and len(odds):
        rivals += np.bincount(right, weights=odds)[right] - odds
    if pairs == "one to one" and len(odds):
        rivals += np.bincount(left, weights=odds)[left] - odds
    return odds / (odds + np.maximum(rivals, 1.0))


def calibrate(
    left: Rows, right: Rows, patterns: npt.NDArray[np.int64], log_odds: Bits, pairs: Pairs
) -> Bits:
    """Return log-odds, in bits, that agree with how each pattern's pairs fare in competition.

    Where pairs do not compete there is nothing to learn from, and ``log_odds`` come back.
    """
    if pairs == "many to many" or not len(left):
        return log_odds
    codes = np.unique(patterns, return_inverse=True)[1]
    number = np.bincount(codes).astype(np.float64)
    alone = probabilities(left, right, log_odds, "many to many")
    expected = np.bincount(codes, weights=alone)
    matches = probabilities(left, right, log_odds, pairs).sum()
    found = log_odds
    for _ in range(_ROUNDS):
        won = np.bincount(codes, weights=probabilities(left, right, found, pairs))
        change = np.log2((won + 1) / (number - won + 1)) - np.log2(
            (expected + 1) / (number - expected + 1)
        )
        # Competition costs every pattern something; what tells is how much more than the others.
        change -= np.average(change, weights=won)
        found = log_odds + np.clip(change, -_MOST_BITS, _MOST_BITS)[codes]
        found += _shift(left, right, found, pairs, matches)
    return found


def _shift(left: Rows, right: Rows, log_odds: Bits, pairs: Pairs, matches: float) -> float:
    """Return what to add to every pair so that the expected number of matches is ``matches``."""
    low, high = -_HIGHEST, _HIGHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if probabilities(left, right, log_odds + middle, pairs).sum() < matches:
            low = middle
        else:
            high = middle
        if high - low < 1e-3:
            break
    return (low + high) / 2
