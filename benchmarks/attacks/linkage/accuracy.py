"""How well each strength links: precision, recall and F1 on files with truth."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.link.record import link_records

from .people import SHARED
from .schemes import SeededKey

Pair = tuple[pa.Table, pa.Table, dict[str, Kind], set[tuple[int, int]]]

_KEY = 77


def _rows(folder: str, file: str) -> list[dict[str, str]]:
    with gzip.open(SHARED / folder / file, "rt", encoding="utf-8", newline="") as lines:
        return [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(lines)]


def _date(year: str, month: str, day: str) -> str | None:
    return f"{int(year):04d}-{int(month):02d}-{int(day):02d}" if year and month and day else None


def ons() -> Pair:
    """Return the census and the customer file made at ONS."""
    names = {"forename": "pername1", "surname": "pername2", "sex": "sex", "postcode": "enumpc"}
    tables, place = [], []
    for file in ("census", "cis"):
        rows = _rows("linkage-ons-census-cis", f"{file}.csv.gz")
        columns = {k: [r[v] or None for r in rows] for k, v in names.items()}
        columns["birth_date"] = [_date(r["dob_year"], r["dob_mon"], r["dob_day"]) for r in rows]
        tables.append(pa.table(columns))
        place.append({r["record_id"]: i for i, r in enumerate(rows)})
    truth = {
        (place[0][r["record_id_census"]], place[1][r["record_id_cis"]])
        for r in _rows("linkage-ons-census-cis", "truth.csv.gz")
    }
    kinds: dict[str, Kind] = {
        "forename": "forename", "surname": "surname", "birth_date": "date", "sex": "sex",
        "postcode": "postcode",
    }  # fmt: skip
    return tables[0], tables[1], kinds, truth


def febrl() -> Pair:
    """Return Febrl's fourth pair of files; the social security number is left out."""
    kinds: dict[str, Kind] = {
        "given_name": "forename", "surname": "surname", "birth_date": "date",
        "postcode": "number", "address_1": "address", "suburb": "place",
    }  # fmt: skip
    tables, place = [], []
    for file in ("a", "b"):
        rows = _rows("linkage-febrl", f"dataset4{file}.csv.gz")
        born = [r["date_of_birth"] for r in rows]
        columns = {k: [r.get(k) or None for r in rows] for k in kinds if k != "birth_date"}
        columns["birth_date"] = [_date(b[:4], b[4:6], b[6:]) if len(b) == 8 else None for b in born]
        tables.append(pa.table(columns))
        place.append({r["rec_id"].split("-")[1]: i for i, r in enumerate(rows)})
    truth = {(at, place[1][number]) for number, at in place[0].items()}
    return tables[0], tables[1], kinds, truth


SETS: Final = {
    "ONS census and CIS": (ons, "linkage-ons-census-cis"),
    "Febrl 4": (febrl, "linkage-febrl"),
}


def measured() -> Iterator[dict[str, Any]]:
    """Yield precision, recall and F1 of links at a half or more, for each set and strength."""
    for name, (load, folder) in SETS.items():
        if not (SHARED / folder).is_dir():
            continue
        left, right, kinds, truth = load()
        for strength in STRENGTHS.values():
            key = SeededKey(_KEY)
            links = link_records(
                record_filters(left, kinds, key, strength),
                record_filters(right, kinds, key, strength),
            )
            firm = links.probability >= 0.5
            pairs = set(zip(links.left[firm].tolist(), links.right[firm].tolist(), strict=True))
            yield {"set": name, "scheme": strength.name, **_scores(pairs, truth)}


def _scores(pairs: set[tuple[int, int]], truth: set[tuple[int, int]]) -> dict[str, float]:
    right = len(pairs & truth)
    precision = right / len(pairs) if pairs else 0.0
    recall = right / len(truth)
    f1 = 2 * right / (len(pairs) + len(truth)) if right else 0.0
    return {k: round(float(np.round(v, 5)), 5) for k, v in
            {"precision": precision, "recall": recall, "f1": f1}.items()}  # fmt: skip
