"""Offenders, mentoring and its planted effect.

Each offender has two futures: reoffending within a year without mentoring and with it. Mentoring
lowers the chance of reoffending by the same planted amount for everybody. People with more
previous offences and without work come to the charity more often, so that a comparison which does
not account for this makes mentoring look worse than it is.

The same chance draw decides both futures, so the true effect on these very people (the *realised*
effect) is known beside the effect expected of people like them (the *planted* effect).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from equipoise.city.draws import Draws, Floats, Truths, Whole
from equipoise.city.households import Households
from equipoise.city.tables import rates

OFFENCE_GROUPS: Final = tuple(rates("index_sentence")["offence_group"])
INDEX_WINDOW: Final = ("2020-01-01", "2024-06-30")
"""Index dates fall in it, so that a year of follow-up and half a year for the courts fit."""
_DAYS_PER_YEAR: Final = 365.25


@dataclass(frozen=True)
class Offenders:
    """Index records, one per person, in order of person, with both futures."""

    person: Whole
    index_day: Whole  # days since 1970-01-01
    age: Whole  # at the index date
    custody: Truths
    offence: Whole  # position in OFFENCE_GROUPS
    previous: Whole
    previous_custody: Truths
    employed: Truths
    fifth: Whole
    chance: Floats  # of reoffending without mentoring
    untreated: Truths  # the future without mentoring
    treated: Truths  # the future with it
    more: Whole  # reoffences, if there is any
    mentored: Truths
    started_day: Whole  # where mentored; days since 1970-01-01
    reoffended: Truths  # what happened
    reoffences: Whole

    @property
    def in_study(self) -> Truths:
        """Return who was mentored from the index date on (others mentored began before it)."""
        return np.asarray(self.mentored & (self.started_day >= self.index_day))


@dataclass(frozen=True)
class _Past:
    """What is known of an offender on the index date."""

    age: Whole
    man: Truths
    custody: Truths
    offence: Whole
    previous: Whole
    previous_custody: Truths
    employed: Truths
    fifth: Whole


def build_offenders(
    households: Households, fifth: Whole, birth_day: Whole, draws: Draws
) -> Offenders:
    """Draw who has an index record, their past, both futures, and who was mentored."""
    person = _who(households, fifth, draws)
    count = len(person)
    start, end = (int(np.datetime64(day, "D").astype(np.int64)) for day in INDEX_WINDOW)
    index_day = start + draws.whole("index day", end - start + 1, count)
    age = ((index_day - birth_day[person]) / _DAYS_PER_YEAR).astype(np.int64)
    grown = age >= 18
    person, index_day, age = person[grown], index_day[grown], age[grown]
    past = _pasts(age, households.male[person], fifth[person], draws)
    plan = rates("mentoring")
    chance = _chances(past)
    turn = draws.uniform("reoffends", len(person))
    untreated = turn < chance
    treated = turn < chance + plan["effect"]
    mentored, started = _mentored(past, index_day, draws)
    reoffended = np.where(mentored, treated, untreated)
    more = _how_many(past, draws)
    return Offenders(
        person,
        index_day,
        age,
        past.custody,
        past.offence,
        past.previous,
        past.previous_custody,
        past.employed,
        past.fifth,
        chance,
        untreated,
        treated,
        more,
        mentored,
        started,
        reoffended,
        np.where(reoffended, more, 0),
    )


def _who(households: Households, fifth: Whole, draws: Draws) -> Whole:
    table = rates("offending")
    age = households.age
    chance = np.where(households.male, table["men"], table["women"])
    by_age = np.zeros(len(age))
    for low, high, factor in table["by_age"]:
        by_age[(age >= low) & (age < high)] = factor
    by_fifth = np.array(table["by_fifth"])[fifth - 1]
    return np.flatnonzero(draws.happens("offender", chance * by_age * by_fifth, len(age)))


def _pasts(age: Whole, man: Truths, fifth: Whole, draws: Draws) -> _Past:
    table = rates("index_sentence")
    count = len(age)
    years = np.minimum(age - 14, 22) / 15
    mean = table["previous_offences_mean"] * np.where(man, 1.1, 0.7) * years
    # A geometric draw, as few have very many: the inverse of its distribution.
    previous = np.floor(np.log1p(-draws.uniform("previous", count)) / -np.log1p(1 / mean))
    previous = np.minimum(previous, 60).astype(np.int64)
    previous[draws.happens("first time", table["first_time"], count)] = 0
    before = 1 - (1 - table["previous_custody_per_offence"]) ** previous
    previous_custody = draws.happens("previous custody", before, count)
    custody = draws.happens(
        "custody",
        np.clip(table["custody"] + 0.008 * (previous - 6) + 0.1 * previous_custody, 0.03, 0.9),
        count,
    )
    employed = draws.happens(
        "employed",
        np.clip(table["employed"] + 0.04 * (fifth - 3) - 0.008 * (previous - 6), 0.05, 0.9),
        count,
    )
    groups: dict[str, Any] = table["offence_group"]
    offence = draws.choose("offence", [float(share) for share in groups.values()], count)
    return _Past(age, man, custody, offence, previous, previous_custody, employed, fifth)


def _chances(past: _Past) -> Floats:
    """Return the chance of reoffending without mentoring, within the table's least and most."""
    table = rates("reoffending")
    by_offence = np.array([float(table[name]) for name in OFFENCE_GROUPS])[past.offence]
    odds = (
        table["intercept"]
        + table["per_ten_years_above_35"] * (past.age - 35) / 10
        + table["man"] * past.man
        + table["custody"] * past.custody
        + by_offence
        + table["per_previous_offence"]
        * np.minimum(past.previous, table["previous_offences_at_most"])
        + table["previous_custody"] * past.previous_custody
        + table["employed"] * past.employed
        + table["per_fifth_from_3"] * (past.fifth - 3)
    )
    return np.asarray(np.clip(1 / (1 + np.exp(-odds)), table["least"], table["most"]))


def _mentored(past: _Past, index_day: Whole, draws: Draws) -> tuple[Truths, Whole]:
    """Draw who was mentored, and from when; a few began before their index date."""
    plan = rates("mentoring")
    pull = (
        plan["per_previous_offence"] * np.minimum(past.previous, 25)
        + plan["custody"] * past.custody
        + plan["employed"] * past.employed
        + plan["per_ten_years_above_35"] * (past.age - 35) / 10
        + plan["previous_custody"] * past.previous_custody
        + plan["per_fifth_from_3"] * (past.fifth - 3)
    )
    weight = np.exp(pull)
    count = len(index_day)
    chance = plan["share_of_offenders"] * weight / (weight.mean() if count else 1.0)
    mentored = draws.happens("mentored", np.minimum(chance, 0.6), count)
    after = draws.whole("started", int(plan["began_within_days"]) + 1, count)
    early = draws.happens("began before", plan["began_before"], count)
    before = -30 - draws.whole("how long before", 300, count)
    return mentored, index_day + np.where(early, before, after)


def _how_many(past: _Past, draws: Draws) -> Whole:
    """Return how many reoffences there are if any: one, and a geometric number more."""
    mean = rates("reoffending")["reoffences_more_mean"] * (0.5 + past.previous / 15)
    more = np.floor(
        np.log1p(-draws.uniform("how many", len(mean))) / -np.log1p(1 / np.maximum(mean, 0.05))
    )
    return np.asarray(1 + np.minimum(more, 40).astype(np.int64))
