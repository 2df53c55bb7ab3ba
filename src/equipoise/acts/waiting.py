"""What waits for a person: what only they, or somebody like them, can do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from equipoise.acts.accounts.permission import may
from equipoise.acts.assess import assessment_of, book
from equipoise.acts.erase import due
from equipoise.acts.site import Site
from equipoise.acts.workshop_lead import Standing, standings
from equipoise.agree.document import Agreement
from equipoise.agree.people import same_person_mark
from equipoise.agree.sign import missing_signatures
from equipoise.store.facts import Person, Registered, Run


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what it is, of which agreement, and how it is done: by a command on
    the machine that holds it, where ``command`` is not empty, or else by signing."""

    what: str
    reference: str
    title: str
    command: str


def waiting_for(site: Site, person: Person) -> tuple[Waiting, ...]:
    """Return what waits for a person, agreement by agreement."""
    found: list[Waiting] = []
    for record in site.store.agreements():
        found += _of(site, person, record)
    return tuple(found)


def to_rate(site: Site, person: Person) -> tuple[str, ...]:
    """Return the names of the open assessments that a person may rate and has not yet."""
    if not may(person, "rate initiatives"):
        return ()
    return tuple(
        one.name
        for one in book(site).assessments()
        if one.state == "open"
        and all(sheet.rater.name != person.name for sheet in assessment_of(one).sheets)
    )


def to_lead(site: Site, person: Person) -> tuple[Standing, ...]:
    """Return the workshops that a person leads and that have not ended."""
    if not may(person, "facilitate workshops"):
        return ()
    return tuple(one for one in standings(site, person) if one.led and one.phase != "closed")


def _of(site: Site, person: Person, record: Registered) -> Iterator[Waiting]:
    agreement = site.frozen(record.reference).agreement

    def waiting(what: str, command: str = "") -> Waiting:
        return Waiting(what, record.reference, agreement.title, command)

    mark = same_person_mark(person.name)
    if record.state not in ("withdrawn", "superseded", "ended", "erased"):
        for party, name in missing_signatures(
            agreement, record.signatures, site.trusted(record.reference)
        ):
            if party == person.party and same_person_mark(name) == mark:
                yield waiting("Sign it")
    for run in site.store.runs(record.reference):
        if run.state == "in review" and _may_review(agreement, run, person):
            command = f"equipoise review {run.run} --as '{person.name}'"
            yield waiting(f"Review what {run.use} computed", command)
    holds = set(person.roles) & {"secure room", "linkage unit"}
    if holds and person.party in agreement.parties and (late := due(site, agreement)):
        yield waiting(f"Erase: {', '.join(late)}", f"equipoise erase {record.reference}")


def _may_review(agreement: Agreement, run: Run, person: Person) -> bool:
    """Say whether a run waits for this person: of a checking party, not asked for or seen by them.
    The gate decides it again, for good, when they review."""
    mark = same_person_mark(person.name)
    seen = {same_person_mark(one.name) for one in run.reviews} | {
        same_person_mark(run.requested_by)
    }
    return person.party in agreement.outputs[run.use].checked_by and mark not in seen
