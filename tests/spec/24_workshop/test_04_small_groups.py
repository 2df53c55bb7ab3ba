"""Nothing is shown about fewer than five people, nor what they were can be worked out from it."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from listener import NONE, Listener, groups_of, heads, moved, told_by
from rooms_of_people import ANN, SECTORS, Held, plan_of

from equipoise.weigh.workshop.exercises import CANNOT_SAY
from equipoise.weigh.workshop.polls import Poll
from equipoise.weigh.workshop.results import results
from equipoise.weigh.workshop.shown import (
    LEAST,
    Seen,
    best_bands,
    counted,
    in_fives,
    partitions,
)
from equipoise.weigh.workshop.wall import wall

BEFORE, AFTER = "before.case-1", "after.case-1"


def poll_of(room: Held, question: str) -> Poll:
    (found,) = results(room.plan, room.state, room.words, room.plan.questions[question])
    assert isinstance(found, Poll)
    return found


def voted(*choices: int, plan: object = None) -> Held:
    room = Held(plan_of(people=max(8, len(choices)), tables=None))
    room.fill(len(choices), room.plan.tables)
    room.at(BEFORE)
    for number, choice in enumerate(choices):
        if choice != NONE:
            room.vote(number, BEFORE, choice)
    return room


def test_a_scale_is_shown_in_as_many_bands_as_hold_five() -> None:
    room = voted(*[1] * 2 + [2] * 4 + [3] * 6 + [4] * 8 + [5] * 2)
    room.show(ANN, BEFORE)
    poll = poll_of(room, BEFORE)
    assert poll.counts == (6, 6, 10)
    assert poll.labels == (
        "very uncomfortable or uncomfortable",
        "neither",
        "comfortable or very comfortable",
    )


def test_nought_is_fewer_than_five() -> None:
    assert best_bands([10, 0, 10]) in (((1, 2), (3, 3)), ((1, 1), (2, 3)))


def test_of_four_people_nothing_is_shown() -> None:
    room = voted(3, 3, 4, 4)
    room.show(ANN, BEFORE)
    assert poll_of(room, BEFORE).withheld


def test_nothing_is_shown_while_voting_goes_on() -> None:
    room = voted(*[4] * 12)
    told = wall(room.plan, room.state, room.words, room.time())
    assert told.results == () and told.progress[0].heard == "10 or more people"


def test_people_are_counted_in_fives() -> None:
    assert [in_fives(n) for n in (0, 4, 5, 9, 22, 800)] == [
        "fewer than 5",
        "fewer than 5",
        "5 or more",
        "5 or more",
        "20 or more",
        "800 or more",
    ]


def test_shown_again_after_an_undoing_late_votes_of_few_do_not_show() -> None:
    room = voted(*[1] * 6 + [5] * 6 + [NONE] * 3)
    room.show(ANN, BEFORE)
    first = poll_of(room, BEFORE)
    room.undo(ANN)
    for number in (12, 13, 14):
        room.vote(number, BEFORE, 3)
    room.show(ANN, BEFORE)
    again = poll_of(room, BEFORE)
    assert again.late and again.counts == first.counts


def test_shown_again_with_five_more_in_each_band_it_shows_them() -> None:
    room = voted(*[1] * 6 + [5] * 6 + [NONE] * 10)
    room.show(ANN, BEFORE)
    room.undo(ANN)
    for number in range(12, 22):
        room.vote(number, BEFORE, 1 if number < 17 else 5)
    room.show(ANN, BEFORE)
    assert poll_of(room, BEFORE).counts == (11, 11)


def test_a_sector_stands_by_itself_only_with_the_rest_as_many() -> None:
    room = Held(plan_of(people=24, tables=4))
    for number in range(24):
        room.seat(number, number % 4 + 1, "council" if number < 20 else "health")
    room.at(BEFORE)
    for number in range(24):
        room.vote(number, BEFORE, 1 + 4 * (number % 2))
    room.show(ANN, BEFORE)
    assert poll_of(room, BEFORE).sectors == {}


def test_two_sectors_are_shown_side_by_side_where_every_cell_holds_five() -> None:
    room = Held(plan_of(people=24, tables=4))
    for number in range(24):
        room.seat(number, number % 4 + 1, "council" if number % 2 else "health")
    room.at(BEFORE)
    for number in range(24):
        room.vote(number, BEFORE, 1 if number < 12 else 5)
    room.show(ANN, BEFORE)
    assert poll_of(room, BEFORE).sectors == {"council": (6, 6), "health": (6, 6)}


def test_who_moved_is_told_person_by_person_and_direction() -> None:
    room = voted(*[4] * 22)
    room.show(ANN, BEFORE)
    room.at(AFTER)
    for number in range(22):
        room.vote(number, AFTER, 2 if number < 10 else 4 if number < 16 else 5)
    room.show(ANN, AFTER)
    found = poll_of(room, AFTER).moved
    assert found is not None and found.counts == (10, 6, 6)


def test_agreement_on_a_scale_is_worked_out_from_the_bands_alone() -> None:
    few = voted(*[1] * 2 + [2] * 4 + [3] * 6 + [4] * 8 + [5] * 2)
    other = voted(*[1] * 4 + [2] * 2 + [3] * 6 + [4] * 3 + [5] * 7)
    for room in (few, other):
        room.show(ANN, BEFORE)
    assert poll_of(few, BEFORE).agreement == poll_of(other, BEFORE).agreement is not None


# -- attacks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [2, 3, 5, 6])
def test_no_band_that_is_shown_holds_fewer_than_five(points: int) -> None:
    draw = np.random.default_rng(points)
    for _ in range(400):
        counts = draw.integers(0, 12, points).tolist()
        bands = best_bands(counts)
        assert all(held >= LEAST for held in counted(counts, bands))
        if sum(counts) >= LEAST:
            assert bands
        finest = max(
            (len(p) for p in partitions(points) if min(counted(counts, p)) >= LEAST), default=0
        )
        assert len(bands) == finest


@pytest.mark.parametrize("seed", range(60))
def test_walls_one_after_another_tell_of_no_small_group(seed: int) -> None:
    """Every difference of two pictures of one question is nobody, or five people and more."""
    draw = np.random.default_rng(seed)
    counts, seen = np.zeros(5, dtype=int), []
    for _ in range(12):
        counts = np.maximum(counts + draw.integers(-1, 9, 5) * draw.integers(0, 2, 5), 0)
        bands = best_bands(counts.tolist(), seen)
        if bands:
            seen.append(Seen(bands, counted(counts.tolist(), bands)))
    edges = lambda each: {last for _, last in each.bands}  # noqa: E731
    for one, other in product(seen, repeat=2):
        cuts = sorted({0} | (edges(one) & edges(other)))
        for low, high in pairwise(cuts):
            sums = [
                sum(n for n, (a, b) in zip(s.counts, s.bands, strict=True) if a > low and b <= high)
                for s in (one, other)
            ]
            assert sums[0] == sums[1] or abs(sums[0] - sums[1]) >= LEAST


def day(seed: int, everybody: bool) -> tuple[Held, list[tuple[str, int, int]]]:
    """A room of few people, two rounds, and what each of them truly answered."""
    draw = np.random.default_rng(seed)
    people = int(draw.integers(10, 48))
    while people < 8 or people == 7:
        people += 1
    room = Held(plan_of(people=people, tables=None))
    lean = draw.dirichlet([2, 2, 1])
    truth = []
    for number in range(people):
        sector = SECTORS[int(draw.choice(3, p=lean))]
        first = int(np.clip(round(draw.normal(3.4, 1.2)), 1, 5))
        second = int(np.clip(first + draw.choice([-2, -1, -1, 0, 0, 1]), 1, 5))
        if not everybody:
            first = int(draw.choice([first, NONE, CANNOT_SAY], p=[0.85, 0.1, 0.05]))
            second = int(draw.choice([second, NONE, CANNOT_SAY], p=[0.85, 0.1, 0.05]))
        room.seat(number, number % room.plan.tables + 1, sector)
        truth.append((sector, first, second))
    for question, place in ((BEFORE, 1), (AFTER, 2)):
        room.at(question)
        for number, kind in enumerate(truth):
            if kind[place] != NONE:
                room.vote(number, question, kind[place])
        if room.state.votes.get(question):
            room.show(ANN, question)
    return room, truth


@pytest.mark.parametrize("everybody", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_sectors_and_rounds_together_tell_of_no_small_group(seed: int, everybody: bool) -> None:
    assert attack(seed, everybody) == {}


@pytest.mark.slow
@pytest.mark.parametrize("everybody", [False, True])
@pytest.mark.parametrize("seed", range(3, 40))
def test_sectors_and_rounds_of_many_rooms(seed: int, everybody: bool) -> None:
    assert attack(seed, everybody) == {}


def attack(seed: int, everybody: bool) -> dict[str, int]:
    """Work out all that follows, even by one who knows that everybody answered both rounds."""
    room, truth = day(seed, everybody)
    sectors = sorted({sector for sector, _, _ in truth})
    listener = Listener(
        sectors, 5, (lambda k: k[1] > 0 and k[2] > 0) if everybody else (lambda k: True)
    )
    ever = room.state.trace.ever
    listener.hear(heads([sector for sector, _, _ in truth]))
    for question, place in ((BEFORE, 1), (AFTER, 2)):
        for figures in ever.get(question, ()):
            listener.hear(told_by(figures, lambda k, p=place: k[p]))
            if "moved" in figures:
                listener.hear(told_by(figures["moved"], moved))
    found_out = {}
    for name, which in groups_of(sectors, 5, silence=not everybody):
        true = sum(which(kind) for kind in truth)
        # That nobody kept silent may follow from head counts; it is nobody's answer.
        if true < LEAST and (true or not name.startswith("silent")) and listener.knows(which, true):
            found_out[name] = true
    return found_out


def test_the_listener_would_find_out_what_a_careless_wall_shows() -> None:
    """Counts by sector with the total, one sector of two people left out: they follow."""
    truth = [("council", 1, NONE)] * 6 + [("council", 5, NONE)] * 6 + [("health", 5, NONE)] * 2
    listener = Listener(("council", "health"), 5, lambda k: k[2] == NONE)
    careless = {
        "bands": [[1, 1], [5, 5]],
        "counts": [6, 8],
        "by sector": {"council": [6, 6]},
        "sector bands": [[1, 1], [5, 5]],
    }
    listener.hear(told_by(careless, lambda k: k[1]))
    twos = sum(kind == ("health", 5, NONE) for kind in truth)
    assert listener.knows(lambda k: k[0] == "health" and k[1] == 5, twos)
