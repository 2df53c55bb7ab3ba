"""Pairs that compete: one to one, many to one, and clusters that do not snowball."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.carry.link.assign import many_to_one, one_to_one
from equipoise.carry.link.calibrate import Rivals, calibrate
from equipoise.carry.link.cluster import gather


def rows(*numbers):
    return np.array(numbers, np.int32)


def test_two_brothers_are_given_out_together_not_greedily():
    # Greedily, 0-0 (9 bits) would go first and leave 1-1 with 1: together 10. Crossed: 16.
    left, right = rows(0, 0, 1, 1), rows(0, 1, 0, 1)
    kept = one_to_one(left, right, np.array([9.0, 8.0, 8.0, 1.0]))
    assert kept.tolist() == [False, True, True, False]


def test_a_pair_that_is_less_likely_than_wanted_is_left_out():
    kept = one_to_one(rows(0, 1), rows(0, 1), np.array([0.5, -0.5]))
    assert kept.tolist() == [True, False]


def test_no_pairs_keep_none():
    nothing = one_to_one(rows(), rows(), np.array([]))
    assert len(nothing) == 0


def test_many_to_one_gives_each_right_row_its_heaviest():
    left, right = rows(0, 1, 0, 2), rows(0, 0, 1, 2)
    kept = many_to_one(right, np.array([1.0, 2.0, 3.0, -1.0]), left)
    assert kept.tolist() == [False, True, True, False]


@st.composite
def small_problems(draw):
    lefts, rights = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cells = [(i, j) for i in range(lefts) for j in range(rights)]
    chosen = draw(st.lists(st.sampled_from(cells), unique=True, min_size=1))
    weights = draw(st.lists(st.integers(-5, 20), min_size=len(chosen), max_size=len(chosen)))
    return chosen, weights


def best_by_trying_all(chosen, weights):
    size = 5
    table = dict(zip(chosen, weights, strict=True))
    return max(
        sum(max(0, table.get((i, j), 0)) for i, j in enumerate(order))
        for order in permutations(range(size))
    )


@settings(max_examples=150, deadline=None)
@given(small_problems())
def test_the_kept_weight_is_the_greatest_there_is(problem):
    chosen, weights = problem
    left, right = rows(*(i for i, _ in chosen)), rows(*(j for _, j in chosen))
    weight = np.array(weights, float)
    kept = one_to_one(left, right, weight)
    assert len(set(left[kept])) == kept.sum() == len(set(right[kept]))
    assert weight[kept].sum() == best_by_trying_all(chosen, weights)


@settings(max_examples=100, deadline=None)
@given(small_problems(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(problem, random):
    chosen, weights = problem
    mixed = list(range(len(chosen)))
    random.shuffle(mixed)

    def kept_of(order):
        left = rows(*(chosen[k][0] for k in order))
        right = rows(*(chosen[k][1] for k in order))
        kept = one_to_one(left, right, np.array([float(weights[k]) for k in order]))
        return {(int(i), int(j)) for i, j in zip(left[kept], right[kept], strict=True)}

    assert kept_of(range(len(chosen))) == kept_of(mixed)


def test_a_large_group_is_still_given_out_one_to_one():
    # A band of 2,500 rows, each competing with its neighbours: too large to solve in full.
    at = np.arange(2500)
    left = np.concatenate([at, at[:-1]]).astype(np.int32)
    right = np.concatenate([at, at[1:]]).astype(np.int32)
    weight = np.concatenate([np.full(2500, 5.0), np.full(2499, 4.0)])
    kept = one_to_one(left, right, weight)
    assert kept[:2500].all() and not kept[2500:].any()


def rivals(left, right, pairs, rows=100):
    return Rivals(rows_of(left), rows_of(right), rows, rows, pairs)


def rows_of(numbers):
    return np.asarray(numbers, np.int32)


def test_a_rival_takes_probability_away():
    bits = np.array([10.0, 10.0])

    def chances(pairs):
        return rivals([0, 0], [0, 1], pairs).probabilities(bits).tolist()

    assert chances("many to many") == pytest.approx([0.999, 0.999], abs=1e-3)
    assert chances("one to one") == pytest.approx([0.5, 0.5], abs=1e-3)
    # Many to one: a left row may have both.
    assert chances("many to one") == pytest.approx([0.999, 0.999], abs=1e-3)


def test_where_nearly_all_have_a_partner_a_fair_candidate_is_a_likely_one():
    # 95 sure pairs of 100; five more that are 40 times likelier one person than chance.
    at = np.arange(100)
    weights = np.where(at < 95, 40.0, np.log2(40.0))
    _, matches = rivals(at, at, "one to one").settle(weights, 50.0)
    assert matches > 98
    # Of 100 among 10,000 strangers, the same five are strangers too.
    _, matches = rivals(at, at, "one to one", rows=10_000).settle(weights, 50.0)
    assert matches == pytest.approx(95, abs=0.5)


def test_what_loses_again_and_again_is_worth_less_and_the_matches_stay():
    # 200 people; each has its own pair (pattern 1, 20 bits) and its housemate's (pattern 2, 18).
    people = np.arange(200, dtype=np.int32)
    held = rivals(
        np.concatenate([people, people]), np.concatenate([people, people ^ 1]), "one to one", 300
    )
    patterns, bits = np.repeat([1, 2], 200), np.repeat([20.0, 18.0], 200)
    found = calibrate(held, patterns, bits, 100.0)
    assert found[0] - found[200] > 20.0 - 18.0 + 1.0
    chance = held.probabilities(found)
    assert chance[:200].sum() > 180
    assert chance[200:].sum() < 20


def test_where_pairs_do_not_compete_only_their_number_is_settled():
    held = rivals([0, 1], [0, 1], "many to many")
    found = calibrate(held, np.array([1, 1]), np.array([30.0, 30.0]), 1.0)
    assert held.probabilities(found).sum() == pytest.approx(2.0, abs=0.01)


def weigher(table):
    return lambda a, b: np.array(
        [table.get((int(i), int(j)), -8.0) for i, j in zip(a, b, strict=True)]
    )


def gathered(size, pairs, **more):
    a = np.array([i for i, _ in pairs], np.int64)
    b = np.array([j for _, j in pairs], np.int64)
    return gather(size, a, b, np.array(list(pairs.values())), weigher(pairs), **more)


def test_a_chain_of_likely_pairs_does_not_become_one_cluster():
    # Two people of three records each, and one weak pair between them.
    strong = {(0, 1): 9.0, (0, 2): 9.0, (1, 2): 9.0, (3, 4): 9.0, (3, 5): 9.0, (4, 5): 9.0}
    assert gathered(6, strong | {(2, 3): 1.0}).tolist() == [0, 0, 0, 1, 1, 1]


def test_a_record_with_several_errors_is_not_outvoted_by_the_good_ones():
    # It is plainly like two of five, and differs from three as much as strangers do.
    good = {(a, b): 9.0 for a in range(5) for b in range(a + 1, 5)}
    assert len(set(gathered(6, good | {(0, 5): 6.0, (1, 5): 6.0}).tolist())) == 1


def test_one_sure_pair_does_not_join_two_people_of_several_records():
    one = {(a, b): 9.0 for a in range(3) for b in range(a + 1, 3)}
    other = {(a + 3, b + 3): odds for (a, b), odds in one.items()}
    assert gathered(6, one | other | {(2, 3): 30.0}).tolist() == [0, 0, 0, 1, 1, 1]


def test_two_records_that_are_likely_one_person_stay_together():
    assert gathered(3, {(1, 2): 2.0}).tolist() == [0, 1, 1]


def test_records_of_a_table_without_repeats_are_kept_apart():
    pairs = {(0, 1): 9.0, (0, 2): 8.0, (1, 2): 9.0}
    apart = np.array([0, 0, -1])
    together = gathered(3, pairs, apart=apart)
    assert together[0] != together[1]
    alone = gathered(2, {(0, 1): 5.0}, apart=np.array([7, 7]))
    assert alone.tolist() == [0, 1]


def test_a_very_large_group_is_cut_where_it_is_weakest():
    # 1,600 pairs of records, chained by weak links.
    strong = {(2 * k, 2 * k + 1): 9.0 for k in range(1600)}
    weak = {(2 * k + 1, 2 * k + 2): 0.5 for k in range(1599)}
    numbers = gathered(3200, strong | weak)
    assert (numbers[0::2] == numbers[1::2]).all()
    assert len(set(numbers.tolist())) == 1600
