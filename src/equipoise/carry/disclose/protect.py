"""Which counts to withhold, and how the shown ones are rounded.

A count below the minimum is withheld, zero as well: were zeros shown, a mark would say "one to
nine", and a zero would say of everybody in the group that they lack the thing counted.

Where a count is known to be the sum of others, a withheld one could be had by subtraction. There,
further counts are withheld until at least two are, and they together are no small group. This
guards each sum by itself; it does not prove a pattern safe over many sums at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Cell = tuple[int, int]
_WIDEST: Final = 10
"""Beyond so many count columns, sums of several columns are looked for in pairs only."""


@dataclass(frozen=True)
class Sum:
    """``whole`` counts exactly the people of ``parts``; a cell is (row, column)."""

    whole: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True)
class Limits:
    """The agreement's rule in numbers."""

    least: int
    base: int

    def rounded(self, counts: Counts) -> Counts:
        """Return counts to the nearest multiple of ``base``, halves upward."""
        return (counts + self.base // 2) // self.base * self.base

    def small(self, counts: Counts) -> Mask:
        """Return where a count, or its rounded form, is below the minimum."""
        return (counts < self.least) | (self.rounded(counts) < self.least)


def column_sums(counts: Counts, known: Mask) -> list[Sum]:
    """Return the sums between columns that hold in every row where all of them are known.

    Counts: rows × columns. Nobody declares that *yes* and *no* make *all*; a reader sees it.
    """
    rows, width = counts.shape
    found = []
    for whole in range(width):
        others = [column for column in range(width) if column != whole]
        most = len(others) if width <= _WIDEST else 2
        for size in range(2, most + 1):
            for parts in combinations(others, size):
                if _adds_up(counts, known, whole, parts):
                    found += [
                        Sum((row, whole), tuple((row, part) for part in parts))
                        for row in range(rows)
                    ]
    return found


def _adds_up(counts: Counts, known: Mask, whole: int, parts: Sequence[int]) -> bool:
    rows = known[:, [whole, *parts]].all(axis=1)
    if not rows.any():
        return False
    sums = counts[rows][:, list(parts)].sum(axis=1)
    return bool((sums == counts[rows, whole]).all()) and bool(counts[rows, whole].any())


def withhold(counts: Counts, hidden: Mask, sums: Iterable[Sum], limits: Limits) -> Mask:
    """Return ``hidden`` with what must be withheld beside it, so that no sum gives a cell back."""
    hidden = hidden.copy()
    told = list(sums)
    changed = True
    while changed:
        changed = False
        for each in told:
            while (cell := _next_to_hide(counts, hidden, each, limits)) is not None:
                hidden[cell] = True
                changed = True
    return hidden


def _next_to_hide(counts: Counts, hidden: Mask, each: Sum, limits: Limits) -> Cell | None:
    cells = [each.whole, *each.parts]
    gone = [cell for cell in cells if hidden[cell]]
    if not gone or len(gone) == len(cells):
        return None
    if len(gone) >= 2 and (hidden[each.whole] or not _is_small_rest(counts, hidden, each, limits)):
        return None
    shown = [part for part in each.parts if not hidden[part]]
    if not shown:
        return each.whole
    return min(shown, key=lambda cell: (counts[cell], cell[1]))


def _is_small_rest(counts: Counts, hidden: Mask, each: Sum, limits: Limits) -> bool:
    """Say whether the withheld parts together, as the shown cells give them, are a small group."""
    shown = [part for part in each.parts if not hidden[part]]
    values = np.array([counts[each.whole], *(counts[part] for part in shown)], dtype=np.int64)
    exact = int(values[0] - values[1:].sum())
    rounded = limits.rounded(values)
    return exact < limits.least or int(rounded[0] - rounded[1:].sum()) < limits.least


def rebuild_wholes(shown: Counts, hidden: Mask, sums: Iterable[Sum]) -> None:
    """Set each whole to the sum of its rounded parts, in place, where all of them are shown.

    A whole that falls into parts in two ways keeps its own rounded figure: it cannot be the sum of
    both.
    """
    ways: dict[Cell, list[Sum]] = {}
    for each in sums:
        if not any(hidden[cell] for cell in (each.whole, *each.parts)):
            ways.setdefault(each.whole, []).append(each)
    for whole, told in ways.items():
        if len({frozenset(each.parts) for each in told}) == 1:
            shown[whole] = sum(shown[part] for part in told[0].parts)


def merge_steps(
    counts: Counts, shown: Counts, hidden: Mask, cells: Sequence[Cell], limits: Limits
) -> int:
    """Give a step that too few left the figure of the step after it; return how many were.

    ``cells`` are one funnel from first to last step. The last shown step keeps its own figure,
    because results rest on it; going up, a step whose people outnumber the next shown ones by less
    than the minimum shows the same figure. So a difference of two steps is nothing or no small
    group, and a step at which few left looks like one at which nobody did.
    """
    merged = 0
    anchor: Cell | None = None
    for cell in reversed(cells):
        if hidden[cell]:
            continue
        if anchor is not None:
            true = counts[cell] - counts[anchor]
            told = shown[cell] - shown[anchor]
            if true < limits.least or told < limits.least:
                merged += int(shown[cell] != shown[anchor])
                shown[cell] = shown[anchor]
                continue
        anchor = cell
    return merged
