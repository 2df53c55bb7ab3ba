"""A crowd of records alike costs nobody else a link, fills no machine, and is told of."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from record_people import FIELDS, KEY, Pair, two_files

from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.record_tokens import record_tokens
from equipoise.carry.link import link_tables, record_crowds, record_search
from equipoise.carry.link.record import link_records
from equipoise.carry.link.record_crowds import Nearest
from equipoise.carry.link.record_pairs import Piles
from equipoise.carry.link.record_search import search
from equipoise.carry.link.same_filters import cluster_files, link_files

STANDARD = STRENGTHS["standard"]
ALIKE = {"forename": "JOHN", "surname": "SMITH", "birth_date": "1970-01-01"}
WHOLE = {**ALIKE, "postcode": "LS1 1AA", "address": "1 HIGH ROAD"}


def crowded(table: pa.Table, rows: np.ndarray, alike: dict[str, str]) -> pa.Table:
    """Give some rows the same values."""
    for name, value in alike.items():
        values = np.array(table[name].to_pylist(), object)
        values[rows] = value
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(values.tolist(), pa.string()))
    return table


def with_a_crowd(count: int, share: float, alike: dict[str, str]) -> tuple[Pair, np.ndarray]:
    """Return two files, and which left rows are of the crowd: these and whoever they are on the
    right have the same values."""
    pair = two_files(count)
    crowd = (
        np.arange(count) >= (1 - share) * count
    )  # the last rows of the left are on the right too
    right = (pair.truth >= 0) & crowd[pair.truth]
    return (
        Pair(
            crowded(pair.left, np.flatnonzero(crowd), alike),
            crowded(pair.right, np.flatnonzero(right), alike),
            pair.truth,
            pair.home,
        ),
        crowd,
    )


def filters(table: pa.Table) -> np.ndarray:
    # Without defaults: what a crowd does, whose owner did not take its values for missing.
    return record_filters(table, FIELDS, KEY, STANDARD, defaults={})


def tokens(table: pa.Table) -> np.ndarray:
    return record_tokens(table, FIELDS, KEY, common={})


def found_outside(pair: Pair, crowd: np.ndarray, links) -> float:
    """Return the share of matches outside the crowd that are links; none of them may be wrong."""
    at = links.probability >= 0.5
    left, right = links.left[at], links.right[at]
    of_crowd = (pair.truth >= 0) & crowd[pair.truth]
    outside = ~crowd[left] & ~of_crowd[right]
    good = pair.truth[right] == left
    assert good[outside].mean() > 0.98
    return (good & outside).sum() / ((pair.truth >= 0) & ~of_crowd).sum()


@pytest.fixture(scope="module")
def calm() -> tuple[Pair, float]:
    pair, _ = with_a_crowd(4000, 0, {})
    links = link_records(filters(pair.left), filters(pair.right))
    return pair, found_outside(pair, np.zeros(4000, bool), links)


@pytest.mark.parametrize("pairs", ["one to one", "many to many"])
def test_who_is_not_of_a_crowd_is_found_as_if_there_were_none(calm, pairs) -> None:
    pair, crowd = with_a_crowd(4000, 0.3, ALIKE)
    links = link_records(filters(pair.left), filters(pair.right), pairs=pairs)
    assert found_outside(pair, crowd, links) > calm[1] - 0.01
    assert links.report.crowd == pytest.approx(2400, rel=0.05)
    assert "About 2,400 records resemble hundreds of others" in links.report.doubt


def test_also_in_files_too_large_to_compare_whole(monkeypatch, calm) -> None:
    monkeypatch.setattr(record_search, "COMPARED_WHOLE", 4_000_000)
    monkeypatch.setattr(record_search, "_LARGEST", 100_000)
    pair, crowd = with_a_crowd(4000, 0.3, ALIKE)
    links = link_records(
        filters(pair.left),
        filters(pair.right),
        tokens_left=tokens(pair.left),
        tokens_right=tokens(pair.right),
    )
    assert found_outside(pair, crowd, links) > calm[1] - 0.02
    assert "records resemble hundreds of others" in links.report.doubt


def test_also_where_its_owner_left_out_the_tokens_that_a_crowd_shares(monkeypatch) -> None:
    """Then rows of the crowd meet by samples of bits alone, each a part of it."""
    monkeypatch.setattr(record_search, "COMPARED_WHOLE", 4_000_000)
    pair, crowd = with_a_crowd(12_000, 0.05, ALIKE)
    files = filters(pair.left), filters(pair.right)
    made = [record_tokens(table, FIELDS, KEY) for table in (pair.left, pair.right)]
    assert (made[0][crowd] == 0).any(axis=0).sum() > 1
    assert (made[0][~crowd] != 0).any(axis=0).all()
    links = link_records(*files, tokens_left=made[0], tokens_right=made[1])
    alone = [tokens(table) for table in (pair.left, pair.right)]
    kept = link_records(*files, tokens_left=alone[0], tokens_right=alone[1])
    assert found_outside(pair, crowd, links) > found_outside(pair, crowd, kept) - 0.005


def test_files_without_a_crowd_are_told_of_none(calm) -> None:
    pair, _ = calm
    report = link_records(filters(pair.left), filters(pair.right)).report
    assert report.crowd == 0
    assert not report.doubt


def test_near_pairs_are_bounded_even_if_all_are_equally_near(monkeypatch) -> None:
    """Equal filters reach any cutoff, however high it is raised."""
    monkeypatch.setattr(record_search, "_PORTION", 100_000)
    pair, _ = with_a_crowd(1500, 1.0, WHOLE)
    left = filters(pair.left)
    found = search(left, left, None, np.random.default_rng(1))
    assert found.crowds == (1500, 1500)
    assert found.thinned
    assert sum(len(part.near.left) for part in found.parts) <= 20 * 1500 + 1


def test_a_row_that_many_others_are_is_no_crowd(monkeypatch) -> None:
    """One person with hundreds of records in the other file has all of them."""
    monkeypatch.setattr(record_search, "CROWD", 50)
    pair, _ = with_a_crowd(600, 0, {})
    left, right = filters(pair.left), filters(pair.right)
    right[300:] = left[0]
    found = search(left, right, None, np.random.default_rng(1))
    (part, rest) = found.parts if len(found.parts) > 1 else (found.parts[0], None)
    met = {
        (part.left[i], part.right[j]) for i, j in zip(part.near.left, part.near.right, strict=True)
    }
    assert {(0, j) for j in range(300, 600)} <= met
    assert rest is None or not len(rest.near.left)


def test_the_same_files_give_the_same_pairs_however_work_falls_out(monkeypatch) -> None:
    monkeypatch.setattr(record_crowds, "MOST_NEAR", 2.0)
    monkeypatch.setattr(record_search, "_PORTION", 500_000)
    pair, _ = with_a_crowd(2000, 0.5, ALIKE)
    left, right = filters(pair.left), filters(pair.right)
    one, two = (search(left, right, None, np.random.default_rng(1)) for _ in range(2))
    for a, b in zip(one.parts, two.parts, strict=True):
        assert (a.near.left == b.near.left).all()
        assert (a.near.right == b.near.right).all()
        assert a.near.cutoff == b.near.cutoff


def test_where_everybody_is_of_no_crowd_too_many_pairs_raise_the_cutoff(monkeypatch) -> None:
    monkeypatch.setattr(record_crowds, "MOST_NEAR", 1.0)
    pair, _ = with_a_crowd(1000, 0, {})
    piles = Piles(filters(pair.left), filters(pair.right))
    nearest = Nearest(piles, 2.0)
    piles.all_into(nearest.take, 2.0, 0, 1000)
    (part,) = nearest.parts(np.arange(1000, dtype=np.int32), np.arange(1000, dtype=np.int32))
    assert len(part.near.left) <= 1001
    assert part.near.cutoff > 2.0
    assert part.near.resemblance.min() >= part.near.cutoff


def test_in_clusters_equal_filters_of_a_crowd_stay_alone_and_others_are_gathered() -> None:
    pair, crowd = with_a_crowd(1500, 0.4, WHOLE)
    files = {"left": filters(pair.left), "right": filters(pair.right)}
    made = cluster_files(files)
    of_crowd = (pair.truth >= 0) & crowd[pair.truth]
    matches = (pair.truth >= 0) & ~of_crowd
    same = made["left"][pair.truth[matches]] == made["right"][matches]
    assert same.mean() > 0.9
    alone = made["left"][crowd]
    assert len(np.unique(alone)) == len(alone)
    numbers = np.concatenate([made["left"], made["right"]])
    _, first = np.unique(numbers, return_index=True)
    assert (np.diff(first) > 0).all(), "entities are numbered by their first row"
    assert (np.unique(numbers) == np.arange(numbers.max() + 1)).all()


def test_of_equal_filters_it_is_told_how_many_are_linked_to_nobody() -> None:
    pair, _ = with_a_crowd(1500, 0.4, WHOLE)
    links = link_files(filters(pair.left), filters(pair.right))
    assert "About 1,200 records have a filter that others of their file have too" in (
        links.report.doubt
    )


@pytest.mark.slow
@pytest.mark.parametrize("one_to_one", [True, False])
def test_two_hundred_thousand_alike_among_three_hundred_thousand(one_to_one: bool) -> None:
    rows, alike = 300_000, 200_000
    draw = np.random.default_rng(4)
    signs = np.array([a + b for a in "BDFGHKLMNPRSTVW" for b in "AEIOU"])

    def names(count: int) -> np.ndarray:
        made = signs[draw.integers(0, len(signs), (3, count))]
        return np.char.add(np.char.add(made[0], made[1]), made[2])

    columns = {
        "forename": names(800)[draw.integers(0, 800, rows)],
        "surname": names(5000)[draw.integers(0, 5000, rows)],
        "birth_date": (np.datetime64("1930-01-01") + draw.integers(0, 33_000, rows)).astype(str),
    }
    for name, values in columns.items():
        values[:alike] = ALIKE[name]
    left = pa.table({"record_id": np.arange(rows), **columns})
    order = draw.permutation(rows)
    kinds = {name: FIELDS[name] for name in columns}
    found = link_tables(
        left, left.take(order), kinds, mode="encoded", key=bytes(32), one_to_one=one_to_one
    )
    left_id, right_id = found["left_id"].to_numpy(), found["right_id"].to_numpy()
    assert (left_id >= alike).all()
    assert (left_id == right_id).mean() > 0.999
    assert found.num_rows > 0.99 * (rows - alike)


def test_no_pair_is_handed_on_below_the_cutoff_of_its_part() -> None:
    """Not even where others raise the cutoff above what pairs among crowds reach."""
    draw = np.random.default_rng(3)
    filters = draw.integers(0, 2**63, (60, 4), dtype=np.uint64)
    nearest = Nearest(Piles(filters, filters), 0.5, crowd=3)
    nearest._most = 10
    crowd = np.divmod(np.arange(25), 5)
    for left, right, resemblance in (
        (*crowd, np.full(25, 0.55)),
        (np.arange(10, 40), np.arange(10, 40), np.linspace(0.6, 0.9, 30)),
    ):
        pairs = left.astype(np.int32), right.astype(np.int32), resemblance.astype(np.float32)
        nearest.take(pairs)
    every = np.arange(60, dtype=np.int32)
    parts = nearest.parts(every, every, whole=True)
    assert sum(len(part.near.left) for part in parts) == 10
    for part in parts:
        assert (part.near.resemblance >= np.float32(part.near.cutoff)).all()
