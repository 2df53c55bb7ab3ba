"""Comparing pairs: counting their patterns, scoring them, telling the pattern of any.

A pattern is the mixed-radix number of the levels of a pair's fields (``plan.radices``), the first
field least significant. No list of all candidate pairs is ever made: blocks are compared where they
lie and only counts, or pairs above a threshold, are kept. Results do not depend on the number of
threads, nor on which kernel is at work (``kernel_name``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.link import kernel_native, kernel_numpy
from equipoise.carry.link.blocks import (
    Blocks,
    BlockSizes,
    Keys,
    Rule,
    Tiles,
    block_keys,
    block_sizes,
    blocks_of,
    in_pieces,
    tiles_of,
)
from equipoise.carry.link.plan import FIXED, Plan, Weighing, plan_of, radices, weighing_of
from equipoise.cores import cores

_PIECES: Final = 64
_Places = npt.NDArray[np.int64]
_Earlier = tuple[Keys, Keys]
_Made = TypeVar("_Made")
Progress = Callable[[float], None]
"""Is told the share done, from 0 to 1, between pieces of work; may raise, to stop the work."""


@dataclass(frozen=True)
class PatternCounts:
    """How many pairs have each pattern, under the first rule that brings them together."""

    rule: npt.NDArray[np.int16]
    pattern: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scored:
    """Pairs of rows that reach the threshold, their patterns, weights in bits, and first rules."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    pattern: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    rule: npt.NDArray[np.int16]


def count_patterns(
    left: EncodedTable,
    right: EncodedTable,
    keyed: Blocks,
    *,
    within: bool = False,
    plan: Plan | None = None,
    progress: Progress | None = None,
) -> PatternCounts:
    """Return how many pairs have each pattern, sorted by rule and pattern.

    ``within``: both tables are one and each pair of its rows counts once. ``plan`` spares laying
    the tables out again. Raises as ``plan_of``.
    """
    laid = plan or plan_of(left, left if within else right)
    at_work = _at_work()

    def count(tiles: Tiles, ranges: _Places, earlier: _Earlier) -> tuple[_Places, _Places]:
        return at_work.count(laid, tiles, ranges, earlier, within)

    found = [
        (np.full(len(patterns), number, np.int16), patterns, counts)
        for number, (patterns, counts) in _worked(keyed, within, progress, count)
    ]
    return _summed(found)


def score_pairs(
    left: EncodedTable,
    right: EncodedTable,
    keyed: Blocks,
    weights: Sequence[npt.NDArray[np.float32]],
    exact_weights: Mapping[str, npt.NDArray[np.float32]],
    threshold: float,
    *,
    within: bool = False,
    plan: Plan | None = None,
    progress: Progress | None = None,
) -> Scored:
    """Return the pairs whose weights add up to ``threshold`` bits or more.

    ``weights`` has one array for each field, one weight for each level. ``exact_weights`` (field to
    one weight for each distinct value of the left table) stands in for the top level's weight.
    Weights count in steps of 1/1024 bit. Pairs come in the order of rules, then of blocks. Raises
    as ``plan_of`` and ``weighing_of``.
    """
    laid = plan or plan_of(left, left if within else right)
    weighing = weighing_of(laid, weights, exact_weights, threshold)
    at_work = _at_work()

    def score(tiles: Tiles, ranges: _Places, earlier: _Earlier) -> kernel_numpy.Hits:
        return at_work.score(laid, weighing, tiles, ranges, earlier, within)

    found = [
        (*hits, np.full(len(hits[0]), number, np.int16))
        for number, hits in _worked(keyed, within, progress, score)
    ]
    empty = (
        np.zeros(0, np.int32),
        np.zeros(0, np.int32),
        np.zeros(0, np.int64),
        np.zeros(0, np.int32),
        np.zeros(0, np.int16),
    )
    at_left, at_right, pattern, weight, rule = (
        np.concatenate(column) for column in zip(empty, *found, strict=True)
    )
    bits = (weight / FIXED).astype(np.float32)
    return Scored(at_left, at_right, pattern, bits, rule)


def patterns_of(
    left: EncodedTable,
    right: EncodedTable,
    at_left: npt.NDArray[np.int32],
    at_right: npt.NDArray[np.int32],
    *,
    plan: Plan | None = None,
) -> npt.NDArray[np.int64]:
    """Return the pattern of each pair of rows. Raises as ``plan_of``."""
    laid = plan or plan_of(left, right)
    return _at_work().patterns_at(laid, at_left.astype(np.int64), at_right.astype(np.int64))


def levels_in(patterns: npt.NDArray[np.int64], plan_radices: Sequence[int]) -> npt.NDArray[np.int8]:
    """Return the levels that patterns stand for (patterns x fields)."""
    levels = np.empty((len(patterns), len(plan_radices)), np.int8)
    rest = patterns.copy()
    for place, radix in enumerate(plan_radices):
        rest, levels[:, place] = np.divmod(rest, radix)
    return levels


def kernel_name() -> str:
    """Return which kernel is at work: ``C`` or ``numpy``, which is slower and gives the same."""
    return "numpy" if _at_work() is kernel_numpy else "C"


class _Kernel(Protocol):
    """What either kernel does."""

    def meeting(
        self, left: Keys, right: Keys
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], _Places]: ...

    def count(
        self, plan: Plan, tiles: Tiles, ranges: _Places, earlier: _Earlier, within: bool
    ) -> tuple[_Places, _Places]: ...

    def score(
        self,
        plan: Plan,
        weighing: Weighing,
        tiles: Tiles,
        ranges: _Places,
        earlier: _Earlier,
        within: bool,
    ) -> kernel_numpy.Hits: ...

    def patterns_at(self, plan: Plan, left: _Places, right: _Places) -> _Places: ...


def _at_work() -> _Kernel:
    return kernel_numpy if kernel_native.library() is None else kernel_native


def _worked(
    keyed: Blocks,
    within: bool,
    progress: Progress | None,
    act: Callable[[Tiles, _Places, _Earlier], _Made],
) -> Iterator[tuple[int, _Made]]:
    """Do the work of every rule in pieces, on all cores, and yield what was made, in order."""
    with ThreadPoolExecutor(cores()) as pool:
        for number in range(len(keyed.rules)):
            left, right = keyed.keys_left[number], keyed.keys_right[number]
            tiles = tiles_of(left, right, within, _at_work().meeting)
            earlier = (keyed.keys_left[:number], keyed.keys_right[:number])
            pieces = in_pieces(tiles, _PIECES)
            waiting = [pool.submit(act, tiles, piece, earlier) for piece in pieces]
            try:
                for done, piece_done in enumerate(waiting, 1):
                    yield number, piece_done.result()
                    if progress is not None:
                        progress((number + done / len(waiting)) / len(keyed.rules))
            finally:
                # Whoever stops the work, by an error of theirs, waits for no more than one piece.
                for one in waiting:
                    one.cancel()


def _summed(
    found: list[tuple[npt.NDArray[np.int16], npt.NDArray[np.int64], npt.NDArray[np.int64]]],
) -> PatternCounts:
    empty = (np.zeros(0, np.int16), np.zeros(0, np.int64), np.zeros(0, np.int64))
    rule, pattern, count = (np.concatenate(column) for column in zip(empty, *found, strict=True))
    order = np.lexsort((pattern, rule))
    rule, pattern, count = rule[order], pattern[order], count[order]
    if not len(rule):
        return PatternCounts(rule, pattern, count)
    fresh = np.flatnonzero(
        np.concatenate([[True], (rule[1:] != rule[:-1]) | (pattern[1:] != pattern[:-1])])
    )
    return PatternCounts(rule[fresh], pattern[fresh], np.add.reduceat(count, fresh))


__all__ = [
    "BlockSizes",
    "Blocks",
    "PatternCounts",
    "Plan",
    "Progress",
    "Rule",
    "Scored",
    "block_keys",
    "block_sizes",
    "blocks_of",
    "count_patterns",
    "kernel_name",
    "levels_in",
    "patterns_of",
    "plan_of",
    "radices",
    "score_pairs",
]
