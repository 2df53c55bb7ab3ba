"""How split a room is, and who moved between two rounds."""

from fractions import Fraction
from itertools import product
from math import comb

import pytest

from equipoise.errors import UsageRefused
from equipoise.weigh.polls import count, shift, sign_test, van_der_eijk, wilcoxon_test


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([30, 40, 210, 130, 530, 50, 10], 0.6113),
        ([10, 0, 0, 0, 0], 1),
        ([7, 7, 7, 7, 7], 0),
        ([5, 0, 0, 0, 5], -1),
        ([0, 0, 0, 0], None),
    ],
)
def test_agreement_of_known_rooms(counts, told):
    assert van_der_eijk(counts) == (told if told is None else pytest.approx(told, abs=5e-5))


def test_people_are_paired_by_their_token():
    before = {"a": 4, "b": 3, "c": 5, "d": None, "gone": 2}
    after = {"a": 2, "b": 3, "c": 4, "d": 1, "new": 5, "newer": None}
    moved = shift(before, after, 5)
    assert (moved.paired, moved.undecided, moved.only_before, moved.only_after) == (3, 1, 1, 2)
    assert (moved.down, moved.same, moved.up) == (2, 1, 0)
    assert moved.table[3] == (0, 1, 0, 0, 0)
    assert moved.before.mean == 4
    assert moved.after.mean == 3
    assert moved.after.counts == (0, 1, 1, 1, 0)


def test_dont_know_is_no_middle():
    moved = shift({"a": None}, {"a": 3}, 5)
    assert moved.paired == 0
    assert moved.before.mean is moved.before.agreement is None
    assert count([None, 3, None], 5) == (0, 0, 1, 0, 0)


def test_nobody_in_both_rounds_is_no_fault():
    moved = shift({}, {"a": 1}, 3)
    assert (moved.sign.p, moved.wilcoxon.p, moved.paired) == (1, 1, 0)


def test_the_sign_test_counts_coins():
    assert sign_test(1, 8).p == pytest.approx(2 * (1 + 9) / 2**9)
    assert sign_test(0, 6).p == pytest.approx(2 / 64)
    assert sign_test(5, 5).p == 1
    assert sign_test(0, 800).p == pytest.approx(2 / 2**800)


@pytest.mark.parametrize(
    "differences",
    [{-1: 4, 1: 1, -2: 3, 2: 1, 0: 7}, {-3: 1, -1: 5, 2: 2}, {1: 1}, {-4: 2, 4: 2, 1: 3}],
)
def test_wilcoxon_is_exact_with_ties(differences):
    """By hand: every way in which each person might have gone up or down."""
    sizes = sorted(abs(by) for by, people in differences.items() if by for _ in range(people))
    ranks = [
        Fraction(2 * sum(s < size for s in sizes) + sizes.count(size) + 1, 2) for size in sizes
    ]
    up = sum(
        rank * people
        for rank, people in (
            (ranks[sizes.index(abs(by))], people) for by, people in differences.items() if by > 0
        )
    )
    middle = sum(ranks) / 2
    ways = [
        sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign)
        for signs in product((0, 1), repeat=len(ranks))
    ]
    p = Fraction(sum(abs(way - middle) >= abs(up - middle) for way in ways), len(ways))
    found = wilcoxon_test(differences)
    assert found.exact
    assert found.statistic == up
    assert found.p == pytest.approx(float(p))


def test_wilcoxon_of_many_is_near_the_exact_one():
    """121 people with one size of move: then it is the sign test, and goes by great steps."""
    found = wilcoxon_test({-1: 73, 1: 48})
    tail = sum(comb(121, k) for k in range(49)) / 2**120
    assert not found.exact
    assert found.p == pytest.approx(tail, rel=0.03)


def test_wilcoxon_of_many_with_two_sizes_of_move():
    found = wilcoxon_test({-2: 21, -1: 40, 1: 25, 2: 15})
    small, large = Fraction(65 + 1, 2), 65 + Fraction(36 + 1, 2)
    up = 25 * small + 15 * large
    middle = (65 * small + 36 * large) / 2
    exact = (
        sum(
            comb(65, i) * comb(36, j)
            for i in range(66)
            for j in range(37)
            if abs(i * small + j * large - middle) >= abs(up - middle)
        )
        / 2**101
    )
    assert not found.exact
    assert found.statistic == up
    assert found.p == pytest.approx(exact, rel=0.06)


def test_answers_outside_the_scale_are_refused():
    with pytest.raises(UsageRefused) as refused:
        shift({"a": 6, "b": 0}, {}, 5)
    assert [p.code for p in refused.value.problems] == ["WGH058"]
    assert "2" in refused.value.problems[0].what
    with pytest.raises(UsageRefused) as refused:
        count([1], 1)
    assert [p.code for p in refused.value.problems] == ["WGH057"]
    for bad in ([3], [1, -1]):
        with pytest.raises(UsageRefused):
            van_der_eijk(bad)
