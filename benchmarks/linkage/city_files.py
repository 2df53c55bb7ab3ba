"""Two agencies' files on the invented city, of any size: made in towns, written to a cache folder.

A register and a service each hold 60 % of the same people and 40 % of others. The people live
in households with families, twins and name-sakes (``equipoise.city``); each agency makes its own
errors at the rates below, with the city's own ways of making them. Towns of 700,000 people are
made one after another, each with postcodes of its own, so that memory does not grow with the size.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.linkage.cleaning import MACROS

SIZES: Final[Mapping[str, int]] = {
    "city-100k": 100_000,
    "city-1m": 1_000_000,
    "city-10m": 10_000_000,
}
"""Records a side."""
OVERLAP: Final = 0.6
TOWN: Final = 700_000
SEED: Final = 2026
FIELDS: Final = {
    "forename": "forename", "surname": "surname", "sex": "sex", "birth_date": "date",
    "postcode": "postcode",
}  # fmt: skip

REGISTER: Final[dict[str, Any]] = {
    "typing": 0.006, "misread": 0.004, "misheard": 0.004, "nickname": 0.015, "middle": 0.03,
    "old_surname": 0.06, "half_surname": 0.1, "hyphen": 0.15, "accents": 1.0, "old_address": 0.06,
    "birth_missing": 0.003, "birth_swapped": 0.004, "birth_typed": 0.006,
    "postcode_missing": 0.005, "postcode_typed": 0.004, "letter_case": "upper", "dates": "iso",
}  # fmt: skip
SERVICE: Final[dict[str, Any]] = {
    "typing": 0.025, "misread": 0.002, "misheard": 0.015, "nickname": 0.07, "initial": 0.02,
    "middle": 0.01, "names_swapped": 0.004, "old_surname": 0.1, "half_surname": 0.12,
    "hyphen": 0.2, "accents": 0.5, "spacing": 0.02, "old_address": 0.1, "birth_missing": 0.03,
    "birth_swapped": 0.01, "birth_typed": 0.012, "postcode_missing": 0.02,
    "postcode_typed": 0.008, "letter_case": "title", "dates": "iso",
}  # fmt: skip
_SEX_WRONG: Final = {"left": 0.002, "right": 0.006}
_PROFILES: Final = {"left": REGISTER, "right": SERVICE}

_TOO_LONG: Final = {
    ("city-1m", "anonlink"): "not run: it compares all 10^12 pairs, hours at its measured rate",
    ("city-10m", "anonlink"): "not run: it compares all 10^14 pairs, weeks at its measured rate",
}


def left_out(name: str, system: str) -> str:
    """Say why a system is not run on a set; nothing where it is."""
    return _TOO_LONG.get((name, system), "")


def prepare(name: str, cache: Path) -> Path:
    """Write both files, the truth and the task under ``cache`` unless they are there."""
    return prepare_size(name, SIZES[name], cache)


def prepare_size(name: str, records: int, cache: Path, town: int = TOWN) -> Path:
    """Write files of ``records`` a side (about: people are drawn one by one)."""
    into = cache / name
    if (into / "task.json").exists():
        return into
    pieces = into / "pieces"
    shutil.rmtree(into, ignore_errors=True)
    pieces.mkdir(parents=True)
    people = round(records * (2 - OVERLAP))
    towns = -(-people // town)
    for number in range(towns):
        size = people // towns + (number < people % towns)
        write_town(pieces, number, size)
    _join(pieces, into)
    shutil.rmtree(pieces)
    told = {
        "set": name, "task": "link", "assign": "one-to-one", "id": "record_id", "plan": "city",
        "tables": {"left": "left.parquet", "right": "right.parquet"}, "fields": FIELDS,
    }  # fmt: skip
    (into / "task.json").write_text(json.dumps(told, indent=2) + "\n")
    return into


def write_town(pieces: Path, number: int, people: int) -> None:
    """Build one town and write what each agency holds of it, with the person's number."""
    from equipoise.city import build_city
    from equipoise.city.agencies.record import Spoiler

    city = build_city(people, SEED + number)
    both = OVERLAP / (2 - OVERLAP)
    alone = (1 - OVERLAP) / (2 - OVERLAP)
    chance = np.random.default_rng([SEED, number]).random(people)
    held = {"left": chance < both + alone, "right": (chance < both) | (chance >= both + alone)}
    for side, profile in _PROFILES.items():
        spoiler = Spoiler(city, "tax_credits" if side == "left" else "customers_homewarm")
        spoiler.profile = profile
        person = np.flatnonzero(held[side])
        forename, surname = spoiler.names(person)
        home = city.home_of[person]
        postcode = spoiler.postcodes(spoiler.homes_on_file(home, home))
        male = city.households.male[person]
        wrong = spoiler.draws.happens("sex", _SEX_WRONG[side], len(person))
        table = {
            "person": person + number * TOWN * 2, "town": np.full(len(person), number),
            "forename": forename, "surname": surname,
            "sex": pa.array(["f", "m"]).take(pa.array((male ^ wrong).astype(np.int8))),
            "birth_date": spoiler.birth_dates(person), "postcode": postcode,
        }  # fmt: skip
        pq.write_table(pa.table(table), pieces / f"{side}-{number:03}.parquet")


def _join(pieces: Path, into: Path) -> None:
    """Clean, shuffle and number the rows of all towns; write the pairs of records of one person."""
    con = duckdb.connect()
    con.sql(f"set temp_directory = '{pieces / 'spill'}'; set memory_limit = '8GB'")
    con.sql(MACROS)
    area = "chr(65 + (town // 26)::int) || chr(65 + (town % 26)::int)"
    for side in ("left", "right"):
        con.sql(f"""copy (
            select '{side[0].upper()}' || left(md5('{side}' || person), 16) as record_id,
                given(forename) as forename, plain(surname) as surname, sex, birth_date,
                uk_postcode(replace(postcode, 'EQ', {area})) as postcode
            from '{pieces}/{side}-*.parquet' order by record_id
        ) to '{into}/{side}.parquet'""")
    con.sql(f"""copy (
        select 'L' || left(md5('left' || person), 16) as left_id,
            'R' || left(md5('right' || person), 16) as right_id
        from '{pieces}/left-*.parquet' semi join '{pieces}/right-*.parquet' using (person)
    ) to '{into}/truth.parquet'""")
