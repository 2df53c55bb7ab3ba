"""Two encoded tables laid out for comparison, the same for either kernel.

Values of both tables get common numbers, so that equal values have equal numbers and a pair's equal
fields are known without a look at what they hold. What the tests of a field read of a value lies
side by side in one line of 64-bit words: the two words of its filter, then its features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedField, EncodedTable, check_alike
from equipoise.carry.encode.kinds import partners
from equipoise.carry.link.levels import features_of, program, radices_of
from equipoise.errors import Problem, UsageRefused

FIXED: Final = 1024
"""Weights are added as whole numbers of 1/1024 bit, so that every kernel and order agree."""
LARGEST_PATTERN: Final = 1 << 62
_CACHE_LINE: Final = 64
_FARTHEST: Final = 1 << 24
"""The greatest weight, 16,384 bits, so that no sum of them leaves 32 bits."""
MOST_FIELDS: Final = 32

Rows = npt.NDArray[np.int32]
Fixed = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Plan:
    """What is compared: f fields, n rows on either side.

    ``left`` and ``right`` (n x f) hold common numbers of values, -1 for missing. ``lines`` has for
    each field an array (values x words), of which ``widths`` words count; ``programs`` its tests
    (``levels.program``); ``radices`` how many levels it has and ``strides`` what one level adds to
    a pattern.
    """

    names: tuple[str, ...]
    left: Rows
    right: Rows
    lines: tuple[npt.NDArray[np.uint64], ...]
    programs: tuple[Rows, ...]
    radices: tuple[int, ...]
    strides: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Weighing:
    """Weights in 1/1024 bit: ``levels`` for each field, ``exact`` where the top level's weight goes
    by value (empty where it does not), ``least`` what a pair must reach."""

    levels: tuple[Fixed, ...]
    exact: tuple[Fixed, ...]
    least: int


def radices(table: EncodedTable) -> tuple[int, ...]:
    """Return how many levels each field has; the first field is least significant in a pattern."""
    return radices_of([field.kind for field in table.fields.values()])


def plan_of(left: EncodedTable, right: EncodedTable) -> Plan:
    """Lay two tables out. Raises ``DataRefused`` (LNK101) for unlike tables, ``UsageRefused``
    (LNK104) for more fields than a pattern can hold (twenty at least)."""
    check_alike(left, right)
    levels = radices(left)
    strides = np.array([1, *np.cumprod([float(level) for level in levels])])
    if strides[-1] > LARGEST_PATTERN or len(levels) > MOST_FIELDS:
        raise UsageRefused(
            Problem(
                "LNK104",
                f"{len(levels)} fields are more than one comparison can hold",
                why="every combination of their levels must have a number of its own",
                next="leave out the fields that tell least; about twenty fit",
            )
        )
    kinds, names = left.kinds(), list(left.fields)
    beside = partners(kinds)
    rows_left = np.empty((left.rows, len(names)), np.int32)
    rows_right = rows_left if left is right else np.empty((right.rows, len(names)), np.int32)
    lines, programs = [], []
    for place, name in enumerate(names):
        one, two = left.fields[name], right.fields[name]
        common, fresh = _common(one, two)
        rows_left[:, place] = one.codes
        if left is not right:
            rows_right[:, place] = common[two.codes]
        lines.append(_lines(one, two, fresh))
        other = beside.get(name)
        programs.append(
            program(kinds[name], names.index(other) if other else None, kinds.get(other or ""))
        )
    whole = tuple(int(stride) for stride in strides[:-1])
    return Plan(
        tuple(names),
        rows_left,
        rows_right,
        tuple(lines),
        tuple(programs),
        levels,
        np.array(whole, np.int64),
    )


def weighing_of(
    plan: Plan,
    weights: Sequence[npt.NDArray[np.float32]],
    exact_weights: Mapping[str, npt.NDArray[np.float32]],
    threshold: float,
) -> Weighing:
    """Return weights as whole numbers. Raises ``UsageRefused`` (LNK105) for weights that do not fit
    the fields: one for each level, none of them not-a-number."""
    wrong = [
        name
        for name, radix, weight in zip(plan.names, plan.radices, weights, strict=False)
        if len(weight) != radix or np.isnan(weight).any()
    ]
    wrong += [name for name in exact_weights if name not in plan.names]
    if len(weights) != len(plan.names) or wrong:
        raise UsageRefused(
            Problem(
                "LNK105",
                f"the weights do not fit the fields: {', '.join(wrong) or len(weights)}",
                why="each level of each field needs one number",
                next="pass one array for each field, as long as its levels",
            )
        )
    nothing = np.zeros(0, np.float32)
    exact = tuple(_fixed(exact_weights.get(name, nothing)) for name in plan.names)
    least = int(np.clip(np.ceil(threshold * FIXED), -(1 << 30), 1 << 30))
    return Weighing(tuple(_fixed(weight) for weight in weights), exact, least)


def _fixed(weights: npt.NDArray[np.float32]) -> Fixed:
    scaled = np.asarray(weights, np.float64) * FIXED
    return np.rint(np.clip(scaled, -_FARTHEST, _FARTHEST)).astype(np.int32)


def _common(
    left: EncodedField, right: EncodedField
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the common number of each right value (-1 last, for missing), and which are new."""
    if left is right:
        whole = np.arange(len(left.exact), dtype=np.int32)
        return np.append(whole, np.int32(-1)), np.zeros(0, np.int64)
    order = np.argsort(left.exact)
    ranked = left.exact[order]
    at = np.minimum(np.searchsorted(ranked, right.exact), max(len(ranked) - 1, 0))
    met = ranked[at] == right.exact if len(ranked) else np.zeros(len(right.exact), np.bool_)
    common = np.empty(len(right.exact) + 1, np.int32)
    common[-1] = -1
    fresh = np.flatnonzero(~met)
    if len(ranked):
        common[:-1][met] = order[at[met]]
    common[fresh] = len(left.exact) + np.arange(len(fresh))
    return common, fresh


def _lines(
    left: EncodedField, right: EncodedField, fresh: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """Return what the tests read of every value, a power of two of words wide, on cache lines."""
    features = features_of(left.kind)
    width = 4
    while width < len(features) + 2:
        width *= 2
    lines = _aligned(len(left.exact) + len(fresh), width)
    for field, there, start in (
        (left, slice(None), 0),
        (right, fresh, len(left.exact)),
    ):
        grams = field.grams[there]
        lines[start : start + len(grams), :2] = grams
        for place, name in enumerate(features, 2):
            lines[start : start + len(grams), place] = field.feature(name)[there]
    return lines


def _aligned(rows: int, width: int) -> npt.NDArray[np.uint64]:
    raw = np.zeros(rows * width + _CACHE_LINE // 8, np.uint64)
    shift = (-raw.ctypes.data % _CACHE_LINE) // 8
    return raw[shift : shift + rows * width].reshape(rows, width)
