"""U5, evaluate: what few people have, or lack, cannot be worked out from what is shown.

The reader here tries every count against every figure: shares, standardised differences, gaps of
distributions, the other levels of a category, and means times people.
"""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import OFFENCES, REOFFENDING, agreement, checked, named, offenders, replaced, run, said

from equipoise.carry.uses import USES
from equipoise.carry.uses.evaluate.few import share_step

LEAST, BASE = 10, 5
HALF = 0.005 + 1e-9
FIGURES = ("mean_treated", "mean_comparison", "smd", "variance_ratio", "ecdf_mean", "ecdf_max")


def meets(low, high, value, half):
    """Which intervals meet value ± half; all of them where the figure is not shown."""
    return True if value is None else (high >= value - half) & (low <= value + half)


def possible(row, period, half):
    """Every count of treated, and of others, that could stand behind a yes/no row, as 0/1 shares of
    each number of people that could be meant."""
    found = {}
    mine, theirs = row[f"treated{period}"], row[f"comparison{period}"]
    if mine is None or theirs is None:
        return {"treated": None, "comparison": None}
    shown = {name: row[name + period] for name in FIGURES}
    wholes = np.arange(mine - 2, mine + 3)
    k = np.concatenate([np.arange(whole + 1) for whole in wholes])
    n = np.repeat(wholes, wholes + 1)
    p = k / n
    low, high = np.zeros_like(p), np.ones_like(p)
    fits = np.asarray(meets(p, p, shown["mean_treated"], half)) & np.ones_like(p, dtype=bool)
    if shown["mean_comparison"] is not None:
        low, high = low + shown["mean_comparison"] - half, low + shown["mean_comparison"] + half
    if shown["smd"] is not None and period != "":
        spread = np.sqrt(p * (1 - p))
        low = np.maximum(low, p - (shown["smd"] + HALF) * spread)
        high = np.minimum(high, p - (shown["smd"] - HALF) * spread)
    if (gap := shown["ecdf_mean"]) is not None:
        # The gap is that of the two shares shown, so that each may be half a step off.
        slack = gap + 2 * half
        low, high = np.maximum(low, p - slack), np.minimum(high, p + slack)
    found["treated"] = [
        (int(a), int(b))
        for a, b in zip(k[fits & (low <= high)], n[fits & (low <= high)], strict=True)
    ]
    share = shown["mean_comparison"]
    wholes = range(theirs - 2, theirs + 3)
    found["comparison"] = (
        None
        if share is None
        else [
            (a, b)
            for b in wholes
            for a in range(max(0, int((share - half) * b)), min(b, int((share + half) * b) + 1) + 1)
            if abs(a / b - share) <= half
        ]
    )
    return found


def is_small(pairs):
    """Whether all that a reader holds possible is a number below the minimum."""
    return bool(pairs) and (
        all(k < LEAST for k, _ in pairs) or all(n - k < LEAST for k, n in pairs)
    )


def recovered(balance):
    """The (row, group, period) whose small count a reader of the balance table can tell."""
    told, sums = set(), defaultdict(list)
    people = [row[name] for row in balance for name in ("treated", "comparison")]
    half = share_step(min(people)) / 2 + 1e-9
    for row in balance:
        if row["variance_ratio_before"] is not None or row["covariate"].startswith("score"):
            continue
        for period in ("_before", ""):
            for group, pairs in possible(row, period, half).items():
                if is_small(pairs):
                    told.add((row["covariate"], group, period))
            if ":" in row["covariate"]:
                sums[row["covariate"].split(":")[0], period].append(row)
    for (name, period), levels in sums.items():
        for group in ("treated", "comparison"):
            shares = [level[f"mean_{group}{period}"] for level in levels]
            gone = [share for share in shares if share is None]
            rest = 1 - sum(share for share in shares if share is not None)
            reach = (len(shares) - len(gone)) * half
            if gone and (rest + reach) * levels[0][group + period] < LEAST:
                told.add((name, group, period))
            if len(gone) == 1 and (rest - reach) * levels[0][group + period] < LEAST:
                told.add((name, group, period))
    return told


def with_few(seed, few, lacking, *, custody=False, level=False, outcomes=False):
    """Offenders of whom ``few`` of the treated have, or lack, the things named."""
    tables = offenders(seed, 5000)
    pool = tables["offenders"]
    inside = np.isin(
        pool["pseudonym_person"].to_numpy(), tables["cohort"]["pseudonym_person"].to_numpy()
    )
    draw = np.random.default_rng(seed)
    treated, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    rare = np.zeros(len(inside), dtype=bool)
    rare[draw.choice(treated, few, replace=False)] = True
    rare[draw.choice(others, len(others) // 4, replace=False)] = True
    thing = rare != lacking
    if custody:
        tables = replaced(tables, "offenders", previous_custody=pa.array(thing))
    if level:
        groups = np.array(pool["offence_group"].to_pylist())
        groups[inside & (groups == "other")] = "theft"
        groups[inside & rare] = "other"
        tables = replaced(tables, "offenders", offence_group=pa.array(groups.tolist()))
    if outcomes:
        tables = replaced(
            tables, "offenders", reoffended=pa.array(thing), reoffences=pa.array(thing.astype(int))
        )
    return tables


def shown_of(tables):
    base = agreement("justice-data-lab")
    result = run(base, "reoffending", tables)
    return result, checked(base, "reoffending", result)


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(0, 9), st.booleans(), st.booleans())
def test_no_small_count_follows_from_the_checked_tables(seed, few, lacking, level):
    tables = with_few(seed, few, lacking, custody=True, level=level, outcomes=True)
    result, seen = shown_of(tables)
    balance = seen["balance"].table.to_pylist()
    assert recovered(balance) == set()
    row = next(r for r in balance if r["covariate"] == "previous custody")
    assert all(row[name + period] is None for name in FIGURES for period in ("", "_before"))
    assert row["light"] in {"green", "amber", "red"}
    assert not {OFFENCES, REOFFENDING, "rates", "sensitivity_1", "sensitivity_2"} & set(seen)
    for problem in result.refused:
        if "previous custody" in problem.what or "offence group: other" in problem.what:
            assert "standard deviations" not in problem.what


def test_the_reader_would_find_what_is_not_hidden():
    """Four of 500, from the differences alone; five, from the other levels."""
    p, q = 4 / 500, 0.25
    row = dict.fromkeys([name + period for name in FIGURES for period in ("", "_before")])
    row |= {
        "covariate": "custody",
        "treated": 500,
        "comparison": 2000,
        "treated_before": 500,
        "comparison_before": 4500,
        "smd_before": round((p - q) / np.sqrt(p * (1 - p)), 2),
        "mean_comparison_before": q,
    }
    assert ("custody", "treated", "_before") in recovered([row])
    assert ("custody", "treated", "") in recovered([{**row, "mean_treated": 0.01}])
    shares = {"a": 0.59, "b": 0.4, "c": None}
    levels = [
        {**row, "covariate": f"kind: {level}", "smd_before": None, "mean_treated": share}
        for level, share in shares.items()
    ]
    assert ("kind", "treated", "") in recovered(levels)


def test_ordinary_rows_and_outcomes_stay_shown():
    result, seen = shown_of(offenders(3, 5000, effect=-0.1))
    assert not result.refused
    for row in seen["balance"].table.to_pylist():
        for period in ("", "_before"):
            held = {name for name in FIGURES if row[name + period] is None}
            assert held <= {"variance_ratio"}
    for name in (OFFENCES, REOFFENDING):
        assert None not in seen[name].table.to_pylist()[0].values()
    assert {"rates", "sensitivity_1", "sensitivity_2"} <= set(seen)


def test_one_hidden_level_takes_the_next_smallest_with_it():
    _, seen = shown_of(with_few(4, 6, False, level=True))
    rows = {r["covariate"]: r for r in seen["balance"].table.to_pylist()}
    levels = [name for name in rows if name.startswith("offence group")]
    hidden = [name for name in levels if rows[name]["smd"] is None]
    assert len(hidden) == 2
    assert "offence group: other" in hidden
    assert "offence group: theft" not in hidden  # the largest
    assert rows["previous custody"]["smd"] is not None


def test_shares_are_coarser_where_people_are_fewer():
    assert [share_step(n) for n in (4000, 300, 299, 150, 100, 60, 30, 15, 6, 2)] == [
        0.01,
        0.01,
        0.02,
        0.02,
        0.05,
        0.05,
        0.1,
        0.2,
        0.5,
        1.0,
    ]
    tables = offenders(3, 5000)
    tables["cohort"] = tables["cohort"].slice(0, 100)
    for row in named(run(agreement("justice-data-lab"), "reoffending", tables), "balance"):
        if row["covariate"] == "employed before":
            assert row["mean_treated"] * 20 == pytest.approx(round(row["mean_treated"] * 20))
            assert row["ecdf_mean"] == pytest.approx(
                abs(row["mean_treated"] - row["mean_comparison"])
            )


def test_a_count_outcome_that_few_have_is_withheld_and_the_yes_no_is_not():
    tables = offenders(2, 5000)
    again = tables["offenders"]["reoffended"].to_numpy(zero_copy_only=False).astype(int)
    inside = np.isin(
        tables["offenders"]["pseudonym_person"].to_numpy(),
        tables["cohort"]["pseudonym_person"].to_numpy(),
    )
    again[np.flatnonzero(inside)[:-30]] = 0
    again[np.flatnonzero(inside)[-4:]] = 50  # many events of hardly anybody
    again[np.flatnonzero(inside)[-30:-4]] = 0
    result, seen = shown_of(replaced(tables, "offenders", reoffences=pa.array(again)))
    assert not {OFFENCES, "sensitivity_1"} & set(seen)
    assert REOFFENDING in seen
    assert any("'offences in the year' is withheld: fewer than 10" in w for w in result.warnings)


def test_a_mean_that_few_depart_from_is_withheld():
    base = agreement("justice-data-lab", ("reoffences, type: count", "reoffences, type: mean"))
    tables = offenders(2, 5000)
    inside = np.isin(
        tables["offenders"]["pseudonym_person"].to_numpy(),
        tables["cohort"]["pseudonym_person"].to_numpy(),
    )
    score = np.random.default_rng(0).integers(5, 9, 5000)
    every = run(base, "reoffending", replaced(tables, "offenders", reoffences=pa.array(score)))
    assert OFFENCES in {o.name for o in every.outputs}
    score[inside] = 5
    score[np.flatnonzero(inside)[:6]] = 7
    few = run(base, "reoffending", replaced(tables, "offenders", reoffences=pa.array(score)))
    assert OFFENCES not in {o.name for o in few.outputs}


def test_a_hidden_row_is_named_in_a_refusal_without_its_distance():
    # All the treated but five, and nobody else, had been in custody; no caliper.
    base = agreement("justice-data-lab", ("      caliper: 0.2\n", ""))
    tables = with_few(3, 5, True)
    inside = np.isin(
        tables["offenders"]["pseudonym_person"].to_numpy(),
        tables["cohort"]["pseudonym_person"].to_numpy(),
    )
    custody = inside.copy()
    custody[np.flatnonzero(inside)[:5]] = False
    tables = replaced(tables, "offenders", previous_custody=pa.array(custody))
    result = run(base, "reoffending", tables)
    problem = next(p for p in result.refused if "previous custody" in p.what)
    assert problem.code == "USE024"
    assert "too few people to show" in problem.what
    assert "standard deviations" not in problem.what
    text = said(base, "reoffending", result)
    assert "previous custody (too few people to show)" in text
    seen = checked(base, "reoffending", result)
    drawn = USES["evaluate"].pictures(base, "reoffending", seen)["balance.svg"]
    assert "previous custody: not shown before, not shown after (unlike)" in drawn


def test_an_outcome_that_is_the_same_within_every_matched_set_shows_no_effect():
    # People are matched within their sex, and men have one offence, women none.
    tables = offenders(1)
    one = [int(sex == "M") for sex in tables["offenders"]["sex"].to_pylist()]
    result = run(
        agreement("justice-data-lab"),
        "reoffending",
        replaced(tables, "offenders", reoffences=pa.array(one)),
    )
    assert not result.refused
    assert OFFENCES not in {o.name for o in result.outputs}
    assert any("does not differ within any matched set" in told for told in result.warnings)
