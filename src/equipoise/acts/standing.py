"""Standing: a signatory suspends an agreement, resumes it, or ends it before its last day.

While it is suspended the gate opens nothing under it but erasure.
"""

from __future__ import annotations

from equipoise.acts.rooms import at_work
from equipoise.acts.site import Site
from equipoise.agree.sign import required_signatories
from equipoise.errors import Problem, UsageRefused

TOLD = {"suspend": "suspended", "resume": "resumed", "end": "ended"}


def change_standing(site: Site, reference: str, act: str, name: str) -> str:
    """Carry out ``act`` (``suspend``, ``resume`` or ``end``) and return the agreement's new state.

    Raises ``UsageRefused`` (ACT015) when ``name`` is no signatory of the agreement, and
    ``StateRefused`` (AGR401) when it is not in a state for it.
    """
    parsed = site.read(reference)
    agreement = parsed.agreement
    parties = [party for party, who in required_signatories(agreement) if who == name]
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
    person = site.person(name, parties[0])
    record = site.store.agreement(agreement.reference)
    with at_work(site, agreement.reference), site.store.change(person.key) as change:
        state = change.move_agreement(agreement.reference, act)
        detail = {"cause": "request"} if act != "resume" else {}
        change.note(TOLD[act], f"agreement:{agreement.reference}", record.digest, **detail)
    return state
