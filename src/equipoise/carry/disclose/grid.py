"""A table of figures as numbers: its counts, its rows' labels, and what is known between rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from equipoise.carry.disclose.findings import Finding
from equipoise.carry.disclose.protect import Counts, Mask, Sum
from equipoise.carry.disclose.shape import TOTAL
from equipoise.carry.outputs import Output


@dataclass
class Grid:
    """``counts`` and ``hidden`` are rows × count columns; ``totals`` maps a total row to its parts;
    ``funnels`` are the rows of each funnel in order; ``sums`` the declared sums between rows."""

    names: list[str]
    counts: Counts
    hidden: Mask
    totals: dict[int, list[int]]
    funnels: list[list[int]]
    sums: list[Sum]

    @property
    def plain(self) -> Mask:
        """Return which rows are not total rows."""
        mask = np.ones(len(self.counts), dtype=np.bool_)
        mask[list(self.totals)] = False
        return mask


def read_grid(output: Output) -> Grid:
    """Read the counts of ``output``; a count that is empty was withheld before."""
    names = [column.name for column in output.columns if column.kind == "count"]
    rows = output.table.num_rows
    counts = np.zeros((rows, len(names)), dtype=np.int64)
    hidden = np.zeros((rows, len(names)), dtype=np.bool_)
    for position, name in enumerate(names):
        column = output.table.column(name)
        hidden[:, position] = column.is_null().to_numpy()
        counts[:, position] = column.cast(pa.int64()).fill_null(0).to_numpy()
    return Grid(
        names,
        counts,
        hidden,
        _totals(output),
        groups_of(output, output.steps_of) if output.steps_of else [],
        [*_row_sums(output, range(len(names)))],
    )


def groups_of(output: Output, besides: str | None) -> list[list[int]]:
    """Return the rows that share all labels but ``besides``."""
    labels = [c.name for c in output.columns if c.kind == "label" and c.name != besides]
    values = [output.table.column(name).to_pylist() for name in labels]
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row in range(output.table.num_rows):
        groups[tuple(column[row] for column in values)].append(row)
    return list(groups.values())


def _totals(output: Output) -> dict[int, list[int]]:
    if output.total_of is None:
        return {}
    marks = output.table.column(output.total_of).to_pylist()
    totals = {}
    for rows in groups_of(output, output.total_of):
        parts = [row for row in rows if marks[row] != TOTAL]
        totals.update({row: parts for row in rows if marks[row] == TOTAL})
    return totals


def _row_sums(output: Output, columns: range) -> Iterator[Sum]:
    if output.sums_of is None:
        return
    marks = output.table.column(output.sums_of).to_pylist()
    for rows in groups_of(output, output.sums_of):
        at = {marks[row]: row for row in rows}
        for whole, parts in output.sums:
            if whole in at and all(part in at for part in parts):
                for column in columns:
                    yield Sum((at[whole], column), tuple((at[part], column) for part in parts))


def relation_findings(grid: Grid, base: int) -> Iterator[Finding]:
    """Return a failure where totals, sums or steps are not what the output says they are.

    ``base`` is what counts are rounded to: a table may have been checked before.
    """
    known = ~grid.hidden
    wrong = 0
    for total, parts in grid.totals.items():
        sure = known[[total, *parts]].all(axis=0)
        wrong += int((grid.counts[total] != grid.counts[parts].sum(axis=0))[sure].sum())
    if wrong:
        yield Finding("DIS006", "fail", "a total is not the sum of its parts", {"totals": wrong})
    for each in grid.sums:
        cells = [each.whole, *each.parts]
        if all(known[cell] for cell in cells) and not _holds(grid, each, base):
            yield Finding("DIS006", "fail", "a declared sum does not hold", {"row": each.whole[0]})
    rising = sum(_rises(grid, rows) for rows in grid.funnels)
    if rising:
        yield Finding(
            "DIS007", "fail", "a step counts more people than the step before", {"steps": rising}
        )


def _holds(grid: Grid, each: Sum, base: int) -> bool:
    """Figures that were rounded before may miss their sum by the rounding, and by no more."""
    cells = [grid.counts[cell] for cell in (each.whole, *each.parts)]
    off = abs(int(cells[0]) - int(sum(cells[1:])))
    rounded = all(count % base == 0 for count in cells)
    return off == 0 or (rounded and off <= base // 2 * len(cells))


def _rises(grid: Grid, rows: list[int]) -> int:
    rising = 0
    for column in range(len(grid.names)):
        shown = [grid.counts[row, column] for row in rows if not grid.hidden[row, column]]
        rising += sum(after > before for before, after in pairwise(shown))
    return rising
