"""How people's keys stand on a site, as a page shows it: which counts, since when, and what each
who looks may do about it. What may be done is asked of the acts themselves (``key_replace``).

A key that is only offered is shown without its fingerprint, to everybody: whoever confirms it must
have that from its holder, by another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from equipoise.account.receipts import fingerprint
from equipoise.account.tell import person_text
from equipoise.acts.accounts.permission import may, require
from equipoise.acts.key_replace import may_confirm, may_end, signed_with
from equipoise.acts.site import MACHINE, Site
from equipoise.errors import GateRefused, Problem, StateRefused
from equipoise.store.ended_keys import EndedKey, EndedKeys
from equipoise.store.facts import Person

State = Literal["in force", "offered", "ended"]
Step = Literal["end", "offer", "confirm"]


@dataclass(frozen=True)
class Key:
    """A key that counts, or that counted: since when, and who accepted it, in words.

    ``until``, ``ended_by``, ``because`` and ``reason`` are of one that was ended; ``signed`` are
    the agreements that bear its signature.
    """

    fingerprint: str
    since: datetime | None
    by: str
    signed: tuple[str, ...]
    until: datetime | None = None
    ended_by: str = ""
    because: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Offer:
    """A key that waits for a second person, who are the people ``confirmers``."""

    since: datetime | None
    by: str
    confirmers: tuple[Person, ...]


@dataclass(frozen=True)
class Keys:
    """How somebody's keys stand. ``ours`` says that they are enrolled here and not a partner's;
    ``held`` that this site holds their private key; ``steps`` what who looks may do now;
    ``keepers`` who may offer another key."""

    party: str
    name: str
    ours: bool
    held: bool
    in_force: Key | None
    offered: Offer | None
    ended: tuple[Key, ...]
    steps: frozenset[Step] = frozenset()
    keepers: tuple[Person, ...] = field(default=())

    @property
    def who(self) -> str:
        """Return ``party/name``."""
        return f"{self.party}/{self.name}"

    @property
    def state(self) -> State:
        """Return how they stand in a word."""
        return "in force" if self.in_force else "offered" if self.offered else "ended"


@dataclass(frozen=True)
class KeyStep:
    """One thing that waits: whose key, and which step."""

    party: str
    name: str
    step: Step


def keys_of(site: Site, party: str, name: str, person: Person) -> Keys:
    """Return how the keys of ``party/name`` stand, as ``person`` may see them: their holder, their
    party, and administrators.

    Raises ``GateRefused`` (ACT306) for others, ``StateRefused`` (ACT308) where nobody so called
    ever had a key here.
    """
    if person.party != party and not may(person, "keep accounts"):
        raise GateRefused(
            Problem(
                "ACT306",
                f"{person.name} may not look at the keys of {name} of {party}",
                why="that is for themselves, for others of their party, and for administrators",
                next="ask an administrator of this site",
            )
        )
    who = f"{party}/{name}"
    key = site.trusted().get(who)
    ended = [one for one in EndedKeys(site.store.alias).ended() if one.who == who]
    if key is None and not ended:
        raise StateRefused(
            Problem("ACT308", f"nobody called {who} has or had a key here", next="look at the list")
        )
    told = _Told(site, party, name)
    ours = who in {one.key for one in site.people()}
    waits = next((one for one in reversed(ended) if ours and one.settled is None), None)
    offered = waits if waits is not None and waits.offered else None
    return Keys(
        party,
        name,
        ours=ours,
        held=key is not None and ours and site.custody.holds_key_of(party, name),
        in_force=None if key is None else Key(*told.accepted(key), signed_with(site, key)),
        offered=None if offered is None else told.offer(offered),
        ended=tuple(told.ended(one) for one in reversed(ended)),
        steps=frozenset(_steps(person, who, key, waits)),
        keepers=tuple(one for one in site.people() if may(one, "keep accounts")),
    )


def _steps(person: Person, who: str, key: str | None, waits: EndedKey | None) -> Iterable[Step]:
    if key is not None and may_end(person, who):
        yield "end"
    if waits is not None and may(person, "keep accounts"):
        yield "offer"
    if waits is not None and waits.offered and may_confirm(person, waits):
        yield "confirm"


class _Told:
    """What the ledger tells of one person's keys."""

    def __init__(self, site: Site, party: str, name: str) -> None:
        self._site = site
        self._entries = site.store.entries_on(f"key:{site.custody.key_name(party, name)}")

    def _when(self, act: str, key: str) -> tuple[datetime | None, str]:
        mark = fingerprint(key)
        for entry in reversed(self._entries):
            if entry.act == act and entry.detail.get("fingerprint") == mark:
                by = "whoever runs this site" if entry.actor == MACHINE else entry.actor
                return entry.at, person_text(by)
        return None, ""

    def accepted(self, key: str) -> tuple[str, datetime | None, str]:
        """Its fingerprint, since when it counts, and by whom: of the second one, by both."""
        since, by = self._when("key trusted", key)
        _, first = self._when("key offered", key)
        return fingerprint(key), since, f"{by}; {first} offered it" if first else by

    def offer(self, one: EndedKey) -> Offer:
        since, _ = self._when("key offered", one.offered)
        second = tuple(other for other in self._site.people() if may_confirm(other, one))
        return Offer(since, person_text(one.offered_by), second)

    def ended(self, one: EndedKey) -> Key:
        _, ended_by = self._when("key ended", one.public_key)
        return Key(
            *self.accepted(one.public_key),
            signed_with(self._site, one.public_key),
            until=one.ended,
            ended_by=ended_by,
            because=one.because,
            reason=one.reason,
        )


def stands(site: Site, person: Person) -> bool:
    """Say whether an enrolled person's key counts for what they sign now."""
    return site.trusted().get(person.key) == person.public_key


def states(site: Site, by: Person) -> dict[str, State]:
    """Return ``party/name`` to how their keys stand, of everybody whose key was ever accepted here,
    partners' people too. Raises ``GateRefused`` (ACT250) when ``by`` is no administrator."""
    require(by, "keep accounts")
    ours = {person.key for person in site.people()}
    everybody: dict[str, State] = dict.fromkeys([*ours, *site.theirs()], "ended")
    for one in EndedKeys(site.store.alias).ended():
        if one.settled is None and one.offered and one.who in ours:
            everybody[one.who] = "offered"
    everybody.update(dict.fromkeys(site.trusted(), "in force"))
    return dict(sorted(everybody.items()))


def key_steps(site: Site, person: Person) -> tuple[KeyStep, ...]:
    """Return what waits for somebody so that people can sign again: keys to offer and to confirm.
    Their own that was ended is told as one to offer, also where others must do it."""
    ours = {one.key for one in site.people()}
    found: list[KeyStep] = []
    for one in EndedKeys(site.store.alias).ended():
        if one.settled is not None or one.who not in ours:
            continue
        if one.offered and may_confirm(person, one):
            found.append(KeyStep(one.party, one.name, "confirm"))
        elif not one.offered and (one.who == person.key or may(person, "keep accounts")):
            found.append(KeyStep(one.party, one.name, "offer"))
    return tuple(found)
