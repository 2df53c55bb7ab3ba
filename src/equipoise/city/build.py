"""Build the city: areas, households, homes, names, lives, offenders, in that order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa

from equipoise.city import numbers
from equipoise.city.draws import Draws, Truths, Whole
from equipoise.city.homes import Homes, build_homes
from equipoise.city.households import Households, build_households
from equipoise.city.land import Areas, build_areas
from equipoise.city.lives import Accounts, Awards, build_accounts, build_awards, limited
from equipoise.city.names import GROUPS, NO_NAME, Names, name_people
from equipoise.city.offending import Offenders, build_offenders
from equipoise.city.tables import rates
from equipoise.errors import Problem, UsageRefused

OnProgress = Callable[[float, str], None]
"""Called with the share done, from 0 to 1, and what is being done."""

AS_OF: Final = date(2026, 1, 1)
"""The day of the city: ages, homes and awards are as they were on it."""
FEWEST: Final = 1_000
MOST: Final = 10_000_000
LARGEST_SEED: Final = 2**63 - 1
_DAYS_PER_YEAR: Final = 365.25
_NA_FROM: Final = 5_000


@dataclass(frozen=True)
class City:
    """An invented city. Arrays about people run in order of person, from 0."""

    people: int
    seed: int
    areas: Areas
    households: Households
    homes: Homes
    names: Names
    birth_day: Whole  # days since 1970-01-01
    limited: Truths
    awards: Awards
    accounts: Accounts
    offenders: Offenders

    @property
    def draws(self) -> Draws:
        """Return the streams of chance from which the agencies' files are spoilt."""
        return Draws(self.seed, "files")

    @property
    def home_of(self) -> Whole:
        """Return each person's home; a household's home bears its number."""
        return self.households.household

    @cached_property
    def nino(self) -> pa.Array:
        """Return each person's national insurance number (children have theirs in waiting)."""
        shuffled = Draws(self.seed, "numbers").order("nino", self.people)
        return numbers.ninos(self.people).take(pa.array(shuffled))

    @cached_property
    def nhs_number(self) -> Whole:
        """Return each person's NHS number, with a right check digit."""
        shuffled = Draws(self.seed, "numbers").order("nhs", self.people)
        return numbers.nhs_numbers(self.people)[shuffled]

    def counts(self) -> dict[str, int]:
        """Return how much of everything there is, for a line on the screen."""
        return {
            "people": self.people,
            "households": len(self.households.kind),
            "homes": len(self.homes),
            "areas": len(self.areas),
            "people on an award": len(self.awards.person),
            "energy accounts": len(self.accounts.home),
            "offenders": len(self.offenders.person),
            "mentored": int(self.offenders.mentored.sum()),
        }


def build_city(people: int, seed: int, *, on_progress: OnProgress | None = None) -> City:
    """Build a city of exactly ``people`` people; the same seed gives the same city everywhere.

    Raises ``UsageRefused`` (CIT001, CIT002) when the size or the seed is out of range.
    """
    _check(people, seed)
    say = on_progress or _say_nothing
    draws = Draws(seed)
    say(0.0, "laying out areas")
    areas = build_areas(people, draws.part("areas"))
    say(0.1, "forming households")
    households = build_households(people, draws.part("households"))
    say(0.3, "building homes")
    homes = build_homes(households, areas, draws.part("homes"))
    say(0.5, "naming people")
    names, birth_day = _named(households, draws)
    say(0.8, "living lives")
    fifth = areas.fifth[homes.area]
    of_person = fifth[households.household]
    accounts = build_accounts(households, homes, draws.part("accounts"))
    awards = build_awards(households, fifth, draws.part("awards"))
    say(0.9, "recording offences")
    offenders = build_offenders(households, of_person, birth_day, draws.part("offenders"))
    city = City(
        people,
        seed,
        areas,
        households,
        homes,
        names,
        birth_day,
        limited(households.age, of_person, draws.part("health")),
        awards,
        accounts,
        offenders,
    )
    say(1.0, "the city stands")
    return _with_a_surname_na(city)


def _check(people: int, seed: int) -> None:
    problems = []
    if not _is_whole(people) or not FEWEST <= people <= MOST:
        problems.append(
            Problem(
                "CIT001",
                f"a city cannot have {people!r} people",
                why=f"the invented city holds a whole number from {FEWEST:,} to {MOST:,} people",
                next="ask for a number in that range",
            )
        )
    if not _is_whole(seed) or not 0 <= seed <= LARGEST_SEED:
        problems.append(
            Problem(
                "CIT002",
                f"{seed!r} cannot be a seed",
                why="the seed is a whole number from 0, so that the same city can be made again",
                next="give a whole number such as 1",
            )
        )
    if problems:
        raise UsageRefused(problems)


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _say_nothing(share: float, doing: str) -> None:
    """Take no notice of progress."""


def _named(households: Households, draws: Draws) -> tuple[Names, Whole]:
    """Turn ages into birth dates and name everybody."""
    today = int(np.datetime64(AS_OF, "D").astype(np.int64))
    birth_day = today - 1 - np.floor(households.age * _DAYS_PER_YEAR).astype(np.int64)
    year = _year(birth_day)
    names = name_people(households, year, draws.part("names"))
    # Some people whose papers gave only a year are recorded as born on 1 January.
    abroad = (names.group != GROUPS.index("british")) & (households.age >= 18)
    first = draws.happens("1 January", rates("surnames")["born_on_1_january"], len(year))
    new_year = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return names, np.where(abroad & first, new_year, birth_day)


def _year(day: Whole) -> Whole:
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _with_a_surname_na(city: City) -> City:
    """Make sure that some people bear the surname Na, which careless software reads as missing.

    One household on a live award that pays its own energy bill, and one mentored offender.
    """
    if city.people < _NA_FROM:
        return city
    names = city.names
    surname, double = names.surname.copy(), names.double.copy()
    born, born_double = names.born.copy(), names.born_double.copy()
    for person in _to_be_named_na(city):
        family = np.flatnonzero(city.home_of == city.home_of[person])
        family = family[surname[family] == surname[person]]
        surname[family] = born[family] = names.surnames.index("Na")
        double[family] = born_double[family] = NO_NAME
    renamed = replace(names, surname=surname, double=double, born=born, born_double=born_double)
    return replace(city, names=renamed)


def _to_be_named_na(city: City) -> list[int]:
    at_home = city.accounts.payer_is == 0
    on_award = city.awards.person[city.awards.live]
    payers = np.intersect1d(city.accounts.payer[at_home], on_award)
    mentored = city.offenders.person[city.offenders.in_study]
    return [int(group[0]) for group in (payers, mentored) if len(group)]
