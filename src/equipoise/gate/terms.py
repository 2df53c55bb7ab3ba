"""What the gate is asked, what it is told, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.sign import Signature
from equipoise.agree.weighed import Weighed
from equipoise.errors import GateRefused, Problem


@dataclass(frozen=True)
class Request:
    """One act, asked for by one person of one party.

    ``datasets`` maps each dataset (for a release: the output) to exactly the fields asked for.
    ``form`` is the form in which data is seen or leaves; ``recipient`` and ``rows`` are for
    releases. What an act does not need is empty. ``gate.requests`` makes lawful ones.
    """

    act: str
    party: str
    person: str
    role: str
    purpose: str
    use: str = ""
    datasets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: str = ""
    recipient: str = ""
    rows: str = ""

    def __post_init__(self) -> None:
        # A copy of our own, so that what was decided on cannot be changed after the decision.
        if type(self.datasets) in (dict, MappingProxyType):
            object.__setattr__(self, "datasets", MappingProxyType(dict(self.datasets)))

    def as_dict(self) -> dict[str, Any]:
        """Return the request for JSON; the fields of each dataset in alphabetical order."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in TEXTS}
        plain["datasets"] = {name: sorted(fields) for name, fields in self.datasets.items()}
        return plain

    @property
    def digest(self) -> str:
        """Return the hash by which a permit is bound to this request and to no other."""
        return digest_of(canonical_bytes(self.as_dict()))


TEXTS = ("act", "party", "person", "role", "purpose", "use", "form", "recipient", "rows")


@dataclass(frozen=True)
class Approval:
    """One person's decision on one output. ``output`` is the digest of what they looked at."""

    party: str
    person: str
    decision: Literal["approve", "refuse"]
    output: str
    at: datetime


@dataclass(frozen=True)
class Facts:
    """What is known to be so, from the store and the clock. What is left out is not so.

    ``digest`` is that of the text that was frozen and signed; ``trusted`` maps ``party/name`` to a
    public key (hex); ``posts`` holds (party, person, role); ``training`` maps ``party/name`` to the
    trainings done; ``opt_out_applied`` and ``consent_applied`` name datasets; ``lists_checked``
    maps a dataset to the outside list that was applied to it, ``lists_at_hand`` to the one that
    lies where it is linked, ready to be applied. ``author`` is the person who carried out the use,
    ``output`` the digest of its checked outputs and ``disclosure`` the verdict on them.
    ``isolation`` names the locks that will hold; ``compensating_control`` is what the site has put
    on the ledger in their place. ``away`` holds the (party, role) that live at a partner's site and
    not here. ``weighed`` holds the covers of the closed assessments and workshops that are known.
    """

    now: datetime
    state: str
    digest: str
    suspended: bool = False
    signatures: tuple[Signature, ...] = ()
    trusted: Mapping[str, str] = field(default_factory=dict)
    posts: frozenset[tuple[str, str, str]] = frozenset()
    training: Mapping[str, frozenset[str]] = field(default_factory=dict)
    opt_out_applied: frozenset[str] = frozenset()
    consent_applied: frozenset[str] = frozenset()
    lists_checked: Mapping[str, str] = field(default_factory=dict)
    lists_at_hand: Mapping[str, str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    author: str = ""
    output: str = ""
    disclosure: str = ""
    isolation: tuple[str, ...] = ()
    compensating_control: str = ""
    away: frozenset[tuple[str, str]] = frozenset()
    weighed: tuple[Weighed, ...] = ()


@dataclass(frozen=True)
class Allow:
    """The agreement permits this request. ``until`` is the first moment at which it no longer does,
    or None for an act without an end; ``clauses`` are those that permit it."""

    reference: str
    digest: str
    request: Request
    decided: datetime
    until: datetime | None
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Deny:
    """The agreement does not permit this request, for every one of these reasons."""

    problems: tuple[Problem, ...]


def insist(decision: Allow | Deny) -> Allow:
    """Return the permission, or raise ``GateRefused`` with every reason of the denial."""
    if isinstance(decision, Deny):
        raise GateRefused(decision.problems)
    return decision
