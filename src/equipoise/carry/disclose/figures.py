"""Tables of counts and of estimates: the minimum, rounding, totals, rates and measures.

Order of work: withhold small counts, and the counts of small remainders (``denominator`` less
``numerator`` of a share); withhold what subtraction would give back; round; rebuild wholes and
totals from what is shown; merge funnel steps that few left; make rates again from shown counts;
withhold a measure whose denominator is withheld, or from which a small count can be read back. All
is done until nothing changes any more, so that to check a checked table changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa

from equipoise.carry.disclose.findings import Checked, Finding, conclude
from equipoise.carry.disclose.grid import Grid, read_grid, relation_findings
from equipoise.carry.disclose.protect import (
    Limits,
    column_sums,
    merge_steps,
    rebuild_wholes,
    withhold,
)
from equipoise.carry.disclose.readback import MEASURE_DECIMALS, tells_of_few
from equipoise.carry.disclose.remarks import remarks
from equipoise.carry.disclose.shape import Context
from equipoise.carry.outputs import Output, OutputColumn

_PASSES: Final = 50
RATE_DECIMALS: Final = 1


@dataclass
class Done:
    """How many cells each step of the work touched."""

    small: int = 0
    remainders: int = 0
    further: int = 0
    merged: int = 0
    totals: int = 0
    rates: int = 0
    mixed_totals: int = 0
    measures: int = 0
    readable: int = 0
    hidden: dict[str, tuple[int, ...]] = field(default_factory=dict)


def check_counts(output: Output, context: Context) -> Checked:
    """Make a table of counts, rates and totals safe to look at."""
    return _check(output, context)


def check_estimates(output: Output, context: Context) -> Checked:
    """Make a table of estimates safe to look at: each rests on enough people, and none is finer
    than stated."""
    return _check(output, context)


def _check(output: Output, context: Context) -> Checked:
    limits = Limits(context.rule.min_count, context.rule.round_to)
    grid = read_grid(output)
    if findings := [*relation_findings(grid, limits.base)]:
        return conclude(output, findings)
    before = output
    after, done = _once(before, limits)
    for _ in range(_PASSES):
        again, _ignored = _once(after, limits)
        if again.table.equals(after.table):
            break
        after = again
    done.hidden = _withheld(output, after)
    bare = replace(after, table=after.table.replace_schema_metadata(None))
    return conclude(bare, [*_told(done, grid, limits), *remarks(output, bare, limits)], done.hidden)


def _withheld(output: Output, after: Output) -> dict[str, tuple[int, ...]]:
    held = {}
    for column in output.columns:
        empty = after.table.column(column.name).is_null().to_numpy()
        if column.kind == "measure":  # an estimate may have been undefined from the start
            empty &= ~output.table.column(column.name).is_null(nan_is_null=True).to_numpy()
        if column.kind != "label" and empty.any():
            held[column.name] = tuple(int(row) for row in np.flatnonzero(empty))
    return held


def _once(output: Output, limits: Limits) -> tuple[Output, Done]:
    grid = read_grid(output)
    done = Done()
    plain = grid.plain[:, None]
    hidden = grid.hidden | (limits.small(grid.counts) & plain)
    done.small = int((hidden & plain).sum())
    _hide_remainders(output, grid, hidden, limits, done)
    sums = [*grid.sums, *column_sums(grid.counts, ~grid.hidden & plain)]
    sums = [each for each in sums if each.whole[0] not in grid.totals]
    protected = withhold(grid.counts, hidden, sums, limits)
    done.further = int((protected & ~hidden & plain).sum())
    shown = np.where(protected, 0, limits.rounded(grid.counts))
    rebuild_wholes(shown, protected, sums)
    for rows in grid.funnels:
        for column in range(len(grid.names)):
            steps = [(row, column) for row in rows if row not in grid.totals]
            done.merged += merge_steps(grid.counts, shown, protected, steps, limits)
    _rebuild_totals(grid, shown, protected, done)
    return _write(output, grid, shown, protected, limits, done), done


def _hide_remainders(
    output: Output, grid: Grid, hidden: np.ndarray, limits: Limits, done: Done
) -> None:
    """Withhold a numerator when those of its denominator without it are few, or nobody."""
    for column in output.columns:
        if column.kind != "rate" or column.numerator == column.denominator:
            continue
        top, bottom = (grid.names.index(str(n)) for n in (column.numerator, column.denominator))
        known = grid.plain & ~hidden[:, top] & ~hidden[:, bottom]
        rest = grid.counts[:, bottom] - grid.counts[:, top]
        if (rest[known] < 0).any():  # events, not people: it has no remainder
            continue
        told = limits.rounded(grid.counts[:, bottom]) - limits.rounded(grid.counts[:, top])
        few = known & ((rest < limits.least) | (told < limits.least))
        done.remainders += int(few.sum())
        hidden[few, top] = True


def _rebuild_totals(grid: Grid, shown: np.ndarray, hidden: np.ndarray, done: Done) -> None:
    for total, parts in grid.totals.items():
        seen = ~hidden[parts]
        shown[total] = np.where(seen, shown[parts], 0).sum(axis=0)
        hidden[total] = ~seen.any(axis=0)
        done.totals += int((~hidden[total]).sum())


def _write(
    output: Output, grid: Grid, shown: np.ndarray, hidden: np.ndarray, limits: Limits, done: Done
) -> Output:
    table = output.table
    for position, column in enumerate(output.columns):
        values = table.column(position)
        if column.kind == "count":
            at = grid.names.index(column.name)
            values = pa.array(shown[:, at], pa.int64(), mask=hidden[:, at])
        elif column.kind == "rate":
            values = _rate(column, grid, shown, hidden, done)
        elif column.kind == "measure":
            at = grid.names.index(str(column.denominator))
            values = _measure(column, values, (shown[:, at], hidden[:, at]), limits, done)
        table = table.set_column(position, column.name, values)
    return replace(output, table=table)


def _rate(
    column: OutputColumn, grid: Grid, shown: np.ndarray, hidden: np.ndarray, done: Done
) -> pa.Array:
    top, bottom = (grid.names.index(str(n)) for n in (column.numerator, column.denominator))
    empty = hidden[:, top] | hidden[:, bottom] | (shown[:, bottom] == 0)
    for total, parts in grid.totals.items():
        if not empty[total] and (hidden[parts, top] != hidden[parts, bottom]).any():
            empty[total] = True  # its two totals are of different groups
            done.mixed_totals += 1
    quotient = shown[:, top] / np.where(empty, 1, shown[:, bottom]) * column.per
    places = RATE_DECIMALS if column.decimals is None else column.decimals
    done.rates += int((~empty).sum())
    return pa.array(np.round(quotient, places), pa.float64(), mask=empty)


def _measure(
    column: OutputColumn,
    values: pa.ChunkedArray,
    people: tuple[np.ndarray, np.ndarray],
    limits: Limits,
    done: Done,
) -> pa.Array:
    """``people`` are the counts it rests on as shown, and where those are withheld."""
    whole, hidden = people
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    undefined = ~np.isfinite(numbers)
    places = MEASURE_DECIMALS if column.decimals is None else column.decimals
    done.measures += int((hidden & ~undefined).sum())
    rounded = np.round(np.where(undefined, 0.0, numbers), places) + 0.0  # no minus zero
    empty = hidden | undefined
    figures = [None if gone else float(n) for n, gone in zip(rounded, empty, strict=True)]
    few = np.array(tells_of_few(column, figures, whole.tolist(), limits), dtype=np.bool_)
    done.readable += int(few.sum())
    return pa.array(rounded, pa.float64(), mask=empty | few)


_SENTENCES: Final = (
    ("small", "DIS010", "counts below the minimum, zero among them, were withheld"),
    ("remainders", "DIS011", "counts were withheld because those without the thing were few"),
    ("further", "DIS012", "further counts were withheld so that none can be had by subtraction"),
    ("merged", "DIS013", "steps that few people left show the figure of the step after them"),
    ("totals", "DIS014", "totals were made again from the figures shown, and count no other"),
    ("rates", "DIS015", "rates were made again from the figures shown"),
    ("mixed_totals", "DIS016", "rates of totals were withheld: their counts are of other groups"),
    ("measures", "DIS017", "estimates were withheld that rest on a withheld count"),
    ("readable", "DIS025", "estimates were withheld that give a count below the minimum away"),
)


def _told(done: Done, grid: Grid, limits: Limits) -> Iterator[Finding]:
    rule: dict[str, int | float] = {"minimum": limits.least, "rounded to": limits.base}
    yield Finding(
        "DIS018", "pass", "counts are held to the rule", {**rule, "counts": grid.counts.size}
    )
    for name, code, what in _SENTENCES:
        if number := getattr(done, name):
            yield Finding(code, "pass", what, {"cells": number, **rule})
