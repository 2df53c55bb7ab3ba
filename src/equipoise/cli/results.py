"""Print what a walk or a run came to."""

from __future__ import annotations

from typing import Any

from equipoise.acts.site import Site
from equipoise.acts.walk import Walked
from equipoise.cli import show
from equipoise.store.facts import Run


def _as_dict(run: Run) -> dict[str, Any]:
    return {
        "run": run.run,
        "use": run.use,
        "state": run.state,
        "facts": dict(run.facts),
        "findings": [dict(finding) for finding in run.findings],
        "sentences": list(run.sentences),
        "reasons": [dict(reason) for reason in run.reasons],
        "tables": run.shown.get("tables", []),
        "reviews": [
            {"party": r.party, "name": r.name, "decision": r.decision} for r in run.reviews
        ],
        "releases": [{"to": r.recipient, "file": r.path} for r in run.releases],
    }


def show_run(site: Site, run: Run, *, json: bool) -> None:
    """Print one run: its tables, sentences, findings, reviews and releases."""
    if json:
        show.as_json(_as_dict(run))
        return
    show.say(f"\nRun {run.run}: {run.state}", style="bold")
    for table in run.shown.get("tables", ()):
        show.table(table["caption"], table["columns"], table["rows"])
    for sentence in run.sentences:
        show.say(f"- {sentence}")
    for finding in run.findings:
        show.say(f"  check {finding['verdict']}: {finding['code']} {finding['what']}")
    for done in run.reviews:
        show.say(f"  {done.name} ({done.party}) chose to {done.decision}: {done.reason}")
    for released in run.releases:
        show.say(f"  released to {released.recipient}: {site.directory / released.path}")


def show_walk(site: Site, walked: Walked, *, json: bool) -> None:
    """Print how far a walk came, and for whom it waits."""
    if json:
        show.as_json(
            {
                "agreement": walked.reference,
                "recovered": list(walked.recovered),
                "packed": {p.dataset: p.counts for p in walked.packed},
                "links": walked.links,
                "runs": [_as_dict(run) for run in walked.runs],
                "refused": [problem.as_dict() for problem in walked.refused],
                "waiting": walked.waiting,
                "erased": list(walked.erased),
                "register": str(walked.register),
            }
        )
        return
    for packed in walked.packed:
        for warning in packed.warnings:
            show.say(f"Worth a look in {packed.dataset}: {warning.sentence()}")
    for sentence in walked.links:
        show.say(sentence)
    for run in walked.runs:
        show_run(site, run, json=False)
    for waiting in walked.waiting:
        show.say(f"Waiting: {waiting}", style="yellow")
    if walked.waiting:
        show.say("Then go on: give this command again.", style="yellow")
    show.say(f"\nRegister: {walked.register}")
