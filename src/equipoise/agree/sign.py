"""Signatures: a named person, for a party, under exactly this text.

Ed25519 (RFC 8032) over a message that begins with its own domain, so that no signature made for
another purpose can pass for one, and that names the agreement's reference, digest, party, person
and time. Keys are held elsewhere: here a ``Signer`` only signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from equipoise.agree.canonical import canonical_bytes, digest
from equipoise.agree.document import Agreement
from equipoise.errors import IntegrityRefused, Problem

DOMAIN: Final = b"equipoise: signature of an agreement, first form\n"
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


class Signer(Protocol):
    """Holds a private key without showing it."""

    @property
    def public_key(self) -> str:
        """Return the public key: 32 bytes in hexadecimal."""
        ...

    def sign(self, message: bytes) -> str:
        """Return the Ed25519 signature of ``message``: 64 bytes in hexadecimal."""
        ...


def verify_signature(public_key: str, message: bytes, signature: str) -> bool:
    """Say whether ``signature`` is by ``public_key`` over ``message``. Never raises."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError, TypeError, AttributeError):
        return False
    return True


@dataclass(frozen=True)
class Signature:
    """One signature, as it is stored, exported and shown. ``at`` is UTC, ``…T…Z``."""

    party: str
    name: str
    reference: str
    digest: str
    at: str
    public_key: str
    value: str

    def message(self) -> bytes:
        """Return the bytes that were signed."""
        said = {
            "agreement": self.reference,
            "at": self.at,
            "digest": self.digest,
            "name": self.name,
            "party": self.party,
        }
        return DOMAIN + canonical_bytes(said)

    def as_dict(self) -> dict[str, str]:
        """Return the signature for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Signature:
        """Read a signature from JSON. Raises ``IntegrityRefused`` (AGR308) for any other shape."""
        names = tuple(cls.__dataclass_fields__)
        if (
            set(data) != set(names)
            or not all(isinstance(data[name], str) for name in names)
            or not _MOMENT.match(data["at"])
        ):
            raise IntegrityRefused(
                Problem(
                    "AGR308",
                    "This is not a signature record.",
                    f"A record holds exactly {', '.join(names)}, each as text, and its time in UTC "
                    "as 2026-01-31T12:00:00Z.",
                    "Ask for the record again from whoever made it.",
                )
            )
        return cls(**{name: data[name] for name in names})


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a time without its zone cannot be signed")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sign_agreement(
    agreement: Agreement, party: str, name: str, at: datetime, signer: Signer
) -> Signature:
    """Return the signature of ``name`` for ``party`` under this text, made at ``at``.

    Whether that person may sign is told by ``check_signature``, not here: a signature is evidence
    of what somebody did. Raises ``ValueError`` when ``at`` has no time zone.
    """
    unsigned = Signature(
        party=party,
        name=name,
        reference=agreement.reference,
        digest=digest(agreement),
        at=_moment(at),
        public_key=signer.public_key,
        value="",
    )
    return Signature(**{**asdict(unsigned), "value": signer.sign(unsigned.message())})


def required_signatories(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """Return (party, name) of everybody who must sign: the signatory of every party."""
    return tuple((key, party.signatory.name) for key, party in agreement.parties.items())


def check_signature(
    signature: Signature, agreement: Agreement, trusted: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Return everything that is wrong with ``signature``; nothing when it holds.

    ``trusted`` maps ``party/name`` to the public key that the site holds for that person.
    """
    return (
        *_same_text(signature, agreement),
        *_same_person(signature, agreement, trusted),
        *_same_bytes(signature),
    )


def _same_text(signature: Signature, agreement: Agreement) -> Iterable[Problem]:
    if signature.reference != agreement.reference:
        name, _, _ = signature.reference.rpartition("@")
        other_version = name == agreement.agreement
        yield Problem(
            "AGR302" if other_version else "AGR301",
            f"The signature is for {signature.reference}, not for {agreement.reference}.",
            "A signature holds for one agreement and one version of it only.",
            f"Ask {signature.name} to sign {agreement.reference}.",
            clause="version" if other_version else "agreement",
        )
    if signature.digest != digest(agreement):
        yield Problem(
            "AGR303",
            "The text that was signed is not this text.",
            f"The signature names {signature.digest}; this text is {digest(agreement)}.",
            "Compare the two texts; sign this one, or carry out the one that was signed.",
        )


def _same_person(
    signature: Signature, agreement: Agreement, trusted: Mapping[str, str]
) -> Iterable[Problem]:
    who = f"{signature.party}/{signature.name}"
    if (signature.party, signature.name) not in required_signatories(agreement):
        yield Problem(
            "AGR304",
            f"{who} is not a signatory of this agreement.",
            "Only the person whom the agreement names may sign for a party.",
            "Let the named signatory sign, or name another in a new version.",
            clause=f"parties.{signature.party}.signatory",
        )
    if who not in trusted:
        yield Problem(
            "AGR305",
            f"This site holds no key for {who}.",
            "Without it nobody can tell whose signature this is.",
            "Obtain the person's public key by another way and add it to the site.",
            clause=f"parties.{signature.party}.signatory",
        )
    elif trusted[who] != signature.public_key:
        yield Problem(
            "AGR306",
            f"The signature was made with another key than the one held for {who}.",
            "A swapped key is how somebody else would sign in this person's name.",
            "Ask the person which key is theirs, by another way.",
            clause=f"parties.{signature.party}.signatory",
        )


def _same_bytes(signature: Signature) -> Iterable[Problem]:
    if not verify_signature(signature.public_key, signature.message(), signature.value):
        yield Problem(
            "AGR307",
            f"The signature of {signature.party}/{signature.name} does not hold.",
            "The record was changed after it was signed, or was never signed with this key.",
            "Ask the person to sign again.",
            clause=f"parties.{signature.party}.signatory",
        )


def missing_signatures(
    agreement: Agreement, signatures: Iterable[Signature], trusted: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return (party, name) of each required signatory without a signature that holds."""
    given = {
        (signature.party, signature.name)
        for signature in signatures
        if not check_signature(signature, agreement, trusted)
    }
    return tuple(who for who in required_signatories(agreement) if who not in given)
