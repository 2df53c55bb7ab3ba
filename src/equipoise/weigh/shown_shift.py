"""A shift between two rounds as it may be shown: every figure of it speaks of the same people.

The table of who moved where, its totals (the two rounds), how many went up, stayed and went down,
the means: each could fill another's gap. So the whole is tried together. For each gap, another
table is looked for that shows the same figures and has another number there; where one gap has
none, less is shown and the rest is tried again. In a small room which way people moved outlives
how many chose what, because it is what two rounds are for.

The tests of a shift follow from its directions: show their p only where these are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, permutations
from typing import Final

from equipoise.weigh.polls import Shift
from equipoise.weigh.small_groups import (
    LEAST,
    Cell,
    Count,
    ShownPoll,
    Withheld,
    figures,
    is_open,
    with_totals,
    withhold,
)

Table = Sequence[Sequence[int]]
TRIED_MOST: Final = 1_000
"""So many other tables are tried; a gap for which none was found by then counts as one that can be
filled."""


@dataclass(frozen=True)
class ShownShift:
    """``table`` of who moved where, with its totals, or ``None``; ``down``, ``same`` and ``up``;
    the rounds of the paired people; and how many ``people`` these are. ``None`` is withheld."""

    table: tuple[tuple[Count, ...], ...]
    before: ShownPoll
    after: ShownPoll
    down: Count
    same: Count
    up: Count
    people: Count


def withhold_shift(moved: Shift, least: int = LEAST) -> ShownShift:
    """Return ``moved`` without what tells of fewer than ``least`` people."""
    shown = _first(moved, least)
    plain = _no_agreement(shown)
    bare = _no_inside(plain)
    for narrower in (
        shown,
        plain,
        _no_directions(plain),
        bare,
        _no_means(bare),
        _no_counts(bare),
        _no_means(_no_counts(bare)),
        _no_directions(bare),
        _no_directions(_no_means(bare)),
    ):
        if _holds(moved.table, narrower):
            return narrower
    return _no_means(_no_counts(_no_directions(bare)))


def _first(moved: Shift, least: int) -> ShownShift:
    safe: Withheld = withhold(moved.table, least)
    ways = withhold([[moved.down, moved.same, moved.up]], least)
    down, same, up = ways.cells[0]
    before, after = (
        ShownPoll(counts, safe.total, *(figures(each.counts) if safe.total else (None, None)))
        for counts, each in ((safe.rows, moved.before), (safe.columns, moved.after))
    )
    return ShownShift(safe.cells, before, after, down, same, up, safe.total)


def _no_agreement(shown: ShownShift) -> ShownShift:
    return replace(
        shown,
        before=_less(shown.before, mean=shown.before.mean),
        after=_less(shown.after, mean=shown.after.mean),
    )


def _less(poll: ShownPoll, *, mean: float | None) -> ShownPoll:
    """Take figures out, unless the counts are all there to work them out from."""
    return poll if None not in poll.counts else replace(poll, mean=mean, agreement=None)


def _no_inside(shown: ShownShift) -> ShownShift:
    return replace(shown, table=tuple((None,) * len(row) for row in shown.table))


def _no_means(shown: ShownShift) -> ShownShift:
    return replace(
        shown, before=_less(shown.before, mean=None), after=_less(shown.after, mean=None)
    )


def _no_directions(shown: ShownShift) -> ShownShift:
    return replace(shown, down=None, same=None, up=None)


def _no_counts(shown: ShownShift) -> ShownShift:
    none = (None,) * len(shown.table)
    return replace(
        shown,
        before=replace(shown.before, counts=none, agreement=None),
        after=replace(shown.after, counts=none, agreement=None),
    )


Move = Mapping[Cell, int]
"""How many more, or fewer, people stand in each cell it touches."""
Counted = tuple[str, int, int]
"""a cell of the table, or a number of people before, after or by way"""


def _holds(table: Table, shown: ShownShift) -> bool:
    """Say whether each gap could hold another number while all that is shown stays what it is."""
    told = _told(shown)
    if shown.down is shown.same is shown.up is None and all(
        None not in poll.counts or (poll.mean, poll.agreement) == (None, None)
        for poll in (shown.before, shown.after)
    ):
        return _totals_hold(table, shown)
    gaps = {count for count, number in told.items() if number is None}
    open_cells = [(i, j) for name, i, j in sorted(gaps) if name == "cell"]
    tried = 0
    for move in _moves(open_cells, told):
        changed = _changed(move)
        if not gaps & changed.keys():
            continue
        if _looks_alike(table, shown, move, changed):
            gaps -= changed.keys()
        if not gaps or (tried := tried + 1) > TRIED_MOST:
            break
    return not gaps


def _totals_hold(table: Table, shown: ShownShift) -> bool:
    """Say the same where only the table and its totals are shown: that can be told exactly."""
    size = len(table)
    lines = [*shown.table, shown.after.counts], (*shown.before.counts, shown.people)
    hidden = {
        (i, j)
        for i, (row, total) in enumerate(zip(*lines, strict=True))
        for j, count in enumerate((*row, total))
        if count is None
    }
    full = with_totals(table)
    return (size, size) not in hidden and all(is_open(full, hidden, cell) for cell in hidden)


def _told(shown: ShownShift) -> dict[Counted, Count]:
    lines = {
        "before": shown.before.counts,
        "after": shown.after.counts,
        "way": (shown.down, shown.same, shown.up),
    }
    return {
        **{("cell", i, j): c for i, row in enumerate(shown.table) for j, c in enumerate(row)},
        **{(name, i, 0): c for name, counts in lines.items() for i, c in enumerate(counts)},
    }


def _changed(move: Move) -> dict[Counted, int]:
    """Return each count that ``move`` changes, and by how much."""
    found: Counter[Counted] = Counter()
    for (i, j), by in move.items():
        found["cell", i, j] += by
        found["before", i, 0] += by
        found["after", j, 0] += by
        found["way", (j > i) - (j < i) + 1, 0] += by
    return {count: by for count, by in found.items() if by}


def _looks_alike(
    table: Table, shown: ShownShift, move: Move, changed: Mapping[Counted, int]
) -> bool:
    """Say whether the table after ``move`` is one, and shows the same mean and agreement."""
    if any(table[i][j] + by < 0 for (i, j), by in move.items()):
        return False
    rounds = {
        "before": (shown.before, [sum(row) for row in table]),
        "after": (shown.after, [sum(column) for column in zip(*table, strict=True)]),
    }
    for name, (poll, counts) in rounds.items():
        others = [n + changed.get((name, i, 0), 0) for i, n in enumerate(counts)]
        if others != counts and (poll.mean, poll.agreement) != (None, None):
            mean, agreement = _figures(tuple(others))
            if poll.mean not in (None, mean) or poll.agreement not in (None, agreement):
                return False
    return True


@lru_cache(maxsize=4096)
def _figures(counts: tuple[int, ...]) -> tuple[float | None, float | None]:
    return figures(counts)


def _moves(cells: Sequence[Cell], told: Mapping[Counted, Count]) -> Iterator[Move]:
    """Yield ways in which few people answered otherwise and no count that is shown is another.

    One person moves, or two swap so that no total changes; or two such at once that make up for
    each other in what is shown.
    """
    known = set(cells)
    swaps: list[Move] = [
        {(i, j): by, (k, m): by, (i, m): -by, (k, j): -by}
        for (i, j), (k, m) in combinations(cells, 2)
        if i != k and j != m and (i, m) in known and (k, j) in known
        for by in (1, -1)
    ]
    seen: dict[frozenset[tuple[Counted, int]], list[Move]] = {}
    for move in (*swaps, *({one: -1, other: 1} for one, other in permutations(cells, 2))):
        trace = {c: by for c, by in _changed(move).items() if told[c] is not None}
        if not trace:
            yield move
            continue
        for other in seen.get(frozenset((c, -by) for c, by in trace.items()), ()):
            both = Counter(move)
            both.update(other)
            yield {cell: by for cell, by in both.items() if by}
        seen.setdefault(frozenset(trace.items()), []).append(move)
