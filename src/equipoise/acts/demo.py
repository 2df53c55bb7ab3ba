"""The demonstration: two agreements on an invented city, from raw files to checked results, and
something to weigh.

Everything runs for real; only the city and the people are invented. At the end the results are held
against the truth that was planted, which no real site could do.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from equipoise.account.tell import sentence
from equipoise.account.verify import verify
from equipoise.acts.admit import permission
from equipoise.acts.demo_weigh import Filled, fill_weighing
from equipoise.acts.examples import example
from equipoise.acts.files import write_whole
from equipoise.acts.practice import enrol_cast
from equipoise.acts.publish import export_ledger, publish
from equipoise.acts.release import opened_package
from equipoise.acts.settings import SETTINGS
from equipoise.acts.site import FOLDERS, Site, found_site
from equipoise.acts.walk import Walked, walk
from equipoise.city import (
    EffectScore,
    Scores,
    build_city,
    score_effect,
    score_flags,
    write_agencies,
)
from equipoise.clock import Clock, system_clock
from equipoise.errors import GateRefused, Problem, StateRefused
from equipoise.gate.requests import to_release, to_use
from equipoise.gate.room import Progress
from equipoise.gate.terms import Request

QUIET = frozenset({"permit issued", "permit used", "permit closed", "key trusted"})
"""What the demonstration leaves untold: every step has its permit, and the ledger shows each."""

MARK, LEDGER = "demonstration.json", "ledger.jsonl"
Tell = Callable[[str], None]
OUTCOME = "one-year reoffending"
FUEL, JUSTICE = "fuel-poverty", "justice-data-lab"


@dataclass
class Shown:
    """What the demonstration came to."""

    site: Site
    flags: Scores | None = None
    effect: EffectScore | None = None
    filled: Filled | None = None
    walks: list[Walked] = field(default_factory=list)
    refusals: list[GateRefused] = field(default_factory=list)
    ledger: Path | None = None
    register: Path | None = None
    verified: int = 0


def _fresh(directory: Path) -> None:
    """Make room for the demonstration. Only what an earlier one left is removed."""
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()) and not (directory / MARK).is_file():
        raise StateRefused(
            Problem(
                "ACT091",
                f"{directory} holds something that is not a demonstration",
                why="the demonstration begins with an empty folder and would hide what is there",
                next="name another folder with --site",
            )
        )
    for name in (*FOLDERS, "data"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for path in (directory / SETTINGS, directory / LEDGER, *directory.glob("equipoise.sqlite3*")):
        path.unlink(missing_ok=True)


def demonstrate(
    directory: Path,
    *,
    people: int = 30_000,
    seed: int = 2026,
    clock: Clock = system_clock,
    tell: Tell = lambda told: None,
    heading: Callable[[str], None] = lambda title: None,
    on_progress: Progress = lambda share, doing: None,
) -> Shown:
    """Run the demonstration in ``directory`` and return what it came to.

    ``tell`` is given each step as the ledger tells it, ``heading`` each part's title. Raises
    ``StateRefused`` (ACT091) when the folder holds another site.
    """
    _fresh(directory)
    write_whole(directory / MARK, json.dumps({"people": people, "seed": seed}).encode())
    heading(f"An invented city of {people:,} people, and the files of its agencies")
    _write_files(directory / "data", people, seed, tell, on_progress)
    site = found_site(directory, name="Demonstration", practice=True, clock=clock)
    site.store.listener = lambda entry: None if entry.act in QUIET else tell(sentence(entry))
    shown = Shown(site)
    for name, title in (
        (FUEL, "Fuel poverty: each supplier learns yes or no for its own accounts"),
        (JUSTICE, "Justice data lab: did mentoring reduce reoffending?"),
    ):
        heading(title)
        source = str(example(name) / "agreement.yaml")
        if name == FUEL:
            _try_unsigned(site, source, shown, tell)
        shown.walks.append(
            walk(site, source, directory / "data", practice=True, on_progress=on_progress)
        )
        if name == FUEL:
            heading("A supplier asks for more than was agreed")
            _try_more(site, source, shown, tell)
    _score(site, shown, directory / "data")
    heading("People weigh what comes next")
    shown.filled = fill_weighing(site, seed=seed)
    heading("Anybody can check it")
    shown.ledger = directory / LEDGER
    export_ledger(site, shown.ledger)
    shown.verified = verify(shown.ledger.read_bytes(), key=site.custody.site_key()).entries
    shown.register = publish(site)
    return shown


def _write_files(data: Path, people: int, seed: int, tell: Tell, on_progress: Progress) -> None:
    city = build_city(people, seed, on_progress=on_progress)
    written = write_agencies(city, data, on_progress=on_progress)
    for name, file in written.files.items():
        tell(f"{file.holder} wrote {file.path.name}: {file.rows:,} rows ({name}).")


def _try_unsigned(site: Site, source: str, shown: Shown, tell: Tell) -> None:
    """Ask for the use before anybody has signed."""
    parsed = site.read(source)
    enrol_cast(site, parsed.agreement)
    use = parsed.agreement.uses["entitled"]
    request = to_use(parsed.agreement, "entitled", "rebate-team", "Nia Bowen", use.by[0])
    _refused(site, source, request, shown, tell)


def _try_more(site: Site, source: str, shown: Shown, tell: Tell) -> None:
    """Ask, as a supplier, for everybody's answers with the reasons, for marketing."""
    agreement = site.read(source).agreement
    lawful = to_release(agreement, "entitled", "brightgas", "brightgas", "Carys Penhale")
    greedy = Request(
        **{
            **{name: getattr(lawful, name) for name in Request.__dataclass_fields__},
            "purpose": "marketing a prepayment tariff to people on tax credits",
            "datasets": {"entitled": ("account", "flag", "on_credit")},
            "rows": "all",
        }
    )
    _refused(site, source, greedy, shown, tell)


def _refused(site: Site, source: str, request: Request, shown: Shown, tell: Tell) -> None:
    try:
        permission(site, site.read(source), request)
    except GateRefused as refused:
        shown.refusals.append(refused)
        for problem in refused.problems:
            tell(f"  {problem.code} {problem.what} ({problem.where()})")
    else:  # a demonstration that fails to refuse must not look like a success
        raise AssertionError("the gate allowed what it must refuse")


def _score(site: Site, shown: Shown, data: Path) -> None:
    truth = data / "truth"
    rebates = [run for walked in shown.walks for run in walked.runs if run.use == "entitled"]
    answers: dict[str, list[tuple[str, str]]] = {}
    for run in rebates:
        for released in run.releases:
            package = opened_package(
                site, released.recipient, (site.directory / released.path).read_bytes()
            )
            for name, content in package.files.items():
                if name.startswith("data/"):
                    rows = csv.DictReader(io.StringIO(content.decode("utf-8")))
                    answers[f"customers_{released.recipient}"] = [
                        (row["account"], row["flag"]) for row in rows
                    ]
    if answers:
        shown.flags = score_flags(truth, answers)
    shown.effect = effect_against_truth(shown, truth)


def effect_against_truth(shown: Shown, truth: Path) -> EffectScore | None:
    """Hold the released effect on reoffending against the planted one, if one was released."""
    for walked in shown.walks:
        for run in walked.runs:
            for table in run.shown.get("tables", ()) if run.state == "released" else ():
                for row in table["rows"]:
                    said = dict(zip(table["columns"], row, strict=True))
                    if table["name"].startswith("effect") and said["outcome"] == OUTCOME:
                        low, high, difference = (
                            float(said[name]) / 100 for name in ("low", "high", "difference")
                        )
                        return score_effect(truth, low, high, difference, outcome=OUTCOME)
    return None
