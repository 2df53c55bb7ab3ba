"""How much two record-level filters resemble each other, and comparing many of them.

The resemblance of two filters is the correlation of their bits times the square root of the number
of bits. For two records that have nothing to do with each other it has mean 0 and spread 1, and the
bits that both have set are drawn as from an urn; so how many pairs reach a value by chance is known
(``Chance``), and a cutoff can be set without having seen a single true match.

The compiled part and numpy give the same answers; numpy takes about ten times as long.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from equipoise.carry.encode.record_native import library
from equipoise.cores import in_threads

Filters = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Ranges = npt.NDArray[np.int64]
Progress = Callable[[float, str], None]
Kept = tuple[Rows, Rows, Floats]
"""Left rows, right rows and the resemblance of some pairs."""

_TILE: Final = 2048
_AT_ONCE: Final = 8_000_000
_LEAST, _MOST = 128, 512
"""Pairs that are compared before the near ones among them are handed on, and left rows."""


@dataclass(frozen=True)
class Chance:
    """How two files' filters resemble each other by chance: ``bits``, and how many are set on the
    average row of each side. The bits that two rows share are hypergeometric."""

    bits: int
    left: int
    right: int

    def tail(self, resemblance: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the probability that two strangers resemble each other at least so much."""
        mean = self.left * self.right / self.bits
        spread = np.sqrt(mean * (1 - self.left / self.bits) * (1 - self.right / self.bits))
        shared = mean + np.asarray(resemblance, float) * spread
        least, most = max(0, self.left + self.right - self.bits), min(self.left, self.right)
        drawn = np.arange(least, most + 1)
        one = _ways(self.left, drawn) + _ways(self.bits - self.left, self.right - drawn)
        at_least = np.logaddexp.accumulate(one[::-1])[::-1] - _ways(self.bits, self.right)
        # Rows differ in how many bits they have, so the steps of the average row are bridged.
        known = np.append(at_least, at_least[-1] - 20)
        found = np.interp(shared, np.append(drawn, most + 1) - 0.5, known)
        return np.asarray(np.exp(found), np.float64)

    def cutoff(self, share: float) -> float:
        """Return the least resemblance, of at most 12, that no more than ``share`` of strangers
        reach."""
        tried = np.arange(0.0, 12.0, 0.01)
        place = int(np.searchsorted(-self.tail(tried), -share))
        return float(tried[min(place, len(tried) - 1)])


def _ways(all_: int, drawn: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the logarithm of the number of ways to draw so many of so many."""
    some = np.asarray(drawn, float)
    return np.asarray(gammaln(all_ + 1) - gammaln(some + 1) - gammaln(all_ - some + 1), np.float64)


@dataclass(frozen=True)
class Near:
    """Pairs at or above ``cutoff``: rows and resemblance; and how many pairs were looked at."""

    left: Rows
    right: Rows
    resemblance: Floats
    cutoff: float
    compared: int
    chance: Chance


class _Piles(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("left", "right", "ones_left", "ones_right")),
        *((name, ctypes.c_void_p) for name in ("scale_left", "scale_right")),
        ("words", ctypes.c_int64),
        ("cutoff", ctypes.c_float),
    )


class _Found(ctypes.Structure):
    _fields_ = (
        ("used", ctypes.c_int64),
        ("room", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("left", "right", "value")),
    )


class Piles:
    """Two files of filters (n x words) to be compared. A row of equal bits resembles nothing."""

    def __init__(self, left: Filters, right: Filters) -> None:
        self.left, self.right = np.ascontiguousarray(left), np.ascontiguousarray(right)
        self.bits = left.shape[1] * 64
        self._ones = [_ones(self.left), _ones(self.right)]
        self._scale = [self._scaled(ones) for ones in self._ones]
        self.chance = Chance(self.bits, *(_average(ones) for ones in self._ones))

    def _scaled(self, ones: Rows) -> Floats:
        spread = np.sqrt(ones * (self.bits - ones.astype(float)))
        scale = np.divide(self.bits**0.25, spread, out=np.zeros_like(spread), where=spread > 0)
        single: Floats = scale.astype(np.float32)
        return single

    def fill(self) -> float:
        """Return the share of bits that are set."""
        rows = len(self.left) + len(self.right)
        return float(sum(int(ones.sum()) for ones in self._ones) / max(rows * self.bits, 1))

    def subset(self, left: Rows, right: Rows) -> Piles:
        """Return some rows of both sides."""
        return Piles(self.left[left], self.right[right])

    def all_pairs(self, cutoff: float) -> Near:
        """Compare every left row with every right row."""
        found: list[Kept] = []
        self.all_into(found.append, cutoff, 0, len(self.left))
        return near_of(found, cutoff, len(self.left) * len(self.right), self.chance)

    def all_into(self, take: Callable[[Kept], None], cutoff: float, start: int, stop: int) -> None:
        """Compare left rows from ``start`` to ``stop`` with every right row; hand on what is near
        while looking, in several threads."""
        if (native := library()) is None:
            for kept in self._all_numpy(cutoff, start, stop):
                take(kept)
            return
        piles = self._laid(cutoff)

        def compare(first: int, last: int) -> None:
            made = _Found()
            fault = native.eqr_all(
                ctypes.byref(piles), start + first, start + last, len(self.right),
                ctypes.byref(made),
            )  # fmt: skip
            take(_taken(native, made, fault))

        piece = np.clip(_AT_ONCE // max(len(self.right), 1), _LEAST, _MOST)
        in_threads(compare, stop - start, int(piece))

    def meeting(self, left: Rows, right: Rows, ranges: Ranges, cutoff: float) -> Near:
        """Compare rows that meet: for each range (from, to in ``left``; from, to in ``right``)."""
        found: list[Kept] = []
        self.meeting_into(found.append, left, right, ranges, cutoff)
        sizes = (ranges[:, 1] - ranges[:, 0]) * (ranges[:, 3] - ranges[:, 2])
        return near_of(found, cutoff, int(sizes.sum()), self.chance)

    def meeting_into(
        self, take: Callable[[Kept], None], left: Rows, right: Rows, ranges: Ranges, cutoff: float
    ) -> None:
        """Compare as ``meeting``, and hand on what is near while looking, in several threads."""
        if (native := library()) is None:
            for kept in self._meeting_numpy(left, right, ranges, cutoff):
                take(kept)
            return
        piles = self._laid(cutoff)
        ranges = np.ascontiguousarray(ranges)

        def compare(start: int, stop: int) -> None:
            made = _Found()
            fault = native.eqr_ranges(
                ctypes.byref(piles), left.ctypes.data, right.ctypes.data, ranges.ctypes.data,
                start, stop, ctypes.byref(made),
            )  # fmt: skip
            take(_taken(native, made, fault))

        in_threads(compare, len(ranges), max(1, len(ranges) // 64 + 1))

    def _laid(self, cutoff: float) -> _Piles:
        arrays: tuple[npt.NDArray[Any], ...] = (self.left, self.right, *self._ones, *self._scale)
        return _Piles(*(each.ctypes.data for each in arrays), self.left.shape[1], cutoff)

    def _all_numpy(self, cutoff: float, start: int, stop: int) -> Iterator[Kept]:
        for at_right in range(0, len(self.right), 4 * _TILE):
            columns = _loose(self.right[at_right : at_right + 4 * _TILE]).T.copy()
            for at in range(start, stop, _TILE):
                common = _loose(self.left[at : min(at + _TILE, stop)]) @ columns
                i = np.arange(at, at + len(common), dtype=np.int32)[:, None]
                j = np.arange(at_right, at_right + common.shape[1], dtype=np.int32)[None, :]
                made = self._resemblance(common, i, j)
                row, column = np.nonzero(made >= np.float32(cutoff))
                yield i[row, 0], j[0, column], made[row, column]

    def _meeting_numpy(
        self, left: Rows, right: Rows, ranges: Ranges, cutoff: float
    ) -> Iterator[Kept]:
        for a, b, c, d in ranges:
            i, j = np.repeat(left[a:b], d - c), np.tile(right[c:d], b - a)
            common = np.bitwise_count(self.left[i] & self.right[j]).sum(axis=1)
            made = self._resemblance(common, i, j)
            good = made >= np.float32(cutoff)
            yield i[good], j[good], made[good]

    def _resemblance(self, common: npt.NDArray[np.generic], i: Rows, j: Rows) -> Floats:
        over = common.astype(np.int64) * self.bits
        over -= self._ones[0][i].astype(np.int64) * self._ones[1][j]
        made: Floats = over.astype(np.float32) * self._scale[0][i] * self._scale[1][j]
        return made


def _ones(filters: Filters) -> Rows:
    counted: Rows = np.bitwise_count(filters).sum(axis=1, dtype=np.int32)
    return counted


def _average(ones: Rows) -> int:
    """Return the average of rows that have any bit, never 0."""
    return round(float(ones[ones > 0].mean())) if ones.any() else 1


def _loose(filters: Filters) -> Floats:
    return np.unpackbits(filters.view(np.uint8), axis=1).astype(np.float32)


def _taken(native: ctypes.CDLL, made: _Found, fault: int) -> Kept:
    """Copy what the compiled part found, and give its memory back."""
    try:
        if fault:
            raise MemoryError("too many pairs of filters resemble each other to be held")
        kept = [
            np.ctypeslib.as_array(ctypes.cast(where, ctypes.POINTER(sort)), (made.used,)).copy()
            if made.used
            else np.zeros(0, sort)
            for where, sort in (
                (made.left, ctypes.c_int32),
                (made.right, ctypes.c_int32),
                (made.value, ctypes.c_float),
            )
        ]
    finally:
        native.eqr_free(ctypes.byref(made))
    return kept[0], kept[1], kept[2]


def near_of(kept: list[Kept], cutoff: float, compared: int, chance: Chance) -> Near:
    """Gather what was found, in the order of rows, each pair once."""
    none = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))
    left, right, made = (np.concatenate(part) for part in zip(none, *kept, strict=True))
    key = left.astype(np.int64) << 32 | right
    _, first = np.unique(key, return_index=True)
    return Near(left[first], right[first], made[first], cutoff, compared, chance)
