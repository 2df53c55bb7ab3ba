"""Whether probabilities hold: what they say of each band of pairs, and what was seen."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.charts.bars import HIDDEN
from equipoise.charts.svg import BLUE, GREY, MARGIN, PALE, SMALL, WIDTH, Sheet

Band = tuple[str, float | None, float | None, float | None, float | None]
"""the band in words, what is said, what is seen, and the ends of the latter's interval; shares from
0 to 1, ``None`` where there is nothing to tell"""

_LEFT = MARGIN + 10
_RIGHT = WIDTH - MARGIN - 10


def calibration(title: str, bands: Sequence[Band]) -> str:
    """Draw for each band a ring where the probabilities say and a square where it was seen."""
    sheet = Sheet(title)
    sheet.paragraph("Share of links that are right. 0 is none, 1 is all.", colour=GREY)
    sheet.y += 16
    sheet.mark(_LEFT, sheet.y - 4, "ring", fill="#ffffff")
    sheet.word(_LEFT + 10, sheet.y, "as the probabilities say", size=SMALL)
    sheet.y += 18
    sheet.mark(_LEFT, sheet.y - 4, "square", fill=BLUE)
    sheet.word(_LEFT + 10, sheet.y, "as seen without the model, 95% interval", size=SMALL)
    sheet.y += 10
    for band in bands:
        _band(sheet, band)
    _axis(sheet)
    return sheet.render("; ".join(f"{band[0]}: {_words(band)}" for band in bands))


def _at(share: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share


def _words(band: Band) -> str:
    _, said, seen, low, high = band
    if said is None:
        return "too few to tell"
    if seen is None or low is None or high is None:
        return f"said {said:.3f}; seen: {HIDDEN}"
    return f"said {said:.3f}; seen {seen:.3f} ({low:.3f} to {high:.3f})"


def _band(sheet: Sheet, band: Band) -> None:
    name, said, seen, low, high = band
    sheet.y += 4
    sheet.paragraph(f"{name}: {_words(band)}", size=SMALL)
    sheet.y += 10
    sheet.line(_LEFT, sheet.y, _RIGHT, sheet.y, colour=PALE)
    if low is not None and high is not None and seen is not None:
        sheet.line(_at(low), sheet.y, _at(high), sheet.y, width=2)
        for end in (low, high):
            sheet.line(_at(end), sheet.y - 5, _at(end), sheet.y + 5, width=2)
        sheet.mark(_at(seen), sheet.y, "square", fill=BLUE, size=4)
    if said is not None:
        sheet.mark(_at(said), sheet.y, "ring", fill="#ffffff", size=4.5)
    sheet.y += 8


def _axis(sheet: Sheet) -> None:
    sheet.y += 4
    sheet.line(_LEFT, sheet.y, _RIGHT, sheet.y)
    for tick in range(0, 11, 2):
        x = _at(tick / 10)
        sheet.line(x, sheet.y, x, sheet.y + 4)
        sheet.word(x, sheet.y + 17, f"{tick / 10:g}", size=SMALL, colour=GREY, anchor="middle")
    sheet.y += 20
