"""The love plot: how unlike the groups were on each covariate, before and after matching.

Named after Thomas Love, who drew balance this way. Distances are absolute standardised mean
differences. The light after matching is a colour, a shape, and a word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from equipoise.charts.bars import HIDDEN
from equipoise.charts.svg import AMBER, GREEN, GREY, MARGIN, PALE, RED, SMALL, WIDTH, Sheet

Row = tuple[str, float | None, float | None, str]
"""covariate, difference before, difference after, light"""

LIGHTS = {
    "green": (GREEN, "circle", "alike"),
    "amber": (AMBER, "triangle", "nearly alike"),
    "red": (RED, "square", "unlike"),
}
_LEFT = MARGIN + 6
_RIGHT = WIDTH - MARGIN - 14
_CAP = 1.0


def love_plot(title: str, rows: Sequence[Row], *, limit: float = 0.1) -> str:
    """Draw each covariate on a track from 0. ``limit`` is the largest difference the agreement
    allows; it is drawn as a dashed line. Differences above 1 stand at the edge, with an arrow."""
    sheet = Sheet(title)
    sheet.paragraph(
        "Difference between the groups, in standard deviations. 0 is no difference.",
        size=SMALL,
        colour=GREY,
    )
    _legend(sheet, limit)
    seen = [abs(v) for _, before, after, _ in rows for v in (before, after) if v is not None]
    top = min(_CAP, max([0.25, 2 * limit, *seen]))

    def at(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * min(abs(value), top) / top

    for row in rows:
        _row(sheet, row, at, limit, top)
    _axis(sheet, at, top)
    return sheet.render("; ".join(f"{r[0]}: {_words(r[1], r[2], r[3])}" for r in rows))


def _legend(sheet: Sheet, limit: float) -> None:
    sheet.y += 14
    sheet.mark(_LEFT, sheet.y - 4, "ring", fill="#ffffff")
    sheet.word(_LEFT + 10, sheet.y, "before matching; after matching:", size=SMALL)
    sheet.y += 18
    x = float(_LEFT)
    for colour, shape, word in LIGHTS.values():
        sheet.mark(x, sheet.y - 4, shape, fill=colour)
        sheet.word(x + 10, sheet.y, word, size=SMALL)
        x += 28 + 7 * len(word)
    sheet.y += 18
    sheet.line(_LEFT, sheet.y - 12, _LEFT, sheet.y + 2, colour=GREY, dash="3 3")
    sheet.word(_LEFT + 10, sheet.y, f"the most the agreement allows: {limit:g}", size=SMALL)
    sheet.y += 8


def _words(before: float | None, after: float | None, light: str) -> str:
    first, last = (HIDDEN if v is None else f"{abs(v):.2f}" for v in (before, after))
    return f"{first} before, {last} after ({LIGHTS[light][2] if light in LIGHTS else light})"


def _row(sheet: Sheet, row: Row, at: Callable[[float], float], limit: float, top: float) -> None:
    name, before, after, light = row
    sheet.y += 4
    sheet.paragraph(name, bold=True, size=SMALL)
    sheet.paragraph(_words(before, after, light), size=SMALL, colour=GREY)
    sheet.y += 11
    sheet.line(_LEFT, sheet.y, _RIGHT, sheet.y, colour=PALE)
    sheet.line(at(limit), sheet.y - 7, at(limit), sheet.y + 7, colour=GREY, dash="3 3")
    for value in (before, after):
        if value is not None and abs(value) > top:
            sheet.word(at(value) + 7, sheet.y + 5, "\u203a", size=16)
    if before is not None:
        sheet.mark(at(before), sheet.y, "ring", fill="#ffffff", size=5.5)
    if after is not None and light in LIGHTS:
        colour, shape, _ = LIGHTS[light]
        sheet.mark(at(after), sheet.y, shape, fill=colour, size=4.5)
    sheet.y += 8


def _axis(sheet: Sheet, at: Callable[[float], float], top: float) -> None:
    sheet.y += 4
    sheet.line(_LEFT, sheet.y, _RIGHT, sheet.y)
    step = 0.25 if top > 0.5 else 0.1 if top > 0.25 else 0.05
    ticks = int(round(top / step, 6))
    for i in range(ticks + 1):
        sheet.line(at(i * step), sheet.y, at(i * step), sheet.y + 4)
        sheet.word(
            at(i * step), sheet.y + 17, f"{i * step:g}", size=SMALL, colour=GREY, anchor="middle"
        )
    sheet.y += 18
