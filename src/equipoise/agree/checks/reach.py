"""Rows of two datasets are read together only through an entity that connects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from equipoise.agree.checks.finding import Finding, Presence, find
from equipoise.agree.checks.uses import tests_in
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest
from equipoise.agree.plain import listed
from equipoise.agree.reads import split_path
from equipoise.agree.uses import EvaluateUse, FieldRef, FlagUse, LinkedUse, read_test

_RESTS: Final = ("linkage.entities",)


def _entity(agreement: Agreement, clause: str, name: str) -> Iterator[Finding]:
    """An entity that is named exists."""
    known = agreement.linkage.entities if agreement.linkage is not None else {}
    if name not in known:
        names = (Presence("linkage.entities"),)
        yield find("AGR162", clause, *names, name=name, next=suggest(name, known))


def _connects(agreement: Agreement, entity: str, *datasets: str) -> bool:
    return all(entity in agreement.entities_of(dataset) for dataset in datasets)


def _is_whole(agreement: Agreement, name: str) -> bool:
    """Say whether an entity is there with all its datasets: if not, that was told already."""
    entities = agreement.linkage.entities if agreement.linkage is not None else {}
    entity = entities.get(name)
    return entity is not None and {entity.spine, *entity.join} <= set(agreement.datasets)


def _quoted(datasets: Iterable[str]) -> str:
    return listed(f"'{name}'" for name in datasets)


def _through(
    agreement: Agreement, at: tuple[str, str], entity: str | None, left: str, *rights: str
) -> Iterator[Finding]:
    """``at`` is (the clause that needs a way, the clause that names it). One finding names all of
    ``rights`` that ``left`` does not reach."""
    others = [one for one in dict.fromkeys(rights) if one != left and one in agreement.datasets]
    if left not in agreement.datasets or not others:
        return
    if entity is None:
        yield find("AGR165", at[0], at[1], left=left, right=_quoted(others))
    elif _is_whole(agreement, entity):
        apart = [one for one in others if not _connects(agreement, entity, left, one)]
        lacking = [one for one in (left, *apart) if not _connects(agreement, entity, one)]
        if apart:
            words = {"entity": entity, "left": left, "right": _quoted(apart)}
            yield find("AGR163", at[1], *_RESTS, *at, lacking=_quoted(lacking), **words)


def flags(agreement: Agreement) -> Iterator[Finding]:
    """Each unit reaches what each criterion tests."""
    for key, use in agreement.uses.items():
        if not isinstance(use, FlagUse):
            continue
        for name, criterion in use.criteria.items():
            clause = f"uses.{key}.criteria.{name}"
            at = (f"{clause}.test", f"{clause}.through")
            if criterion.through is not None:
                yield from _entity(agreement, at[1], criterion.through)
            test = read_test(criterion.test)
            yield from _through(agreement, at, criterion.through, test.dataset, *use.units)
            if isinstance(test.value, FieldRef):
                sides = (test.value.dataset, test.dataset)
                yield from _through(agreement, at, criterion.through, *sides)
        count = len(use.criteria)
        needed = int(use.combine.rpartition(" ")[2]) if " " in use.combine else 1
        if needed > count:
            rest = f"uses.{key}.criteria"
            yield find("AGR166", f"uses.{key}.combine", rest, needed=needed, count=count)


def linked(agreement: Agreement) -> Iterator[Finding]:
    """What is kept, and what links are checked by, belongs to the entity."""
    for key, use in agreement.uses.items():
        if not isinstance(use, LinkedUse):
            continue
        clause = f"uses.{key}"
        yield from _entity(agreement, f"{clause}.entity", use.entity)
        named = [(f"{clause}.keep.{index}", path) for index, path in enumerate(use.keep)]
        if use.check is not None and use.check.dataset in agreement.datasets:
            named += [(f"{clause}.check.left", use.check.left)]
            named += [(f"{clause}.check.right", use.check.right)]
            for part, path in (("left", use.check.left_known), ("right", use.check.right_known)):
                if split_path(path)[0] != use.check.dataset:
                    at = f"{clause}.check.{part} known"
                    reason = "What is known is held in one dataset."
                    words = {"name": path, "pool": use.check.dataset, "reason": reason}
                    yield find("AGR168", at, f"{clause}.check.dataset", **words)
        for at, path in named:
            dataset = split_path(path)[0]
            known = dataset in agreement.datasets and _is_whole(agreement, use.entity)
            if known and not _connects(agreement, use.entity, dataset):
                words = {"entity": use.entity, "left": dataset, "right": "the rest"}
                words |= {"lacking": _quoted([dataset])}
                yield find("AGR163", at, *_RESTS, f"{clause}.entity", **words)


def evaluations(agreement: Agreement) -> Iterator[Finding]:
    """The treated dataset reaches the pool, and exclusions reach one of the two."""
    for key, use in agreement.uses.items():
        if not isinstance(use, EvaluateUse):
            continue
        treated, clause = use.treated, f"uses.{key}"
        if treated.through is not None:
            yield from _entity(agreement, f"{clause}.treated.through", treated.through)
        if treated.dataset is not None:
            at = (f"{clause}.treated.dataset", f"{clause}.treated.through")
            yield from _through(agreement, at, treated.through, treated.dataset, use.pool)
        own = {use.pool, treated.dataset}
        for at_test, test in tests_in(key, use):
            allowed = {use.pool} if at_test.endswith("treated.test") else own
            right = {test.value.dataset} if isinstance(test.value, FieldRef) else set()
            for dataset in sorted({test.dataset} | right):
                if dataset in agreement.datasets and dataset not in allowed:
                    reason = "A test here is held against the people compared."
                    words = {"name": dataset, "pool": use.pool, "reason": reason}
                    rests = (f"{clause}.pool", f"{clause}.treated.dataset")
                    yield find("AGR168", at_test, *rests, **words)


CHECKS: Final = (flags, linked, evaluations)
