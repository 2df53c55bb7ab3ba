"""How steps add up: each begins where the one before it ended."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from equipoise.charts.svg import BLUE, GREY, INK, MARGIN, PALE, SMALL, WIDTH, Sheet

Row = tuple[str, str, float]
"""what counts, what was found, and how much it weighs"""

_LEFT = MARGIN + 10
_RIGHT = WIDTH - MARGIN - 10
_THICK = 12
_AGAINST = "#ffffff"


def waterfall(title: str, rows: Sequence[Row], *, ends: str, unit: str = "bits") -> str:
    """Draw one bar a step, filled where it speaks for and hollow where it speaks against.

    ``ends`` says in words what the steps come to.
    """
    sheet = Sheet(title)
    sheet.paragraph(f"Filled bars speak for, hollow bars against. In {unit}.", colour=GREY)
    marks, total = [0.0], 0.0
    for _, _, weight in rows:
        total += weight
        marks.append(total)
    low, high = min(marks), max(marks)
    span = (high - low) or 1.0

    def at(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (value - low) / span

    for (what, found, weight), (start, end) in zip(rows, pairwise(marks), strict=True):
        sheet.y += 4
        sheet.paragraph(f"{what}: {found}", size=SMALL)
        sheet.paragraph(f"{_signed(weight)}, so far {_signed(end)}", size=SMALL, colour=GREY)
        sheet.y += 3
        sheet.line(_LEFT, sheet.y + _THICK / 2, _RIGHT, sheet.y + _THICK / 2, colour=PALE)
        sheet.line(at(0), sheet.y - 2, at(0), sheet.y + _THICK + 2, colour=GREY, dash="3 3")
        x, wide = min(at(start), at(end)), abs(at(end) - at(start))
        sheet.box(x, sheet.y, wide, _THICK, fill=BLUE if weight >= 0 else _AGAINST)
        sheet.line(at(end), sheet.y - 2, at(end), sheet.y + _THICK + 4, colour=INK)
        sheet.y += _THICK + 2
    sheet.y += 4
    sheet.paragraph(f"Together {_signed(total)} {unit}. {ends}", bold=True)
    said = "; ".join(f"{what}, {found}: {_signed(weight)}" for what, found, weight in rows)
    return sheet.render(f"{said}. Together {_signed(total)} {unit}. {ends}")


def _signed(value: float) -> str:
    text = f"{abs(value):.1f}"
    if text == "0.0":
        return text
    return f"\u2212{text}" if value < 0 else f"+{text}"
