"""Run: carry out one use, alone in a locked process, and check what comes out.

    requested -> permitted -> running -> computed -> checked -> in review   (or refused)

Each arrow is one transaction with its ledger entry. The reviewers and the release come after.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.link import missing_deliveries
from equipoise.acts.results import keep_results, outputs_digest, write_report
from equipoise.acts.rooms import CUT_OFF, run_directory
from equipoise.acts.shown import public_tables
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import datasets_read
from equipoise.agree.sign import required_signatories
from equipoise.carry.disclose import Checked, disclose
from equipoise.carry.outputs import Result
from equipoise.carry.uses import USES
from equipoise.errors import EquipoiseError, GateRefused, Problem, StateRefused
from equipoise.gate.requests import to_use
from equipoise.gate.room import Job, Outcome, Progress, run_alone
from equipoise.gate.terms import Request
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
                next="equipoise sign AGREEMENT --as with each of: "
                + ", ".join(name for _, name in required_signatories(agreement)),
            )
        )
    with site.store.change(person.key) as change:
        change.request_run(agreement.reference, name, use, person)
        change.note("run requested", f"run:{name}", digest(agreement), use=use)
    return site.store.run(name)


def use_request(agreement: Agreement, use: str, person: Person) -> Request:
    """Return what ``person`` asks the gate when asking for ``use``, in a role that they hold."""
    allowed = agreement.uses[use].by
    role = next((role for role in allowed if role in person.roles), allowed[0])
    return to_use(agreement, use, person.party, person.name, role)


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
    needed = datasets_read(agreement, run.use)
    lacking = [n for n in missing_deliveries(site, agreement, "secure-room") if n in needed]
    if lacking:
        raise StateRefused(
            Problem(
                "ACT051",
                f"the secure room has not received {', '.join(lacking)}",
                next="pack and receive them first, or let 'equipoise run' do both",
            )
        )
    request = use_request(agreement, run.use, person)
    refuse = partial(_refuse_denied, site, run)
    with admitted(site, parsed, request, denied=refuse) as passage, _interrupting(site, run):
        _move(site, run, "permit", "run permitted", permit=f"permit:{passage.permit.id}")
        tables = passage.pseudonymised()
        rows = about(agreement, sum(table.num_rows for table in tables.values()))
        _move(site, run, "start", "run started", rows=rows)
        with run_directory(site, agreement.reference, run.run) as directory:
            job = Job("use", agreement, run.use, tables)
            outcome = run_alone(
                job,
                directory,
                limits=site.limits,
                on_progress=lambda share, doing: on_progress(share, f"{run.use}: {doing}"),
            )
        checked = _check(agreement, run.use, outcome.result)
        kept = keep_results(passage, run.run, checked)
        passage.hashes["checked"] = outputs_digest(checked)
        _settle(site, parsed, run, outcome, checked, kept)
    return _report(site, agreement, run, person, outcome, checked)


def _report(
    site: Site,
    agreement: Agreement,
    run: Run,
    person: Person,
    outcome: Outcome,
    checked: list[Checked],
) -> Run:
    """Write the page for those who run and review, and return the run as it now is."""
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


@contextmanager
def _interrupting(site: Site, run: Run) -> Iterator[None]:
    """Mark a run interrupted when a step of it fails, whatever failed.

    When the store itself is what failed, the first failure is told and the next command marks it.
    """
    try:
        yield
    except BaseException as error:
        codes = " ".join(sorted({problem.code for problem in getattr(error, "problems", ())})[:20])
        with suppress(EquipoiseError):
            if site.store.run(run.run).state in CUT_OFF:
                _move(
                    site, run, "interrupt", "run interrupted",
                    cause="failed", **({"codes": codes} if codes else {}),
                )  # fmt: skip
        raise


def _refuse_denied(site: Site, run: Run, error: GateRefused) -> None:
    """End a run that the gate denies: it would hold its data open, and its asker may be wrong."""
    with site.store.change("site/runner") as change:
        reasons = [problem.as_dict() for problem in error.problems]
        change.move_run(run.run, "refuse", reasons=reasons)
        change.note(
            "run refused",
            f"run:{run.run}",
            change.agreement(run.reference).digest,
            reasons=len(reasons),
            codes=" ".join(sorted({problem.code for problem in error.problems})[:20]),
        )


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
    agreement = parsed.agreement
    findings = _findings(checked)
    reasons = [*outcome.result.refused, *_failed(findings)]
    use = USES[agreement.uses[run.use].use]
    by_name = {each.output.name: each.output for each in checked}
    pictures = dict(use.pictures(agreement, run.use, by_name))
    with site.store.change("site/runner") as change:
        change.move_run(run.run, "compute")
        _note_computed(change, run, agreement, outcome)
        change.move_run(
            run.run,
            "check",
            facts=_facts(outcome, worst(checked), outputs_digest(checked), change.now),
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


def _findings(checked: list[Checked]) -> list[dict[str, Any]]:
    return [
        {"output": each.output.name, **asdict(finding), "evidence": dict(finding.evidence)}
        for each in checked
        for finding in each.findings
    ]


def _failed(findings: list[dict[str, Any]]) -> list[Problem]:
    return [
        Problem(str(f["code"]), str(f["what"]), why=f"output {f['output']}")
        for f in findings
        if f["verdict"] == "fail"
    ]


def _facts(outcome: Outcome, verdict: str, said: str, at: datetime) -> dict[str, Any]:
    return {
        **outcome.result.facts,
        "locks": list(outcome.locks),
        "missing_locks": dict(outcome.missing),
        "seconds": round(outcome.seconds, 2),
        "peak_memory_mb": outcome.peak_memory // MEGABYTE,
        "warnings": list(outcome.result.warnings),
        "verdict": verdict,
        "checked": said,
        "computed": at.isoformat(),
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
