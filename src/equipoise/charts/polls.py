"""Polls as pictures: a round beside the round before, and who moved which way between them."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.charts.bump import indented
from equipoise.charts.drawn import Drawn, described, shown
from equipoise.charts.svg import BLUE, GREY, INK, MARGIN, SMALL, WIDTH, Sheet

Round = tuple[str, Sequence[int | None]]
"""name of the round, and how many chose each option; ``None`` is withheld"""

Way = tuple[str, int]
"""a way in words, and its side: -1 moved down the scale, 1 up, 0 neither, or not told which"""

_BAR = 13
_LONGEST = WIDTH - 2 * MARGIN - 70
_FILLS = (None, BLUE, INK)
_HALF = WIDTH / 2
_CORE = 30
_ARM = _HALF - MARGIN - _CORE - 60
"""A bar to one side, beside which a count of seven figures still has room."""


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


def shift_diagram(title: str, ways: Sequence[Way], groups: Sequence[Round]) -> Drawn:
    """Draw for each group who moved down the scale to the left, who moved up to the right.

    ``groups`` are names with their counts by ``ways``. What may not be told by itself has no bar
    of its own but a dashed line that says so, so that nobody takes a missing bar for nobody. A bar
    is as long as its share of the group.
    """
    sheet = Sheet(title)
    told = {side: words for words, side in ways}
    for side, where in ((-1, "Left"), (0, "Middle"), (1, "Right")):
        sheet.paragraph(f"{where}: {told.get(side, 'not told by itself')}", size=SMALL)
    for name, counts in groups:
        sheet.y += 8
        sheet.paragraph(name, size=SMALL, bold=True)
        sheet.y += 5
        whole = sum(count for count in counts if count is not None)
        by_side = {side: count for (_, side), count in zip(ways, counts, strict=True)}
        for side in (-1, 1):
            _arm(sheet, side, by_side.get(side), whole)
        sheet.box(_HALF - _CORE, sheet.y - 2, 2 * _CORE, _BAR + 4, fill="#ffffff")
        middle = shown(by_side[0]) if by_side.get(0) is not None else "–"
        sheet.word(_HALF, sheet.y + 11, middle, size=SMALL, anchor="middle")
        sheet.y += _BAR + 6
    heads = ("", *(words for words, _ in ways))
    rows = tuple((name, *map(shown, counts)) for name, counts in groups)
    return Drawn(sheet.render(described(heads, rows)), heads, rows)


def _arm(sheet: Sheet, side: int, count: int | None, whole: int) -> None:
    edge = _HALF + side * _CORE
    anchor = "start" if side > 0 else "end"
    if count is None:
        sheet.line(edge, sheet.y + _BAR / 2, edge + side * 30, sheet.y + _BAR / 2, dash="4 4")
        beyond, words, colour = edge + side * 36, "not told", GREY
    else:
        long = _ARM * count / whole if whole else 0
        if count:
            _fill(sheet, min(edge, edge + side * long), sheet.y, long, 0 if side < 0 else 1)
        beyond, words, colour = edge + side * (long + 6), shown(count), INK
    sheet.word(beyond, sheet.y + 11, words, size=SMALL, colour=colour, anchor=anchor)
