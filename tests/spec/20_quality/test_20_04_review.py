"""Pairs for a person to look at, and what the model learns from the answers."""

import random
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_links import FEW, case

from equipoise.carry.link.review import (
    ToReview,
    agreement_of,
    judged_anew,
    relearn,
    to_review,
)

SEEDS = (1, 2, 3)


def hard(seed):
    return case(800, seed, 0.1, FEW)


def answered(made, asked, *, slips=0.0, seed=0):
    """A reviewer who knows the truth and errs at random."""
    draw = random.Random(seed)
    return {int(pair): bool(made.true[pair]) != (draw.random() < slips) for pair in asked.pair}


def test_what_is_shown_holds_no_score():
    shown = {field.name for field in fields(ToReview)}
    assert shown == {"left", "right", "pair", "stands_for"}


def test_pairs_in_question_are_chosen_and_no_pair_twice():
    made = hard(1)
    asked = to_review(made.found, 100, seed=1)
    chance = made.found.chance[asked.pair]
    assert len(asked.pair) == len(set(asked.pair.tolist())) == 100
    assert ((chance > 0.02) & (chance < 0.98)).all()
    assert (made.found.scored.left[asked.pair] == asked.left).all()


def test_they_spread_over_patterns_and_stand_for_all_pairs_in_question():
    made = hard(1)
    asked = to_review(made.found, 100, seed=1)
    patterns = made.found.scored.pattern[asked.pair]
    _, counts = np.unique(patterns, return_counts=True)
    assert len(counts) >= 8
    assert counts.max() <= 30
    unsure = made.found.chance * (1 - made.found.chance) >= 0.02 * 0.98
    of_these = np.isin(made.found.scored.pattern, patterns) & unsure
    assert asked.stands_for.sum() == pytest.approx(of_these.sum())


def test_the_order_tells_nothing_and_the_seed_repeats_it():
    made = hard(1)
    asked = to_review(made.found, 150, seed=3)
    order = np.arange(150)
    assert abs(np.corrcoef(order, made.found.chance[asked.pair])[0, 1]) < 0.25
    again = to_review(made.found, 150, seed=3)
    assert (again.pair == asked.pair).all()
    assert (to_review(made.found, 150, seed=4).pair != asked.pair).any()


@pytest.mark.parametrize("wanted", [0, 10**6])
def test_none_or_more_than_there_are_may_be_asked_for(wanted):
    made = hard(1)
    asked = to_review(made.found, wanted, seed=1)
    unsure = made.found.chance * (1 - made.found.chance) >= 0.02 * 0.98
    assert len(asked.pair) == (0 if wanted == 0 else unsure.sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_answers_make_the_linkage_better(seed):
    made = hard(seed)
    known = answered(made, to_review(made.found, 100, seed=seed))
    assert made.of(judged_anew(made.found, known)).f1 > made.f1


def test_one_answer_speaks_for_others_too():
    gained = 0
    for seed in SEEDS:
        made = hard(seed)
        asked = to_review(made.found, 100, seed=seed)
        after = judged_anew(made.found, answered(made, asked))
        others = np.ones(len(made.true), np.bool_)
        others[asked.pair] = False
        right = [(each.linked == made.true)[others].sum() for each in (made.found, after)]
        gained += right[1] - right[0]
    assert gained > 0


def test_a_reviewer_who_slips_sometimes_does_no_harm():
    before = after = 0.0
    for seed in SEEDS:
        made = hard(seed)
        known = answered(made, to_review(made.found, 100, seed=seed), slips=0.05, seed=seed)
        before += made.f1
        after += made.of(judged_anew(made.found, known)).f1
    assert after > before


def test_what_a_person_said_stands():
    made = hard(2)
    known = answered(made, to_review(made.found, 80, seed=2))
    after = judged_anew(made.found, known)
    for pair, same in known.items():
        assert after.linked[pair] == same
    taken = after.scored.left[after.linked]
    assert len(taken) == len(set(taken.tolist()))


def test_without_answers_nothing_changes():
    made = hard(1)
    found = made.found
    assert (judged_anew(found, {}).linked == found.linked).all()
    assert relearn(found.learned.model, found.scored.pattern, found.chance, {}) is (
        found.learned.model
    )


def test_the_model_learns_what_a_match_looks_like_and_not_what_strangers_do():
    made = hard(1)
    found = made.found
    # Everybody who moved is said to be somebody else.
    place = found.learned.model.fields.index("postcode")
    known = {}
    for pair in to_review(found, 150, seed=1).pair:
        known[int(pair)] = False
    fresh = relearn(found.learned.model, found.scored.pattern, found.chance, known)
    before = found.learned.model
    assert fresh.chance == before.chance
    assert fresh.match[place][1] < before.match[place][1]
    assert fresh.prior < before.prior
    assert all(each.sum() == pytest.approx(1) for each in fresh.match)


# -- do reviewer and model agree ------------------------------------------------------------------


def test_agreement_is_counted_and_unsure_answers_stand_apart():
    made = hard(1)
    asked = to_review(made.found, 40, seed=1)
    said = ["same" if made.found.linked[pair] else "different" for pair in asked.pair]
    told = agreement_of(made.found, asked, ["unsure", *said[1:]])
    assert (told.answered, told.unsure) == (39, 1)
    assert told.agree.value == 1 and told.agree.low < 1
    assert told.kappa == pytest.approx(1)
    contrary = ["different" if each == "same" else "same" for each in said]
    assert agreement_of(made.found, asked, contrary).agree.value == 0


def test_a_review_that_was_left_early_is_counted_as_far_as_it_went():
    made = hard(1)
    asked = to_review(made.found, 40, seed=1)
    told = agreement_of(made.found, asked, ["same"] * 10)
    assert told.answered == 10
    assert told.kappa is None  # one answer only
    assert agreement_of(made.found, asked, []).answered == 0


def test_answers_tell_the_precision_of_the_links_in_question():
    held = 0
    for seed in SEEDS:
        made = hard(seed)
        asked = to_review(made.found, 150, seed=seed)
        answers = ["same" if made.true[pair] else "different" for pair in asked.pair]
        told = agreement_of(made.found, asked, answers)
        unsure = made.found.chance * (1 - made.found.chance) >= 0.02 * 0.98
        true = made.true[made.found.linked & unsure].mean()
        held += told.precision.low <= true <= told.precision.high
    assert held == len(SEEDS)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.integers(0, 400), st.booleans(), max_size=30))
def test_whatever_is_answered_probabilities_stay_probabilities(known):
    made = hard(1)
    after = judged_anew(replace(made.found), known)
    assert ((after.chance >= 0) & (after.chance <= 1)).all()
    rights = after.scored.right[after.linked]
    assert len(rights) == len(set(rights.tolist()))
