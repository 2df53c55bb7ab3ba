"""What a system is given and how it answers: read by every child, so it imports next to nothing."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

STARTED = "LINKAGE_STARTED"
"""Environment variable: the clock when the parent started this process (``time.time()``)."""


@dataclass(frozen=True)
class Job:
    """One set as a system sees it: tables by name, fields by kind; no truth."""

    name: str
    task: str
    assign: str
    id: str
    tables: Mapping[str, Path]
    fields: Mapping[str, str]
    plan: str

    @classmethod
    def read(cls, prepared: Path) -> Job:
        """Read ``task.json`` of a prepared folder."""
        told = json.loads((prepared / "task.json").read_text())
        tables = {name: prepared / file for name, file in told["tables"].items()}
        return cls(told["set"], told["task"], told["assign"], told["id"], tables, told["fields"],
                   told.get("plan", told["set"]))  # fmt: skip


class Answer:
    """An answer folder: links or clusters, then ``done.json`` with what it cost up to then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def pairs(self, left: pa.Array, right: pa.Array, probability: Any) -> None:
        """Write pairs with their probability or score."""
        table = pa.table({"left_id": left, "right_id": right, "probability": pa.array(probability)})
        self.table(table)

    def table(self, table: pa.Table) -> None:
        """Write pairs: columns left_id, right_id, probability."""
        pq.write_table(table, self.folder / "pairs.parquet")

    def clusters(self, table: pa.Table, cut: float | None = None) -> None:
        """Write clusters (table, id, entity_id): the decision, or those at another cut."""
        pq.write_table(table, self.folder / f"clusters{'' if cut is None else f'-{cut}'}.parquet")

    def done(self, **told: Any) -> None:
        """Say what the answer cost since the process began, and anything ``told`` beside."""
        own, children = (resource.getrusage(who) for who in
                         (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip
        cost = {
            "wall": time.time() - float(os.environ.get(STARTED, "nan")),
            "cpu": sum(use.ru_utime + use.ru_stime for use in (own, children)),
            "peak_mb": _highest() / 1024,
        }
        path = self.folder / "done.json"
        path.with_suffix(".part").write_text(json.dumps({**cost, **told}))
        path.with_suffix(".part").rename(path)


def _highest() -> int:
    """Return this process's highest resident kilobytes since it began, not its parent's before."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
