"""Which filters to compare: all of them, or in large files those that are likely to be near.

Small files are compared whole. Large ones are met by tokens, where the owners gave some, and by
samples of the filters' own bits: rows that agree on all bits of a sample are compared, for many
random samples (locality-sensitive hashing; Indyk and Motwani, STOC 1998). The linkage unit draws
the samples itself, so nothing more than the filters leaves an owner. Rows that then have no plain
partner are few enough, often, to be compared whole. Among few rows chance reaches less far, so
where most rows have been found the rest are looked at again, for fainter resemblances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.record_native import library
from equipoise.carry.link import kernel_native, kernel_numpy
from equipoise.carry.link.record_model import STEP, Deeper
from equipoise.carry.link.record_pairs import (
    Chance,
    Filters,
    Near,
    Piles,
    Progress,
    Rows,
    gathered,
)
from equipoise.cores import in_threads

Keys = npt.NDArray[np.uint64]

COMPARED_WHOLE: Final = 1_000_000_000
COMPARED_WITHOUT: Final = 4_000_000_000
"""Pairs up to which two files are compared whole: where there are tokens, and where not."""

_CHANCE_PAIRS: Final = 2.0
"""Pairs by chance that are let through, for each row of the smaller file."""
_MOST_NEAR: Final = 40.0
"""Near pairs a row beyond which the cutoff is raised: all are kin, and none says more."""
_DEEPER: Final = 2
"""Steps of resemblance that a second look must reach deeper than the first to be worth it."""
_SAMPLES: Final = 32
_MORE_SAMPLES: Final = 8
"""Samples of bits where there are no tokens, and where there are."""
_MET: Final = 6.0
"""Rows that meet a row in one sample, by chance."""
_PORTION: Final = 20_000_000
"""Pairs that are compared before the near ones among them are counted."""
_LARGEST: Final = 4_000_000
"""Pairs in one bucket beyond which it tells nothing: another sample will part its rows."""


@dataclass(frozen=True)
class Part:
    """Near pairs among some rows of the two files, by their places in ``left`` and ``right``."""

    near: Near
    left: Rows
    right: Rows


@dataclass(frozen=True)
class Found:
    """What was found, in parts that share no pair; pairs in buckets that were left out; whether
    every pair that could matter was compared."""

    parts: tuple[Part, ...]
    left_out: int
    whole: bool


def search(
    left: Filters,
    right: Filters,
    tokens: tuple[Keys, Keys] | None,
    random: np.random.Generator,
    progress: Progress | None = None,
    *,
    whole: int | None = None,
    within: bool = False,
) -> Found:
    """Return the near pairs of two files; ``within``: of one file given twice, no row with itself.

    ``tokens``: n x t each, 0 for none, met column by column. ``whole``: pairs up to which files are
    compared whole; unless given, more where there are no tokens, since little else finds the rest.
    """
    if whole is None:
        whole = COMPARED_WITHOUT if tokens is None else COMPARED_WHOLE
    piles = Piles(left, right)
    everybody = (np.arange(len(left), dtype=np.int32), np.arange(len(right), dtype=np.int32))
    cutoff = _cutoff(piles, random)
    if len(left) * len(right) <= whole:
        near = piles.all_pairs(cutoff, progress)
        return Found((Part(_of_two(near) if within else near, *everybody),), 0, True)
    met, left_out = _all_met(piles, tokens, cutoff, random, progress)
    met = _of_two(met) if within else met
    rest = _without_partner(met, len(left), len(right))
    if len(rest[0]) * len(rest[1]) > whole:
        return Found((Part(met, *everybody),), left_out, False)
    few = piles.subset(*rest)
    cutoff = chance_cutoff(few)
    near = few.all_pairs(cutoff, progress)
    if within:  # the rows without a partner are the same on either side
        near = _of_two(near)
    return Found((Part(_without(met, rest), *everybody), Part(near, *rest)), left_out, True)


def _all_met(
    piles: Piles,
    tokens: tuple[Keys, Keys] | None,
    cutoff: float,
    random: np.random.Generator,
    progress: Progress | None,
) -> tuple[Near, int]:
    """Compare what meets by tokens or by samples; return also the pairs that were left out."""
    columns = _token_columns(tokens) + [None] * (_SAMPLES if tokens is None else _MORE_SAMPLES)
    kept = _Nearest(piles, cutoff)
    for done, column in enumerate(columns):
        kept.meet(*(column or _sampled(piles, random)))
        if progress is not None:
            progress((done + 1) / len(columns), "comparing filters that meet")
    return kept.gathered(), kept.left_out


class _Nearest:
    """The pairs that were near so far, and no more than ``_MOST_NEAR`` a row of them.

    Where a crowd bears one name, rows meet thousands that resemble them. All of them would fill the
    machine; so the cutoff is raised, while looking, to what the nearest of them reach.
    """

    def __init__(self, piles: Piles, cutoff: float) -> None:
        self._piles, self._cutoff = piles, cutoff
        self._most = int(_MOST_NEAR * max(len(piles.left), len(piles.right))) + 1
        self._parts: list[Near] = []
        self.left_out = 0

    def meet(self, left: Keys, right: Keys) -> None:
        """Compare rows of equal keys; count the pairs of buckets that are left out."""
        meeting = kernel_numpy.meeting if kernel_native.library() is None else kernel_native.meeting
        order_left, order_right, ranges = meeting(left, right)
        sizes = (ranges[:, 1] - ranges[:, 0]) * (ranges[:, 3] - ranges[:, 2])
        small = sizes <= _LARGEST
        self.left_out += int(sizes[~small].sum())
        ranges = ranges[small]
        portions = np.cumsum(sizes[small]) // _PORTION
        for portion in np.split(ranges, np.flatnonzero(np.diff(portions)) + 1):
            near = self._piles.meeting(order_left, order_right, portion, self._cutoff)
            self._parts.append(near)
            if sum(len(part.left) for part in self._parts) > 2 * self._most:
                self._settle()

    def _settle(self) -> None:
        near = gathered(self._parts)
        if (spare := len(near.left) - self._most) > 0:
            self._cutoff = float(np.partition(near.resemblance, spare)[spare])
            near = _at_least(near, self._cutoff)
        self._parts = [near]

    def gathered(self) -> Near:
        """Return all pairs at or above the cutoff that held at the end, each once."""
        return _at_least(gathered(self._parts), self._cutoff)


def _at_least(near: Near, cutoff: float) -> Near:
    return replace(_some(near, near.resemblance >= cutoff), cutoff=cutoff)


def _without(near: Near, rest: tuple[Rows, Rows]) -> Near:
    """Return the pairs that are not both of ``rest``."""
    return _some(near, ~(np.isin(near.left, rest[0]) & np.isin(near.right, rest[1])))


def _of_two(near: Near) -> Near:
    """Return the pairs of two rows, where both sides are one file."""
    return _some(near, near.left != near.right)


def _some(near: Near, kept: npt.NDArray[np.bool_]) -> Near:
    return replace(
        near, left=near.left[kept], right=near.right[kept], resemblance=near.resemblance[kept]
    )


def chance_cutoff(piles: Piles) -> float:
    """Return the resemblance that about two chance pairs a row reach."""
    return _chance_cutoff(piles.chance, len(piles.left), len(piles.right))


def _chance_cutoff(chance: Chance, left: int, right: int) -> float:
    wanted = _CHANCE_PAIRS * max(min(left, right), 1)
    return chance.cutoff(min(wanted / max(left * right, 1), 0.02))


def again(piles: Piles, near: Near, left: Rows, right: Rows) -> tuple[Near, Deeper] | None:
    """Look at some rows anew, below the cutoff of ``near``: return what both looks found.

    None where these rows are so many that chance would reach as far among them.
    """
    cutoff = _chance_cutoff(piles.chance, len(left), len(right))
    steps = int((near.cutoff - cutoff) / STEP)
    if steps < _DEEPER or not len(left) or not len(right):
        return None
    few = piles.subset(left, right).all_pairs(near.cutoff - steps * STEP)
    fainter = few.resemblance < near.cutoff
    both = replace(
        near,
        left=np.append(near.left, left[few.left[fainter]]),
        right=np.append(near.right, right[few.right[fainter]]),
        resemblance=np.append(near.resemblance, few.resemblance[fainter]),
        cutoff=few.cutoff,
    )
    return both, Deeper(near.cutoff, few.compared)


def _cutoff(piles: Piles, random: np.random.Generator) -> float:
    """Return the cutoff for chance, or a higher one where kin would flood the machine."""
    cutoff = chance_cutoff(piles)
    if not len(piles.left) or not len(piles.right):
        return cutoff
    rows = np.sort(random.permutation(len(piles.left))[:200]).astype(np.int32)
    others = np.sort(random.permutation(len(piles.right))[:50_000]).astype(np.int32)
    near = piles.subset(rows, others).all_pairs(cutoff)
    most = int(_MOST_NEAR * len(rows) * len(others) / len(piles.right)) + 1
    if len(near.resemblance) <= most:
        return cutoff
    return float(np.sort(near.resemblance)[-most])


def _token_columns(tokens: tuple[Keys, Keys] | None) -> list[tuple[Keys, Keys] | None]:
    if tokens is None:
        return []
    left, right = tokens
    return [
        (np.ascontiguousarray(left[:, column]), np.ascontiguousarray(right[:, column]))
        for column in range(left.shape[1])
    ]


def _sampled(piles: Piles, random: np.random.Generator) -> tuple[Keys, Keys]:
    """Return keys of both sides by one random sample of bits, never 0."""
    fill = piles.fill()
    agree = min(max(1 - 2 * fill * (1 - fill), 0.5), 0.98)
    rows = max(len(piles.left), len(piles.right))
    bits = int(np.clip(np.log(rows / _MET) / -np.log(agree), 8, 63))
    sampled = random.permutation(piles.bits)[:bits].astype(np.int32)
    return _keys(piles.left, sampled), _keys(piles.right, sampled)


def _keys(filters: Filters, sampled: Rows) -> Keys:
    if (native := library()) is not None:
        keys = np.empty(len(filters), np.uint64)

        def fill(start: int, stop: int) -> None:
            native.eqr_keys(
                filters[start:].ctypes.data, stop - start, filters.shape[1], sampled.ctypes.data,
                1, len(sampled), keys[start:].ctypes.data,
            )  # fmt: skip

        in_threads(fill, len(filters), 100_000)
        return keys
    keys = np.ones(len(filters), np.uint64)
    for at in sampled:
        bit = (filters[:, at >> 6] >> np.uint64(at & 63)) & np.uint64(1)
        keys = keys << np.uint64(1) | bit
    return keys


def _without_partner(near: Near, lefts: int, rights: int) -> tuple[Rows, Rows]:
    """Return rows that nothing far beyond chance was found for."""
    plain = near.resemblance >= near.cutoff + 3
    free_left, free_right = np.ones(lefts, np.bool_), np.ones(rights, np.bool_)
    free_left[near.left[plain]] = False
    free_right[near.right[plain]] = False
    return np.flatnonzero(free_left).astype(np.int32), np.flatnonzero(free_right).astype(np.int32)
