"""Filters and the tokens that travel with them are attacked in one pair of hands as well."""

from __future__ import annotations

import numpy as np
from attack_scenes import SIZE, case

from benchmarks.attacks.linkage.outcome import Outcome
from benchmarks.attacks.linkage.together import alone_on_both, together
from benchmarks.attacks.linkage.verdict import ALONE, FALLS, HELPED


def outcomes(scheme: str, overlap: float = 1.0) -> dict[str, Outcome]:
    return {made.variant: made for made in together(case(scheme, overlap))}


def test_whoever_is_alone_in_his_colour_on_both_sides_is_a_start() -> None:
    own, others = np.array([7, 5, 5, 9, 3, 8]), np.array([8, 3, 3, 5, 7, 1])
    at, against = alone_on_both(own, others)
    assert sorted(zip(at.tolist(), against.tolist(), strict=True)) == [(0, 4), (5, 0)]


def test_plain_filters_fall_to_few_known_people_where_the_graph_attack_finds_no_start() -> None:
    """Half of the people are in the register. An attack that named nobody here could not fail."""
    found = outcomes("none", 0.5)
    assert found["10% known, grown"].value >= FALLS
    assert found["10% known, at once"].value >= FALLS


def test_hardened_filters_and_tokens_together_name_few() -> None:
    found = outcomes("standard")
    assert {made.attack for made in found.values()} <= {*ALONE, *HELPED}
    assert found["register alone, at once"].value <= 0.05
    assert found["10% known, at once"].value <= 0.1


def test_people_whom_the_attacker_knew_are_not_counted_as_found() -> None:
    found = outcomes("standard")
    assert found["register alone, at once"].of == SIZE
    assert found["10% known, at once"].of == found["10% known, grown"].of == SIZE * 0.9


def test_random_bits_have_no_tokens_to_go_with() -> None:
    assert not outcomes("random")
