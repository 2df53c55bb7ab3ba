"""The picture: how well each strength links against the worst that was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from equipoise.charts.svg import BLUE, GREY, INK, MARGIN, PALE, RED, SMALL, WIDTH, Sheet

from .verdict import HELPED, REAL, Row, worst_named

_LEFT: Final = MARGIN + 34
_RIGHT: Final = WIDTH - MARGIN - 10
_TALL: Final = 250.0
_TICKS: Final = (0.0, 0.001, 0.01, 0.05, 0.25, 1.0)
_WITHIN: Final = ((0.01, 0.05), (0.02, 0.005))
"""How far behind the clear, at which share of people named: what the strengths are held to."""
_STEPS: Final = 4
_CROWDED: Final = 60.0
"""Near the top a name stands beside its marks."""


@dataclass(frozen=True)
class Point:
    """One strength: F1 (mean, least, most over keys) and its worst settings."""

    scheme: str
    f1: Row
    alone: Row
    helped: Row | None


def percent(value: float) -> str:
    """Return a share as readers take it in: 0.12 %, 3.4 %, 97 %."""
    places = 2 if value < 0.01 else 1 if value < 0.1 else 0
    return f"{100 * value:.{places}f} %"


def schemes(results: Mapping[str, Any]) -> list[str]:
    """Return the schemes of a run, the published strengths first."""
    met = dict.fromkeys(row["scheme"] for row in results["rows"])
    return [*(name for name in REAL if name in met), *(name for name in met if name not in REAL)]


def first_set(results: Mapping[str, Any]) -> str:
    """Return the set of files that the picture shows."""
    return str(results["accuracy"][0]["set"]) if results["accuracy"] else ""


def curve(results: Mapping[str, Any]) -> list[Point]:
    """Return every strength that was both linked and attacked."""
    shown = first_set(results)
    f1 = {each["scheme"]: each for each in results["accuracy"] if each["set"] == shown}
    made = []
    for scheme in schemes(results):
        alone = worst_named(results["rows"], scheme)
        if scheme in f1 and alone:
            helped = worst_named(results["rows"], scheme, HELPED)
            made.append(Point(scheme, f1[scheme], alone, helped))
    return made


def clear(results: Mapping[str, Any]) -> float | None:
    """Return Splink's F1 on the set that is shown, if it was measured."""
    shown = first_set(results)
    found = (each["f1"] for each in results["accuracy"]
             if each["set"] == shown and each["scheme"] == "Splink")  # fmt: skip
    return next((float(value) for value in found), None)


class _Axes:
    """Where values lie on the sheet: F1 across, the cube root of shares upwards."""

    def __init__(self, top: float, low: float) -> None:
        self.top, self.low = top, low

    def across(self, f1: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (f1 - self.low) / (1.0 - self.low)

    def down(self, value: float) -> float:
        return self.top + _TALL * float(1 - max(value, 0.0) ** (1 / 3))


def figure(results: Mapping[str, Any]) -> str:
    """Draw F1 against the worst case of every strength."""
    points = curve(results)
    sheet = Sheet("Accuracy against the worst attack, for each strength")
    sheet.paragraph(
        f"Across: F1 of links ({first_set(results)}). Up: share of people named in the worst "
        "scene, on a scale that stretches small shares. Circle: the register alone. Square: up to "
        "a tenth of the people known besides. Bars: 95 % intervals, and the range over keys. "
        "Dashed: within 0.01 of Splink at 5 %, and within 0.02 at 0.5 %.",
        size=SMALL,
        colour=GREY,
    )
    sheet.y += 16
    least = min((point.f1["low"] for point in points), default=0.9)
    axes = _Axes(sheet.y, int(least * 100 - 0.5) / 100)
    _grid(sheet, axes, clear(results))
    for number, point in enumerate(sorted(points, key=lambda each: float(each.f1["f1"]))):
        _drawn(sheet, axes, point, step=number % 2)
    sheet.y = axes.top + _TALL + 24
    return sheet.render("; ".join(_said(point) for point in points) + _said_clear(results))


def _grid(sheet: Sheet, axes: _Axes, splink: float | None) -> None:
    for tick in _TICKS:
        sheet.line(_LEFT, axes.down(tick), _RIGHT, axes.down(tick), colour=PALE)
        sheet.word(
            _LEFT - 4, axes.down(tick) + 4, f"{100 * tick:g} %", size=10, anchor="end", colour=GREY
        )
    foot = axes.top + _TALL
    for step in range(_STEPS + 1):
        at = axes.low + (1.0 - axes.low) * step / _STEPS
        anchor = "end" if step == _STEPS else "middle"
        sheet.word(axes.across(at), foot + 16, f"{at:.3f}", size=10, anchor=anchor, colour=GREY)
    if splink is None:
        return
    sheet.line(axes.across(splink), axes.top, axes.across(splink), foot, colour=INK)
    middle = axes.top + _TALL * 0.28
    sheet.word(axes.across(splink) - 4, middle, "Splink, in the clear", size=10, anchor="end")
    for behind, share in _WITHIN:
        if splink - behind < axes.low:
            continue
        at, level = axes.across(splink - behind), axes.down(share)
        sheet.line(at, level, at, foot, colour=GREY, dash="4 3")
        sheet.line(at, level, axes.across(splink), level, colour=GREY, dash="4 3")


def _drawn(sheet: Sheet, axes: _Axes, point: Point, *, step: int) -> None:
    at = axes.across(point.f1["f1"])
    marks = [(point.alone, "circle", BLUE, -2)]
    if point.helped:
        marks.append((point.helped, "square", RED, 2))
    for row, shape, fill, aside in marks:
        level = axes.down(row["value"])
        low, high = axes.down(row["low"]), axes.down(row["high"])
        sheet.line(at + aside, low, at + aside, high, colour=fill)
        left, right = axes.across(point.f1["low"]), axes.across(point.f1["high"])
        sheet.line(left + aside, level, right + aside, level, colour=fill)
        sheet.mark(at + aside, level, shape, fill=fill, size=4)
    foot = max(axes.down(row["low"]) for row, *_ in marks)
    top = min(axes.down(row["high"]) for row, *_ in marks)
    place = foot + 14 + 13 * step if point.scheme in REAL else top - 6
    anchor = "end" if at > _RIGHT - 40 else "start" if at < _LEFT + 30 else "middle"
    if foot - axes.top < _CROWDED:
        place, at, anchor = foot + 4, at - 10, "end"
    sheet.word(at, place, point.scheme, size=SMALL, colour=INK, anchor=anchor, clear=True)


def _said(point: Point) -> str:
    helped = percent(point.helped["value"]) if point.helped else "nobody"
    return (
        f"{point.scheme}: F1 {point.f1['f1']:.4f}, worst case {percent(point.alone['value'])} with "
        f"the register alone, {helped} with known people"
    )


def _said_clear(results: Mapping[str, Any]) -> str:
    splink = clear(results)
    return "" if splink is None else f"; Splink in the clear: F1 {splink:.4f}"
