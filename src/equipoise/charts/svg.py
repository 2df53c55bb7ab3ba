"""A sheet on which a picture is drawn from the top down."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH = 360
MARGIN = 12
INK = "#0b0c0c"
GREY = "#505a5f"
PALE = "#b1b4b6"
BLUE = "#1d70b8"
GREEN = "#00703c"
AMBER = "#a35c00"
RED = "#b10e1e"

TEXT = 13
SMALL = 12
_LETTER = 0.56  # the mean width of a letter of a plain sans face, in ems; generous


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break ``text`` into lines that fit ``width`` units at ``size``; a long word is cut."""
    most = max(4, int(width / (size * _LETTER)))
    lines = [""]
    for word in text.split():
        pieces = [word[i : i + most] for i in range(0, len(word), most)]
        for piece in pieces:
            if lines[-1] and len(lines[-1]) + 1 + len(piece) > most:
                lines.append(piece)
            else:
                lines[-1] = f"{lines[-1]} {piece}".strip()
    return lines


class Sheet:
    """Shapes and words; ``y`` is how far down the drawing has come. A title that is not ``told`` in
    it stands on the page; who hears the picture is told it all the same."""

    def __init__(self, title: str, *, told: bool = True) -> None:
        self._title = title
        self._parts: list[str] = []
        self.y = float(MARGIN)
        if told:
            self.paragraph(title, size=15, bold=True)
            self.y += 4

    def word(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = TEXT,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
        clear: bool = False,
    ) -> None:
        """Write one line whose foot is at ``y``; ``clear`` parts it from lines it crosses."""
        weight = ' font-weight="bold"' if bold else ""
        weight += ' paint-order="stroke" stroke="#fff" stroke-width="3"' if clear else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" '
            f'text-anchor="{anchor}"{weight}>{escape(text)}</text>'
        )

    def paragraph(
        self, text: str, *, size: float = TEXT, colour: str = INK, bold: bool = False
    ) -> None:
        """Write ``text`` over as many lines as it needs, and move down."""
        for line in wrap(text, size * (1.06 if bold else 1), WIDTH - 2 * MARGIN):
            self.y += size * 1.25
            self.word(MARGIN, self.y, line, size=size, colour=colour, bold=bold)
        self.y += size * 0.2

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        colour: str = INK,
        width: float = 1,
        dash: str = "",
    ) -> None:
        """Draw a line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width:g}"{dashed}/>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str, edge: bool = True
    ) -> None:
        """Draw a filled box with a dark edge, so that it shows in print without colour."""
        stroke = f' stroke="{INK}" stroke-width="0.5"' if edge else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}" '
            f'fill="{fill}"{stroke}/>'
        )

    def hatch(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a box of slanted lines: a second fill that needs no colour, and no pattern by name,
        which two pictures on one page could not share."""
        self.box(x, y, width, height, fill="#ffffff")
        gap = 5.0
        start = -height
        while start < width:
            left, right = max(start, 0.0), min(start + height, width)
            if right > left:
                self.line(
                    x + left, y + height - (left - start), x + right, y + start + height - right
                )
            start += gap

    def path(
        self, points: Sequence[tuple[float, float]], *, colour: str, width: float, dash: str = ""
    ) -> None:
        """Draw a line through ``points``."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(
            f'<polyline points="{way}" fill="none" stroke="{colour}" '
            f'stroke-width="{width:g}"{dashed}/>'
        )

    def mark(self, x: float, y: float, shape: str, *, fill: str, size: float = 5) -> None:
        """Draw a small ``circle``, ``triangle``, ``square`` or hollow ``ring`` around (x, y)."""
        edge = f'stroke="{INK}" stroke-width="1"'
        if shape in {"circle", "ring"}:
            inside = "#ffffff" if shape == "ring" else fill
            self._parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" fill="{inside}" {edge}/>'
            )
            return
        corners = {
            "triangle": [(0, -1.2), (1.15, 0.9), (-1.15, 0.9)],
            "square": [(-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)],
        }[shape]
        points = " ".join(f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
        self._parts.append(f'<polygon points="{points}" fill="{fill}" {edge}/>')

    def render(self, description: str) -> str:
        """Return the picture. ``description`` says in words what it shows."""
        height = self.y + MARGIN
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'width="{WIDTH}" height="{height:.0f}" role="img" '
            'font-family="Arial, Helvetica, sans-serif">'
            f"<title>{escape(self._title)}</title><desc>{escape(description)}</desc>"
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>'
            + "".join(self._parts)
            + "</svg>\n"
        )
