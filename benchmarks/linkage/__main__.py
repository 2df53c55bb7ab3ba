"""Run the linkage benchmark: ``python -m benchmarks.linkage --sets small``; see README.md beside.

Systems take turns within each run, so that ratios are of runs side by side. Every figure is saved
as soon as it is there, and what is there is not run again unless ``--again`` is given.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.linkage import city_files, report
from benchmarks.linkage.catalogue import SMALL
from benchmarks.linkage.measure import SYSTEMS, System, default_python, judge, run
from benchmarks.linkage.sets import prepare

HERE = Path(__file__).parent
GROUPS = {"small": tuple(SMALL), **{name: (name,) for name in city_files.SIZES}}
GROUPS["all"] = tuple(dict.fromkeys(name for names in GROUPS.values() for name in names))


def main() -> None:
    asked = _arguments()
    results = Results(asked.out)
    for name in _sets(asked.sets):
        prepared = _prepared(name, asked.cache)
        for number in range(1, asked.runs + 1):
            for system in asked.systems:
                _one(SYSTEMS[system], name, number, prepared, asked, results)
    if asked.out.parent.resolve() == HERE.resolve():
        report.write(results.read(), HERE)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", default="small", help=f"of {', '.join(GROUPS)}, or sets by name")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "linkage-sets")
    parser.add_argument("--peers-python", default=default_python(), help="Python with the peers")
    parser.add_argument("--limit", type=float, default=7200, help="seconds a system may take")
    parser.add_argument("--again", action="store_true", help="run what has figures already")
    asked = parser.parse_args()
    asked.systems = asked.systems.split(",")
    asked.sets = asked.sets.split(",")
    unknown = [one for one in asked.systems if one not in SYSTEMS]
    unknown += [one for one in asked.sets if one not in GROUPS and one not in SMALL]
    if unknown:
        parser.error(f"not known: {', '.join(unknown)}")
    return asked


def _sets(asked: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for one in asked for name in GROUPS.get(one, (one,))))


def _prepared(name: str, cache: Path) -> Path:
    if name in SMALL:
        return prepare(SMALL[name], cache)
    return city_files.prepare(name, cache)


def _one(
    system: System, name: str, number: int, prepared: Path, asked: Any, results: Results
) -> None:
    if not asked.again and results.has(name, system.name, number):
        return
    reason = city_files.left_out(name, system.name)
    answer = asked.cache / "answers" / name / system.name
    made: dict[str, Any] = {"set": name, "system": system.name, "run": number}
    if reason:
        results.add({**made, "failed": reason})
        return
    print(f"{name}, {system.name}, run {number} ...", flush=True)
    made["load_before"] = round(os.getloadavg()[0], 2)
    python = asked.peers_python if system.peer else default_python()
    # Clusters at other cuts come after the clock has stopped.
    sweep = ("--sweep",) if system.name == "splink" and number == 1 else ()
    watched = run(system, prepared, answer, python, limit=asked.limit, options=sweep)
    made |= {"when": datetime.now(UTC).strftime("%Y-%m-%d")}
    if watched.failed:
        results.add({**made, "failed": watched.failed})
        print(f"  failed: {watched.failed}", flush=True)
        return
    made |= {**watched.figures, **judge(prepared, answer)}
    results.add(made)
    print(
        f"  F1 {made['f1']:.4f}, {made['wall']:.1f} s, CPU {made['cpu']:.1f} s, "
        f"{made['peak_mb']:,.0f} MB",
        flush=True,
    )


class Results:
    """The figures on disk: one entry per set, system and run, written as soon as it is made."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """Return everything measured so far."""
        if self.path.exists():
            return dict(json.loads(self.path.read_text()))
        return {"machine": machine(), "entries": []}

    def has(self, name: str, system: str, number: int) -> bool:
        """Tell whether there are figures of this run."""
        return any(
            (one["set"], one["system"], one["run"]) == (name, system, number)
            for one in self.read()["entries"]
        )

    def add(self, entry: dict[str, Any]) -> None:
        """Save one entry in the place of any older one of the same run."""
        told = self.read()
        key = (entry["set"], entry["system"], entry["run"])
        kept = [one for one in told["entries"] if (one["set"], one["system"], one["run"]) != key]
        told = {"machine": machine(), "entries": [*kept, entry]}
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(told, indent=1) + "\n")
        part.rename(self.path)


def machine() -> dict[str, Any]:
    """Say what the figures were measured on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    versions = {name: metadata.version(name) for name in ("duckdb", "numpy", "pyarrow")}
    pins = (HERE / "requirements.txt").read_text().split()
    for pin in (pin for pin in pins if pin.startswith(("splink==", "anonlink==", "clkhash=="))):
        name, _, version = pin.partition("==")
        versions[name] = version
    return {
        "cores": os.cpu_count(), "memory_gb": round(pages / 2**30), "python":
        platform.python_version(), "versions": versions,
    }  # fmt: skip


if __name__ == "__main__":
    main()
