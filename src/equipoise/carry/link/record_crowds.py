"""Near pairs while they are found: each once, and no more than the machine can hold.

Where thousands of rows bear one name and one date of birth, each of them resembles all the others:
five thousand make twenty-five million near pairs, and a share of their names is told by none of
them. Neither may this fill the machine, nor may it cost anybody else a link. So a row that hundreds
of others resemble is of a crowd. Two rows of crowds are a pair only if they resemble each other
more than most such pairs do; and they are judged apart, since what strangers look like among them
says nothing of strangers elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.record_pairs import Kept, Near, Piles, Ranges, Rows, near_of

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

CROWD: Final = 500
CROWD_MET: Final = 50
"""Rows that resemble a row beyond which it is of a crowd: of all, and of those few that it is
compared with in large files. Nobody has so many relatives."""
_FAMILY: Final = 5
"""Near pairs from which on a row is suspected to be of a crowd most of which it did not meet."""
MOST_NEAR: Final = 40.0
"""Near pairs a row beyond which the cutoff is raised: all are kin, and none says more."""
_AMONG_CROWDS: Final = 20.0
"""The same for a row of a crowd, and others of crowds."""
_MANY: Final = 50_000
"""Pairs found at once from which on it is worth looking whether they are of a crowd."""
PLAIN: Final = 3.0
"""Resemblance above the cutoff from which on a pair is more than chance."""


@dataclass(frozen=True)
class Part:
    """Near pairs among some rows of the two files, by their places in ``left`` and ``right``."""

    near: Near
    left: Rows
    right: Rows


class Nearest:
    """The pairs that were near so far.

    They are kept to some number a row: for rows of crowds, and for all others, the cutoff is raised
    while looking to what the nearest of them reach. ``left`` and ``right`` tell which rows are of a
    crowd, ``thinned`` whether pairs among them were left out. ``share`` is to be set to the share
    of left rows that were compared so far, where right rows meet them by and by.
    """

    def __init__(self, piles: Piles, cutoff: float, crowd: int = CROWD) -> None:
        self.cutoff = cutoff
        self.left, self.right = np.zeros(len(piles.left), bool), np.zeros(len(piles.right), bool)
        self.thinned = False
        self.share = 1.0
        self._piles, self._crowd = piles, crowd
        self._first = self._among_crowds = cutoff
        self._most = int(MOST_NEAR * max(len(piles.left), len(piles.right))) + 1
        self._kept: list[Kept] = []
        self._told: list[Places] = []
        self._compared = self._of_crowds = 0

    def take(self, kept: Kept) -> None:
        """Take some near pairs; may be called by several threads.

        What one call shows of crowds holds for its own pairs at once, and for others from the next
        ``settle`` on: so it does not matter which thread is first.
        """
        crowded = self.left[kept[0]]
        if len(kept[0]) >= _MANY:
            first = int(kept[0].min())
            often = np.bincount(kept[0] - first) > self._crowd
            self._told.append(np.flatnonzero(often) + first)
            crowded |= often[kept[0] - first]
        self._kept.append(self._fit(kept, crowded))

    def settle(self) -> None:
        """Raise the cutoffs if too much is held. Where work is done in the same portions, the same
        pairs are left."""
        for rows in self._told:
            self.left[rows] = True
        self._told = []
        if sum(len(left) for left, _, _ in self._kept) > 2 * self._most:
            self._settle()

    def compared(self, left: Rows, right: Rows, ranges: Ranges) -> None:
        """Count pairs that are compared, ranges of rows in some order (``Piles.meeting``)."""
        sizes = (ranges[:, 1] - ranges[:, 0]) * (ranges[:, 3] - ranges[:, 2])
        self._compared += int(sizes.sum())
        if self.left.any() and self.right.any():
            a, b = (np.append(0, np.cumsum(of[at])) for of, at in
                    ((self.left, left), (self.right, right)))  # fmt: skip
            of_left = a[ranges[:, 1]] - a[ranges[:, 0]]
            self._of_crowds += int((of_left * (b[ranges[:, 3]] - b[ranges[:, 2]])).sum())

    def crowd(self, left: Rows, right: Rows) -> None:
        """Be told of rows that are of a crowd, whatever they resemble."""
        self.left[left] = True
        self.right[right] = True

    def suspected(self) -> tuple[Rows, Rows]:
        """Return the rows of no crowd so far that have more near pairs than a family explains."""
        near = self._settle()
        left, right = (
            (np.bincount(rows, minlength=len(crowd)) > _FAMILY) & ~crowd
            for rows, crowd in ((near.left, self.left), (near.right, self.right))
        )
        return np.flatnonzero(left).astype(np.int32), np.flatnonzero(right).astype(np.int32)

    def _fit(self, kept: Kept, crowded: Flags) -> Kept:
        """Return the pairs that reach the cutoffs as they are now."""
        if not self.thinned and self.cutoff <= self._first:
            return kept
        left, right, made = kept
        crowded = crowded & self.right[right]
        least = np.where(crowded, np.float32(self._among_crowds), np.float32(self.cutoff))
        good = made >= least
        return left[good], right[good], made[good]

    def _settle(self) -> Near:
        """Look for crowds, raise the cutoffs where there are too many pairs, and leave out what
        they leave out."""
        near = near_of(self._kept, self.cutoff, self._compared, self._piles.chance)
        self.left |= np.bincount(near.left, minlength=len(self.left)) > self._crowd
        met = np.bincount(near.right, minlength=len(self.right))
        # A right row has met some of the left rows only, but no few of these.
        self.right |= (met > self._crowd * self.share) & (met > min(self._crowd, CROWD_MET))
        crowded = self.left[near.left] & self.right[near.right]
        reach = ~crowded & (near.resemblance >= np.float32(self.cutoff))
        others, least = _nearest(near, reach, self._most)
        self.cutoff = max(self.cutoff, least)
        # Pairs among crowds reach both cutoffs, and so what the others have just raised theirs to.
        self._among_crowds = max(self._among_crowds, self.cutoff)
        few = int(_AMONG_CROWDS * max(self.left.sum(), self.right.sum())) + 1
        reach = crowded & (near.resemblance >= np.float32(self._among_crowds))
        of_crowds, least_of_crowds = _nearest(near, reach, few)
        self._among_crowds = max(self._among_crowds, least_of_crowds)
        self.thinned |= len(of_crowds) < crowded.sum()
        near = replace(_some(near, np.sort(np.append(others, of_crowds))), cutoff=self.cutoff)
        self._kept = [(near.left, near.right, near.resemblance)]
        return near

    def parts(self, left: Rows, right: Rows, *, whole: bool = False) -> tuple[Part, ...]:
        """Return all pairs that reached the cutoffs, those among crowds apart from all others.

        ``left`` and ``right`` give the places that rows have in the files. ``whole``: every row was
        compared with every row. The first part is of all who are of no crowd.
        """
        near = self._settle()
        if not (self.left.any() and self.right.any()):
            compared = len(self.left) * len(self.right) if whole else near.compared
            return (Part(replace(near, compared=compared), left, right),)
        crowded = self.left[near.left] & self.right[near.right]
        mixed = (self.left[near.left] | self.right[near.right]) & ~crowded
        plain = ~crowded & (~mixed | (near.resemblance >= self.cutoff + PLAIN))
        rows = (
            np.union1d(np.flatnonzero(~self.left), near.left[plain]),
            np.union1d(np.flatnonzero(~self.right), near.right[plain]),
        )
        found = [_part(near, plain, rows, self.cutoff, self._compared - self._of_crowds, whole)]
        rows = np.flatnonzero(self.left), np.flatnonzero(self.right)
        found.append(_part(near, crowded, rows, self._among_crowds, self._of_crowds, whole))
        return tuple(replace(part, left=left[part.left], right=right[part.right]) for part in found)


def _part(
    near: Near, some: Flags, rows: tuple[Places, Places], cutoff: float, compared: int, whole: bool
) -> Part:
    """Return some pairs as a part of some rows."""
    left, right = (each.astype(np.int32) for each in rows)
    compared = len(left) * len(right) if whole else max(compared, int(some.sum()))
    return Part(
        Near(
            np.searchsorted(left, near.left[some]).astype(np.int32),
            np.searchsorted(right, near.right[some]).astype(np.int32),
            near.resemblance[some],
            cutoff,
            compared,
            near.chance,
        ),
        left,
        right,
    )


def _some(near: Near, at: Places) -> Near:
    return replace(near, left=near.left[at], right=near.right[at], resemblance=near.resemblance[at])


def _nearest(near: Near, some: Flags, most: int) -> tuple[Places, float]:
    """Return the places of some pairs, the nearest if they are too many, and their least
    resemblance then (else 0)."""
    at = np.flatnonzero(some)
    if len(at) <= most:
        return at, 0.0
    made = near.resemblance[at]
    # Equal filters are equally near, so this counts pairs and not resemblances.
    at = at[np.argpartition(made, len(at) - most)[len(at) - most :]]
    return at, float(near.resemblance[at].min())
