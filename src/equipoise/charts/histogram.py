"""How a number is spread: bars side by side, of which a part is filled."""

from __future__ import annotations

import math
from collections.abc import Sequence

from equipoise.charts.svg import BLUE, GREY, MARGIN, PALE, SMALL, WIDTH, Sheet

Bar = tuple[float, int, int]
"""where the bar begins, how many there are in it, and how many of these are filled"""

_LEFT = MARGIN + 34
_RIGHT = WIDTH - MARGIN
_HIGH = 170
_HOLLOW = "#ffffff"


def histogram(
    title: str, bars: Sequence[Bar], *, step: float, unit: str, filled: str, hollow: str
) -> str:
    """Draw counts on a logarithmic scale, because a few bars hold most of what is counted.

    ``step`` is how wide a bar is, ``unit`` names the axis, ``filled`` and ``hollow`` name the two
    parts of a bar. A bar's height is all that is in it; the filled part is drawn to its own count.
    """
    sheet = Sheet(title)
    _legend(sheet, filled, hollow)
    if not bars:
        sheet.paragraph("There is nothing to draw.")
        return sheet.render("There is nothing to draw.")
    top = max(1, math.ceil(math.log10(max(count for _, count, _ in bars) + 1)))
    sheet.y += 12
    foot = sheet.y + _HIGH
    for power in range(top + 1):
        y = foot - _HIGH * power / top
        sheet.line(_LEFT, y, _RIGHT, y, colour=PALE)
        sheet.word(_LEFT - 4, y + 4, f"{10**power:,}", size=10, colour=GREY, anchor="end")
    wide = (_RIGHT - _LEFT) / len(bars)
    for place, (_, count, own) in enumerate(bars):
        x = _LEFT + place * wide
        for number, fill in ((count, _HOLLOW), (own, BLUE)):
            if number:
                high = max(2.0, _HIGH * math.log10(number) / top)
                sheet.box(x + 0.5, foot - high, wide - 1, high, fill=fill)
    _axis(sheet, bars, foot, wide, unit)
    said = (f"{at:g} to {at + step:g}: {count:,}, {filled} {own:,}" for at, count, own in bars)
    return sheet.render("; ".join(said))


def _legend(sheet: Sheet, filled: str, hollow: str) -> None:
    sheet.y += 8
    for words, fill in ((filled, BLUE), (hollow, _HOLLOW)):
        sheet.box(MARGIN, sheet.y, 12, 10, fill=fill)
        sheet.word(MARGIN + 18, sheet.y + 9, words, size=SMALL)
        sheet.y += 18


def _axis(sheet: Sheet, bars: Sequence[Bar], foot: float, wide: float, unit: str) -> None:
    every = max(1, math.ceil(len(bars) / 8))
    for place in range(0, len(bars), every):
        x = _LEFT + place * wide
        sheet.line(x, foot, x, foot + 4)
        at = f"{bars[place][0]:g}".replace("-", "\u2212")
        sheet.word(x, foot + 16, at, size=SMALL, colour=GREY, anchor="middle")
    sheet.y = foot + 18
    sheet.paragraph(unit, size=SMALL, colour=GREY)
