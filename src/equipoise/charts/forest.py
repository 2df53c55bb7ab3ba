"""Figures with their intervals, one under another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from equipoise.charts.bars import HIDDEN
from equipoise.charts.svg import BLUE, GREY, INK, MARGIN, PALE, SMALL, WIDTH, Sheet

_LEFT = MARGIN + 10
_RIGHT = WIDTH - MARGIN - 10


@dataclass(frozen=True)
class Interval:
    """A figure and its interval; a part is ``None`` when the disclosure check took it out."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    decimals: int = 0

    def words(self, unit: str = "") -> str:
        """Return the figure as ``-12 (-23 to -1) percentage points``."""
        parts = (self.value, self.low, self.high)
        if any(part is None for part in parts):
            return HIDDEN
        value, low, high = (_number(part or 0.0, self.decimals) for part in parts)
        return f"{value} ({low} to {high}){f' {unit}' if unit else ''}"


def _number(value: float, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    # A minus sign, not a hyphen; and none before a nought.
    return f"\u2212{text}" if value < 0 and float(text.replace(",", "")) else text


def forest(
    title: str,
    figures: Sequence[Interval],
    *,
    zero: float | None = 0.0,
    unit: str = "",
    better: str = "",
) -> str:
    """Draw each figure as a square on the line of its interval.

    ``zero`` is where there is no difference; ``None`` draws no such line. ``better`` is ``lower``
    or ``higher``: the side of a benefit is then named.
    """
    sheet = Sheet(title)
    low, high = _range(figures, zero)

    def at(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low)

    if better and zero is not None:
        left, right = ("better", "worse") if better == "lower" else ("worse", "better")
        sheet.y += SMALL * 1.25
        sheet.word(_LEFT, sheet.y, f"\u2190 {left}", size=SMALL, colour=GREY)
        sheet.word(_RIGHT, sheet.y, f"{right} \u2192", size=SMALL, colour=GREY, anchor="end")
    sheet.y += 4
    for figure in figures:
        sheet.paragraph(f"{figure.name}: {figure.words(unit)}")
        sheet.y += 14
        if None not in (figure.value, figure.low, figure.high):
            _interval(sheet, at(figure.low or 0.0), at(figure.value or 0.0), at(figure.high or 0.0))
        if zero is not None:
            sheet.line(at(zero), sheet.y - 12, at(zero), sheet.y + 12, colour=GREY, dash="3 3")
        sheet.y += 14
    _axis(sheet, low, high, at)
    return sheet.render("; ".join(f"{f.name}: {f.words(unit)}" for f in figures))


def _interval(sheet: Sheet, low: float, value: float, high: float) -> None:
    sheet.line(low, sheet.y, high, sheet.y, width=2)
    for end in (low, high):
        sheet.line(end, sheet.y - 5, end, sheet.y + 5, width=2)
    sheet.mark(value, sheet.y, "square", fill=BLUE)


def _range(figures: Sequence[Interval], zero: float | None) -> tuple[float, float]:
    ends = [v for f in figures for v in (f.low, f.value, f.high) if v is not None]
    ends += [zero] if zero is not None else []
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    if low == high:
        return low - 1, high + 1
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _axis(sheet: Sheet, low: float, high: float, at: Callable[[float], float]) -> None:
    step = 10 ** math.floor(math.log10((high - low) / 2))
    for factor in (5, 2, 1):
        if (high - low) / (step * factor) >= 2:
            step *= factor
            break
    sheet.line(_LEFT, sheet.y, _RIGHT, sheet.y, colour=PALE)
    places = max(0, -math.floor(math.log10(step)))
    tick = math.ceil(low / step) * step
    while tick <= high:
        sheet.line(at(tick), sheet.y, at(tick), sheet.y + 4, colour=INK)
        sheet.word(
            at(tick), sheet.y + 17, _number(tick, places), size=SMALL, colour=GREY, anchor="middle"
        )
        tick += step
    sheet.y += 18
