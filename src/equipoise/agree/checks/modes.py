"""How records are linked: each mode has what it needs, and nothing that it would not heed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.data import type_of
from equipoise.agree.checks.finding import Finding, Presence, find
from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.agree.words import LinkMode

_MODE: Final = "linkage.mode"
_SHARED_BY_MANY: Final = frozenset({"sex", "category", "yes/no"})

Named = tuple[LinkMode, str, str, Entity]
"""(mode, clause, name, entity)"""


def entities(agreement: Agreement) -> Iterator[Named]:
    """Yield every entity with its mode and clause."""
    if agreement.linkage is not None:
        for key, entity in agreement.linkage.entities.items():
            yield agreement.linkage.mode, f"linkage.entities.{key}", key, entity


def needed(agreement: Agreement) -> Iterator[Finding]:
    """The mode ``exact`` has rules; in every other an entity has rules, or compares fields."""
    for mode, clause, name, entity in entities(agreement):
        if mode == "exact" and not entity.rules:
            yield find("AGR231", f"{clause}.rules", _MODE, entity=name)
        if mode != "exact" and entity.compare is None and not entity.rules:
            yield find("AGR232", f"{clause}.compare", _MODE, entity=name, mode=mode)


def heeded(agreement: Agreement) -> Iterator[Finding]:
    """Nothing is said that the mode does not heed."""
    for mode, clause, _, entity in entities(agreement):
        said = {
            "compare": entity.compare is not None and mode == "exact",
            "sure at least": entity.sure_at_least is not None
            and (mode == "exact" or entity.compare is None),
            "strength": entity.strength is not None
            and (mode != "encoded" or entity.compare is None),
        }
        for key in (key for key, idle in said.items() if idle):
            yield find("AGR233", f"{clause}.{key}", _MODE, key=key, mode=mode)


def compared_once(agreement: Agreement) -> Iterator[Finding]:
    """A field is compared once."""
    for _, clause, _, entity in entities(agreement):
        compare = entity.compare or ()
        for index, name in enumerate(compare):
            if name in compare[:index]:
                yield find("AGR172", f"{clause}.compare.{index}", f"{clause}.compare", name=name)


def telling(agreement: Agreement) -> Iterator[Finding]:
    """Something that is compared tells people apart."""
    for mode, clause, name, entity in entities(agreement):
        members = {entity.spine, *entity.join} & set(agreement.datasets)
        kinds = {
            type_of(field, agreement.datasets[key].fields[field])
            for field in entity.compare or ()
            for key in members
            if field in agreement.datasets[key].fields
        }
        if mode != "exact" and kinds and kinds <= _SHARED_BY_MANY:
            rests = (f"{clause}.spine", f"{clause}.join", _MODE)
            types = tuple(
                f"datasets.{key}.fields.{field}.type"
                for key in sorted(members)
                for field in entity.compare or ()
            )
            yield find("AGR242", f"{clause}.compare", *rests, *types, entity=name)


def shared(agreement: Agreement) -> Iterator[Finding]:
    """Filters hold the same fields everywhere; elsewhere each side shares one at least."""
    for mode, clause, _, entity in entities(agreement):
        members = (entity.spine, *entity.join)
        if mode == "exact" or entity.compare is None:
            continue
        if not set(members) <= set(agreement.datasets):
            continue  # told already
        fields = {key: set(agreement.datasets[key].fields) for key in members}
        held = set().union(*fields.values())
        names = [name for name in entity.compare if name in held]
        rests = (f"{clause}.compare", f"{clause}.join", f"{clause}.spine", _MODE)
        presence = tuple(Presence(f"datasets.{key}.fields") for key in members)
        if mode == "encoded":
            for key in members:
                for name in (name for name in names if name not in fields[key]):
                    yield find("AGR234", clause, *rests, *presence, dataset=key, name=name)
            continue
        for index, key in enumerate(entity.join):
            if names and not fields[entity.spine] & fields[key] & set(names):
                at = f"{clause}.join.{index}"
                yield find("AGR235", at, *rests, *presence, name=key, spine=entity.spine)


def declared(agreement: Agreement) -> Iterator[Finding]:
    """Where identifiers themselves travel, the data are declared identifiable."""
    told: set[str] = set()
    for mode, clause, _, entity in entities(agreement):
        for key in (entity.spine, *entity.join):
            data = agreement.datasets.get(key)
            if mode != "identified" or data is None or key in told:
                continue
            if data.form != "identifiable":
                told.add(key)
                rests = (_MODE, f"{clause}.spine", f"{clause}.join")
                yield find("AGR236", f"datasets.{key}.form", *rests, dataset=key, form=data.form)


CHECKS: Final = (needed, heeded, compared_once, telling, shared, declared)
