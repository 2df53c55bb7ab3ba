"""Grow an alignment of two files from a few matched records, by how near others are to those.

Seeded graph matching in the spirit of Narayanan and Shmatikov (2009) and of the refinement step of
Schäfer, Armknecht and Heng (2024), made sharper. Each record is described by its similarity to the
records matched so far (landmarks); its own landmark is left out, so that no match can vouch for
itself. Two ways to compare descriptions, because they are strong in different places:

- ``shape``: correlation of the whole description; best where the graph is dense (plain filters).
- ``odds``: the log of the likelihood ratio that one record's noisy similarities are those expected
  of the other. The attacker's own side is averaged over several keys of his own and what lies
  within its noise is set to nought; best where few pairs are alike (hardened filters).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from .schemes import Words
from .similarity import Floats, Whole, centred, narrowed, strips

TABLE: Final = 12_000
"""Records up to which a side's table of all similarities is kept (550 MB)."""
MOST_LANDMARKS: Final = 2500
_FEWER: Final = 1000
_LARGE: Final = 5000
"""Records above which fewer landmarks serve, as each costs as much as the file is long."""
_FEWEST: Final = 30
_FEW: Final = 10
"""Nearest neighbours whose mean distance says how much of a hub a row is."""
_WITHIN_NOISE: Final = 2.5
_DENSE: Final = 2000


@dataclass(frozen=True)
class Guess:
    """For each encoded record the register's record it is held to be, and how sure that is.

    ``claimed`` marks the guesses in which each is the other's best; ``sure`` orders them.
    """

    best: Whole
    sure: Floats
    claimed: npt.NDArray[np.bool_]


class Side(Protocol):
    """One side's people and how alike any of them are to some of them."""

    def __len__(self) -> int: ...

    def near(self, at: Whole) -> Floats:
        """Return everybody's similarity to the people ``at``: n by len(at)."""
        ...


class Bits:
    """A side of which there are bits: what is seen, or what the attacker encoded himself.

    Several encodings of the same people are averaged. Where the table of all similarities is small
    enough it is kept.
    """

    def __init__(self, *words: Words) -> None:
        rows = centred(*words)
        self.rows = rows if len(rows) <= TABLE else narrowed(rows)
        self._table = self.rows @ self.rows.T if len(self.rows) <= TABLE else None

    def __len__(self) -> int:
        return len(self.rows)

    def near(self, at: Whole) -> Floats:
        """Return everybody's similarity to the people ``at``."""
        if self._table is not None:
            return self._table[:, at]
        return self.rows @ self.rows[at].T


@dataclass(frozen=True)
class Sides:
    """The encoded file, and the register as the attacker expects it to look encoded."""

    encoded: Side
    register: Side


def compare(left: Floats, right: Floats, less: Floats | None = None) -> Guess:
    """Return each left row's best right row by product (less what ``less`` takes off the right)."""
    products = strips(left, right)
    scores = products if less is None else ((at, product - less) for at, product in products)
    return _best(scores, len(left), len(right))


def nearest(left: Floats, right: Floats) -> Guess:
    """Return each left row's nearest right row; rows that are near everybody count for less.

    Distance less the mean distance of both sides to their nearest few (the hubs of many dimensions
    would win every claim else; Conneau, Lample, Ranzato, Denoyer and Jegou, ICLR 2018).
    """
    few = min(_FEW, len(left), len(right))
    around = np.empty(len(left), dtype=np.float32)
    about = np.full((few, len(right)), -np.inf, dtype=np.float32)
    for at, near in _nearness(left, right):
        around[at] = np.partition(near, -few, axis=1)[:, -few:].mean(axis=1)
        # Columns are copied to lie together: to partition down a table's length is far slower.
        mixed = np.ascontiguousarray(np.vstack([about, near]).T)
        about = np.partition(mixed, -few, axis=1)[:, -few:].T
    less = about.mean(axis=0)
    scores = ((at, 2 * near - around[at, None] - less) for at, near in _nearness(left, right))
    return _best(scores, len(left), len(right))


def _nearness(left: Floats, right: Floats) -> Iterator[tuple[slice, Floats]]:
    """Yield the negative distance of all left rows to all right rows, a strip at a time."""
    mine, theirs = (np.asarray((rows**2).sum(axis=1), np.float32) for rows in (left, right))
    for at, product in strips(left, right):
        yield at, -np.sqrt(np.maximum(mine[at, None] + theirs - 2 * product, 0))


def _best(scores: Iterable[tuple[slice, Floats]], lefts: int, rights: int) -> Guess:
    """Return each left row's best, given strips of scores of left rows with all right rows."""
    best = np.empty(lefts, dtype=np.int64)
    sure = np.empty(lefts, dtype=np.float32)
    most = np.full(rights, -np.inf, dtype=np.float32)
    back = np.zeros(rights, dtype=np.int64)
    for at, strip in scores:
        rows = np.arange(len(strip))
        best[at] = strip.argmax(axis=1)
        top = strip[rows, best[at]].copy()
        highest = strip.argmax(axis=0)
        value = strip[highest, np.arange(strip.shape[1])]
        better = value > most
        most[better], back[better] = value[better], highest[better] + at.start
        if strip.shape[1] > 1:
            strip[rows, best[at]] = -np.inf
            sure[at] = top - strip.max(axis=1)
        else:
            sure[at] = top
    return Guess(best, sure, back[best] == np.arange(lefts))


def described(sides: Sides, at: Whole, against: Whole) -> tuple[Floats, Floats]:
    """Return both sides' similarities to the landmarks, a landmark's with itself left out."""
    encoded, register = sides.encoded.near(at), sides.register.near(against)
    number = np.arange(len(at))
    encoded[at, number] = 0
    register[against, number] = 0
    return encoded, register


def _shape(encoded: Floats, register: Floats) -> tuple[Floats, Floats, None]:
    return _unit(encoded), _unit(register), None


def _unit(rows: Floats) -> Floats:
    spread = rows.std(axis=0)
    level = (rows - rows.mean(axis=0)) / np.maximum(spread, 1e-6)
    length = np.linalg.norm(level, axis=1, keepdims=True)
    return np.asarray(level / np.maximum(length, 1e-9), dtype=np.float32)


def _odds(encoded: Floats, register: Floats) -> tuple[Floats, Floats, Floats]:
    middle = np.median(register[: _DENSE * 2])
    noise = 1.4826 * np.median(np.abs(register[: _DENSE * 2] - middle))
    expected = np.where(np.abs(register - middle) < _WITHIN_NOISE * noise, 0, register - middle)
    level = np.median(encoded[: _DENSE * 2], axis=0)
    half = np.asarray(0.5 * (expected**2).sum(axis=1), dtype=np.float32)
    return encoded - level, expected.astype(np.float32), half


WAYS: Final = {"shape": _shape, "odds": _odds}


def grow(
    sides: Sides,
    start: tuple[Whole, Whole],
    way: str,
    *,
    known: bool = False,
    rounds: int = 100,
) -> Guess:
    """Return the alignment grown from ``start`` (rows of each side) until it stands still.

    ``known`` keeps the start as certain: people the attacker knows to be who they are.
    """
    at, against = start
    kept = start if known else (at[:0], against[:0])
    guess, before, still = Guess(at, np.ones(0, np.float32), np.ones(0, np.bool_)), None, 0
    for number in range(rounds):
        left, right, less = WAYS[way](*described(sides, at, against))
        guess = compare(left, right, less)
        rest = np.flatnonzero(guess.claimed)
        rest = rest[~np.isin(rest, kept[0])]
        rest = rest[np.argsort(-guess.sure[rest], kind="stable")]
        share = 1.0 if still else _share(way, number)
        most = MOST_LANDMARKS if len(sides.encoded) <= _LARGE else _FEWER
        rest = rest[: min(most, max(_FEWEST, round(len(rest) * share)))]
        at = np.concatenate([kept[0], rest])
        against = np.concatenate([kept[1], guess.best[rest]])
        still = still + 1 if before is not None and np.mean(before == guess.best) > 0.99 else 0
        if still > 2:
            break
        before = guess.best
    return guess


def _share(way: str, number: int) -> float:
    """Return which share of the claims, the surest first, become landmarks of the next round."""
    if way == "shape":
        return min(1.0, 0.4 + 0.06 * number)
    return min(0.95, 0.3 + 0.05 * number)


def agreement(sides: Sides, guess: Guess, most: int = 600) -> float:
    """Return how well the two graphs agree on the surest claims; the attacker can see this.

    A correlation, taken down where there are fewer than a hundred claims.
    """
    rows = np.flatnonzero(guess.claimed)
    rows = rows[np.argsort(-guess.sure[rows])][:most]
    if len(rows) < 10:
        return 0.0
    upper = np.triu_indices(len(rows), 1)
    there = guess.best[rows]
    encoded = sides.encoded.near(rows)[rows][upper]
    register = sides.register.near(there)[there][upper]
    spread = float(encoded.std(dtype=np.float64) * register.std(dtype=np.float64))
    if spread < 1e-9:
        return 0.0
    lift = np.mean((encoded - encoded.mean()) * (register - register.mean()), dtype=np.float64)
    return float(lift / spread * min(1.0, len(rows) / 100) ** 0.5)


def settled(sides: Sides, guess: Guess, way: str) -> Guess:
    """Return the guess with every encoded record given another's place by no more than one.

    The Hungarian method, where a dense table is small enough; else the guess as it is.
    """
    if max(len(sides.encoded), len(sides.register)) > _DENSE:
        return guess
    rows = np.flatnonzero(guess.claimed)
    left, right, less = WAYS[way](*described(sides, rows, guess.best[rows]))
    table = left @ right.T - (0 if less is None else less)
    at, against = linear_sum_assignment(-table)
    best = guess.best.copy()
    best[at] = against
    return Guess(best, guess.sure, guess.claimed & (best == guess.best))
