"""Homes: where each household lives, its address, its postcode and what it costs to heat.

Home ``h`` is the home of household ``h``; vacant homes follow. Homes of one postcode are of one
type, as most streets are; flats share a building's number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.city.draws import Draws, Floats, Truths, Whole
from equipoise.city.households import KINDS, Households
from equipoise.city.land import Areas, scatter
from equipoise.city.numbers import postcode as format_postcode
from equipoise.city.numbers import uprns
from equipoise.city.tables import names, rates, shares

TYPES: Final = tuple(rates("dwelling_type"))
AGES: Final = tuple(rates("dwelling_age"))
TENURES: Final = ("owned", "social", "private")
_HOMES_IN_BLOCK: Final = 8
_STREETS: Final = tuple(names("ground")["street"].split())
_ENDS: Final = tuple(names("ground")["street_ending"].split())
_KIND_NEAR_MIDDLE: Final = {"students": 2.5, "hostel": 2.0, "sharers": 1.6, "one_younger": 0.8}
"""How strongly a kind of household keeps to the middle (0: evenly spread)."""


@dataclass(frozen=True)
class Homes:
    """The homes. Texts are plain Arrow arrays of strings, one per home."""

    area: Whole
    street: Whole  # number of the postcode, over the whole city
    postcode: pa.Array
    address: pa.Array
    uprn: Whole
    type: Whole  # position in TYPES
    built: Whole  # position in AGES
    floor_area: Whole  # square metres
    cost_score: Floats  # 0 to 100, one decimal place
    tenure: Whole  # position in TENURES
    vacant: Truths
    place: Floats  # (homes, 2) metres east and north of the middle

    def __len__(self) -> int:
        return len(self.area)


def build_homes(households: Households, areas: Areas, draws: Draws) -> Homes:
    """Give each household a home, and leave some homes vacant."""
    lived_in = len(households.kind)
    count = lived_in + int(lived_in * rates("homes")["vacant"])
    area = _areas(households.kind, count, areas, draws)
    street, rank, area_of_street = _streets(area, len(areas), draws)
    type_of_street = _types(areas.nearness[area_of_street], draws)
    kind = type_of_street[street]
    built = _built(areas.nearness[area_of_street], draws)[street]
    floor = _floor_areas(kind, draws)
    codes = pa.array(list(_postcodes(area_of_street, len(areas))))
    around = draws.bell("around", 0, 18, 2 * count).reshape(count, 2)
    return Homes(
        area=area,
        street=street,
        postcode=codes.take(pa.array(street)),
        address=_addresses(street, rank, kind, draws),
        uprn=uprns(count)[draws.order("uprn", count)],
        type=kind,
        built=built,
        floor_area=np.round(floor).astype(np.int64),
        cost_score=_cost_scores(kind, built, floor, draws),
        tenure=_tenures(households, areas.fifth[area], draws),
        vacant=np.arange(count) >= lived_in,
        place=np.round(scatter(areas, area_of_street, draws)[street] + around, 1),
    )


def _areas(kind: Whole, count: int, areas: Areas, draws: Draws) -> Whole:
    """Spread homes over the areas; some kinds of household keep to the middle."""
    size = draws.between("area.size", 0.7, 1.3, len(areas))
    area = draws.choose("area", size, count)
    for name, pull in _KIND_NEAR_MIDDLE.items():
        rows = np.flatnonzero(kind == KINDS.index(name))
        weights = size * np.exp(pull * areas.nearness)
        area[rows] = draws.choose(f"area.{name}", weights, len(rows))
    return area


def _streets(area: Whole, areas: int, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """Return each home's street, its rank in it, and each street's area."""
    per = rates("homes")["per_postcode"]
    in_area = np.bincount(area, minlength=areas)
    streets_in_area = -(-in_area // per)
    first_street = np.concatenate([[0], np.cumsum(streets_in_area)])
    first_home = np.concatenate([[0], np.cumsum(in_area)])
    order = np.lexsort((draws.uniform("place in street", len(area)), area))
    within = np.empty(len(area), dtype=np.int64)
    within[order] = np.arange(len(area)) - first_home[area[order]]
    street = first_street[area] + within // per
    return street, within % per, np.repeat(np.arange(areas), streets_in_area)


def _postcodes(area_of_street: Whole, areas: int) -> Iterator[str]:
    """Yield a postcode per street; neighbouring areas share a district."""
    areas_in_district = max(12, -(-areas // 95))
    district = area_of_street // areas_in_district
    sizes = np.bincount(district)
    first = np.concatenate([[0], np.cumsum(sizes)])
    for number, of in enumerate(district.tolist()):
        yield format_postcode(of + 1, number - int(first[of]), int(sizes[of]))


def _types(nearness: Floats, draws: Draws) -> Whole:
    """Draw a type for each street: flats and terraces near the middle, detached homes outside."""
    share = shares(rates("dwelling_type"))
    lean = np.array([2.2, 1.0, -0.6, -1.6, -2.2])
    weights = share * np.exp((nearness - nearness.mean())[:, None] * lean)
    edges = np.cumsum(weights, axis=1)
    chance = draws.uniform("type", len(nearness)) * edges[:, -1]
    return np.asarray((chance[:, None] >= edges).sum(axis=1), dtype=np.int64)


def _built(nearness: Floats, draws: Draws) -> Whole:
    """Draw a street's age: older near the middle, keeping the shares of the table overall."""
    astray = nearness + draws.bell("built", 0, 0.30, len(nearness))
    rank = np.argsort(np.argsort(-astray, kind="stable"), kind="stable")
    edges = np.cumsum(shares(rates("dwelling_age")))
    return np.minimum(
        np.searchsorted(edges, (rank + 0.5) / max(len(rank), 1)), len(edges) - 1
    ).astype(np.int64)


def _floor_areas(kind: Whole, draws: Draws) -> Floats:
    table = rates("floor_area")
    mean = np.array([float(table[name]) for name in TYPES])[kind]
    drawn = draws.bell("floor", mean, mean * float(table["spread"]), len(kind))
    return np.asarray(np.clip(drawn, 24, 400))


def _cost_scores(kind: Whole, built: Whole, floor: Floats, draws: Draws) -> Floats:
    table = rates("cost_score")
    by_type = np.array([float(table[name]) for name in TYPES])[kind]
    by_age = np.array([float(table[name]) for name in AGES])[built]
    size = (floor - 90) / 10 * table["per_10_m2_above_90"]
    middle: Floats = by_type + by_age + size
    raw = draws.bell("score", middle, float(table["spread"]), len(kind))
    return np.asarray(np.round(np.clip(raw, 0, 100), 1), dtype=np.float64)


def _tenures(households: Households, fifth: Whole, draws: Draws) -> Whole:
    table = rates("tenure_by_fifth")
    edges = np.cumsum(np.array([table[str(f)] for f in range(1, 6)], dtype=float), axis=1)
    of = edges[fifth - 1]
    chance = draws.uniform("tenure", len(fifth)) * of[:, -1]
    tenure = np.asarray((chance[:, None] >= of).sum(axis=1), dtype=np.int64)
    rented = np.flatnonzero(households.is_kind("students", "sharers"))
    tenure[rented] = TENURES.index("private")
    return tenure


def _addresses(street: Whole, rank: Whole, kind: Whole, draws: Draws) -> pa.Array:
    """Number the homes of each street; flats are numbered within a building."""
    streets = int(street.max(initial=0)) + 1
    name = draws.whole("street.name", len(_STREETS), streets)
    end = draws.whole("street.end", len(_ENDS), streets)
    start = draws.whole("street.start", 60, streets) * 2 + 1
    titles = pc.binary_join_element_wise(
        pa.array(_STREETS).take(pa.array(name)), pa.array(_ENDS).take(pa.array(end)), " "
    ).take(pa.array(street))
    flat = kind == TYPES.index("flat")
    number = start[street] + np.where(flat, rank // _HOMES_IN_BLOCK, rank) * 2
    house = pc.binary_join_element_wise(pa.array(number).cast(pa.string()), titles, " ")
    inner = pa.array(rank % _HOMES_IN_BLOCK + 1).cast(pa.string())
    block = pc.binary_join_element_wise(
        pc.binary_join_element_wise("Flat", inner, " "), house, ", "
    )
    return pc.if_else(pa.array(flat), block, house)
