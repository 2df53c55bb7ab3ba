"""Every attack against every scheme in every scene, one after another; a stopped run goes on."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from equipoise.carry.encode.record import STRENGTHS

from . import ceiling, equality, leaks, lookups, matching, patterns, together
from .case import Case
from .large import LARGE
from .outcome import Outcome
from .people import POPULATIONS, Population, city, needed, present, stage
from .schemes import SCHEMES, SeededKey

Attack = Callable[[Case], Iterator[Outcome]]

ATTACKS: Final[dict[str, Attack]] = {
    "dictionary": lookups.dictionary,
    "frequency": lookups.frequency,
    "patterns": patterns.patterns,
    "graph": matching.graph,
    "seeds": matching.seeds,
    "together": together.together,
    "plaintext": leaks.plaintext,
    "differential": matching.differential,
    "lengths": leaks.lengths,
    "joining": matching.joining,
    "membership": matching.membership,
    "households": leaks.households,
    "attributes": leaks.attributes,
    "ceiling": ceiling.ceiling,
}
"""Attacks on rows of bits, in the order in which they are run."""

CODES: Final = tuple(equality.SEEN)
"""What shows equal codes: attacked by ``equality`` alone."""


@dataclass(frozen=True)
class Plan:
    """Which scenes to stage and what to attack in them."""

    schemes: Sequence[str]
    sizes: Sequence[int]
    overlaps: Sequence[float]
    layouts: Sequence[str]
    seeds: Sequence[int]
    populations: Sequence[str]
    attacks: Sequence[str]
    keys: int = 4
    rounds: int = 100


@dataclass(frozen=True)
class Job:
    """One scene under one scheme."""

    scheme: str
    population: str
    layout: str
    overlap: float
    size: int
    seed: int


QUICK: Final = Plan(
    schemes=("none", "standard", "random", *CODES),
    sizes=(600,),
    overlaps=(1.0,),
    layouts=("strangers",),
    seeds=(1,),
    populations=("city",),
    attacks=tuple(ATTACKS),
    keys=2,
    rounds=15,
)
FULL: Final = Plan(
    schemes=("random", *STRENGTHS, *CODES),
    sizes=(1_000, 10_000, 50_000),
    overlaps=(1.0, 0.5, 0.25, 0.05),
    layouts=("strangers", "sample"),
    seeds=(1, 2, 3, 4, 5),
    populations=present(),
    attacks=tuple(ATTACKS),
)
_HUGE: Final = 50_000
_SLOW: Final = frozenset({"joining", "differential", "patterns", "membership", "attributes"})
"""Left out above ``LARGE`` records: they repeat the graph attack from other starts, or say of few
records what they would say of many."""
_OF_THE_REGISTER: Final = frozenset(
    {"graph", "seeds", "together", "plaintext", "membership", "equality"}
)
"""What depends on how many of the file's people are in the register; the rest runs at 100 %."""


def jobs(plan: Plan) -> list[Job]:
    """Return every scene of a plan that can be staged, the small ones first."""
    made = []
    for size in plan.sizes:
        for seed in plan.seeds[: 2 if size >= _HUGE else None]:
            for population in plan.populations:
                for layout in plan.layouts:
                    for overlap in plan.overlaps:
                        if layout == "sample" and overlap == 1.0 and "strangers" in plan.layouts:
                            continue  # the same as strangers at 100 %
                        if population != "city" and needed(size, overlap, layout) > len(
                            POPULATIONS[population](0, 0)
                        ):
                            continue
                        made += [
                            Job(scheme, population, layout, overlap, size, seed)
                            for scheme in plan.schemes
                        ]
    return made


def people(job: Job) -> Population:
    """Return the population of a job's scene; one city serves all scenes of a size and seed."""
    return POPULATIONS[job.population](2 * job.size, job.seed)


def attacked(job: Job, plan: Plan, done: set[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Run what is not done yet of one job; yield one row an outcome."""
    scene = stage(people(job), job.size, job.overlap, job.layout, job.seed)
    case = Case(scene, job.scheme, plan.keys, plan.rounds)
    chosen = {"equality": equality.equality} if job.scheme in CODES else {
        name: ATTACKS[name] for name in plan.attacks
        if job.size <= LARGE or name not in _SLOW
    }  # fmt: skip
    for name, attack in chosen.items():
        if job.overlap < 1 and name not in _OF_THE_REGISTER:
            continue
        if (name, *asdict(job).values()) in done:
            continue
        start = time.perf_counter()
        rows = [{"run": name, **asdict(job), **outcome.row()} for outcome in attack(case)] or [
            {"run": name, **asdict(job), "attack": name, "measure": "none"}
        ]
        rows[0]["seconds"] = round(time.perf_counter() - start, 1)
        yield from rows


def fingerprint(scheme: str) -> str:
    """Return what tells one making of a scheme from another: figures of an older one do not count.

    The digest of what fifty people of a fixed city look like under a fixed key.
    """
    table = city(1_000, 1).table.slice(0, 50)
    if scheme in CODES:
        seen = b"".join(code.tobytes() for code in equality.SEEN[scheme](table, SeededKey(5)))
    else:
        seen = SCHEMES[scheme](table, SeededKey(5)).tobytes()
    return hashlib.blake2b(seen, digest_size=6).hexdigest()


def run(plan: Plan, kept: Path, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Run a plan, adding to what ``kept`` (one JSON object a line) holds already; return it all.

    Rows about a scheme that has changed since are dropped, as ``read`` says.
    """
    rows = read(kept)
    keep(kept, rows)
    made = {scheme: fingerprint(scheme) for scheme in plan.schemes}
    done = {(row["run"], *(row[name] for name in Job.__dataclass_fields__)) for row in rows}
    todo = jobs(plan)
    start = time.perf_counter()
    for number, job in enumerate(todo, 1):
        before = time.perf_counter()
        with kept.open("a", encoding="utf-8") as lines:
            for row in attacked(job, plan, done):
                row["making"] = made[job.scheme]
                rows.append(row)
                lines.write(json.dumps(row) + "\n")
                lines.flush()
        spent, whole = time.perf_counter() - before, time.perf_counter() - start
        say(
            f"{number} of {len(todo)}: {job.scheme}, {job.population}, {job.size:,} records, "
            f"{job.overlap:.0%} {job.layout}, seed {job.seed}: {spent:.0f} s (in all {whole:.0f} s)"
        )
    return rows


def read(kept: Path) -> list[dict[str, Any]]:
    """Return the rows that a run has kept, of schemes as they are made now.

    A line cut short by a stop is left out.
    """
    if not kept.exists():
        return []
    rows = []
    for line in kept.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return current(rows)


def keep(kept: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as ``read`` reads them, one JSON object a line."""
    kept.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def current(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows about schemes as they are made now, by their fingerprints."""
    known = {row["scheme"] for row in rows} & {*SCHEMES, *CODES}
    now = {scheme: fingerprint(scheme) for scheme in known}
    return [row for row in rows if row.get("making") == now.get(row["scheme"], "gone")]
