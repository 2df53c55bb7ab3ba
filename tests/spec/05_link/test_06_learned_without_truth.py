"""What the engine learns from two files alone, held against what was planted in them."""

import numpy as np
import pytest
from people import FIELDS, two_files

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.blocking import agreements, choose, features_of
from equipoise.carry.link.blocks import block_keys, block_sizes, blocks_of
from equipoise.carry.link.estimate import first_guess, learn, rising
from equipoise.carry.link.levels import levels_of
from equipoise.carry.link.probabilistic import learn_from, link_encoded

WRONG = 0.15


def encoded(files, seed=b"s"):
    key = ThrowAwayKey(seed * 32)
    return encode_fields(files.left, FIELDS, key), encode_fields(files.right, FIELDS, key)


def places(files):
    lefts = {name: n for n, name in enumerate(files.left["record_id"].to_pylist())}
    rights = {name: n for n, name in enumerate(files.right["record_id"].to_pylist())}
    pairs = sorted((lefts[a], rights[b]) for a, b in files.truth)
    return np.array(pairs, np.int32).T


@pytest.fixture(scope="module")
def learned():
    files = two_files(1200, wrong=WRONG)
    left, right = encoded(files)
    return files, left, right, learn_from(left, right)


def test_the_planted_error_rates_are_recovered(learned):
    files, left, _, found = learned
    match = dict(zip(found.model.fields, found.model.match, strict=True))
    for name in ("forename", "surname"):
        assert match[name][-1] == pytest.approx(1 - WRONG, abs=0.04)
    # A moved house never keeps its postcode; a turned date may still read the same.
    assert match["postcode"][-1] == pytest.approx(1 - WRONG, abs=0.04)
    assert match["birth_date"][-1] == pytest.approx(1 - WRONG, abs=0.04)
    turned = levels_of("date").index("day and month in the other order")
    assert match["birth_date"][turned] == pytest.approx(WRONG * 12 / 28, abs=0.03)
    assert match["sex"][-1] > 0.99
    assert left.rows == files.left.num_rows


def test_the_number_of_matches_is_recovered(learned):
    files, _, _, found = learned
    assert found.expected == pytest.approx(len(files.truth), rel=0.08)


def test_agreement_by_chance_is_that_of_strangers(learned):
    _, _, _, found = learned
    chance = dict(zip(found.model.fields, found.model.chance, strict=True))
    assert chance["sex"][-1] == pytest.approx(0.5, abs=0.03)
    assert chance["birth_date"][-1] < 0.001


def test_agreeing_more_never_weighs_less(learned):
    *_, found = learned
    for weight in found.model.weights:
        assert (np.diff(weight[1:]) >= 0).all()
        assert weight[0] == 0


def test_housemates_are_learned_as_kin(learned):
    files, left, right, found = learned
    # Two to a home and most in both files: about as many pairs of housemates as of matches, twice.
    shared = [
        kin
        for kin in found.model.kin
        if kin.levels[1][-1] > 0.5 and kin.levels[4][-1] > 0.5 and kin.levels[2][-1] < 0.2
    ]
    number = sum(kin.share for kin in shared) * left.rows * right.rows
    assert number == pytest.approx(2 * len(files.truth) * 0.8, rel=0.5)


def test_rules_catch_nearly_every_match_and_cost_few_pairs():
    files = two_files(4500, seed=3, wrong=WRONG)
    left, right = encoded(files)
    rows = max(left.rows, right.rows)
    assert left.rows * right.rows > 30_000_000, "every pair would be compared"
    found = learn_from(left, right)
    at_left, at_right = places(files)
    caught = np.zeros(len(at_left), np.bool_)
    blocks = blocks_of(left, right, found.rules)
    pairs = 0
    for number, rule in enumerate(found.rules):
        a, b = block_keys(left, rule)[at_left], block_keys(right, rule)[at_right]
        caught |= (a != 0) & (a == b)
        pairs += block_sizes(blocks, number).pairs
    assert caught.mean() > 0.985
    assert pairs < 30_000_000 + 30 * rows
    links = link_encoded(left, right)
    truth = set(zip(at_left.tolist(), at_right.tolist(), strict=True))
    linked = set(zip(links.left.tolist(), links.right.tolist(), strict=True))
    assert len(linked & truth) > 0.97 * len(truth)
    assert len(linked - truth) < 0.02 * len(linked)


def test_no_rule_is_chosen_that_costs_more_than_there_is():
    files = two_files(300)
    left, right = encoded(files)
    rng = np.random.default_rng(1)
    features = features_of(left, right, rng)
    assert choose(features, 1e12, 1_000_000, 1.0, rng) == ()
    rules = choose(features, float(left.rows * right.rows), left.rows, 20_000.0, rng)
    blocks = blocks_of(left, right, rules)
    assert 0 < sum(block_sizes(blocks, n).pairs for n in range(len(rules))) < 4 * 20_000


def test_agreements_tell_which_features_a_pair_shares():
    files = two_files(100, wrong=0.0)
    left, right = encoded(files)
    features = features_of(left, right, np.random.default_rng(1))
    met = agreements(features, left, right, tuple(places(files)))
    assert met.shape == (len(files.truth), len(features))
    exact = [n for n, f in enumerate(features) if f.part == "exact"]
    assert met[:, exact].all()


def test_a_ratio_that_falls_is_shared_with_its_neighbours():
    match, chance = np.array([0.2, 0.1, 0.7]), np.array([0.7, 0.2, 0.1])
    assert rising(match, chance).tolist() == pytest.approx([0.2 / 0.7, 0.5, 7.0])
    # The middle level says less than the lowest: both say what they say together.
    match, chance = np.array([0.3, 0.0, 0.7]), np.array([0.6, 0.3, 0.1])
    assert rising(match, chance).tolist() == pytest.approx([0.3 / 0.9, 0.3 / 0.9, 7.0])


def test_nothing_to_learn_from_leaves_the_first_guess():
    radices = (3, 5)
    found = learn([], ("a", "b"), radices, first_guess(radices))
    for value, guess in zip(found, first_guess(radices), strict=True):
        assert value.tolist() == guess.tolist()


def test_a_file_of_one_name_is_linked_by_the_rest():
    import pyarrow as pa

    files = two_files(600)
    one = {"forename": "Mary", "surname": "Smith"}
    left, right = files.left, files.right
    for name, value in one.items():
        at = left.column_names.index(name)
        left = left.set_column(at, name, pa.array([value] * left.num_rows))
        right = right.set_column(at, name, pa.array([value] * right.num_rows))
    key = ThrowAwayKey(b"o" * 32)
    found = link_encoded(encode_fields(left, FIELDS, key), encode_fields(right, FIELDS, key))
    at_left, at_right = places(files)
    truth = set(zip(at_left.tolist(), at_right.tolist(), strict=True))
    linked = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(linked & truth) > 0.8 * len(truth)
    assert len(linked - truth) < 0.05 * len(linked)


def test_files_under_different_keys_link_nobody():
    files = two_files(300)
    left = encode_fields(files.left, FIELDS, ThrowAwayKey(b"a" * 32))
    right = encode_fields(files.right, FIELDS, ThrowAwayKey(b"b" * 32))
    assert len(link_encoded(left, right).left) == 0
