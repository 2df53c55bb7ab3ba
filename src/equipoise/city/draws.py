"""Chance, by name: each thing drawn has its own stream, made from the seed and the thing's name.

A new draw therefore never shifts an old one, and one agency's file does not depend on which other
agencies are written. Only the raw uniform stream of PCG64 is used, which numpy promises to keep,
and sums of it, so that the bytes are the same on every machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Truths = NDArray[np.bool_]


class Draws:
    """Streams of chance for one seed. Every method takes the name of what is drawn."""

    def __init__(self, seed: int, within: str = "") -> None:
        self._seed = seed
        self._within = within

    def part(self, name: str) -> Draws:
        """Return the streams of one part, apart from all others."""
        return Draws(self._seed, f"{self._within}/{name}")

    def uniform(self, name: str, count: int) -> Floats:
        """Return ``count`` draws from 0 up to but not including 1."""
        label = zlib.crc32(f"{self._within}/{name}".encode())
        bits = np.random.PCG64(np.random.SeedSequence([self._seed, label]))
        return np.random.Generator(bits).random(count)

    def happens(self, name: str, chance: float | Floats, count: int) -> Truths:
        """Return which of ``count`` things happen, each with its chance."""
        return np.asarray(self.uniform(name, count) < chance, dtype=np.bool_)

    def between(self, name: str, low: float | Floats, high: float | Floats, count: int) -> Floats:
        """Return draws spread evenly from low to high."""
        return np.asarray(low + (np.asarray(high) - low) * self.uniform(name, count))

    def whole(self, name: str, below: int | Whole, count: int) -> Whole:
        """Return whole numbers from 0 up to but not including ``below``."""
        return (self.uniform(name, count) * below).astype(np.int64)

    def bell(self, name: str, mean: float | Floats, spread: float | Floats, count: int) -> Floats:
        """Return near-normal draws, the sum of four uniform ones; never beyond 3.5 spreads."""
        total = self.uniform(name, 4 * count).reshape(4, count).sum(axis=0)
        return np.asarray(mean + (total - 2.0) * 3**0.5 * spread)

    def choose(self, name: str, weights: Sequence[float] | Floats, count: int) -> Whole:
        """Return positions drawn in proportion to the weights."""
        return pick(np.asarray(weights, dtype=np.float64), self.uniform(name, count))

    def in_bands(self, name: str, bands: Sequence[Sequence[float]], count: int) -> Floats:
        """Return draws from bands ``(from, to, share)``, spread evenly within each."""
        table = np.asarray(bands, dtype=np.float64)
        chosen = self.choose(name + ".band", table[:, 2], count)
        return self.between(name, table[chosen, 0], table[chosen, 1], count)

    def order(self, name: str, count: int) -> Whole:
        """Return the positions 0 to count - 1 in an order drawn by chance."""
        return np.argsort(self.uniform(name, count), kind="stable")


def pick(weights: Floats, chance: Floats) -> Whole:
    """Return for each chance the position whose share of the weights it falls in."""
    edges = np.cumsum(weights)
    return np.minimum(
        np.searchsorted(edges / edges[-1], chance, side="right"), len(weights) - 1
    ).astype(np.int64)
