"""Run: carry out one use, alone in a locked process, and check what comes out.

    requested -> permitted -> running -> computed -> checked -> in review   (or refused)

Each arrow is one transaction with its ledger entry. The reviewers and the release come after.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from equipoise.acts.admit import admitted
from equipoise.acts.link import missing_deliveries
from equipoise.acts.results import keep_results, outputs_digest, write_report
from equipoise.acts.rooms import run_directory
from equipoise.acts.shown import public_tables
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.carry.disclose import Checked, disclose
from equipoise.carry.outputs import Result
from equipoise.carry.uses import USES
from equipoise.errors import EquipoiseError, Problem, StateRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_use
from equipoise.gate.room import Job, Outcome, Progress, run_alone
from equipoise.store.changing import Change
from equipoise.store.facts import Person, Run

MEGABYTE = 1 << 20


def request_run(site: Site, parsed: Parsed, use: str, person: Person) -> Run:
    """Write down that somebody asks for a use. It has no effect on data."""
    name = f"{use}-{site.clock():%Y%m%d}-{secrets.token_hex(3)}"
    agreement = parsed.agreement
    if not site.store.knows(agreement.reference):
        raise StateRefused(
            Problem(
                "ACT050",
                f"{agreement.reference} is not signed here",
                next=f"equipoise sign AGREEMENT --as '{next(iter(agreement.parties))}'",
            )
        )
    with site.store.change(person.key) as change:
        change.request_run(agreement.reference, name, use, person)
        change.note("run requested", f"run:{name}", digest(agreement), use=use)
    return site.store.run(name)


def compute(
    site: Site,
    parsed: Parsed,
    run: Run,
    person: Person,
    *,
    on_progress: Progress = lambda share, doing: None,
) -> Run:
    """Carry out a requested (or interrupted) run as far as its review, or its refusal.

    Raises ``StateRefused`` (ACT051) when data are missing, ``GateRefused`` when the gate denies,
    and what stopped the process. A result that may not be reported is no error: the run is
    refused.
    """
    agreement = parsed.agreement
    if missing := missing_deliveries(site, agreement, "secure-room"):
        raise StateRefused(
            Problem(
                "ACT051",
                f"the secure room has not received {', '.join(missing)}",
                next="pack and receive them first, or let 'equipoise run' do both",
            )
        )
    roles = [role for role in agreement.uses[run.use].by if role in person.roles]
    role = roles[0] if roles else agreement.uses[run.use].by[0]
    request = to_use(agreement, run.use, person.party, person.name, role)
    with admitted(site, parsed, request) as passage:
        _move(site, run, "permit", "run permitted", permit=f"permit:{passage.permit.id}")
        tables = _tables(agreement, passage)
        _move(site, run, "start", "run started", rows=sum(t.num_rows for t in tables.values()))
        try:
            with run_directory(site, run.run) as directory:
                job = Job("use", agreement, run.use, tables)
                outcome = run_alone(
                    job,
                    directory,
                    on_progress=lambda share, doing: on_progress(share, f"{run.use}: {doing}"),
                )
        except EquipoiseError as error:
            codes = " ".join(sorted({problem.code for problem in error.problems}))
            _move(site, run, "interrupt", "run interrupted", codes=codes, cause="failed")
            raise
        checked = _check(agreement, run.use, outcome.result)
        kept = keep_results(passage, run.run, checked)
        passage.hashes["checked"] = outputs_digest(checked)
        _settle(site, parsed, run, outcome, checked, kept)
    done = site.store.run(run.run)
    facts = {
        "Agreement": f"{agreement.title} ({agreement.reference})",
        "Use": run.use,
        "Run": run.run,
        "State": done.state,
        "Asked for by": f"{person.name} ({person.party})",
        "Locks that held": ", ".join(outcome.locks),
    }
    write_report(
        site.folder("reports") / agreement.reference, agreement.title, facts, done, checked
    )
    return done


def _tables(agreement: Agreement, passage: Passage) -> dict[str, Any]:
    fields = passage.permit.request.datasets
    entities = {name: agreement.entities_of(name) for name in fields}
    return passage.pseudonymised(fields, entities)


def _move(site: Site, run: Run, act: str, told: str, **detail: Any) -> None:
    record = site.store.agreement(run.reference)
    with site.store.change("site/runner") as change:
        change.move_run(run.run, act)
        change.note(told, f"run:{run.run}", record.digest, **detail)


def _check(agreement: Agreement, use: str, result: Result) -> list[Checked]:
    releases = [release for release in agreement.releases if release.of == use]
    rooms = agreement.parties_in("secure room")
    return [
        disclose(output, agreement.outputs[use], releases=releases, secure_rooms=rooms)
        for output in result.outputs
    ]


def worst(checked: Sequence[Checked]) -> str:
    """Return the gravest verdict of a run's outputs."""
    order = {"pass": 0, "review": 1, "fail": 2}
    return max((each.verdict for each in checked), key=order.__getitem__, default="fail")


def _settle(
    site: Site,
    parsed: Parsed,
    run: Run,
    outcome: Outcome,
    checked: list[Checked],
    kept: list[dict[str, Any]],
) -> None:
    """Write down what was computed and what the check found; send the run to review or refuse it.

    It is one transaction: a crash before it leaves a run to be done again, never half a result.
    """
    agreement, result = parsed.agreement, outcome.result
    findings = [
        {"output": each.output.name, **asdict(finding), "evidence": dict(finding.evidence)}
        for each in checked
        for finding in each.findings
    ]
    failed = [
        Problem(str(f["code"]), str(f["what"]), why=f"output {f['output']}")
        for f in findings
        if f["verdict"] == "fail"
    ]
    reasons = [*result.refused, *failed]
    use = USES[agreement.uses[run.use].use]
    by_name = {each.output.name: each.output for each in checked}
    pictures = dict(use.pictures(agreement, run.use, by_name))
    with site.store.change("site/runner") as change:
        change.move_run(run.run, "compute")
        _note_computed(change, run, agreement, outcome)
        change.move_run(
            run.run,
            "check",
            facts=_facts(outcome, worst(checked), outputs_digest(checked)),
            findings=findings,
            sentences=list(use.describe(agreement, run.use, by_name)),
            reasons=[reason.as_dict() for reason in reasons],
            shown={"tables": public_tables(checked), "pictures": pictures, "outputs": kept},
        )
        _note_checked(change, run, agreement, checked, findings)
        if reasons:
            change.move_run(run.run, "refuse")
            codes = " ".join(sorted({reason.code for reason in reasons})[:20])
            change.note(
                "run refused",
                f"run:{run.run}",
                digest(agreement),
                reasons=len(reasons),
                codes=codes,
                checked=outputs_digest(checked),
            )
        else:
            change.move_run(run.run, "submit")


def _facts(outcome: Outcome, verdict: str, said: str) -> dict[str, Any]:
    return {
        **outcome.result.facts,
        "locks": list(outcome.locks),
        "missing_locks": dict(outcome.missing),
        "seconds": round(outcome.seconds, 2),
        "peak_memory_mb": outcome.peak_memory // MEGABYTE,
        "warnings": list(outcome.result.warnings),
        "verdict": verdict,
        "checked": said,
    }


def _note_computed(change: Change, run: Run, agreement: Agreement, outcome: Outcome) -> None:
    change.note(
        "run computed",
        f"run:{run.run}",
        digest(agreement),
        outputs=len(outcome.result.outputs),
        seconds=round(outcome.seconds, 2),
        peak_memory_mb=outcome.peak_memory // MEGABYTE,
        reasons=len(outcome.result.refused),
    )


def _note_checked(
    change: Change,
    run: Run,
    agreement: Agreement,
    checked: list[Checked],
    findings: list[dict[str, Any]],
) -> None:
    change.note(
        "run checked",
        f"run:{run.run}",
        digest(agreement),
        verdict=worst(checked),
        checked=outputs_digest(checked),
        outputs=len(checked),
        findings=len(findings),
        suppressed=sum(len(rows) for each in checked for rows in each.suppressed.values()),
    )
