"""Sign in a browser: with a signature made where the signer's key lies, or, by an invented person
on a practice site, with their practice key that the site holds.

A real private key is never used because somebody is signed in. The page gives the statement that is
to be signed, its holder signs it where the key is, and the site takes the signature.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from equipoise.acts.drafts import PATIENCE
from equipoise.acts.practice import insist_on_practice
from equipoise.acts.rooms import at_work
from equipoise.acts.sign import (
    Signed,
    keep_signature,
    refuse_elsewhere,
    refuse_ended,
    sign,
    standing,
)
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.sign import (
    DOMAIN,
    Signature,
    Signer,
    check_signature,
    missing_signatures,
    required_signatories,
)
from equipoise.errors import IntegrityRefused, Problem, UsageRefused
from equipoise.store.facts import Person

OLDEST: Final = timedelta(days=7)
"""How long after a statement was given its signature is taken."""
_AHEAD: Final = timedelta(minutes=5)


def waits_for(site: Site, reference: str, person: Person) -> bool:
    """Say whether an agreement that is held here still needs this person's signature."""
    agreement = site.frozen(reference).agreement
    given = site.store.agreement(reference).signatures
    counts = site.trusted(reference)
    return (person.party, person.name) in missing_signatures(agreement, given, counts)


def statement(site: Site, reference: str, person: Person, at: datetime | None = None) -> Signature:
    """Return what a person is to sign, made out for a moment, and still without its value.

    Raises ``UsageRefused`` (ACT274) when the agreement does not name the person to sign, (ACT131)
    when their party signs at its own site.
    """
    agreement = site.frozen(reference).agreement
    _refuse_unnamed(site, agreement, person)
    moment = (at or site.clock()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Signature(
        person.party, person.name, reference, digest(agreement), moment, person.public_key, ""
    )


def _refuse_unnamed(site: Site, agreement: Agreement, person: Person) -> None:
    if (person.party, person.name) not in required_signatories(agreement):
        raise UsageRefused(
            Problem(
                "ACT274",
                f"{agreement.reference} does not name {person.name} of {person.party} to sign it",
                why="only the people whom the agreement names may sign it",
                next="read in the agreement who signs for each party",
                clause="parties",
            )
        )
    refuse_elsewhere(site, agreement, [person.party])


def take_signature(site: Site, reference: str, person: Person, at: str, given: bytes) -> Signed:
    """Keep a signature that its holder made of the statement given at ``at``.

    ``given`` is the signature's 64 bytes, or the same in hexadecimal or base64, or the JSON that
    ``equipoise sign --statement`` writes. A person who has signed already signs once. Raises
    ``UsageRefused`` (ACT275) for anything else, (ACT276) for a moment that is too long ago or to
    come, ``IntegrityRefused`` (AGR301-308) for a signature that does not hold.
    """
    unsigned = statement(site, reference, person)
    signature = _signature(unsigned, at, given)
    _refuse_moment(site, signature.at)
    parsed = site.frozen(reference)
    with at_work(site, reference, wait=PATIENCE):
        if waits_for(site, reference, person):
            refuse_ended(site, [(person.key, signature.public_key)])
            if problems := check_signature(signature, parsed.agreement, site.trusted()):
                raise IntegrityRefused(problems)
            with site.store.change(person.key) as change:
                keep_signature(site, change, parsed.agreement, signature)
    return standing(site, parsed)


def _signature(unsigned: Signature, at: str, given: bytes) -> Signature:
    said = given.strip()
    if said.startswith(b"{"):
        try:
            found: dict[str, Any] = json.loads(said)
        except (ValueError, RecursionError):
            raise _no_signature() from None
        return Signature.from_dict(found)
    value = _value(given).hex()
    return Signature.from_dict({**unsigned.as_dict(), "at": at, "value": value})


def _value(given: bytes) -> bytes:
    """Return the 64 bytes of a signature, however they were written down."""
    if len(given) == 64:
        return given
    words = b"".join(given.split())
    try:
        if len(words) == 128:
            return bytes.fromhex(words.decode("ascii"))
        value = base64.b64decode(words, validate=True)
        if len(value) == 64:
            return value
    except (ValueError, UnicodeDecodeError, binascii.Error):
        pass
    raise _no_signature()


def _no_signature() -> UsageRefused:
    return UsageRefused(
        Problem(
            "ACT275",
            "this is not a signature of the statement",
            why="an Ed25519 signature has 64 bytes",
            next="choose the file that was written when you signed, or paste what is in it",
            clause="signature",
        )
    )


def _refuse_moment(site: Site, at: str) -> None:
    moment = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    now = site.clock()
    if not now - OLDEST <= moment <= now + _AHEAD:
        raise UsageRefused(
            Problem(
                "ACT276",
                "this statement was not given within the last seven days",
                why="the moment of a signature is part of what is signed",
                next="load the page anew, and sign the statement that it gives",
                clause="signature",
            )
        )


def sign_with_practice_key(site: Site, reference: str, person: Person) -> Signed:
    """Sign as an invented person with the key that the practice site holds for them.

    Raises ``UsageRefused`` (ACT012) on a real site, and (ACT274) as ``statement`` does.
    """
    insist_on_practice(site)
    statement(site, reference, person)
    with at_work(site, reference, wait=PATIENCE):
        if waits_for(site, reference, person):
            return sign(site, reference, person.key)
    return standing(site, site.frozen(reference))


Held = Callable[[str], Signer]
"""Gives the signer's key for the party for which they sign."""


def sign_statement(site: Site, source: str, name: str, data: bytes) -> Signature:
    """Sign a statement that a page gave with the key that a site holds, and keep nothing.

    ``source`` is the agreement as the signer has it. Raises ``UsageRefused`` (ACT277) for anything
    that is not a statement about this very text by this very person.
    """

    def held(party: str) -> Signer:
        person = site.person(name, party)
        return site.custody.person_signer(person.party, person.name)

    return sign_as(site.read(source).agreement, name, data, held)


def sign_as(agreement: Agreement, name: str, data: bytes, key: Held) -> Signature:
    """Sign a statement about an agreement as its signer has it. Raises as ``sign_statement``."""
    name = name.rpartition("/")[2]
    try:
        if not data.startswith(DOMAIN):
            raise ValueError
        said = json.loads(data.removeprefix(DOMAIN))
        signer = key(said["party"])
        unsigned = Signature(
            said["party"], name, agreement.reference, digest(agreement), said["at"],
            signer.public_key, "",
        )  # fmt: skip
        Signature.from_dict(unsigned.as_dict())  # a moment has one form
        if unsigned.message() != data:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError, IntegrityRefused):
        raise UsageRefused(
            Problem(
                "ACT277",
                f"this is no statement by {name} about {agreement.reference} as it reads here",
                why="who signs must know what they sign: the text, its digest, and for whom",
                next="download statement and text from the agreement's page once more",
            )
        ) from None
    return Signature.from_dict({**unsigned.as_dict(), "value": signer.sign(data)})
