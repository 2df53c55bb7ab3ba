"""Standing: a signatory suspends an agreement, resumes it, or ends it before its last day.

While it is suspended the gate opens nothing under it but erasure.
"""

from __future__ import annotations

from equipoise.acts.rooms import at_work
from equipoise.acts.site import Site
from equipoise.agree.sign import required_signatories
from equipoise.errors import Problem, UsageRefused
from equipoise.store.facts import Person

TOLD = {"suspend": "suspended", "resume": "resumed", "end": "ended"}


_FROM = {"signed": ("suspend", "end"), "suspended": ("resume", "end")}


def standing_acts(site: Site, reference: str, person: Person) -> tuple[str, ...]:
    """Return what a person may do now about an agreement's standing, if they are to sign it."""
    named = required_signatories(site.frozen(reference).agreement)
    state = site.store.agreement(reference).state
    return _FROM.get(state, ()) if (person.party, person.name) in named else ()


CAUSES = {"suspend": ("request", "breach", "complaint", "security"), "end": ("request", "breach")}
"""Why an agreement is suspended or ended before its last day, as the ledger and register say."""


def change_standing(
    site: Site, reference: str, act: str, name: str, *, party: str = "", cause: str = "request"
) -> str:
    """Carry out ``act`` (``suspend``, ``resume`` or ``end``) and return the agreement's new state.

    ``party`` says for whom ``name`` signs, where several parties have a signatory so called.
    Raises ``UsageRefused`` (ACT016) for a cause that is none, (ACT015) when ``name`` is no
    signatory of the agreement, and ``StateRefused`` (AGR401) when it is not in a state for it.
    """
    parsed = site.read(reference)
    agreement = parsed.agreement
    named = required_signatories(agreement)
    parties = [each for each, who in named if who == name and party in ("", each)]
    if not parties:
        raise UsageRefused(
            Problem(
                "ACT015",
                f"{name!r} is not a signatory of {agreement.reference}",
                why="only those who signed may suspend, resume or end it",
                next="add --as with the name of a signatory",
                clause="parties",
            )
        )
    if cause not in CAUSES.get(act, (cause,)):
        raise UsageRefused(
            Problem(
                "ACT016",
                "this is no cause for it",
                why="the ledger and the public register tell the cause",
                next=f"choose one of: {', '.join(CAUSES[act])}",
                clause="cause",
            )
        )
    person = site.person(name, parties[0])
    record = site.store.agreement(agreement.reference)
    with at_work(site, agreement.reference), site.store.change(person.key) as change:
        state = change.move_agreement(agreement.reference, act)
        detail = {"cause": cause} if act != "resume" else {}
        change.note(TOLD[act], f"agreement:{agreement.reference}", record.digest, **detail)
    return state
