"""Rows per second and peak memory of intake, encoding and linking, beside plain ways of doing it.

    python benchmarks/intake_encode_link.py [PEOPLE ...] [--json FILE]

Files come from the invented city: the tax credit file is the spine, three energy suppliers join it,
under the agreement in ``examples/fuel-poverty``. PEOPLE is the size of the city (default 100000
1000000). Each size runs in a process of its own, so that its peak memory is its own; building the
city is neither timed nor counted. Peers, on the same files in the same run: pandas reading all
columns as text, and a loop that hashes one row at a time. They do less (no checks, no dates, no
standard forms), so they are a floor to stand beside, not a race.
"""

from __future__ import annotations

import argparse
import csv
import hmac
import json
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "fuel-poverty" / "agreement.yaml"
ENTITY = "person"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--json", type=Path, help="also write the figures here")
    asked = parser.parse_args()
    fresh = multiprocessing.get_context("spawn")
    results = []
    for people in asked.people:
        with tempfile.TemporaryDirectory() as folder:
            for step in (_write_city, _measure_to_file):
                child = fresh.Process(target=step, args=(people, folder))
                child.start()
                child.join()
                if child.exitcode:
                    raise SystemExit(f"{step.__name__} failed at {people:,} people")
            results.append(json.loads((Path(folder) / "figures.json").read_text()))
            show(results[-1])
    if asked.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version()}
        asked.json.write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")


def _write_city(people: int, folder: str) -> None:
    from equipoise.city import build_city, write_agencies

    agencies = ["tax_credits", *(f"customers_{name}" for name in
                                 ("brightgas", "northlight", "homewarm"))]  # fmt: skip
    write_agencies(build_city(people, 1), Path(folder), agencies=agencies)


def _measure_to_file(people: int, folder: str) -> None:
    (Path(folder) / "figures.json").write_text(json.dumps(measure(people, folder)))


def measure(people: int, folder: str) -> dict:
    """Run the three steps and the peers; return seconds, rows and megabytes."""
    import pyarrow as pa

    from equipoise.agree.parse import parse
    from equipoise.carry.encode import encode
    from equipoise.carry.intake import take_in
    from equipoise.carry.link import link
    from equipoise.carry.tables import TablesSession
    from equipoise.keys import KeyStore

    agreement = parse(EXAMPLE.read_text()).agreement
    entity = agreement.linkage.entities[ENTITY]
    files = {name: Path(folder) / f"{name}.csv" for name in (entity.spine, *entity.join)}
    keys = KeyStore(Path(folder) / "keys")
    keys.new_root("benchmark")
    keys.begin(agreement.agreement, agreement.version)

    def hasher(label: str):
        return keys.hasher("benchmark", agreement.agreement, agreement.version, label)

    start = _memory()
    timings, tables, encoded = {}, {}, {}
    began = _now()
    for name, path in files.items():
        clause = agreement.datasets[name]
        types = {field: agreement.field_type(name, field) for field in clause.fields}
        tables[name] = take_in(path, clause, types, today=date(2026, 6, 30)).table
    rows = sum(table.num_rows for table in tables.values())
    timings["intake"] = (*_since(began), _memory())
    began = _now()
    for name, table in tables.items():
        ids = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(16), table.num_rows, [None, pa.py_buffer(os.urandom(16 * table.num_rows))]
        )
        encoded[name] = encode(table, agreement, name, hasher, ids)
    timings["encode"] = (*_since(began), _memory())
    began = _now()
    found = link(TablesSession(encoded), agreement, ENTITY)
    timings["link"] = (*_since(began), _memory())
    timings |= _peers(files, len(entity.rules))
    return {
        "people": people, "rows": rows, "rules": len(entity.rules), "memory_before_mb": start,
        "linked": found.pairs.num_rows,
        "steps": {
            step: {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2),
                   "rows_per_second": round(rows / seconds), "peak_memory_mb": peak}
            for step, (seconds, cpu, peak) in timings.items()
        },
    }  # fmt: skip


def _peers(files: dict[str, Path], rules: int) -> dict[str, tuple[float, float, int]]:
    timings = {}
    forms = {name: _form(path) for name, path in files.items()}
    try:
        import pandas
    except ImportError:
        print("pandas is not installed: its line is left out")
    else:
        began = _now()
        for name, path in files.items():
            encoding, delimiter = forms[name]
            pandas.read_csv(path, dtype=str, sep=delimiter, encoding=encoding, na_filter=False)
        timings["peer: pandas.read_csv, text only"] = (*_since(began), _memory())
    began = _now()
    for name, path in files.items():
        encoding, delimiter = forms[name]
        with path.open(encoding=encoding, newline="") as file:
            for row in csv.DictReader(file, delimiter=delimiter):
                text = "|".join([row["surname"], row["forename"], row["birth_date"]]).encode()
                for _ in range(rules):
                    hmac.new(b"k" * 32, text, "sha256").digest()
    timings["peer: a loop with hmac.new, row by row"] = (*_since(began), _memory())
    return timings


def _form(path: Path) -> tuple[str, str]:
    from equipoise.carry.intake import read_source
    from equipoise.carry.intake.encoding import look

    seen = look(path).encoding
    header = path.open(encoding=seen, newline="").readline()
    count = len(read_source(path).header)
    return seen, next(sign for sign in ",;\t|" if header.count(sign) == count - 1)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    """Seconds on the clock and of processor time: on a busy machine only the second is fair."""
    return time.perf_counter() - began[0], time.process_time() - began[1]


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def show(made: dict) -> None:
    print(
        f"\n{made['people']:,} people, {made['rows']:,} rows, {made['rules']} rules, "
        f"{made['linked']:,} linked; {made['memory_before_mb']} MB before the first step"
    )
    print(f"{'step':42}{'seconds':>9}{'CPU s':>8}{'rows/s':>12}{'peak MB':>10}")
    for step, figures in made["steps"].items():
        print(
            f"{step:42}{figures['seconds']:>9.2f}{figures['cpu_seconds']:>8.2f}"
            f"{figures['rows_per_second']:>12,}"
            f"{figures['peak_memory_mb']:>10,}"
        )


if __name__ == "__main__":
    main()
