"""Linking from filters alone, without truth: who is whom, how surely, and when to doubt it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from record_people import FIELDS, KEY, OTHER_KEY, Pair, people, table, two_files

from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.record_plan import USES
from equipoise.carry.encode.record_tokens import record_tokens, token_rules
from equipoise.carry.link import record_crowds, record_pairs, record_search
from equipoise.carry.link.record import link_records
from equipoise.carry.link.record_pairs import Piles
from equipoise.carry.link.record_search import chance_cutoff, search
from equipoise.errors import DataRefused


def filters(rows, strength="standard", key=KEY):
    made = rows if hasattr(rows, "num_rows") else table(rows)
    return record_filters(made, FIELDS, key, STRENGTHS[strength])


def judged(pair: Pair, links) -> tuple[float, float]:
    """Return precision and recall of the links that are at least as probable as not."""
    likely = links.probability >= 0.5
    right = pair.truth[links.right[likely]] == links.left[likely]
    return right.mean(), right.sum() / (pair.truth >= 0).sum()


@pytest.fixture(scope="module")
def pair() -> Pair:
    return two_files(2000)


@pytest.mark.parametrize(
    ("strength", "least"), [("light", 0.97), ("standard", 0.97), ("high", 0.93), ("highest", 0.90)]
)
def test_planted_matches_are_found_at_every_strength(
    pair: Pair, strength: str, least: float
) -> None:
    links = link_records(filters(pair.left, strength), filters(pair.right, strength))
    precision, recall = judged(pair, links)
    assert precision > 0.98
    assert recall > least
    assert not links.report.doubt


def test_probabilities_are_what_they_say(pair: Pair) -> None:
    links = link_records(filters(pair.left), filters(pair.right))
    right = pair.truth[links.right] == links.left
    assert links.probability.sum() == pytest.approx(right.sum(), rel=0.03)
    assert links.report.precision == pytest.approx(judged(pair, links)[0], abs=0.015)
    unsure = (links.probability > 0.1) & (links.probability < 0.9)
    assert unsure.sum() < 0.1 * len(unsure)


def test_no_row_is_linked_twice(pair: Pair) -> None:
    links = link_records(filters(pair.left), filters(pair.right))
    assert len(set(links.left)) == len(links.left)
    assert len(set(links.right)) == len(links.right)


def test_many_records_of_one_person_may_go_to_one_row(pair: Pair) -> None:
    left, right = filters(pair.left), filters(pair.right)
    links = link_records(left, np.vstack([right, right]), pairs="many to one")
    assert len(set(links.right)) == len(links.right)
    truth = np.concatenate([pair.truth, pair.truth])
    likely = links.probability >= 0.5
    right_ones = truth[links.right[likely]] == links.left[likely]
    assert right_ones.mean() > 0.98
    assert right_ones.sum() > 0.96 * (truth >= 0).sum()


def test_brothers_go_to_the_brother_that_each_resembles_most() -> None:
    rows, _ = people(600)
    twins = [("ADAM", "HARGREAVES", "1990-05-01", "LS6 1AA", "3 ELM ROAD"),
             ("PETER", "HARGREAVES", "1990-05-01", "LS6 1AA", "3 ELM ROAD")]  # fmt: skip
    again = [("PETR", *twins[1][1:]), ("ADAM", *twins[0][1:])]
    links = link_records(filters(rows + twins), filters(rows[:400] + again))
    got = dict(zip(links.right.tolist(), links.left.tolist(), strict=True))
    assert (got[400], got[401]) == (601, 600)


def test_files_without_a_common_person_are_doubted() -> None:
    rows, home = people(1200)
    half = int(np.flatnonzero(np.diff(home))[250]) + 1
    links = link_records(filters(rows[:half]), filters(rows[half:]))
    assert links.report.links <= 0.01 * half
    assert "nobody in common" in links.report.doubt


def test_files_under_two_keys_are_doubted(pair: Pair) -> None:
    links = link_records(filters(pair.left), filters(pair.right, key=OTHER_KEY))
    assert links.report.links == 0
    assert "same key" in links.report.doubt


def test_the_few_whom_two_files_have_in_common_are_found_and_doubted(pair: Pair) -> None:
    strangers = table(people(2000, seed=99)[0])
    few = np.flatnonzero(pair.truth[:8] >= 0)
    made = filters(pair.right)
    right = np.vstack([filters(strangers), made[few]])
    links = link_records(filters(pair.left), right)
    found = set(zip(links.left.tolist(), links.right.tolist(), strict=True))
    planted = {(int(pair.truth[row]), 2000 + place) for place, row in enumerate(few)}
    assert len(found & planted) >= len(planted) - 2
    assert len(found - planted) <= 1
    assert "nobody in common" in links.report.doubt


def test_filters_of_two_lengths_are_refused(pair: Pair) -> None:
    with pytest.raises(DataRefused) as refused:
        link_records(filters(pair.left), filters(pair.right, "highest"))
    assert refused.value.problems[0].code == "LNK201"


@pytest.mark.parametrize(("lefts", "rights"), [(0, 0), (0, 5), (5, 0)])
def test_an_empty_file_links_nobody(lefts: int, rights: int) -> None:
    rows, _ = people(5)
    links = link_records(filters(rows[:lefts]), filters(rows[:rights]))
    assert len(links.left) == 0


def test_one_row_meets_itself_and_not_another() -> None:
    rows, _ = people(50)
    assert link_records(filters(rows[:1]), filters(rows[:1])).probability[0] > 0.9
    other = link_records(filters(rows[:1]), filters(rows[-2:-1]))
    assert (other.probability < 0.5).all()


def test_a_file_of_one_name_and_one_place_links_nobody_surely() -> None:
    """A thousand equal rows: each could be any, and the answer says so."""
    rows = [("JOHN", "SMITH", "1970-01-01", "LS1 1AA", "1 HIGH STREET")] * 300
    links = link_records(filters(rows), filters(rows))
    assert links.report.precision > 0.99 or (links.probability < 0.5).all()


def test_rows_with_nothing_in_them_are_linked_to_nobody(pair: Pair) -> None:
    empty = table([(None,) * 5] * 40)
    left = np.vstack([filters(pair.left), filters(empty)])
    right = np.vstack([filters(pair.right), filters(empty)])
    links = link_records(left, right)
    assert links.left.max() < 2000
    assert links.right.max() < 2000


@pytest.mark.parametrize("whole", [0, 300_000])
def test_a_large_file_met_by_tokens_gives_nearly_the_same_links(pair: Pair, whole: int) -> None:
    left, right = filters(pair.left), filters(pair.right)
    tokens = (record_tokens(pair.left, FIELDS, KEY), record_tokens(pair.right, FIELDS, KEY))
    found = search(left, right, tokens, np.random.default_rng(1), whole=whole)
    assert sum(part.near.compared for part in found.parts) < 0.3 * len(left) * len(right)
    met = {
        (part.left[i], part.right[j])
        for part in found.parts
        for i, j in zip(part.near.left, part.near.right, strict=True)
    }
    matches = [(left, right) for right, left in enumerate(pair.truth) if left >= 0]
    assert np.mean([match in met for match in matches]) > 0.96


def test_samples_of_bits_find_who_is_nearly_the_same(pair: Pair) -> None:
    same = filters(pair.left)
    found = search(same, same, None, np.random.default_rng(1), whole=0)
    near = found.parts[0].near
    assert (near.left == near.right).sum() == len(same)
    assert near.compared < 0.3 * len(same) ** 2


def test_large_files_without_tokens_are_doubted(monkeypatch, pair: Pair) -> None:
    left, right = filters(pair.left), filters(pair.right)
    monkeypatch.setattr(record_search, "COMPARED_WITHOUT", 1000)
    assert "no tokens" in link_records(left, right).report.doubt
    tokens = {"tokens_left": record_tokens(pair.left, FIELDS, KEY),
              "tokens_right": record_tokens(pair.right, FIELDS, KEY)}  # fmt: skip
    monkeypatch.setattr(record_search, "COMPARED_WHOLE", 1000)
    links = link_records(left, right, **tokens)
    assert not links.report.doubt
    precision, recall = judged(pair, links)
    assert precision > 0.98
    assert recall > 0.95


def test_a_block_that_holds_everybody_is_left_out_and_told_of(monkeypatch, pair: Pair) -> None:
    monkeypatch.setattr(record_search, "_LARGEST", 1000)
    left, right = filters(pair.left), filters(pair.right)
    ones = np.ones((len(left), 1), np.uint64), np.ones((len(right), 1), np.uint64)
    found = search(left, right, ones, np.random.default_rng(1), whole=0)
    assert found.left_out >= len(left) * len(right)


def test_a_crowd_that_resembles_everybody_keeps_only_its_nearest(monkeypatch, pair: Pair) -> None:
    """Where all bear one name, all that meet are near: it is bounded how many of them are kept."""
    left = pair.left
    for name_of, name in (("forename", "JOHN"), ("surname", "SMITH")):
        place = left.column_names.index(name_of)
        field = left.schema.field(place)
        left = left.set_column(place, field, pa.array([name] * len(left), field.type))
    made = filters(left)
    everybody = np.ones((len(left), 1), np.uint64)
    monkeypatch.setattr(record_crowds, "MOST_NEAR", 4.0)
    monkeypatch.setattr(record_search, "_PORTION", 50_000)
    found = search(made, made, (everybody, everybody), np.random.default_rng(1), whole=0)
    near = found.parts[0].near
    assert len(near.left) <= 2 * 4 * len(left) + 2
    assert near.resemblance.min() >= near.cutoff
    assert (near.left == near.right).sum() == len(left), "the nearest of all are one person"


def test_tokens_carry_enough_to_be_nearly_unique_and_are_never_a_homes(pair: Pair) -> None:
    rules = token_rules(FIELDS)
    assert 4 <= len(rules) <= 12
    for rule in rules:
        assert sum(USES[FIELDS[name]].salts[part] for name, part in rule) >= 22
        assert {name for name, _ in rule} & {"forename", "birth_date"}
    tokens = record_tokens(pair.left, FIELDS, KEY)
    assert tokens.shape == (2000, len(rules))
    for column in tokens.T:
        assert len(np.unique(column)) > 0.97 * len(column)


def test_chance_lets_about_two_pairs_a_row_through(pair: Pair) -> None:
    left, other = filters(pair.left), filters(pair.right, key=OTHER_KEY)
    piles = Piles(left, other)
    near = piles.all_pairs(chance_cutoff(piles))
    assert len(near.left) == pytest.approx(2 * len(left), rel=0.1)


def test_without_the_compiled_part_the_same_pairs_are_near(monkeypatch, pair: Pair) -> None:
    if record_pairs.library() is None:
        pytest.skip("there is no compiled part on this machine")
    left, right = filters(pair.left)[:700], filters(pair.right)[:900]
    ranges = np.array([[0, 30, 5, 90], [40, 41, 0, 900]])
    order = np.arange(700, dtype=np.int32), np.arange(900, dtype=np.int32)
    compiled = [Piles(left, right).all_pairs(3), Piles(left, right).meeting(*order, ranges, 1.5)]
    keys = record_search._keys(left, np.arange(40, dtype=np.int32))
    monkeypatch.setattr(record_pairs, "library", lambda: None)
    monkeypatch.setattr(record_search, "library", lambda: None)
    plain = [Piles(left, right).all_pairs(3), Piles(left, right).meeting(*order, ranges, 1.5)]
    for one, two in zip(compiled, plain, strict=True):
        assert (one.left == two.left).all()
        assert (one.right == two.right).all()
        assert (one.resemblance == two.resemblance).all()
        assert one.compared == two.compared
    assert (record_search._keys(left, np.arange(40, dtype=np.int32)) == keys).all()


def test_progress_is_told_and_ends_at_one(pair: Pair) -> None:
    told = []
    link_records(
        filters(pair.left), filters(pair.right), progress=lambda share, _: told.append(share)
    )
    assert told[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("whole", [0, 10**9])
def test_a_file_held_against_itself_finds_its_repeats_and_nobody_himself(pair, whole) -> None:
    made = np.vstack([filters(pair.left), filters(pair.right)])
    tokens = np.vstack([record_tokens(part, FIELDS, KEY) for part in (pair.left, pair.right)])
    random = np.random.default_rng(1)
    found = search(made, made, (tokens, tokens), random, whole=whole, within=True)
    met = {
        (part.left[i], part.right[j])
        for part in found.parts
        for i, j in zip(part.near.left, part.near.right, strict=True)
    }
    assert all(i != j for i, j in met)
    matches = [(left, 2000 + right) for right, left in enumerate(pair.truth) if left >= 0]
    assert np.mean([match in met and match[::-1] in met for match in matches]) > 0.96
