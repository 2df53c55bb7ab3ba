"""Polls as pictures: a round beside the round before, and who moved from where to where."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from equipoise.charts.bump import indented
from equipoise.charts.drawn import Drawn, described, shown
from equipoise.charts.svg import BLUE, GREY, INK, MARGIN, PALE, SMALL, WIDTH, Sheet

Round = tuple[str, Sequence[int | None]]
"""name of the round, and how many chose each option; ``None`` is withheld"""

_BAR = 13
_LONGEST = WIDTH - 2 * MARGIN - 70
_FILLS = (None, BLUE, INK)


def split_bars(
    title: str, options: Sequence[str], rounds: Sequence[Round], notes: Sequence[str] = ()
) -> Drawn:
    """Draw a bar for each round under each option: slanted lines first, then full.

    Up to three rounds. ``notes`` are sentences that stand below, such as the means.
    """
    sheet = Sheet(title)
    for number, (name, _) in enumerate(rounds):
        _fill(sheet, MARGIN, sheet.y + 4, 24, number)
        indented(sheet, name, MARGIN + 32)
    top = max((n for _, counts in rounds for n in counts if n is not None), default=0)
    for at, option in enumerate(options):
        sheet.y += 6
        sheet.paragraph(option, size=SMALL, bold=True)
        sheet.y += 4
        for number, (_, counts) in enumerate(rounds):
            _round_bar(sheet, counts[at], top, number)
    sheet.y += 4
    for note in notes:
        sheet.paragraph(note, size=SMALL)
    heads = ("", *(name for name, _ in rounds))
    rows = tuple(
        (option, *(shown(counts[at]) for _, counts in rounds)) for at, option in enumerate(options)
    )
    return Drawn(sheet.render(". ".join([described(heads, rows), *notes])), heads, rows)


def _round_bar(sheet: Sheet, count: int | None, top: int, number: int) -> None:
    if count is None:
        sheet.line(MARGIN, sheet.y + _BAR / 2, MARGIN + 40, sheet.y + _BAR / 2, dash="4 4")
        sheet.word(MARGIN + 46, sheet.y + 11, shown(None), size=SMALL, colour=GREY)
    else:
        long = _LONGEST * count / top if top else 0
        if count:
            _fill(sheet, MARGIN, sheet.y, long, number)
        sheet.word(MARGIN + long + 6, sheet.y + 11, shown(count), size=SMALL)
    sheet.y += _BAR + 3


def _fill(sheet: Sheet, x: float, y: float, width: float, number: int) -> None:
    fill = _FILLS[number % len(_FILLS)]
    if fill is None:
        sheet.hatch(x, y, width, _BAR)
    else:
        sheet.box(x, y, width, _BAR, fill=fill)


def shift_diagram(
    title: str,
    options: Sequence[str],
    cells: Sequence[Sequence[int | None]],
    totals: tuple[Sequence[int | None], Sequence[int | None]],
    *,
    before: str = "before",
    after: str = "after",
    ways: tuple[int | None, int | None, int | None] | None = None,
) -> Drawn:
    """Draw a square for those who went from the option of its row to that of its column.

    ``totals`` are of rows and of columns; ``ways`` how many went down the scale, stayed and went
    up. Those who stayed stand in the thick frames. Where all is withheld, this is said in words.
    """
    sheet = Sheet(title)
    for number, option in enumerate(options, 1):
        if option != str(number):
            sheet.paragraph(f"{number}  {option}", size=SMALL)
    if ways is not None:
        down, same, up = (shown(way) for way in ways)
        sheet.y += 4
        sheet.paragraph(
            f"Moved to a lower number: {down}. Stayed: {same}. Moved to a higher number: {up}."
        )
    heads = (f"{before}, then {after}", *options, f"all {before}")
    rows = (
        *(
            (option, *map(shown, row), shown(total))
            for option, row, total in zip(options, cells, totals[0], strict=True)
        ),
        (f"all {after}", *map(shown, totals[1]), ""),
    )
    if all(cell is None for row in cells for cell in row):
        sheet.paragraph(
            "Who moved from where to where is not shown: it would tell of few people.", colour=GREY
        )
    else:
        _grid(sheet, cells, totals, before, after)
    return Drawn(sheet.render(described(heads, rows)), heads, rows)


def _grid(
    sheet: Sheet,
    cells: Sequence[Sequence[int | None]],
    totals: tuple[Sequence[int | None], Sequence[int | None]],
    before: str,
    after: str,
) -> None:
    size = len(cells)
    side = min(48.0, (WIDTH - 2 * MARGIN - 30) / (size + 1))
    left = MARGIN + 24
    sheet.y += 6
    sheet.paragraph(
        f"Rows: {before}. Columns: {after}. \u2013 is not shown.", size=SMALL, colour=GREY
    )
    sheet.y += 18
    for j in range(size + 1):
        head = str(j + 1) if j < size else "all"
        x = left + (j + 0.5) * side
        sheet.word(x, sheet.y - 4, head, size=SMALL, anchor="middle", bold=True)
    top = max((c for row in cells for c in row if c is not None), default=0)
    for i, row in enumerate(cells):
        y = sheet.y + i * side
        sheet.word(MARGIN + 4, y + side / 2 + 4, str(i + 1), size=SMALL, bold=True)
        for j, count in enumerate(row):
            _square(sheet, left + j * side, y, side, count, top)
        _total(sheet, left + (size + 0.5) * side, y + side / 2, totals[0][i], side)
    for i in range(size):
        x, y = left + i * side, sheet.y + i * side
        edge = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
        sheet.path(edge, colour=INK, width=2.5)
    sheet.y += size * side
    sheet.word(MARGIN, sheet.y + 17, "all", size=SMALL, bold=True)
    for j, total in enumerate(totals[1]):
        _total(sheet, left + (j + 0.5) * side, sheet.y + 13, total, side)
    sheet.y += 24


def _square(sheet: Sheet, x: float, y: float, side: float, count: int | None, top: int) -> None:
    sheet.box(x, y, side, side, fill="#ffffff")
    if count and top:
        # From the corner, without an edge: a number stays readable on it.
        wide = (side - 3) * sqrt(count / top)
        sheet.box(x + 1.5, y + side - 1.5 - wide, wide, wide, fill=PALE, edge=False)
    _total(sheet, x + side / 2, y + side / 2, count, side)


def _total(sheet: Sheet, x: float, y: float, count: int | None, side: float) -> None:
    words, colour = ("\u2013", GREY) if count is None else (f"{count:,}", INK)
    if side < 40:
        words = words.replace(",", "")  # a comma more would reach into the next cell
    sheet.word(x, y + 4, words, size=SMALL, colour=colour, anchor="middle")
