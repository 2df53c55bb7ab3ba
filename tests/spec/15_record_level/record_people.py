"""Invented people for tests of record-level filters, their homes and spoiled second records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from equipoise.carry.encode.throwaway import ThrowAwayKey

FIELDS = {"forename": "forename", "surname": "surname", "birth_date": "date",
          "postcode": "postcode", "address": "address"}  # fmt: skip
KEY = ThrowAwayKey(b"record level filters, for tests!")
OTHER_KEY = ThrowAwayKey(b"another key of thirty-two bytes!")
_SYLLABLES = [a + b for a in "bdfghklmnprstvw" for b in "aeiou"]


def _names(count: int, draw: np.random.Generator) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(draw.choice(_SYLLABLES, draw.integers(2, 5))).upper()] = None
    return list(made)


@dataclass(frozen=True)
class Pair:
    """Two files about some of the same people: ``truth`` gives the left row of each right row, or
    -1; ``home`` is the home of each left row."""

    left: pa.Table
    right: pa.Table
    truth: np.ndarray
    home: np.ndarray


def table(rows: list[tuple[str | None, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(FIELDS)
    return pa.table(
        {
            name: pa.array(list(values), pa.string())
            for name, values in zip(FIELDS, columns, strict=True)
        }
    )


def people(count: int, seed: int = 1) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """Return people and their homes; those of one home share surname, postcode and address."""
    draw = np.random.default_rng(seed)
    forenames, surnames, streets = _names(400, draw), _names(900, draw), _names(200, draw)
    home = np.cumsum(draw.random(count) < 0.45)
    shared = {}
    for one in range(home[-1] + 1):
        place = f"LS{draw.integers(1, 9)} {draw.integers(1, 9)}{chr(65 + draw.integers(26))}{chr(65 + draw.integers(26))}"  # noqa: E501
        street = f"{draw.integers(1, 90)} {streets[draw.integers(200)]} ROAD"
        shared[one] = (surnames[int(900 * draw.random() ** 1.7)], place, street)
    rows = []
    for at in home:
        surname, place, street = shared[int(at)]
        born = np.datetime64("1930-01-01") + draw.integers(33_000)
        rows.append((forenames[int(400 * draw.random() ** 2)], surname, str(born), place, street))
    return rows, home


def spoiled(row: tuple[str, ...], draw: np.random.Generator) -> tuple[str | None, ...]:
    """Return a record as another office wrote it: each field may be missing, mistyped or moved."""
    made: list[str | None] = []
    for name, value in zip(FIELDS, row, strict=True):
        luck = draw.random()
        if luck < 0.02:
            made.append(None)
        elif luck < 0.08 and name != "birth_date":
            at = draw.integers(1, len(value) - 1)
            made.append(value[:at] + "AEIOU"[draw.integers(5)] + value[at + 1 :])
        elif luck < 0.05:
            made.append(value[:8] + f"{draw.integers(1, 29):02}")
        else:
            made.append(value)
    return tuple(made)


def two_files(count: int, seed: int = 1) -> Pair:
    """Return two files of ``count`` rows, of which six in ten are about the same people."""
    draw = np.random.default_rng(seed + 100)
    shared = int(0.6 * count)
    rows, home = people(2 * count - shared, seed)
    order = draw.permutation(len(rows))
    left, right = order[:count], draw.permutation(order[count - shared :])
    place = np.full(len(rows), -1)
    place[left] = np.arange(count)
    return Pair(
        table([rows[at] for at in left]),
        table([spoiled(rows[at], draw) for at in right]),
        place[right],
        home[left],
    )
