"""The kernel in numpy: slower, and the same answers to the last bit.

It works where no compiled kernel is, and it is what the compiled one is tested against.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.grams import BITS
from equipoise.carry.link.blocks import Keys, Tiles
from equipoise.carry.link.levels import DIFFER, MISSING, OPS
from equipoise.carry.link.plan import Plan, Weighing

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Hits = tuple[
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
    npt.NDArray[np.int64],
    npt.NDArray[np.int32],
]
_PAIRS_AT_ONCE = 1 << 18
_FREE = np.maximum(BITS - np.arange(BITS + 1), 0.5)
_DRAWS_OF = np.round(32 * BITS * np.log(BITS / _FREE)).astype(np.int64)
"""Bits set -> draws that set so many, in 32nds; the compiled kernel has the same table."""


def meeting(left: Keys, right: Keys) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Places]:
    """Return rows of either side by key, rows of equal keys in their order, and the ranges (from
    and to on the left, from and to on the right) in which keys are equal; 0 meets nothing."""
    order_left = np.argsort(left, kind="stable").astype(np.int32)
    order_right = np.argsort(right, kind="stable").astype(np.int32)
    keys_left, from_left, to_left = _runs(left[order_left])
    keys_right, from_right, to_right = _runs(right[order_right])
    _, one, two = np.intersect1d(keys_left, keys_right, assume_unique=True, return_indices=True)
    ranges = (from_left[one], to_left[one], from_right[two], to_right[two])
    return order_left, order_right, np.stack(ranges, axis=1)


def _runs(
    keys: Keys,
) -> tuple[Keys, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct keys of a sorted array with where each begins and ends, 0 left out."""
    fresh = np.ones(len(keys), np.bool_)
    fresh[1:] = keys[1:] != keys[:-1]
    starts = np.flatnonzero(fresh)
    ends = np.append(starts[1:], len(keys)).astype(np.int64)[: len(starts)]
    values = keys[starts]
    there = values != 0
    return values[there], starts[there], ends[there]


def pairs_of(
    tiles: Tiles, ranges: Places, earlier: tuple[Keys, Keys], within: bool
) -> Iterator[tuple[Places, Places]]:
    """Yield the pairs of some tiles, a quarter of a million at most at a time.

    ``earlier`` are the keys of earlier rules: a pair that shares one is not yielded.
    """
    widths = ranges[:, 3] - ranges[:, 2]
    sizes = (ranges[:, 1] - ranges[:, 0]) * widths
    before = np.concatenate([[0], np.cumsum(sizes)])
    for start in range(0, int(before[-1]), _PAIRS_AT_ONCE):
        number = np.arange(start, min(start + _PAIRS_AT_ONCE, int(before[-1])))
        tile = np.searchsorted(before, number, side="right") - 1
        row, place = np.divmod(number - before[tile], widths[tile])
        at_left, at_right = ranges[tile, 0] + row, ranges[tile, 2] + place
        if within:
            # The order is stable, so the earlier place is the earlier row.
            upper = at_left < at_right
            at_left, at_right = at_left[upper], at_right[upper]
        left, right = tiles.left[at_left].astype(np.int64), tiles.right[at_right].astype(np.int64)
        fresh = np.ones(len(left), np.bool_)
        for keys_left, keys_right in zip(*earlier, strict=True):
            key = keys_left[left]
            fresh &= (key == 0) | (key != keys_right[right])
        yield left[fresh], right[fresh]


def count(
    plan: Plan, tiles: Tiles, ranges: Places, earlier: tuple[Keys, Keys], within: bool
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return distinct patterns and how many pairs of some tiles have each."""
    patterns = np.zeros(0, np.int64)
    counts = np.zeros(0, np.int64)
    for left, right in pairs_of(tiles, ranges, earlier, within):
        found, places = np.unique(
            np.concatenate([patterns, patterns_at(plan, left, right)]), return_inverse=True
        )
        added = np.bincount(places[len(patterns) :], minlength=len(found))
        added[places[: len(patterns)]] += counts
        patterns, counts = found, added.astype(np.int64)
    return patterns, counts


def score(
    plan: Plan,
    weighing: Weighing,
    tiles: Tiles,
    ranges: Places,
    earlier: tuple[Keys, Keys],
    within: bool,
) -> Hits:
    """Return the pairs of some tiles that reach the least weight: left, right, pattern, weight."""
    kept: list[Hits] = []
    for left, right in pairs_of(tiles, ranges, earlier, within):
        patterns = np.zeros(len(left), np.int64)
        total = np.zeros(len(left), np.int64)
        for place, stride in enumerate(plan.strides):
            levels = levels_at(plan, place, left, right)
            patterns += levels * stride
            weights = weighing.levels[place].astype(np.int64)[levels]
            by_value = weighing.exact[place]
            if len(by_value):
                top = levels == plan.radices[place] - 1
                weights[top] = by_value[plan.left[left[top], place]]
            total += weights
        hit = total >= weighing.least
        kept.append(
            (
                left[hit].astype(np.int32),
                right[hit].astype(np.int32),
                patterns[hit],
                total[hit].astype(np.int32),
            )
        )
    nothing: Hits = (*(np.zeros(0, np.int32),) * 2, np.zeros(0, np.int64), np.zeros(0, np.int32))
    left32, right32, found, weight = zip(nothing, *kept, strict=True)
    return (
        np.concatenate(left32),
        np.concatenate(right32),
        np.concatenate(found),
        np.concatenate(weight),
    )


def patterns_at(plan: Plan, left: Places, right: Places) -> npt.NDArray[np.int64]:
    """Return the pattern of each pair of rows."""
    patterns = np.zeros(len(left), np.int64)
    for place, stride in enumerate(plan.strides):
        patterns += levels_at(plan, place, left, right) * stride
    return patterns


def levels_at(plan: Plan, place: int, left: Places, right: Places) -> npt.NDArray[np.int64]:
    """Return the level of one field for each pair of rows."""
    one, two = plan.left[left, place], plan.right[right, place]
    levels = np.full(len(left), DIFFER, np.int64)
    levels[one == two] = plan.radices[place] - 1
    levels[(one < 0) | (two < 0)] = MISSING
    waiting = np.flatnonzero(levels == DIFFER)
    holds = np.ones(len(waiting), np.bool_)
    for row in plan.programs[place].tolist():
        if not len(waiting):
            break
        holds &= _test(plan, place, row, left[waiting], right[waiting])
        if not row[6]:
            levels[waiting[holds]] = row[5]
            waiting = waiting[~holds]
            holds = np.ones(len(waiting), np.bool_)
    return levels


def _test(plan: Plan, place: int, row: list[int], left: Places, right: Places) -> Flags:
    op, first, second, third, least, _, _, beside = row
    lines = plan.lines[place]
    one, two = lines[plan.left[left, place]], lines[plan.right[right, place]]
    a, b, c = first + 2, second + 2, third + 2
    if op == OPS["dice"]:
        return _alike(one[:, :2], two[:, :2], least)
    if op == OPS["at least"]:
        same = np.stack([_equal(one[:, at], two[:, at]) for at in (a, b, c)])
        enough: Flags = same.sum(axis=0) >= least
        return enough
    if op == OPS["swapped"]:
        other = plan.right[right, beside]
        holds: Flags = other >= 0
        holds[holds] = _equal(one[holds, a], plan.lines[beside][other[holds], b])
        return holds
    pairs: dict[str, tuple[tuple[int, int], ...]]
    pairs = {"equal": ((a, a),), "cross": ((a, b), (b, a))}
    pairs["meet"] = ((a, a), (a, b), (b, a), (b, b))
    holds = np.zeros(len(left), np.bool_)
    for at_left, at_right in pairs[next(name for name, number in OPS.items() if number == op)]:
        holds |= _equal(one[:, at_left], two[:, at_right])
    return holds


def _alike(one: npt.NDArray[np.uint64], two: npt.NDArray[np.uint64], least: int) -> Flags:
    """Return where the Dice coefficient is ``least`` thousandths or more, in whole numbers.

    Of draws, as many as set so many bits, rather than of the bits themselves, of which any two long
    texts share half by chance (Swamidass and Baldi, J. Chem. Inf. Model. 2007, for fingerprints).
    """
    mine, theirs, either = (
        _DRAWS_OF[np.bitwise_count(filters).sum(axis=1, dtype=np.int64)]
        for filters in (one, two, one | two)
    )
    both = mine + theirs
    alike: Flags = 2000 * (both - either) >= least * both
    return alike


def _equal(one: npt.NDArray[np.uint64], two: npt.NDArray[np.uint64]) -> Flags:
    equal: Flags = (one == two) & (one != 0)
    return equal
