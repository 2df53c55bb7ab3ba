"""How firmly an order stands, and what the founding report's surviving ranks say of it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_facts import BENEFIT, COMFORT_AFTER_INFORMATION, MOST_SPLIT, RISK, WIDER_IMPACTS

from equipoise.errors import UsageRefused
from equipoise.weigh.fragility import (
    combined,
    first_shares,
    scores,
    weight_room,
    with_criterion,
    without_each_criterion,
    without_each_table,
)
from equipoise.weigh.polls import shift
from equipoise.weigh.rank import as_ranking, borda, tally

EVEN = {
    "reach": [as_ranking("ABC")],
    "depth": [as_ranking("BAC")],
    "cost": [as_ranking("CBA")],
}


def test_leaving_out_a_table_says_who_moves():
    tables = {"1": [as_ranking("ABC")], "2": [as_ranking("BAC")], "3": [as_ranking("ABC")]}
    first, second, third = without_each_table(tables)
    assert first.order == as_ranking([["A", "B"], "C"])
    assert first.moved == {"B": (2, 1)}
    assert not first.same_first
    assert second.moved == {} and second.same_first
    assert third.what == "3"


def test_a_criterion_that_was_avoided_can_be_added():
    found = scores(EVEN)
    added = with_criterion(found, {"reach": 2, "depth": 1}, "cost")
    assert combined(found, {"reach": 2, "depth": 1}) == as_ranking("ABC")
    # A: (2*1 + 1*.5 + 1.5*0) / 4.5, B: (2*.5 + 1*1 + 1.5*.5) / 4.5: 2.5 against 2.75
    assert added.order == as_ranking("BAC")
    assert added.moved == {"A": (1, 2), "B": (2, 1)}


def test_each_criterion_is_left_out_in_turn():
    left = without_each_criterion(scores(EVEN), {"reach": 1, "depth": 1})
    assert [(each.what, each.order[0]) for each in left] == [
        ("reach", frozenset("B")),
        ("depth", frozenset("A")),
    ]
    assert without_each_criterion(scores(EVEN), {"reach": 1}) == ()


def test_how_far_a_weight_may_move():
    """A leads B by 0.5 on reach and trails by 0.5 on depth: it stands first from one half on."""
    reach, depth = weight_room(scores(EVEN), {"reach": 3, "depth": 1})
    assert (reach.weight, reach.low, reach.high) == (Fraction(3, 4), Fraction(1, 2), 1)
    assert (depth.weight, depth.low, depth.high) == (Fraction(1, 4), 0, Fraction(1, 2))


def test_two_that_stand_first_together_leave_no_room():
    reach, _ = weight_room(scores(EVEN), {"reach": 1, "depth": 1})
    assert reach.low == reach.high == reach.weight == Fraction(1, 2)


def test_over_all_weightings_each_thing_has_its_share_of_firsts():
    found = scores({"reach": EVEN["reach"], "depth": EVEN["depth"]})
    # Of the 13 ways to share 12 parts between two, A is first in 6, B in 6, and both in one.
    assert first_shares(found) == {"A": Fraction(13, 26), "B": Fraction(13, 26), "C": 0}
    assert sum(first_shares(scores(EVEN)).values()) == 1
    assert first_shares({}) == {}


def test_weights_of_criteria_nobody_used_are_refused():
    for weights in ({"beauty": 1}, {"reach": -1}, {"reach": 0}, {}):
        with pytest.raises(UsageRefused) as refused:
            combined(scores(EVEN), weights)
        assert [p.code for p in refused.value.problems] == ["WGH061"]
    unlike = scores({"reach": [as_ranking("AB")], "depth": [as_ranking("BC")]}, unranked="apart")
    half = {name: {k: v for k, v in mine.items() if v} for name, mine in unlike.items()}
    with pytest.raises(UsageRefused) as refused:
        weight_room(half, {"reach": 1, "depth": 1})
    assert [p.code for p in refused.value.problems] == ["WGH064"]
    many = {str(n): [as_ranking("AB")] for n in range(9)}
    with pytest.raises(UsageRefused) as refused:
        first_shares(scores(many))
    assert [p.code for p in refused.value.problems] == ["WGH065"]


def test_the_seed_one_example_was_top_by_two_criteria_and_bottom_by_a_third():
    """So one score without its criteria misleads."""
    assert "C" in BENEFIT["numbers able to benefit"][0]
    assert "C" in BENEFIT["impact on individuals"][0]
    assert "C" in BENEFIT["root causes"][-1]
    pooled = tally([*BENEFIT.values()], unranked="apart")
    assert [pooled.margin("C", other) > 0 for other in "2A4"] == [True] * 3
    assert [pooled.margin("C", other) < 0 for other in "D5"] == [True] * 2
    assert pooled.margin("C", "F") == pooled.margin("C", "E") == 0


def test_the_seed_adding_root_causes_puts_others_above_it():
    two = [BENEFIT["numbers able to benefit"], BENEFIT["impact on individuals"]]
    three = [*two, BENEFIT["root causes"]]

    def above(rankings):
        counted = tally(rankings, unranked="apart")
        return {other for other in counted.items if other != "C" and counted.margin(other, "C") > 0}

    assert above(two) == set()
    assert above(three) == {"D", "5"}
    shares = [borda(rankings, unranked="apart").share["C"] for rankings in (two, three)]
    assert shares[1] < shares[0]


def test_the_seed_what_was_compared_with_nothing_is_not_pooled():
    """Example 3 was called very beneficial, and no words say above which."""
    with pytest.raises(UsageRefused) as refused:
        borda([*BENEFIT.values(), WIDER_IMPACTS], unranked="apart")
    assert [p.code for p in refused.value.problems] == ["WGH053"]
    with pytest.raises(UsageRefused):
        borda([*RISK.values()], unranked="apart")


def test_the_seed_risks_stand_as_its_groups_put_them():
    above = {(one, other) for r in RISK.values() for one in r[0] for s in r[1:] for other in s}
    assert above == {("2", "6"), ("4", "1"), ("F", "C"), ("A", "E")}


@given(st.lists(st.tuples(st.integers(2, 5), st.integers(1, 3)), min_size=1, max_size=40))
def test_the_seed_a_room_that_grows_less_comfortable_is_told_so(people):
    """Whatever the counts were: they are lost, and none is made up. Comfort fell for all three."""
    assert {*COMFORT_AFTER_INFORMATION.values()} == {"down"}
    assert MOST_SPLIT in COMFORT_AFTER_INFORMATION
    before = {str(number): point for number, (point, _) in enumerate(people)}
    after = {str(number): max(1, point - by) for number, (point, by) in enumerate(people)}
    moved = shift(before, after, 5)
    assert moved.after.mean < moved.before.mean
    assert (moved.up, moved.down) == (0, len(people))
