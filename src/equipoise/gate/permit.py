"""A permit: an ``Allow`` made good for one act, once, for a short time.

The store keeps permits on the ledger; ``MemoryPermits`` keeps them in memory for notebooks and
tests. Both ask ``may_use``, ``may_close`` and so refuse alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

from equipoise.errors import GateRefused, Problem
from equipoise.gate.terms import Allow, Request

LASTS: Final = timedelta(minutes=15)
"""How long a permit waits to be used. An act that has begun may take longer."""

PermitState = Literal["issued", "used", "closed", "abandoned"]

_NEXTS: Final = "ask the gate again; a new permit is issued while the agreement allows it"


@dataclass(frozen=True)
class Permit:
    """Leave to do what one request says, once, before ``expires`` (UTC).

    ``reference`` and ``digest`` are those of the agreement; ``request_digest`` binds the permit to
    the request in every word.
    """

    id: str
    reference: str
    digest: str
    request: Request
    request_digest: str
    issued: datetime
    expires: datetime

    @property
    def act(self) -> str:
        """Return the act that is permitted."""
        return self.request.act


def issue(decision: Allow, *, id: str, at: datetime, lasts: timedelta = LASTS) -> Permit:
    """Return the permit of a decision. ``id`` is random and not guessable, and passed in.

    It never outlives the agreement. Raises ``GateRefused``: GATE093 when ``decision`` is no
    permission, GATE092 when the decision was made after ``at``, too long before it, or the
    agreement has ended since.
    """
    if type(decision) is not Allow:
        raise _refused("GATE093", "a permit needs a permission, and this is none")
    moment = at.astimezone(UTC)
    ends = min(moment + lasts, decision.until or datetime.max.replace(tzinfo=UTC))
    if not (timedelta(0) <= moment - decision.decided <= lasts and moment < ends):
        raise _refused("GATE092", "the permission is not of this moment")
    return Permit(
        id=id,
        reference=decision.reference,
        digest=decision.digest,
        request=decision.request,
        request_digest=decision.request.digest,
        issued=moment,
        expires=ends,
    )


class PermitBook(Protocol):
    """Where permits are kept. Every method is one transaction with its ledger entry."""

    def issue(self, permit: Permit) -> None:
        """Write down a permit. Refuses an id that was ever issued (GATE091)."""
        ...

    def use(self, permit_id: str, at: datetime, *, request: str | None = None) -> Permit:
        """Spend a permit and return it, as it was issued.

        ``request`` is the digest of the request about to be carried out. Refuses an unknown id
        (GATE090), a second use (GATE091), an expired one (GATE092), another request (GATE093).
        """
        ...

    def close(self, permit_id: str, at: datetime, hashes: Mapping[str, str]) -> None:
        """Write down what the act made. Refuses a permit that is not in use (GATE094)."""
        ...

    def abandon(self, permit_id: str, at: datetime) -> None:
        """Write down that the act ended without a result. Refuses as ``close`` does."""
        ...


@dataclass
class Kept:
    """A permit and what became of it."""

    permit: Permit
    state: PermitState = "issued"
    hashes: Mapping[str, str] = field(default_factory=dict)


def may_use(kept: Kept | None, at: datetime, request: str | None) -> Permit:
    """Return the permit if it may be used now, for this request; else raise ``GateRefused``."""
    if kept is None:
        raise _refused("GATE090", "no such permit was issued")
    if kept.state != "issued":
        raise _refused("GATE091", "this permit has been used")
    if not kept.permit.issued <= at < kept.permit.expires:
        raise _refused("GATE092", "this permit has expired, or its time has not come")
    if request not in (None, kept.permit.request_digest):
        raise _refused("GATE093", "this permit is for another request")
    return kept.permit


def may_close(kept: Kept | None) -> Kept:
    """Return what is kept if its act is under way; else raise ``GateRefused``."""
    if kept is None:
        raise _refused("GATE090", "no such permit was issued")
    if kept.state != "used":
        raise _refused("GATE094", f"this permit is {kept.state}, so there is nothing to close")
    return kept


class MemoryPermits:
    """A ``PermitBook`` in memory, for notebooks and tests. Nothing of it is on a ledger."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def issue(self, permit: Permit) -> None:
        """Keep a new permit."""
        if permit.id in self._kept:
            raise _refused("GATE091", "a permit of this id was issued before")
        self._kept[permit.id] = Kept(permit)

    def use(self, permit_id: str, at: datetime, *, request: str | None = None) -> Permit:
        """Spend a permit and return it."""
        permit = may_use(self._kept.get(permit_id), at, request)
        self._kept[permit_id].state = "used"
        return permit

    def close(self, permit_id: str, at: datetime, hashes: Mapping[str, str]) -> None:
        """Close a permit in use with the hashes of what was made."""
        kept = may_close(self._kept.get(permit_id))
        kept.state, kept.hashes = "closed", dict(hashes)

    def abandon(self, permit_id: str, at: datetime) -> None:
        """Close a permit in use that led to nothing."""
        may_close(self._kept.get(permit_id)).state = "abandoned"

    def state(self, permit_id: str) -> PermitState:
        """Return what became of a permit. Raises ``KeyError`` for an unknown id."""
        return self._kept[permit_id].state


def _refused(code: str, what: str) -> GateRefused:
    return GateRefused(
        Problem(code, what, why="a permit lets one request happen once, soon", next=_NEXTS)
    )
