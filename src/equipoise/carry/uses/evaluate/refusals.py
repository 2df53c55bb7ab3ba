"""When an evaluation must not report an effect, and how it says so.

Reasons name covariates and how far apart they are, but never how many people there are below a
minimum: a refusal is public, and a count that small is not.
"""

from __future__ import annotations

import numpy as np

from equipoise.agree.uses import EvaluateUse
from equipoise.carry.uses.evaluate.cohort import Cohort
from equipoise.carry.uses.evaluate.report import SCORE, Balances
from equipoise.carry.uses.evaluate.score import Score
from equipoise.errors import Problem

_FEW_WHY = "with so few people a difference by chance looks like an effect, and people show through"


def refuse_cohort(cohort: Cohort, use: EvaluateUse, use_id: str) -> tuple[Problem, ...]:
    """Refuse before matching: nobody treated, everybody treated, or too few of either."""
    clause = f"uses.{use_id}"
    treated = int(cohort.treated.sum())
    others = len(cohort.treated) - treated
    if not cohort.funnel[0].treated:
        return (
            Problem(
                "USE020",
                "nobody had the service: the cohort is empty",
                "there is nobody to compare",
                "check the file that names who had it",
                clause=f"{clause}.treated",
            ),
        )
    if not any(step.comparison for step in cohort.funnel):
        return (
            Problem(
                "USE021",
                "everybody in the pool had the service",
                "there is nobody to compare with",
                "give a pool that holds people without it",
                clause=f"{clause}.pool",
            ),
        )
    problems: tuple[Problem, ...] = ()
    if treated < use.min_treated:
        problems += refuse_analysed(treated, use, use_id)
    if others < use.min_treated:
        problems += (
            Problem(
                "USE023",
                f"fewer than {use.min_treated} people without the service are left to compare with",
                _FEW_WHY,
                "widen the pool, or drop an exclusion",
                clause=f"{clause}.pool",
            ),
        )
    return problems


def refuse_score(score: Score | None, use_id: str) -> tuple[Problem, ...]:
    """Refuse where no score could be fitted."""
    if score is not None and score.converged and bool(np.isfinite(score.logit).all()):
        return ()
    what = (
        "no covariate differs between people"
        if score is None
        else "the score model does not settle on these covariates"
    )
    return (
        Problem(
            "USE027",
            what,
            "without a score nobody can be matched",
            "look at the covariates' quality report",
            clause=f"uses.{use_id}.covariates",
        ),
    )


def refuse_analysed(analysed: int, use: EvaluateUse, use_id: str) -> tuple[Problem, ...]:
    """Refuse where fewer treated people are left than the agreement's minimum."""
    if analysed >= use.min_treated:
        return ()
    what = f"fewer than {use.min_treated} people who had the service could be analysed"
    return (
        Problem(
            "USE022",
            what,
            _FEW_WHY,
            "the funnel shows at which step people were lost; send more people, or collect "
            "the missing fields",
            clause=f"uses.{use_id}.min treated",
        ),
    )


def refuse_balance(balances: Balances, use: EvaluateUse, use_id: str) -> tuple[Problem, ...]:
    """Refuse, naming each, where covariates or the score stay farther apart than ``max smd``; how
    far, only where the balance table shows it."""
    problems = []
    rows = zip(balances.labels, balances.after.smd, balances.hidden, strict=True)
    for label, smd, hidden in rows:
        if np.isfinite(smd) and abs(smd) <= use.max_smd:
            continue
        far = f"by {abs(smd):.2f} standard deviations" if np.isfinite(smd) else "wholly"
        allowed = f"the agreement allows {use.max_smd:g}"
        what = (
            f"'{label}' still differs after matching, by how much there are too few people to "
            f"show; {allowed}"
            if hidden
            else f"'{label}' still differs {far} after matching; {allowed}"
        )
        problems.append(
            Problem(
                "USE025" if label == SCORE else "USE024",
                what,
                "the groups were unlike before the service began, so a difference afterwards would "
                "not show what it did",
                "agree another design (a caliper, replacement, a larger pool) in a new version, "
                "before anybody has seen an effect",
                clause=f"uses.{use_id}.max smd",
            )
        )
    return tuple(problems)
