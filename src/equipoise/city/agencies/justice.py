"""The justice office's offenders, and the charity's list of the people it mentored."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.city import numbers, spoil
from equipoise.city.agencies.filing import Filed, shuffled
from equipoise.city.agencies.record import Spoiler, parts_of
from equipoise.city.build import City
from equipoise.city.draws import Draws, Whole
from equipoise.city.offending import OFFENCE_GROUPS
from equipoise.city.tables import rates

_COURTS: Final = ("Quay Street", "Minster Yard", "Crown Court", "Northgate")
_WORKERS: Final = ("team A", "team B", "team C")
_NO_RECORD: Final = -1


def police_numbers(city: City) -> pa.Array:
    """Return the police number of each index record, in order of ``city.offenders``."""
    offenders = city.offenders
    year, _, _ = parts_of(offenders.index_day)
    earlier = np.minimum(offenders.previous // 2, np.maximum(offenders.age - 15, 0))
    return numbers.pnc_ids(year - earlier, np.arange(1, len(year) + 1, dtype=np.int64))


def offenders(city: City) -> Filed:
    """Make the file of offence histories: one index record per person."""
    spoiler = Spoiler(city, "offenders")
    of = city.offenders
    count = len(of.person)
    forename, surname = spoiler.names(of.person)
    key = police_numbers(city)
    male = city.households.male[of.person]
    table = pa.table(
        {
            "pnc_id": key,
            "forename": forename,
            "surname": surname,
            "birth_date": spoiler.birth_dates(of.person),
            "sex": pc.if_else(pa.array(male), "M", "F"),
            "index_date": spoiler.dates(of.index_day),
            "age_at_index": pa.array(of.age),
            "custody": spoiler.yes_no(of.custody),
            "offence_group": pa.array(OFFENCE_GROUPS).take(pa.array(of.offence)),
            "previous_offences": pa.array(of.previous),
            "previous_custody": spoiler.yes_no(of.previous_custody),
            "employed_before": spoiler.yes_no(of.employed),
            "deprivation_fifth": pa.array(of.fifth),
            "reoffended": spoiler.yes_no(of.reoffended),
            "reoffences": pa.array(of.reoffences),
            "court": pa.array(_COURTS).take(
                pa.array(spoiler.draws.whole("court", len(_COURTS), count))
            ),
            "officer_in_case": pc.binary_join_element_wise(
                "PC ",
                pa.array(spoiler.draws.whole("officer", 900, count) + 100).cast(pa.string()),
                "",
            ),
        }
    )
    order = shuffled(np.arange(count), spoiler.draws.uniform("order", count))
    return Filed(table, key, of.person, city.home_of[of.person], order, spoiler.noted)


def cohort_people(city: City) -> tuple[Whole, Whole]:
    """Return who is on the charity's list, and each one's index record (-1 where there is none)."""
    of = city.offenders
    record = np.flatnonzero(of.mentored)
    share = rates("mentoring")["not_in_the_records"]
    wanted = round(len(record) * share / (1 - share))
    draws = Draws(city.seed, "files/cohort")
    young = (city.households.age >= 18) & (city.households.age < 60)
    young[of.person] = False
    others = np.flatnonzero(young)
    others = np.sort(others[draws.order("others", len(others))[:wanted]])
    return (
        np.concatenate([of.person[record], others]),
        np.concatenate([record, np.full(len(others), _NO_RECORD)]),
    )


def cohort(city: City) -> Filed:
    """Make the charity's list: people mentored, some of them unknown to the records."""
    spoiler = Spoiler(city, "cohort")
    plan = rates("mentoring")
    person, record = cohort_people(city)
    count = len(person)
    forename, surname = spoiler.names(person)
    key = pc.binary_join_element_wise(
        "N", pc.utf8_lpad(pc.cast(pa.array(np.arange(1, count + 1)), pa.string()), 5, "0"), ""
    )
    table = pa.table(
        {
            "member_no": key,
            "pnc_id": _known_police_numbers(city, spoiler, record),
            "forename": forename,
            "surname": surname,
            "birth_date": spoiler.birth_dates(person),
            "started_on": spoiler.dates(_started(city, spoiler, record)),
            "mobile": pc.binary_join_element_wise(
                "07700 900",
                pa.array(spoiler.draws.whole("mobile", 900, count) + 100).cast(pa.string()),
                "",
            ),
            "mentor": pa.array(_WORKERS).take(
                pa.array(spoiler.draws.whole("mentor", len(_WORKERS), count))
            ),
        }
    )
    again = np.flatnonzero(spoiler.draws.happens("twice", plan["entered_twice"], count))
    spoiler.noted.add("twice", again, count)
    rows = np.concatenate([np.arange(count), again])
    order = shuffled(rows, spoiler.draws.uniform("order", len(rows)))
    return Filed(table, key, person, city.home_of[person], order, spoiler.noted)


def _known_police_numbers(city: City, spoiler: Spoiler, record: Whole) -> pa.Array:
    knows = spoiler.draws.happens("knows pnc", rates("mentoring")["knows_pnc_id"], len(record)) & (
        record != _NO_RECORD
    )
    known = police_numbers(city).take(pa.array(record, mask=~knows))
    return spoiler.change("pnc_wrong", "pnc_id", known, knows, spoil.wrong_figure)


def _started(city: City, spoiler: Spoiler, record: Whole) -> Whole:
    """Return when mentoring began; for people without a record, a day within the same years."""
    days = city.offenders.started_day
    anyone = spoiler.draws.whole("started", max(len(days), 1), len(record))
    if not len(days):
        return np.zeros(len(record), dtype=np.int64)
    return np.where(record == _NO_RECORD, days[anyone], days[np.maximum(record, 0)])
