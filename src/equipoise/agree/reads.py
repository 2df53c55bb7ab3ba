"""Which fields are read, and by what: the measure of "no more than is needed"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Final

from equipoise.agree.document import Agreement
from equipoise.agree.uses import EvaluateUse, FieldRef, FlagUse, LinkedUse, read_test
from equipoise.agree.words import Form

Pair = tuple[str, str]
"""(dataset, field)"""


def split_path(path: str) -> Pair:
    """Return (dataset, field) of a path such as ``offenders.index_date``."""
    dataset, _, field = path.partition(".")
    return dataset, field


def rule_part(part: str) -> tuple[str, str | None]:
    """Return (field, transform) of one part of a linkage rule, as ``surname:sound``."""
    field, colon, transform = part.partition(":")
    return field, transform if colon else None


def condition_reads(text: str) -> Iterator[Pair]:
    """Yield the fields that a condition reads: its left side, and its right when that is one."""
    test = read_test(text)
    yield test.dataset, test.field
    if isinstance(test.value, FieldRef):
        yield test.value.dataset, test.value.field


def _linked(use: LinkedUse) -> Iterator[Pair]:
    yield from map(split_path, use.keep)
    if use.check is not None:
        check = use.check
        for path in (check.left, check.left_known, check.right, check.right_known):
            yield split_path(path)


def _flag(use: FlagUse) -> Iterator[Pair]:
    yield from ((unit, use.key) for unit in use.units)
    for criterion in use.criteria.values():
        yield from condition_reads(criterion.test)


def _evaluate(use: EvaluateUse) -> Iterator[Pair]:
    paths = [*use.covariates, *use.match.exact, *(out.field for out in use.outcomes.values())]
    yield from map(split_path, paths)
    for path in (use.index_date, use.treated.starts):
        if path is not None:
            yield split_path(path)
    tests = [exclusion.test for exclusion in use.exclude]
    for text in [*tests, *([use.treated.test] if use.treated.test else [])]:
        yield from condition_reads(text)


_READS: Final[dict[str, Callable[[Any], Iterator[Pair]]]] = {
    "linked": _linked,
    "flag": _flag,
    "evaluate": _evaluate,
}


def paths_read(use: LinkedUse | FlagUse | EvaluateUse) -> frozenset[Pair]:
    """Return every (dataset, field) that the use's own clause names, existing or not."""
    return frozenset(_READS[use.use](use))


def _named(use: LinkedUse | FlagUse | EvaluateUse) -> Iterator[str]:
    if isinstance(use, FlagUse):
        yield from use.units
    elif isinstance(use, EvaluateUse):
        yield use.pool
        if use.treated.dataset is not None:
            yield use.treated.dataset
    elif use.check is not None:
        yield use.check.dataset


def _in_use(agreement: Agreement, use_id: str) -> set[str]:
    use = agreement.uses[use_id]
    found = {dataset for dataset, _ in paths_read(use)} | set(_named(use))
    if isinstance(use, LinkedUse) and agreement.linkage is not None:
        entity = agreement.linkage.entities.get(use.entity)
        found |= set() if entity is None else {entity.spine, *entity.join}
    return found


def datasets_read(agreement: Agreement, use_id: str) -> tuple[str, ...]:
    """Return the datasets that take part in a use, in the order of the text.

    A dataset takes part when the use names it, reads a field of it, or (for ``linked``) its entity
    joins it.
    """
    found = _in_use(agreement, use_id)
    return tuple(key for key in agreement.datasets if key in found)


def rule_fields(agreement: Agreement, dataset: str) -> tuple[str, ...]:
    """Return the fields by which ``dataset`` permits or drops rows: consent and opt-out."""
    data = agreement.datasets[dataset]
    consent = (data.consent.field,) if data.consent else ()
    opt_out = (data.opt_out.field,) if data.opt_out and data.opt_out.field else ()
    return (*consent, *opt_out)


def fields_read(agreement: Agreement, use_id: str) -> Mapping[str, frozenset[str]]:
    """Return, for each dataset in the use, the fields other than identifiers that it reads.

    Tests, keys, covariates, outcomes, exclusions, dates and what is kept, and the consent and
    opt-out fields of each dataset that takes part. A dataset that takes part only by being linked
    has an empty set. Raises ``KeyError`` for a use that the agreement does not name.
    """
    pairs = paths_read(agreement.uses[use_id])
    read: dict[str, frozenset[str]] = {}
    for dataset in datasets_read(agreement, use_id):
        fields = agreement.datasets[dataset].fields
        named = {field for key, field in pairs if key == dataset}
        named |= set(rule_fields(agreement, dataset))
        read[dataset] = frozenset(
            field for field in named if field in fields and fields[field].role != "identifier"
        )
    return read


def identifiers_read(agreement: Agreement) -> Mapping[str, frozenset[str]]:
    """Return, for each dataset, the fields that linkage and outside opt-out lists read.

    A rule counts for the spine and a joined dataset when both hold every field it names, a field
    that is compared when both hold it.
    """
    read: dict[str, set[str]] = {dataset: set() for dataset in agreement.datasets}
    for dataset, field in (*_rule_pairs(agreement), *_opt_out_pairs(agreement)):
        read[dataset].add(field)
    return {dataset: frozenset(fields) for dataset, fields in read.items()}


def _rule_pairs(agreement: Agreement) -> Iterator[Pair]:
    entities = agreement.linkage.entities.values() if agreement.linkage else ()
    for entity in entities:
        alone = tuple((name,) for name in entity.compare or ())
        for rule, joined in product((*entity.rules, *alone), entity.join):
            names = {rule_part(part)[0] for part in rule}
            yield from _if_held(agreement, (entity.spine, joined), names)


def _opt_out_pairs(agreement: Agreement) -> Iterator[Pair]:
    for dataset, name in lists_checked(agreement).items():
        for rule in opt_out_rules(agreement, dataset):
            names = {rule_part(part)[0] for part in rule}
            yield from _if_held(agreement, (dataset, name), names)


def _if_held(agreement: Agreement, sides: tuple[str, str], names: set[str]) -> Iterator[Pair]:
    if all(
        side in agreement.datasets and names <= set(agreement.datasets[side].fields)
        for side in sides
    ):
        yield from product(sides, names)


def compared(agreement: Agreement, entity: str, dataset: str) -> tuple[str, ...]:
    """Return the fields of ``dataset`` that are compared for ``entity``, in the text's order.

    A field counts when some dataset that this one meets holds it too. Empty in the mode ``exact``.
    """
    if agreement.linkage is None:
        return ()
    clause = agreement.linkage.entities[entity]
    others = clause.join if dataset == clause.spine else (clause.spine,)
    own = agreement.datasets[dataset].fields
    return tuple(
        name
        for name in clause.compare or ()
        if name in own and any(name in agreement.datasets[other].fields for other in others)
    )


def lists_checked(agreement: Agreement) -> Mapping[str, str]:
    """Return dataset -> the dataset of this agreement that is its outside opt-out list."""
    named = {
        key: data.opt_out.check or ""
        for key, data in agreement.datasets.items()
        if data.opt_out is not None
    }
    return {key: name for key, name in named.items() if name in agreement.datasets}


def opt_out_rules(agreement: Agreement, dataset: str) -> tuple[tuple[str, ...], ...]:
    """Return the rules on which ``dataset`` meets its list; none where it has no list."""
    rule = agreement.datasets[dataset].opt_out
    return rule.rules or () if rule is not None and rule.check is not None else ()


def lists_of(agreement: Agreement, datasets: Iterable[str]) -> tuple[str, ...]:
    """Return the opt-out lists that these datasets are checked against, in the text's order."""
    checked = lists_checked(agreement)
    found = {checked[name] for name in datasets if name in checked}
    return tuple(name for name in agreement.datasets if name in found)


def uses_of(agreement: Agreement, dataset: str) -> tuple[str, ...]:
    """Return the uses that need a dataset: that read it, or one which it bars as a list."""
    return tuple(
        use
        for use in agreement.uses
        if dataset in (read := datasets_read(agreement, use))
        or dataset in lists_of(agreement, read)
    )


REGISTER: Final = "identities-"
"""A register is held, and erased, under this and its entity's name."""


def registers_of(agreement: Agreement) -> Mapping[str, str]:
    """Return the entities whose identities persist: the name of each one's register -> entity."""
    entities = agreement.linkage.entities if agreement.linkage is not None else {}
    return {f"{REGISTER}{key}": key for key, entity in entities.items() if entity.identities}


def made_of_people(agreement: Agreement) -> Mapping[str, str]:
    """Return the entities that are households or families -> the entity of their people."""
    entities = agreement.linkage.entities if agreement.linkage is not None else {}
    return {
        key: made.of
        for key, entity in entities.items()
        if (made := entity.households or entity.families) is not None
    }


def reviewed_by(agreement: Agreement) -> Mapping[str, str]:
    """Return the entities of which people may look at pairs, and the party whose people may."""
    entities = agreement.linkage.entities if agreement.linkage is not None else {}
    return {key: one.reviewed_by for key, one in entities.items() if one.reviewed_by is not None}


def to_link(agreement: Agreement) -> tuple[str, ...]:
    """Return the datasets that travel to be linked, opt-out lists included."""
    linked = [name for name in agreement.datasets if agreement.entities_of(name)]
    wanted = {*linked, *lists_of(agreement, linked)}
    return tuple(name for name in agreement.datasets if name in wanted)


def with_payload(agreement: Agreement) -> tuple[str, ...]:
    """Return the datasets whose payload travels: all but opt-out lists, which only bar others."""
    barred = set(lists_checked(agreement).values())
    return tuple(name for name in agreement.datasets if name not in barred)


def pack_fields(agreement: Agreement, dataset: str) -> tuple[str, ...]:
    """Return the fields of ``dataset`` that travel to the secure room, in the order of the text.

    They are what any use reads, without identifiers and without the consent and opt-out fields,
    which have done their work on the owner's machine unless a use reads them too.
    """
    read = {
        field for use in agreement.uses.values() for key, field in paths_read(use) if key == dataset
    }
    return tuple(
        name
        for name, field in agreement.datasets[dataset].fields.items()
        if name in read and field.role != "identifier"
    )


def unread_fields(agreement: Agreement) -> tuple[Pair, ...]:
    """Return the fields that no use, linkage rule, consent or opt-out rule reads."""
    used = {pair for use in agreement.uses.values() for pair in paths_read(use)}
    by_rules = identifiers_read(agreement)
    return tuple(
        (dataset, field)
        for dataset, data in agreement.datasets.items()
        for field in data.fields
        if (dataset, field) not in used
        and field not in by_rules[dataset]
        and field not in rule_fields(agreement, dataset)
    )


def linked_form(agreement: Agreement) -> Form:
    """Return the form in which whoever links sees what is linked."""
    mode = agreement.linkage.mode if agreement.linkage else "exact"
    return "identifiable" if mode == "identified" else "de-personalised"
