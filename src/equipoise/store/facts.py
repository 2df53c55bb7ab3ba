"""What the store hands out: plain frozen values, so that no other room touches the ORM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from equipoise.agree.sign import Signature


@dataclass(frozen=True)
class Person:
    """A named person of a party, with the roles they were appointed to; ``practice`` people are
    invented."""

    name: str
    party: str
    post: str
    public_key: str
    roles: tuple[str, ...]
    practice: bool

    @property
    def key(self) -> str:
        """Return ``party/name``, by which signatures and trust are kept."""
        return f"{self.party}/{self.name}"


@dataclass(frozen=True)
class Registered:
    """One agreement version as the site holds it."""

    reference: str
    digest: str
    text: str
    canonical: str
    state: str
    registered: datetime
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Delivered:
    """One parcel that a room received and, unless erased, still holds."""

    parcel: str
    dataset: str
    room: str
    rows: int
    counts: Mapping[str, Any]
    received: datetime
    erased: datetime | None


@dataclass(frozen=True)
class Linkage:
    """One linkage and its report; never a row."""

    entity: str
    report: Mapping[str, Any]
    made: datetime
    erased: datetime | None


@dataclass(frozen=True)
class Register:
    """One register of identities that is held, with its rounded figures; never an identity."""

    entity: str
    figures: Mapping[str, Any]
    updated: datetime


@dataclass(frozen=True)
class Review:
    """One person's decision on a run.

    ``checked`` is the digest of the outputs that were looked at; ``salt`` is kept beside the reason
    so that its digest on the ledger cannot be guessed.
    """

    party: str
    name: str
    decision: str
    reason: str
    at: datetime
    checked: str
    salt: str

    def bound_reason(self) -> str:
        """Return the text whose digest the ledger and the package hold."""
        return f"{self.salt} {self.reason}"


@dataclass(frozen=True)
class Released:
    """One package that left."""

    recipient: str
    output: str
    form: str
    rows: int
    sha256: str
    path: str
    at: datetime


@dataclass(frozen=True)
class Run:
    """One run of one use, with its reviews and releases.

    ``findings`` are the disclosure check's, ``reasons`` the problems for which it was refused, and
    ``shown`` holds the checked tables and pictures that the register may show.
    """

    run: str
    reference: str
    use: str
    state: str
    requested_by: str
    requested_for: str
    requested: datetime
    facts: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]
    sentences: tuple[str, ...]
    reasons: tuple[Mapping[str, Any], ...]
    shown: Mapping[str, Any]
    reviews: tuple[Review, ...]
    releases: tuple[Released, ...]


@dataclass(frozen=True)
class Erased:
    """One erasure, with its signed receipt."""

    reference: str
    object: str
    receipt: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Refused:
    """One refusal, in the words in which it was given."""

    reference: str
    act: str
    actor: str
    problems: tuple[Mapping[str, Any], ...]
    at: datetime


@dataclass(frozen=True)
class Partner:
    """One accepted card of a partner's site, as its JSON says it."""

    site_key: str
    name: str
    card: Mapping[str, Any]
    accepted: datetime


@dataclass(frozen=True)
class Kept:
    """One erasure receipt of a partner's site, by its digest and its own id."""

    digest: str
    receipt: str
    reference: str
    site_key: str
    content: Mapping[str, Any]
    at: datetime
