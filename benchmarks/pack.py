"""What packing one file costs its owner: `equipoise pack` as a process of its own.

    python -m benchmarks.pack [--rows 100000 1000000] [--modes encoded exact enclave] [--out FILE]

The file is one agency's of the invented county (``linkage/kent.py``): a reference and six
identifiers, with that agency's errors. Printed for each size and mode: wall and CPU seconds, the
largest memory of the process, and the size of its parcels.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from benchmarks.linkage.city_files import SEED, TOWN
from benchmarks.linkage.kent import AGENCIES, agreement_text
from benchmarks.whole_run import COMMAND

AGENCY: Final = "gp"


def make_file(rows: int, cache: Path) -> Path:
    """Write the agency's CSV file of ``rows`` rows, town by town, unless it is there."""
    path = cache / f"pack-{rows}.csv"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("wb") as out:
        for number, start in enumerate(range(0, rows, TOWN)):
            table = _town(number, min(TOWN, rows - start), start, rows)
            pa_csv.write_csv(table, out, pa_csv.WriteOptions(include_header=start == 0))
    return draft.rename(path)


def _town(number: int, people: int, start: int, total: int) -> pa.Table:
    from equipoise.city import build_city, numbers
    from equipoise.city.agencies.record import Spoiler

    city = build_city(people, SEED + 100 + number)
    chance = np.random.default_rng([SEED, number])
    person = chance.permutation(people)
    spoiler = Spoiler(city, "tax_credits")
    spoiler.profile, has_number = AGENCIES[AGENCY]
    forename, surname = spoiler.names(person)
    home = city.home_of[person]
    postcode = spoiler.postcodes(spoiler.homes_on_file(home, home))
    nhs = numbers.nhs_numbers(total)[start : start + people]
    male = city.households.male[person].astype(np.int8)
    serial = pc.cast(pa.array(start + np.arange(people)), pa.string())
    return pa.table(
        {
            "reference": pc.binary_join_element_wise("GP", serial, ""),
            "nhs_number": pa.array(nhs[person], mask=chance.random(people) >= has_number),
            "forename": forename,
            "surname": surname,
            "sex": pa.array(["F", "M"]).take(pa.array(male)),
            "birth_date": spoiler.birth_dates(person),
            "postcode": pc.replace_substring(postcode, "EQ", f"T{chr(65 + number % 26)}"),
        }
    )


def measure(rows: int, mode: str, cache: Path) -> dict[str, object]:
    """Pack one file on a fresh practice site, and return what it took."""
    from equipoise.acts.sign import sign_all_for_practice
    from equipoise.acts.site import found_site

    file = cache / f"pack-{rows}.csv"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "agreement.yaml"
        source.write_text(agreement_text(mode), encoding="utf-8")
        site = found_site(Path(folder) / "site", name="Bench", practice=True)
        sign_all_for_practice(site, str(source))
        told = timed(
            ["pack", str(source), AGENCY, "--site", str(site.directory), "--data", str(file)]
        )
        parcels = sum(path.stat().st_size for path in site.directory.glob("parcels/*/*.parcel"))
    return {"rows": rows, "mode": mode, **told, "parcels_mb": round(parcels / 1e6, 1)}


def timed(arguments: list[str]) -> dict[str, float]:
    """Run one command; return its wall and CPU seconds and its own largest memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL)
    _, status, own = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(arguments[:2])} ended with {status}")
    return {
        "wall_s": round(wall, 1),
        "cpu_s": round(own.ru_utime + own.ru_stime, 1),
        "peak_mb": round(own.ru_maxrss / 1024),
    }


def main() -> None:
    """Measure, print a table, and write JSON where it is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--modes", nargs="+", default=["encoded", "exact", "enclave"])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "linkage-sets")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    # Files are made by others: a child's peak starts at what its parent held when it was started.
    fresh = multiprocessing.get_context("spawn")
    for rows in asked.rows:
        maker = fresh.Process(target=make_file, args=(rows, asked.cache))
        maker.start()
        maker.join()
    found = [measure(rows, mode, asked.cache) for rows in asked.rows for mode in asked.modes]
    heads = list(found[0])
    print("  ".join(f"{head:>12}" for head in heads))
    for row in found:
        print("  ".join(f"{row[head]!s:>12}" for head in heads))
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
