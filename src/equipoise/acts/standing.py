"""Standing: a signatory suspends an agreement, resumes it, or ends it before its last day.

While it is suspended the gate opens nothing under it but erasure.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from equipoise.account.tell import person_text, time_text
from equipoise.acts.rooms import at_work
from equipoise.acts.site import Site
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.sign import required_signatories
from equipoise.errors import Problem, UsageRefused
from equipoise.store.facts import Person
from equipoise.weigh.workshop.screening import LONGEST, cleaned, findings, mark

TOLD = {"suspend": "suspended", "resume": "resumed", "end": "ended"}


_FROM = {"signed": ("suspend", "end"), "suspended": ("resume", "end")}


def standing_acts(site: Site, reference: str, person: Person) -> tuple[str, ...]:
    """Return what a person may do now about an agreement's standing, if they are to sign it."""
    named = required_signatories(site.frozen(reference).agreement)
    state = site.store.agreement(reference).state
    return _FROM.get(state, ()) if (person.party, person.name) in named else ()


CAUSES = {"suspend": ("request", "breach", "complaint", "security"), "end": ("request", "breach")}
"""Why an agreement is suspended or ended before its last day, as the ledger and register say."""
OTHER = "other"
"""In place of a cause: another one, which is told in words."""
SAID = {
    "request": "It was asked for",
    "breach": "The agreement was broken",
    "complaint": "Somebody complained",
    "security": "Something is not secure",
    OTHER: "Something else, in my own words",
}
"""The causes in words."""


def change_standing(
    site: Site,
    reference: str,
    act: str,
    name: str,
    *,
    party: str = "",
    cause: str = "request",
    words: str = "",
    confirmed: str = "",
) -> str:
    """Carry out ``act`` (``suspend``, ``resume`` or ``end``) and return the agreement's new state.

    ``party`` says for whom ``name`` signs, where several parties have a signatory so called.
    ``words`` are why, in their own words; the ledger has their hash, page and register the words.
    What looks like personal data in them has to be ``confirmed`` by the mark of the text.
    Raises ``UsageRefused`` (ACT016) for a cause that is none, (ACT017) for words that are missing,
    too long or name somebody, (ACT015) when ``name`` is no signatory of the agreement, and
    ``StateRefused`` (AGR401) when it is not in a state for it.
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
    words = cleaned(words[: 4 * LONGEST]) if act in CAUSES else ""
    if problems := [*_faults(act, cause, words, confirmed)]:
        raise UsageRefused(problems)
    person = site.person(name, parties[0])
    record = site.store.agreement(agreement.reference)
    salt = secrets.token_hex(16)
    detail = {"cause": cause} if cause in CAUSES.get(act, ()) else {}
    if words:
        detail["reason"] = digest_of(canonical_bytes({"reason": words, "salt": salt}))
    with at_work(site, agreement.reference), site.store.change(person.key) as change:
        state = change.move_agreement(agreement.reference, act)
        told = change.note(TOLD[act], f"agreement:{agreement.reference}", record.digest, **detail)
        if words:
            change.keep_words(told, words, salt)
    return state


def _faults(act: str, cause: str, words: str, confirmed: str) -> Iterator[Problem]:
    """Yield what is wrong with why somebody does it. Resuming needs no reason."""
    if cause not in (*CAUSES.get(act, (cause,)), OTHER):
        yield Problem(
            "ACT016",
            "this is no cause for it",
            why="the ledger and the public register tell the cause",
            next=f"choose one of: {', '.join(CAUSES[act])}; or say it in words",
            clause="cause",
        )
    if act in CAUSES and cause == OTHER and not words:
        yield Problem(
            "ACT017",
            "nothing is said in words",
            why="the ledger and the public register tell why",
            next="say why, or choose a cause",
            clause="words",
        )
    if len(words) > LONGEST:
        yield Problem(
            "ACT017",
            f"these words are too long: {LONGEST} letters are as many as there may be",
            next="say it more shortly",
            clause="words",
        )
    looks = findings(words)
    if looks and (any(one.sure for one in looks) or confirmed != mark(words)):
        yield Problem(
            "ACT017",
            f"this looks like it holds {' and '.join(dict.fromkeys(one.what for one in looks))}",
            why="everybody can read these words on the public register",
            next="take it out"
            if any(one.sure for one in looks)
            else "take it out, or confirm that it names nobody who is in the data",
            clause="words",
        )


def to_confirm(words: str) -> str:
    """Return the mark by which somebody confirms that words name nobody who is in the data; empty
    where there is nothing to confirm, or what they hold has to come out."""
    text = cleaned(words[: 4 * LONGEST])
    looks = findings(text)
    return mark(text) if looks and not any(one.sure for one in looks) else ""


def why_stopped(site: Site, reference: str) -> str:
    """Return in words who suspended or ended an agreement, when and why; empty while it goes on."""
    done = site.store.agreement(reference).state
    told = site.store.newest_of(done, f"agreement:{reference}") if done in TOLD.values() else None
    if told is None or "/" not in told.actor or told.actor.startswith("site/"):
        return ""
    cause = SAID.get(str(told.detail.get("cause", "")), "")
    words = site.store.own_words(told.sequence)
    because = ". ".join(part for part in (cause, f"“{words}”" if words else "") if part)
    return f"{person_text(told.actor)} {done} it on {time_text(told.at)}" + (
        f": {because}" if because else ""
    )
