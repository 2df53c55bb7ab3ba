"""What the rules cannot decide and people must look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from equipoise.carry.disclose.findings import Finding
from equipoise.carry.disclose.grid import Grid, groups_of, read_grid
from equipoise.carry.disclose.protect import Limits
from equipoise.carry.disclose.readback import numerators, reading
from equipoise.carry.outputs import Output

_WHOLE_WORDS: Final = frozenset({"total", "all", "everybody", "everyone", "overall", "any"})


def remarks(output: Output, checked: Output, limits: Limits) -> Iterator[Finding]:
    """Return the findings that ask for a second look, from the true and the checked table."""
    true, shown = read_grid(output), read_grid(checked)
    if limits.base == 1 and shown.counts.size:
        yield Finding(
            "DIS020",
            "review",
            "counts are not rounded: those of groups that overlap can be subtracted exactly",
        )
    plain = shown.hidden[true.plain]
    if plain.size and plain.mean() > 0.5:
        yield Finding(
            "DIS021",
            "review",
            "more than half of the counts are withheld: the table is too fine",
            {"withheld": int(plain.sum()), "of": int(plain.size)},
        )
    yield from _undeclared_totals(output)
    yield from _undeclared_sums(output, true, shown)
    yield from _undeclared_steps(output, true, limits)
    yield from _readable(output, checked, limits)


def _undeclared_totals(output: Output) -> Iterator[Finding]:
    for column in output.columns:
        if column.kind != "label" or column.name in (output.total_of, output.sums_of):
            continue
        words = {str(word).lower() for word in output.table.column(column.name).to_pylist()}
        if words & _WHOLE_WORDS:
            yield Finding(
                "DIS022",
                "review",
                f"column {column.name} seems to hold a total that was not declared as one",
            )


def _last_label(output: Output) -> str | None:
    """Return the label that changes fastest, within which rows may speak of each other."""
    labels = [column.name for column in output.columns if column.kind == "label"]
    return labels[-1] if labels else None


def _undeclared_sums(output: Output, true: Grid, shown: Grid) -> Iterator[Finding]:
    """Look for a withheld count that is exactly what a shown one lacks to the largest beside it."""
    if output.sums_of or output.steps_of:
        return
    found = 0
    for rows in groups_of(output, _last_label(output)):
        known = [row for row in rows if row not in true.totals]
        for column in range(len(true.names)):
            counts, hidden = true.counts[known, column], shown.hidden[known, column]
            hidden_now = hidden & ~true.hidden[known, column] & (counts > 0)
            if not hidden.all():
                lacking = counts[~hidden].max() - counts[~hidden]
                found += int(np.isin(counts[hidden_now], lacking).sum())
    if found:
        yield Finding(
            "DIS023",
            "review",
            "withheld counts equal the difference of two shown ones: see whether those are a "
            "whole and its part, and if so have the sum declared",
            {"cells": found},
        )


def _undeclared_steps(output: Output, true: Grid, limits: Limits) -> Iterator[Finding]:
    """Look for a column that never rises and once falls by a small number."""
    if output.steps_of or output.sums_of or output.kind != "counts":
        return
    found = 0
    for rows in groups_of(output, _last_label(output)):
        known = [row for row in rows if row not in true.totals]
        for column in range(len(true.names)):
            values = true.counts[known, column][~true.hidden[known, column]]
            falls = values[:-1] - values[1:]
            few = (falls > 0) & (falls < limits.least)
            found += int(len(values) > 2 and bool((falls >= 0).all()) and bool(few.any()))
    if found:
        yield Finding(
            "DIS024",
            "review",
            "each row counts fewer than the one before: if they are steps of a funnel, have them "
            "declared, because few people left at some",
            {"funnels": found},
        )


def _readable(output: Output, checked: Output, limits: Limits) -> Iterator[Finding]:
    """Look for percentages from which exactly one numerator can be read back."""
    found = 0
    for column in output.columns:
        if column.kind != "measure" or not column.decimals:
            continue
        people = checked.table.column(str(column.denominator)).to_pylist()
        values = checked.table.column(column.name).to_pylist()
        if reading(column, values) != "percentage":
            continue
        found += sum(
            len(numerators(value, number, limits.base, column.decimals)) == 1
            for value, number in zip(values, people, strict=True)
            if value is not None and number is not None
        )
    if found:
        yield Finding(
            "DIS025",
            "review",
            "if these figures are percentages, a count of people can be read back from them: show "
            "fewer decimals, or give them as rates",
            {"cells": found},
        )
