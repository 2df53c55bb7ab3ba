"""How good a linkage is, told without truth; the truth is planted and only the tests know it."""

from dataclasses import replace

import numpy as np
import pytest
from planted_links import FEW, case

from equipoise.carry.link.orphans import orphans_of
from equipoise.carry.link.quality import quality_of, sure_only

EASY = [(500, seed, wrong, None) for seed, wrong in ((1, 0.05), (2, 0.15), (3, 0.3))]
HARD = [(800, seed, wrong, FEW) for seed in (1, 2, 3) for wrong in (0.1, 0.25)]


def planted(homes, seed, wrong, fields):
    return case(homes, seed, wrong) if fields is None else case(homes, seed, wrong, fields)


@pytest.mark.parametrize("how", [*EASY, *HARD])
def test_the_intervals_hold_the_planted_truth(how):
    made = planted(*how)
    told = quality_of(made.found, made.left, made.right)
    assert told.precision.low <= made.precision <= told.precision.high
    assert told.recall.low <= made.recall <= told.recall.high
    assert told.whole


@pytest.mark.parametrize("how", HARD)
def test_the_estimates_are_near_and_the_intervals_say_something(how):
    made = planted(*how)
    told = quality_of(made.found, made.left, made.right)
    # Some fifty links of a thousand are wrong, give or take luck that no estimate can know.
    assert told.precision.value == pytest.approx(made.precision, abs=0.03)
    assert told.recall.value == pytest.approx(made.recall, abs=0.08)
    assert told.precision.high - told.precision.low < 0.15


def test_the_estimates_of_precision_err_to_neither_side():
    off = []
    for how in HARD:
        made = planted(*how)
        told = quality_of(made.found, made.left, made.right)
        off.append(told.precision.value - made.precision)
    assert abs(np.mean(off)) < 0.01
    assert np.mean(np.abs(off)) < 0.015


def test_rows_without_their_partner_tell_how_many_links_are_wrong():
    wrong, told = 0, 0.0
    for how in HARD:
        made = planted(*how)
        wrong += int((made.found.linked & ~made.true).sum())
        told += orphans_of(made.found).wrong_links().value
    assert told == pytest.approx(wrong, rel=0.25)


def test_a_model_too_sure_of_itself_is_found_out():
    made = planted(*HARD[0])
    sure = np.where(made.found.linked, 0.99999, 0.0)
    boasting = replace(made.found, chance=sure)
    told = quality_of(boasting, made.left, made.right)
    assert told.wrong.value < 1
    assert told.wrong_by_orphans.value > 5
    assert told.precision.low <= made.precision <= told.precision.high


def test_asking_for_surer_links_raises_precision_and_costs_recall():
    made = planted(*HARD[0])
    strict = sure_only(made.found, 0.95)
    told = [quality_of(each, made.left, made.right) for each in (made.found, strict)]
    assert told[1].precision.value > told[0].precision.value
    assert told[1].recall.value < told[0].recall.value
    surer = made.of(strict)
    assert told[1].recall.low <= surer.recall <= told[1].recall.high


def test_the_same_linkage_is_told_the_same_twice():
    made = planted(*HARD[0])
    assert quality_of(made.found, made.left, made.right) == quality_of(
        made.found, made.left, made.right
    )


def test_where_nothing_is_linked_nothing_is_said():
    made = planted(*EASY[0])
    none = replace(made.found, linked=np.zeros_like(made.found.linked))
    told = quality_of(none, made.left, made.right)
    assert told.links == 0
    assert told.precision is None and told.recall is None and told.wrong_by_orphans is None


@pytest.mark.parametrize("pairs", ["many to one", "many to many"])
def test_other_ways_of_giving_pairs_out_are_told_too(pairs):
    made = planted(*EASY[1])
    other = replace(made.found, pairs=pairs)
    told = quality_of(other, made.left, made.right)
    assert (told.wrong_by_orphans is None) == (pairs == "many to many")
    assert told.precision.low <= made.precision <= told.precision.high
