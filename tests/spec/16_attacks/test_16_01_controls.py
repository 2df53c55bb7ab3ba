"""What must fall falls, and what says nothing gives nothing away."""

from __future__ import annotations

import numpy as np
import pytest
from attack_scenes import SIZE, case

from benchmarks.attacks.linkage import leaks, lookups, matching
from benchmarks.attacks.linkage.case import Case
from benchmarks.attacks.linkage.people import city, stage
from benchmarks.attacks.linkage.verdict import CHANCE, FALLS, SuiteBroken, check_controls


def named(rows, variant):
    return next(row for row in rows if row.variant == variant)


@pytest.mark.parametrize("scheme", ["plain", "none"])
def test_unhardened_filters_fall_to_the_graph_attack_without_the_key(scheme: str) -> None:
    outcome = named(matching.graph(case(scheme)), "no seeds")
    assert outcome.value >= FALLS
    assert outcome.of == SIZE
    assert outcome.guessing == pytest.approx(1 / SIZE)


@pytest.mark.slow
def test_of_a_larger_file_a_quarter_in_the_register_is_enough_to_name_everybody() -> None:
    """An attack that stands still as files grow would say nothing of hardened ones."""
    size, overlap = 5_000, 0.25
    scene = stage(city(2 * size, 1), size, overlap, "strangers", 1)
    outcome = named(matching.graph(Case(scene, "none")), "no seeds")
    assert outcome.of == size * overlap
    assert outcome.value > FALLS


def test_random_bits_stay_at_chance() -> None:
    made = case("random")
    for attack in (matching.graph, matching.seeds, leaks.plaintext, matching.differential):
        for outcome in attack(made):
            assert outcome.value <= outcome.guessing + CHANCE, (outcome.attack, outcome.variant)


def test_random_bits_do_not_show_who_lives_together() -> None:
    outcome = named(leaks.households(case("random")), "who lives together")
    assert abs(outcome.value - 0.5) < 0.06


def test_whoever_has_the_key_looks_everybody_up() -> None:
    rows = list(lookups.dictionary(case("none")))
    assert named(rows, "with the key").value == 1.0
    assert named(rows, "without the key").value == 0.0


def test_the_suite_fails_when_unhardened_filters_stand() -> None:
    row = {
        "scheme": "none", "attack": "graph", "variant": "no seeds", "measure": "re-identified",
        "value": 0.95, "low": 0.9, "overlap": 1.0, "population": "city", "size": 400, "of": 400,
        "guessing": 0.0025,
    }  # fmt: skip
    check_controls([row])
    with pytest.raises(SuiteBroken, match="too weak"):
        check_controls([{**row, "value": 0.89}])
    with pytest.raises(SuiteBroken, match="no positive control"):
        check_controls([{**row, "overlap": 0.5}])
    with pytest.raises(SuiteBroken, match="truth leaks"):
        check_controls([row, {**row, "scheme": "random", "value": 0.3, "low": 0.25}])


def test_people_whom_the_attacker_knew_are_not_counted_as_found() -> None:
    for outcome in matching.seeds(case("none")):
        share = 0.1 if "at once" in outcome.variant else float(outcome.variant[:-7]) / 100
        assert outcome.of == SIZE - max(2, round(SIZE * share))
        if "at once" not in outcome.variant or outcome.variant.startswith("10%"):
            assert outcome.value >= FALLS


def test_a_scene_shares_as_many_people_as_it_says() -> None:
    for overlap in (0.05, 0.25, 0.5, 1.0):
        for layout in ("strangers", "sample"):
            scene = case("none", overlap, layout).scene
            assert scene.common == round(SIZE * overlap)
            assert len(scene.register) == SIZE
            here = scene.truth >= 0
            left = scene.encoded_table().filter(here).to_pylist()
            right = scene.register_table().take(scene.truth[here]).to_pylist()
            assert left == right
    assert len(np.unique(case("none", 0.5).scene.encoded)) == SIZE
