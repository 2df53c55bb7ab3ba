"""What hardened filters and codes give away, in a small scene."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from attack_scenes import SIZE, case

from benchmarks.attacks.linkage import ceiling, equality, leaks, matching
from benchmarks.attacks.linkage.people import city, stage
from benchmarks.attacks.linkage.schemes import SeededKey
from equipoise.carry.encode.record import STRENGTHS, record_filters


def test_the_same_people_under_two_agreements_keys_cannot_be_joined() -> None:
    for outcome in matching.joining(case("standard")):
        assert outcome.of == SIZE
        assert outcome.value <= outcome.guessing + 0.015, outcome.variant


def test_unhardened_filters_of_two_agreements_can_be_joined() -> None:
    """The same attack does join what is not hardened, so that the test above can fail."""
    graph = [o for o in matching.joining(case("none")) if o.variant == "by graph"]
    assert graph[0].value >= 0.9


def test_the_graph_attack_does_not_name_people_in_standard_filters() -> None:
    outcome = next(matching.graph(case("standard")))
    assert outcome.value <= 0.05


def test_weight_does_not_tell_the_length_of_a_name() -> None:
    outcome = next(leaks.lengths(case("standard")))
    assert outcome.measure == "correlation"
    assert outcome.low <= 0.05


def test_field_level_codes_tell_people_apart_by_equality_alone() -> None:
    """Why the enclave's encodings stay inside: nearly everybody is named, whatever the key."""
    rows = list(equality.equality(case("fields")))
    people = next(row for row in rows if row.variant == "person by colour")
    assert people.value > 0.8
    sex = next(row for row in rows if row.variant == "sex by rank")
    assert sex.value in {0.0, 1.0} and sex.trivial < 0.65


@pytest.mark.parametrize("scheme", ["tokens", "meeting tokens"])
def test_tokens_that_need_much_to_agree_name_few_people(scheme: str) -> None:
    people = [o for o in equality.equality(case(scheme)) if o.variant == "person by colour"]
    assert people[0].value < 0.1


@pytest.mark.parametrize("make", equality.SEEN.values(), ids=equality.SEEN)
def test_codes_meet_under_one_key_only(make) -> None:
    table = stage(city(1000, 1), 200, 1.0, "strangers", 1).encoded_table()
    one, same, other = (make(table, SeededKey(n)) for n in (1, 1, 2))
    for left, right, apart in zip(one, same, other, strict=True):
        assert (left == right).all()
        assert not set(left[left != 0]) & set(apart[apart != 0])


def test_a_file_full_of_first_januaries_makes_nobody_alike() -> None:
    """Who knows the year alone writes 1 January: it is read so, and is nobody's birthday."""
    fields = {"forename": "forename", "surname": "surname", "born": "date"}
    draw = np.random.default_rng(1)
    names = {
        name: ["".join(draw.choice(list("ABDEGIKLMNORST"), 7)) for _ in range(400)]
        for name in ("forename", "surname")
    }
    years = draw.integers(1930, 2010, 400)

    def made(ending: str) -> np.ndarray:
        table = pa.table({**names, "born": [f"{year}{ending}" for year in years]})
        words = record_filters(table, fields, SeededKey(1), STRENGTHS["standard"])
        bits = np.unpackbits(words.view(np.uint8), axis=1).astype(float)
        near = np.corrcoef(bits)[np.triu_indices(400, 1)] * np.sqrt(bits.shape[1])
        return np.array([near.std(), (near > 6).mean()])

    assert made("-01-01") == pytest.approx(made(""))
    assert made("-01-01")[0] < 1.1


def test_what_is_within_reach_grows_with_who_is_known_and_shrinks_with_strength() -> None:
    reach = {
        strength: {o.variant: o.value for o in ceiling.ceiling(case(strength))}
        for strength in ("none", "standard", "highest")
    }
    for each in reach.values():
        assert each["1% known"] <= each["10% known"] <= each["10% known, and whoever follows"]
        assert each["10% known, and whoever follows"] <= each["all others known"] + 0.01
    assert reach["none"]["all others known"] > 0.95
    assert reach["standard"]["all others known"] > 2 * reach["highest"]["all others known"]


def test_people_known_beforehand_lead_to_no_more_than_is_within_reach() -> None:
    """The arithmetic is a bound on what was done: attacks stay below it, give or take chance."""
    most = {o.variant: o.value for o in ceiling.ceiling(case("light"))}["10% known"]
    for attack in (matching.seeds, leaks.plaintext):
        for outcome in attack(case("light")):
            assert outcome.low <= most + outcome.guessing, (outcome.attack, outcome.variant)
