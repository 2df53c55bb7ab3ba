"""Read and change keys that people sign with no more, and say which key counts for what.

A signature's own date is what its maker wrote. What counts is where the ledger tells of it: before
the entry with which its key was ended, or after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from equipoise.agree.canonical import digest_of
from equipoise.agree.sign import Signature
from equipoise.errors import Problem, StateRefused
from equipoise.store import key_models, models
from equipoise.store.changing import Change


@dataclass(frozen=True)
class EndedKey:
    """One ended key. ``sequence`` is the ledger's entry that ended it, ``reason`` the words of
    whoever did; ``offered`` the key in its place, of ``offered_by``, in force once ``settled``."""

    party: str
    name: str
    public_key: str
    because: str
    sequence: int
    ended: datetime
    offered: str
    offered_by: str
    settled: datetime | None
    reason: str

    @property
    def who(self) -> str:
        """Return ``party/name`` of whoever signed with it."""
        return f"{self.party}/{self.name}"


class EndedKeys:
    """The ended keys of one site's database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self) -> Any:
        return key_models.EndedKeyRecord.objects.using(self.alias)

    def ended(self) -> tuple[EndedKey, ...]:
        """Return every ended key, oldest first."""
        return tuple(
            EndedKey(row.party, row.name, row.public_key, row.because, row.sequence, row.ended,
                     row.offered, row.offered_by, row.settled, row.reason)
            for row in self._rows().order_by("id")
        )  # fmt: skip

    def in_force(
        self, trusted: Mapping[str, str], reference: str = "", given: tuple[Signature, ...] = ()
    ) -> Mapping[str, str]:
        """Return ``trusted`` without ended keys; for the agreement ``reference``, which has the
        signatures ``given``, each stands for whoever signed with it before it was ended."""
        ended = self.ended()
        gone = {one.public_key for one in ended}
        counts = {who: key for who, key in trusted.items() if key not in gone}
        for one in ended:
            for signature in given:
                mine = (one.who, one.public_key)
                same = (f"{signature.party}/{signature.name}", signature.public_key) == mine
                if same and self._kept_before(reference, signature, one.sequence):
                    counts[one.who] = one.public_key
        return counts

    def _kept_before(self, reference: str, signature: Signature, sequence: int) -> bool:
        rows = models.LedgerEntry.objects.using(self.alias).filter(
            act="signed", object=f"agreement:{reference}", sequence__lt=sequence
        )
        value = digest_of(bytes.fromhex(signature.value))
        return any(row.detail.get("signature") == value for row in rows)

    # -- changing -------------------------------------------------------------------------------

    def end(
        self, change: Change, who: tuple[str, str], public_key: str, because: str, reason: str,
        salt: str, sequence: int,
    ) -> None:  # fmt: skip
        """Keep that a key was ended by the ledger's entry ``sequence``. Raises ``StateRefused``
        (STO016) when somebody else did it in the same moment."""
        change.saved = True
        party, name = who
        if self._rows().filter(public_key=public_key).exists():
            raise _meanwhile(f"{party}/{name}")
        self._rows().create(
            party=party, name=name, public_key=public_key, because=because, reason=reason,
            salt=salt, sequence=sequence, ended=change.now,
        )  # fmt: skip

    def offer(self, change: Change, one: EndedKey, public_key: str, by: str) -> None:
        """Keep which key is offered in the place of an ended one. Raises ``StateRefused`` (STO016)
        when another has taken its place meanwhile."""
        change.saved = True
        rows = self._rows().filter(public_key=one.public_key, settled__isnull=True)
        if not rows.update(offered=public_key, offered_by=by):
            raise _meanwhile(one.who)

    def settle(self, change: Change, one: EndedKey) -> None:
        """Put the key that was offered in the place of the ended one. Raises ``StateRefused``
        (STO016) when meanwhile it was done, or another was offered."""
        change.saved = True
        seen = {"offered": one.offered, "offered_by": one.offered_by, "settled__isnull": True}
        if not self._rows().filter(public_key=one.public_key, **seen).update(settled=change.now):
            raise _meanwhile(one.who)
        people = models.Person.objects.using(self.alias)
        people.filter(party=one.party, name=one.name).update(public_key=one.offered)


def _meanwhile(who: str) -> StateRefused:
    return StateRefused(
        Problem(
            "STO016",
            f"somebody else has just changed how the keys of {who} stand",
            why="of two who do it in one moment, one comes second",
            next="look at how they stand now",
        )
    )
