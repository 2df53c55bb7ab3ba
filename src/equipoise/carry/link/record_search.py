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
from equipoise.carry.link.record_crowds import CROWD, CROWD_MET, MOST_NEAR, PLAIN, Nearest, Part
from equipoise.carry.link.record_model import STEP, Deeper
from equipoise.carry.link.record_pairs import (
    Chance,
    Filters,
    Near,
    Piles,
    Progress,
    Ranges,
    Rows,
)
from equipoise.cores import in_threads

Keys = npt.NDArray[np.uint64]

COMPARED_WHOLE: Final = 1_000_000_000
COMPARED_WITHOUT: Final = 4_000_000_000
"""Pairs up to which two files are compared whole: where there are tokens, and where not."""

_CHANCE_PAIRS: Final = 2.0
"""Pairs by chance that are let through, for each row of the smaller file."""
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

_SOME_KNOWN: Final = 400
_OF_KNOWN: Final = 0.03
"""Rows known to be of crowds that others are held against, and the share of them that a row must
resemble to be of a crowd too: there may be dozens of crowds, and chance lets through next to none.
"""


@dataclass(frozen=True)
class Found:
    """What was found, in parts that share no pair.

    ``left_out``: pairs in buckets that were not looked into. ``whole``: every pair that could
    matter was compared. ``once``: that was done in one go, and the first part is all but crowds.
    ``crowds``: how many rows of either file are of a crowd. ``thinned``: pairs among these that are
    near, yet not the nearest, were left out.
    """

    parts: tuple[Part, ...]
    left_out: int
    whole: bool
    once: bool
    crowds: tuple[int, int]
    thinned: bool


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
    once = len(left) * len(right) <= whole
    crowd = CROWD if once or within else CROWD_MET
    nearest = Nearest(piles, _cutoff(piles, random), crowd)
    left_out = 0
    if once:
        _meet_all(piles, nearest, progress)
    else:
        left_out = _meet_some(piles, tokens, nearest, random, progress)
        _gather_crowds(piles, nearest, random)
    parts = nearest.parts(*everybody, whole=once)
    seen = [nearest]
    rest = _without_partner(parts, nearest)
    complete = once or len(rest[0]) * len(rest[1]) <= whole
    if complete and not once:
        few = piles.subset(*rest)
        seen.append(Nearest(few, _cutoff(few, random)))
        _meet_all(few, seen[1], progress)
        parts = (*(_without(part, rest) for part in parts), *seen[1].parts(*rest, whole=True))
    return Found(
        tuple(map(_of_two, parts)) if within else parts,
        left_out,
        complete,
        once,
        (sum(int(each.left.sum()) for each in seen), sum(int(each.right.sum()) for each in seen)),
        any(each.thinned for each in seen),
    )


def _meet_all(piles: Piles, nearest: Nearest, progress: Progress | None) -> None:
    """Compare every left row with every right row."""
    rows = max(1, _PORTION // max(len(piles.right), 1))
    for start in range(0, len(piles.left), rows):
        stop = min(start + rows, len(piles.left))
        piles.all_into(nearest.take, nearest.cutoff, start, stop)
        nearest.share = stop / len(piles.left)
        nearest.settle()
        if progress is not None:
            progress(stop / len(piles.left), "comparing filters")


def _meet_some(
    piles: Piles,
    tokens: tuple[Keys, Keys] | None,
    nearest: Nearest,
    random: np.random.Generator,
    progress: Progress | None,
) -> int:
    """Compare what meets by tokens or by samples; return how many pairs were left out."""
    columns = _token_columns(tokens) + [None] * (_SAMPLES if tokens is None else _MORE_SAMPLES)
    left_out = 0
    for done, column in enumerate(columns):
        left, right, ranges = _meeting(*(column or _sampled(piles, random)))
        sizes = (ranges[:, 1] - ranges[:, 0]) * (ranges[:, 3] - ranges[:, 2])
        large = sizes > _LARGEST
        left_out += int(sizes[large].sum())
        if column is not None:  # hardly anybody shares a token with anybody else
            for a, b, c, d in ranges[large]:
                nearest.crowd(left[a:b], right[c:d])
        portions = np.cumsum(sizes[~large]) // _PORTION
        for portion in np.split(ranges[~large], np.flatnonzero(np.diff(portions)) + 1):
            nearest.compared(left, right, portion)
            piles.meeting_into(nearest.take, left, right, portion, nearest.cutoff)
            nearest.settle()
        if progress is not None:
            progress((done + 1) / len(columns), "comparing filters that meet")
    return left_out


def _gather_crowds(piles: Piles, nearest: Nearest, random: np.random.Generator) -> None:
    """Hold rows that have met a few of a crowd against some of those who are known to be of one.

    Rows that meet by samples of bits meet a part of their crowd only, some of them a small one.
    """
    left, right = nearest.suspected()
    known = [np.flatnonzero(rows) for rows in (nearest.left, nearest.right)]
    if not len(known[0]) or not len(known[1]):
        return
    some = [np.sort(random.permutation(rows)[:_SOME_KNOWN]) for rows in known]
    of_left = piles.subset(left, some[1]).all_pairs(nearest.cutoff).left
    of_right = piles.subset(some[0], right).all_pairs(nearest.cutoff).right
    nearest.crowd(
        left[np.bincount(of_left, minlength=len(left)) > _OF_KNOWN * len(some[1])],
        right[np.bincount(of_right, minlength=len(right)) > _OF_KNOWN * len(some[0])],
    )


def _meeting(left: Keys, right: Keys) -> tuple[Rows, Rows, Ranges]:
    meeting = kernel_numpy.meeting if kernel_native.library() is None else kernel_native.meeting
    return meeting(left, right)


def _without(part: Part, rest: tuple[Rows, Rows]) -> Part:
    """Return the pairs that are not both of ``rest``."""
    left, right = part.left[part.near.left], part.right[part.near.right]
    return replace(part, near=_some(part.near, ~(np.isin(left, rest[0]) & np.isin(right, rest[1]))))


def _of_two(part: Part) -> Part:
    """Return the pairs of two rows, where both sides are one file."""
    two = part.left[part.near.left] != part.right[part.near.right]
    return replace(part, near=_some(part.near, two))


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
    share = len(others) / len(piles.right)
    # Crowds are no reason to look less closely at everybody else: they have a cutoff of their own.
    calm = np.bincount(near.left, minlength=len(rows)) <= CROWD * share
    resemblance = near.resemblance[calm[near.left]]
    most = int(MOST_NEAR * calm.sum() * share) + 1
    return cutoff if len(resemblance) <= most else float(np.sort(resemblance)[-most])


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


def _without_partner(parts: tuple[Part, ...], nearest: Nearest) -> tuple[Rows, Rows]:
    """Return rows of no crowd that nothing far beyond chance was found for."""
    free_left, free_right = ~nearest.left, ~nearest.right
    for part in parts:
        plain = part.near.resemblance >= part.near.cutoff + PLAIN
        free_left[part.left[part.near.left[plain]]] = False
        free_right[part.right[part.near.right[plain]]] = False
    return np.flatnonzero(free_left).astype(np.int32), np.flatnonzero(free_right).astype(np.int32)
