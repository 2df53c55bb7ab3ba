"""The ONS census and customer files, linked by filters alone: within 0.01 of names in the clear."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.record import link_records

FILES = Path(__file__).parents[4] / "shared/data/linkage-ons-census-cis"
FIELDS = {"forename": "forename", "surname": "surname", "sex": "sex", "birth_date": "date",
          "postcode": "postcode", "address": "address"}  # fmt: skip
IN_THE_CLEAR = 0.995
"""F1 of Splink 5 on the same fields, one to one (measured for this project)."""


def _read(name: str) -> list[dict[str, str]]:
    with gzip.open(FILES / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _table(rows: list[dict[str, str]]) -> pa.Table:
    def date(row: dict[str, str]) -> str | None:
        parts = [row["dob_year"], row["dob_mon"], row["dob_day"]]
        return "-".join(part.zfill(2) for part in parts) if all(parts) else None

    names = {"forename": "pername1", "surname": "pername2", "sex": "sex", "postcode": "enumpc",
             "address": "enumcap"}  # fmt: skip
    columns = {field: [row[name] or None for row in rows] for field, name in names.items()}
    return pa.table({**columns, "birth_date": [date(row) for row in rows]})


@pytest.mark.skipif(not FILES.exists(), reason="the shared linkage files are not here")
@pytest.mark.parametrize(
    ("strength", "behind"), [("light", 0.01), ("standard", 0.01), ("high", 0.02)]
)
def test_filters_come_close_to_names_in_the_clear(strength: str, behind: float) -> None:
    census, cis = _read("census"), _read("cis")
    truth = {(row["record_id_census"], row["record_id_cis"]) for row in _read("truth")}
    key = ThrowAwayKey(b"record level filters, for tests!")
    left, right = (
        record_filters(_table(rows), FIELDS, key, STRENGTHS[strength]) for rows in (census, cis)
    )
    links = link_records(left, right)
    likely = links.probability >= 0.5
    found = {
        (census[i]["record_id"], cis[j]["record_id"])
        for i, j in zip(links.left[likely], links.right[likely], strict=True)
    }
    f1 = 2 * len(found & truth) / (len(found) + len(truth))
    assert f1 > IN_THE_CLEAR - behind
