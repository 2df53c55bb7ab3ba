"""What every declared group agrees to."""

import pytest

from equipoise.errors import UsageRefused
from equipoise.weigh.consensus import Votes, counted, group_aware

ROOM = {
    "public": {"S1": Votes(8, 1, 1), "S2": Votes(10, 0)},
    "voluntary": {"S1": Votes(3, 0, 1), "S2": Votes(0, 4)},
}


def test_the_measure_is_the_product_over_groups():
    first, second = group_aware(ROOM)
    assert first.statement == "S1"
    assert first.product == pytest.approx((9 / 12) * (4 / 6))
    assert second.product == pytest.approx((11 / 12) * (1 / 6))


def test_the_other_readings_are_told_beside_it():
    first, second = group_aware(ROOM)
    assert first.half == pytest.approx((8.5 / 11) * (3.5 / 5))
    assert first.geometric == pytest.approx(((9 / 12) * (4 / 6)) ** 0.5)
    assert first.firm == pytest.approx((9 / 12) * (1 - 2 / 12) * (4 / 6) * (1 - 1 / 6))
    assert second.against == pytest.approx((1 / 12) * (5 / 6))
    assert second.spread == pytest.approx(11 / 12 - 1 / 6)


def test_the_most_numerous_group_does_not_decide_alone():
    few = {
        "many": {"a": Votes(500, 0), "b": Votes(400, 100)},
        "few": {"a": Votes(0, 5), "b": Votes(5, 0)},
    }
    assert [each.statement for each in group_aware(few)] == ["b", "a"]


def test_a_group_that_was_not_asked_does_not_consent():
    some = {"one": {"a": Votes(9, 0)}, "other": {}}
    assert group_aware(some)[0].product == pytest.approx(10 / 11 / 2)


def test_votes_are_counted_by_declared_group():
    answers = {
        "t1": {"S1": "agree", "S2": "pass"},
        "t2": {"S1": "disagree"},
        "t3": {"S1": "agree"},
    }
    assert counted(answers, {"t1": "public", "t2": "public", "t3": "voluntary"}) == {
        "public": {"S1": Votes(1, 1, 0), "S2": Votes(0, 0, 1)},
        "voluntary": {"S1": Votes(1, 0, 0)},
    }


def test_a_strange_word_or_a_person_of_no_group_is_refused():
    with pytest.raises(UsageRefused) as refused:
        counted({"secret": {"S1": "perhaps"}}, {})
    (problem,) = refused.value.problems
    assert problem.code == "WGH059"
    assert "secret" not in problem.sentence() and "perhaps" not in problem.sentence()


def test_nobody_is_no_fault():
    assert group_aware({}) == ()
    assert group_aware({"public": {}}) == ()
