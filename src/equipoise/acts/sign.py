"""Sign: put an agreement's text before its signatories, and keep their signatures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equipoise.account.receipts import fingerprint
from equipoise.acts.assess_bind import refuse_unweighed, take_in_covers
from equipoise.acts.practice import enrol_cast, insist_on_practice
from equipoise.acts.rooms import at_work
from equipoise.acts.site import MACHINE, Site
from equipoise.agree.canonical import canonical_json, digest, digest_of
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed, parse
from equipoise.agree.sign import (
    Signature,
    Signer,
    check_signature,
    missing_signatures,
    required_signatories,
    sign_agreement,
)
from equipoise.agree.weighed import Weighed
from equipoise.errors import IntegrityRefused, Problem, StateRefused, UsageRefused
from equipoise.store.changing import Change
from equipoise.store.ended_keys import EndedKeys
from equipoise.store.facts import Person


@dataclass(frozen=True)
class Signed:
    """Where an agreement stands after a signature. ``missing`` names who has still to sign."""

    reference: str
    state: str
    missing: tuple[str, ...]


def register_text(
    site: Site, parsed: Parsed, text: str, actor: str, covers: Sequence[Weighed] = ()
) -> None:
    """Keep the text of a version when it is first put forward; it is frozen from then on.

    ``covers`` tell of what was weighed at a partner's site, if they came with the text.

    Raises ``StateRefused`` (ACT010) when the version is known with another text, and
    ``DocumentRefused`` (AGR251-261) when it is not the text that was weighed.
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
    refuse_unweighed(site, parsed, covers)
    name = f"agreement:{reference}"
    with site.store.change(actor) as change:
        take_in_covers(site, change, agreement, covers)
        change.register(reference, said, text, canonical_json(agreement).decode())
        change.move_agreement(reference, "propose")
        change.note("agreement proposed", name, said)
        change.move_agreement(reference, "weigh")
        change.note("weighed", name, said, **_as_weighed(agreement))
        change.move_agreement(reference, "finalise")
        change.note("text final", name, said, signatories=len(agreement.parties))


def _as_weighed(agreement: Agreement) -> dict[str, str | int]:
    """Return what the ledger says of a weighing: hashes and numbers."""
    weighing = agreement.weighing
    bound = {
        "assessment": weighing.assessment,
        "workshop": weighing.workshop,
        "information_pack": weighing.information_pack,
    }
    return {
        "route": weighing.route,
        "red_lines": len(weighing.red_lines),
        "conditions": len(weighing.conditions or ()),
        "departs": len(weighing.departs or ()),
        **({"passed_over": len(weighing.passed_over)} if weighing.passed_over else {}),
        **{name: value for name, value in bound.items() if value is not None},
    }


def sign(site: Site, source: str, name: str | None, signer: Signer | None = None) -> Signed:
    """Sign ``source`` as the signatory called ``name``, with ``signer`` or the key held here.

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
    refuse_elsewhere(site, agreement, parties)
    people = [site.person(str(name), party) for party in parties]
    with at_work(site, agreement.reference):
        for person in people:
            _sign_for(site, parsed, text, person, signer)
    return standing(site, parsed)


def _sign_for(
    site: Site, parsed: Parsed, text: str, person: Person, own: Signer | None = None
) -> None:
    agreement, party, name = parsed.agreement, person.party, person.name
    signer = own or _held(site, person)
    refuse_ended(site, [(person.key, signer.public_key)])
    register_text(site, parsed, text, person.key)
    signature = sign_agreement(agreement, party, name, site.clock(), signer)
    if problems := check_signature(signature, agreement, site.trusted()):
        raise IntegrityRefused(problems)
    with site.store.change(person.key) as change:
        keep_signature(site, change, agreement, signature)


def _held(site: Site, person: Person) -> Signer:
    """Return the signer of a person whose key lies here, or refuse (ACT279)."""
    refuse_ended(site, [(person.key, person.public_key)])
    if site.custody.holds_key_of(person.party, person.name):
        return site.custody.person_signer(person.party, person.name)
    raise UsageRefused(
        Problem(
            "ACT279",
            f"the key of {person.name} is with {person.name}, not on this site",
            why="they were enrolled by its public half alone",
            next="sign where the key is: equipoise sign AGREEMENT --as 'NAME' --key FILE",
        )
    )


def refuse_ended(site: Site, made: Iterable[tuple[str, str]]) -> None:
    """Refuse (ACT298) signatures, as (party/name, public key), with a key that was ended.

    Whichever date they bear: whoever has the key can write any. What the site kept before the end
    is not asked about again.
    """
    ended = {(one.who, one.public_key): one for one in EndedKeys(site.store.alias).ended()}
    if problems := [
        Problem(
            "ACT298",
            f"the key with which {who} would sign was ended on {ended[who, key].ended:%Y-%m-%d}",
            why=f"it was {ended[who, key].because}, and whoever has it can write any date",
            next="sign with the key that took its place; equipoise key replace offers one",
        )
        for who, key in made
        if (who, key) in ended
    ]:
        raise IntegrityRefused(problems)


def keep_signature(site: Site, change: Change, agreement: Agreement, signature: Signature) -> None:
    """Keep a signature that holds. With the last one the agreement is signed, and each role that
    this site fills gets what it needs to work under it."""
    reference = agreement.reference
    change.sign(reference, signature)
    change.note(
        "signed",
        f"agreement:{reference}",
        signature.digest,
        person=f"{signature.party}/{signature.name}",
        signature=digest_of(bytes.fromhex(signature.value)),
        fingerprint=fingerprint(signature.public_key),
    )
    given = change.agreement(reference).signatures
    if not missing_signatures(agreement, given, site.trusted(reference)):
        change.move_agreement(reference, "sign")
        site.custody.begin(agreement)


def refuse_elsewhere(site: Site, agreement: Agreement, parties: Sequence[str]) -> None:
    """Refuse (ACT131) to sign here for a party that has a site of its own."""
    gone = site.away(agreement)
    for party in parties:
        if {(party, role) for role in agreement.parties[party].roles} <= gone:
            raise UsageRefused(
                Problem(
                    "ACT131",
                    f"{party} signs at its own site, not here",
                    why="a signatory's key lies where the party acts, and nowhere else",
                    next="send it the agreement: equipoise agreement export AGREEMENT",
                    clause=f"parties.{party}",
                )
            )


def standing(site: Site, parsed: Parsed) -> Signed:
    """Return how far the signing of an agreement has come."""
    record = site.store.agreement(parsed.agreement.reference)
    trusted = site.trusted(record.reference)
    missing = missing_signatures(parsed.agreement, record.signatures, trusted)
    names = tuple(f"{who} ({party})" for party, who in missing)
    return Signed(record.reference, record.state, names)


def sign_all_for_practice(site: Site, source: str) -> Signed:
    """Let every invented signatory sign. Raises ``UsageRefused`` (ACT012) on a real site."""
    insist_on_practice(site)
    if site.posts is not None:
        raise UsageRefused(
            Problem(
                "ACT132",
                "among partners, nobody signs for everybody",
                why="each party signs at its own site, on practice sites too",
                next="equipoise sign AGREEMENT --as 'NAME'",
            )
        )
    text = site.text_of(source)
    parsed = parse(text, file=source)
    agreement = parsed.agreement
    enrol_cast(site, agreement)
    with at_work(site, agreement.reference):
        register_text(site, parsed, text, MACHINE)
        given = site.store.agreement(agreement.reference).signatures
        trusted = site.trusted(agreement.reference)
        for party, name in missing_signatures(agreement, given, trusted):
            _sign_for(site, parsed, text, site.person(name, party))
    return standing(site, parsed)
