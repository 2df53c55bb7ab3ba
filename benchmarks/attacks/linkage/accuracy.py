"""How well each strength links: F1 on the sets of ``benchmarks/linkage``, beside Splink's there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median
from typing import Any, Final

import pyarrow.parquet as pq

from benchmarks.linkage.catalogue import SMALL
from benchmarks.linkage.run_ours import ONE_TO_ONE
from benchmarks.linkage.sets import DATA, prepare
from equipoise.carry.encode.record import STRENGTHS
from equipoise.carry.link import link_tables

SETS: Final = ("ons-census-cis", "ons-exercise", "febrl4", "pseudo-census-social")
"""Pairs of files with truth; the first is the one on which strengths were chosen."""
SPLINK: Final = Path(__file__).resolve().parents[2] / "linkage" / "results.json"
"""What ``python -m benchmarks.linkage`` found; Splink's F1 is taken from there."""
KEYS: Final = 3

Pair = tuple[Any, Any]


def measured(cache: Path, splink: Path = SPLINK) -> Iterator[dict[str, Any]]:
    """Yield F1 of links at a half or more for each set and strength, and Splink's where known.

    ``f1`` is the mean over several keys, ``low`` and ``high`` the least and the most.
    """
    theirs = json.loads(splink.read_text()) if splink.exists() else {"entries": []}
    for name in SETS:
        declared = SMALL[name]
        if not (DATA / declared.folder).is_dir():
            continue
        folder = prepare(declared, cache)
        left, right = str(folder / "left.parquet"), str(folder / "right.parquet")
        truth = _pairs(folder / "truth.parquet")
        for strength in STRENGTHS:
            found = []
            for number in range(KEYS):
                key = hashlib.blake2b(b"accuracy %d" % number, digest_size=32).digest()
                links = link_tables(
                    left, right, declared.fields, mode="encoded", strength=strength, key=key,
                    one_to_one=ONE_TO_ONE[declared.assign],
                )  # fmt: skip
                found.append(_f1(_of(links), truth))
            yield _row(declared.title, strength, found)
        f1 = [
            each["f1"] for each in theirs["entries"]
            if each["set"] == name and each["system"] == "splink" and "f1" in each
        ]  # fmt: skip
        if f1:
            yield _row(declared.title, "Splink", [median(f1)])


def _row(title: str, scheme: str, f1: list[float]) -> dict[str, Any]:
    told = {"f1": mean(f1), "low": min(f1), "high": max(f1)}
    return {"set": title, "scheme": scheme, **{k: round(v, 5) for k, v in told.items()}}


def _of(links: Any) -> set[Pair]:
    return set(zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True))


def _pairs(path: Path) -> set[Pair]:
    return _of(pq.read_table(path))


def _f1(pairs: set[Pair], truth: set[Pair]) -> float:
    return 2 * len(pairs & truth) / (len(pairs) + len(truth))
