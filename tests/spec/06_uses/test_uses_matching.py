"""U5, evaluate: how people are scored and matched, and how alike that makes them.

Small cases are worked by hand; the score is held against another implementation.
"""

import numpy as np
import pyarrow as pa
import pytest
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from equipoise.carry.uses.evaluate.balance import compare, divisors, light
from equipoise.carry.uses.evaluate.coding import code
from equipoise.carry.uses.evaluate.matching import (
    caliper_width,
    effective,
    match_nearest,
    order_treated,
    weights,
)
from equipoise.carry.uses.evaluate.score import fit_score
from equipoise.errors import DataRefused

# Distances of two treated and four others, in whole numbers so that the arithmetic is plain.
DISTANCE = np.array([10.0, 6.0, 9.0, 7.0, 3.0, 12.0])
TREATED = np.array([True, True, False, False, False, False])


def pairs(order, **how):
    matched = match_nearest(DISTANCE, TREATED, np.array(order), **how)
    return sorted(zip(matched.treated.tolist(), matched.control.tolist(), strict=True))


# Coding


def test_every_level_is_in_the_balance_table_and_one_is_left_out_of_the_score():
    coded = code(
        {
            "p.age": pa.array([30, 40, 50, 60, 31, 47]),
            "p.work": pa.array([True, False, False, True, False, False]),
            "p.offence_group": pa.array(["theft", "drugs", "theft", "other", "theft", "theft"]),
        }
    )
    assert coded.labels == (
        "age",
        "work",
        "offence group: drugs",
        "offence group: other",
        "offence group: theft",
    )
    assert coded.binary.tolist() == [False, True, True, True, True]
    # Theft is the commonest, so the score measures the others against it.
    assert coded.design[:, 3:].tolist() == [[0, 0], [1, 0], [0, 0], [0, 1], [0, 0], [0, 0]]


def test_what_is_constant_or_follows_from_others_is_left_out_of_the_score_and_told():
    age = np.array([30.0, 41.0, 52.0, 60.0, 33.0, 47.0])
    coded = code(
        {
            "p.age": pa.array(age),
            "p.born": pa.array(2020 - age),
            "p.country": pa.array(["UK"] * 6),
            "p.alive": pa.array([True] * 6),
        }
    )
    assert coded.dropped == ("born", "country: UK", "alive")
    assert coded.design.shape == (6, 2)
    assert "born" in coded.labels


def test_a_date_is_coded_as_days():
    coded = code({"p.on": pa.array(["2024-01-01", "2024-01-31"]).cast(pa.date32())})
    assert np.diff(coded.values[:, 0]) == [30]


def test_a_field_that_nearly_names_people_is_refused():
    with pytest.raises(DataRefused) as refused:
        code({"p.town": pa.array([f"town {n}" for n in range(51)])})
    assert [p.code for p in refused.value.problems] == ["USE028"]


# Score


def test_the_score_is_that_of_maximum_likelihood():
    draw = np.random.default_rng(4)
    x = np.column_stack([np.ones(500), draw.normal(40, 9, 500), draw.random(500) < 0.3])
    treated = draw.random(500) < 1 / (1 + np.exp(2.5 - 0.05 * x[:, 1]))
    score = fit_score(x, treated)
    peer = GLM(treated.astype(float), x, family=Binomial()).fit().predict()
    assert score.probability == pytest.approx(peer, abs=1e-8)
    assert not score.separated


def test_separation_is_noticed_and_scores_stay_finite():
    # Everybody past 50 had the service and nobody below: likelihood has no maximum.
    age = np.arange(20.0, 80.0)
    score = fit_score(np.column_stack([np.ones(60), age]), age >= 50)
    assert score.separated
    assert score.converged
    assert np.abs(score.logit).max() < 30
    # One level with no treated at all is separation too, though the rest overlaps.
    draw = np.random.default_rng(0)
    level = np.repeat([0.0, 1.0], [400, 40])
    treated = (draw.random(440) < 0.4) & (level == 0)
    score = fit_score(np.column_stack([np.ones(440), level, draw.normal(size=440)]), treated)
    assert score.separated
    # Firth's estimate for a 2 by 2 table adds a half to each cell (Heinze and Schemper 2002).
    alone = fit_score(np.column_stack([np.ones(440), level]), treated)
    had = int(treated.sum())
    assert alone.logit[0] == pytest.approx(np.log((had + 0.5) / (400 - had + 0.5)), abs=1e-6)
    assert alone.logit[-1] == pytest.approx(np.log(0.5 / 40.5), abs=1e-6)


# Matching, by hand


def test_each_takes_the_nearest_left_in_turn():
    assert pairs([0, 1]) == [(0, 2), (1, 3)]
    # The order decides who gets the last good one: 7 is nearest to 6; with 8 it is nearest to both.
    near = np.array([8.0, 7.5, 7.4, 2.0])
    group = np.array([True, True, False, False])
    first = match_nearest(near, group, np.array([0, 1]))
    other = match_nearest(near, group, np.array([1, 0]))
    assert dict(zip(first.treated.tolist(), first.control.tolist(), strict=True)) == {0: 2, 1: 3}
    assert dict(zip(other.treated.tolist(), other.control.tolist(), strict=True)) == {1: 2, 0: 3}


def test_with_a_ratio_everybody_gets_a_first_before_anybody_a_second():
    # First round 9 and 7; second round: 12 for the one at 10, 3 for the one at 6.
    assert pairs([0, 1], ratio=2) == [(0, 2), (0, 5), (1, 3), (1, 4)]
    assert len(pairs([0, 1], ratio=5)) == 4


def test_nobody_farther_than_the_caliper_is_matched():
    assert pairs([0, 1], ratio=2, within=2) == [(0, 2), (0, 5), (1, 3)]
    assert pairs([0, 1], within=0.5) == []


def test_with_replacement_the_nearest_may_serve_again():
    assert pairs([0, 1], ratio=2, replace=True) == [(0, 2), (0, 5), (1, 2), (1, 3)]
    assert pairs([0, 1], ratio=9, replace=True, within=3) == [
        (0, 2),
        (0, 3),
        (0, 5),
        (1, 2),
        (1, 3),
        (1, 4),
    ]


def test_with_replacement_people_at_the_same_distance_serve_in_turn():
    distance = np.array([5.0, 5.0, 5.0, 5.0, 5.0, 5.0])
    group = np.array([True, True, True, False, False, False])
    matched = match_nearest(distance, group, np.array([0, 1, 2]), replace=True)
    assert sorted(matched.control.tolist()) == [3, 4, 5]


def test_exact_fields_hold_within_each_stratum():
    strata = np.array([0, 1, 1, 0, 1, 0])
    assert pairs([0, 1], strata=strata) == [(0, 5), (1, 2)]
    # A stratum with nobody to compare leaves its treated out.
    assert pairs([0, 1], strata=np.array([0, 7, 0, 0, 0, 0])) == [(0, 2)]


def test_the_order_is_that_of_the_clause():
    assert order_treated(DISTANCE, TREATED, "largest score first").tolist() == [0, 1]
    once, again = (order_treated(DISTANCE, TREATED, "random") for _ in range(2))
    assert once.tolist() == again.tolist()
    assert sorted(once) == [0, 1]


def test_weights_are_those_of_the_effect_on_the_treated():
    # Sets {9, 12} for the first and {7} for the second: shares 1/2, 1/2, 1, scaled to add up to 3.
    matched = match_nearest(DISTANCE, TREATED, np.array([0, 1]), ratio=2, within=2)
    assert weights(matched, 6).tolist() == [1, 1, 0.75, 1.5, 0, 0.75]
    # With replacement 9 serves both: shares 1/2 + 1/2, 1/2, 1/2 over three people used.
    matched = match_nearest(DISTANCE, TREATED, np.array([0, 1]), ratio=2, replace=True)
    assert weights(matched, 6).tolist() == [1, 1, 1.5, 0.75, 0, 0.75]
    assert effective(np.array([1.5, 0.75, 0.75])) == pytest.approx(9 / 3.375)
    empty = match_nearest(DISTANCE, TREATED, np.array([0, 1]), within=0.1)
    assert not weights(empty, 6).any()
    assert effective(np.zeros(3)) == 0


def test_the_caliper_is_in_pooled_standard_deviations():
    # Variances 8 and 14.25 (of 9, 7, 3, 12): 0.2 times the root of their mean.
    assert caliper_width(DISTANCE, TREATED, 0.2) == pytest.approx(0.2 * np.sqrt((8 + 14.25) / 2))
    assert caliper_width(DISTANCE, TREATED, None) == np.inf


# Balance, by hand


def test_a_difference_is_divided_by_the_spread_of_the_treated_before_matching():
    values = np.array([[1.0, 1], [3, 0], [2, 0], [2, 1], [6, 0]])
    treated = np.array([True, True, False, False, False])
    binary = np.array([False, True])
    divisor = divisors(values, binary, treated)
    assert divisor.tolist() == [np.sqrt(2), 0.5]
    before = compare(values, binary, treated, np.ones(5), divisor)
    assert before.mean_comparison.tolist() == pytest.approx([10 / 3, 1 / 3])
    assert before.smd.tolist() == pytest.approx([(2 - 10 / 3) / np.sqrt(2), (1 / 2 - 1 / 3) / 0.5])
    assert before.variance_ratio[0] == pytest.approx(2 / (16 / 3))
    assert np.isnan(before.variance_ratio[1])
    # At 1, 2, 3, 6 the treated have reached 1/2, 1/2, 1, 1 and the others 0, 2/3, 2/3, 1.
    assert before.ecdf_mean[0] == pytest.approx((1 / 2 + 1 / 6 + 1 / 3 + 0) / 4)
    assert before.ecdf_max[0] == pytest.approx(1 / 2)
    after = compare(values, binary, treated, np.array([1, 1, 1, 1, 0]), divisor)
    assert after.smd.tolist() == [0, 0]


def test_weights_enter_the_comparison():
    values = np.array([[2.0], [1], [4]])
    treated = np.array([True, False, False])
    found = compare(values, np.array([False]), treated, np.array([1, 1.5, 0.5]), np.ones(1))
    assert found.mean_comparison[0] == pytest.approx(1.75)


def test_where_the_treated_do_not_vary_the_pooled_spread_serves():
    values = np.array([[1.0, 1, 5], [1, 1, 5], [0, 1, 5], [1, 1, 5]])
    treated = np.array([True, True, False, False])
    binary = np.array([True, True, False])
    divisor = divisors(values, binary, treated)
    found = compare(values, binary, treated, np.ones(4), divisor)
    assert found.smd.tolist() == pytest.approx([0.5 / np.sqrt(0.125), 0, 0])


@pytest.mark.parametrize(
    ("smd", "colour"),
    [(0, "green"), (0.05, "green"), (-0.051, "amber"), (-0.1, "amber"), (0.101, "red")],
)
def test_lights(smd, colour):
    assert light(smd) == colour
