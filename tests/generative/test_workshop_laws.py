"""Laws of a workshop under whatever people do: folding, undoing, sending again, small groups."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "spec" / "24_workshop"))

from rooms_of_people import ANN, BEN, SECTORS, Held, plan_of

from equipoise.errors import EquipoiseError
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.polls import Poll
from equipoise.weigh.workshop.results import results
from equipoise.weigh.workshop.screening import LONGEST, cleaned, findings
from equipoise.weigh.workshop.shown import LEAST
from equipoise.weigh.workshop.state import Folding, state_of

PLAN = plan_of(people=8, tables=2, minutes=330)
VOTES = [question.id for question in PLAN.questions.values() if question.kind == "vote"]

number = st.integers(0, 14)
steps = st.one_of(
    st.tuples(st.just("seat"), number, st.sampled_from(SECTORS)),
    st.tuples(st.just("vote"), number, st.integers(0, 6)),
    st.tuples(st.just("move"), st.integers(0, len(PLAN.steps)), st.sampled_from([ANN, BEN])),
    st.tuples(st.just("to vote"), st.sampled_from(VOTES), st.just("")),
    st.tuples(st.just("show"), st.sampled_from(VOTES), st.just("")),
    st.tuples(st.just("undo"), st.one_of(st.none(), st.integers(1, 40)), st.just("")),
    st.tuples(st.just("leave"), number, st.just("")),
    st.tuples(st.just("write"), number, st.just("")),
    st.tuples(st.just("rank"), number, st.permutations("ABCEF")),
    st.tuples(st.just("close"), st.just(0), st.just("")),
    st.tuples(st.just("clock"), st.integers(-90, 90), st.just("")),
)


def do(room: Held, step: tuple[str, object, object]) -> None:
    """Try one thing; whatever it refuses changes nothing."""
    name, one, other = step
    before = len(room.events)
    try:
        if name == "vote":
            for question in room.plan.steps[room.state.step].questions:
                if room.plan.questions[question].kind == "vote":
                    room.vote(one, question, other)
        elif name == "move":
            room.move(other, one)
        elif name == "to vote":
            room.at(one)
        elif name == "show":
            room.show(ANN, one)
        elif name == "undo":
            room.undo(ANN, one)
        elif name == "leave":
            room.add(joining.leave(room.state, room.who(one)))
        elif name == "write":
            room.write(room.who(one))
        elif name == "rank":
            room.at("rank-benefit")
            room.rank(one, "rank-benefit", *other)
        elif name == "close":
            room.close(ANN)
        elif name == "clock":
            room.time.go(one)
        else:
            room.seat(one, sector=other)
    except EquipoiseError as error:
        assert error.problems
        if name not in ("vote", "rank"):
            assert len(room.events) == before


def held(done: list[tuple[str, object, object]]) -> Held:
    room = Held(PLAN)
    for number in range(8):
        room.seat(number, number % 2 + 1, SECTORS[number % 3])
    for step in done:
        do(room, step)
    return room


many = st.lists(steps, max_size=40)


@given(many)
@settings(max_examples=60, deadline=None)
def test_folding_at_once_and_piece_by_piece_agree(done: list[tuple[str, object, object]]) -> None:
    room = held(done)
    at_once = state_of(PLAN, room.events)
    piecewise = Folding(PLAN)
    for at in range(0, len(room.events), 3):
        piecewise.take(room.events[at : at + 3])
    assert at_once == piecewise.state == room.state
    assert at_once.trace == piecewise.state.trace == room.state.trace


@given(many)
@settings(max_examples=60, deadline=None)
def test_undoing_restores_exactly_what_was_before(done: list[tuple[str, object, object]]) -> None:
    room = held(done)
    if room.state.phase == "closed":
        room.undo(ANN)
    before = state_of(PLAN, room.events)
    room.add(steering.move(PLAN, room.state, ANN, seen=room.state.step, to=0))
    room.add(steering.move(PLAN, room.state, ANN, seen=0, to=3))
    room.undo(BEN)
    if before.step != 0:
        room.undo(BEN)
    assert room.state == before


@given(many)
@settings(max_examples=40, deadline=None)
def test_what_was_sent_before_changes_nothing_when_it_is_sent_again(
    done: list[tuple[str, object, object]],
) -> None:
    room = held(done)
    before, events = state_of(PLAN, room.events), len(room.events)
    for event in room.events:
        if event.kind == "answered":
            sent = steering_answer(event.data)
            room.answer(event.who, sent)
    assert room.state == before and len(room.events) == events


def steering_answer(data: object) -> object:
    from equipoise.weigh.workshop.answers import Answer

    return Answer(data["question"], data["client"], choice=1)  # type: ignore[index]


@given(many)
@settings(max_examples=60, deadline=None)
def test_no_wall_ever_shows_a_cell_under_five(done: list[tuple[str, object, object]]) -> None:
    room = held(done)
    for pictures in room.state.trace.ever.values():
        for figures in pictures:
            cells = [*figures.get("counts", ()), *figures.get("moved", {}).get("counts", ())]
            cells += [n for each in figures.get("by sector", {}).values() for n in each]
            assert all(cell >= LEAST for cell in cells)
            assert figures.get("unsaid", LEAST) >= LEAST
    for name in VOTES:
        for poll in results(PLAN, room.state, room.words, PLAN.questions[name]):
            assert isinstance(poll, Poll)
            assert all(count >= LEAST for count in poll.counts)


@given(many)
@settings(max_examples=40, deadline=None)
def test_nobody_counts_twice(done: list[tuple[str, object, object]]) -> None:
    room = held(done)
    state = room.state
    assert sum(state.seated.values()) == sum(person.present for person in state.people.values())
    assert sum(state.sectors.values()) == len(state.people)
    for votes in state.votes.values():
        assert votes.keys() <= state.people.keys()
    for table, who in state.scribes.items():
        assert state.people[who].table == table


@given(st.text(max_size=LONGEST))
@settings(max_examples=200, deadline=None)
def test_a_cleaned_text_is_clean_and_stays_so(text: str) -> None:
    clean = cleaned(text)
    assert cleaned(clean) == clean
    assert clean.isprintable() and not any(tag in clean for tag in ("<s", "</", "<!"))
    for finding in findings(clean):
        assert 0 <= finding.start < finding.end <= len(clean)
