"""Sign: put an agreement's text before its signatories, and keep their signatures."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.account.receipts import fingerprint
from equipoise.acts.practice import enrol_cast, insist_on_practice
from equipoise.acts.rooms import at_work
from equipoise.acts.site import MACHINE, Site
from equipoise.agree.canonical import canonical_json, digest, digest_of
from equipoise.agree.parse import Parsed, parse
from equipoise.agree.sign import (
    check_signature,
    missing_signatures,
    required_signatories,
    sign_agreement,
)
from equipoise.errors import IntegrityRefused, Problem, StateRefused, UsageRefused
from equipoise.store.facts import Person


@dataclass(frozen=True)
class Signed:
    """Where an agreement stands after a signature. ``missing`` names who has still to sign."""

    reference: str
    state: str
    missing: tuple[str, ...]


def register_text(site: Site, parsed: Parsed, text: str, actor: str) -> None:
    """Keep the text of a version when it is first put forward; it is frozen from then on.

    Raises ``StateRefused`` (ACT010) when the version is known with another text.
    """
    agreement = parsed.agreement
    reference, said = agreement.reference, digest(agreement)
    if site.store.knows(reference):
        if site.store.agreement(reference).digest != said:
            raise StateRefused(
                Problem(
                    "ACT010",
                    f"the site holds {reference} with another text",
                    why="people signed, or are signing, the text that is held",
                    next="give the changed text a new version number, and have it weighed again",
                    clause="version",
                )
            )
        return
    weighing = agreement.weighing
    bound = {
        name: value
        for name, value in (
            ("assessment", weighing.assessment),
            ("workshop", weighing.workshop),
            ("information_pack", weighing.information_pack),
        )
        if value is not None
    }
    name = f"agreement:{reference}"
    with site.store.change(actor) as change:
        change.register(reference, said, text, canonical_json(agreement).decode())
        change.move_agreement(reference, "propose")
        change.note("agreement proposed", name, said)
        change.move_agreement(reference, "weigh")
        change.note(
            "weighed", name, said, route=weighing.route, red_lines=len(weighing.red_lines), **bound
        )
        change.move_agreement(reference, "finalise")
        change.note("text final", name, said, signatories=len(agreement.parties))


def sign(site: Site, source: str, name: str | None) -> Signed:
    """Sign ``source`` as the signatory called ``name``.

    Raises ``UsageRefused`` (ACT011) when the agreement names nobody so called, and what the
    signature's own checks refuse.
    """
    text = site.text_of(source)
    parsed = parse(text, file=source)
    agreement = parsed.agreement
    named = required_signatories(agreement)
    parties = [party for party, who in named if name in (who, f"{party}/{who}")]
    if not parties:
        names = ", ".join(who for _, who in named)
        raise UsageRefused(
            Problem(
                "ACT011",
                f"{agreement.reference} names no signatory called {name!r}"
                if name
                else "nobody was named to sign",
                why="only the people whom the agreement names may sign it",
                next=f"add --as with one of: {names}",
                clause="parties",
            )
        )
    people = [site.person(str(name), party) for party in parties]
    with at_work(site, agreement.reference):
        for person in people:
            _sign_for(site, parsed, text, person)
    return _standing(site, parsed)


def _sign_for(site: Site, parsed: Parsed, text: str, person: Person) -> None:
    agreement, party, name = parsed.agreement, person.party, person.name
    register_text(site, parsed, text, person.key)
    reference = agreement.reference
    signature = sign_agreement(
        agreement, party, name, site.clock(), site.custody.person_signer(party, name)
    )
    if problems := check_signature(signature, agreement, site.trusted()):
        raise IntegrityRefused(problems)
    with site.store.change(person.key) as change:
        change.sign(reference, signature)
        change.note(
            "signed",
            f"agreement:{reference}",
            signature.digest,
            person=person.key,
            signature=digest_of(bytes.fromhex(signature.value)),
            fingerprint=fingerprint(signature.public_key),
        )
        given = change.agreement(reference).signatures
        if not missing_signatures(agreement, given, site.trusted()):
            change.move_agreement(reference, "sign")
            site.custody.begin(agreement)


def _standing(site: Site, parsed: Parsed) -> Signed:
    record = site.store.agreement(parsed.agreement.reference)
    missing = missing_signatures(parsed.agreement, record.signatures, site.trusted())
    names = tuple(f"{who} ({party})" for party, who in missing)
    return Signed(record.reference, record.state, names)


def sign_all_for_practice(site: Site, source: str) -> Signed:
    """Let every invented signatory sign. Raises ``UsageRefused`` (ACT012) on a real site."""
    insist_on_practice(site)
    text = site.text_of(source)
    parsed = parse(text, file=source)
    agreement = parsed.agreement
    enrol_cast(site, agreement)
    with at_work(site, agreement.reference):
        register_text(site, parsed, text, MACHINE)
        given = site.store.agreement(agreement.reference).signatures
        for party, name in missing_signatures(agreement, given, site.trusted()):
            _sign_for(site, parsed, text, site.person(name, party))
    return _standing(site, parsed)
