"""The planted effect of mentoring is there to be found, and the naive comparison misleads."""

from __future__ import annotations

import json
from math import sqrt

import numpy as np
import pytest

from equipoise.city import City, Written, build_city
from equipoise.city.tables import rates

EFFECT = rates("mentoring")["effect"]


@pytest.fixture(scope="module")
def large() -> City:
    return build_city(150_000, 21)


def test_an_oracle_that_knows_each_chance_finds_the_planted_effect(large: City) -> None:
    of = large.offenders
    surplus = of.reoffended - of.chance  # what happened, less what would be expected
    treated, rest = surplus[of.in_study], surplus[~of.mentored]
    error = sqrt(treated.var() / len(treated))
    assert abs(treated.mean() - EFFECT) < 3.5 * error
    assert abs(rest.mean()) < 3.5 * sqrt(rest.var() / len(rest))


def test_strata_of_like_people_find_the_effect_without_knowing_chances(large: City) -> None:
    # The outcome is never consulted in making strata: only what is on file at the index date.
    of = large.offenders
    man = large.households.male[of.person]
    strata = np.column_stack(
        [
            np.digitize(of.previous, [1, 4, 9, 16]),
            of.custody,
            of.employed,
            of.previous_custody,
            np.digitize(of.age, [28, 40]),
            man,
        ]
    )
    _, group = np.unique(strata, axis=0, return_inverse=True)
    total = weight = variance = 0.0
    for number in range(group.max() + 1):
        inside = group == number
        one, other = inside & of.in_study, inside & ~of.mentored
        if one.any() and other.sum() >= 2:
            count = float(one.sum())
            rate = of.reoffended[other].mean()
            total += count * (of.reoffended[one].mean() - rate)
            variance += count * rate * (1 - rate) * (1 + count / other.sum())
            weight += count
    assert abs(total / weight - EFFECT) < 3 * sqrt(variance) / weight


def test_the_naive_comparison_hides_most_of_the_effect(large: City) -> None:
    of = large.offenders
    naive = of.reoffended[of.in_study].mean() - of.reoffended[~of.mentored].mean()
    assert naive > EFFECT / 2


def test_mentoring_never_makes_a_person_reoffend(large: City) -> None:
    of = large.offenders
    assert not (of.treated & ~of.untreated).any()
    assert (of.chance + EFFECT >= 0.01).all()


def test_the_count_agrees_with_the_yes_or_no(large: City) -> None:
    of = large.offenders
    assert ((of.reoffences > 0) == of.reoffended).all()
    assert (of.more >= 1).all()


def test_more_past_offences_mean_more_reoffending(large: City) -> None:
    of = large.offenders
    first, many = of.previous == 0, of.previous >= 11
    assert of.untreated[many].mean() > 1.6 * of.untreated[first].mean()
    assert 0.24 < of.reoffended.mean() < 0.36


def test_people_come_to_mentoring_unlike_the_rest(large: City) -> None:
    of = large.offenders
    assert of.previous[of.mentored].mean() > 1.3 * of.previous[~of.mentored].mean()
    assert of.employed[of.mentored].mean() < of.employed[~of.mentored].mean()


def test_the_truth_writes_planted_realised_and_naive_effects(city: City, written: Written) -> None:
    body = json.loads((written.truth / "effects.json").read_text(encoding="utf-8"))
    of = city.offenders
    yes = body["effects"]["one-year reoffending"]
    assert yes["planted"] == EFFECT
    one = of.in_study
    assert yes["realised"] == pytest.approx(
        (of.treated[one].astype(int) - of.untreated[one].astype(int)).mean()
    )
    assert yes["rate of the mentored"] - yes["rate of the mentored without mentoring"] == (
        pytest.approx(yes["realised"])
    )
    count = body["effects"]["offences in the year"]
    assert count["planted"] == pytest.approx((EFFECT * of.more[one]).mean())
    assert body["in the study"] == one.sum()
    # Realised effects scatter about the planted one as chance allows.
    assert abs(yes["realised"] - EFFECT) < 4 * sqrt(0.08 * 0.92 / one.sum())
