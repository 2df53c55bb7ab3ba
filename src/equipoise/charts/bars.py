"""Counts as bars: the funnel of an evaluation, and how many met each rule."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.charts.svg import BLUE, GREY, INK, MARGIN, PALE, SMALL, WIDTH, Sheet

Row = tuple[str, str, int | None]
"""group, what is counted, how many; ``None`` when the figure is not shown"""

_LONGEST = WIDTH - 2 * MARGIN
_THICK = 12
HIDDEN = "not shown"


def bars(title: str, rows: Sequence[Row]) -> str:
    """Draw one bar a row, under a heading for each group; each group has its own scale."""
    return _draw(title, rows, fading=False)


def funnel(title: str, rows: Sequence[Row]) -> str:
    """Draw the steps of a funnel: the bar, and behind it in outline the step before."""
    return _draw(title, rows, fading=True)


def part_of(count: int, whole: int) -> str:
    """Draw one bar without words, ``count`` of ``whole`` filled: it stands beside its number."""
    share = 100 * min(count, whole) / whole if whole else 0
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 104 20" width="104" height="20">'
        f'<rect x="2" y="2" width="100" height="16" fill="#ffffff" stroke="{INK}"/>'
        f'<rect x="2" y="2" width="{share:.1f}" height="16" fill="{BLUE}" stroke="{INK}"/>'
        "</svg>\n"
    )


def _draw(title: str, rows: Sequence[Row], *, fading: bool) -> str:
    sheet = Sheet(title)
    for group in dict.fromkeys(row[0] for row in rows):
        mine = [(what, count) for name, what, count in rows if name == group]
        top = max((count for _, count in mine if count is not None), default=0)
        sheet.y += 4
        sheet.paragraph(group, bold=True)
        before: int | None = None
        for what, count in mine:
            _bar(sheet, what, count, top, before if fading else None)
            before = count if count is not None else before
        sheet.y += 4
    return sheet.render(_describe(rows))


def _bar(sheet: Sheet, what: str, count: int | None, top: int, before: int | None) -> None:
    shown = HIDDEN if count is None else f"{count:,}"
    sheet.paragraph(f"{what}: {shown}", size=SMALL, colour=GREY if count is None else "#0b0c0c")
    sheet.y += 3
    if before and top:
        sheet.box(MARGIN, sheet.y, _LONGEST * before / top, _THICK, fill="#f3f2f1")
    if count and top:
        sheet.box(MARGIN, sheet.y, _LONGEST * count / top, _THICK, fill=BLUE)
    elif count is None:
        middle = sheet.y + _THICK / 2
        sheet.line(MARGIN, middle, WIDTH - MARGIN, middle, colour=PALE, dash="4 4")
    sheet.y += _THICK + 2


def _describe(rows: Sequence[Row]) -> str:
    return "; ".join(
        f"{group}, {what}: {HIDDEN if count is None else f'{count:,}'}"
        for group, what, count in rows
    )
