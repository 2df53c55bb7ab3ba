"""Evaluations: who is treated, on what they are compared, and what may have changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.data import type_of
from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.checks.uses import is_there
from equipoise.agree.document import Agreement
from equipoise.agree.reads import condition_reads, split_path
from equipoise.agree.uses import EvaluateUse, Outcome
from equipoise.agree.words import FieldType

_COMPARED: Final = frozenset({"category", "yes/no", "whole number", "number", "sex"})
_DATES: Final = frozenset({"date", "datetime"})
_OUTCOMES: Final[dict[str, tuple[frozenset[FieldType], str]]] = {
    "binary": (
        frozenset({"yes/no", "whole number"}),
        "A binary outcome is a yes/no, or a whole number with 'at least: 0' and 'at most: 1'.",
    ),
    "mean": (frozenset({"whole number", "number"}), "A mean is taken of numbers."),
    "count": (frozenset({"whole number"}), "A count is a whole number."),
}


def _evaluations(agreement: Agreement) -> Iterator[tuple[str, EvaluateUse]]:
    for key, use in agreement.uses.items():
        if isinstance(use, EvaluateUse):
            yield f"uses.{key}", use


def treated(agreement: Agreement) -> Iterator[Finding]:
    """Who is treated is found in exactly one way."""
    for clause, use in _evaluations(agreement):
        who = use.treated
        both_or_none = (who.dataset is None) == (who.test is None)
        if both_or_none or (who.test is not None and who.through is not None):
            yield find("AGR167", f"{clause}.treated", f"{clause}.treated")
        if who.starts is not None and use.index_date is None:
            yield find("AGR171", f"{clause}.treated.starts", f"{clause}.index date")


def _on_pool(clause: str, use: EvaluateUse) -> Iterator[tuple[str, str, str]]:
    """Yield (clause, path, reason) of what must be known of treated and others alike."""
    reason = "Both groups are compared on what is known of both, from one source."
    yield from ((f"{clause}.covariates.{i}", p, reason) for i, p in enumerate(use.covariates))
    yield from ((f"{clause}.match.exact.{i}", p, reason) for i, p in enumerate(use.match.exact))
    yield from ((f"{clause}.outcomes.{n}.field", o.field, reason) for n, o in use.outcomes.items())
    if use.index_date is not None:
        yield f"{clause}.index date", use.index_date, "Follow-up is counted from it for everybody."


def pool(agreement: Agreement) -> Iterator[Finding]:
    """Covariates, outcomes and the index date are fields of the pool."""
    for clause, use in _evaluations(agreement):
        for at, path, reason in _on_pool(clause, use):
            dataset, name = split_path(path)
            elsewhere = use.pool in agreement.datasets and dataset != use.pool
            if elsewhere and is_there(agreement, dataset, name):
                words = {"name": path, "pool": use.pool, "reason": reason}
                yield find("AGR168", at, f"{clause}.pool", **words)
        starts = use.treated.starts
        own = {use.pool, use.treated.dataset}
        if starts is not None and split_path(starts)[0] not in own:
            reason = "The start of the service is known where the treated are listed."
            where = use.treated.dataset or use.pool
            words = {"name": starts, "pool": where, "reason": reason}
            rests = (f"{clause}.pool", f"{clause}.treated.dataset")
            if is_there(agreement, *split_path(starts)):
                yield find("AGR168", f"{clause}.treated.starts", *rests, **words)


def apart(agreement: Agreement) -> Iterator[Finding]:
    """Nothing is compared on what it is to explain."""
    for clause, use in _evaluations(agreement):
        role: dict[str, str] = {}
        if use.treated.test is not None:
            for dataset, name in condition_reads(use.treated.test):
                role[f"{dataset}.{name}"] = "as what makes somebody treated"
        for name, outcome in use.outcomes.items():
            at = f"{clause}.outcomes.{name}.field"
            yield from _once(role, at, outcome.field, "as an outcome")
        for index, path in enumerate(use.covariates):
            yield from _once(role, f"{clause}.covariates.{index}", path, "as a covariate")
        for index, path in enumerate(use.match.exact):
            if role.get(path) not in {None, "as a covariate"}:
                at = f"{clause}.match.exact.{index}"
                words = {"name": path, "first": role[path], "second": "to match exactly"}
                yield find("AGR169", at, **words)


def _once(role: dict[str, str], at: str, path: str, as_what: str) -> Iterator[Finding]:
    if path in role:
        yield find("AGR169", at, name=path, first=role[path], second=as_what)
    role.setdefault(path, as_what)


def _kinds(clause: str, use: EvaluateUse) -> Iterator[tuple[str, str, frozenset[str], str, str]]:
    """Yield (clause, path, types that fit, as what, reason)."""
    reason = "People are compared on numbers, categories, sex and yes/no."
    for index, path in enumerate(use.covariates):
        yield f"{clause}.covariates.{index}", path, _COMPARED, "a covariate", reason
    for name, outcome in use.outcomes.items():
        fits, why = _OUTCOMES[outcome.type]
        yield f"{clause}.outcomes.{name}.field", outcome.field, fits, f"a {outcome.type}", why
    reason = "Time is counted from a date."
    if use.index_date is not None:
        yield f"{clause}.index date", use.index_date, _DATES, "an index date", reason
    if use.treated.starts is not None:
        yield f"{clause}.treated.starts", use.treated.starts, _DATES, "a start", reason


def types(agreement: Agreement) -> Iterator[Finding]:
    """Each field that an evaluation reads is of a type that fits its part."""
    for clause, use in _evaluations(agreement):
        for at, path, fits, as_what, reason in _kinds(clause, use):
            dataset, name = split_path(path)
            if not is_there(agreement, dataset, name):
                continue
            field = agreement.datasets[dataset].fields[name]
            kind = type_of(name, field)
            rest = f"datasets.{dataset}.fields.{name}"
            if kind is not None and kind not in fits and field.role != "identifier":
                words = {"name": path, "type": kind, "as_what": as_what, "reason": reason}
                kind_of_outcome = f"{at.removesuffix('.field')}.type"
                yield find("AGR170", at, f"{rest}.type", kind_of_outcome, **words)
        for name, outcome in use.outcomes.items():
            yield from _nought_or_one(agreement, f"{clause}.outcomes.{name}", outcome)


def _nought_or_one(agreement: Agreement, clause: str, outcome: Outcome) -> Iterator[Finding]:
    """A whole number is a yes or no only when its bounds say so."""
    dataset, name = split_path(outcome.field)
    if outcome.type != "binary" or not is_there(agreement, dataset, name):
        return
    field = agreement.datasets[dataset].fields[name]
    rest = f"datasets.{dataset}.fields.{name}"
    if type_of(name, field) == "whole number" and (field.at_least, field.at_most) != (0, 1):
        words = {"name": outcome.field, "type": "whole number", "as_what": "a binary"}
        rests = (f"{rest}.type", f"{rest}.at least", f"{rest}.at most", f"{clause}.type")
        yield find("AGR170", f"{clause}.field", *rests, **words, reason=_OUTCOMES["binary"][1])


CHECKS: Final = (treated, pool, apart, types)
