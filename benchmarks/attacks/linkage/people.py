"""Who is in the encoded file and who is in the attacker's register.

Both hold whole households, so that families, twins and neighbours look as similar as they do in
life. ``strangers``: each side holds ``size`` people, a share of them on both. ``sample``: the
encoded file is a share of the register, which holds everybody (a population register is like that).
The attacker's copy is without errors: the worst case for whoever is encoded.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Whole = npt.NDArray[np.int64]

SHARED: Final = Path(__file__).resolve().parents[3] / "../shared/data"
"""Where files with truth lie, beside the project; sets that are absent are left out."""

FIELDS: Final[Mapping[str, str]] = {
    "forename": "forename",
    "surname": "surname",
    "birth_date": "date",
    "sex": "sex",
    "postcode": "postcode",
}
"""What is encoded in every scene: field -> kind."""


@dataclass(frozen=True)
class Population:
    """People with their plain values; those of one ``household`` live together."""

    name: str
    table: pa.Table  # columns as FIELDS
    household: Whole

    def __len__(self) -> int:
        return self.table.num_rows


@dataclass(frozen=True)
class Scene:
    """Who is where: rows of ``population``, both sides in an order drawn by chance."""

    population: Population
    encoded: Whole
    register: Whole
    layout: str
    overlap: float
    seed: int

    @property
    def truth(self) -> Whole:
        """Return for each encoded row its row in the register, or -1 for a stranger."""
        place = np.full(len(self.population), -1, dtype=np.int64)
        place[self.register] = np.arange(len(self.register))
        return place[self.encoded]

    @property
    def common(self) -> int:
        """Return how many people are on both sides."""
        return int((self.truth >= 0).sum())

    def encoded_table(self) -> pa.Table:
        """Return the plain values behind the encoded file; only the owner has them."""
        return self.population.table.take(pa.array(self.encoded))

    def register_table(self) -> pa.Table:
        """Return the attacker's register."""
        return self.population.table.take(pa.array(self.register))


def stage(population: Population, size: int, overlap: float, layout: str, seed: int) -> Scene:
    """Draw a scene: ``size`` people in the register, ``overlap`` of them in the encoded file."""
    draw = np.random.default_rng([seed, size, round(overlap * 1000)])
    people = _by_household(population, draw)
    common = max(1, round(size * overlap))
    strangers = size - common if layout == "strangers" else 0
    if common + 2 * strangers > len(people):
        msg = f"{population.name} has {len(people):,} people: too few for this scene"
        raise ValueError(msg)
    shared = people[:common]
    if layout == "strangers":
        register = people[: common + strangers]
        encoded = np.concatenate([shared, people[common + strangers : common + 2 * strangers]])
    else:
        register, encoded = people[:size], shared
    return Scene(
        population, draw.permutation(encoded), draw.permutation(register), layout, overlap, seed
    )


def _by_household(population: Population, draw: np.random.Generator) -> Whole:
    """Return everybody, household by household, the households in an order drawn by chance."""
    turn = draw.permutation(int(population.household.max()) + 1)
    return np.lexsort((np.arange(len(population)), turn[population.household]))


def needed(size: int, overlap: float, layout: str) -> int:
    """Return how many people a population must have for a scene."""
    return size if layout == "sample" else 2 * size - max(1, round(size * overlap))


@cache
def city(people: int, seed: int) -> Population:
    """Return the people of an invented city: families, twins, students, care homes."""
    from equipoise.city import build_city

    built = build_city(max(1_000, people), seed)
    everybody = np.arange(built.people)
    table = pa.table(
        {
            "forename": built.names.forename_text(everybody),
            "surname": built.names.surname_text(everybody),
            "birth_date": pa.array(built.birth_day.astype("datetime64[D]")),
            "sex": pa.array(np.where(built.households.male, "M", "F")),
            "postcode": built.homes.postcode.take(pa.array(built.home_of)),
        }
    )
    return Population("city", table, built.home_of)


def _rows(folder: str, file: str) -> Iterator[dict[str, str]]:
    with gzip.open(SHARED / folder / file, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def ons(people: int, seed: int) -> Population:
    """Return the fictional census made at ONS: 4,500 people; a household is one address."""
    rows = list(_rows("linkage-ons-census-cis", "census.csv.gz"))
    dates = [_date(r["dob_year"], r["dob_mon"], r["dob_day"]) for r in rows]
    address = [f"{r['enumcap']} {r['enumpc']}" for r in rows]
    names = [(r["pername1"], r["pername2"], r["sex"], r["enumpc"]) for r in rows]
    return Population("ons", _table(names, dates), _numbered(address))


@cache
def historical(people: int, seed: int) -> Population:
    """Return real people long dead, one record of each (the fullest); their homes are not known."""
    entity = {
        r["record_id"]: r["entity_id"] for r in _rows("linkage-historical-people", "truth.csv.gz")
    }
    fullest: dict[str, dict[str, str]] = {}
    for row in _rows("linkage-historical-people", "records.csv.gz"):
        who = entity[row["record_id"]]
        if who not in fullest or _filled(row) > _filled(fullest[who]):
            fullest[who] = row
    rows = list(fullest.values())
    names = [
        (r["first_name"], r["surname"], r["gender"][:1].upper(), r["postcode_fake"]) for r in rows
    ]
    dates = [_date(*[*r["dob"].split("-"), "", ""][:3]) for r in rows]
    return Population("historical", _table(names, dates), np.arange(len(rows)))


def _filled(row: Mapping[str, str]) -> int:
    return sum(1 for value in row.values() if value)


def _date(year: str, month: str, day: str) -> str | None:
    try:
        return str(np.datetime64(f"{int(year):04d}-{int(month):02d}-{int(day):02d}", "D"))
    except ValueError:
        return None


def _table(names: list[tuple[str, str, str, str]], dates: list[str | None]) -> pa.Table:
    forename, surname, sex, postcode = (
        pa.array([value or None for value in column], pa.string())
        for column in zip(*names, strict=True)
    )
    born = pa.array([None if d is None else np.datetime64(d, "D").item() for d in dates])
    return pa.table(
        {
            "forename": forename,
            "surname": surname,
            "birth_date": born.cast(pa.date32()),
            "sex": sex,
            "postcode": postcode,
        }
    )


def _numbered(texts: list[str]) -> Whole:
    return np.unique(np.array(texts), return_inverse=True)[1].astype(np.int64)


POPULATIONS: Final[Mapping[str, Callable[[int, int], Population]]] = {
    "city": city,
    "ons": ons,
    "historical": historical,
}
"""Name -> how to get at least so many people of it, for a seed (the real ones are fixed)."""


def present() -> tuple[str, ...]:
    """Return the populations that can be had here."""
    folders = {"ons": "linkage-ons-census-cis", "historical": "linkage-historical-people"}
    return tuple(n for n in POPULATIONS if n not in folders or (SHARED / folders[n]).is_dir())
