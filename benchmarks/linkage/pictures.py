"""Pictures of the figures: accuracy by set, and what the large sets cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from equipoise.charts.svg import AMBER, BLUE, GREEN, GREY, MARGIN, PALE, SMALL, WIDTH, Sheet

Rows = Mapping[tuple[str, str], dict[str, Any]]

MARKS: Final = {
    "splink": ("square", AMBER, "Splink, in the clear"),
    "identified": ("circle", BLUE, "Equipoise, identified and enclave"),
    "encoded": ("triangle", GREEN, "Equipoise, encoded"),
    "anonlink": ("ring", GREY, "anonlink, threshold without truth"),
}
_ASIDE: Final = {"splink": -5, "identified": 5}
_FLOORS: Final = (0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0.0)


def draw(rows: Rows, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the pictures by file name, of whatever has figures."""
    named = [name for name in titles if any(one == name for one, _ in rows)]
    made = {}
    if named:
        made["linkage-accuracy"] = _accuracy(rows, titles, named)
    large = [name for name in named if name.startswith("city-")]
    if large:
        made["linkage-cost"] = _cost(rows, titles, large)
    return made


def _accuracy(rows: Rows, titles: Mapping[str, str], named: Sequence[str]) -> str:
    sheet = Sheet("Linkage accuracy (F1), each set on its own scale up to 1")
    _legend(sheet)
    said = []
    for name in named:
        scores = {one: rows[name, one]["f1"] for one in MARKS if (name, one) in rows}
        # A peer far below would press all others together: it is written, not drawn to scale.
        held = [f for one, f in scores.items() if one != "anonlink"] or list(scores.values())
        floor = next(low for low in _FLOORS if low <= min(held))
        sheet.y += 4
        sheet.paragraph(titles[name], size=SMALL, bold=True)
        for one in [one for one, score in scores.items() if score < floor]:
            sheet.paragraph(f"off the scale: {one} {scores[one]:.4f}", size=SMALL, colour=GREY)
        _axis(sheet, floor, {one: score for one, score in scores.items() if score >= floor})
        said.append(f"{titles[name]}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
    return sheet.render("; ".join(said))


def _legend(sheet: Sheet) -> None:
    for shape, colour, called in MARKS.values():
        sheet.y += 18
        sheet.mark(MARGIN + 5, sheet.y - 4, shape, fill=colour)
        sheet.word(MARGIN + 18, sheet.y, called, size=SMALL)
    sheet.y += 6


def _axis(sheet: Sheet, floor: float, scores: Mapping[str, float]) -> None:
    long = WIDTH - 2 * MARGIN - 70
    left = MARGIN + 35
    sheet.y += 12
    sheet.line(left, sheet.y, left + long, sheet.y, colour=PALE)
    sheet.word(left - 6, sheet.y + 4, f"{floor:g}", size=SMALL, colour=GREY, anchor="end")
    sheet.word(left + long + 6, sheet.y + 4, "1", size=SMALL, colour=GREY)
    for one in reversed(MARKS):
        if one in scores:
            at = (scores[one] - floor) / (1 - floor)
            shape, colour, _ = MARKS[one]
            # A little above or below the line, so that equal scores can be told apart.
            place = sheet.y + _ASIDE.get(one, 0)
            sheet.mark(left + at * long, place, shape, fill=colour, size=4.5)
    sheet.y += 10


def _cost(rows: Rows, titles: Mapping[str, str], named: Sequence[str]) -> str:
    sheet = Sheet("What linking two agencies of the city costs")
    said = []
    measures = (("wall", "seconds on the clock"), ("cpu", "seconds of processor"),
                ("peak_mb", "megabytes at most"))  # fmt: skip
    for name in named:
        for key, what in measures:
            figures = {one: rows[name, one][key] for one in MARKS if (name, one) in rows}
            top = max(figures.values())
            sheet.y += 4
            sheet.paragraph(f"{titles[name]}: {what}", size=SMALL, bold=True)
            for one, figure in figures.items():
                _, colour, called = MARKS[one]
                sheet.paragraph(f"{called}: {figure:,.0f}", size=SMALL)
                sheet.y += 2
                sheet.box(MARGIN, sheet.y, (WIDTH - 2 * MARGIN) * figure / top, 8, fill=colour)
                sheet.y += 8
                said.append(f"{titles[name]}, {what}, {one}: {figure:,.0f}")
    return sheet.render("; ".join(said))
