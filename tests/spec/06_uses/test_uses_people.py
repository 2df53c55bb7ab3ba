"""U5, evaluate: who is analysed, who is lost on the way, and when nothing may be reported."""

import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from planted import (
    OFFENCES,
    REOFFENDING,
    agreement,
    checked,
    codes,
    named,
    offenders,
    replaced,
    run,
    said,
    with_use,
)

from equipoise.carry.uses import USES
from equipoise.errors import DataRefused, DocumentRefused

NAMED = "not left out: mentoring began before the sentence or release counted from"


def steps(result, group="had the service") -> dict[str, int]:
    return {r["step"]: r["people"] for r in named(result, "funnel") if r["group"] == group}


def with_nulls(table: pa.Table, column: str, rows: list[int]) -> pa.Array:
    values = table.column(column).to_pylist()
    for row in rows:
        values[row] = None
    return pa.array(values, table.column(column).type)


def rows_of(tables, mentored: bool) -> list[int]:
    inside = np.isin(
        tables["offenders"]["pseudonym_person"].to_numpy(),
        tables["cohort"]["pseudonym_person"].to_numpy(),
    )
    return np.flatnonzero(inside == mentored).tolist()


# The funnel


def test_everybody_lost_is_lost_at_a_named_step():
    tables = offenders(1)
    people = tables["cohort"].num_rows
    mentored, others = rows_of(tables, True), rows_of(tables, False)
    pool = tables["offenders"]
    # Planted: 9 sent twice, 12 unknown to the pool, 7 began too early, 5 and 20 without an age,
    # 4 and 30 without an outcome, 3 treated without an index date.
    tables = replaced(
        tables,
        "offenders",
        age_at_index=with_nulls(pool, "age_at_index", mentored[:5] + others[:20]),
        reoffended=with_nulls(pool, "reoffended", mentored[5:9] + others[20:50]),
        index_date=with_nulls(pool, "index_date", mentored[9:12]),
    )
    early = set(np.asarray(pool["pseudonym_person"])[mentored[12:19]].tolist())
    cohort = tables["cohort"]
    dates = [
        np.datetime64("2020-01-01") if key in early else date
        for key, date in zip(
            cohort["pseudonym_person"].to_pylist(), cohort["started_on"].to_numpy(), strict=True
        )
    ]
    cohort = cohort.set_column(0, "started_on", pa.array(np.array(dates, dtype="datetime64[D]")))
    strangers = pa.table(
        {
            "started_on": cohort["started_on"].slice(0, 12),
            "pseudonym_person": pa.array(range(1, 13), pa.uint64()),
        }
    )
    tables["cohort"] = pa.concat_tables([cohort, cohort.slice(50, 9), strangers])
    result = run(agreement("justice-data-lab"), "reoffending", tables)
    analysed = people - 7 - 3 - 5 - 4
    assert list(steps(result).items())[:-1] == [
        ("sent", people + 21),
        ("each person counted once", people + 12),
        ("matched to a record", people),
        (NAMED, people - 7),
        ("index date known", people - 10),
        ("every covariate known", people - 15),
        ("every outcome known", analysed),
    ]
    assert steps(result)["matched comparison found (analysed)"] <= analysed
    other = steps(result, "comparison")
    assert other["others in the pool"] - other["every covariate known"] == 20
    assert other["every covariate known"] - other["every outcome known"] == 30
    assert other["chosen as a match"] <= 5 * analysed
    text = said(agreement("justice-data-lab"), "reoffending", result)
    assert re.search(r"of about 4\d\d people sent, about 3\d\d could be analysed", text)


def test_a_service_that_began_before_the_index_date_is_left_out_even_if_no_exclusion_says_so():
    base = agreement("justice-data-lab")
    use = base.uses["reoffending"].model_copy(update={"exclude": ()})
    base = base.model_copy(update={"uses": {"reoffending": use}})
    tables = offenders(2, late=False)
    starts = dict(
        zip(
            tables["cohort"]["pseudonym_person"].to_pylist(),
            tables["cohort"]["started_on"].to_pylist(),
            strict=True,
        )
    )
    pool = tables["offenders"]
    early = sum(
        starts[key] < date
        for key, date in zip(
            pool["pseudonym_person"].to_pylist(), pool["index_date"].to_pylist(), strict=True
        )
        if key in starts
    )
    assert early > 50
    found = steps(run(base, "reoffending", tables))
    assert found["service began on or after the index date"] == tables["cohort"].num_rows - early


def test_a_start_that_is_not_known_is_a_step_of_its_own():
    tables = offenders(2)
    tables = replaced(
        tables, "cohort", started_on=with_nulls(tables["cohort"], "started_on", [0, 1, 2])
    )
    found = steps(run(agreement("justice-data-lab"), "reoffending", tables))
    assert found["start of the service known"] == tables["cohort"].num_rows - 3


def test_a_person_sent_twice_counts_from_the_earliest_start():
    tables = offenders(2)
    again = tables["cohort"].slice(0, 6)
    late = again.set_column(0, "started_on", pa.array([None] * 6, pa.date32()))
    tables["cohort"] = pa.concat_tables([late, tables["cohort"]])
    found = steps(run(agreement("justice-data-lab"), "reoffending", tables))
    assert "start of the service known" not in found
    assert found["each person counted once"] == found["sent"] - 6


def test_people_with_more_than_one_record_are_left_out_and_it_is_said():
    tables = offenders(3)
    twice = rows_of(tables, True)[:4] + rows_of(tables, False)[:10]
    pool = tables["offenders"]
    tables["offenders"] = pa.concat_tables([pool, pool.take(twice)])
    result = run(agreement("justice-data-lab"), "reoffending", tables)
    found = steps(result)
    assert found["exactly one record held"] == found["matched to a record"] - 4
    assert any("more than one record" in warning for warning in result.warnings)
    assert not result.refused


# Refusals


def refused(tables, *changes):
    base = agreement("justice-data-lab", *changes)
    result = run(base, "reoffending", tables)
    assert not any(o.name.startswith(("effect", "rates", "sensitivity")) for o in result.outputs)
    text = said(base, "reoffending", result)
    assert "no effect is reported" in text
    return result


def test_an_empty_cohort():
    tables = offenders(1)
    tables["cohort"] = tables["cohort"].slice(0, 0)
    assert codes(refused(tables)) == {"USE020"}


def test_a_cohort_of_which_nobody_is_found():
    tables = offenders(1)
    strangers = pa.array(range(1, tables["cohort"].num_rows + 1), pa.uint64())
    tables = replaced(tables, "cohort", pseudonym_person=strangers)
    assert codes(refused(tables)) == {"USE022"}


def test_everybody_treated():
    tables = offenders(1)
    tables["offenders"] = tables["offenders"].take(rows_of(tables, True))
    assert codes(refused(tables)) == {"USE021"}


def test_an_empty_pool():
    tables = offenders(1)
    tables["offenders"] = tables["offenders"].slice(0, 0)
    assert codes(refused(tables)) == {"USE021"}


def test_a_cohort_below_the_minimum_is_refused_without_saying_how_small():
    tables = offenders(1)
    tables["cohort"] = tables["cohort"].slice(0, 59)
    result = refused(tables)
    assert codes(result) == {"USE022"}
    assert "59" not in result.refused[0].sentence()
    assert result.refused[0].clause == "uses.reoffending.min treated"


def test_a_cohort_that_falls_below_the_minimum_at_matching():
    # Enough are sent, but a caliper this fine leaves few with a match; the balance is shown.
    tables = offenders(1)
    tables["cohort"] = tables["cohort"].slice(0, 64)
    result = refused(tables, ("caliper: 0.2", "caliper: 0.0001"), ("ratio: 5", "ratio: 1"))
    assert "USE022" in codes(result)
    assert "balance" in {o.name for o in result.outputs}


def test_a_cohort_with_no_match_at_all():
    # The two sexes are matched exactly; all treated are men here and all others women.
    tables = offenders(1)
    mentored = set(rows_of(tables, True))
    sex = pa.array(["M" if row in mentored else "F" for row in range(4000)])
    result = refused(replaced(tables, "offenders", sex=sex))
    assert codes(result) == {"USE022"}
    assert steps(result)["matched comparison found (analysed)"] == 0


def test_a_pool_too_small_to_compare_with():
    tables = offenders(1)
    rows = rows_of(tables, True) + rows_of(tables, False)[:20]
    tables["offenders"] = tables["offenders"].take(rows)
    assert codes(refused(tables)) == {"USE023"}


def test_groups_that_stay_unlike_are_refused_covariate_by_covariate():
    # All but a few of the treated have a history that hardly anybody else has; no caliper.
    tables = offenders(1)
    mentored = set(rows_of(tables, True))
    history = [9 if row in mentored and row % 10 else row % 4 for row in range(4000)]
    result = refused(
        replaced(tables, "offenders", previous_offences=pa.array(history)),
        ("      caliper: 0.2\n", ""),
    )
    assert codes(result) == {"USE024", "USE025"}
    unlike = next(p for p in result.refused if "previous offences" in p.what)
    assert "standard deviations after matching; the agreement allows 0.1" in unlike.what
    assert unlike.clause == "uses.reoffending.max smd"
    balance = {r["covariate"]: r for r in named(result, "balance")}
    assert balance["previous offences"]["light"] == "red"


def test_no_covariate_that_differs_between_people():
    base = agreement("justice-data-lab")
    use = base.uses["reoffending"].model_copy(
        update={"covariates": ("offenders.previous_custody",)}
    )
    base = base.model_copy(update={"uses": {"reoffending": use}})
    same = replaced(offenders(1), "offenders", previous_custody=pa.array([True] * 4000))
    result = run(base, "reoffending", same)
    assert codes(result) == {"USE027"}


def test_a_covariate_that_tells_groups_wholly_apart_is_told_and_refused():
    tables = offenders(1)
    mentored = set(rows_of(tables, True))
    work = pa.array([row in mentored for row in range(4000)])
    result = refused(
        replaced(tables, "offenders", employed_before=work), ("      caliper: 0.2\n", "")
    )
    assert any("Firth" in warning for warning in result.warnings)
    assert {"USE024", "USE025"} <= codes(result)


def test_a_covariate_that_adds_nothing_is_told():
    tables = replaced(offenders(1), "offenders", deprivation_fifth=pa.array([3] * 4000))
    result = run(agreement("justice-data-lab"), "reoffending", tables)
    assert result.warnings == (
        "'deprivation fifth' adds nothing to the score and was left out of it",
    )
    assert not result.refused


# Outcomes


def test_an_outcome_that_few_had_is_withheld_and_the_other_reported():
    tables = offenders(1)
    mentored = rows_of(tables, True)
    rare = set(mentored[:6])
    again = pa.array(
        [row in rare or (row not in set(mentored) and row % 2 == 0) for row in range(4000)]
    )
    base = agreement("justice-data-lab")
    result = run(base, "reoffending", replaced(tables, "offenders", reoffended=again))
    assert not result.refused
    names = {o.name for o in result.outputs}
    assert OFFENCES in names
    assert not names & {REOFFENDING, "rates", "sensitivity_2"}
    assert any("'one-year reoffending' is withheld" in warning for warning in result.warnings)
    assert "anything about one-year reoffending" in said(base, "reoffending", result)


def test_outcomes_that_nobody_varies_in_leave_nothing_to_report():
    none = replaced(
        offenders(1),
        "offenders",
        reoffended=pa.array([False] * 4000),
        reoffences=pa.array([0] * 4000),
    )
    base = agreement("justice-data-lab")
    result = run(base, "reoffending", none)
    # To say that nobody had it would tell of everybody: both are withheld like what few had.
    assert codes(result) == {"USE031"}
    # Balance was reached here, so the reason given must not be that groups are unlike.
    assert "unlike" not in said(base, "reoffending", result)


def test_without_adjustment_p_stays_as_it_is():
    base = agreement("justice-data-lab", ("    max smd: 0.1", "    max smd: 0.1\n    adjust: none"))
    result = run(base, "reoffending", offenders(3, effect=-0.1))
    for effect in (OFFENCES, REOFFENDING):
        row = named(result, effect)[0]
        assert row["p"] == row["p_adjusted"]
    held = run(agreement("justice-data-lab"), "reoffending", offenders(3, effect=-0.1))
    assert max(
        named(held, REOFFENDING)[0]["p_adjusted"], named(held, OFFENCES)[0]["p_adjusted"]
    ) >= 2 * min(named(held, REOFFENDING)[0]["p"], named(held, OFFENCES)[0]["p"])


@pytest.mark.parametrize(
    ("column", "values"),
    [("reoffended", ["a"] * 4000), ("reoffended", [2] * 4000), ("reoffences", [-1] * 4000)],
)
def test_an_outcome_of_another_type_is_refused(column, values):
    tables = replaced(offenders(1), "offenders", **{column: pa.array(values)})
    with pytest.raises(DocumentRefused) as refusal:
        run(agreement("justice-data-lab"), "reoffending", tables)
    assert [p.code for p in refusal.value.problems] == ["USE015"]


# Other ways to say who is treated, and where a field is


def use_of(base, **changes) -> dict:
    clause = base.uses["reoffending"].model_dump(by_alias=True)
    return {**clause, **changes}


def test_the_treated_may_be_those_who_meet_a_test():
    base = agreement("justice-data-lab")
    tables = offenders(4)
    mentored = set(rows_of(tables, True))
    table = tables["offenders"].append_column(
        "mentored", pa.array([None if row < 7 else row in mentored for row in range(4000)])
    )
    base = with_use(
        base,
        "tested",
        use_of(
            base,
            treated={"test": "offenders.mentored = yes"},
            exclude=[],
            match={"order": "random"},
        ),
    )
    result = run(base, "tested", {**tables, "offenders": table})
    known = sum(row >= 7 for row in mentored)
    assert steps(result)["had the service"] == known
    others = steps(result, "comparison")
    assert others["others in the pool"] - others["known whether they had the service"] == 7
    # The same people as the linked cohort: the result is told in the words for a test.
    rule = base.outputs["reoffending"]
    base = base.model_copy(update={"outputs": {"tested": rule}})
    assert "people who had the service, about" in said(base, "tested", result)


def test_matching_exactly_on_two_fields_holds():
    base = agreement(
        "justice-data-lab",
        ("exact: [offenders.sex]", "exact: [offenders.sex, offenders.offence_group]"),
    )
    result = run(base, "reoffending", offenders(4))
    balance = {r["covariate"]: r for r in named(result, "balance")}
    for label in ("sex: F", "offence group: drugs", "offence group: theft"):
        assert balance[label]["smd"] == pytest.approx(0, abs=1e-9)


def test_a_covariate_of_a_third_dataset_needs_one_row_a_person():
    base = agreement("justice-data-lab")
    linkage = base.linkage
    person = linkage.entities["person"].model_copy(update={"join": ("cohort", "benefits")})
    base = base.model_copy(
        update={"linkage": linkage.model_copy(update={"entities": {"person": person}})}
    )
    base = with_use(base, "more", use_of(base, covariates=["offenders.sex", "benefits.weeks"]))
    tables = offenders(4)
    pool = tables["offenders"]
    benefits = pa.table(
        {
            "weeks": np.arange(4000) % 52,
            "pseudonym_person": pool["pseudonym_person"],
        }
    )
    result = run(base, "more", {**tables, "benefits": benefits.slice(100)})
    others = steps(result, "comparison")
    assert others["others in the pool"] - others["every covariate known"] > 0
    assert "weeks" in {r["covariate"] for r in named(result, "balance")}
    with pytest.raises(DataRefused) as refusal:
        twice = pa.concat_tables([benefits, benefits.slice(0, 1)])
        run(base, "more", {**tables, "benefits": twice})
    assert [p.code for p in refusal.value.problems] == ["USE029"]


# What is said of what the disclosure check took out


def test_what_disclosure_took_out_is_said_not_to_be_shown():
    base = agreement("justice-data-lab")
    result = run(base, "reoffending", offenders(3, effect=-0.15))
    rule = base.outputs["reoffending"].model_copy(update={"min_count": 3000})
    strict = base.model_copy(update={"outputs": {"reoffending": rule}})
    text = said(strict, "reoffending", result)
    assert "of a number of people that is not shown sent, a number that is not shown could" in text
    assert "one-year reoffending: the difference is withheld by the disclosure check" in text
    pictures = USES["evaluate"].pictures(
        strict, "reoffending", checked(strict, "reoffending", result)
    )
    assert "not shown" in pictures["funnel.svg"]


def test_pictures_are_drawn_of_what_there_is():
    base = agreement("justice-data-lab")
    result = run(base, "reoffending", offenders(3, effect=-0.15))
    pictures = USES["evaluate"].pictures(base, "reoffending", checked(base, "reoffending", result))
    assert list(pictures) == ["funnel.svg", "balance.svg", "effect_1.svg", "effect_2.svg"]
    assert USES["evaluate"].pictures(base, "reoffending", {}) == {}
    assert "no effect is reported" in "\n".join(USES["evaluate"].describe(base, "reoffending", {}))


def test_a_finding_that_is_clear_only_alone_is_said_to_be_so():
    base = agreement("justice-data-lab")
    result = run(base, "reoffending", offenders(3, effect=-0.15))
    shown = dict(checked(base, "reoffending", result))
    effect = shown[REOFFENDING]
    row = effect.table.to_pylist()[0] | {
        "difference": -6.0,
        "low": -11.0,
        "high": -1.0,
        "p_adjusted": 0.07,
        "e_value_limit": 1.3,
    }
    shown[REOFFENDING] = replace(effect, table=pa.Table.from_pylist([row], effect.table.schema))
    text = "\n".join(USES["evaluate"].describe(base, "reoffending", shown))
    assert "Alone it would look clear; among the 2 outcomes looked at" in text
