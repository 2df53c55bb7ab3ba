"""Draw areas as a map: polygons in five classes, with a legend and the numbers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

Ring = Sequence[tuple[float, float]]

_FILLS: Final = ("#edf3f8", "#bcd3e6", "#84aed0", "#4a83b5", "#1a4f84")
"""Five blues, light to dark, that stay apart in print and to people who see few colours."""
_LEGEND_LINE: Final = 30
_MARGIN: Final = 24
_LEGEND: Final = 250
_HEAD: Final = 56
_HATCHING: Final = (
    '<defs><pattern id="none" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#ffffff"/>'
    '<path d="M0 6 L6 0" stroke="#6f777b" stroke-width="1"/></pattern></defs>'
)


def draw_map(
    rings: Sequence[Ring],
    values: Sequence[float | None],
    *,
    names: Sequence[str],
    title: str,
    measure: str,
    classes: Sequence[int] | None = None,
    class_names: Sequence[str] | None = None,
    width: int = 900,
) -> str:
    """Return a map as SVG text.

    ``rings`` are outer boundaries in one unit of length, north up; ``values`` the figure shown for
    each area (None: not shown, hatched); ``classes`` 1 to 5 for each area, or else fifths of the
    values by rank. Each area tells its name and figure when pointed at, and the legend gives each
    class's range and number of areas, so that nothing depends on colour alone.
    """
    if not len(rings) == len(values) == len(names):
        raise ValueError("rings, values and names must be of one length")
    given = list(classes) if classes is not None else _fifths(values)
    scale, height, left, top = _fit(rings, width)
    shapes = _shapes(rings, values, names, given, (scale, left, top))
    legend = _legend(values, given, class_names, width - _LEGEND + 10, measure)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" '
        f'width="{width}" height="{height:.0f}" role="img" aria-labelledby="map-title map-desc" '
        'font-family="Helvetica, Arial, sans-serif">\n'
        f'<title id="map-title">{escape(title)}</title>\n'
        f'<desc id="map-desc">{escape(_in_words(values, names, measure))}</desc>\n'
        f"{_HATCHING}\n"
        f'<rect width="{width}" height="{height:.0f}" fill="#ffffff"/>\n'
        f'<text x="{_MARGIN}" y="32" font-size="19" font-weight="bold" fill="#0b0c0c">'
        f"{escape(title)}</text>\n"
        '<g stroke="#0b0c0c" stroke-opacity="0.55" stroke-width="0.5" stroke-linejoin="round">\n'
        + "\n".join(shapes)
        + f"\n</g>\n{legend}\n</svg>\n"
    )


def _shapes(
    rings: Sequence[Ring],
    values: Sequence[float | None],
    names: Sequence[str],
    classes: Sequence[int],
    ground: tuple[float, float, float],
) -> list[str]:
    scale, left, top = ground
    shapes = []
    for ring, value, name, of in zip(rings, values, names, classes, strict=True):
        points = " ".join(
            f"{(x - left) * scale + _MARGIN:.1f},{(top - y) * scale + _HEAD:.1f}" for x, y in ring
        )
        fill = "url(#none)" if value is None else _FILLS[of - 1]
        figure = "not shown" if value is None else f"{value:g}"
        shapes.append(
            f'<polygon points="{points}" fill="{fill}">'
            f"<title>{escape(name)}: {figure}</title></polygon>"
        )
    return shapes


def _fit(rings: Sequence[Ring], width: int) -> tuple[float, float, float, float]:
    """Return scale, height of the picture, and the left and top of the ground."""
    points = [point for ring in rings for point in ring] or [(0.0, 0.0)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, top = min(y for _, y in points), max(y for _, y in points)
    room = width - _LEGEND - _MARGIN
    scale = room / max(right - left, top - low, 1e-9)
    height = max((top - low) * scale + _HEAD + _MARGIN, _HEAD + 7 * _LEGEND_LINE + _MARGIN)
    return scale, height, left, top


def _fifths(values: Sequence[float | None]) -> list[int]:
    """Return for each value its fifth by rank; equal values share one, and None stands in 1."""
    known = sorted(value for value in values if value is not None)
    first = {value: rank for rank, value in reversed(list(enumerate(known)))}
    return [1 if v is None else 1 + first[v] * 5 // len(known) for v in values]


def _legend(
    values: Sequence[float | None],
    classes: Sequence[int],
    names: Sequence[str] | None,
    left: int,
    measure: str,
) -> str:
    lines = [
        f'<g font-size="13" fill="#0b0c0c"><text x="{left}" y="{_HEAD + 8}" font-weight="bold">'
        f"{escape(measure)}</text>"
    ]
    top = _HEAD + 22
    for of in range(5, 0, -1):
        inside = [v for v, c in zip(values, classes, strict=True) if c == of and v is not None]
        if not inside:
            continue
        said = f"{min(inside):g} to {max(inside):g}" if len(inside) > 1 else f"{inside[0]:g}"
        areas = "1 area" if len(inside) == 1 else f"{len(inside)} areas"
        name = f"{escape(names[of - 1])}: " if names else ""
        lines.append(_swatch(left, top, _FILLS[of - 1], f"{name}{said}", areas))
        top += _LEGEND_LINE
    if hidden := sum(value is None for value in values):
        lines.append(_swatch(left, top, "url(#none)", "not shown", f"{hidden} areas"))
    return "\n".join(lines) + "\n</g>"


def _swatch(left: int, top: int, fill: str, said: str, areas: str) -> str:
    return (
        f'<rect x="{left}" y="{top}" width="20" height="20" fill="{fill}" stroke="#6f777b"/>'
        f'<text x="{left + 28}" y="{top + 9}">{said}</text>'
        f'<text x="{left + 28}" y="{top + 22}" font-size="11" fill="#505a5f">{areas}</text>'
    )


def _in_words(values: Sequence[float | None], names: Sequence[str], measure: str) -> str:
    known = [(value, name) for value, name in zip(values, names, strict=True) if value is not None]
    if not known:
        return f"A map of {len(names)} areas; no figure is shown."
    low, high = min(known), max(known)
    return (
        f"A map of {len(names)} areas in five shades by {measure}, from {low[0]:g} ({low[1]}) "
        f"to {high[0]:g} ({high[1]}). Darker is higher."
    )
