"""Linkage: each entity joins datasets that can make the same tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.data import type_of
from equipoise.agree.checks.finding import Finding, Presence, find
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest
from equipoise.agree.parts import Entity, FieldClause
from equipoise.agree.reads import rule_part
from equipoise.agree.words import TRANSFORMS, FieldType


def _entities(agreement: Agreement) -> Iterator[tuple[str, Entity]]:
    entities = agreement.linkage.entities if agreement.linkage is not None else {}
    for key, entity in entities.items():
        yield f"linkage.entities.{key}", entity


def _members(entity: Entity, clause: str) -> Iterator[tuple[str, str]]:
    yield f"{clause}.spine", entity.spine
    for index, joined in enumerate(entity.join):
        yield f"{clause}.join.{index}", joined


def _type(agreement: Agreement, dataset: str, name: str) -> FieldType | None:
    field = agreement.datasets[dataset].fields.get(name)
    return None if field is None else type_of(name, field)


def members(agreement: Agreement) -> Iterator[Finding]:
    """Each dataset of an entity exists, and is named once."""
    for clause, entity in _entities(agreement):
        seen: set[str] = set()
        for at, name in _members(entity, clause):
            if name not in agreement.datasets:
                yield find("AGR151", at, name=name, next=suggest(name, agreement.datasets))
            elif name in seen:
                yield find("AGR152", at, f"{clause}.spine", name=name)
            seen.add(name)


def rules(agreement: Agreement) -> Iterator[Finding]:
    """Each rule says something of its own."""
    for clause, entity in _entities(agreement):
        seen: set[tuple[str, ...]] = set()
        for index, rule in enumerate(entity.rules):
            at = f"{clause}.rules.{index}"
            if not rule:
                yield find("AGR158", at, what="The rule names no field.")
            elif len(set(rule)) < len(rule):
                yield find("AGR158", at, what="The rule names a field twice.")
            elif tuple(sorted(rule)) in seen:
                yield find("AGR158", at, what="The rule is there already.")
            seen.add(tuple(sorted(rule)))


def _held(agreement: Agreement, entity: Entity, name: str) -> dict[str, FieldClause]:
    """Return, for each dataset of the entity that has it, the field ``name``."""
    found: dict[str, FieldClause] = {}
    for dataset in (entity.spine, *entity.join):
        fields = agreement.datasets[dataset].fields if dataset in agreement.datasets else {}
        if name in fields:
            found[dataset] = fields[name]
    return found


def parts(agreement: Agreement) -> Iterator[Finding]:
    """Each part of a rule is an identifier that is there, and can be taken from its type."""
    for clause, entity in _entities(agreement):
        for index, rule in enumerate(entity.rules):
            for number, part in enumerate(rule):
                at = f"{clause}.rules.{index}.{number}"
                yield from _part(agreement, entity, clause, at, part)
        for number, name in enumerate(entity.compare or ()):
            at = f"{clause}.compare.{number}"
            yield from _part(agreement, entity, clause, at, name, "what is compared")


def _part(
    agreement: Agreement,
    entity: Entity,
    clause: str,
    at: str,
    part: str,
    as_what: str = "a part of a token",
) -> Iterator[Finding]:
    name, transform = rule_part(part)
    held = _held(agreement, entity, name)
    roles = tuple(f"datasets.{key}.fields.{name}.is" for key in held)
    types = tuple(f"datasets.{key}.fields.{name}.type" for key in held)
    members = (entity.spine, *entity.join)
    if not held and set(members) <= set(agreement.datasets):
        known = [field for key in members for field in agreement.datasets[key].fields]
        rests = (f"{clause}.spine", f"{clause}.join")
        next_ = suggest(name, dict.fromkeys(known))
        yield find("AGR154", at, *rests, *_fields(*members), name=name, next=next_)
    for field in held.values():
        if field.role in {"payload", "reference"}:
            words = {"as_what": as_what, "article": "a", "role": field.role}
            yield find("AGR136", at, *roles, name=name, **words)
            break
    for field in held.values():
        kind = type_of(name, field)
        known_parts = TRANSFORMS.get(kind, ()) if kind else ()
        if kind and transform is not None and transform not in known_parts:
            next_ = suggest(transform, known_parts) if known_parts else "Use the whole field."
            words = {"transform": transform, "name": name, "type": kind, "next": next_}
            yield find("AGR157", at, *types, **words)
            break


def _sides(agreement: Agreement) -> Iterator[tuple[str, Entity, int, str]]:
    """Yield every pair of a spine and a joined dataset that both exist."""
    for clause, entity in _entities(agreement):
        for index, joined in enumerate(entity.join):
            if {entity.spine, joined} <= set(agreement.datasets) and joined != entity.spine:
                yield clause, entity, index, joined


def same_types(agreement: Agreement) -> Iterator[Finding]:
    """A field has one type on both sides."""
    for clause, entity, _, joined in _sides(agreement):
        names = {rule_part(part)[0] for rule in entity.rules for part in rule}
        for name in sorted(names | set(entity.compare or ())):
            left, right = (_type(agreement, side, name) for side in (entity.spine, joined))
            if left is not None and right is not None and left != right:
                words = {"name": name, "spine": entity.spine, "other": joined}
                yield find(
                    "AGR155",
                    f"datasets.{joined}.fields.{name}.type",
                    f"datasets.{entity.spine}.fields.{name}.type",
                    f"{clause}.rules",
                    f"{clause}.compare",
                    **words,
                    type=left,
                    other_type=right,
                )


def _usable(agreement: Agreement, entity: Entity, rule: tuple[str, ...], joined: str) -> bool:
    names = [rule_part(part)[0] for part in rule]
    return bool(names) and all(
        name in agreement.datasets[side].fields for name in names for side in (entity.spine, joined)
    )


def usable(agreement: Agreement) -> Iterator[Finding]:
    """Each joined dataset can use a rule, and each rule is used by a joined dataset."""
    for clause, entity, index, joined in _sides(agreement):
        if not entity.rules or entity.compare is not None:
            continue  # what has none, or compares, is told of in ``modes``
        rests = (f"{clause}.rules", f"{clause}.spine", *_fields(entity.spine, joined))
        if not any(_usable(agreement, entity, rule, joined) for rule in entity.rules):
            at = f"{clause}.join.{index}"
            yield find("AGR153", at, *rests, name=joined, spine=entity.spine)
    for clause, entity in _entities(agreement):
        sides = [joined for _, other, _, joined in _sides(agreement) if other is entity]
        for index, rule in enumerate(entity.rules):
            every_part_exists = all(_held(agreement, entity, rule_part(part)[0]) for part in rule)
            if not rule or not sides or not every_part_exists:
                continue
            if not any(_usable(agreement, entity, rule, joined) for joined in sides):
                at = f"{clause}.rules.{index}"
                sides_read = (at, f"{clause}.join", f"{clause}.spine")
                names = _fields(entity.spine, *entity.join)
                yield find("AGR159", at, *sides_read, *names, spine=entity.spine)


def _fields(*datasets: str) -> tuple[str, ...]:
    return tuple(Presence(f"datasets.{dataset}.fields") for dataset in datasets)


CHECKS: Final = (members, rules, parts, same_types, usable)
