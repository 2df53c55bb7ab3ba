"""What happened, one event after another. Nothing is changed or taken out: undoing is an event.

A participant is ``p:`` and half the hash of a random token that only their phone holds. Free text
is kept beside the events, not in them, so that it can be erased; an event names it by a random
id and binds it by a digest with a salt that is erased together with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from equipoise.agree.canonical import canonical_bytes, digest_of

EventKind = Literal[
    "opened",
    "joined",
    "seated",
    "door",
    "left",
    "returned",
    "scribe",
    "moved",
    "answered",
    "shown",
    "hidden",
    "undone",
    "closed",
    "reported",
    "voted",
    "suggested",
    "admitted",
]
UNDOABLE: Final = frozenset(
    {"seated", "door", "scribe", "moved", "shown", "hidden", "closed", "undone"}
)
"""What a facilitator may undo. Not what people answered: nobody takes out a person's vote."""

PARTICIPANT: Final = "p:"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: in which order, when by the server's clock, by whom, and what."""

    sequence: int
    at: datetime
    who: str
    kind: EventKind
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the event for JSON."""
        return {
            "sequence": self.sequence,
            "at": self.at.isoformat(),
            "who": self.who,
            "kind": self.kind,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class Said:
    """One free text as it is kept beside the events, until it is erased."""

    id: str
    salt: str
    text: str

    @property
    def digest(self) -> str:
        """Return the digest that the event names; without the salt it tells nothing."""
        return digest_of(canonical_bytes([self.salt, self.text]))


@dataclass(frozen=True, slots=True)
class New:
    """An event that is to be added, with the texts to keep beside it."""

    who: str
    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[Said, ...] = ()


def participant(token: str, workshop: str) -> str:
    """Return the name under which a phone's token is known in one workshop, and in no other."""
    return PARTICIPANT + hashlib.sha256(f"{workshop} {token}".encode()).hexdigest()[:32]


def log_digest(events: tuple[Event, ...]) -> str:
    """Return one digest over all events in order, which the report names."""
    running = hashlib.sha256()
    for event in events:
        running.update(canonical_bytes(event.as_dict()))
        running.update(b"\n")
    return "sha256:" + running.hexdigest()
