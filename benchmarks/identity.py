"""How long it takes to know 100,000 new rows again in a register of a million, and what it costs to
link everything anew instead.

    python benchmarks/identity.py [--people 1000000] [--new 100000]

The register is made once from a file of all people. Then a file of new rows comes: nine in ten are
about people of the register, each token of theirs other with a chance of one in five, and the rest
about nobody known. Everything is measured in one process: seconds, and the peak of memory.
"""

from __future__ import annotations

import argparse
import resource
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from equipoise.carry.identity import (
    Batch,
    Register,
    Resolution,
    deliver,
    empty_register,
    exact_matcher,
    merge,
    replay,
    undo,
)
from equipoise.carry.identity.kept import as_table, from_table

RULES = tuple(f"person.{number}" for number in range(6))
SCHEMA = pa.schema([(name, pa.binary(16)) for name in RULES])
START = datetime(2027, 1, 1, tzinfo=UTC)
CHANGED = 0.2
STRANGERS = 0.1


@contextmanager
def timed(what: str) -> Iterator[None]:
    start, cpu = time.perf_counter(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(f"{what:54} {wall:7.2f} s  {cpu:7.2f} s CPU  peak {peak:,} MB")


def binary(words: np.ndarray) -> pa.Array:
    data = pa.py_buffer(np.ascontiguousarray(words).tobytes())
    return pa.Array.from_buffers(pa.binary(16), len(words), [None, data])


def rows(tokens: np.ndarray, rng: np.random.Generator) -> pa.Table:
    """Return rows with the tokens given (rules, rows, 2)."""
    ids = binary(rng.integers(0, 2**63, (tokens.shape[1], 2)))
    return pa.table({"row_id": ids, **{n: binary(tokens[k]) for k, n in enumerate(RULES)}})


def later(tokens: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return what a later file says: of people known, changed here and there, and of strangers."""
    known = int(count * (1 - STRANGERS))
    chosen = tokens[:, rng.choice(tokens.shape[1], known, replace=False)].copy()
    changed = rng.random(chosen.shape[:2]) < CHANGED
    chosen[changed] = rng.integers(0, 2**63, (int(changed.sum()), 2))
    strangers = rng.integers(0, 2**63, (len(RULES), count - known, 2))
    return np.concatenate([chosen, strangers], axis=1)


def take(register: Register, dataset: str, table: pa.Table, day: int) -> Register:
    made, taken = deliver(
        register,
        [Batch(dataset, table)],
        at=START + timedelta(days=day),
        draw=secrets.token_bytes,
        matcher=exact_matcher(RULES),
        resolution=Resolution(one_per_file=True),
        absent_for=timedelta(days=400),
    )
    print("   ", taken.sentences()[0])
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--new", type=int, default=100_000)
    wanted = parser.parse_args()
    rng = np.random.default_rng(7)
    tokens = rng.integers(0, 2**63, (len(RULES), wanted.people, 2))
    whole, fresh = rows(tokens, rng), rows(later(tokens, wanted.new, rng), rng)
    empty = empty_register("person", SCHEMA)
    with timed(f"make the register of {wanted.people:,}"):
        register = take(empty, "gp", whole, 0)
    with timed("write and read it as one table"):
        register = from_table(as_table(register))
    with timed(f"know {wanted.new:,} new rows again"):
        grown = take(register, "care", fresh, 1)
    with timed(f"the same by linking all {wanted.people + wanted.new:,} rows anew"):
        take(take(empty, "gp", whole, 0), "care", fresh, 1)
    with timed(f"the whole file of {wanted.people:,} delivered again"):
        take(grown, "gp", rows(tokens, rng), 2)
    said = {"at": START + timedelta(days=3), "actor": "linkage unit", "reason": "measured"}
    with timed("one merge and its undoing"):
        merged = merge(grown, 1, 2, **said)
        undo(merged, merged.events.num_rows, **said)
    with timed("replay every event from nothing"):
        replay(grown)


if __name__ == "__main__":
    main()
