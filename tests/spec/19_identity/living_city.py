"""A city that lives on: three deliveries of its files, with the truth of who is who and who lives
with whom planted beside them.

Between deliveries households move, young people leave home, people marry (and some take the other's
surname), die and are born. Each file is written anew each time, with errors of its own, and holds
some people twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from equipoise.carry.identity import Batch
from equipoise.city import build_city, spoil
from equipoise.city.households import KINDS as HOUSEHOLD_KINDS

RULES = (
    ("surname", "forename", "born", "postcode"),
    ("forename", "born", "uprn"),
    ("surname", "forename", "born"),
    ("surname", "born", "uprn"),
    ("surname", "forename", "uprn"),
    ("forename", "born", "postcode"),
)
NAMES = tuple(f"person.{number}" for number in range(len(RULES)))
TOKENS = pa.schema([(name, pa.binary(16)) for name in NAMES])
COMMUNAL = ("hostel", "care_home", "students")
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Person:
    """One person, as they truly are at one moment."""

    number: int
    forename: str
    surname: str
    born: str
    home: int


@dataclass(frozen=True)
class Home:
    uprn: str
    address: str
    postcode: str
    communal: bool


@dataclass
class File:
    """One file of one delivery: its rows, and who each is in truth."""

    dataset: str
    rows: list[dict[str, str]] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)

    def batch(self, moment: int) -> Batch:
        """Return the rows as tokens."""
        columns: dict[str, list[bytes | None]] = {name: [] for name in NAMES}
        for row in self.rows:
            for name, rule in zip(NAMES, RULES, strict=True):
                parts = [row[part] for part in rule]
                columns[name].append(token("|".join([name, *parts])) if all(parts) else None)
        ids = [token(f"{self.dataset} {moment} {n}") for n in range(len(self.rows))]
        schema = pa.schema([("row_id", pa.binary(16)), *TOKENS])
        return Batch(self.dataset, pa.table({"row_id": ids, **columns}, schema=schema))


@dataclass
class Moment:
    """One delivery: the people as they truly are, the homes, and the files about them."""

    people: list[Person]
    homes: list[Home]
    files: list[File]


def token(text: str) -> bytes:
    return hashlib.blake2s(text.encode(), digest_size=16).digest()


def lives(people: int = 2000, seed: int = 11, deliveries: int = 3) -> Iterator[Moment]:
    """Yield one moment after another."""
    rng = np.random.default_rng(seed)
    city = build_city(people, seed)
    everybody = np.arange(people)
    forenames = city.names.forename_text(everybody).to_pylist()
    surnames = city.names.surname_text(everybody).to_pylist()
    kinds = [HOUSEHOLD_KINDS[kind] for kind in city.households.kind]
    homes = [
        Home(str(uprn), address, postcode, place < len(kinds) and kinds[place] in COMMUNAL)
        for place, (uprn, address, postcode) in enumerate(
            zip(
                city.homes.uprn.tolist(),
                city.homes.address.to_pylist(),
                city.homes.postcode.to_pylist(),
                strict=True,
            )
        )
    ]
    now = [
        Person(n, forenames[n], surnames[n], day(city.birth_day[n]), int(city.home_of[n]))
        for n in range(people)
    ]
    vacant = list(range(len(kinds), len(homes)))
    places = {place for place, home in enumerate(homes) if home.communal}
    yield Moment(now, homes, files(now, homes, rng))
    for year in range(1, deliveries):
        now = a_year_on(now, vacant, places, rng, year)
        yield Moment(now, homes, files(now, homes, rng))


def day(number: float) -> str:
    return (EPOCH + timedelta(days=int(number))).isoformat()


def a_year_on(
    people: list[Person],
    vacant: list[int],
    communal: set[int],
    rng: np.random.Generator,
    year: int,
) -> list[Person]:
    """Let a year pass."""
    stay = [person for person in people if rng.random() > 0.012]
    homes: dict[int, list[Person]] = {}
    for person in stay:
        homes.setdefault(person.home, []).append(person)
    moved: dict[int, int] = {}
    for home, living in homes.items():
        chance = 1.0 if home in communal else rng.random()
        if chance < 0.08 and vacant:
            to = vacant.pop(int(rng.integers(len(vacant))))
            moved |= {person.number: to for person in living}
            vacant.append(home)
        elif chance < 0.12 and len(living) > 2 and vacant:
            leaver = living[int(rng.integers(len(living)))]
            moved[leaver.number] = vacant.pop(int(rng.integers(len(vacant))))
    now = [replace(person, home=moved.get(person.number, person.home)) for person in stay]
    for one, two in zip(*[iter(rng.permutation(len(now))[: len(now) // 50])] * 2, strict=False):
        # One takes the other's surname, or nobody does; and one of the two moves to the other.
        if rng.random() < 0.6:
            now[one] = replace(now[one], surname=now[two].surname)
        stays, moves = (one, two) if rng.random() < 0.5 else (two, one)
        now[moves] = replace(now[moves], home=now[stays].home)
    births = rng.permutation(len(now))[: len(now) // 90]
    for n, parent in enumerate(births):
        mother = now[parent]
        twins = 2 if rng.random() < 0.03 else 1
        for twin in range(twins):
            forename = now[int(rng.integers(len(now)))].forename
            born = day((date(2026, 1, 1) - EPOCH).days + 365 * year - int(n) % 300)
            number = 100_000 * year + 10 * n + twin
            now.append(Person(number, forename, mother.surname, born, mother.home))
    return now


def files(people: Sequence[Person], homes: Sequence[Home], rng: np.random.Generator) -> list[File]:
    """Write the files of one moment: the doctors' list, the council's, and the school's."""
    made = []
    for dataset, share, errors, twice in (
        ("gp", 0.97, 0.02, 0.01),
        ("council", 0.7, 0.04, 0.02),
        ("benefits", 0.3, 0.03, 0.0),
    ):
        file = File(dataset)
        for person in people:
            if rng.random() < share:
                for _ in range(2 if rng.random() < twice else 1):
                    file.rows.append(spoilt(person, homes[person.home], errors, rng))
                    file.truth.append(person.number)
        order = rng.permutation(len(file.rows))
        made.append(File(dataset, [file.rows[n] for n in order], [file.truth[n] for n in order]))
    return made


def spoilt(person: Person, home: Home, errors: float, rng: np.random.Generator) -> dict[str, str]:
    """Return one row about a person, as somebody wrote it down."""

    def wrong(text: str, *ways: Callable[[str, float], str]) -> str:
        if rng.random() >= errors:
            return text
        return ways[int(rng.integers(len(ways)))](text, float(rng.random()))

    return {
        "forename": wrong(person.forename, spoil.mistype, spoil.nickname, spoil.misread),
        "surname": wrong(person.surname, spoil.mistype, spoil.mishear, spoil.misread),
        "born": wrong(person.born, spoil.wrong_figure, lambda text, _: ""),
        "postcode": wrong(home.postcode, spoil.mistype),
        "uprn": "" if rng.random() < 0.1 else home.uprn,
        "address": wrong(home.address, spoil.mistype),
    }


def pairs_of(labels: Sequence[int]) -> set[tuple[int, int]]:
    """Return every pair of places with one label."""
    groups: dict[int, list[int]] = {}
    for place, label in enumerate(labels):
        groups.setdefault(label, []).append(place)
    return {
        (group[i], group[j])
        for group in groups.values()
        for i in range(len(group))
        for j in range(i + 1, len(group))
    }


def agreement(found: Sequence[int], true: Sequence[int]) -> tuple[float, float, float]:
    """Return pairwise precision, recall and F1 of labels against the truth."""
    made, known = pairs_of(found), pairs_of(true)
    right = len(made & known)
    precision, recall = right / max(len(made), 1), right / max(len(known), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)
