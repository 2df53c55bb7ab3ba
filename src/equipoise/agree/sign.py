"""Signatures: a named person, for a party, under exactly this text.

Ed25519 (RFC 8032) over a message that begins with its own domain, so that no signature made for
another purpose can pass for one, and that names the agreement's reference, digest, party, person
and time. Keys are held elsewhere: here a ``Signer`` only signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from equipoise.agree.canonical import canonical_bytes, digest
from equipoise.agree.catalogue import problem
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


_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P


def of_small_order(key: bytes) -> bool:
    """Say whether a public key is one of the eight points for which anybody can sign.

    On edwards25519 (RFC 8032, 5.1) a point of order 1, 2 or 4 has y = 1, -1 or 0; one of order 8
    doubles to y = 0, so that x^2 = -y^2, and the curve leaves d y^4 + 2 y^2 - 1 = 0. RFC 8032 lets
    a verifier accept such keys, and OpenSSL does: a key of zeros "signs" any text with zeros.
    """
    y = (int.from_bytes(key, "little") & (2**255 - 1)) % _P
    return y in {0, 1, _P - 1} or (_D * y**4 + 2 * y**2 - 1) % _P == 0


def is_point(key: bytes) -> bool:
    """Say whether a public key is a point of edwards25519, written in its one form.

    RFC 8032, 5.1.3: there is an x for y where (y^2 - 1) / (d y^2 + 1) is a square, which it is as
    (y^2 - 1) (d y^2 + 1) is one, for d y^2 + 1 is never zero.
    """
    y = int.from_bytes(key, "little") & (2**255 - 1)
    square = (y**2 - 1) * (_D * y**2 + 1) % _P
    return y < _P and pow(square, (_P - 1) // 2, _P) in {0, 1}


def verify_signature(public_key: str, message: bytes, signature: str) -> bool:
    """Say whether ``signature`` is by ``public_key`` over ``message``. Never raises.

    A key for which anybody could sign verifies nothing.
    """
    try:
        raw = bytes.fromhex(public_key)
        key = Ed25519PublicKey.from_public_bytes(raw)
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError, TypeError, AttributeError):
        return False
    return not of_small_order(raw)


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
            raise IntegrityRefused(problem("AGR308", names=", ".join(names)))
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


def _same_text(signature: Signature, agreement: Agreement) -> Iterator[Problem]:
    if signature.reference != agreement.reference:
        name, _, _ = signature.reference.rpartition("@")
        code, clause = (
            ("AGR302", "version") if name == agreement.agreement else ("AGR301", "agreement")
        )
        yield problem(
            code,
            clause,
            signed=signature.reference,
            reference=agreement.reference,
            name=signature.name,
        )
    if signature.digest != digest(agreement):
        yield problem("AGR303", signed=signature.digest, digest=digest(agreement))


def _same_person(
    signature: Signature, agreement: Agreement, trusted: Mapping[str, str]
) -> Iterator[Problem]:
    who = f"{signature.party}/{signature.name}"
    clause = f"parties.{signature.party}.signatory"
    if (signature.party, signature.name) not in required_signatories(agreement):
        yield problem("AGR304", clause, who=who)
    if who not in trusted:
        yield problem("AGR305", clause, who=who)
    elif trusted[who] != signature.public_key:
        yield problem("AGR306", clause, who=who)


def _same_bytes(signature: Signature) -> Iterator[Problem]:
    if not verify_signature(signature.public_key, signature.message(), signature.value):
        clause = f"parties.{signature.party}.signatory"
        yield problem("AGR307", clause, who=f"{signature.party}/{signature.name}")


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
