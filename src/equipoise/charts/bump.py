"""The bump chart: how places change from one criterion, table or method to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from equipoise.charts.drawn import Drawn, described
from equipoise.charts.svg import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    INK,
    MARGIN,
    RED,
    SMALL,
    WIDTH,
    Sheet,
    wrap,
)

Order = Sequence[frozenset[str]]
"""best first, things set level in one step; what is absent was not ranked"""

_LEFT = MARGIN + 30
_RIGHT = WIDTH - MARGIN - 14
LINES = ((INK, ""), (BLUE, "7 3"), (GREEN, "2 3"), (GREY, "9 3 2 3"), (AMBER, "14 4"), (RED, "1 4"))
NOT_RANKED = "not ranked"


@dataclass(frozen=True)
class _Type:
    """How large it is drawn, in units of a sheet: from place to place, a ring's radius, the letter
    in it, other words, a line's width."""

    step: float
    ring: float
    letter: float
    small: float
    line: float


_NEAR = _Type(step=28, ring=11, letter=SMALL, small=SMALL, line=2)
_HALL = _Type(step=42, ring=18, letter=24, small=16, line=3)
_HEADS = (16, 14, SMALL)
"""Sizes of a hall's column heads: the first at which all are whole."""


def bump(
    title: str,
    columns: Sequence[str],
    orders: Sequence[Order],
    names: Mapping[str, str],
    *,
    hall: bool = False,
) -> Drawn:
    """Draw a column for each order, with each thing at its place and a line between its places.

    ``names`` is thing -> its name in words, in the order of the key. Things set level stand in one
    frame. A thing that is not ranked stands below the dashed line. For a ``hall`` it is drawn as
    large as it can be: title and key are left to the page, whose table then has the letters.
    """
    large = _for_a_hall(len(columns)) if hall else _NEAR
    sheet = Sheet(title, told=not hall)
    marks = _marks(list(names))
    _heads(sheet, columns, large)
    sheet.y += large.ring + 7
    top = sheet.y
    at = [_spots(order, names, marks) for order in orders]
    ranked = max((sum(map(len, order)) for order in orders), default=0)
    left_out = max((len(names) - sum(map(len, order)) for order in orders), default=0)
    height = top + ranked * large.step
    for place in range(1, ranked + 1):
        y = top + (place - 0.5) * large.step
        sheet.word(MARGIN, y + large.small / 3, str(place), size=large.small, colour=GREY)
    _frames(sheet, orders, top, large)
    _lines(sheet, at, names, top, large)
    for number, spots in enumerate(at):
        for item, place in spots.items():
            if place >= 0:
                y = top + (place + 0.5) * large.step
                _node(sheet, _x(number, len(orders)), y, marks[item], large)
    sheet.y = height
    if left_out:
        _below(sheet, orders, names, marks, large)
    if hall:
        return _drawn(sheet, columns, orders, {i: f"{marks[i]} {names[i]}" for i in names})
    _key(sheet, names, marks)
    return _drawn(sheet, columns, orders, names)


def _for_a_hall(columns: int) -> _Type:
    """Return how large it may be drawn, so that the rings of two columns stand apart."""
    ring = min(_HALL.ring, (_RIGHT - _LEFT) / max(columns, 1) / 2 - 7)
    return replace(_HALL, ring=ring, letter=_HALL.letter * ring / _HALL.ring)


def _marks(items: Sequence[str]) -> dict[str, str]:
    if all(len(item) <= 3 for item in items):
        return {item: item for item in items}
    letters = [*ascii_uppercase, *(a + b for a in ascii_uppercase for b in ascii_uppercase)]
    return dict(zip(items, letters, strict=False))


def _x(column: int, columns: int) -> float:
    # With one column or two, the ends of the sheet would be too far apart to follow.
    return _LEFT + (_RIGHT - _LEFT) * (column + 0.5) / columns


def _heads(sheet: Sheet, columns: Sequence[str], large: _Type) -> None:
    room = (_RIGHT - _LEFT) / max(len(columns), 1)
    for size in [each for each in _HEADS if each <= large.small]:
        wrapped = [wrap(column, size, room - 6) for column in columns]
        whole = all(
            " ".join(lines) == column and len(lines) <= 4
            for lines, column in zip(wrapped, columns, strict=True)
        )
        if whole:
            break
    if not whole:
        for number, column in enumerate(columns, 1):
            sheet.paragraph(f"Column {number}: {column}", size=size, colour=GREY)
        wrapped = [[str(number)] for number in range(1, len(columns) + 1)]
    tall = max((len(lines) for lines in wrapped), default=0)
    for at, lines in enumerate(wrapped):
        for row, line in enumerate(lines):
            foot = sheet.y + (tall - len(lines) + row + 1) * size * 1.25
            x = _x(at, len(columns))
            sheet.word(x, foot, line, size=size, anchor="middle", bold=not whole)
    sheet.y += tall * size * 1.25


def _spots(order: Order, names: Mapping[str, str], marks: Mapping[str, str]) -> dict[str, int]:
    """Return the slot of each thing, those set level in the order of their marks; -1: unranked."""
    slots = [item for step in order for item in sorted(step, key=lambda i: marks[i])]
    return {item: slots.index(item) if item in slots else -1 for item in names}


def _frames(sheet: Sheet, orders: Sequence[Order], top: float, large: _Type) -> None:
    half = large.ring + 5
    for column, order in enumerate(orders):
        x, before = _x(column, len(orders)), 0
        for step in order:
            if len(step) > 1:
                y, tall = top + before * large.step + 1, len(step) * large.step - 2
                sheet.box(x - half, y, 2 * half, tall, fill="#f3f2f1")
            before += len(step)


def _lines(
    sheet: Sheet,
    at: Sequence[Mapping[str, int]],
    names: Mapping[str, str],
    top: float,
    large: _Type,
) -> None:
    for number, item in enumerate(names):
        colour, dash = LINES[number % len(LINES)]
        for column in range(len(at) - 1):
            ends = at[column][item], at[column + 1][item]
            if min(ends) >= 0:
                points = [
                    (_x(column + k, len(at)), top + (ends[k] + 0.5) * large.step) for k in (0, 1)
                ]
                sheet.path(points, colour=colour, width=large.line, dash=dash)


def _node(sheet: Sheet, x: float, y: float, mark: str, large: _Type) -> None:
    long = len(mark) > 2
    sheet.mark(x, y, "ring", fill="#ffffff", size=large.ring + 2 * long)
    size = min(large.letter, 3.5 * large.ring / len(mark))
    sheet.word(x, y + size * 0.35, mark, size=size, anchor="middle", bold=True)


def _below(
    sheet: Sheet,
    orders: Sequence[Order],
    names: Mapping[str, str],
    marks: Mapping[str, str],
    large: _Type,
) -> None:
    size = large.small
    sheet.y += 6
    sheet.line(MARGIN, sheet.y, WIDTH - MARGIN, sheet.y, colour=GREY, dash="4 4")
    sheet.paragraph(NOT_RANKED, size=size, colour=GREY)
    top, most = sheet.y, 0
    for column, order in enumerate(orders):
        ranked = {item for step in order for item in step}
        absent = sorted((item for item in names if item not in ranked), key=lambda i: marks[i])
        most = max(most, len(absent))
        for row, item in enumerate(absent):
            y = top + (row + 0.8) * size * 1.4
            x = _x(column, len(orders))
            sheet.word(x, y, marks[item], size=size, colour=GREY, anchor="middle")
    sheet.y = top + most * size * 1.4 + 4


def _key(sheet: Sheet, names: Mapping[str, str], marks: Mapping[str, str]) -> None:
    sheet.y += 8
    for number, (item, name) in enumerate(names.items()):
        colour, dash = LINES[number % len(LINES)]
        foot = sheet.y + SMALL * 1.25
        sheet.path([(MARGIN, foot - 4), (MARGIN + 24, foot - 4)], colour=colour, width=2, dash=dash)
        indented(sheet, f"{marks[item]}  {name}", MARGIN + 32)


def indented(sheet: Sheet, text: str, x: float) -> None:
    """Write ``text`` from ``x`` over as many lines as it needs."""
    for line in wrap(text, SMALL, WIDTH - MARGIN - x):
        sheet.y += SMALL * 1.25
        sheet.word(x, sheet.y, line, size=SMALL)
    sheet.y += 3


def _drawn(
    sheet: Sheet, columns: Sequence[str], orders: Sequence[Order], names: Mapping[str, str]
) -> Drawn:
    cells = []
    for order in orders:
        told, before = {}, 0
        for step in order:
            level = "=" if len(step) > 1 else ""
            told.update(dict.fromkeys(step, f"{before + 1}{level}"))
            before += len(step)
        cells.append(told)
    rows = tuple(
        (name, *(told.get(item, NOT_RANKED) for told in cells)) for item, name in names.items()
    )
    heads = ("", *columns)
    return Drawn(sheet.render(described(heads, rows)), heads, rows)
