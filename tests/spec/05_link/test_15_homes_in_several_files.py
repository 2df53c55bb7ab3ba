"""Files gathered at once: those who share an address, a postcode and a telephone stay apart.

What goes with a home agrees together, so that three such fields looked like three witnesses that
two people are one. Each home here has its telephone; a person stands in about half of four files,
in some of them twice.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.link import cluster_tables

KEY = bytes(range(32))
FIELDS: dict[str, Kind] = {
    "name": "name",
    "born": "date",
    "address": "address",
    "postcode": "postcode",
    "phone": "phone",
}
HOMES, FILES = 700, 4


def word(draw: np.random.Generator, syllables: int) -> str:
    parts = [draw.choice(list("BDFGKLMNPRSTVW")) + draw.choice(list("AEIOU")) for _ in range(9)]
    return "".join(parts[:syllables])


def slip(draw: np.random.Generator, text: str) -> str:
    at = int(draw.integers(len(text)))
    return text[:at] + str(draw.choice(list("AEINORT"))) + text[at + 1 :]


def people(draw: np.random.Generator) -> list[dict[str, str]]:
    """Return the people of the homes, one to five of a surname in each."""
    forenames = [word(draw, 3) for _ in range(150)]
    surnames = [word(draw, 4) for _ in range(300)]
    streets = [word(draw, 4) + " ROAD" for _ in range(60)]
    found = []
    for home in range(HOMES):
        street = int(draw.integers(60))
        shared = {
            "address": f"{draw.integers(1, 150)} {streets[street]}",
            "postcode": f"EQ{street % 9 + 1} {street % 8 + 1}{'ABCDEFGH'[street // 8]}A",
            "phone": f"0113 {4960000 + home * 7}",
        }
        surname = draw.choice(surnames)
        for _ in range(int(draw.integers(1, 6))):
            day = np.datetime64("1935-01-01") + int(draw.integers(0, 30_000))
            name = f"{draw.choice(forenames)} {surname}"
            found.append({"name": name, "born": str(day), **shared})
    return found


def files(draw: np.random.Generator) -> tuple[dict[str, pa.Table], dict[tuple[str, str], int]]:
    """Return four files with slips and gaps, and who each of their rows is."""
    everybody = people(draw)
    tables, truth = {}, {}
    for number in range(FILES):
        rows = []
        for person, values in enumerate(everybody):
            for _ in range(int(draw.choice([0, 1, 2], p=[0.5, 0.42, 0.08]))):
                row: dict[str, str | None] = dict(values)
                if draw.random() < 0.1:
                    row["name"] = slip(draw, values["name"])
                for name, gone in (("born", 0.1), ("phone", 0.4)):
                    if draw.random() < gone:
                        row[name] = None
                row["id"] = f"{number}-{len(rows)}"
                truth[f"file {number}", str(row["id"])] = person
                rows.append(row)
        tables[f"file {number}"] = pa.Table.from_pylist(rows)
    return tables, truth


def pairs(groups: dict[tuple[str, str], int]) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    members: dict[int, list[tuple[str, str]]] = {}
    for row, group in groups.items():
        members.setdefault(group, []).append(row)
    return {
        (one, two)
        for rows in members.values()
        for one in sorted(rows)
        for two in sorted(rows)
        if one < two
    }


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_people_of_a_home_are_not_gathered_into_one(seed: int) -> None:
    tables, truth = files(np.random.default_rng(seed))
    found = cluster_tables(tables, FIELDS, "id", key=KEY)
    told = {(row["table"], row["id"]): row["entity_id"] for row in found.to_pylist()}
    said, real = pairs(told), pairs(truth)
    precision, recall = len(said & real) / len(said), len(said & real) / len(real)
    assert precision > 0.8
    assert recall > 0.98
