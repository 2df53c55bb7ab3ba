"""Identities: what the people of whoever links may see of a register, and decide about it.

A decision is an event of the register: its time, the role of whoever decided, the reason and the
evidence stay in the room. The ledger tells that somebody decided, never about whom.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from equipoise.acts.admit import admitted
from equipoise.acts.registers import told
from equipoise.acts.site import Site
from equipoise.acts.ways import mode_of
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import made_of_people, registers_of
from equipoise.agree.words import LINKED_IN
from equipoise.carry.identity import (
    Register,
    history,
    keep_apart,
    members,
    merge,
    open_proposals,
    split,
    undo,
)
from equipoise.carry.identity.kept import as_table, from_table
from equipoise.carry.identity.step import figures
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_mind_identities
from equipoise.store.facts import Person
from equipoise.store.facts import Register as Held

Change = Callable[[Register, str], Register]
"""(register, the role of whoever decides) -> the register after it."""


@dataclass(frozen=True)
class Decided:
    """One decision: the event's number, its kind, and the identities that are current after it."""

    event: int
    kind: str
    identities: int


@dataclass(frozen=True)
class _Figures:
    numbers_of: dict[str, Any]


def registers(site: Site, source: str) -> tuple[Held, ...]:
    """Return the registers of an agreement, with rounded figures. Opens nothing."""
    agreement = site.read(source).agreement
    if not registers_of(agreement):
        _which(agreement, None)
    return site.store.registers(agreement.reference)


def proposals(
    site: Site, source: str, person: Person, entity: str | None = None
) -> list[dict[str, Any]]:
    """Return the proposed merges of an entity, the likeliest first, for whoever may decide."""
    parsed = site.read(source)
    with _opened(site, parsed, person, entity) as (_, _, register):
        return [dict(line) for line in open_proposals(register)]


def records_of(
    site: Site, source: str, person: Person, identity: int, entity: str | None = None
) -> list[dict[str, Any]]:
    """Return the records of one identity: their numbers, datasets and by which rules they are one.

    A row of the answer has ``record``, ``dataset`` and ``tokens``: for each rule a letter, the same
    where two records have the same token, ``-`` where one has none. No token is shown.
    """
    parsed = site.read(source)
    with _opened(site, parsed, person, entity) as (_, _, register):
        return list(_told_apart(register, identity))


def _told_apart(register: Register, identity: int) -> Iterator[dict[str, Any]]:
    held = set(members(register, identity)["record"].to_pylist())
    lines = [n for n, number in enumerate(register.records["record"].to_pylist()) if number in held]
    own = register.records.take(lines)
    seen: dict[str, dict[bytes, str]] = {name: {} for name in register.encodings}
    for row in own.to_pylist():
        letters = []
        for name in register.encodings:
            letter = seen[name].setdefault(row[name], _letter(len(seen[name])))
            letters.append("-" if row[name] is None else letter)
        yield {"record": row["record"], "dataset": row["dataset"], "tokens": "".join(letters)}


def _letter(place: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place] if place < 26 else "+"


def events(
    site: Site, source: str, person: Person, entity: str | None = None, identity: int | None = None
) -> list[dict[str, Any]]:
    """Return a register's history, oldest first: all of it, or that of one identity."""
    parsed = site.read(source)
    with _opened(site, parsed, person, entity) as (_, _, register):
        return history(register, identity)


def decide_merge(
    site: Site, source: str, person: Person, pair: Sequence[int], reason: str, *,
    entity: str | None = None, proposal: int | None = None, evidence: str = "", apart: bool = False,
) -> Decided:  # fmt: skip
    """Merge two identities, or with ``apart`` say that they are two people.

    They are named by their numbers, or by the proposal that names them. Raises ``UsageRefused``
    (ACT152) unless it is one or the other.
    """

    def change(register: Register, role: str) -> Register:
        left, right = _pair(register, pair, proposal)
        decide = keep_apart if apart else merge
        now = site.clock()
        return decide(register, left, right, at=now, actor=role, reason=reason, evidence=evidence)

    return _decide(site, source, person, entity, "kept apart" if apart else "merged", change)


def decide_split(
    site: Site, source: str, person: Person, identity: int, records: Sequence[int], reason: str, *,
    entity: str | None = None, evidence: str = "",
) -> Decided:  # fmt: skip
    """Take records out of an identity; they get an identity of their own, and stay apart."""
    return _decide(
        site, source, person, entity, "split",
        lambda register, role: split(
            register, identity, records, at=site.clock(), actor=role, reason=reason,
            evidence=evidence, draw=secrets.token_bytes,
        ),
    )  # fmt: skip


def decide_undo(
    site: Site, source: str, person: Person, event: int, reason: str, *,
    entity: str | None = None, evidence: str = "",
) -> Decided:  # fmt: skip
    """Undo what somebody decided, exactly."""
    return _decide(
        site, source, person, entity, "undone",
        lambda register, role: undo(
            register, event, at=site.clock(), actor=role, reason=reason, evidence=evidence
        ),
    )  # fmt: skip


def _decide(
    site: Site, source: str, person: Person, entity: str | None, kind: str,
    change: Change,
) -> Decided:  # fmt: skip
    parsed = site.read(source)
    agreement = parsed.agreement
    with _opened(site, parsed, person, entity) as (passage, name, register):
        made = change(register, LINKED_IN[mode_of(agreement)])
        passage.keep_register(name, as_table(made))
        number = made.events.num_rows
        now = figures(made)
        with site.store.change(person.key) as store:
            store.keep_register(agreement.reference, name, told(agreement, _Figures(now)))
            store.note(
                "identities decided",
                f"identities:{agreement.reference}/{name}",
                digest(agreement),
                what=kind,
                event=number,
                permit=f"permit:{passage.permit.id}",
            )
    return Decided(number, kind, int(now["current"]))


@contextmanager
def _opened(
    site: Site, parsed: Parsed, person: Person, entity: str | None
) -> Iterator[tuple[Passage, str, Register]]:
    """Open a register for a person of whoever links. The gate decides whether they may."""
    agreement = parsed.agreement
    name = _which(agreement, entity)
    request = to_mind_identities(agreement, person.party, person.name)
    with admitted(site, parsed, request) as passage:
        held = passage.register(name)
        if held is None:
            raise StateRefused(
                Problem(
                    "ACT151",
                    f"there is no register of {name} yet",
                    next="link first: equipoise link AGREEMENT",
                )
            )
        yield passage, name, from_table(held)


def _which(agreement: Agreement, entity: str | None) -> str:
    """Return the entity meant: the one named, or the only one whose identities persist.

    Households and families are made of people and decided on with them. Raises ``UsageRefused``
    (ACT150) where that is none or several, (ACT153) for a household or family.
    """
    made = made_of_people(agreement)
    if entity is not None and entity in made:
        raise UsageRefused(
            Problem(
                "ACT153",
                f"each {entity} is made of people, and nothing is decided on it by itself",
                why="who is in one follows from where people live, or from what was declared",
                next=f"decide on people: --entity {made[entity]}",
                clause=f"linkage.entities.{entity}",
            )
        )
    known = tuple(name for name in registers_of(agreement).values() if name not in made)
    if entity is not None and entity in known:
        return entity
    if entity is None and len(known) == 1:
        return known[0]
    raise UsageRefused(
        Problem(
            "ACT150",
            f"no identities of {entity or 'anything'} persist"
            if entity or not known
            else f"the agreement has {len(known)} registers",
            why="the agreement says of which entities they do, under 'identities'",
            next=f"say which with --entity: {', '.join(known)}"
            if known
            else "each linkage begins anew; a new version can agree otherwise",
            clause="linkage.entities",
        )
    )


def _pair(register: Register, pair: Sequence[int], proposal: int | None) -> tuple[int, int]:
    if proposal is None and len(pair) == 2:
        return pair[0], pair[1]
    if proposal is not None and not pair:
        for line in open_proposals(register):
            if line["proposal"] == proposal:
                return int(line["left"]), int(line["right"])
    raise UsageRefused(
        Problem(
            "ACT152",
            "say which two identities are meant",
            why="a proposal that was decided on, or whose identities are gone, is no longer open",
            next="give two numbers, or --proposal with the number of an open one "
            "(equipoise identities proposals AGREEMENT)",
        )
    )


def clerk(site: Site, source: str, name: str | None) -> Person:
    """Return the person who looks or decides: the one named, or the one who acts here for whoever
    links."""
    agreement = site.read(source).agreement
    return site.person(name) if name is not None else site.actor_in(agreement, "linkage unit")
