"""Matches that blocking rules never proposed: how many, and when that cannot be told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_links import by_rules, case

from equipoise.carry.link import recapture
from equipoise.carry.link.quality import quality_of, rules_found
from equipoise.carry.link.recapture import chao, chapman, met_by, unseen

APART = (
    (("surname", "exact"), ("birth_date", "exact")),
    (("forename", "exact"), ("postcode", "exact")),
)
TRIANGLE = (
    (("surname", "exact"), ("birth_date", "exact")),
    (("surname", "exact"), ("postcode", "exact")),
    (("birth_date", "exact"), ("postcode", "exact")),
)
ALWAYS_BORN = (
    (("surname", "exact"), ("birth_date", "exact")),
    (("forename", "exact"), ("birth_date", "exact")),
)


def truly_unseen(made, rules):
    at = np.array([(int(a[1:]), int(b[1:])) for a, b in made.files.truth], np.int32)
    met = met_by(made.left, made.right, rules, (at[:, 0], at[:, 1]))
    return int((~met.any(axis=1)).sum())


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rules", [APART, TRIANGLE])
def test_a_planted_number_of_misses_is_recovered(rules, seed):
    whole = case(700, seed, 0.3)
    made = by_rules(whole, rules)
    missed = truly_unseen(whole, rules)
    told = quality_of(made.found, made.left, made.right)
    assert missed > 20
    number = told.missed.no_rule.matches
    assert number.low <= missed <= number.high
    assert number.value == pytest.approx(missed, rel=0.4)
    assert told.recall.low <= made.recall <= told.recall.high


def test_two_rules_that_read_other_fields_tell_of_all_that_is_missing():
    held, told, true = 0, 0.0, 0
    for seed in (1, 2, 3):
        made = by_rules(case(700, seed, 0.3), APART)
        whole = quality_of(made.found, made.left, made.right).missed.in_all
        missing = len(made.files.truth) - int((made.true & made.found.linked).sum())
        held += whole.low <= missing <= whole.high
        told, true = told + whole.value, true + missing
    assert held >= 2
    assert told == pytest.approx(true, rel=0.2)


def test_without_two_such_rules_there_is_no_second_opinion():
    made = by_rules(case(700, 1, 0.3), TRIANGLE)
    assert quality_of(made.found, made.left, made.right).missed.in_all is None


def test_comparing_every_pair_misses_none():
    made = case(500, 1, 0.05)
    told = quality_of(made.found, made.left, made.right)
    assert told.missed.no_rule.matches.high == 0
    assert told.missed.no_rule.why == "every pair was compared"


def test_where_every_rule_reads_one_field_it_is_said_that_nothing_can_be_told():
    made = by_rules(case(700, 1, 0.3), ALWAYS_BORN)
    told = quality_of(made.found, made.left, made.right)
    assert told.missed.no_rule.matches is None and not told.whole
    assert "every rule reads birth_date" in told.missed.no_rule.why


def test_too_few_matches_tell_nothing():
    made = by_rules(case(700, 1, 0.3), APART)
    at = np.flatnonzero(made.found.linked)[:20]
    rows = (made.found.scored.left[at], made.found.scored.right[at])
    told = unseen(made.left, made.right, APART, rows, made.found.chance[at])
    assert told.matches is None and "too few" in told.why


def test_each_rule_tells_what_it_found_alone_and_cost():
    made = by_rules(case(700, 1, 0.3), APART)
    told = rules_found(made.found, made.left, made.right)
    links = int(made.found.linked.sum())
    assert [one.rule for one in told] == list(APART)
    assert all(one.pairs >= one.found >= one.alone for one in told)
    # Of two rules, what one did not find the other found alone.
    assert told[0].found + told[1].alone == links
    assert told[1].found + told[0].alone == links


# -- the plain estimates --------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(300, 3000), st.floats(0.4, 0.9), st.floats(0.4, 0.9), st.integers(0, 2**32 - 1))
def test_two_independent_nets_tell_how_many_fish_there_are(fish, one, other, seed):
    rng = np.random.default_rng(seed)
    first, second = rng.random(fish) < one, rng.random(fish) < other
    told = chapman(float(first.sum()), float(second.sum()), float((first & second).sum()))
    assert told.low <= told.value <= told.high
    assert told.low >= (first | second).sum() - 1e-6
    assert told.value == pytest.approx(fish, rel=0.25)


def test_the_interval_of_two_nets_holds_the_truth_nineteen_times_in_twenty():
    rng, held = np.random.default_rng(5), 0
    for _ in range(400):
        first, second = rng.random(1000) < 0.7, rng.random(1000) < 0.6
        told = chapman(float(first.sum()), float(second.sum()), float((first & second).sum()))
        held += told.low <= 1000 <= told.high
    assert 0.92 <= held / 400 <= 0.98


def test_chao_bounds_from_below_when_some_are_hard_to_catch():
    rng = np.random.default_rng(3)
    ease = np.where(rng.random(5000) < 0.3, 0.1, 0.6)
    times = (rng.random((5000, 4)) < ease[:, None]).sum(axis=1)
    told = chao(float((times == 1).sum()), float((times == 2).sum()), float((times > 0).sum()))
    assert (times > 0).sum() < told.value < 5000
    assert told.low < told.value < told.high


def test_nets_that_catch_the_same_leave_room_for_a_few():
    told = chapman(100, 100, 100)
    assert told.value == 100 and told.high == 103


def test_of_very_many_matches_some_tell_of_all(monkeypatch):
    made = by_rules(case(700, 1, 0.3), APART)
    at = np.flatnonzero(made.found.linked)
    rows = (made.found.scored.left[at], made.found.scored.right[at])
    whole = unseen(made.left, made.right, APART, rows, made.found.chance[at]).matches
    monkeypatch.setattr(recapture, "_MOST_PAIRS", 300)
    part = unseen(made.left, made.right, APART, rows, made.found.chance[at]).matches
    assert part.value == pytest.approx(whole.value, rel=0.35)
    assert part.high - part.low > whole.high - whole.low
