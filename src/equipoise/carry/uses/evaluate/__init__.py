"""U5: what did the service change, against matched people who did not receive it.

The way: gather the people (``cohort``), code what is known of them (``coding``), score how likely
each was to receive the service (``score``), match (``matching``), see whether the groups are alike
(``balance``), and only then look at an outcome (``effects``). Where the people are too few or the
groups stay unlike, no effect is computed at all: a figure that does not exist cannot be quoted.
"""

from __future__ import annotations

import numpy as np

from equipoise.agree.document import Agreement
from equipoise.agree.uses import EvaluateUse
from equipoise.carry.outputs import Output, Result
from equipoise.carry.session import Session
from equipoise.carry.uses.evaluate.balance import compare, divisors
from equipoise.carry.uses.evaluate.coding import Coded, Floats, code
from equipoise.carry.uses.evaluate.cohort import ANALYSED, Step, gather
from equipoise.carry.uses.evaluate.effects import Design
from equipoise.carry.uses.evaluate.few import hidden_columns
from equipoise.carry.uses.evaluate.matching import caliper_width, effective
from equipoise.carry.uses.evaluate.outcomes import Findings, Study, findings, people_in
from equipoise.carry.uses.evaluate.pairing import pair
from equipoise.carry.uses.evaluate.refusals import (
    refuse_analysed,
    refuse_balance,
    refuse_cohort,
    refuse_score,
)
from equipoise.carry.uses.evaluate.report import (
    SCORE,
    Balances,
    balance_output,
    effect_outputs,
    funnel_output,
    overlap_output,
)
from equipoise.carry.uses.evaluate.score import Score, fit_score
from equipoise.errors import Problem, UsageRefused


def compute(session: Session, agreement: Agreement, use_id: str) -> Result:
    """Return funnel, balance, overlap, and for each outcome rates, effect and sensitivity.

    ``Result.refused`` holds the reasons (USE020 to USE027, USE031) why no effect is reported; then
    the outputs only explain the refusal. Raises as ``gather`` and ``code`` do.
    """
    use = evaluate_clause(agreement, use_id)
    rule = agreement.outputs.get(use_id)
    least = rule.min_count if rule is not None else 10
    session.progress(0.0, "gathering the people")
    cohort = gather(session, agreement, use, use_id)
    if problems := refuse_cohort(cohort, use, use_id):
        return Result((funnel_output(cohort.funnel),), problems, cohort.warnings)
    session.progress(0.3, "scoring and matching")
    coded = code({path: cohort.columns[path] for path in use.covariates})
    score = fit_score(coded.design, cohort.treated) if coded.design.shape[1] > 1 else None
    if problems := refuse_score(score, use_id):
        return Result((funnel_output(cohort.funnel),), problems, cohort.warnings)
    assert score is not None
    design = pair(cohort, score, use.match, use.alpha)
    funnel = (*cohort.funnel, _analysed(design))
    if not len(design.matched.treated):
        problems = refuse_analysed(0, use, use_id)
        return Result((funnel_output(funnel),), problems, cohort.warnings)
    session.progress(0.6, "comparing the groups")
    balances = balance_of(coded, score, design, least)
    explaining = (funnel_output(funnel), balance_output(balances), overlap_output(score, cohort))
    warnings = (*cohort.warnings, *_told(coded, score))
    facts = _facts(design, score, use)
    problems = refuse_analysed(len(design.matched.sets), use, use_id)
    problems += refuse_balance(balances, use, use_id)
    if problems:
        return Result(explaining, problems, warnings, facts)
    session.progress(0.8, "measuring what changed")
    found = findings(use, use_id, Study(cohort, coded, score, design), least)
    return _result(explaining, found, warnings, facts)


def _result(
    explaining: tuple[Output, ...],
    found: Findings,
    warnings: tuple[str, ...],
    facts: dict[str, int | float | str],
) -> Result:
    warnings = (*warnings, *(problem.what for problem in found.withheld))
    if not found.outcomes:
        return Result(explaining, found.withheld, warnings, facts)
    return Result((*explaining, *effect_outputs(found)), (), warnings, facts)


def evaluate_clause(agreement: Agreement, use_id: str) -> EvaluateUse:
    """Return the use's clause. Raises ``UsageRefused`` (USE001) when it is no evaluation."""
    use = agreement.uses.get(use_id)
    if not isinstance(use, EvaluateUse):
        raise UsageRefused(
            Problem("USE001", f"'{use_id}' is not an evaluate use of this agreement")
        )
    return use


def balance_of(coded: Coded, score: Score, design: Design, least: int) -> Balances:
    """Compare every covariate, and the score itself, before and after matching; what fewer than
    ``least`` people have or lack is marked as hidden."""
    values: Floats = np.column_stack([score.probability, coded.values])
    binary = np.concatenate([[False], coded.binary])
    treated = design.treated
    divisor = divisors(values, binary, treated)
    everybody = np.ones(len(treated))
    category = np.concatenate([[-1], coded.category])
    return Balances(
        (SCORE, *coded.labels),
        binary,
        compare(values, binary, treated, everybody, divisor),
        compare(values, binary, treated, design.weight, divisor),
        divisor,
        (int(treated.sum()), int((~treated).sum())),
        people_in(design),
        hidden_columns(values, binary, category, treated, design.weight, least),
    )


def _analysed(design: Design) -> Step:
    return Step(ANALYSED, *people_in(design))


def _told(coded: Coded, score: Score) -> tuple[str, ...]:
    told = [f"'{name}' adds nothing to the score and was left out of it" for name in coded.dropped]
    if score.separated:
        told.append(
            "a covariate tells the groups wholly apart: scores were kept finite by Firth's penalty"
        )
    return tuple(told)


def _facts(design: Design, score: Score, use: EvaluateUse) -> dict[str, int | float | str]:
    matched, weight = design.matched, design.weight
    reuse = np.bincount(matched.control)
    return {
        "treated analysed": people_in(design)[0],
        "comparison people used": people_in(design)[1],
        "effective comparison people": round(effective(weight[~design.treated]), 1),
        "largest reuse of one comparison person": int(reuse.max()),
        "caliper in logits": round(caliper_width(score.logit, design.treated, use.match.caliper), 6)
        if use.match.caliper
        else "none",
        "method": f"nearest, ratio {use.match.ratio}, "
        + ("with" if use.match.replace else "without")
        + " replacement",
    }
