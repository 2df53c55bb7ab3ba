"""How fast fields are encoded, and how long a pair of rows takes to compare.

    python -m benchmarks.kernel [ROWS]        a million a side unless told; prints one JSON object

The people are drawn at random: forenames and surnames as skewed as real ones, of invented letters;
every second right row is a left one, of which some have a slip. Times are processor seconds of all
threads, and wall seconds; a machine that does other work shows it in the second only.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import kernel, kernel_native
from equipoise.carry.link.kernel import Rule
from equipoise.carry.link.levels import levels_of

FIELDS: dict[str, Kind] = {
    "forename": "forename",
    "surname": "surname",
    "born": "date",
    "postcode": "postcode",
    "sex": "sex",
    "address": "address",
}
RULES: tuple[Rule, ...] = (
    (("born", "exact"), ("sex", "exact")),
    (("forename", "nickname"), ("surname", "sound")),
    (("surname", "exact"), ("born", "year and month")),
    (("postcode", "exact"), ("born", "year")),
    (("postcode", "exact"), ("forename", "exact")),
)
_LETTERS = np.array(list("abcdefghiklmnoprstuw"))
_Made = TypeVar("_Made")


def words(rng: np.random.Generator, count: int, least: int, most: int) -> np.ndarray[Any, Any]:
    sizes = rng.integers(least, most, count)
    return np.array(["".join(rng.choice(_LETTERS, size)).capitalize() for size in sizes])


def skewed(rng: np.random.Generator, values: Any, rows: int) -> Any:
    weight = 1 / np.arange(1, len(values) + 1) ** 0.9
    return rng.choice(values, rows, p=weight / weight.sum())


def people(rng: np.random.Generator, rows: int, lists: dict[str, Any]) -> dict[str, Any]:
    born = np.datetime64("1930-01-01") + rng.integers(0, 33_000, rows)
    ends = words(rng, 400, 2, 3)
    towns = np.char.add("LS", np.arange(1, 30).astype(str))
    sectors = np.char.add(" ", rng.integers(1, 9, rows).astype(str))
    return {
        "forename": skewed(rng, lists["forenames"], rows),
        "surname": skewed(rng, lists["surnames"], rows),
        "born": born.astype(str),
        "postcode": np.char.add(
            np.char.add(rng.choice(towns, rows), sectors), np.char.upper(rng.choice(ends, rows))
        ),
        "sex": rng.choice(np.array(["M", "F"]), rows),
        "address": np.char.add(
            np.char.add(rng.integers(1, 200, rows).astype(str), " "),
            rng.choice(lists["streets"], rows),
        ),
    }


def slipped(rng: np.random.Generator, values: Any, share: float) -> Any:
    values = values.astype(object)
    for row in np.flatnonzero(rng.random(len(values)) < share):
        text, place = values[row], int(rng.integers(0, len(values[row])))
        values[row] = text[:place] + str(rng.choice(_LETTERS)) + text[place + 1 :]
    return values


def files(rows: int) -> tuple[pa.Table, pa.Table]:
    rng = np.random.default_rng(15)
    streets = words(rng, 20_000, 4, 9)
    ends = rng.choice(np.array([" Street", " Rd", " Avenue", " Close"]), len(streets))
    lists = {
        "forenames": words(rng, 40_000, 3, 9),
        "surnames": words(rng, 60_000, 4, 10),
        "streets": np.char.add(streets, ends),
    }
    left, right = people(rng, rows, lists), people(rng, rows, lists)
    known = rng.random(rows) < 0.5
    for name in left:
        right[name] = np.where(known, left[name], right[name])
    for name, share in (("forename", 0.06), ("surname", 0.06), ("address", 0.1)):
        right[name] = slipped(rng, right[name], share)
    tables = ({name: pa.array(list(side[name])) for name in side} for side in (left, right))
    one, two = (pa.table(columns) for columns in tables)
    return one, two


def timed(say: dict[str, Any], name: str, work: Callable[[], _Made]) -> _Made:
    wall, cpu = time.perf_counter(), time.process_time()
    made = work()
    say[name] = {
        "wall seconds": round(time.perf_counter() - wall, 3),
        "processor seconds": round(time.process_time() - cpu, 3),
    }
    return made


def measure(rows: int) -> dict[str, Any]:
    left, right = files(rows)
    key = ThrowAwayKey()
    say: dict[str, Any] = {"kernel": kernel.kernel_name(), "rows a side": rows}
    say["peak MB before"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    timed(say, "load the kernel", kernel_native.library)
    one = timed(say, "encode left", lambda: encode_fields(left, FIELDS, key))
    two = timed(say, "encode right", lambda: encode_fields(right, FIELDS, key))
    say["distinct values, right"] = {name: len(each.exact) for name, each in two.fields.items()}
    keyed = timed(say, "block keys", lambda: kernel.blocks_of(one, two, RULES))
    plan = timed(say, "lay out", lambda: kernel.plan_of(one, two))
    counted = timed(say, "count", lambda: kernel.count_patterns(one, two, keyed, plan=plan))
    weights = [
        np.linspace(0, 9, len(levels_of(kind))).astype(np.float32) for kind in FIELDS.values()
    ]
    for weight in weights:
        weight[:2] = 0, -5
    scored = timed(
        say, "score", lambda: kernel.score_pairs(one, two, keyed, weights, {}, 20.0, plan=plan)
    )
    pairs = int(counted.count.sum())
    say |= {"pairs": pairs, "patterns": len(counted.pattern), "pairs kept": len(scored.left)}
    for name in ("count", "score"):
        say[name]["ns a pair"] = round(say[name]["processor seconds"] / max(pairs, 1) * 1e9)
    say["peak MB after"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return say


if __name__ == "__main__":
    told = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
