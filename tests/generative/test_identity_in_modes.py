"""Whatever an engine says, and wherever people move: what is promised of identities holds."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.carry.identity import (
    Batch,
    Register,
    Resolution,
    deliver,
    empty_register,
    merge,
    replay,
    undo,
)
from equipoise.carry.identity.compare import Comparer, Found
from equipoise.carry.identity.households import Households, carry_on, no_households, residents
from equipoise.carry.identity.register import numbers

START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMN = "p.filter"
FILES = st.lists(st.sampled_from("abcdefgh"), max_size=7)
DELIVERIES = st.lists(st.tuples(st.sampled_from(["gp", "care"]), FILES), min_size=1, max_size=4)


def token(text: str) -> bytes:
    return hashlib.blake2s(text.encode(), digest_size=16).digest()


def draw(turn: int) -> Any:
    return lambda size: hashlib.shake_256(f"draw {turn}".encode()).digest(size)


def at(turn: int) -> datetime:
    return START + timedelta(days=turn)


def says_anything(seed: int) -> Comparer:
    """A comparer whose engine gives any pairs of identities and rows any probabilities."""
    rng = np.random.default_rng(seed)

    def engine(held: pa.Table, identity: np.ndarray, new: pa.Table) -> Found:
        _, first = np.unique(identity, return_index=True)
        pairs = [(int(line), row) for line in first for row in range(new.num_rows)]
        kept = [pair for pair in pairs if rng.random() < 0.5]
        alone = rng.random(len(kept))
        left, right = (np.array([pair[n] for pair in kept], np.int64) for n in (0, 1))
        return Found(left, right, alone * rng.random(len(kept)), alone)

    return Comparer((), (COLUMN,), engine, lambda table: rng.random(table.num_rows) < 0.7)


def taken_in(deliveries: list[tuple[str, list[str]]], seed: int, word: str = "") -> Register:
    register = empty_register("person", pa.schema([(COLUMN, pa.binary(16))]))
    matcher = says_anything(seed)
    for turn, (dataset, file) in enumerate(deliveries):
        rows = {
            "row_id": pa.array([token(f"{turn} {n}") for n in range(len(file))], pa.binary(16)),
            COLUMN: pa.array([token(word + text) for text in file], pa.binary(16)),
        }
        register, _ = deliver(
            register, [Batch(dataset, pa.table(rows))], at=at(turn), draw=draw(turn),
            matcher=matcher, absent_for=timedelta(days=2),
            resolution=Resolution(one_per_file=True, accept=0.6, propose=0.6),
        )  # fmt: skip
    return register


@settings(max_examples=60, deadline=None)
@given(DELIVERIES, st.integers(0, 1000))
def test_history_comes_to_the_present_whatever_the_engine_says(
    deliveries: list[tuple[str, list[str]]], seed: int
) -> None:
    register = taken_in(deliveries, seed)
    then = replay(register)
    assert then.identity.tolist() == register.identity_of_records()[register.living].tolist()
    assert then.standing.tolist() == register.standing.tolist()


@settings(max_examples=60, deadline=None)
@given(DELIVERIES, st.integers(0, 1000))
def test_one_to_one_an_identity_has_one_record_of_a_file(
    deliveries: list[tuple[str, list[str]]], seed: int
) -> None:
    """A record that a file holds twice, the very same, is one record."""
    register = taken_in(deliveries, seed)
    here = register.records.filter(pa.array(register.living))
    who = register.identity_of_records()[register.living].tolist()
    seen: dict[tuple[str, int], set[bytes]] = {}
    for dataset, marks, identity in zip(
        here["dataset"].to_pylist(), here[COLUMN].to_pylist(), who, strict=True
    ):
        seen.setdefault((dataset, identity), set()).add(marks)
    assert all(len(marks) == 1 for marks in seen.values())


@settings(max_examples=60, deadline=None)
@given(DELIVERIES, st.integers(0, 1000), st.integers(0, 9), st.integers(0, 9), FILES)
def test_a_merge_is_undone_exactly_also_after_another_delivery(
    deliveries: list[tuple[str, list[str]]], seed: int, left: int, right: int, file: list[str]
) -> None:
    register = taken_in(deliveries, seed)
    if max(left, right) >= register.identities.num_rows or left == right:
        return
    if (register.standing[[left, right]] != -1).any():
        return
    said = {"actor": "linkage unit", "reason": "why"}
    merged = merge(register, left, right, at=at(10), **said)
    back = undo(merged, merged.events.num_rows, at=at(11), **said)
    assert back.identity_of_records().tolist() == register.identity_of_records().tolist()
    assert back.standing.tolist() == register.standing.tolist()
    assert back.identities["identifier"] == register.identities["identifier"]


@settings(max_examples=60, deadline=None)
@given(DELIVERIES, st.integers(0, 1000))
def test_identifiers_never_derive_from_rows(
    deliveries: list[tuple[str, list[str]]], seed: int
) -> None:
    """Other people under the same randomness have the same identifiers."""
    one, other = taken_in(deliveries, seed), taken_in(deliveries, seed, word="other ")
    assert one.identities["identifier"] == other.identities["identifier"]
    assert one.records[COLUMN] != other.records[COLUMN] or not one.records.num_rows


# -- households ----------------------------------------------------------------------------------

HOMES = st.dictionaries(st.integers(0, 11), st.sampled_from("vwxyz"), max_size=12)
YEARS = st.lists(HOMES, min_size=1, max_size=5)


def lived(years: list[dict[int, str]], word: str = "") -> list[Households]:
    """Household after household, as people move from home to home."""
    found, homes = [], no_households()
    for turn, where in enumerate(years):
        people = np.array(list(where), np.int64)
        dwelling = pa.array([token(word + home) for home in where.values()], pa.binary(16))
        living, _ = residents(people, dwelling, np.zeros(len(people), np.int64))
        homes, _ = carry_on(homes, living, at=at(365 * turn), draw=draw(turn))
        found.append(homes)
    return found


@settings(max_examples=60, deadline=None)
@given(YEARS)
def test_a_household_is_who_lives_together_and_everybody_is_in_one_at_most(
    years: list[dict[int, str]],
) -> None:
    for turn, (where, homes) in enumerate(zip(years, lived(years), strict=True)):
        crowded = {home for home, count in Counter(where.values()).items() if count > 6}
        now = homes.at(at(365 * turn)).to_pylist()
        placed = {line["person"]: line["household"] for line in now}
        assert len(placed) == len(now)
        assert placed.keys() == {p for p, home in where.items() if home not in crowded}
        for one, here in placed.items():
            for other, there in placed.items():
                assert (here == there) == (where[one] == where[other])


@settings(max_examples=60, deadline=None)
@given(YEARS)
def test_what_was_so_stays_told_and_what_ended_is_never_given_again(
    years: list[dict[int, str]],
) -> None:
    every = lived(years)
    last = every[-1]
    for turn, homes in enumerate(every):
        moment = at(365 * turn)
        assert last.at(moment).sort_by("person") == homes.at(moment).sort_by("person")
        ended = {n for n, line in enumerate(homes.households.to_pylist()) if line["ended"]}
        later = set(numbers(last.at(at(365 * len(years)))["household"]).tolist())
        assert not ended & later
    identifiers = last.households["identifier"].to_pylist()
    assert len(set(identifiers)) == len(identifiers)


@settings(max_examples=40, deadline=None)
@given(YEARS)
def test_household_identifiers_never_derive_from_homes(years: list[dict[int, str]]) -> None:
    one, other = lived(years)[-1], lived(years, word="other ")[-1]
    assert one.households["identifier"] == other.households["identifier"]
