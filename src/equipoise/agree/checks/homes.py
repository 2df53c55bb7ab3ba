"""Households and families: made of people who are known again, by what says where they live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.data import type_of
from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.checks.modes import entities
from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.agree.reads import made_of_people, rule_part


def _made(agreement: Agreement) -> Iterator[tuple[str, str, Entity, str]]:
    """Yield (clause, name, entity, the key that makes it one) of every household and family."""
    for _, clause, name, entity in entities(agreement):
        if entity.households is not None:
            yield clause, name, entity, "households"
        elif entity.families is not None:
            yield clause, name, entity, "families"


def _of(entity: Entity) -> str:
    made = entity.households or entity.families
    assert made is not None, "it is one of the two"
    return made.of


def of_people(agreement: Agreement) -> Iterator[Finding]:
    """The people are of an entity that is known again, at least as long."""
    everybody = agreement.linkage.entities if agreement.linkage is not None else {}
    for clause, name, entity, key in _made(agreement):
        of = everybody.get(_of(entity))
        until = entity.identities.until if entity.identities is not None else None
        at = f"{clause}.{key}.of"
        people = of if _of(entity) not in made_of_people(agreement) else None
        kept = people.identities if people is not None else None
        if kept is None or (until is not None and kept.until < until):
            rests = (f"linkage.entities.{_of(entity)}", f"{clause}.identities")
            yield find("AGR244", at, *rests, entity=name, of=_of(entity))
        if until is None:
            yield find("AGR245", f"{clause}.{key}", clause, entity=name)


def of_their_datasets(agreement: Agreement) -> Iterator[Finding]:
    """Every dataset is about those people, but for the list of places that are no homes."""
    everybody = agreement.linkage.entities if agreement.linkage is not None else {}
    for clause, name, entity, _ in _made(agreement):
        of = everybody.get(_of(entity))
        if of is None:
            continue  # told already
        known = {of.spine, *of.join}
        listed = entity.households.not_in if entity.households is not None else None
        members = {f"{clause}.spine": entity.spine} | {
            f"{clause}.join.{index}": joined for index, joined in enumerate(entity.join)
        }
        for at, dataset in members.items():
            stranger = dataset not in known and dataset in agreement.datasets
            if stranger and (dataset != listed or at.endswith("spine")):
                rests = (f"linkage.entities.{_of(entity)}", f"{clause}.households")
                yield find("AGR246", at, *rests, dataset=dataset, of=_of(entity), entity=name)


def by_places(agreement: Agreement) -> Iterator[Finding]:
    """A household's rules say where somebody lives; a family's one rule says with whom."""
    for clause, name, entity, key in _made(agreement):
        if key == "families":
            if len(entity.rules) != 1:
                yield _unfit(
                    f"{clause}.rules", clause,
                    f"'{name}' has {len(entity.rules)} rules.",
                    "What people of one family share is one thing.",
                    "Say it in one rule, as [claim_number].",
                )  # fmt: skip
            continue
        seen: set[str | None] = {None}
        for index, rule in enumerate(entity.rules):
            place = place_of(agreement, entity, rule)
            if place in seen:
                wrong = "says no place" if place is None else "is there already"
                yield _unfit(
                    f"{clause}.rules.{index}", clause,
                    f"A rule of '{name}' {wrong}.",
                    "A home is known by its UPRN, by a flat, or by the building, each once.",
                    "Use [uprn], [address:flat, postcode] and [address:building, postcode].",
                )  # fmt: skip
            seen.add(place)


def place_of(agreement: Agreement, entity: Entity, rule: tuple[str, ...]) -> str | None:
    """Return what a rule of a household is: ``uprn``, ``flat``, ``building``, or None of them."""
    names = [rule_part(part) for part in rule]
    kinds = {
        kind
        for field, _ in names
        for dataset in (entity.spine, *entity.join)
        if dataset in agreement.datasets and field in agreement.datasets[dataset].fields
        if (kind := type_of(field, agreement.datasets[dataset].fields[field])) is not None
    }
    parts = {part for _, part in names if part is not None}
    if len(rule) == 1 and kinds == {"uprn"}:
        return "uprn"
    if len(rule) == 2 and kinds == {"address", "postcode"} and parts in ({"flat"}, {"building"}):
        return parts.pop()
    return None


def _unfit(at: str, clause: str, what: str, why: str, next_: str) -> Finding:
    return find("AGR247", at, f"{clause}.rules", what=what, why=why, next=next_)


def heeded(agreement: Agreement) -> Iterator[Finding]:
    """Nothing is said that a household or family does not heed."""
    for clause, name, entity, key in _made(agreement):
        said = {
            "compare": entity.compare is not None,
            "reviewed by": entity.reviewed_by is not None,
            "families": key == "households" and entity.families is not None,
        }
        for idle in (idle for idle, there in said.items() if there):
            yield find("AGR248", f"{clause}.{idle}", f"{clause}.{key}", key=idle, entity=name)


def named(agreement: Agreement) -> Iterator[Finding]:
    """The list of places is joined; those who count as related are families of the same people."""
    everybody = agreement.linkage.entities if agreement.linkage is not None else {}
    for clause, name, entity, key in _made(agreement):
        homes = entity.households
        if key != "households" or homes is None:
            continue
        if homes.not_in is not None and homes.not_in not in entity.join:
            yield find(
                "AGR249", f"{clause}.households.not in", f"{clause}.join",
                name=homes.not_in, key="not in", entity=name,
                why="A place is known to be on the list by the very rules of the household.",
                next=f"Join the dataset of those places to '{name}'.",
            )  # fmt: skip
        family = everybody.get(homes.related_by or "")
        fits = family is not None and family.families is not None and _of(family) == homes.of
        if homes.related_by is not None and not fits:
            yield find(
                "AGR249", f"{clause}.households.related by", "linkage.entities",
                name=homes.related_by, key="related by", entity=name,
                why="Who is related is told by families of the same people.",
                next=f"Name an entity with 'families: {{of: {homes.of}}}', or take it out.",
            )  # fmt: skip


CHECKS: Final = (of_people, of_their_datasets, by_places, heeded, named)
