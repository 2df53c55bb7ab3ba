"""What may be shown of few people: nothing that tells of fewer than five, not even by subtraction.

A count below the least is withheld, nought as well: were noughts shown, a gap would say "one to
four", and a nought would say of everybody in the group what they did not answer. Where the counts
of a line add up to a total that is shown, one gap would be filled by subtraction; so more counts
are withheld until the gaps of a line are at least two and together no small group. That leaves a
shown count whose rest is small withheld, too: a group of twenty in a room of twenty-two tells of
two. Last, each gap is tried: if no other table with the same shown figures has another number
there, a further count goes.

A mean is a total as well: of two gaps on a scale, the number and the mean of the people give both.
It is shown only where people could have answered otherwise, gap by gap, and it had been the same.

What is guarded is one table at a time. The same people in several tables need their counts from one
of them, or groups that are folded first and alike everywhere (``fold``). Nor is it guarded against
somebody who works the rule backwards: of 1,100 random small tables, that gave a gap away in 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Final

from equipoise.errors import Problem, UsageRefused
from equipoise.weigh.polls import van_der_eijk

LEAST: Final = 5

Cell = tuple[int, int]
Count = int | None
"""``None`` is a count that is withheld"""


@dataclass(frozen=True)
class Withheld:
    """A table as it may be shown, with its totals; ``None`` is withheld."""

    cells: tuple[tuple[Count, ...], ...]
    rows: tuple[Count, ...]
    columns: tuple[Count, ...]
    total: Count

    @property
    def gaps(self) -> int:
        """Return how many cells are withheld, totals not counted."""
        return sum(cell is None for row in self.cells for cell in row)


def withhold(table: Sequence[Sequence[int]], least: int = LEAST) -> Withheld:
    """Return ``table`` (rows x columns, numbers of people) without what tells of few.

    The totals of rows, of columns and of all are shown too, where they may be. Where nothing can be
    shown safely, nothing is. Errors: WGH062 rows of unequal length, no cell, or a count below
    nought.
    """
    _check(table)
    full = with_totals(table)
    hidden = {(i, j) for i, row in enumerate(full) for j, count in enumerate(row) if count < least}
    while (cell := _next_to_hide(full, hidden, least)) is not None:
        hidden.add(cell)
    shown = [
        tuple(None if (i, j) in hidden else count for j, count in enumerate(row))
        for i, row in enumerate(full)
    ]
    return Withheld(
        tuple(row[:-1] for row in shown[:-1]),
        tuple(row[-1] for row in shown[:-1]),
        shown[-1][:-1],
        shown[-1][-1],
    )


def _check(table: Sequence[Sequence[int]]) -> None:
    if (
        not table
        or not table[0]
        or len({len(row) for row in table}) > 1
        or any(count < 0 for row in table for count in row)
    ):
        raise UsageRefused(
            Problem(
                "WGH062",
                "a table of people needs rows of one length and counts of nought or more",
                why="What follows from its totals cannot be told otherwise.",
                next="Count everybody once, in one cell.",
            )
        )


def with_totals(table: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return ``table`` with a column of row totals and a row of column totals."""
    rows = [[*row, sum(row)] for row in table]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def _next_to_hide(full: Sequence[Sequence[int]], hidden: set[Cell], least: int) -> Cell | None:
    for parts, whole in _lines(full):
        gone = [cell for cell in parts if cell in hidden]
        together = sum(full[i][j] for i, j in gone)
        line = [*parts, whole]
        open_cells = [cell for cell in line if cell not in hidden]
        known = whole not in hidden and gone
        if (known and (len(gone) < 2 or together < least)) or (whole in hidden and not gone):
            return _smallest(full, [cell for cell in parts if cell in open_cells] or open_cells)
    for cell in sorted(hidden):
        if not is_open(full, hidden, cell):
            i, j = cell
            near = [(i, k) for k in range(len(full[0]))] + [(k, j) for k in range(len(full))]
            everywhere = [(a, b) for a in range(len(full)) for b in range(len(full[0]))]
            for among in (near, everywhere):
                if left := [other for other in among if other not in hidden]:
                    return _smallest(full, left)
    return None


def _lines(full: Sequence[Sequence[int]]) -> Iterator[tuple[list[Cell], Cell]]:
    last, end = len(full) - 1, len(full[0]) - 1
    for i in range(last + 1):
        yield [(i, j) for j in range(end)], (i, end)
    for j in range(end + 1):
        yield [(i, j) for i in range(last)], (last, j)


def _smallest(full: Sequence[Sequence[int]], cells: Sequence[Cell]) -> Cell:
    """Prefer a cell to a total, then the smaller count: less is lost."""
    last, end = len(full) - 1, len(full[0]) - 1
    return min(
        cells, key=lambda cell: ((cell[0] == last) + (cell[1] == end), full[cell[0]][cell[1]], cell)
    )


def is_open(full: Sequence[Sequence[int]], hidden: set[Cell], cell: Cell) -> bool:
    """Say whether another table with the same shown figures has another count in ``cell``.

    ``full`` is a table with its totals; ``hidden`` the cells and totals that are withheld.

    Cells are pipes between their row and their column, totals run back: what flows into a row or
    column flows out of it. A withheld pipe can take more, and less while it is not empty. Its flow
    can differ just where a way round leads back through other withheld pipes.
    """
    last, end = len(full) - 1, len(full[0]) - 1
    ways: dict[tuple[str, int], list[tuple[tuple[str, int], Cell]]] = {}
    for i, j in hidden:
        ends = ("row", i), ("column", j)
        start, stop = ends if (i == last) == (j == end) else ends[::-1]
        ways.setdefault(start, []).append((stop, (i, j)))
        if full[i][j] > 0:
            ways.setdefault(stop, []).append((start, (i, j)))
    i, j = cell
    ends = ("row", i), ("column", j)
    start, stop = ends if (i == last) == (j == end) else ends[::-1]
    more = _leads(ways, stop, start, cell)
    return more or (full[i][j] > 0 and _leads(ways, start, stop, cell))


def _leads(
    ways: Mapping[tuple[str, int], Sequence[tuple[tuple[str, int], Cell]]],
    start: tuple[str, int],
    stop: tuple[str, int],
    without: Cell,
) -> bool:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        if here == stop:
            return True
        for there, cell in ways.get(here, ()):
            if cell != without and there not in seen:
                seen.add(there)
                todo.append(there)
    return False


@dataclass(frozen=True)
class ShownPoll:
    """One round of a poll as it may be shown: ``mean`` and van der Eijk's ``agreement`` to one
    decimal, ``None`` where they would fill a gap."""

    counts: tuple[Count, ...]
    people: Count
    mean: float | None
    agreement: float | None


def withhold_poll(counts: Sequence[int], least: int = LEAST) -> ShownPoll:
    """Return a round of a poll, counts by point of the scale, without what tells of few.

    Errors: WGH057, WGH062.
    """
    table = withhold([counts], least)
    shown, people = table.cells[0], table.rows[0]
    mean, agreement = figures(counts)
    if people is None or not _free(counts, shown, (mean, agreement)):
        agreement = None
        if people is None or not _free(counts, shown, (mean, None)):
            mean = None
    return ShownPoll(shown, people, mean, agreement)


def figures(counts: Sequence[int]) -> tuple[float | None, float | None]:
    """Return the mean and van der Eijk's agreement to one decimal. Errors: WGH057."""
    agreement = van_der_eijk(counts)
    if agreement is None:
        return None, None
    mean = Fraction(sum(p * n for p, n in enumerate(counts, 1)), sum(counts))
    return round(float(mean), 1), round(agreement, 1)


def _free(
    counts: Sequence[int], shown: Sequence[Count], told: tuple[float | None, float | None]
) -> bool:
    """Say whether each gap could hold another number while the figures told stay what they are.

    Looked for among few moves: one person between two gaps, or two who move opposite ways.
    """
    gaps = [point for point, count in enumerate(shown) if count is None]
    found: set[int] = set()
    for others in _others(counts, gaps):
        if all(a is None or a == b for a, b in zip(told, figures(others), strict=True)):
            found |= {point for point in gaps if others[point] != counts[point]}
    return found == set(gaps)


def _others(counts: Sequence[int], gaps: Sequence[int]) -> Iterator[list[int]]:
    moves = [*permutations(gaps, 2)]
    for first in moves:
        for second in [None, *moves]:
            others = [*counts]
            for move in (first, second):
                if move is not None:
                    others[move[0]] -= 1
                    others[move[1]] += 1
            if min(others) >= 0:
                yield others


def fold(sizes: Mapping[str, int], least: int = LEAST) -> tuple[frozenset[str], ...]:
    """Return groups joined so that none is small: the small ones together, and if they are still
    few, with the next smallest. Groups of nobody are left out; ``()`` where all are too few.

    Groups are sorted by size, the largest first, then by name.
    """
    kept = {name: size for name, size in sizes.items() if size > 0}
    if sum(kept.values()) < least:
        return ()
    joined = {name for name, size in kept.items() if size < least}
    while joined and sum(kept[name] for name in joined) < least:
        joined.add(min((n for n in kept if n not in joined), key=lambda n: (kept[n], n)))
    groups = [frozenset([name]) for name in kept if name not in joined]
    groups += [frozenset(joined)] if joined else []
    return tuple(sorted(groups, key=lambda group: (-sum(kept[name] for name in group), min(group))))
