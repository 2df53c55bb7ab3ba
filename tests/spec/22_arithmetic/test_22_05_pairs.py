"""Which of two: strengths, the chance to be chosen, and what to ask next."""

from math import exp, log

import pytest

from equipoise.errors import UsageRefused
from equipoise.weigh.pairwise import bradley_terry, chance_to_win, next_pair


def test_two_things_and_no_votes_stand_level():
    found = bradley_terry([], "AB")
    assert found.strength == {"A": pytest.approx(0), "B": pytest.approx(0)}
    assert chance_to_win(found)["A"].chance == pytest.approx(0.5)
    assert [*found.islands] == [{"A"}, {"B"}]


def test_strengths_stand_where_the_hand_puts_them():
    """Two things, n votes all for A: by symmetry B is minus A, and the slope is nought where
    (n + 1) - n p(2t) - 2 p(t) = 0, with p the logistic curve."""
    found = bradley_terry({("A", "B"): 10}, "AB")
    t = found.strength["A"]
    assert found.strength["B"] == pytest.approx(-t)
    p = lambda x: 1 / (1 + exp(-x))  # noqa: E731
    assert 11 - 10 * p(2 * t) - 2 * p(t) == pytest.approx(0, abs=1e-6)


def test_a_thing_that_never_lost_is_strong_not_infinite():
    found = chance_to_win(bradley_terry({("A", "B"): 1}, "ABC"))
    assert 0.5 < found["A"].chance < 0.8
    assert found["A"].low < 0.5 < found["A"].high


def test_planted_strengths_come_back():
    planted = {"A": 4.0, "B": 2.0, "C": 1.0, "D": 0.5}
    votes = {
        (one, other): 20_000 * a / (a + b)
        for one, a in planted.items()
        for other, b in planted.items()
        if one != other
    }
    found = bradley_terry(votes, planted)
    for one, strength in planted.items():
        gap = found.strength[one] - found.strength["C"]
        assert gap == pytest.approx(log(strength), abs=1e-3)
    chance = chance_to_win(found)["A"]
    assert chance.chance == pytest.approx((4 / 6 + 4 / 5 + 4 / 4.5) / 3, abs=1e-3)
    assert chance.high - chance.low < 0.02


def test_a_draw_is_half_a_vote_each_way():
    found = bradley_terry({("A", "B"): 3.5, ("B", "A"): 3.5}, "AB")
    assert found.strength["A"] == pytest.approx(found.strength["B"])
    assert found.votes == 7


def test_sets_no_vote_links_are_named():
    assert bradley_terry([("A", "B"), ("C", "D")], "ABCD").islands == (
        frozenset("AB"),
        frozenset("CD"),
    )


def test_the_pair_that_teaches_most_is_asked_most():
    found = bradley_terry({("A", "B"): 40, ("B", "A"): 40}, "ABC")
    asked = [next_pair(found, draw=draw / 1000) for draw in range(1000)]
    times = {pair: sum({*each} == set(pair) for each in asked) for pair in ("AB", "AC", "BC")}
    assert times["AB"] < 100 < 400 < times["AC"]
    first = sum(each[0] == "A" for each in asked if {*each} == {*"AC"})
    assert abs(first - times["AC"] / 2) <= 1, "neither stands first more often"


def test_nobody_is_asked_a_pair_twice():
    found = bradley_terry([], "ABC")
    asked = set()
    while (pair := next_pair(found, asked=asked, draw=0.7)) is not None:
        assert frozenset(pair) not in asked
        asked.add(frozenset(pair))
    assert len(asked) == 3


def test_votes_that_choose_between_no_two_things_are_refused():
    for votes in ([("A", "A")], [("A", "Z")], {("A", "B"): -1}):
        with pytest.raises(UsageRefused) as refused:
            bradley_terry(votes, "AB")
        assert [p.code for p in refused.value.problems] == ["WGH060"]
    with pytest.raises(UsageRefused) as refused:
        bradley_terry([("A", "Z")], "A", prior=0)
    assert [p.code for p in refused.value.problems] == ["WGH060", "WGH063"]
