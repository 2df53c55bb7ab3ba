"""Sites of a small invented city, at every stage of carrying its agreements out."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equipoise.account.ledger import Entry
from equipoise.account.verify import Verified, verify
from equipoise.acts.link import link
from equipoise.acts.pack import pack
from equipoise.acts.posts import analyst_for, checkers_for
from equipoise.acts.publish import export_ledger
from equipoise.acts.receive import receive
from equipoise.acts.release import release
from equipoise.acts.review import review
from equipoise.acts.run import compute, request_run
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site, found_site, open_site
from equipoise.clock import Clock, system_clock

ROOT = Path(__file__).parents[2]
FUEL, JUSTICE = "fuel-poverty", "justice-data-lab"
REBATE = "fuel-poverty-rebate@1"
SUPPLIERS = ("brightgas", "northlight", "homewarm")
DATASETS = ("tax_credits", "properties", *(f"customers_{name}" for name in SUPPLIERS))
REASON = "Looked at every count and at what each supplier learns."
STAGES = ("signed", "received", "linked", "in review", "approved", "released")


def text_of(example: str) -> str:
    """An example's agreement, in force for as long as anybody may run these tests."""
    text = (ROOT / "examples" / example / "agreement.yaml").read_text(encoding="utf-8")
    assert "ends: 2027-12-31" in text
    return text.replace("ends: 2027-12-31", "ends: 2099-12-31")


def written(folder: Path, example: str = FUEL, change: Callable[[str], str] = str) -> str:
    """Write an example's agreement, changed, into ``folder`` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{example}.yaml"
    path.write_text(change(text_of(example)), encoding="utf-8")
    return str(path)


def new_site(folder: Path, *, practice: bool = True, clock: Clock = system_clock) -> Site:
    return found_site(folder, name="Test site", practice=practice, clock=clock)


def deliver(site: Site, source: str, data: Path, datasets: tuple[str, ...] = DATASETS) -> None:
    """Pack and receive datasets."""
    for dataset in datasets:
        for path in pack(site, source, dataset, data).parcels:
            receive(site, source, path, keep_file=False)


def computed(site: Site, source: str, use: str = "entitled") -> str:
    """Ask for a use and carry it out as far as its review; return the run's name."""
    parsed = site.read(source)
    analyst = analyst_for(site, parsed.agreement, use)
    assert analyst is not None
    run = request_run(site, parsed, use, analyst)
    return compute(site, parsed, run, analyst).run


def approve_all(site: Site, run: str) -> None:
    found = site.store.run(run)
    agreement = site.frozen(found.reference).agreement
    for checker in checkers_for(site, agreement, found.use, found.requested_by)[:2]:
        review(site, run, checker, approve=True, reason=REASON)


@dataclass(frozen=True)
class Stages:
    """Copies of one site, one for each stage that it came through."""

    folder: Path
    source: str
    data: Path

    def at(self, stage: str, target: Path, clock: Clock = system_clock) -> Site:
        """Return a site of one's own that has come as far as ``stage``."""
        shutil.copytree(self.folder / stage, target)
        return open_site(target, clock=clock)


def make_stages(folder: Path, data: Path) -> Stages:
    """Carry the fuel poverty agreement out once, and keep a copy of the site at every stage."""
    source = written(folder)
    site = new_site(folder / "site")

    def keep(stage: str) -> None:
        shutil.copytree(site.directory, folder / stage)

    sign_all_for_practice(site, source)
    keep("signed")
    deliver(site, source, data)
    keep("received")
    link(site, source)
    keep("linked")
    run = computed(site, source)
    keep("in review")
    approve_all(site, run)
    keep("approved")
    release(site, run, site.person("Grace Adeyemi"))
    keep("released")
    return Stages(folder, source, data)


def the_run(site: Site) -> str:
    """Return the name of the newest run."""
    return site.store.runs()[-1].run


def customers(data: Path, supplier: str) -> list[dict[str, str]]:
    """Read a supplier's file; each was written in its own encoding and with its own delimiter."""
    content = (data / f"customers_{supplier}.csv").read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    delimiter = max(",;\t|", key=text.splitlines()[0].count)
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


class Ledger:
    """What is new on a site's ledger since this was made."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._from = len(site.store.entries())

    def new(self) -> tuple[Entry, ...]:
        return self._site.store.entries()[self._from :]

    def acts(self) -> list[str]:
        return [entry.act for entry in self.new()]

    def one(self, act: str) -> Entry:
        found = [entry for entry in self.new() if entry.act == act]
        assert len(found) == 1, f"{len(found)} entries of {act}"
        return found[0]


def verified(site: Site, folder: Path) -> Verified:
    """Export the ledger and check it as a stranger would."""
    path = folder / "exported.jsonl"
    export_ledger(site, path)
    return verify(path.read_bytes(), key=site.custody.site_key())


def codes(error: Any) -> list[str]:
    return [problem.code for problem in error.value.problems]


def no_work_left(site: Site) -> list[str]:
    """Return everything in the run directories that is not a lock."""
    return [p.name for p in site.folder("runs").rglob("*") if p.suffix != ".lock"]


def drafts(site: Site) -> list[str]:
    return [p.name for p in site.directory.rglob("*.part")]


def command(
    *arguments: object, cwd: Path | None = None, before: str = "", **kwargs: Any
) -> subprocess.CompletedProcess[str]:
    """Give a command as a person does, in a process of its own. ``before`` is Python run first."""
    words = [str(each) for each in arguments]
    python = [sys.executable, "-c", f"{before}\nfrom equipoise.cli.main import run; run()"]
    return subprocess.run(
        [*python, *words],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
        **kwargs,
    )


def environment() -> dict[str, str]:
    source = str(ROOT / "src")
    return {**os.environ, "PYTHONPATH": source, "COLUMNS": "100", "PYTHONUTF8": "1"}


def killed_when(happened: Callable[[], bool], *arguments: object) -> None:
    """Give a command and kill it with SIGKILL as soon as something has happened."""
    python = [sys.executable, "-c", "from equipoise.cli.main import run; run()"]
    process = subprocess.Popen(
        [*python, *map(str, arguments)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 120
    while not happened():
        assert process.poll() is None and time.monotonic() < until, "it ended before"
        time.sleep(0.005)
    process.kill()
    process.wait()


def killed_at(words: str, *arguments: object) -> str:
    """Give a command and kill it with SIGKILL as soon as it says ``words``; return what it said."""
    python = [sys.executable, "-u", "-c", "from equipoise.cli.main import run; run()"]
    process = subprocess.Popen(
        [*python, *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    guard = threading.Timer(300, process.kill)
    guard.start()
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            process.kill()
            break
    process.stdout.close()
    process.wait()
    guard.cancel()
    assert words in said, said
    return said
