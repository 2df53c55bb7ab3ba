"""Whatever the table, the checked one keeps to the rule and gives no small count back."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.agree.parts import OutputRule
from equipoise.carry.disclose import Checked, disclose
from equipoise.carry.outputs import Output, OutputColumn

RULES = st.builds(
    lambda least, base: OutputRule(form="aggregate", min_count=least, round_to=base),
    st.integers(1, 20),
    st.sampled_from([1, 2, 3, 5, 7, 10]),
)
PLENTY = settings(deadline=None, max_examples=80)
COUNT = st.one_of(st.integers(0, 25), st.integers(0, 400))


def table(columns: dict[str, list[int]], labels: list[str], **more: Any) -> Output:
    described = [OutputColumn("group", "label"), *(OutputColumn(n, "count") for n in columns)]
    return Output(
        "t", "T", "counts", tuple(described), pa.table({"group": labels, **columns}), **more
    )


@st.composite
def totalled(draw: st.DrawFn) -> Output:
    """Groups with a total row, in one to three count columns."""
    rows = draw(st.integers(1, 6))
    names = draw(st.integers(1, 3))
    columns = {f"n{c}": draw(st.lists(COUNT, min_size=rows, max_size=rows)) for c in range(names)}
    columns = {name: [*values, sum(values)] for name, values in columns.items()}
    return table(columns, [*(str(r) for r in range(rows)), "total"], total_of="group")


@st.composite
def additive(draw: st.DrawFn) -> Output:
    """Two to four parts and their whole, over some rows."""
    rows = draw(st.integers(1, 5))
    parts = draw(st.integers(2, 4))
    columns = {f"p{c}": draw(st.lists(COUNT, min_size=rows, max_size=rows)) for c in range(parts)}
    whole = [sum(values) for values in zip(*columns.values(), strict=True)]
    return table({**columns, "whole": whole}, [str(r) for r in range(rows)])


@st.composite
def shares(draw: st.DrawFn) -> Output:
    pairs = draw(st.lists(st.tuples(COUNT, COUNT).map(sorted), min_size=1, max_size=6))
    had, people = zip(*pairs, strict=True)
    columns = (
        OutputColumn("people", "count"), OutputColumn("had", "count"),
        OutputColumn("rate", "rate", "had", "people", decimals=1),
    )  # fmt: skip
    data = pa.table({"people": people, "had": had, "rate": [0.0] * len(had)})
    return Output("t", "T", "counts", columns, data)


@st.composite
def funnels(draw: st.DrawFn) -> Output:
    people = sorted(draw(st.lists(COUNT, min_size=1, max_size=8)), reverse=True)
    return table({"n": people}, [str(r) for r in range(len(people))], steps_of="group")


@st.composite
def declared(draw: st.DrawFn) -> Output:
    """A whole that falls into two parts in one to three ways."""
    whole = draw(COUNT)
    ways = draw(st.lists(st.integers(0, whole), min_size=1, max_size=3))
    labels, people, sums = ["all"], [whole], []
    for number, part in enumerate(ways):
        labels += [f"with {number}", f"without {number}"]
        people += [part, whole - part]
        sums.append(("all", (labels[-2], labels[-1])))
    return table({"n": people}, labels, sums_of="group", sums=tuple(sums))


ANY = st.one_of(totalled(), additive(), shares(), funnels(), declared())


def figures(output: Output) -> dict[str, np.ndarray]:
    return {
        column.name: np.array(output.table.column(column.name).to_pylist(), dtype=float)
        for column in output.columns
        if column.kind == "count"
    }


def check(output: Output, rule: OutputRule) -> Checked:
    return disclose(output, rule, releases=())


@PLENTY
@given(ANY, RULES)
def test_no_count_is_small_and_each_is_rounded(output: Output, rule: OutputRule) -> None:
    for values in figures(check(output, rule).output).values():
        seen = values[~np.isnan(values)]
        assert (seen >= rule.min_count).all()
        assert (seen % rule.round_to == 0).all()


@PLENTY
@given(ANY, RULES)
def test_to_check_again_changes_nothing(output: Output, rule: OutputRule) -> None:
    once = check(output, rule)
    twice = check(once.output, rule)
    assert twice.verdict != "fail"
    assert twice.output.table.equals(once.output.table)


@PLENTY
@given(totalled(), RULES)
def test_a_total_is_the_sum_of_the_parts_shown_and_of_nothing_else(
    output: Output, rule: OutputRule
) -> None:
    """So the total takes away nothing from what is withheld."""
    for values in figures(check(output, rule).output).values():
        assert np.nansum(values[:-1]) == np.nan_to_num(values[-1])


@PLENTY
@given(additive(), RULES)
def test_subtraction_gives_no_small_group_back(output: Output, rule: OutputRule) -> None:
    """Whole less shown parts is nothing withheld, or two or more that are together not small."""
    true, seen = figures(output), figures(check(output, rule).output)
    parts = [name for name in true if name != "whole"]
    for row in range(output.table.num_rows):
        hidden = [name for name in parts if np.isnan(seen[name][row])]
        if np.isnan(seen["whole"][row]) or not hidden:
            continue
        rest = seen["whole"][row] - sum(seen[n][row] for n in parts if n not in hidden)
        assert len(hidden) >= 2
        assert sum(true[name][row] for name in hidden) >= rule.min_count
        assert rest >= rule.min_count


@PLENTY
@given(declared(), RULES)
def test_a_declared_sum_gives_no_small_group_back(output: Output, rule: OutputRule) -> None:
    seen = figures(check(output, rule).output)["n"]
    for first in range(1, len(seen), 2):
        if np.isnan(seen[0]) or not np.isnan(seen[first : first + 2]).any():
            continue
        assert np.isnan(seen[first : first + 2]).all()


@PLENTY
@given(additive(), RULES)
def test_a_whole_with_all_parts_shown_is_their_sum(output: Output, rule: OutputRule) -> None:
    seen = figures(check(output, rule).output)
    parts = sum(values for name, values in seen.items() if name != "whole")
    both = ~np.isnan(parts) & ~np.isnan(seen["whole"])
    assert (parts[both] == seen["whole"][both]).all()


@PLENTY
@given(shares(), RULES)
def test_a_share_shows_no_small_group_on_either_side(output: Output, rule: OutputRule) -> None:
    true, checked = figures(output), check(output, rule)
    seen = figures(checked.output)
    both = ~np.isnan(seen["people"]) & ~np.isnan(seen["had"])
    assert (true["people"] - true["had"])[both].tolist() == [
        rest for rest in (true["people"] - true["had"])[both] if rest >= rule.min_count
    ]
    rates = np.array(checked.output.table.column("rate").to_pylist(), dtype=float)
    assert (np.isnan(rates) == ~both).all()
    made = np.round(seen["had"][both] / seen["people"][both] * 100, 1)
    assert np.allclose(rates[both], made)


@PLENTY
@given(funnels(), RULES)
def test_any_two_steps_differ_by_nothing_or_by_no_small_group(
    output: Output, rule: OutputRule
) -> None:
    true = figures(output)["n"]
    seen = figures(check(output, rule).output)["n"]
    for upper, lower in combinations(range(len(true)), 2):
        if np.isnan(seen[[upper, lower]]).any():
            continue
        gap = seen[upper] - seen[lower]
        assert gap == 0 or gap >= rule.min_count
        if true[upper] - true[lower] == 0:
            assert gap == 0


@PLENTY
@given(funnels(), RULES)
def test_a_step_is_off_by_less_than_the_minimum_and_half_the_rounding(
    output: Output, rule: OutputRule
) -> None:
    true = figures(output)["n"]
    seen = figures(check(output, rule).output)["n"]
    off = np.abs(true - seen)[~np.isnan(seen)]
    assert (off < rule.min_count + rule.round_to).all()


@PLENTY
@given(st.one_of(additive(), shares()), RULES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(output: Output, rule: OutputRule, random: Any) -> None:
    order = list(range(output.table.num_rows))
    random.shuffle(order)
    from dataclasses import replace

    turned = replace(output, table=output.table.take(order))
    straight = check(output, rule).output.table.take(order)
    assert check(turned, rule).output.table.to_pylist() == straight.to_pylist()


@PLENTY
@given(ANY, RULES)
def test_no_finding_tells_a_withheld_count(output: Output, rule: OutputRule) -> None:
    """The evidence of two tables that differ only in what is withheld is the same."""
    from dataclasses import replace

    if output.total_of or output.steps_of or len(output.columns) != 3:
        return
    before = check(output, rule)
    if not (hidden := before.suppressed.get("had")):
        return
    had = output.table.column("had").to_pylist()
    for row in hidden:
        had[row] = 0
    other = replace(output, table=output.table.set_column(1, "had", pa.array(had, pa.int64())))
    after = check(other, rule)
    if after.suppressed == before.suppressed:
        codes = {"DIS010", "DIS011", "DIS012"}
        told = [
            sum(f.evidence["cells"] for f in each.findings if f.code in codes)
            for each in (before, after)
        ]
        assert told[0] == told[1]
