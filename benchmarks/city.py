"""How long the invented city takes, and how much memory, by number of people.

    python benchmarks/city.py [PEOPLE ...]        (default: 10000 100000 1000000 1500000)

Each size runs in a process of its own, so that peak memory is its own: first the city, then all
owners' files and the truth. The table goes to the screen; with ``--json`` it is JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (10_000, 100_000, 1_000_000, 1_500_000)
SEED = 1


def measure(people: int) -> dict[str, float]:
    """Build and write one city in this process."""
    start = time.perf_counter()
    from equipoise.city import build_city, write_agencies

    loaded = time.perf_counter()
    city = build_city(people, SEED)
    built = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        written = write_agencies(city, Path(folder))
        rows = sum(file.rows for file in written.files.values())
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    done = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "people": people,
        "rows in owners' files": rows,
        "import s": round(loaded - start, 2),
        "build s": round(built - loaded, 2),
        "write s": round(done - built, 2),
        "wall s": round(done - start, 2),
        "cpu s": round(used.ru_utime + used.ru_stime, 2),
        "peak MB": round(used.ru_maxrss / 1024),
        "written MB": round(size / 1e6, 1),
    }


def main(arguments: list[str]) -> None:
    """Measure each size in a process of its own and print the table."""
    if arguments[:1] == ["--one"]:
        print(json.dumps(measure(int(arguments[1]))))
        return
    as_json = "--json" in arguments
    sizes = [int(size) for size in arguments if size != "--json"] or list(SIZES)
    rows = []
    for size in sizes:
        command = [sys.executable, __file__, "--one", str(size)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
        if not as_json:
            if len(rows) == 1:
                print(" | ".join(rows[0]))
            print(" | ".join(f"{value:,}" for value in rows[-1].values()), flush=True)
    if as_json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
