"""The city's ground: an outline, small areas with drawn boundaries, their names and deprivation.

Areas are the cells nearest to scattered centres (a Voronoi diagram) clipped to the outline; they
are smaller towards the middle. Shared edges are bent in the same way on both sides, so that
neighbours still meet. Coordinates are metres east and north of the middle.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from equipoise.city.draws import Draws, Floats, Whole
from equipoise.city.tables import names, rates

Point = tuple[float, float]
Ring = tuple[Point, ...]

_NEAREST: Final = 28
_OUTLINE_POINTS: Final = 160
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
_MIDDLE: Final = (2.3, 54.72)
"""Longitude and latitude of the middle: open sea on the Dogger Bank, so that no place is meant."""
_METRES_PER_DEGREE: Final = 111_320.0

_FIRST: Final = tuple(names("ground")["area_first"].split())
_SECOND: Final = tuple(names("ground")["area_second"].split())
_SIDES: Final = ("", "North ", "South ", "East ", "West ", "Upper ", "Lower ", "Old ", "New ")


@dataclass(frozen=True)
class Areas:
    """The small areas, by number from 0; ``fifth`` 1 is the most deprived."""

    code: tuple[str, ...]
    name: tuple[str, ...]
    centre: Floats  # (areas, 2) metres
    ring: tuple[Ring, ...]  # outer boundary, not closed, metres
    nearness: Floats  # 1 in the middle, 0 at the outline
    score: Floats  # deprivation, 0 to 100, high is deprived
    fifth: Whole

    def __len__(self) -> int:
        return len(self.code)


def build_areas(people: int, draws: Draws) -> Areas:
    """Lay out the areas for a number of people."""
    plan = rates("homes")
    count = max(5, round(people / plan["people_per_area"]))
    radius = math.sqrt(people / plan["people_per_km2"] * 1e6 / math.pi)
    centre, nearness = _centres(count, radius, draws)
    outline = _outline(radius, draws)
    rings = tuple(_cell(number, centre, outline) for number in range(count))
    score = _deprivation(centre / radius, nearness, draws)
    rank = np.argsort(np.argsort(-score, kind="stable"), kind="stable")
    return Areas(
        code=tuple(f"Q01{number + 1:06d}" for number in range(count)),
        name=_names(count, draws),
        centre=centre,
        ring=tuple(_bend(ring, outline) for ring in rings),
        nearness=nearness,
        score=np.round(score, 1),
        fifth=(rank * 5 // count + 1).astype(np.int64),
    )


def _edge(angle: Floats, draws: Draws) -> Floats:
    """Return how far out the outline runs at each angle, as a share of the radius."""
    phase = draws.uniform("outline", 4) * 2 * math.pi
    waves = [(0.10, 2), (0.07, 3), (0.04, 5), (0.025, 9)]
    return np.asarray(
        1 + sum(size * np.sin(turns * angle + phase[i]) for i, (size, turns) in enumerate(waves))
    )


def _outline(radius: float, draws: Draws) -> Ring:
    angle = np.arange(_OUTLINE_POINTS) * 2 * math.pi / _OUTLINE_POINTS
    reach = _edge(angle, draws) * radius
    return tuple(
        (float(r * math.cos(a)), float(r * math.sin(a))) for a, r in zip(angle, reach, strict=True)
    )


def _centres(count: int, radius: float, draws: Draws) -> tuple[Floats, Floats]:
    """Spread the centres in a spiral, closer together in the middle, each a little astray."""
    out: Floats = ((np.arange(count, dtype=np.float64) + 0.5) / count) ** 0.66
    angle: Floats = np.arange(count, dtype=np.float64) * _GOLDEN
    astray = 0.30 / math.sqrt(count)
    reach = out * _edge(angle, draws) * 0.985
    x = reach * np.cos(angle) + draws.bell("centre.x", 0, astray, count) * out
    y = reach * np.sin(angle) + draws.bell("centre.y", 0, astray, count) * out
    return np.column_stack([x, y]) * radius, 1 - out


def _cell(number: int, centre: Floats, outline: Ring) -> Ring:
    """Clip the outline by the line half-way to each of the nearest other centres."""
    here = centre[number]
    away = ((centre - here) ** 2).sum(axis=1)
    nearest = np.argsort(away, kind="stable")[1 : _NEAREST + 1]
    ring = list(outline)
    for other in nearest:
        there = centre[other]
        direction = there - here
        limit = float(direction @ (here + there) / 2)
        ring = _clip(ring, (float(direction[0]), float(direction[1])), limit)
    return tuple(ring)


def _clip(ring: list[Point], direction: Point, limit: float) -> list[Point]:
    """Keep the side of the ring where the point times the direction is at most the limit."""
    kept: list[Point] = []
    side = [x * direction[0] + y * direction[1] - limit for x, y in ring]
    for i, point in enumerate(ring):
        before, s_before, s_here = ring[i - 1], side[i - 1], side[i]
        if (s_before <= 0) != (s_here <= 0):
            share = s_before / (s_before - s_here)
            kept.append(
                (
                    before[0] + share * (point[0] - before[0]),
                    before[1] + share * (point[1] - before[1]),
                )
            )
        if s_here <= 0:
            kept.append(point)
    return kept


def _bend(ring: Ring, outline: Ring) -> Ring:
    """Bend each inner edge by its own two ends, so that both neighbours bend it alike."""
    on_outline = set(outline)
    bent: list[Point] = []
    for i, end in enumerate(ring):
        start = ring[i - 1]
        if start not in on_outline and end not in on_outline:
            bent.extend(_bends(start, end))
        bent.append((round(end[0], 1), round(end[1], 1)))
    return tuple(bent)


def _bends(start: Point, end: Point) -> list[Point]:
    backward = start > end
    low, high = (end, start) if backward else (start, end)
    label = f"{low[0]:.0f},{low[1]:.0f},{high[0]:.0f},{high[1]:.0f}".encode()
    points = []
    for part in (1, 2, 3):
        lean = (zlib.crc32(label + bytes([part])) / 2**32 - 0.5) * 0.16
        x = low[0] + (high[0] - low[0]) * part / 4 - (high[1] - low[1]) * lean
        y = low[1] + (high[1] - low[1]) * part / 4 + (high[0] - low[0]) * lean
        points.append((round(x, 1), round(y, 1)))
    return points[::-1] if backward else points


def _deprivation(place: Floats, nearness: Floats, draws: Draws) -> Floats:
    """Return a score that changes smoothly over the ground, higher near the middle and one side."""
    turn = float(draws.uniform("deprived.side", 1)[0]) * 2 * math.pi
    side = place @ np.array([math.cos(turn), math.sin(turn)])
    poor = np.array([math.cos(turn), math.sin(turn)]) * 0.55
    rich = -poor
    near_poor = np.exp(-(((place - poor) ** 2).sum(axis=1)) / 0.12)
    near_rich = np.exp(-(((place - rich) ** 2).sum(axis=1)) / 0.15)
    raw = 34 + 16 * nearness + 12 * side + 26 * near_poor - 18 * near_rich
    return np.asarray(np.clip(raw + draws.bell("deprived.noise", 0, 7, len(place)), 2, 98))


def _names(count: int, draws: Draws) -> tuple[str, ...]:
    plain = len(_FIRST) * len(_SECOND)
    order = draws.order("area.names", plain)
    made = []
    for number in range(count):
        at, side = int(order[number % plain]), number // plain
        prefix = _SIDES[side % len(_SIDES)]
        name = f"{prefix}{_FIRST[at // len(_SECOND)]} {_SECOND[at % len(_SECOND)]}"
        made.append(name if side < len(_SIDES) else f"{name} {side // len(_SIDES) + 1}")
    return tuple(made)


def scatter(areas: Areas, area: Whole, draws: Draws) -> NDArray[np.float64]:
    """Return one place (metres) inside each of the given areas.

    A place is drawn in one of the triangles between the area's centre and its boundary, so that it
    lies within the area as good as always (bent edges may cut off a sliver).
    """
    chance = draws.uniform("scatter", 3 * len(area)).reshape(3, len(area))
    order = np.argsort(area, kind="stable")
    edges = np.searchsorted(area[order], np.arange(len(areas) + 1))
    place = np.empty((len(area), 2))
    for number, ring in enumerate(areas.ring):
        rows = order[edges[number] : edges[number + 1]]
        place[rows] = _within(areas.centre[number], np.asarray(ring), chance[:, rows])
    return place


def _within(centre: Floats, ring: Floats, chance: Floats) -> Floats:
    a, b = ring - centre, np.roll(ring, -1, axis=0) - centre
    size = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    edges = np.cumsum(size)
    at = np.minimum(np.searchsorted(edges, chance[0] * edges[-1], side="right"), len(ring) - 1)
    out, along = np.sqrt(chance[1]) * 0.96, chance[2]
    return np.asarray(
        centre + (out * (1 - along))[:, None] * a[at] + (out * along)[:, None] * b[at]
    )


def geojson(areas: Areas) -> dict[str, Any]:
    """Return the areas as a GeoJSON feature collection (longitude and latitude, in the sea)."""
    return {
        "type": "FeatureCollection",
        "name": "small areas of an invented city",
        "features": [_feature(areas, number) for number in range(len(areas))],
    }


def _feature(areas: Areas, number: int) -> dict[str, Any]:
    ring = [_degrees(point) for point in areas.ring[number]]
    return {
        "type": "Feature",
        "id": areas.code[number],
        "properties": {
            "code": areas.code[number],
            "name": areas.name[number],
            "deprivation_score": float(areas.score[number]),
            "deprivation_fifth": int(areas.fifth[number]),
        },
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


def _degrees(point: Point) -> list[float]:
    shrink = math.cos(math.radians(_MIDDLE[1]))
    return [
        round(_MIDDLE[0] + point[0] / (_METRES_PER_DEGREE * shrink), 6),
        round(_MIDDLE[1] + point[1] / _METRES_PER_DEGREE, 6),
    ]
