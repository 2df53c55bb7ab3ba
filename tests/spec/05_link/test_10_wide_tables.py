"""Any number of fields may be declared: those that tell most are compared most finely."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import cluster_tables, kin, link_tables
from equipoise.carry.link.estimate import Model
from equipoise.carry.link.fitting import fitted
from equipoise.carry.link.kernel import plan_of
from equipoise.carry.link.kin import indicators
from equipoise.errors import DataRefused

KEY = bytes(range(32))
WORDS = ("river", "stone", "maple", "green", "north", "light", "early", "silver", "cedar", "amber")
PEOPLE, SHARED = 90, 60


def _two_tables(wide: int) -> tuple[pa.Table, pa.Table, dict[str, Kind]]:
    """Two tables of ``PEOPLE`` rows, ``SHARED`` of them the same people with a slip in one value of
    seven, described by ``wide`` fields of two words beside a name and a birth date."""
    chance = random.Random(11)
    kinds: dict[str, Kind] = {"name": "name", "born": "date"}
    kinds |= {f"note{number}": "text" for number in range(wide)}

    def person() -> dict[str, str]:
        born = f"{chance.randint(1930, 2004)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        notes = {name: " ".join(chance.choices(WORDS, k=2)) for name in kinds}
        return notes | {"born": born}

    def slipped(one: dict[str, str]) -> dict[str, str]:
        return {
            name: value[:-1] + "x" if name != "born" and chance.random() < 1 / 7 else value
            for name, value in one.items()
        }

    people = [person() for _ in range(2 * PEOPLE - SHARED)]
    left = [slipped(one) | {"id": str(at)} for at, one in enumerate(people[:PEOPLE])]
    right = [
        slipped(one) | {"id": str(at)}
        for at, one in enumerate(people)
        if at >= len(people) - PEOPLE
    ]
    return pa.Table.from_pylist(left), pa.Table.from_pylist(right), kinds


@pytest.mark.parametrize("wide", [24, pytest.param(40, marks=pytest.mark.slow)])
def test_people_are_found_by_more_fields_than_one_comparison_holds(wide: int) -> None:
    left, right, kinds = _two_tables(wide)
    links = link_tables(left, right, kinds, id="id", key=KEY)
    said = set(zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True))
    assert said == {(str(at), str(at)) for at in range(PEOPLE - SHARED, PEOPLE)}


def test_repeats_are_gathered_by_as_many() -> None:
    left, right, kinds = _two_tables(24)
    found = cluster_tables({"one": left, "two": right}, kinds, "id", key=KEY)
    of: dict[int, list[str]] = {}
    for row in found.to_pylist():
        of.setdefault(row["entity_id"], []).append(row["id"])
    assert sorted(len(ids) for ids in of.values()) == [1] * (2 * PEOPLE - 2 * SHARED) + [2] * SHARED
    assert all(len(set(ids)) == 1 for ids in of.values())


def test_what_tells_least_gives_way_first() -> None:
    rows = 40
    columns = {f"plain{number}": pa.array(["a", "b"] * (rows // 2)) for number in range(20)}
    columns |= {
        f"telling{number}": [f"{number} {at}" for at in range(rows)] for number in range(20)
    }
    kinds: dict[str, Kind] = dict.fromkeys(columns, "text")
    encoded = encode_fields(pa.table(columns), kinds, ThrowAwayKey(KEY))
    (narrow,) = fitted(encoded)
    plan_of(narrow, narrow)
    assert len(narrow.fields) == 32
    assert [name for name in columns if name.startswith("telling")] == [
        name for name in narrow.fields if name.startswith("telling")
    ]
    finely = {name for name, field in narrow.fields.items() if field.kind == "text"}
    assert finely and all(name.startswith("telling") for name in finely)
    same = narrow.fields["plain0"]
    assert same.kind == "code" and (same.codes == encoded.fields["plain0"].codes).all()


def test_what_fits_stays_as_it_is_and_what_is_unlike_is_refused() -> None:
    key = ThrowAwayKey(KEY)
    one = encode_fields(pa.table({"town": ["Leeds"]}), {"town": "place"}, key)
    other = encode_fields(pa.table({"town": ["Leeds"]}), {"town": "text"}, key)
    assert fitted(one, one) == (one, one)
    with pytest.raises(DataRefused, match="LNK101"):
        fitted(one, other)


def test_an_indicator_stands_for_each_level_that_is_met() -> None:
    levels = np.array([[2, 0], [1, 1]], np.int8)
    assert indicators(levels, (3, 2)).tolist() == [[0, 0, 1, 0, 0], [0, 1, 0, 0, 1]]


@pytest.mark.parametrize("held", [8_000_000, 30_000])
def test_kin_are_learned_from_all_patterns_or_from_a_sample(
    monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    """One pair in fifty is of two people of one surname and home: two of twelve fields agree."""
    monkeypatch.setattr(kin, "_HELD", held)
    chance = np.random.default_rng(5)
    fields, pairs, related = 12, 20_000, 400
    strange, same = np.array([0.0, 0.9, 0.1]), np.array([0.0, 0.05, 0.95])
    levels = (1 + (chance.random((pairs, fields)) < 0.1)).astype(np.int8)
    levels[:related, :2] = 2
    model = Model(
        tuple(f"f{at}" for at in range(fields)), (same,) * fields, (strange,) * fields, 1e-5
    )
    counts = np.ones(pairs, np.int64)
    (found,) = kin.learn_kin(model, levels, counts, float(pairs), [frozenset({"f0", "f1"})])
    by_chance = 0.01  # of strangers, so many agree on both; the class may take them in
    assert related / pairs * 0.7 < found.share < related / pairs + by_chance * 1.3
    assert all(found.levels[at][2] > 0.9 for at in (0, 1))
    assert all(found.levels[at][2] < 0.2 for at in range(2, fields))
