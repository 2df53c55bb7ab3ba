"""Datasets and their fields: named plainly, typed, needed, and in one role only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import nearest, suggest
from equipoise.agree.parts import Entity, FieldClause
from equipoise.agree.reads import paths_read, rule_fields, rule_part, unread_fields
from equipoise.agree.words import COARSENINGS, FIELD_TYPE_BY_NAME, FieldType

_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,62}$")
_FIELD_NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")
_MADE_BY_THE_MACHINE: Final = frozenset({"flag", "row_id", "dataset"})


def type_of(name: str, field: FieldClause) -> FieldType | None:
    """Return a field's type as stated or implied by its name, or None."""
    return field.type or FIELD_TYPE_BY_NAME.get(name)


def each_field(agreement: Agreement) -> Iterator[tuple[str, str, FieldClause]]:
    """Yield (clause, name, field) of every field."""
    for key, data in agreement.datasets.items():
        for name, field in data.fields.items():
            yield f"datasets.{key}.fields.{name}", name, field


def _named_things(agreement: Agreement) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    yield "parties", "a party", agreement.parties
    yield "datasets", "a dataset", agreement.datasets
    yield "uses", "a use", agreement.uses
    if agreement.linkage is not None:
        yield "linkage.entities", "an entity", agreement.linkage.entities


def names(agreement: Agreement) -> Iterator[Finding]:
    """Names have one plain form."""
    for clause, a_thing, things in _named_things(agreement):
        for name in things:
            if not _NAME.match(name):
                next_ = "Use small letters, digits, '-' and '_', and begin with a letter."
                words = {"name": name, "a_thing": a_thing, "next": next_}
                yield find("AGR030", f"{clause}.{name}", **words)
    for clause, name, _ in each_field(agreement):
        if not _FIELD_NAME.match(name):
            next_ = "Use small letters, digits and '_'; write the file's own name at 'column'."
            yield find("AGR030", clause, name=name, a_thing="a field", next=next_)
        elif name in _MADE_BY_THE_MACHINE or name.startswith("pseudonym_"):
            yield find("AGR141", clause, name=name)
    for name in agreement.datasets:
        if name in agreement.uses:
            yield find("AGR131", f"uses.{name}", f"datasets.{name}", name=name)


def free_names(agreement: Agreement) -> Iterator[Finding]:
    """The names of criteria and outcomes are free, but for the full stop that parts clauses."""
    for key, use in agreement.uses.items():
        for part in ("criteria", "outcomes"):
            for name in getattr(use, part, ()):
                if "." in name or not name.strip():
                    a_thing = "a criterion" if part == "criteria" else "an outcome"
                    next_ = "Use words without a full stop."
                    words = {"name": name, "a_thing": a_thing, "next": next_}
                    yield find("AGR030", f"uses.{key}.{part}.{name}", **words)


def types(agreement: Agreement) -> Iterator[Finding]:
    """Each field has a type, and what goes with that type."""
    for clause, name, field in each_field(agreement):
        kind = type_of(name, field)
        if kind is None:
            yield find("AGR132", f"{clause}.type", name=name, known=", ".join(FIELD_TYPE_BY_NAME))
            continue
        rests = (f"{clause}.type",)
        if kind == "category" and not field.values:
            yield find("AGR133", f"{clause}.values", *rests, name=name)
        if kind != "category" and field.values is not None:
            yield find("AGR134", f"{clause}.values", *rests, name=name, type=kind)
        if field.columns is not None and (kind != "date" or field.column is not None):
            yield find("AGR138", f"{clause}.columns", *rests, f"{clause}.column", name=name)
        yield from _bounds(clause, name, field, kind)


def _bounds(clause: str, name: str, field: FieldClause, kind: FieldType) -> Iterator[Finding]:
    low, high = field.at_least, field.at_most
    reason = ""
    if kind not in {"whole number", "number"} and (low is not None or high is not None):
        reason = f"a field of type {kind} has none"
    elif low is not None and high is not None and low > high:
        reason = "the lower is above the upper"
    if reason:
        at = f"{clause}.at {'least' if low is not None else 'most'}"
        yield find("AGR139", at, f"{clause}.type", f"{clause}.at most", name=name, reason=reason)


def coarsening(agreement: Agreement) -> Iterator[Finding]:
    """Payload may be blurred, in a way that fits its type."""
    for clause, name, field in each_field(agreement):
        kind = type_of(name, field)
        if field.coarsen is None or kind is None:
            continue
        known = COARSENINGS.get(kind, ())
        reason = f"A field of type {kind} has no such coarser form."
        if field.role != "payload":
            known, reason = (), "Only payload is blurred; an identifier is encoded instead."
        if field.coarsen not in known:
            next_ = suggest(field.coarsen, known) if known else "Take 'coarsen' out."
            words = {"name": name, "coarsen": field.coarsen, "reason": reason, "next": next_}
            yield find("AGR135", f"{clause}.coarsen", f"{clause}.type", f"{clause}.is", **words)


def sensitivity(agreement: Agreement) -> Iterator[Finding]:
    """The sensitivity of payload is stated."""
    for clause, name, field in each_field(agreement):
        if field.role == "payload" and field.sensitivity is None:
            yield find("AGR137", f"{clause}.sensitivity", f"{clause}.is", name=name)


def columns(agreement: Agreement) -> Iterator[Finding]:
    """No column of a file is read twice."""
    for key, data in agreement.datasets.items():
        taken: dict[str, str] = {}
        for name, field in data.fields.items():
            for column in field.columns or (field.column or name,):
                if column in taken:
                    clause, other = f"datasets.{key}.fields.{name}", taken[column]
                    rest = f"datasets.{key}.fields.{other}"
                    yield find("AGR142", clause, rest, name=name, other=other, column=column)
                taken.setdefault(column, name)


def choices(agreement: Agreement) -> Iterator[Finding]:
    """Consent and opt-out can be read: a yes/no field that is there, or one outside list."""
    for key, data in agreement.datasets.items():
        clause = f"datasets.{key}"
        asked = [("consent", data.consent.field)] if data.consent else []
        if data.opt_out is not None:
            asked += [("opt out", data.opt_out.field)] if data.opt_out.field else []
            if (data.opt_out.field is None) == (data.opt_out.check is None):
                what = "The opt-out must be found in exactly one way."
                next_ = "Keep one of 'field' and 'check'."
                at = f"{clause}.opt out"
                yield find("AGR140", at, at, what=what, next=next_)
        for rule, name in asked:
            field = data.fields.get(name)
            rests = (f"{clause}.fields.{name}.type",)
            if field is None:
                what, next_ = f"There is no field '{name}' here.", suggest(name, data.fields)
                yield find("AGR140", f"{clause}.{rule}.field", *rests, what=what, next=next_)
            elif type_of(name, field) != "yes/no":
                what, next_ = f"The field '{name}' is not a yes/no.", "Make its type 'yes/no'."
                yield find("AGR140", f"{clause}.{rule}.field", *rests, what=what, next=next_)


_READ_BY_USES: Final = ("units", "key", "keep", "check", "entity", "index date", "covariates")
_READ_BY_USES_TOO: Final = ("match.exact", "treated.dataset", "treated.starts", "treated.test")


def _what_reads(agreement: Agreement) -> Iterator[str]:
    """Yield the clauses that could name a field: where one is not as written, nothing is told."""
    for key, use in agreement.uses.items():
        yield from (f"uses.{key}.{part}" for part in (*_READ_BY_USES, *_READ_BY_USES_TOO))
        yield from (f"uses.{key}.criteria.{name}.test" for name in getattr(use, "criteria", ()))
        yield from (f"uses.{key}.outcomes.{name}.field" for name in getattr(use, "outcomes", ()))
        for index in range(len(getattr(use, "exclude", ()))):
            yield f"uses.{key}.exclude.{index}.test"
    for key in agreement.linkage.entities if agreement.linkage else ():
        parts = ("spine", "join", "rules", "compare")
        yield from (f"linkage.entities.{key}.{part}" for part in parts)
    yield from (f"datasets.{key}.opt out" for key in agreement.datasets)


def _meant(agreement: Agreement, dataset: str, name: str) -> tuple[str, str | None] | None:
    """Return the field that a path was most likely meant to name."""
    key = dataset if dataset in agreement.datasets else nearest(dataset, agreement.datasets)
    if key is None:
        return None
    fields = agreement.datasets[key].fields
    return key, name if name in fields else nearest(name, fields)


def _likely_read(agreement: Agreement) -> frozenset[tuple[str, str | None] | None]:
    """Return the fields that misspelt names were likely meant to read: those are told once."""
    meant = [
        _meant(agreement, dataset, name)
        for use in agreement.uses.values()
        for dataset, name in paths_read(use)
    ]
    for key in agreement.datasets:
        meant += [_meant(agreement, key, name) for name in rule_fields(agreement, key)]
    for entity in agreement.linkage.entities.values() if agreement.linkage else ():
        meant += [
            _meant(agreement, dataset, rule_part(part)[0])
            for dataset in (entity.spine, *entity.join)
            for rule in (*entity.rules, entity.compare or ())
            for part in rule
            if not _whole(agreement, entity)
        ]
    return frozenset(meant)


def _whole(agreement: Agreement, entity: Entity) -> bool:
    """Say whether every dataset and every field that the entity names is there."""
    members = (entity.spine, *entity.join)
    held = {
        name
        for key in members
        if key in agreement.datasets
        for name in agreement.datasets[key].fields
    }
    named = {rule_part(part)[0] for rule in entity.rules for part in rule}
    named |= set(entity.compare or ())
    return set(members) <= set(agreement.datasets) and named <= held


def unread(agreement: Agreement) -> Iterator[Finding]:
    """Nothing is shared because it exists."""
    readers = tuple(_what_reads(agreement))
    likely = _likely_read(agreement)
    for dataset, name in unread_fields(agreement):
        if (dataset, name) not in likely:
            own = (f"datasets.{dataset}.consent", f"datasets.{dataset}.opt out")
            clause = f"datasets.{dataset}.fields.{name}"
            found = find("AGR143", clause, *readers, *own, name=name)
            yield replace(found, word=name)


def forms(agreement: Agreement) -> Iterator[Finding]:
    """What is not identifiable holds no identifier."""
    for key, data in agreement.datasets.items():
        held = [name for name, field in data.fields.items() if field.role == "identifier"]
        if data.form != "identifiable" and held:
            rests = tuple(f"datasets.{key}.fields.{name}.is" for name in held)
            words = {"form": data.form, "name": held[0]}
            yield find("AGR144", f"datasets.{key}.form", *rests, **words)


CHECKS: Final = (
    names,
    free_names,
    types,
    coarsening,
    sensitivity,
    columns,
    choices,
    unread,
    forms,
)
