"""Uses: what they read is there, may be read, and can be reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.conditions import misfit
from equipoise.agree.checks.finding import Finding, Presence, find
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest
from equipoise.agree.reads import split_path
from equipoise.agree.uses import (
    EvaluateUse,
    FieldRef,
    FlagUse,
    LinkCheck,
    LinkedUse,
    Test,
    read_test,
)

Use = LinkedUse | FlagUse | EvaluateUse


def paths_in(key: str, use: Use) -> Iterator[tuple[str, str]]:
    """Yield (clause, path) of every ``dataset.field`` in a use, but for those in tests."""
    clause = f"uses.{key}"
    if isinstance(use, LinkedUse):
        yield from ((f"{clause}.keep.{i}", path) for i, path in enumerate(use.keep))
        if use.check is not None:
            yield from _check_paths(f"{clause}.check", use.check)
    elif isinstance(use, FlagUse):
        yield from ((f"{clause}.key", f"{unit}.{use.key}") for unit in use.units)
    else:
        yield from ((f"{clause}.covariates.{i}", path) for i, path in enumerate(use.covariates))
        yield from ((f"{clause}.match.exact.{i}", path) for i, path in enumerate(use.match.exact))
        yield from ((f"{clause}.outcomes.{n}.field", o.field) for n, o in use.outcomes.items())
        dates = (("index date", use.index_date), ("treated.starts", use.treated.starts))
        yield from ((f"{clause}.{part}", path) for part, path in dates if path is not None)


def _check_paths(clause: str, check: LinkCheck) -> Iterator[tuple[str, str]]:
    yield f"{clause}.left", check.left
    yield f"{clause}.left known", check.left_known
    yield f"{clause}.right", check.right
    yield f"{clause}.right known", check.right_known


def tests_in(key: str, use: Use) -> Iterator[tuple[str, Test]]:
    """Yield (clause, test) of every test in a use."""
    clause = f"uses.{key}"
    if isinstance(use, FlagUse):
        for name, criterion in use.criteria.items():
            yield f"{clause}.criteria.{name}.test", read_test(criterion.test)
    elif isinstance(use, EvaluateUse):
        for index, exclusion in enumerate(use.exclude):
            yield f"{clause}.exclude.{index}.test", read_test(exclusion.test)
        if use.treated.test is not None:
            yield f"{clause}.treated.test", read_test(use.treated.test)


def _datasets_in(key: str, use: Use) -> Iterator[tuple[str, str]]:
    clause = f"uses.{key}"
    if isinstance(use, FlagUse):
        yield from ((f"{clause}.units.{index}", unit) for index, unit in enumerate(use.units))
    elif isinstance(use, EvaluateUse):
        yield f"{clause}.pool", use.pool
        if use.treated.dataset is not None:
            yield f"{clause}.treated.dataset", use.treated.dataset
    elif use.check is not None:
        yield f"{clause}.check.dataset", use.check.dataset


def _read(key: str, use: Use) -> Iterator[tuple[str, str, str]]:
    """Yield (clause, dataset, field) of everything a use reads."""
    yield from ((clause, *split_path(path)) for clause, path in paths_in(key, use))
    for clause, test in tests_in(key, use):
        yield clause, test.dataset, test.field
        if isinstance(test.value, FieldRef):
            yield clause, test.value.dataset, test.value.field


def is_there(agreement: Agreement, dataset: str, name: str) -> bool:
    """Say whether a field exists."""
    return dataset in agreement.datasets and name in agreement.datasets[dataset].fields


def datasets(agreement: Agreement) -> Iterator[Finding]:
    """Every dataset that a use names exists, once."""
    for key, use in agreement.uses.items():
        for clause, name in _datasets_in(key, use):
            if name not in agreement.datasets:
                yield find("AGR151", clause, name=name, next=suggest(name, agreement.datasets))
        for name, count in Counter(use.units if isinstance(use, FlagUse) else ()).items():
            if count > 1:
                yield find("AGR172", f"uses.{key}.units", name=name)


def fields(agreement: Agreement) -> Iterator[Finding]:
    """Every field that a use reads exists and may be read by a use."""
    for key, use in agreement.uses.items():
        named = {name for _, name in _datasets_in(key, use)}
        for clause, dataset, name in _read(key, use):
            rests = (f"uses.{key}.units",) if clause.endswith(".key") else ()
            if dataset not in agreement.datasets:
                if dataset not in named:
                    next_ = suggest(dataset, agreement.datasets)
                    yield find("AGR151", clause, *rests, name=dataset, next=next_)
            elif name not in agreement.datasets[dataset].fields:
                next_ = suggest(name, agreement.datasets[dataset].fields)
                names = (Presence(f"datasets.{dataset}.fields"),)
                words = {"dataset": dataset, "name": name, "next": next_}
                yield find("AGR161", clause, *rests, *names, **words)
            else:
                yield from _role(agreement, clause, dataset, name)


def _role(agreement: Agreement, clause: str, dataset: str, name: str) -> Iterator[Finding]:
    """An identifier is never read by a use; a key and a known link are references."""
    role = agreement.datasets[dataset].fields[name].role
    wants_reference = clause.endswith(".key") or ".check." in clause
    as_what = "a reference" if wants_reference else "something learned about a person"
    if role == "identifier" or (wants_reference and role != "reference"):
        article = "an" if role == "identifier" else "a"
        words = {"name": name, "as_what": as_what, "article": article, "role": role}
        yield find("AGR136", clause, f"datasets.{dataset}.fields.{name}.is", **words)


def conditions(agreement: Agreement) -> Iterator[Finding]:
    """Every test fits the field that it tests."""
    for key, use in agreement.uses.items():
        for clause, test in tests_in(key, use):
            if not is_there(agreement, test.dataset, test.field):
                continue
            at = f"datasets.{test.dataset}.fields.{test.field}"
            rests = [f"{at}.type", f"{at}.values"]
            if isinstance(test.value, FieldRef):
                if not is_there(agreement, test.value.dataset, test.value.field):
                    continue
                rests.append(f"datasets.{test.value.dataset}.fields.{test.value.field}.type")
            found = misfit(agreement, test)
            if found is not None:
                name = f"{test.dataset}.{test.field}"
                words = {"name": name, "reason": found[0], "next": found[1]}
                yield find("AGR164", clause, *rests, **words)


CHECKS: Final = (datasets, fields, conditions)
