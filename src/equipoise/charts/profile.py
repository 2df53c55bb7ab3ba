"""Benefits and risks as people rated them: every answer, not one score; and on whom each falls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from equipoise.charts.drawn import Drawn, described, shown
from equipoise.charts.svg import AMBER, GREEN, GREY, MARGIN, PALE, SMALL, WIDTH, Sheet

Side = Literal["benefit", "risk"]
_LEFT = MARGIN + 14
_RIGHT = WIDTH - MARGIN - 14
_HEADS = {"benefit": "Benefits", "risk": "Risks"}
_SHAPES = {"benefit": ("circle", GREEN), "risk": ("triangle", AMBER)}


@dataclass(frozen=True)
class ProfileLine:
    """``counts`` is how many gave each point of the scale; ``None`` in it is withheld, ``None`` for
    all of it is a line of which nothing may be shown. ``unsure`` is how many did not know."""

    name: str
    side: Side
    counts: tuple[int | None, ...] | None
    unsure: int | None = 0

    def words(self, points: Sequence[str]) -> str:
        """Return how many said what, in words."""
        if self.counts is None:
            return "not shown"
        said = [
            f"{point}: {shown(count)}"
            for point, count in zip(points, self.counts, strict=True)
            if count != 0
        ]
        if self.unsure != 0:
            said.append(f"don\u2019t know: {shown(self.unsure)}")
        return ", ".join(said) or "nobody answered"


def profile(title: str, lines: Sequence[ProfileLine], points: Sequence[str]) -> Drawn:
    """Draw for each benefit and risk a mark at each point that people chose, larger for more.

    The line behind the marks runs from the lowest to the highest answer that is shown: a long one
    is a room that does not agree. "Don't know" is told in words and is no point.
    """
    sheet = Sheet(title)
    for number, point in enumerate(points, 1):
        if point != str(number):
            sheet.paragraph(f"{number}  {point}", size=SMALL, colour=GREY)
    top = max((c for line in lines for c in line.counts or () if c), default=0)
    for side, head in _HEADS.items():
        mine = [line for line in lines if line.side == side]
        if mine:
            sheet.y += 8
            sheet.paragraph(head, size=14, bold=True)
        for line in mine:
            _line(sheet, line, len(points), top)
    heads = ("", "", *points, "don\u2019t know")
    rows = tuple(
        (
            line.name,
            line.side,
            *map(shown, line.counts or (None,) * len(points)),
            shown(line.unsure if line.counts is not None else None),
        )
        for line in lines
    )
    said = "; ".join(f"{line.name} ({line.side}): {line.words(points)}" for line in lines)
    return Drawn(sheet.render(said), heads, rows)


def _line(sheet: Sheet, line: ProfileLine, points: int, top: int) -> None:
    sheet.y += 4
    sheet.paragraph(line.name, size=SMALL, bold=True)
    numbers = [str(number) for number in range(1, points + 1)]
    sheet.paragraph(line.words(numbers), size=SMALL, colour=GREY)
    if not any(count != 0 for count in line.counts or ()):
        sheet.y += 4
        return
    step = (_RIGHT - _LEFT) / max(points - 1, 1)
    biggest = min(15.0, step * 0.4)
    sheet.y += 18
    y = sheet.y
    sheet.line(_LEFT, y, _RIGHT, y, colour=PALE)
    counts = line.counts or ()
    used = [at for at, count in enumerate(counts) if count]
    if used:
        sheet.line(_LEFT + used[0] * step, y, _LEFT + used[-1] * step, y, width=2)
    shape, fill = _SHAPES[line.side]
    for at in range(points):
        x = _LEFT + at * step
        sheet.line(x, y - 3, x, y + 3, colour=GREY)
        count = counts[at] if counts else 0
        if count is None:
            sheet.mark(x, y, "ring", fill="#ffffff", size=3)
        elif count and top:
            sheet.mark(x, y, shape, fill=fill, size=max(3.0, biggest * sqrt(count / top)))
        sheet.word(x, y + 30, str(at + 1), size=SMALL, colour=GREY, anchor="middle")
    sheet.y += 32


Bearing = tuple[str, Side, Mapping[str, int | None]]
"""an effect, whether it is a benefit or a risk, and on whom: group -> size from 1 to 3, ``None``
where that is not known"""
SIZES = {1: "small", 2: "medium", 3: "large"}


def bearing(title: str, groups: Sequence[str], effects: Sequence[Bearing]) -> Drawn:
    """Draw who gains and who bears the risk: a circle is a benefit, a triangle a risk, and the
    number with it says 1 small, 2 medium, 3 large. An empty place is nothing for this group."""
    sheet = Sheet(title)
    for number, group in enumerate(groups, 1):
        sheet.paragraph(f"{number}  {group}", size=SMALL)
    sheet.y += 14
    sheet.mark(MARGIN + 6, sheet.y - 4, "circle", fill=GREEN)
    sheet.word(MARGIN + 16, sheet.y, "benefit", size=SMALL)
    sheet.mark(MARGIN + 84, sheet.y - 4, "triangle", fill=AMBER)
    sheet.word(MARGIN + 94, sheet.y, "risk", size=SMALL)
    sheet.paragraph("1 small, 2 medium, 3 large, ? not known", size=SMALL, colour=GREY)
    step = (WIDTH - 2 * MARGIN) / max(len(groups), 1)
    for name, side, on in effects:
        sheet.y += 6
        sheet.paragraph(name, size=SMALL, bold=True)
        _columns(sheet, len(groups), step)
        for at, group in enumerate(groups):
            if group in on:
                _bears(sheet, MARGIN + at * step, step, side, on[group])
        sheet.y += 38
    heads = ("", "", *groups)
    rows = tuple(
        (name, side, *(_size(on, group) for group in groups)) for name, side, on in effects
    )
    return Drawn(sheet.render(described(heads, rows)), heads, rows)


def _size(on: Mapping[str, int | None], group: str) -> str:
    if group not in on:
        return "none"
    size = on[group]
    return "not known" if size is None else SIZES[size]


def _columns(sheet: Sheet, groups: int, step: float) -> None:
    for at in range(groups):
        x = MARGIN + at * step
        sheet.box(x, sheet.y + 2, step, 36, fill="#ffffff")
        sheet.word(x + 3, sheet.y + 14, str(at + 1), size=SMALL, colour=GREY)


def _bears(sheet: Sheet, x: float, step: float, side: Side, size: int | None) -> None:
    shape, fill = _SHAPES[side]
    middle, y = x + step * 0.42, sheet.y + 24
    if size is None:
        sheet.mark(middle, y, "ring", fill="#ffffff", size=4)
    else:
        sheet.mark(middle, y, shape, fill=fill, size=(3 + 2 * size) * min(1, step / 40))
    sheet.word(
        middle + 12 * min(1, step / 40), y + 10, "?" if size is None else str(size), size=SMALL
    )
