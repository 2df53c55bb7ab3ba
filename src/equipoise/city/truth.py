"""The truth beside the files: who is who, who is entitled, and the effects planted.

It is for scoring, training and tests. No agreement names it and no use may read it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from faker import VERSION as FAKER_VERSION

from equipoise.city.agencies import Filed
from equipoise.city.agencies.suppliers import account_numbers, dataset_of
from equipoise.city.build import AS_OF, City
from equipoise.city.homes import AGES, TENURES, TYPES
from equipoise.city.households import KINDS
from equipoise.city.lives import PAYERS, SUPPLIERS
from equipoise.city.names import GROUPS
from equipoise.city.tables import error_kinds, rates

COSTLY_FROM: Final = 60.0
"""The cost score from which a home counts as costly to heat, as the worked agreement has it."""
WHO_IS_WHO: Final = "who_is_who.csv"
ERRORS: Final = "errors.csv"
ENTITLED: Final = "entitled.csv"
EFFECTS: Final = "effects.json"
REASONS: Final = ("entitled", "no award", "award ended", "home not costly to heat")
OUTCOMES: Final = ("one-year reoffending", "offences in the year")


class Book:
    """The two lists that grow with each file: who is who, and which row suffered which error."""

    def __init__(self, directory: Path) -> None:
        self._who = directory / WHO_IS_WHO
        self._errors = directory / ERRORS
        self._who.write_text("dataset,row,key,person,home\n", encoding="utf-8")
        self._errors.write_text("dataset,row,kind\n", encoding="utf-8")

    def add(self, dataset: str, filed: Filed) -> None:
        """Add one file. Row 1 is the first row below the header."""
        order = filed.order
        rows = np.arange(1, len(order) + 1)
        who = {
            "dataset": pa.repeat(dataset, len(order)),
            "row": pa.array(rows),
            "key": filed.key.take(pa.array(order)),
            "person": _number(filed.person[order]),
            "home": _number(filed.home[order]),
        }
        _append(self._who, pa.table(who))
        for kind, parts in filed.noted.rows.items():
            hit = np.zeros(len(filed.key), dtype=np.bool_)
            for part in parts:
                hit[part] = True
            at = rows[hit[order]]
            _append(
                self._errors,
                pa.table(
                    {
                        "dataset": pa.repeat(dataset, len(at)),
                        "row": pa.array(at),
                        "kind": pa.repeat(kind, len(at)),
                    }
                ),
            )


def _number(numbers: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    return pa.array(numbers, mask=numbers < 0)


def _append(path: Path, table: pa.Table) -> None:
    with path.open("ab") as out:
        pa_csv.write_csv(
            table, out, pa_csv.WriteOptions(include_header=False, quoting_style="none")
        )


def write_truth(city: City, directory: Path, datasets: tuple[str, ...]) -> None:
    """Write everything that does not belong to one file."""
    _write(directory / "people.csv", people(city))
    _write(directory / "homes.csv", homes(city))
    suppliers = tuple(name for name in SUPPLIERS if dataset_of(name) in datasets)
    _write(directory / ENTITLED, entitled(city, suppliers))
    _write_json(directory / EFFECTS, effects(city))
    (directory / "README.md").write_text(_readme(city), encoding="utf-8")


def write_rates(directory: Path, errors: Mapping[str, Mapping[str, tuple[int, int]]]) -> None:
    """Write how many rows of each file suffered each kind of error, out of those that could."""
    body = {
        dataset: {kind: {"done": done, "able": able} for kind, (done, able) in kinds.items()}
        for dataset, kinds in errors.items()
    }
    _write_json(directory / "error_rates.json", body)


def _write(path: Path, table: pa.Table) -> None:
    pa_csv.write_csv(table, path)


def _write_json(path: Path, body: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def people(city: City) -> pa.Table:
    """Return everybody as they truly are."""
    everyone = np.arange(city.people)
    at_birth = np.ones(city.people, dtype=np.bool_)
    kinds = pa.array([name.replace("_", " ") for name in KINDS])
    names = city.names
    return pa.table(
        {
            "person": pa.array(everyone),
            "home": pa.array(city.home_of),
            "household": kinds.take(pa.array(city.households.kind[city.home_of])),
            "forename": names.forename_text(everyone),
            "surname": names.surname_text(everyone),
            "surname_at_birth": names.surname_text(everyone, at_birth=at_birth),
            "name_group": pa.array(GROUPS).take(pa.array(names.group)),
            "sex": pc.if_else(pa.array(city.households.male), "M", "F"),
            "birth_date": pa.array(city.birth_day.astype(np.int32)).cast(pa.date32()),
            "limited": _bit(city.limited),
            "nino": city.nino,
            "nhs_number": pa.array(city.nhs_number),
        }
    )


def homes(city: City) -> pa.Table:
    """Return all homes as they truly are."""
    of = city.homes
    return pa.table(
        {
            "home": pa.array(np.arange(len(of))),
            "uprn": pa.array(of.uprn),
            "address": of.address,
            "postcode": of.postcode,
            "area": pa.array(city.areas.code).take(pa.array(of.area)),
            "east": pa.array(of.place[:, 0]),
            "north": pa.array(of.place[:, 1]),
            "type": pa.array(TYPES).take(pa.array(of.type)),
            "built": pa.array(AGES).take(pa.array(of.built)),
            "floor_area": pa.array(of.floor_area),
            "cost_score": pa.array(of.cost_score),
            "tenure": pa.array(TENURES).take(pa.array(of.tenure)),
            "vacant": _bit(of.vacant),
        }
    )


def entitled(city: City, suppliers: tuple[str, ...]) -> pa.Table:
    """Return for each account whether it is entitled, and (for scoring only) why.

    An account is entitled when its holder is named on a live award and the home that it supplies
    has a cost score of at least 60: the agreement's two criteria, on true records.
    """
    of = city.accounts
    status = np.zeros(city.people, dtype=np.int64)  # 0 no award, 1 ended, 2 live
    status[city.awards.person] = np.where(city.awards.live, 2, 1)
    award = status[of.payer]
    costly = city.homes.cost_score[of.home] >= COSTLY_FROM
    why = np.where(award == 0, 1, np.where(award == 1, 2, np.where(costly, 0, 3)))
    wanted = np.flatnonzero(np.isin(of.supplier, [SUPPLIERS.index(name) for name in suppliers]))
    datasets = pa.array([dataset_of(name) for name in SUPPLIERS])
    table = {
        "dataset": datasets.take(pa.array(of.supplier)),
        "account": account_numbers(city),
        "entitled": _bit(why == 0),
        "why": pa.array(REASONS).take(pa.array(why)),
        "holder": pa.array(PAYERS).take(pa.array(of.payer_is)),
    }
    return pa.table(table).take(pa.array(wanted))


def _bit(truths: np.ndarray[Any, np.dtype[np.bool_]]) -> pa.Array:
    return pa.array(truths.astype(np.int8))


def effects(city: City) -> dict[str, Any]:
    """Return the planted and realised effects of mentoring, and the rates around them.

    ``planted`` is the mean effect expected on the mentored people, given who they are; ``realised``
    is the mean difference between their own two futures. Shares and counts per person; negative
    is fewer. Only people with an index record whose mentoring began on or after it count.
    """
    of = city.offenders
    study, plain = of.in_study, ~of.mentored
    effect = float(rates("mentoring")["effect"])
    # Where reoffending happens at all, its number does not depend on mentoring.
    planted_count = float((effect * of.more[study]).mean()) if study.any() else None
    saved = of.untreated.astype(np.int64) - of.treated
    return {
        "invented": True,
        "seed": city.seed,
        "people": city.people,
        "on": "people with an index record whose mentoring began on or after the index date",
        "mentored": int(of.mentored.sum()),
        "in the study": int(study.sum()),
        "records": len(of.person),
        "effects": {
            OUTCOMES[0]: {
                "unit": "share of people",
                "planted": effect,
                "realised": _mean(-saved[study]),
                **_rates_around(of.reoffended, of.untreated, study, plain),
            },
            OUTCOMES[1]: {
                "unit": "offences per person",
                "planted": planted_count,
                "realised": _mean((-saved * of.more)[study]),
                **_rates_around(of.reoffences, of.untreated * of.more, study, plain),
            },
        },
    }


_Figures = np.ndarray[Any, Any]


def _rates_around(
    happened: _Figures, untreated: _Figures, study: _Figures, plain: _Figures
) -> dict[str, float | None]:
    return {
        "naive": _difference(happened, study, plain),
        "rate of the mentored": _mean(happened[study]),
        "rate of the mentored without mentoring": _mean(untreated[study]),
        "rate of the rest": _mean(happened[plain]),
    }


def _mean(values: np.ndarray[Any, Any]) -> float | None:
    return float(values.mean()) if len(values) else None


def _difference(
    values: np.ndarray[Any, Any], one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]
) -> float | None:
    if not one.any() or not other.any():
        return None
    return float(values[one].mean() - values[other].mean())


def _readme(city: City) -> str:
    kinds = "\n".join(f"| {kind} | {what} |" for kind, what in error_kinds().items())
    return f"""# The truth of an invented city

Everybody and everything here is invented: {city.people:,} people, made by chance from seed
{city.seed}, as they were on {AS_OF:%d %B %Y}. Nobody here exists. Names are real names put
together at random, postcodes are of an area (EQ) that does not exist, telephone numbers are of the
range kept for drama, NHS numbers are of a range that is not given out, and the city lies in the
sea. Rates come from national publications or are assumed; the city package's `rates.toml` says
which. Common surnames come from Faker {FAKER_VERSION}.

These files are for scoring and tests. No agreement names them and no use may read them.

| file | what it holds |
|---|---|
| people.csv, homes.csv | everybody and every home as they truly are |
| who_is_who.csv | each row of each owner's file: the owner's key, the person and the home meant |
| entitled.csv | each energy account: entitled (1) or not (0), why, and who holds it |
| effects.json | the planted and realised effects of mentoring, and the naive difference |
| errors.csv, error_rates.json | which row suffered which error, and how many out of how many |

Row 1 is the first row below a file's header. A record entered twice has two rows.

| error | what it is |
|---|---|
{kinds}
"""
