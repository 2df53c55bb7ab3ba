"""Whatever is done to a register: replaying its events gives it, and what is undone is undone."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
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
    exact_matcher,
    forget,
    keep_apart,
    merge,
    replay,
    split,
    undo,
)
from equipoise.carry.identity.register import CURRENT, RETIRED, UNBORN, numbers
from equipoise.errors import EquipoiseError

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("p.0", "p.1")

TOKENS = st.one_of(st.none(), st.sampled_from("abcdef"))
FILES = st.lists(st.tuples(TOKENS, TOKENS), max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("deliver"), st.sampled_from(["gp", "care"]), FILES, st.booleans(), st.booleans()
        ),
        st.tuples(st.sampled_from(["merge", "apart"]), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("split"), st.integers(0, 9), st.sets(st.integers(0, 12), max_size=3)),
        st.tuples(st.just("undo"), st.integers(1, 14)),
        st.tuples(st.just("forget"), st.sets(st.integers(0, 12), max_size=3)),
    ),
    max_size=10,
)


def token(text: str) -> bytes:
    return hashlib.blake2s(text.encode(), digest_size=16).digest()


def draw(turn: int) -> Any:
    return lambda size: hashlib.shake_256(f"draw {turn}".encode()).digest(size)


def table(file: list[tuple[str | None, str | None]], turn: int) -> pa.Table:
    columns = {
        name: pa.array([None if row[n] is None else token(row[n]) for row in file], pa.binary(16))  # type: ignore[arg-type]
        for n, name in enumerate(NAMES)
    }
    ids = pa.array([token(f"{turn} {n}") for n in range(len(file))], pa.binary(16))
    return pa.table({"row_id": ids, **columns})


def do(register: Register, step: tuple[Any, ...], turn: int) -> Register:
    at = START + timedelta(days=turn)
    said = {"at": at, "actor": "linkage unit", "reason": "why"}
    match step:
        case ("deliver", dataset, file, one, may):
            made, _ = deliver(
                register, [Batch(dataset, table(file, turn))], at=at, draw=draw(turn),
                matcher=exact_matcher(NAMES),
                resolution=Resolution(one_per_file=one, merge=may, propose=0.6),
                absent_for=timedelta(days=2),
            )  # fmt: skip
            return made
        case ("merge", left, right):
            return merge(register, left, right, **said)
        case ("apart", left, right):
            return keep_apart(register, left, right, **said)
        case ("split", identity, records):
            return split(register, identity, sorted(records), draw=draw(turn), **said)
        case ("undo", event):
            return undo(register, event, **said)
        case ("forget", records):
            gone = np.isin(numbers(register.records["record"]), list(records))
            return forget(register, gone, **said)
    raise AssertionError(step)


def steps_of(steps: list[tuple[Any, ...]]) -> list[Register]:
    """Do the steps that may be done, and return the register after each."""
    register = empty_register("person", pa.schema([(name, pa.binary(16)) for name in NAMES]))
    made = [register]
    for turn, step in enumerate(steps):
        with suppress(EquipoiseError):
            register = do(register, step, turn)
        made.append(register)
    return made


def present(register: Register) -> tuple[list[int], list[int], list[int]]:
    living = register.living
    return (
        numbers(register.records["record"])[living].tolist(),
        numbers(register.records["leaf"])[living].tolist(),
        register.standing.tolist(),
    )


def replayed(register: Register, at: datetime | None = None) -> tuple[list[int], ...]:
    state = replay(register, at)
    return state.records.tolist(), state.leaf.tolist(), state.standing.tolist()


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_replaying_all_events_from_nothing_gives_the_register(
    steps: list[tuple[Any, ...]],
) -> None:
    for register in steps_of(steps):
        assert replayed(register) == present(register)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_replaying_to_any_moment_gives_what_the_register_was(steps: list[tuple[Any, ...]]) -> None:
    """But for records erased since, which no history shows."""
    made = steps_of(steps)
    last = made[-1]
    left = set(last.records["record"].to_pylist())
    for turn, then in enumerate(made[1:]):
        records, leaf, standing = present(then)
        shown = [(r, at) for r, at in zip(records, leaf, strict=True) if r in left]
        was = replay(last, START + timedelta(days=turn))
        assert list(zip(was.records.tolist(), was.leaf.tolist(), strict=True)) == shown
        born = was.standing[was.standing != UNBORN].tolist()
        assert born == standing


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 9), st.integers(0, 9), st.sets(st.integers(0, 12), max_size=3))
def test_what_is_undone_at_once_leaves_nothing_changed(
    steps: list[tuple[Any, ...]], left: int, right: int, records: set[int]
) -> None:
    before = steps_of(steps)[-1]
    for step in (("merge", left, right), ("split", left, records)):
        with suppress(EquipoiseError):
            done = do(before, step, 50)
            after = do(done, ("undo", done.events.num_rows), 51)
            assert after.identity_of_records().tolist() == before.identity_of_records().tolist()
            standing = before.standing.tolist()
            assert after.standing.tolist()[: len(standing)] == standing


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_identifiers_are_never_given_again_and_the_retired_stay_so(
    steps: list[tuple[Any, ...]],
) -> None:
    made = steps_of(steps)
    for before, after in pairwise(made):
        ids = after.identities["identifier"].to_pylist()
        assert len(set(ids)) == len(ids)
        assert ids[: before.identities.num_rows] == before.identities["identifier"].to_pylist()
        retired = np.flatnonzero(before.standing == RETIRED)
        assert (after.standing[retired] == RETIRED).all()
        held = set(after.identity_of_records().tolist())
        current = set(np.flatnonzero(after.standing == CURRENT).tolist())
        assert held == current, "an identity is current exactly while it has a record"


@settings(max_examples=100, deadline=None)
@given(STEPS, FILES)
def test_the_machine_never_joins_what_people_hold_apart(
    steps: list[tuple[Any, ...]], file: list[tuple[str | None, str | None]]
) -> None:
    register = steps_of(steps)[-1]
    with suppress(EquipoiseError):
        said = do(register, ("apart", 0, 1), 60)
        after = do(said, ("deliver", "court", file, False, True), 61)
        roots = replay(after)
        assert roots.standing[0] != 1 and roots.standing[1] != 0
