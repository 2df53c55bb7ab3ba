"""Review: a person of a checking party looks at what was computed, and decides with a reason.

Two people must approve, and neither may be the one who ran the use. One rejection ends the run.
"""

from __future__ import annotations

import secrets

from equipoise.acts.admit import admitted
from equipoise.acts.rooms import at_work
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest, digest_of
from equipoise.agree.people import same_person_mark
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.gate.requests import to_review
from equipoise.store.changing import Change
from equipoise.store.facts import Person, Review, Run

LEAST_REASON = 10


def review(site: Site, run_name: str, person: Person, *, approve: bool, reason: str) -> Run:
    """Keep one decision on a run.

    Raises ``StateRefused`` (ACT060) when the run is not in review, ``UsageRefused`` (ACT061)
    without a reason, and ``GateRefused`` when the person may not check it.
    """
    with at_work(site, site.store.run(run_name).reference):
        return _review(site, site.store.run(run_name), person, approve, reason)


def _review(site: Site, run: Run, person: Person, approve: bool, reason: str) -> Run:
    if run.state != "in review":
        raise StateRefused(
            Problem(
                "ACT060",
                f"run {run.run} is {run.state}, not in review",
                next="equipoise status lists the runs that wait for a review",
            )
        )
    if len(reason.strip()) < LEAST_REASON:
        raise UsageRefused(
            Problem(
                "ACT061",
                "a review needs a reason of a few words",
                why="the reason is what an auditor reads",
                next="add --reason 'what you looked at and why it is safe, or is not'",
            )
        )
    parsed = site.frozen(run.reference)
    request = to_review(parsed.agreement, run.use, person.party, person.name)
    with admitted(site, parsed, request, run), site.store.change(person.key) as change:
        decided = Review(
            person.party,
            person.name,
            "approve" if approve else "reject",
            reason.strip(),
            change.now,
            str(run.facts["checked"]),
            secrets.token_hex(32),
        )
        change.review(run.run, decided)
        _note(change, run, decided, digest(parsed.agreement))
    return site.store.run(run.run)


def _note(change: Change, run: Run, decided: Review, said: str) -> None:
    """Tell of a decision; a rejection is the end of the run."""
    approved = decided.decision == "approve"
    change.note(
        "review approved" if approved else "review rejected",
        f"run:{run.run}",
        said,
        checked=decided.checked,
        reason=digest_of(decided.bound_reason().encode()),
    )
    if not approved:
        problem = Problem("ACT062", "a reviewer rejected the outputs", next="see the review")
        change.move_run(run.run, "refuse", reasons=[problem.as_dict()])
        change.note(
            "run refused",
            f"run:{run.run}",
            said,
            reasons=1,
            codes=problem.code,
            checked=decided.checked,
        )


def reviewer(site: Site, run_name: str, name: str) -> Person:
    """Find who reviews: of several people of one name, the one of a checking party."""
    run = site.store.run(run_name)
    parties = site.frozen(run.reference).agreement.outputs[run.use].checked_by
    own = [p.party for p in site.store.people() if p.name == name and p.party in parties]
    return site.person(name, own[0] if own else None)


def approvals_wanted(site: Site, run: Run) -> tuple[str, ...]:
    """Return, in words, whose approval a run still waits for."""
    agreement = site.frozen(run.reference).agreement
    given = [r for r in run.reviews if r.decision == "approve"]
    parties = {r.party for r in given}
    wanted = [
        f"somebody of {party}"
        for party in agreement.outputs[run.use].checked_by
        if party not in parties
    ]
    if not wanted and len({same_person_mark(r.name) for r in given}) < 2:
        wanted = ["a second person"]
    return tuple(wanted)
