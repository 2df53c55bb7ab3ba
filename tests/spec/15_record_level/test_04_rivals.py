"""Pairs that share a row compete: by all the ways in which rows may be paired."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from record_people import FIELDS, KEY, Pair, two_files

from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.link import calibrate
from equipoise.carry.link.calibrate import Pairs
from equipoise.carry.link.competition import Rivals, shared
from equipoise.carry.link.record import link_records
from equipoise.carry.link.record_model import judge
from equipoise.carry.link.record_pairs import Chance, Near


def rivals(
    odds: list[list[float]], pairs: Pairs = "one to one"
) -> tuple[Rivals, np.ndarray, np.ndarray]:
    table = np.array(odds)
    left, right = np.nonzero(table)
    made = Rivals(left.astype(np.int32), right.astype(np.int32), *table.shape, pairs)
    return made, table[left, right], table


def counted(table: np.ndarray) -> np.ndarray:
    """Return each pair's share of all ways to pair rows, by writing out every way."""
    rows, columns = table.shape
    total, share = 0.0, np.zeros(table.shape)
    alone = np.hstack([table, np.ones((rows, rows))])
    seen = set()
    for chosen in permutations(range(columns + rows), rows):
        way = tuple(min(column, columns) for column in chosen)
        if way in seen:
            continue
        seen.add(way)
        weight = np.prod([alone[row, column] for row, column in enumerate(way)])
        total += weight
        for row, column in enumerate(way):
            if column < columns:
                share[row, column] += weight
    return share / total


def test_without_rings_probabilities_are_the_shares_of_all_ways() -> None:
    made, odds, table = rivals([[5.0, 2.0, 0.0], [0.0, 3.0, 1.0], [0.0, 0.0, 4.0]])
    probability, messages = shared(made, odds)
    for _ in range(5):
        probability, messages = shared(made, odds, messages)
    expected = counted(table)[made.left, made.right]
    assert probability == pytest.approx(expected, abs=1e-3)


def test_with_rings_they_come_close() -> None:
    made, odds, table = rivals([[8.0, 1.0, 0.5], [1.0, 6.0, 0.2], [0.5, 2.0, 9.0]])
    probability = shared(made, odds)[0]
    assert probability == pytest.approx(counted(table)[made.left, made.right], abs=0.05)


def test_a_rival_that_is_taken_elsewhere_competes_little() -> None:
    """The second right row is plainly the second left row's, so the first pair is left alone."""
    lone, odds, _ = rivals([[3.0, 3.0], [0.0, 1000.0]])
    assert shared(lone, odds)[0][0] == pytest.approx(0.75, abs=0.01)


def test_no_row_is_shared_out_more_than_once() -> None:
    drawn = np.random.default_rng(1).exponential(5, (20, 12))
    made, odds, _ = rivals(drawn.tolist())
    probability, messages = shared(made, odds)
    for _ in range(10):
        probability, messages = shared(made, odds, messages)
    assert np.bincount(made.right, probability).max() < 1.1


def test_how_many_partners_rows_have_is_learnt_from_what_is_plain() -> None:
    """Ten left rows of twenty have one partner each, or two. How likely is a further one?"""
    once = np.vstack([np.diag([1000.0] * 10), np.zeros((10, 10))])
    twice = np.hstack([once, once])
    doubtful = np.zeros((20, 1))
    doubtful[9, 0] = 3.0
    for table, least, most in ((once, 0.0, 0.2), (twice, 0.6, 0.8)):
        made, odds, _ = rivals(np.hstack([table, doubtful]).tolist(), "many to one")
        last = shared(made, odds)[0][(made.left == 9) & (odds == 3.0)]
        assert least <= last[0] <= most


def test_fields_compared_one_by_one_learn_it_too() -> None:
    """Each of ten left rows has one right row plainly; the last has a fainter one besides."""
    left = np.array([*range(10), 9], np.int32)
    right = np.arange(11, dtype=np.int32)
    bits = np.array([20.0] * 10 + [1.0])
    chance = calibrate.Rivals(left, right, 20, 11, "many to one").probabilities(bits)
    assert (chance[:10] > 0.99).all()
    assert chance[10] < 0.2


def near_of(left, right, resemblance, rows: int) -> Near:
    return Near(
        np.array(left, np.int32), np.array(right, np.int32), np.array(resemblance, np.float32),
        3.5, rows * rows, Chance(2048, 300, 300),
    )  # fmt: skip


def test_the_few_who_are_left_are_given_to_one_another() -> None:
    """All but one row has its partner, and the last two rows resemble each other faintly."""
    rows = 400
    place = list(range(rows))
    strength = np.linspace(4.2, 40, rows - 1).tolist()
    judged = judge(near_of(place, place, [*strength, 4.1], rows), rows, rows)
    assert judged.probability[-1] > 0.5
    few = judge(near_of(place[:10], place[:10], [*strength[-9:], 4.1], rows), rows, rows)
    assert few.probability[-1] < 0.4


@pytest.fixture(scope="module")
def pair() -> Pair:
    return two_files(2000)


def filters(table, strength: str = "high"):
    return record_filters(table, FIELDS, KEY, STRENGTHS[strength])


def test_records_met_several_times_in_both_files_are_all_found(pair: Pair) -> None:
    left, right = filters(pair.left), filters(pair.right)
    true = {(int(at), j) for j, at in enumerate(pair.truth) if at >= 0}
    links = link_records(np.vstack([left, left]), np.vstack([right, right]), pairs="many to many")
    likely = links.probability >= 0.5
    found = {
        (int(i) % len(left), int(j) % len(right))
        for i, j in zip(links.left[likely], links.right[likely], strict=True)
    }
    assert len(found & true) / len(true) > 0.9
    assert len(found & true) / len(found) > 0.95
    assert likely.sum() > 3.5 * len(found & true)


def test_where_nearly_all_have_a_partner_the_faint_ones_are_found_too() -> None:
    """The same pairs of filters, faint and plain, with and without rows that have no partner."""
    draw = np.random.default_rng(8)
    left = draw.random((1200, 2048)) < 0.3
    kept = draw.random((1000, 2048)) < draw.uniform(0.05, 0.4, (1000, 1))
    right = np.where(kept, left[:1000], draw.random((1000, 2048)) < 0.3)
    strangers = draw.random((200, 2048)) < 0.3
    one, two = packed(left), packed(np.vstack([right, strangers]))
    found = []
    for rows in (1200, 1000):
        links = link_records(one[:rows], two[:rows])
        likely = links.probability >= 0.5
        found.append((links.left[likely] == links.right[likely]).sum())
        assert found[-1] / likely.sum() > 0.95
    assert found[1] > found[0] + 20


def packed(bits: np.ndarray) -> np.ndarray:
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64)
