"""Statements with the votes of each declared group, one bar for each group."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.charts.drawn import Drawn, described, shown
from equipoise.charts.svg import BLUE, GREY, MARGIN, PALE, SMALL, WIDTH, Sheet

Group = tuple[str, int | None, int | None, int | None]
"""name, how many agree, disagree and pass; all ``None`` where the group is too small to show, and
the last alone where nobody may know how many passed"""
Statement = tuple[str, float | None, Sequence[Group]]
"""the words, its consensus from 0 to 1, and the groups"""

_BAR = 13
_LONG = WIDTH - 2 * MARGIN


def consensus_bars(title: str, statements: Sequence[Statement]) -> Drawn:
    """Draw each group's votes on each statement: full is agree, white is pass, slanted disagree.

    All bars are as long as the sheet: they show shares, and the words beside them numbers.
    """
    sheet = Sheet(title)
    _legend(sheet)
    for words, figure, groups in statements:
        sheet.y += 10
        sheet.paragraph(words, bold=True)
        sheet.paragraph(f"Consensus of all groups: {_figure(figure)}", size=SMALL)
        for group in groups:
            _group(sheet, group)
    heads = ("", "consensus", "group", "agree", "disagree", "pass")
    rows = tuple(
        (words, _figure(figure), group[0], *(shown(count) for count in group[1:]))
        for words, figure, groups in statements
        for group in groups
    )
    return Drawn(sheet.render(described(heads, rows)), heads, rows)


def _figure(figure: float | None) -> str:
    return "not shown" if figure is None else f"{figure:.2f}"


def _legend(sheet: Sheet) -> None:
    x, y = float(MARGIN), sheet.y + 4
    sheet.box(x, y, 22, _BAR, fill=BLUE)
    sheet.word(x + 28, y + 11, "agree", size=SMALL)
    sheet.box(x + 84, y, 22, _BAR, fill="#ffffff")
    sheet.word(x + 112, y + 11, "pass", size=SMALL)
    sheet.hatch(x + 162, y, 22, _BAR)
    sheet.word(x + 190, y + 11, "disagree", size=SMALL)
    sheet.y = y + _BAR + 2


def _group(sheet: Sheet, group: Group) -> None:
    name, agree, disagree, passed = group
    sheet.y += 3
    if agree is None or disagree is None:
        sheet.paragraph(f"{name}: not shown", size=SMALL, colour=GREY)
        middle = sheet.y + 3 + _BAR / 2
        sheet.line(MARGIN, middle, WIDTH - MARGIN, middle, colour=PALE, dash="4 4")
        sheet.y += _BAR + 4
        return
    told = "" if passed is None else f", {passed:,} pass"
    sheet.paragraph(f"{name}: {agree:,} agree, {disagree:,} disagree{told}", size=SMALL)
    sheet.y += 3
    people = agree + disagree + (passed or 0)
    x = float(MARGIN)
    for kind, count in (("agree", agree), ("pass", passed), ("disagree", disagree)):
        if count:
            wide = _LONG * count / people
            if kind == "disagree":
                sheet.hatch(x, sheet.y, wide, _BAR)
            else:
                sheet.box(x, sheet.y, wide, _BAR, fill=BLUE if kind == "agree" else "#ffffff")
            x += wide
    sheet.y += _BAR + 1
