"""Who moves house changes several fields at once, and is still one person."""

from __future__ import annotations

import random
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pytest
from people import FIELDS, precision_and_recall, two_files

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import link_tables
from equipoise.carry.link.estimate import Kin, Model
from equipoise.carry.link.explain import explain
from equipoise.carry.link.judged import judged
from equipoise.carry.link.kernel import levels_in
from equipoise.carry.link.kin import kin_bits, moved_bits, parted
from equipoise.carry.link.probabilistic import link_encoded
from equipoise.carry.link.quality import quality_of
from equipoise.carry.link.review import relearn

MOVED, WRONG = 0.12, 0.04
HOME = {"postcode": "postcode", "uprn": "uprn", "phone": "phone"}
FIELDS_OF_HOME = {**FIELDS, **HOME}
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def movers():
    """Two files in which a postcode, a UPRN and a telephone go with the home, and some moved.

    Besides, a letter is dropped from names here and there in the second file.
    """
    files = two_files(1000, seed=5, wrong=0.0)
    draw = random.Random(8)
    homes: dict[str, tuple[str, str]] = {}
    left, right = _at_home(files.left, homes, draw), _at_home(files.right, homes, draw)
    rows = right.to_pylist()
    moved = [draw.random() < MOVED for _ in rows]
    for number, row in enumerate(right.to_pylist()):
        if moved[number]:
            away = rows[number - 7]
            rows[number] = row | {name: away[name] for name in HOME}
    for row in rows:
        for name in ("forename", "surname"):
            if draw.random() < WRONG:
                at = draw.randrange(len(row[name]))
                row[name] = row[name][:at] + row[name][at + 1 :]
    who = {f"R{number}" for number, gone in enumerate(moved) if gone}
    return (
        left,
        pa.Table.from_pylist(rows),
        files.truth,
        frozenset(pair for pair in files.truth if pair[1] in who),
    )


def _at_home(table, homes, draw):
    both = zip(table["postcode"].to_pylist(), table["surname"].to_pylist(), strict=True)
    made = [
        homes.setdefault(
            f"{postcode} {surname}",
            (str(draw.randrange(10**10, 10**11)), f"07700 {draw.randrange(10**6):06}"),
        )
        for postcode, surname in both
    ]
    numbers, phones = zip(*made, strict=True)
    return table.append_column("uprn", pa.array(numbers)).append_column("phone", pa.array(phones))


def test_people_who_moved_are_found_and_nobody_else_is(movers):
    left, right, truth, moved = movers
    assert len(moved) > 80
    links = link_tables(left, right, FIELDS_OF_HOME, mode="identified", key=KEY)
    precision, recall = precision_and_recall(links, truth)
    found = set(zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True))
    assert precision > 0.985
    assert recall > 0.97
    assert len(found & moved) / len(moved) > 0.95


def test_more_fields_of_a_home_do_not_make_linking_worse(movers):
    left, right, truth, _ = movers
    found = {}
    for lacking in ((), ("uprn", "phone")):
        fields = {name: kind for name, kind in FIELDS_OF_HOME.items() if name not in lacking}
        links = link_tables(left, right, fields, mode="identified", key=KEY)
        precision, recall = precision_and_recall(links, truth)
        found[lacking] = 2 * precision * recall / (precision + recall)
    assert found[()] > found["uprn", "phone"] - 0.002


def test_movers_are_learned_as_matches_and_told_so(movers):
    left, right, _, moved = movers
    key = ThrowAwayKey(KEY)
    sides = [encode_fields(table, FIELDS_OF_HOME, key) for table in (left, right)]
    links = link_encoded(*sides)
    model = links.learned.model
    number = left.num_rows * right.num_rows
    assert sum(each.share for each in model.moved) * number == pytest.approx(len(moved), rel=0.35)
    found = judged(links, left.num_rows, right.num_rows)
    told = {"moved": 0.0}
    rights = right["record_id"].to_pylist()
    for pair in range(len(found.chance)):
        if found.linked[pair] and rights[found.scored.right[pair]] in {r for _, r in moved}:
            steps = explain(found, *sides, pair).steps
            told |= {step.kind: max(step.bits, told.get(step.kind, 0.0)) for step in steps}
    assert told["moved"] > 3.0


# -- which class is of one person ----------------------------------------------------------------

NAMES = ("forename", "surname", "birth_date", "postcode")
CHANCE = (0.003, 0.001, 0.00004, 0.001)


def _levels(*exact: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([0.0, 1 - share, share]) for share in exact)


MOVER = _levels(0.8, 0.8, 0.9, 0.01)


def _model() -> Model:
    return Model(NAMES, _levels(0.9, 0.9, 0.95, 0.97), _levels(*CHANCE), 1e-4)


PERSONAL = {"forename": "forename", "birth_date": "date"}


def _one(kin: Kin, personal=MappingProxyType(PERSONAL), number: float = 1e7) -> bool:
    kept, moved = parted(_model(), [kin], personal, number)
    assert len(kept) + len(moved) == 1
    return bool(moved)


def test_agreement_on_names_and_birth_date_alone_is_one_person_who_moved():
    assert _one(Kin(1e-5, _levels(0.8, 0.8, 0.9, 0.01)))


@pytest.mark.parametrize(
    "kin",
    [
        Kin(1e-5, _levels(0.01, 0.95, 0.01, 0.98)),  # a household
        Kin(1e-5, _levels(0.95, 0.95, 0.01, 0.98)),  # father and son of one name
        Kin(1e-5, _levels(0.02, 0.95, 0.97, 0.98)),  # twins
        Kin(1e-5, _levels(0.95, 0.95, 0.001, 0.01)),  # namesakes
        Kin(1e-7, _levels(0.8, 0.8, 0.9, 0.01)),  # one pair: nothing is made of it
    ],
)
def test_two_people_who_share_something_stay_two(kin):
    assert not _one(kin)


def test_where_no_field_tells_people_of_a_home_apart_nothing_is_taken_for_one_person():
    assert not _one(Kin(1e-5, _levels(0.8, 0.8, 0.9, 0.01)), personal={})


def test_strangers_who_could_agree_so_by_chance_are_no_movers():
    # Forename and surname alone, among so many pairs that chance makes them all.
    levels = _levels(0.9, 0.9, 0.2, 0.01)
    assert not _one(Kin(3e-6, levels), personal={"forename": "forename"})
    assert _one(Kin(3e-4, levels), personal={"forename": "forename"})


def test_kin_take_and_movers_add():
    levels = np.array([[2, 2, 2, 1], [1, 2, 1, 2], [2, 2, 2, 2]], np.int8)
    household = Kin(1e-5, _levels(0.01, 0.95, 0.01, 0.98))
    mover = Kin(1e-5, _levels(0.8, 0.8, 0.9, 0.01))
    model = Model(NAMES, _model().match, _model().chance, 1e-4, (household,), (mover,))
    assert moved_bits(model, levels)[0] > 1.0
    assert (moved_bits(model, levels) >= 0).all()
    assert kin_bits(model, levels)[1] < -3.0
    assert (kin_bits(model, levels) <= 0).all()
    assert model.matches == pytest.approx(1e-4 + 1e-5)


def test_a_review_teaches_how_fields_err_and_leaves_movers_a_class_of_their_own():
    model = Model(NAMES, _model().match, _model().chance, 1e-4, (), (Kin(1e-5, MOVER),))
    radices = (3, 3, 3, 3)
    levels = np.array([[2, 2, 2, 2], [2, 2, 2, 1], [1, 2, 2, 2]], np.int64)
    patterns = levels @ np.array([1, 3, 9, 27])
    assert (levels_in(patterns, radices) == levels).all()
    times = np.array([880, 100, 20])
    every = np.repeat(patterns, times)
    chance = np.full(len(every), 0.98)
    fresh = relearn(model, every, chance, {0: True, 1: True})
    # A tenth of the links differ in the postcode, nearly all of them movers.
    assert fresh.match[3][1] < 0.06
    assert fresh.match[0][1] == pytest.approx(0.02, abs=0.01)
    assert fresh.moved[0].levels is MOVER
    assert fresh.matches == pytest.approx(model.matches, rel=0.02)


def test_matches_too_unlike_to_be_seen_are_drawn_from_movers_too(movers):
    left, right, truth, _ = movers
    key = ThrowAwayKey(KEY)
    sides = [encode_fields(table, FIELDS_OF_HOME, key) for table in (left, right)]
    found = quality_of(judged(link_encoded(*sides), left.num_rows, right.num_rows), *sides)
    assert found.recall is not None
    assert found.recall.low <= 1.0
    assert found.recall.value > 0.98
    assert found.missed.too_unlike.value < 0.01 * len(truth)
