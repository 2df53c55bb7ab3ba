"""How pairs that share a row compete, where rows may have one partner or several.

One to one, a pair's probability is its share of all the ways in which the rows may be paired: a
rival that is itself likely to be taken elsewhere competes little, so when nearly all rows are
paired, those that are left are rightly given to one another. The shares are found by belief
propagation, rows telling their pairs how free they are; on groups without rings it is exact (Huang
and Jebara, Approximating the permanent with belief propagation, 2009).

Where a row may have several partners, how many such rows usually have is learnt from what is plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]
Messages = Numbers
Pairs = Literal["one to one", "many to one", "many to many"]

_PASSES: Final = 4
_FAINT: Final = 1e-4
"""Odds below which a pair is nobody's rival."""
_ALONE: Final = 0.005
"""Share of a file's rows that are taken to have no partner, at least: none can be ruled out."""
_PLAIN: Final = 9.0
"""Odds from which on a pair tells how many partners rows have."""


@dataclass(frozen=True)
class Rivals:
    """The rows of each pair, how many rows there are of either file, and how they may pair."""

    left: Rows
    right: Rows
    lefts: int
    rights: int
    pairs: Pairs

    def most(self) -> float:
        """Return how many matches there can be."""
        sizes = {
            "one to one": min(self.lefts, self.rights),
            "many to one": self.rights,
            "many to many": self.lefts * self.rights,
        }
        return float(sizes[self.pairs])

    def on_left(self, rows: Flags) -> Flags:
        """Return the pairs whose left row is one of some."""
        return rows[self.left]

    def on_right(self, rows: Flags) -> Flags:
        """Return the pairs whose right row is one of some."""
        return rows[self.right]

    def rows(self, chosen: Flags) -> tuple[Flags, Flags]:
        """Return which rows of either file are in chosen pairs."""
        left, right = np.zeros(self.lefts, np.bool_), np.zeros(self.rights, np.bool_)
        left[self.left[chosen]] = True
        right[self.right[chosen]] = True
        return left, right

    def taken(self, left: Flags, right: Flags) -> tuple[Flags, Flags]:
        """Return which of the rows that have a partner can have no other."""
        if self.pairs != "one to one":
            left = np.zeros_like(left)
        if self.pairs == "many to many":
            right = np.zeros_like(right)
        return left, right

    def at_sole(self, left: Flags, right: Flags) -> Flags:
        """Return the pairs of rows that can have no other partner than they have."""
        left, right = self.taken(left, right)
        return self.on_left(left) | self.on_right(right)

    def free(self, chosen: Flags, matches: float) -> float:
        """Return how many pairs of rows without a partner there are, with so many matches."""
        if self.pairs == "one to one":
            return _free(matches, self.lefts) * _free(matches, self.rights)
        left, right = self.rows(chosen)
        return _free(float(left.sum()), self.lefts) * _free(float(right.sum()), self.rights)


def _free(taken: float, rows: int) -> float:
    return max(rows - taken, _ALONE * rows, 0.5)


def shared(
    rivals: Rivals, odds: Numbers, messages: Messages | None = None
) -> tuple[Numbers, Messages | None]:
    """Return each pair's probability given its rivals.

    ``odds`` are of a pair of rows that have no other. ``messages`` of an earlier call, with odds
    not far from these, save passes.
    """
    if rivals.pairs == "one to one":
        return _one_to_one(rivals, odds, messages)
    still = odds * _spared(rivals.left, odds, rivals.lefts)
    if rivals.pairs == "many to one":
        against = np.bincount(rivals.right, still, rivals.rights)[rivals.right]
        return np.asarray(still / (1 + against), np.float64), None
    still = still * _spared(rivals.right, odds, rivals.rights)
    return np.asarray(still / (1 + still), np.float64), None


def _one_to_one(
    rivals: Rivals, odds: Numbers, messages: Messages | None
) -> tuple[Numbers, Messages]:
    """Pass messages: how free a row is for one pair is what the row's other pairs leave of it."""
    every = np.ones(len(odds)) if messages is None else messages.copy()
    told = np.flatnonzero(odds >= _FAINT)
    left, right, some = rivals.left[told], rivals.right[told], odds[told]
    on_left = on_right = every[told]
    for _ in range(_PASSES):
        on_left = _left_over(left, some * on_right, rivals.lefts)
        fresh = _left_over(right, some * on_left, rivals.rights)
        # Halfway, by the geometric mean: rows of equal rivals would otherwise go to and fro.
        on_right = np.sqrt(on_right * fresh)
    every[told] = on_right
    worth = odds.copy()
    worth[told] = some * on_left * on_right
    return np.asarray(worth / (1 + worth), np.float64), every


def _left_over(rows: Rows, worth: Numbers, size: int) -> Numbers:
    """Return for each pair how free its row is of the row's other pairs."""
    against = np.bincount(rows, worth, size)[rows] - worth
    return np.asarray(1 / (1 + np.maximum(against, 0.0)), np.float64)


def _spared(rows: Rows, odds: Numbers, size: int) -> Numbers:
    """Return by how much less likely a pair is for what else its row is in.

    Of rows that have a partner, so many have a further one: where that is rare, a row that is
    plainly taken hardly takes another.
    """
    held = np.bincount(rows[odds >= _PLAIN], minlength=size)
    taken = float((held > 0).sum())
    further = (held.sum() - taken + 0.5) / (taken + 1)
    rate = min(1.0, further * _free(taken, size) / max(taken, 1.0))
    against = np.maximum(np.bincount(rows, odds, size)[rows] - odds, 0.0)
    free = 1 / (1 + against)
    return np.asarray(free + (1 - free) * rate, np.float64)
