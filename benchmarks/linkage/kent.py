"""Five agencies of one county, from raw files to pseudonyms: how long, and how it grows.

    python -m benchmarks.linkage.kent [--people 150000,500000,1500000] [--mode encoded]

As in Kent's integrated data set, rows are joined on the NHS number where both have it, and by
encoded names, birth dates and postcodes where not; each row gets a keyed pseudonym of the person.
Each size runs in a process of its own. The files are invented (:mod:`.city_files`) and untimed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks.linkage.answer import Answer
from benchmarks.linkage.city_files import REGISTER, SEED, SERVICE, TOWN
from benchmarks.linkage.measure import resident

HERE: Final = Path(__file__).parent
HELD: Final = 0.9
"""How likely it is that an agency holds a person."""
AGENCIES: Final = {
    "gp": (REGISTER, 0.998), "hospital": (SERVICE, 0.97), "community": (SERVICE, 0.93),
    "mental_health": (SERVICE, 0.92), "social_care": (SERVICE, 0.75),
}  # fmt: skip
"""How each agency errs, and the share of its rows that have an NHS number."""
NUMBER_WRONG: Final = 0.003
_RULES: Final = (
    ("forename", "surname", "sex", "birth_date", "postcode"),
    ("forename", "surname", "birth_date"),
    ("forename", "birth_date", "postcode"),
)
"""Rules after the NHS number, in the mode ``exact``."""
_FIELDS: Final = ("nhs_number", "forename", "surname", "sex", "birth_date", "postcode")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", default="150000,500000,1500000", help="rows of each agency")
    parser.add_argument("--mode", default="encoded", choices=("exact", "encoded", "enclave"))
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "linkage-sets")
    parser.add_argument("--out", type=Path, default=HERE / "kent.json")
    asked = parser.parse_args()
    fresh = multiprocessing.get_context("spawn")
    for people in (int(one) for one in asked.people.split(",")):
        files = make_files(people, asked.cache)
        answer = asked.cache / "answers" / f"kent-{people}-{asked.mode}"
        shutil.rmtree(answer, ignore_errors=True)
        child = fresh.Process(target=run, args=(files, answer, asked.mode))
        child.start()
        peak = 0.0
        while child.exitcode is None:
            peak = max(peak, resident(child.pid or 0))
            child.join(0.2)
        if child.exitcode:
            sys.exit(f"failed at {people:,} people an agency")
        told = json.loads((answer / "done.json").read_text())
        told = {**told, "people": people, "peak_mb": max(told["peak_mb"], peak),
                **judge(files, answer)}  # fmt: skip
        _save(asked.out, told)
        print(json.dumps(told, indent=1))


def _save(path: Path, told: dict[str, Any]) -> None:
    known = json.loads(path.read_text())["sizes"] if path.exists() else []
    key = ("people", "mode")
    kept = [one for one in known if [one[k] for k in key] != [told[k] for k in key]]
    sizes = sorted([*kept, told], key=lambda one: (one["mode"], one["people"]))
    path.write_text(json.dumps({"cores": os.cpu_count(), "sizes": sizes}, indent=1) + "\n")


# -- the files -----------------------------------------------------------------------------------


def make_files(people: int, cache: Path, town: int = TOWN) -> Path:
    """Write each agency's CSV file of about ``people`` rows, and who is who, unless there."""
    into = cache / f"kent-{people}"
    if (into / "made").exists():
        return into
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    total = round(people / HELD)
    towns = -(-total // town)
    start = 0
    for number in range(towns):
        size = total // towns + (number < total % towns)
        _add_town(into, number, start, size, total)
        start += size
    (into / "made").touch()
    return into


def _add_town(into: Path, number: int, start: int, people: int, total: int) -> None:
    from equipoise.city import build_city, numbers
    from equipoise.city.agencies.record import Spoiler

    city = build_city(people, SEED + 100 + number)
    nhs = numbers.nhs_numbers(total)[start : start + people]
    for at, (agency, (profile, has_number)) in enumerate(AGENCIES.items()):
        chance = np.random.default_rng([SEED, number, at])
        person = np.flatnonzero(chance.random(people) < HELD)
        person = chance.permutation(person)
        spoiler = Spoiler(city, "tax_credits")
        spoiler.draws = city.draws.part(agency)
        spoiler.profile = profile
        forename, surname = spoiler.names(person)
        home = city.home_of[person]
        postcode = spoiler.postcodes(spoiler.homes_on_file(home, home))
        count = len(person)
        wrong = chance.random(count) < NUMBER_WRONG
        given = np.where(wrong, nhs[chance.integers(0, people, count)], nhs[person])
        serial = start * 2 + np.arange(count)
        reference = pc.binary_join_element_wise(
            agency[:2].upper(), pc.cast(pa.array(serial), pa.string()), ""
        )
        area = f"T{chr(65 + number % 26)}"
        table = pa.table(
            {
                "reference": reference,
                "nhs_number": pa.array(given, mask=chance.random(count) >= has_number),
                "forename": forename, "surname": surname,
                "sex": pa.array(["F", "M"]).take(
                    pa.array(city.households.male[person].astype(np.int8))
                ),
                "birth_date": spoiler.birth_dates(person),
                "postcode": pc.replace_substring(postcode, "EQ", area),
            }
        )  # fmt: skip
        with (into / f"{agency}.csv").open("ab") as out:
            header = pa_csv.WriteOptions(include_header=number == 0)
            pa_csv.write_csv(table, out, header)
        truth = pa.table({"reference": reference, "person": pa.array(start + person)})
        pq.write_table(truth, into / f"{agency}-truth-{number:03}.parquet")


# -- the work ------------------------------------------------------------------------------------


def run(files: Path, into: Path, mode: str) -> None:
    """Take in, encode, link and pseudonymise; write what each phase took."""
    from equipoise.agree.parse import parse
    from equipoise.carry.encode.outgoing import outgoing
    from equipoise.carry.intake import take_in
    from equipoise.carry.link import link
    from equipoise.carry.tables import TablesSession
    from equipoise.keys import KeyStore

    os.environ["LINKAGE_STARTED"] = repr(time.time())
    answer = Answer(into)
    parsed = parse(agreement_text(mode))
    agreement = parsed.agreement
    with tempfile.TemporaryDirectory() as kept:
        keys = KeyStore(Path(kept))
        keys.new_root("owners")
        keys.begin(agreement.agreement, agreement.version)

        def hasher(label: str) -> Any:
            return keys.hasher("owners", agreement.agreement, agreement.version, label)

        phases: dict[str, float] = {}
        encoded, references = {}, {}
        for agency in AGENCIES:
            clause = agreement.datasets[agency]
            types = {field: agreement.field_type(agency, field) for field in clause.fields}
            with _timed(phases, "intake: read, check, standardise"):
                taken = take_in(files / f"{agency}.csv", clause, types, today=date(2026, 6, 30))
            count = taken.table.num_rows
            ids = pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), count, [None, pa.py_buffer(os.urandom(16 * count))]
            )
            references[agency] = pa.table({"row_id": ids, "reference": taken.table["reference"]})
            with _timed(phases, f"encode ({mode})"):
                encoded[agency] = outgoing(taken.table, agreement, agency, hasher, ids)
            del taken
        with _timed(phases, "link"):
            found = link(TablesSession(encoded), agreement, "person")
        with _timed(phases, "pseudonyms, written"):
            _write_pseudonyms(found.members, references, hasher("pseudonym"), into)
    answer.done(mode=mode, phases=phases, when=datetime.now(UTC).strftime("%Y-%m-%d"))


@contextmanager
def _timed(phases: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    phases[name] = phases.get(name, 0.0) + time.perf_counter() - began


def _write_pseudonyms(
    members: pa.Table, references: dict[str, pa.Table], hasher: Any, into: Path
) -> None:
    rows = members["entity_row"].to_numpy()
    known, at = np.unique(rows, return_inverse=True)
    digests = hasher.digests([b"person %d" % one for one in known.tolist()])
    pseudonyms = digests.take(pa.array(at))
    members = members.append_column("pseudonym", pseudonyms).select(
        ["dataset", "row_id", "pseudonym"]
    )
    for agency, table in references.items():
        own = members.filter(pc.equal(members["dataset"].cast(pa.string()), agency))
        joined = own.select(["row_id", "pseudonym"]).join(table, "row_id")
        pq.write_table(joined.select(["reference", "pseudonym"]), into / f"{agency}.parquet")


def agreement_text(mode: str) -> str:
    """Return the agreement of the five agencies, in the mode asked for."""
    template = (HERE / "kent.yaml").read_text()
    dataset = "\n".join(
        f"  {agency}:\n    from: {agency.replace('_', '-')}\n    about: people known to it\n"
        "    fields:\n      reference: {is: reference, type: code, why: to hand pseudonyms back}\n"
        + "\n".join(
            f"      {name}: {{is: identifier, why: to find the same person}}" for name in _FIELDS
        )
        for agency in AGENCIES
    )
    more = f"      compare: [{', '.join(_FIELDS)}]\n"
    if mode == "exact":
        more = "".join(f"        - [{', '.join(rule)}]\n" for rule in _RULES)
    by = "public-health" if mode == "enclave" else "matching-service"
    return template.format(mode=mode, by=by, datasets=dataset, more=more)


# -- the truth -----------------------------------------------------------------------------------


def judge(files: Path, answer: Path) -> dict[str, float]:
    """Return precision and recall of links between the first agency and each other one."""
    people, pseudonyms = {}, {}
    for agency in AGENCIES:
        truth = _truth(files, agency)
        given = pq.read_table(answer / f"{agency}.parquet")
        at = pc.index_in(given["reference"], value_set=truth["reference"].combine_chunks())
        people[agency] = truth["person"].combine_chunks().take(at.combine_chunks()).to_numpy()
        pseudonyms[agency] = given["pseudonym"]
    first, *others = AGENCIES
    right = said = true = 0
    for agency in others:
        met = pc.index_in(pseudonyms[agency], value_set=pseudonyms[first].combine_chunks())
        linked = np.flatnonzero(met.is_valid().to_numpy())
        spine = met.fill_null(0).to_numpy()[linked]
        right += int((people[first][spine] == people[agency][linked]).sum())
        said += len(linked)
        true += len(np.intersect1d(people[first], people[agency]))
    return {"precision": right / max(said, 1), "recall": right / max(true, 1)}


def _truth(files: Path, agency: str) -> pa.Table:
    parts = sorted(files.glob(f"{agency}-truth-*.parquet"))
    return pa.concat_tables([pq.read_table(part) for part in parts]).combine_chunks()


if __name__ == "__main__":
    main()
