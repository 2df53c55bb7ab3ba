"""Outcome by outcome: effect, adjusted p, and how it stands up to other designs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from equipoise.agree.uses import EvaluateUse, Outcome
from equipoise.carry.uses.evaluate.balance import compare, divisors
from equipoise.carry.uses.evaluate.coding import Coded, Floats
from equipoise.carry.uses.evaluate.cohort import Cohort
from equipoise.carry.uses.evaluate.effects import Design, Effect, Estimate, adjusted, effect
from equipoise.carry.uses.evaluate.few import few_had
from equipoise.carry.uses.evaluate.pairing import pair
from equipoise.carry.uses.evaluate.score import Score
from equipoise.carry.uses.intervals import holm
from equipoise.errors import DocumentRefused, Problem

DEFAULT_CALIPER = 0.2


@dataclass(frozen=True)
class Study:
    """Everything known before an outcome is looked at: people, covariates, score, matches."""

    cohort: Cohort
    coded: Coded
    score: Score
    design: Design

    @property
    def people(self) -> tuple[int, int]:
        """Return how many treated and how many comparison people are analysed."""
        return people_in(self.design)


def people_in(design: Design) -> tuple[int, int]:
    """Return how many treated and how many comparison people a design matched."""
    return len(design.matched.sets), len(np.unique(design.matched.control))


@dataclass(frozen=True)
class Check:
    """The difference under another analysis, and the people it rests on."""

    name: str
    treated: int
    comparison: int
    difference: Estimate


@dataclass(frozen=True)
class Finding:
    """One outcome: its place and name in the clause, the effect, p adjusted for the number of
    outcomes, and the checks. ``treated`` and ``comparison`` count people analysed."""

    number: int
    name: str
    outcome: Outcome
    effect: Effect
    p_adjusted: float
    treated: int
    comparison: int
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Findings:
    """All outcomes that may be reported, and the reasons for those that may not."""

    outcomes: tuple[Finding, ...]
    withheld: tuple[Problem, ...]


def findings(use: EvaluateUse, use_id: str, study: Study, least: int) -> Findings:
    """Measure every outcome.

    An outcome is withheld, with its checks, when fewer than ``least`` people of either group had it
    or lacked it, as ``few_had`` tells (USE031): rounding cannot then hide how many. It is withheld
    too when it does not vary (USE026). The p values of the outcomes that are measured are adjusted
    together.
    """
    measured: list[tuple[int, str, Outcome, Effect, Floats]] = []
    withheld: list[Problem] = []
    design = study.design
    for number, (name, outcome) in enumerate(use.in_order(), start=1):
        clause = f"uses.{use_id}.outcomes.{name}"
        values = outcome_values(study.cohort.columns[outcome.field], outcome, clause)
        if few_had(values, outcome.type, design.treated, design.weight, least):
            withheld.append(_withhold_few(name, least, clause))
        elif (found := effect(values, outcome.type, design)) is None:
            withheld.append(_withhold_still(name, clause))
        else:
            measured.append((number, name, outcome, found, values))
    ps = [entry[3].p for entry in measured]
    ps_adjusted = holm(ps) if use.adjust == "holm" else tuple(ps)
    other = _tighter(study, use)
    return Findings(
        tuple(
            Finding(*entry[:4], p, *study.people, _checks(entry[2], entry[4], study, other, least))
            for entry, p in zip(measured, ps_adjusted, strict=True)
        ),
        tuple(withheld),
    )


def outcome_values(column: Any, outcome: Outcome, clause: str) -> Floats:
    """Return an outcome as numbers. Raises ``DocumentRefused`` (USE015) when its column is not of
    the outcome's type."""
    kind = column.type
    fits = pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)
    values: Floats = np.empty(0)
    if fits:
        values = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
        if outcome.type == "binary":
            fits = bool(np.isin(values, (0.0, 1.0)).all())
        elif outcome.type == "count":
            fits = bool((values >= 0).all())
    if not fits:
        raise DocumentRefused(
            Problem(
                "USE015",
                f"'{outcome.field}' does not hold a {outcome.type} outcome",
                why="binary needs yes/no, count needs numbers from 0, mean needs numbers",
                next="correct the outcome's type or field",
                clause=clause,
            )
        )
    return values


def _withhold_few(name: str, least: int, clause: str) -> Problem:
    return Problem(
        "USE031",
        f"'{name}' is withheld: fewer than {least} people of a group had it, or lacked it",
        "the figures would show how many, which is a small number about few people",
        "wait for a larger cohort",
        clause=clause,
    )


def _withhold_still(name: str, clause: str) -> Problem:
    return Problem(
        "USE026",
        f"'{name}' is withheld: it does not differ within any matched set",
        "what does not vary shows no effect",
        "look at the outcome's quality report",
        clause=clause,
    )


def _tighter(study: Study, use: EvaluateUse) -> Design | None:
    """Return the design with half the caliper (0.2 where there is none), where it still has the
    people and is balanced: a check that is itself unlike would tell nothing."""
    caliper = use.match.caliper / 2 if use.match.caliper else DEFAULT_CALIPER
    how = use.match.model_copy(update={"caliper": caliper})
    other = pair(study.cohort, study.score, how, study.design.alpha)
    if len(other.matched.sets) < use.min_treated:
        return None
    coded = study.coded
    divisor = divisors(coded.values, coded.binary, other.treated)
    smd = compare(coded.values, coded.binary, other.treated, other.weight, divisor).smd
    return other if bool((np.abs(smd) <= use.max_smd).all()) else None


def _checks(
    outcome: Outcome, values: Floats, study: Study, other: Design | None, least: int
) -> tuple[Check, ...]:
    checks = []
    left = adjusted(values, study.coded.design[:, 1:], study.design)
    if left is not None:
        checks.append(Check("adjusted for what still differs", *study.people, left))
    if other is None or few_had(values, outcome.type, other.treated, other.weight, least):
        return tuple(checks)
    if (found := effect(values, "mean", other)) is not None:
        checks.append(Check("only closer matches", *people_in(other), found.difference))
    return tuple(checks)
