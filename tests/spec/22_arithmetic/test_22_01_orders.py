"""One order from the rankings of many, and what is said where the ways to it differ."""

from fractions import Fraction
from itertools import permutations

import pytest

from equipoise.errors import UsageRefused
from equipoise.weigh.rank import (
    as_ranking,
    borda,
    condorcet,
    from_places,
    islands,
    kemeny,
    schulze,
    tally,
)

CIRCLE = [as_ranking("ABC"), as_ranking("BCA"), as_ranking("CAB")]
# The example of M Schulze's paper: 45 voters and five things.
SCHULZE = [
    as_ranking(order)
    for order, voters in {
        "ACBED": 5, "ADECB": 5, "BEDAC": 8, "CABED": 3,
        "CAEBD": 7, "CBADE": 2, "DCEBA": 7, "EBADC": 8,
    }.items()
    for _ in range(voters)
]  # fmt: skip
# Tennessee chooses a capital: percentages of a well-known worked example.
TENNESSEE = {"MNCK": 42, "NCKM": 26, "CKNM": 15, "KCNM": 17}


def codes(refused):
    return sorted(problem.code for problem in refused.value.problems)


def test_borda_gives_a_point_for_each_thing_ranked_below():
    rankings = [as_ranking(order) for order in TENNESSEE]
    points = borda(rankings, weights=[*TENNESSEE.values()]).points
    assert points == {"M": 126, "N": 194, "C": 173, "K": 107}
    assert borda(rankings, weights=[*TENNESSEE.values()]).order == as_ranking("NCMK")


def test_things_set_level_share_the_points():
    points = borda([as_ranking(["A", ["B", "C"], "D"])]).points
    assert points == {"A": 3, "B": Fraction(3, 2), "C": Fraction(3, 2), "D": 0}


def test_what_is_left_out_of_things_all_saw_stands_level_behind():
    shares = borda([as_ranking("A"), as_ranking("AB")], "ABCD").share
    assert borda([as_ranking("A"), as_ranking("AB")], "ABCD").order == as_ranking(
        ["A", "B", ["C", "D"]]
    )
    assert shares["A"] == 1
    assert shares["B"] == Fraction(1 + 2, 6)


def test_what_one_was_not_shown_is_not_compared():
    rankings = [as_ranking("AB"), as_ranking("BC"), as_ranking("BC")]
    assert borda(rankings, unranked="apart").share == {"A": 1, "B": Fraction(2, 3), "C": 0}


def test_sets_that_share_nothing_are_not_pooled():
    rankings = [as_ranking("AB"), as_ranking(["1", "2"])]
    assert islands(rankings) == (frozenset("12"), frozenset("AB"))
    with pytest.raises(UsageRefused) as refused:
        borda(rankings, unranked="apart")
    assert codes(refused) == ["WGH053"]
    assert borda([*rankings, as_ranking(["B", "1"])], unranked="apart").order


def test_kemeny_tells_every_order_that_is_as_good():
    found = kemeny(CIRCLE)
    assert found.distance == 4
    assert found.orders == (("A", "B", "C"), ("B", "C", "A"), ("C", "A", "B"))
    assert found.count == 3
    assert found.places == {"A": (1, 3), "B": (1, 3), "C": (1, 3)}


def test_kemeny_finds_the_order_of_the_worked_example():
    found = kemeny([as_ranking(order) for order in TENNESSEE], weights=[*TENNESSEE.values()])
    assert found.orders == (("N", "C", "K", "M"),)
    # 393 judgements of 600 agree with it.
    assert found.distance == 600 - 393


def test_a_room_that_said_nothing_apart_has_every_order():
    found = kemeny([as_ranking([["A", "B", "C", "D", "E"]])])
    assert (found.count, found.distance, len(found.orders)) == (120, 0, 100)
    assert found.orders == tuple(permutations("ABCDE"))[:100]


def test_weights_may_be_fractions():
    third = Fraction(1, 3)
    found = kemeny([as_ranking("AB"), as_ranking("BA")], weights=[third, third / 2])
    assert (found.orders, found.distance) == ((("A", "B"),), Fraction(1, 6))


def test_schulze_gives_the_order_of_its_paper():
    found = schulze(SCHULZE)
    assert found.order == as_ranking("EACBD")
    assert found.winners == {"E"}
    # Each margin m comes of (45 + m) / 2 voters: the paper's 25 of 45 is a margin of 5.
    assert found.strongest["E", "A"] == 2 * 25 - 45
    assert found.strongest["C", "B"] == 2 * 29 - 45


def test_a_thing_that_leads_all_others_wins():
    found = condorcet([as_ranking(o) for o in TENNESSEE], weights=[*TENNESSEE.values()])
    assert (found.winner, found.cycles, found.top) == ("N", (), {"N"})


def test_a_circle_is_named_thing_by_thing():
    found = condorcet([*CIRCLE, *CIRCLE, as_ranking("ABCD")], "ABCD")
    assert found.winner is None
    assert found.cycles == (("A", "B", "C"),)
    assert found.top == {"A", "B", "C"}
    counted = tally([*CIRCLE, *CIRCLE, as_ranking("ABCD")], "ABCD")
    assert [counted.margin(*pair) for pair in ("AB", "BC", "CA", "BA")] == [3, 3, 1, -3]


def test_places_with_gaps_say_only_an_order():
    assert from_places({"A": 1, "B": 2, "C": 2, "D": 4, "E": None}) == as_ranking(
        ["A", ["B", "C"], "D"]
    )
    assert from_places({"A": 10, "B": 35, "C": 35, "D": 60}) == from_places(
        {"A": 1, "B": 2, "C": 2, "D": 4}
    )


@pytest.mark.parametrize("method", [borda, kemeny, schulze, condorcet])
def test_nobody_and_a_table_of_one_are_no_fault(method):
    method([])
    method([()])
    method([as_ranking("A")])


def test_an_empty_poll_has_no_order_and_abstaining_counts_for_nothing():
    assert borda([], "ABC").order == ()
    assert kemeny([(), ()], "ABC").orders == ((),)
    assert schulze([]).winners == frozenset()
    assert condorcet([]).top == frozenset()
    assert borda([as_ranking("AB"), ()]).share == borda([as_ranking("AB")]).share


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(UsageRefused) as refused:
        as_ranking(["A", [], "A"])
    assert codes(refused) == ["WGH050", "WGH051"]
    twice = (frozenset("A"), frozenset("A"))
    with pytest.raises(UsageRefused) as refused:
        borda([twice, (frozenset(),), as_ranking("Z")], "AB", weights=[1, -1])
    assert codes(refused) == ["WGH050", "WGH051", "WGH052", "WGH055"]
    assert "Z" not in str(refused.value)


def test_too_many_things_for_every_order_are_refused():
    with pytest.raises(UsageRefused) as refused:
        kemeny([as_ranking(map(str, range(16)))])
    assert codes(refused) == ["WGH054"]
