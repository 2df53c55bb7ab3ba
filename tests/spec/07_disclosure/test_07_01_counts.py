"""No published count is small, exact, or to be had by subtraction."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tables import RULE, check, codes, column, counted, output, shown

from equipoise.agree.parts import OutputRule


def test_counts_are_rounded_and_small_ones_withheld() -> None:
    checked = check(counted([102, 107, 9, 10, 11, 12, 13, 1]))
    assert shown(checked) == [100, 105, None, 10, 10, 10, 15, None]
    assert checked.verdict == "pass"
    assert checked.suppressed == {"people": (2, 7)}


def test_nobody_is_withheld_like_a_few() -> None:
    """A zero says of everybody in the group that they lack the thing counted."""
    assert shown(check(counted([0, 100, 3]))) == [None, 100, None]


def test_what_rounds_below_the_minimum_is_withheld_too() -> None:
    rule = OutputRule(form="aggregate", min_count=12, round_to=5)
    assert shown(check(counted([12, 13, 50]), rule)) == [None, 15, 50]


def test_a_finding_tells_the_rule_and_how_many_cells_but_no_withheld_count() -> None:
    checked = check(counted([7, 50, 8]))
    (finding,) = [f for f in checked.findings if f.code == "DIS010"]
    assert dict(finding.evidence) == {"cells": 2, "minimum": 10, "rounded to": 5}


def test_a_total_is_made_again_from_the_figures_shown() -> None:
    checked = check(counted([52, 7, 33, 92], ["a", "b", "c", "total"], total_of="group"))
    assert shown(checked) == [50, None, 35, 85]
    assert "DIS014" in codes(checked)


def test_totals_within_other_labels_each_count_their_own() -> None:
    table = output(
        "counts",
        [column("sex", "label"), column("area", "label"), column("people", "count")],
        {
            "sex": ["f", "f", "f", "m", "m", "m"],
            "area": ["a", "b", "total", "a", "b", "total"],
            "people": [22, 31, 53, 3, 47, 50],
        },
        total_of="area",
    )
    assert shown(check(table)) == [20, 30, 50, None, 45, 45]


def test_a_total_of_withheld_parts_is_withheld() -> None:
    checked = check(counted([3, 4, 7], ["a", "b", "total"], total_of="group"))
    assert shown(checked) == [None, None, None]


def test_a_total_that_is_not_the_sum_of_its_parts_fails() -> None:
    """Parts that overlap have no total that can be made again from them."""
    checked = check(counted([30, 40, 60], ["a", "b", "total"], total_of="group"))
    assert (checked.verdict, codes(checked)) == ("fail", {"DIS006"})
    assert checked.output.table.num_rows == 0


def yes_no(yes: list[int], no: list[int], everybody: list[int]) -> object:
    return output(
        "counts",
        [column("group", "label"), *(column(n, "count") for n in ("yes", "no", "all"))],
        {"group": [str(n) for n in range(len(yes))], "yes": yes, "no": no, "all": everybody},
    )


def test_columns_that_make_another_are_found_and_protected() -> None:
    checked = check(yes_no([500, 62], [5, 41], [505, 103]))  # type: ignore[arg-type]
    assert shown(checked, "no") == [None, 40]
    assert shown(checked, "yes") == [None, 60]
    assert shown(checked, "all") == [505, 100]
    assert "DIS012" in codes(checked)


def test_withheld_parts_together_are_no_small_group() -> None:
    """Three and four make seven: a third part is withheld, so that the rest is not small."""
    table = output(
        "counts",
        [column("g", "label"), *(column(n, "count") for n in "abcdt")],
        {"g": ["x"], "a": [3], "b": [4], "c": [20], "d": [100], "t": [127]},
    )
    checked = check(table)
    values = [shown(checked, name)[0] for name in "abcdt"]
    assert values == [None, None, None, 100, 125]


def test_a_whole_with_every_part_shown_is_the_sum_of_its_rounded_parts() -> None:
    checked = check(yes_no([48], [53], [101]))  # type: ignore[arg-type]
    assert [shown(checked, n)[0] for n in ("yes", "no", "all")] == [50, 55, 105]


def test_a_sum_between_rows_is_protected_when_it_is_declared() -> None:
    declared = {"sums_of": "group", "sums": (("answered", ("yes", "no")),)}
    checked = check(counted([1000, 996, 4], ["answered", "yes", "no"], **declared))
    assert shown(checked) == [1000, None, None]
    checked = check(counted([1003, 903, 100], ["answered", "yes", "no"], **declared))
    assert shown(checked) == [1005, 905, 100]


def test_sums_of_sums_are_protected_together() -> None:
    table = counted(
        [200, 196, 4, 150, 46],
        ["all", "found", "not found", "yes", "no"],
        sums_of="group",
        sums=(("all", ("found", "not found")), ("found", ("yes", "no"))),
    )
    values = shown(check(table))
    assert values[2] is None
    assert values[1] is None
    assert values[3:].count(None) >= 1  # else found = yes + no, and not found = all - found


def test_a_whole_that_falls_into_parts_in_two_ways_keeps_its_own_figure() -> None:
    """48 and 53 round to 105 in all, 41 and 60 to 100: the whole of 101 cannot be both."""
    table = counted(
        [101, 48, 53, 41, 60],
        ["all", "yes", "no", "old", "young"],
        sums_of="group",
        sums=(("all", ("yes", "no")), ("all", ("old", "young"))),
    )
    checked = check(table)
    assert shown(checked) == [100, 50, 55, 40, 60]
    assert check(checked.output).output.table.equals(checked.output.table)


def test_a_declared_sum_that_does_not_hold_fails() -> None:
    declared = {"sums_of": "group", "sums": (("answered", ("yes", "no")),)}
    checked = check(counted([1000, 900, 90], ["answered", "yes", "no"], **declared))
    assert codes(checked, "fail") == {"DIS006"}


def test_a_sum_with_an_absent_row_says_nothing() -> None:
    declared = {"sums_of": "group", "sums": (("answered", ("yes", "no", "perhaps")),)}
    assert shown(check(counted([100, 90], ["answered", "yes"], **declared))) == [100, 90]


def funnel(people: list[int], **more: object) -> object:
    steps = [f"step {number}" for number in range(len(people))]
    return counted(people, steps, steps_of="group", **more)


def test_a_step_that_few_left_looks_like_one_that_nobody_left() -> None:
    """The last figure stays, because results rest on it."""
    checked = check(funnel([1003, 1000, 996, 950, 948]))  # type: ignore[arg-type]
    assert shown(checked) == [995, 995, 995, 950, 950]
    assert "DIS013" in codes(checked)
    same = check(funnel([996, 996, 996, 950, 950]))  # type: ignore[arg-type]
    assert shown(same) == shown(checked)


def test_steps_that_many_left_keep_their_own_figures() -> None:
    assert shown(check(funnel([1003, 902, 801]))) == [1005, 900, 800]  # type: ignore[arg-type]


def test_a_step_with_few_people_is_withheld_and_skipped() -> None:
    assert shown(check(funnel([1003, 990, 7]))) == [1005, 990, None]  # type: ignore[arg-type]


def test_two_funnels_in_one_table_are_kept_apart() -> None:
    table = output(
        "counts",
        [column("arm", "label"), column("step", "label"), column("people", "count")],
        {"arm": ["t", "t", "c", "c"], "step": ["all", "kept"] * 2, "people": [60, 57, 900, 800]},
        steps_of="step",
    )
    assert shown(check(table)) == [55, 55, 900, 800]


def test_steps_that_rise_are_no_funnel() -> None:
    assert codes(check(funnel([100, 200])), "fail") == {"DIS007"}  # type: ignore[arg-type]


def rates(people: list[int], had: list[int], **more: object) -> object:
    return output(
        "counts",
        [column("group", "label"), column("people", "count"), column("had", "count"),
         column("rate", "rate", numerator="had", denominator="people", decimals=0)],
        {"group": [*map(str, range(len(people)))], "people": people, "had": had,
         "rate": [99.9] * len(people)},
        **more,
    )  # fmt: skip


def test_a_rate_is_made_again_from_the_figures_shown() -> None:
    checked = check(rates([102, 33], [41, 3]))  # type: ignore[arg-type]
    assert shown(checked, "rate") == [40.0, None]
    assert checked.suppressed == {"had": (1,), "rate": (1,)}


def test_those_without_the_thing_are_a_group_too() -> None:
    """Were 98 of 100 shown, two people would be known to lack it; 100 of 100 tells of everybody."""
    checked = check(rates([100, 100, 100], [98, 100, 90]))  # type: ignore[arg-type]
    assert shown(checked, "had") == [None, None, 90]
    assert "DIS011" in codes(checked)


def test_events_may_outnumber_people() -> None:
    checked = check(rates([100, 100], [250, 95]))  # type: ignore[arg-type]
    assert shown(checked, "rate") == [250.0, 95.0]


def test_a_rate_of_a_total_is_of_one_group() -> None:
    table = output(
        "counts",
        [column("g", "label"), column("people", "count"), column("had", "count"),
         column("rate", "rate", numerator="had", denominator="people")],
        {"g": ["a", "b", "total"], "people": [100, 100, 200], "had": [50, 3, 53],
         "rate": [0.0] * 3},
        total_of="g",
    )  # fmt: skip
    checked = check(table)
    assert shown(checked) == [100, 100, 200]
    assert shown(checked, "had") == [50, None, 50]
    assert shown(checked, "rate") == [50.0, None, None]
    assert "DIS016" in codes(checked)


def test_a_rate_has_one_decimal_unless_it_says_other() -> None:
    table = output(
        "counts",
        [column("a", "count"), column("b", "count"),
         column("r", "rate", numerator="a", denominator="b", per=1000.0)],
        {"a": [20], "b": [60], "r": pa.nulls(1)},
    )  # fmt: skip
    assert shown(check(table), "r") == [333.3]


def test_metadata_of_a_table_never_leaves() -> None:
    import dataclasses

    table = counted([100])
    loud = dataclasses.replace(table, table=table.table.replace_schema_metadata({"a": "Zebedee"}))
    assert check(loud).output.table.schema.metadata is None


def test_what_people_must_look_at_is_said() -> None:
    unrounded = OutputRule(form="aggregate", min_count=10, round_to=1)
    assert codes(check(counted([100, 50]), unrounded), "review") == {"DIS020"}
    assert codes(check(counted([1, 2, 100])), "review") == {"DIS021"}
    assert codes(check(counted([40, 40, 80], ["a", "b", "Total"])), "review") == {"DIS022"}
    assert codes(check(counted([100, 40, 97, 3, 30, 55])), "review") == {"DIS023"}
    assert codes(check(counted([1000, 997, 500])), "review") == {"DIS024"}
    assert check(counted([1000, 997, 500])).verdict == "review"


def test_what_looks_like_a_funnel_or_a_sum_is_seen_in_each_group() -> None:
    def table(people: list[int]) -> object:
        return output(
            "counts",
            [column("arm", "label"), column("what", "label"), column("people", "count")],
            {"arm": ["t"] * 3 + ["c"] * 3, "what": list("abc") * 2, "people": people},
        )

    assert codes(check(table([100, 97, 80, 900, 600, 400])), "review") == {"DIS024"}  # type: ignore[arg-type]
    assert codes(check(table([100, 60, 80, 600, 597, 3])), "review") >= {"DIS023"}  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_may_be_empty(rows: int) -> None:
    assert shown(check(counted([50] * rows))) == [50] * rows


def test_to_check_again_changes_nothing() -> None:
    for table in (
        counted([102, 103, 9, 0, 13]),
        rates([102, 33, 50], [41, 3, 50]),
        yes_no([500, 62], [5, 41], [505, 103]),
        funnel([1003, 1000, 996, 950, 948]),
        counted([52, 7, 33, 92], ["a", "b", "c", "total"], total_of="group"),
    ):
        once = check(table)  # type: ignore[arg-type]
        assert check(once.output).output.table.equals(once.output.table)


def test_rules_are_the_agreements() -> None:
    assert RULE.min_count == 10
    strict = OutputRule(form="aggregate", min_count=50, round_to=10)
    assert shown(check(counted([49, 50, 104, 105]), strict)) == [None, 50, 100, 110]
