"""Small registers, made by hand: a row is written as its tokens, ``a1 b7 -``, one for each rule."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from equipoise.carry.identity import (
    Batch,
    Register,
    Resolution,
    Taken,
    deliver,
    empty_register,
    exact_matcher,
)

RULES = ("person.0", "person.1", "person.2")
TOKENS = pa.schema([(name, pa.binary(16)) for name in RULES])
ROWS = pa.schema([("row_id", pa.binary(16)), *TOKENS])
ONE = Resolution(one_per_file=True)
START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def day(number: int) -> datetime:
    """The moment of a delivery: so many days after the first of January."""
    return START + timedelta(days=number)


def drawing(seed: int = 1) -> Any:
    """A source of bytes that look random and are the same each time."""
    turns = itertools.count()
    return lambda size: hashlib.shake_256(f"{seed} {next(turns)}".encode()).digest(size)


def token(text: str) -> bytes | None:
    return None if text == "-" else hashlib.blake2s(text.encode(), digest_size=16).digest()


def rows(*lines: str, named: str = "") -> pa.Table:
    """Rows with tokens as written. Row ids are made of ``named`` and the place, and so differ
    between deliveries that are named differently."""
    columns: dict[str, list[bytes | None]] = {name: [] for name in RULES}
    for line in lines:
        for name, text in zip(RULES, line.split(), strict=True):
            columns[name].append(token(text))
    ids = [token(f"row {named} {place}") for place in range(len(lines))]
    return pa.table(
        {"row_id": ids, **columns}, schema=pa.schema([("row_id", pa.binary(16)), *TOKENS])
    )


def empty() -> Register:
    return empty_register("person", TOKENS)


def take(
    register: Register,
    number: int,
    deliveries: dict[str, Sequence[str]],
    *,
    resolution: Resolution = ONE,
    absent_days: int = 0,
    seed: int = 1,
) -> tuple[Register, Taken]:
    """Take a delivery in on day ``number``: dataset -> rows."""
    batches = [
        Batch(dataset, rows(*lines, named=f"{dataset} {number}"))
        for dataset, lines in deliveries.items()
    ]
    return deliver(
        register,
        batches,
        at=day(number),
        draw=drawing(seed + 100 * number),
        matcher=exact_matcher(RULES),
        resolution=resolution,
        absent_for=timedelta(days=absent_days),
    )


def who(register: Register) -> dict[str, list[int]]:
    """Return the identity of each living row, dataset by dataset, in the order of the file."""
    found: dict[str, list[int]] = {}
    identity = register.identity_of_records().tolist()
    living = register.living.tolist()
    ids = register.records["row_id"].to_pylist()
    names = register.records["dataset"].to_pylist()
    for dataset in dict.fromkeys(names):
        held = {ids[n]: identity[n] for n in range(len(ids)) if living[n] and names[n] == dataset}
        found[dataset] = [held[row] for row in _in_file_order(held, dataset)]
    return found


def _in_file_order(held: dict[bytes, int], dataset: str) -> Iterator[bytes]:
    for number in range(400):
        ours = [token(f"row {dataset} {number} {place}") for place in range(40)]
        yield from (row for row in ours if row is not None and row in held)
