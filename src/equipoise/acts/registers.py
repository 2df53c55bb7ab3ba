"""Registers of identities that persist: when one is used, what is told of it, when it is due."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, Protocol

import pyarrow as pa

from equipoise.acts.site import Site
from equipoise.acts.ways import LINKING, holds, mode_of
from equipoise.agree.document import Agreement
from equipoise.agree.reads import REGISTER, made_of_people, registers_of
from equipoise.carry.identity.homes import PEOPLE
from equipoise.carry.identity.register import MOMENT as INSTANT
from equipoise.carry.identity.step import MOMENT
from equipoise.carry.identity.step import REGISTER as TABLE
from equipoise.errors import Problem, StateRefused
from equipoise.gate.passage import Passage


class Figured(Protocol):
    """What a locked process says of a register: exact figures, for the room alone."""

    @property
    def numbers_of(self) -> Mapping[str, Any]:
        """Return the figures."""
        ...


def lasts(site: Site, agreement: Agreement, entity: str) -> bool:
    """Say whether an entity is known again today: the agreement says so, and its day is not past.

    After that day each linkage begins anew, as without the clause.
    """
    assert agreement.linkage is not None
    clause = agreement.linkage.entities[entity].identities
    return clause is not None and site.clock().astimezone(UTC).date() <= clause.until


def with_register(site: Site, passage: Passage, entity: str) -> dict[str, pa.Table]:
    """Return what the step needs besides the encodings: the register, the moment, randomness, and
    in the mode ``identified`` the register's own key."""
    agreement = passage.agreement
    key = passage.register_key(entity) if mode_of(agreement) == "identified" else None
    moment = pa.table(
        {
            "at": pa.array([site.clock()], INSTANT),
            "seed": pa.array([secrets.token_bytes(32)], pa.binary(32)),
            "made_with": pa.array([_made_with(site, agreement, entity)], pa.string()),
            "key": pa.array([key], pa.binary(32)),
        }
    )
    held = passage.register(entity)
    return {MOMENT: moment} | ({} if held is None else {TABLE: held})


def with_people(passage: Passage, entity: str) -> dict[str, pa.Table]:
    """Return what households and families are made of besides: the register of their people, and
    whatever says who is related.

    Raises ``StateRefused`` (ACT154) when nobody may be known again any more.
    """
    agreement = passage.agreement
    assert agreement.linkage is not None
    of = made_of_people(agreement)[entity]
    today = passage.permit.issued.date()
    kept = [agreement.linkage.entities[name].identities for name in (entity, of)]
    people = None
    if all(clause is not None and today <= clause.until for clause in kept):
        people = passage.register(of)
    if people is None:
        raise StateRefused(
            Problem(
                "ACT154",
                f"nobody is known of whom a {entity} could be made",
                why=f"it is made of the register of {of}, which begins with a linkage and ends on "
                "the day that the agreement says",
                next="agree later days in a new version, or leave households and families out",
                clause=f"linkage.entities.{entity}",
            )
        )
    homes = agreement.linkage.entities[entity].households
    family = agreement.linkage.entities.get((homes.related_by if homes else None) or "")
    more = (family.spine, *family.join) if family is not None else ()
    return {PEOPLE: people, **passage.tokens(more)}


def _made_with(site: Site, agreement: Agreement, entity: str) -> str:
    """Return the check of the secret with which the owners encoded, as it came with the parcels:
    of all the same, since linking refuses others (ACT122)."""
    assert agreement.linkage is not None
    clause = agreement.linkage.entities[entity]
    checks = [
        str(each.counts.get("key", ""))
        for each in site.store.deliveries(agreement.reference)
        if each.dataset in (clause.spine, *clause.join) and holds(each) in LINKING
    ]
    return checks[-1] if checks and mode_of(agreement) != "identified" else ""


def told(agreement: Agreement, known: Figured) -> dict[str, Any]:
    """Return a register's figures as they may lie outside the room: rounded, and no small ones.

    Rounded like the ledger's counts; a figure below the minimum is ``few``.
    """
    least = max(rule.min_count for rule in agreement.outputs.values())
    base = max(least, *(rule.round_to for rule in agreement.outputs.values()))

    def blurred(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: blurred(item) for key, item in value.items()}
        return "few" if 0 < value < least else base * round(value / base)

    return {"fewest": least, **{key: blurred(value) for key, value in known.numbers_of.items()}}


def registers_held(site: Site, agreement: Agreement, *, ever: bool = False) -> set[str]:
    """Return the names of the registers held here; with ``ever``, also of those erased."""
    held = site.store.registers(agreement.reference, ever=ever)
    return {f"{REGISTER}{each.entity}" for each in held}


def registers_due(site: Site, agreement: Agreement, *, ended: bool) -> tuple[str, ...]:
    """Return the registers to be erased by now: their day is past, or nothing more may be done."""
    held = registers_held(site, agreement)
    return tuple(
        name
        for name, entity in registers_of(agreement).items()
        if name in held and (ended or not lasts(site, agreement, entity))
    )


def never_held(site: Site, agreement: Agreement, name: str) -> Iterator[Problem]:
    """Yield the problem of a register to erase that never was here."""
    if name not in registers_held(site, agreement, ever=True):
        yield Problem(
            "ACT072", f"nothing of {name} was ever held here", next="there is nothing to erase"
        )


def with_made_of_them(site: Site, agreement: Agreement, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of what is to be erased, and the registers held that are made of them:
    households mean nothing once their people are known no more."""
    gone = {registers_of(agreement)[name] for name in names if name in registers_of(agreement)}
    made = (f"{REGISTER}{key}" for key, of in made_of_people(agreement).items() if of in gone)
    held = registers_held(site, agreement)
    return tuple(dict.fromkeys((*names, *(name for name in made if name in held))))


def entities_named(agreement: Agreement, names: Sequence[str]) -> list[str]:
    """Return the entities whose registers are among ``names``."""
    registers = registers_of(agreement)
    return [registers[name] for name in names if name in registers]
