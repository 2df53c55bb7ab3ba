"""What looks like a match or a stranger and is none: neighbours, events, placeholders."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from people import FIELDS, precision_and_recall, two_files

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import link_tables
from equipoise.carry.link.blocks import Blocks, most_matches
from equipoise.carry.link.estimate import Block, Model, first_guess, learn_in_block
from equipoise.carry.link.plan import radices
from equipoise.carry.link.rarity import exact_weights

KEY = bytes(range(32))


def test_no_block_holds_more_matches_than_its_rows_can_make() -> None:
    keys = [np.array([row], np.uint64) for row in ([1, 1, 2, 3, 0], [1, 2, 2, 2, 4, 0])]
    blocks = Blocks(keys[0], keys[1], ((("postcode", "exact"),),))
    assert most_matches(blocks, "one to one") == 1 + 1
    assert most_matches(blocks, "many to one") == 1 + 3
    assert most_matches(blocks, "many to many") == float("inf")


def test_a_block_of_neighbours_teaches_what_its_few_matches_look_like() -> None:
    """Nine in ten pairs agree on the town; one in a hundred, on the name too, and these match."""
    fields, three = ("street", "town", "name", "born"), (3, 3, 3, 3)
    # Levels: 0 missing, 1 differs, 2 agrees; places count in threes.
    rows = {(2, 2, 1, 1): 8900, (2, 1, 1, 1): 1000, (2, 2, 2, 2): 90, (2, 2, 2, 1): 10}
    patterns = np.array([sum(n * 3**at for at, n in enumerate(row)) for row in rows])
    order = np.argsort(patterns)
    counts = np.array(list(rows.values()))[order]
    block = Block(patterns[order], counts, frozenset({"street"}), 120.0)
    chance = [np.array([0.0, 0.98, 0.02])] * 4
    found, match = learn_in_block(block, fields, three, first_guess(three), chance)
    assert 80 < found <= 120
    assert match[2][2] > 0.85
    assert match[3][2] > 0.7
    unbound = Block(block.patterns, counts, block.chosen_by)
    taken_in, _ = learn_in_block(unbound, fields, three, first_guess(three), chance)
    assert taken_in > 2000, "without its bound the block takes neighbours for matches"


def test_a_value_is_no_commoner_for_one_persons_many_events() -> None:
    """A custody log: everybody stands once on the left, and on the right as often as it comes."""
    names = [f"PERSON{number:03}" for number in range(300)]
    left = pa.table({"name": names})
    right = pa.table({"name": [names[0]] * 200 + names[1:100]})
    key, kinds = ThrowAwayKey(KEY), {"name": "surname"}
    one, other = (encode_fields(table, kinds, key) for table in (left, right))
    (radix,) = radices(one)
    match, chance = np.full(radix, 0.02), np.full(radix, 0.001)
    match[0] = chance[0] = 0.0
    match[-1], chance[-1] = 0.9, 1 / 300
    model = Model(("name",), (match,), (chance,), 1e-3)
    said = {
        pairs: exact_weights(model, one, other, {}, pairs)["name"][one.fields["name"].codes]
        for pairs in ("one to one", "many to one")
    }
    assert said["one to one"][0] < said["one to one"][1] - 3
    assert said["many to one"][0] > said["many to one"][1] - 1.5
    assert said["many to one"][1] == pytest.approx(said["one to one"][1])


def test_a_date_that_stands_for_none_does_not_speak_against_anybody() -> None:
    """It links as if the field were left empty, which it should have been."""
    files = two_files(3000, seed=2, wrong=0.15)
    stands, none = (_without_dates(files, value) for value in ("1900-01-01", None))
    assert stands[0] > none[0] - 0.003
    assert stands[1] > none[1] - 0.005


def _without_dates(files, value: str | None) -> tuple[float, float]:
    """Return precision and recall where a tenth of all dates of birth are one value."""
    draw = random.Random(1)
    tables = (
        pa.Table.from_pylist(
            [row | ({"birth_date": value} if draw.random() < 0.1 else {}) for row in rows]
        )
        for rows in (files.left.to_pylist(), files.right.to_pylist())
    )
    return precision_and_recall(link_tables(*tables, FIELDS, key=KEY), files.truth)
