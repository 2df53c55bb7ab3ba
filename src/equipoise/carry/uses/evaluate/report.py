"""An evaluation's findings as typed outputs, so that the disclosure check knows each column.

Figures keep their full value here; ``decimals`` says how finely each may be shown. A difference in
shares is shown in whole percentage points, as the Justice Data Lab does, and any other figure no
finer than its standard error warrants, so that nobody can work back to a count of people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from equipoise.carry.outputs import Output, OutputColumn
from equipoise.carry.uses.evaluate.balance import Comparison, light
from equipoise.carry.uses.evaluate.coding import Booleans, Floats
from equipoise.carry.uses.evaluate.cohort import ANALYSED, FOUND, HAD, Cohort, Step
from equipoise.carry.uses.evaluate.few import share_step
from equipoise.carry.uses.evaluate.outcomes import Finding, Findings
from equipoise.carry.uses.evaluate.score import Score

SCORE = "score (how likely to have the service)"
TREATED = "had the service"
COMPARISON = "comparison"
IN_POOL = "others in the pool"

FUNNEL = "funnel"
BALANCE = "balance"
OVERLAP = "overlap"
RATES = "rates"


@dataclass(frozen=True)
class Balances:
    """Balance before and after matching over the same columns, the divisor of each column's
    difference, the people each comparison rests on (treated, comparison), and which columns too few
    people have, or lack, for any figure to be shown."""

    labels: tuple[str, ...]
    binary: Booleans
    before: Comparison
    after: Comparison
    divisor: Floats
    people_before: tuple[int, int]
    people_after: tuple[int, int]
    hidden: Booleans


_AMONG_OTHERS = {FOUND: IN_POOL, HAD: IN_POOL, ANALYSED: "chosen as a match"}
"""What the steps that name the treated are called for the others."""


def effect_name(number: int) -> str:
    """Return the name of the effect output of the outcome at this place in the clause."""
    return f"effect_{number}"


def sensitivity_name(number: int) -> str:
    """Return the name of the sensitivity output of the outcome at this place in the clause."""
    return f"sensitivity_{number}"


def funnel_output(steps: Iterable[Step]) -> Output:
    """Return the funnel as counts, one row for each group and step."""
    held = tuple(steps)
    rows = [(TREATED, s.name, s.treated) for s in held if s.treated is not None]
    rows += [
        (COMPARISON, _AMONG_OTHERS.get(s.name, s.name), s.comparison)
        for s in held
        if s.comparison is not None
    ]
    group, step, people = zip(*rows, strict=True)
    return Output(
        FUNNEL,
        "From everybody sent to everybody analysed",
        "counts",
        (
            OutputColumn("group", "label"),
            OutputColumn("step", "label"),
            OutputColumn("people", "count"),
        ),
        pa.table({"group": group, "step": step, "people": pa.array(people, pa.int64())}),
        steps_of="step",
    )


def balance_output(balances: Balances) -> Output:
    """Return the balance table.

    A hidden row keeps its traffic light alone: its share follows from any of its measures, and a
    share of a known number of people is a count. Shares are as coarse in all rows as the smallest
    group needs, and the gap of two distributions of a yes/no is that of the two shares *shown*, so
    that neither sharpens the other. Other means are given no finer than a thirtieth of a standard
    deviation warrants.
    """
    step = share_step(min(*balances.people_before, *balances.people_after))
    columns: dict[str, tuple[OutputColumn, Any]] = {
        "covariate": (OutputColumn("covariate", "label"), list(balances.labels))
    }
    for suffix, when, people in (
        ("_before", balances.before, balances.people_before),
        ("", balances.after, balances.people_after),
    ):
        columns |= _compared(suffix, _shown(when, balances, step), people)
    lights = [light(smd) for smd in balances.after.smd]
    columns["light"] = (OutputColumn("light", "label"), lights)
    return Output(
        BALANCE,
        "How alike the groups were, before and after matching",
        "estimates",
        tuple(column for column, _ in columns.values()),
        pa.table({name: values for name, (_, values) in columns.items()}),
    )


def _compared(
    suffix: str, when: Comparison, people: tuple[int, int]
) -> dict[str, tuple[OutputColumn, Any]]:
    ours, theirs = f"treated{suffix}", f"comparison{suffix}"
    columns: dict[str, tuple[OutputColumn, Any]] = {
        name: (OutputColumn(name, "count"), pa.array([count] * len(when.smd), pa.int64()))
        for name, count in ((ours, people[0]), (theirs, people[1]))
    }
    for name, values, rests in (
        ("mean_treated", when.mean_treated, ours),
        ("mean_comparison", when.mean_comparison, theirs),
        ("smd", when.smd, ours),
        ("variance_ratio", when.variance_ratio, ours),
        ("ecdf_mean", when.ecdf_mean, ours),
        ("ecdf_max", when.ecdf_max, ours),
    ):
        column = OutputColumn(
            f"{name}{suffix}", "measure", denominator=rests, decimals=2, reads_as=_reading(name)
        )
        columns[f"{name}{suffix}"] = (column, floats(values))
    return columns


def _reading(name: str) -> Literal["share", "neither"]:
    """Only means can be taken for shares of people; differences and ratios are none."""
    return "share" if name.startswith("mean_") else "neither"


def _shown(when: Comparison, balances: Balances, step: float) -> Comparison:
    """Return a comparison as it may be told: hidden columns empty, means coarse."""
    ours, theirs = (
        _coarse(mean, balances, step) for mean in (when.mean_treated, when.mean_comparison)
    )
    gaps = [
        np.where(balances.binary, np.abs(ours - theirs), gap)
        for gap in (when.ecdf_mean, when.ecdf_max)
    ]
    measures = (ours, theirs, when.smd, when.variance_ratio, *gaps)
    return Comparison(*(np.where(balances.hidden, np.nan, each) for each in measures))


def _coarse(means: Floats, balances: Balances, share: float) -> Floats:
    """Round shares to ``share``, and the means of numbers to a power of ten near a thirtieth of the
    standard deviation."""
    divisor = balances.divisor
    with np.errstate(divide="ignore"):
        step = 10.0 ** np.floor(np.log10(np.where(divisor > 0, divisor, 1.0) / 3))
    step = np.where(balances.binary, share, step / 10)
    return np.asarray(np.round(means / step) * step)


def floats(values: Sequence[float | None] | Floats) -> pa.Array:
    """Return numbers as Arrow, not-a-number and infinity as missing."""
    clean = [None if v is None or not math.isfinite(v) else float(v) for v in values]
    return pa.array(clean, pa.float64())


_BANDS = (
    "less likely than anybody who had it",
    "lowest fifth of those who had it",
    "second fifth",
    "middle fifth",
    "fourth fifth",
    "highest fifth of those who had it",
    "more likely than anybody who had it",
)


def overlap_output(score: Score, cohort: Cohort) -> Output:
    """Return how many people of each group stand where on the score: in each fifth of those who had
    the service, and beyond all of them on either side, where there is nobody to compare."""
    logit, treated = score.logit, cohort.treated
    edges = np.quantile(logit[treated], (0.2, 0.4, 0.6, 0.8))
    band = 1 + np.searchsorted(edges, logit, "left")
    band[logit < logit[treated].min()] = 0
    band[logit > logit[treated].max()] = len(_BANDS) - 1
    counts = [np.bincount(band[group], minlength=len(_BANDS)) for group in (treated, ~treated)]
    return Output(
        OVERLAP,
        "How likely people were to have the service, by group",
        "counts",
        (
            OutputColumn("score", "label"),
            OutputColumn("treated", "count"),
            OutputColumn("comparison", "count"),
        ),
        pa.table(
            {
                "score": _BANDS,
                "treated": pa.array(counts[0], pa.int64()),
                "comparison": pa.array(counts[1], pa.int64()),
            }
        ),
    )


def effect_outputs(found: Findings) -> tuple[Output, ...]:
    """Return the rates of all yes/no outcomes, and for each outcome its effect and checks."""
    outputs: list[Output] = []
    if shares := [f for f in found.outcomes if f.outcome.type == "binary"]:
        outputs.append(_rates(shares))
    for finding in found.outcomes:
        outputs.append(_effect(finding))
        if finding.checks:
            outputs.append(_sensitivity(finding))
    return tuple(outputs)


def _rates(shares: list[Finding]) -> Output:
    """The comparison's numerator is its weighted rate times its people, to the whole person: where
    matched sets differ in size, people count unequally."""
    rows = [
        (finding.name, label, round(share * whole), whole, 100 * share)
        for finding in shares
        for label, share, whole in (
            (TREATED, finding.effect.mean_treated, finding.treated),
            (COMPARISON, finding.effect.mean_comparison, finding.comparison),
        )
    ]
    name, group, had, people, rate = zip(*rows, strict=True)
    return Output(
        RATES,
        "How many had each outcome",
        "counts",
        (
            OutputColumn("outcome", "label"),
            OutputColumn("group", "label"),
            OutputColumn("had_it", "count"),
            OutputColumn("people", "count"),
            OutputColumn("rate", "rate", numerator="had_it", denominator="people", decimals=0),
        ),
        pa.table(
            {
                "outcome": name,
                "group": group,
                "had_it": pa.array(had, pa.int64()),
                "people": pa.array(people, pa.int64()),
                "rate": pa.array(rate, pa.float64()),
            }
        ),
    )


def decimals_for(finding: Finding) -> int:
    """Return how finely the difference may be shown: whole percentage points for a yes/no, else the
    first decimal place finer than half the standard error, at most four."""
    if finding.outcome.type == "binary":
        return 0
    return min(4, max(0, math.ceil(-math.log10(finding.effect.difference.error / 2))))


def _effect(finding: Finding) -> Output:
    """One row: people, means (shares are in ``rates``), difference, ratio, p, E-values."""
    values = _figures(finding)
    return Output(
        effect_name(finding.number),
        f"What changed: {finding.name}",
        "estimates",
        (
            OutputColumn("outcome", "label"),
            OutputColumn("treated", "count"),
            OutputColumn("comparison", "count"),
            *(
                OutputColumn(
                    name,
                    "measure",
                    denominator=_rests_on(name),
                    decimals=places,
                    reads_as=_reading(name),
                )
                for name, (_, places) in values.items()
            ),
        ),
        pa.table(
            {
                "outcome": [finding.name],
                "treated": pa.array([finding.treated], pa.int64()),
                "comparison": pa.array([finding.comparison], pa.int64()),
                **{name: floats([value]) for name, (value, _) in values.items()},
            }
        ),
    )


def _figures(finding: Finding) -> dict[str, tuple[float | None, int]]:
    """Return each figure of an effect and how finely it is shown."""
    per = 100.0 if finding.outcome.type == "binary" else 1.0
    found, places = finding.effect, decimals_for(finding)
    values: dict[str, tuple[float | None, int]] = {}
    if finding.outcome.type != "binary":
        values["mean_treated"] = (found.mean_treated, places)
        values["mean_comparison"] = (found.mean_comparison, places)
    difference = found.difference
    values["difference"] = (per * difference.value, places)
    values["low"] = (per * difference.low, places)
    values["high"] = (per * difference.high, places)
    if finding.outcome.type != "mean":
        ratio = found.ratio
        values["ratio"] = (ratio.value if ratio else None, 2)
        values["ratio_low"] = (ratio.low if ratio else None, 2)
        values["ratio_high"] = (ratio.high if ratio else None, 2)
    values["p"], values["p_adjusted"] = (found.p, 3), (finding.p_adjusted, 3)
    values["e_value"] = (found.e_value, 1)
    values["e_value_limit"] = (found.e_value_limit, 1)
    return values


def _rests_on(name: str) -> str:
    return "comparison" if name == "mean_comparison" else "treated"


def _sensitivity(finding: Finding) -> Output:
    per = 100.0 if finding.outcome.type == "binary" else 1.0
    places = decimals_for(finding)
    checks = finding.checks
    figures = {
        "difference": [per * c.difference.value for c in checks],
        "low": [per * c.difference.low for c in checks],
        "high": [per * c.difference.high for c in checks],
    }
    return Output(
        sensitivity_name(finding.number),
        f"Does it hold under other analyses: {finding.name}",
        "estimates",
        (
            OutputColumn("check", "label"),
            OutputColumn("treated", "count"),
            OutputColumn("comparison", "count"),
            *(
                OutputColumn(
                    name, "measure", denominator="treated", decimals=places, reads_as="neither"
                )
                for name in figures
            ),
        ),
        pa.table(
            {
                "check": [c.name for c in checks],
                "treated": pa.array([c.treated for c in checks], pa.int64()),
                "comparison": pa.array([c.comparison for c in checks], pa.int64()),
                **{name: floats(values) for name, values in figures.items()},
            }
        ),
    )
