"""The whole way, as a person runs it: `equipoise run` of both agreements on the invented city.

    python benchmarks/whole_run.py [--people 100000 1000000] [--out FILE]

Each agreement is carried out by the command line in a process of its own, from the owners' files
to released and erased. Printed for each: rows taken in, wall and CPU seconds, rows a second, and
the largest memory of any one process. There is no peer that does the same whole; the parts have
theirs in ``intake_encode_link.py``. Figures are of one run: repeat and quote medians.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from equipoise.city import build_city, write_agencies

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
AGREEMENTS = {
    "fuel-poverty": (
        "tax_credits",
        "properties",
        "customers_brightgas",
        "customers_northlight",
        "customers_homewarm",
    ),
    "justice-data-lab": ("cohort", "offenders"),
}
COMMAND = (sys.executable, "-m", "equipoise.cli.main")


def timed(arguments: list[str]) -> dict[str, float]:
    """Run one command; return its wall and CPU seconds and the largest memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL)
    _, status, own = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if os.waitstatus_to_exitcode(status) not in (0, 6):
        raise SystemExit(f"{' '.join(arguments[:2])} ended with {status}")
    return {
        "wall_s": round(wall, 1),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_mb": round(max(own.ru_maxrss, after.ru_maxrss) / 1024),
    }


def measure(people: int, seed: int) -> list[dict[str, object]]:
    """Carry out both agreements on a city of ``people``."""
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        data, site = Path(folder) / "data", Path(folder) / "site"
        written = write_agencies(build_city(people, seed), data)
        timed(["init", "--site", str(site), "--practice"])
        for name, datasets in AGREEMENTS.items():
            rows = sum(written.files[dataset].rows for dataset in datasets)
            told = timed(
                ["run", str(EXAMPLES / name), "--site", str(site), "--data", str(data),
                 "--practice"]
            )  # fmt: skip
            found.append(
                {"people": people, "agreement": name, "rows": rows, **told,
                 "rows_per_s": round(rows / told["wall_s"])}
            )  # fmt: skip
    return found


def main() -> None:
    """Measure, print a table, and write JSON where it is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = [row for people in options.people for row in measure(people, options.seed)]
    heads = list(found[0])
    print("  ".join(f"{head:>16}" for head in heads))
    for row in found:
        print("  ".join(f"{row[head]!s:>16}" for head in heads))
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
