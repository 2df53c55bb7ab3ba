"""Invented people whose truth is known because it was planted, and agreements to compute under."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import TypeAdapter

from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.agree.uses import Use
from equipoise.carry.disclose import disclose
from equipoise.carry.outputs import Output, Result
from equipoise.carry.tables import TablesSession
from equipoise.carry.uses import USES

EXAMPLES = Path(__file__).parents[3] / "examples"
# Outcomes are numbered by name: "offences in the year" stands before "one-year reoffending".
OFFENCES, REOFFENDING = "effect_1", "effect_2"
GROUPS = np.array(["theft", "violence", "drugs", "driving", "other"])


@cache
def agreement(example: str, *changes: tuple[str, str]) -> Agreement:
    """An example's agreement, each change made to its text first."""
    text = (EXAMPLES / example / "agreement.yaml").read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse(text).agreement


def with_use(base: Agreement, use_id: str, clause: dict[str, Any]) -> Agreement:
    """The same agreement with one more use, past the checks between clauses."""
    whole = {"by": "an analyst", "for": "a test of the use", **clause}
    use = TypeAdapter(Use).validate_python(whole)
    return base.model_copy(update={"uses": {**base.uses, use_id: use}})


def run(base: Agreement, use_id: str, tables: dict[str, pa.Table]) -> Result:
    return USES[base.uses[use_id].use].compute(TablesSession(tables), base, use_id)


def checked(base: Agreement, use_id: str, result: Result) -> dict[str, Output]:
    """The outputs as the disclosure check lets them through."""
    releases = [r for r in base.releases if r.of == use_id]
    return {
        o.name: disclose(o, base.outputs[use_id], releases=releases).output for o in result.outputs
    }


def said(base: Agreement, use_id: str, result: Result) -> str:
    describe = USES[base.uses[use_id].use].describe
    return "\n".join(describe(base, use_id, checked(base, use_id, result)))


def named(result: Result, name: str) -> list[dict[str, Any]]:
    return next(o for o in result.outputs if o.name == name).table.to_pylist()


def codes(result: Result) -> set[str]:
    return {problem.code for problem in result.refused}


def offenders(
    seed: int, size: int = 4000, *, effect: float = 0.0, rate: float = -2.4, late: bool = True
) -> dict[str, pa.Table]:
    """People convicted, some of them mentored.

    Being mentored, and reoffending, both depend on age, history, work and custody, so that a plain
    comparison misleads. ``effect`` is what mentoring adds to each one's chance of reoffending; no
    chance is cut off at 0 or 1, so it is exactly the mean effect too. All start after the index
    date when ``late``.
    """
    draw = np.random.default_rng(seed)
    age = draw.integers(18, 60, size)
    man, custody, before = draw.random((3, size)) < np.array([[0.8], [0.4], [0.3]])
    work = draw.random(size) < 0.35
    history = np.minimum(draw.poisson(3, size), 9)
    lean = rate - 0.03 * (age - 38) + 0.5 * custody + 0.12 * (history - 3) - 0.4 * work
    mentored = draw.random(size) < 1 / (1 + np.exp(-lean))
    chance = 0.42 - 0.004 * (age - 38) + 0.02 * (history - 3) - 0.06 * work + 0.03 * custody
    again = draw.random(size) < chance + effect * mentored
    spread = np.uint64(11400714819323198485)
    key = draw.permutation(np.arange(1, size + 1, dtype=np.uint64) * spread)
    index = np.datetime64("2024-01-01") + draw.integers(0, 300, size)
    start = index[mentored] + draw.integers(1 if late else -60, 90, int(mentored.sum()))
    pool = pa.table(
        {
            "index_date": pa.array(index.astype("datetime64[D]")),
            "age_at_index": age,
            "sex": np.where(man, "M", "F").tolist(),
            "custody": custody,
            "offence_group": GROUPS[draw.integers(0, 5, size)].tolist(),
            "previous_offences": history,
            "previous_custody": before,
            "employed_before": work,
            "deprivation_fifth": draw.integers(1, 6, size),
            "reoffended": again,
            "reoffences": np.where(again, 1 + draw.poisson(0.8, size), 0),
            "pseudonym_person": key,
        }
    )
    cohort = pa.table(
        {
            "started_on": pa.array(start.astype("datetime64[D]")),
            "pseudonym_person": key[mentored],
        }
    )
    return {"offenders": pool, "cohort": cohort}


def replaced(tables: dict[str, pa.Table], dataset: str, **columns: Any) -> dict[str, pa.Table]:
    table = tables[dataset]
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.chunked_array([values]))
    return {**tables, dataset: table}
