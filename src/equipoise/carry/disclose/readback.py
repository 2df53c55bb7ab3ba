"""Measures from which a count of people can be read back: a share times those it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from equipoise.carry.disclose.protect import Limits
from equipoise.carry.outputs import OutputColumn, Reading

MEASURE_DECIMALS = 3


def numerators(percentage: float, people: int, base: int, decimals: int) -> set[int]:
    """Return the counts that could stand behind a percentage shown to ``decimals`` places.

    ``people`` is the denominator rounded to ``base``, so that the true one lies within half of it.
    """
    return {top for top, _ in _candidates(percentage, people, base, decimals, 100.0)}


def _candidates(
    figure: float, people: int, base: int, decimals: int, per: float
) -> Iterator[tuple[int, int]]:
    """Give each count, and each whole, that could stand behind a figure of ``per``."""
    width = 0.5 * 10.0**-decimals
    for whole in range(max(1, people - base // 2), people + (base - 1) // 2 + 1):
        low = math.ceil((figure - width) * whole / per - 1e-9)
        high = math.floor((figure + width) * whole / per + 1e-9)
        for top in range(max(0, low), min(whole, high) + 1):
            yield top, whole


def reading(column: OutputColumn, figures: Sequence[float | None]) -> Reading:
    """Return what a reader takes a measure for: what it is said to be, else what it looks like."""
    if column.reads_as is not None:
        return column.reads_as
    known = [figure for figure in figures if figure is not None]
    if not known or min(known) < 0 or max(known) > 100:
        return "neither"
    return "percentage" if max(known) > 1 else "share"


def tells_of_few(
    column: OutputColumn,
    figures: Sequence[float | None],
    people: Sequence[int | None],
    limits: Limits,
) -> list[bool]:
    """Say of each figure whether every count that could stand behind it, or every remainder of the
    people it rests on, is below the minimum. ``people`` are as shown."""
    meant = reading(column, figures)
    if meant == "neither":
        return [False] * len(figures)
    per = 100.0 if meant == "percentage" else 1.0
    places = MEASURE_DECIMALS if column.decimals is None else column.decimals
    told = []
    for figure, whole in zip(figures, people, strict=True):
        # A mean above one is not a share; its events are then more than its people.
        known = figure is not None and whole is not None and 0 <= figure <= per
        told.append(known and _all_few(figure or 0.0, whole or 0, places, per, limits))
    return told


def _all_few(figure: float, people: int, places: int, per: float, limits: Limits) -> bool:
    pairs = list(_candidates(figure, people, limits.base, places, per))
    if not pairs:
        return False
    return all(top < limits.least for top, _ in pairs) or all(
        whole - top < limits.least for top, whole in pairs
    )
