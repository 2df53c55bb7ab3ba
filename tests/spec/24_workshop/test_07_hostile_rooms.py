"""People and facilitators who want a certain outcome, and phones that no hand is at."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rooms_of_people import ANN, PACK, Held

from equipoise.acts.workshop_answer import places_of
from equipoise.agree.weighed import Weighed
from equipoise.errors import EquipoiseError, StateRefused
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.answers import MOST_LINES, Answer
from equipoise.weigh.workshop.cover import cover
from equipoise.weigh.workshop.events import Event
from equipoise.weigh.workshop.joining import MOST_EVENTS
from equipoise.weigh.workshop.polls import Poll
from equipoise.weigh.workshop.report import Report, report
from equipoise.weigh.workshop.results import Lines, Texts, results
from equipoise.weigh.workshop.wall import phone

LINES = "lines"


def texts_of(room: Held, question: str) -> tuple[str, ...]:
    """The words that a wall shows in answer to a question."""
    room.show(ANN, question)
    (found,) = results(room.plan, room.state, room.words, room.plan.questions[question])
    assert isinstance(found, Texts)
    return tuple(sorted(words for _, words in found.texts))


def reported(room: Held) -> tuple[Report, Weighed]:
    room.close(ANN)
    made = report(room.plan, room.state, room.events, room.words)
    return made, cover(room.plan, room.state, made, catalogue(), room.time())


def draw(room: Held, number: int, item: str = "X1", **more: Any) -> None:
    sent = Answer(LINES, room.client(), items=(item,), id=f"line-{room.client()}", **more)
    room.answer(room.who(number), sent)


# -- a table of one ------------------------------------------------------------------------------


def small_table() -> Held:
    """Three tables: of four people, of four, and of one."""
    room = Held()
    room.fill(8, 2)
    room.seat(8, 3)
    room.write(room.who(8))
    return room


def test_what_a_table_of_one_writes_is_a_persons_own_and_waits_for_others() -> None:
    room = small_table()
    room.at("still-to-know")
    room.say(8, "still-to-know", "Who sits here alone?")
    assert texts_of(room, "still-to-know") == ()
    room.say(0, "still-to-know", "Who keeps the key?")
    both = ("Who keeps the key?", "Who sits here alone?")
    assert texts_of(room, "still-to-know") == both


def test_beside_a_table_of_three_a_table_of_one_still_waits() -> None:
    room = Held()
    room.fill(6, 2)
    room.seat(6, 3)
    room.write(room.who(6))
    room.at("still-to-know")
    room.say(0, "still-to-know", "Who keeps the key?")
    room.say(6, "still-to-know", "Who sits here alone?")
    assert texts_of(room, "still-to-know") == ("Who keeps the key?",)


def test_a_condition_of_a_table_of_one_is_put_to_nobody_by_itself() -> None:
    room = small_table()
    room.at("conditions")
    room.say(8, "conditions", "Only if my own street is left out.")
    room.at("agree-conditions")
    assert phone(room.plan, room.state, room.words, room.who(0)).statements == ()
    room.say(0, "conditions", "Only if it ends after a year.")
    asked = phone(room.plan, room.state, room.words, room.who(0)).statements
    assert {words for _, words, _ in asked} == {
        "Only if my own street is left out.",
        "Only if it ends after a year.",
    }


# -- passing over what was asked -----------------------------------------------------------------


def test_a_condition_binds_though_the_vote_on_it_was_passed_over() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("conditions")
    wish = "Only if tenants are asked first."
    room.say(0, "conditions", wish)
    _, bound = reported(room)
    assert bound.conditions == (wish,)


def test_a_condition_that_was_voted_down_does_not_bind() -> None:
    room = Held()
    room.fill(12, 2)
    room.at("conditions")
    wish = room.say(0, "conditions", "Only if nobody is asked.")
    room.at("agree-conditions")
    for number in range(12):
        choice = 2 if number < 5 else 1
        sent = Answer("agree-conditions", room.client(), choice=choice, about=wish)
        room.answer(room.who(number), sent)
    _, bound = reported(room)
    assert bound.conditions == ()


def test_a_condition_that_was_taken_out_binds_nobody_and_the_report_says_how_many_were() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("conditions")
    wish = room.say(0, "conditions", "Only if Mr. is asked.")
    room.add(steering.hide(room.plan, room.state, ANN, wish))
    made, bound = reported(room)
    assert bound.conditions == ()
    assert made.data["taken out"] == 1


def test_the_cover_names_what_people_read() -> None:
    room = Held()
    room.fill(8, 2)
    _, bound = reported(room)
    assert bound.information_pack == PACK.digest


def test_a_vote_that_was_taken_again_is_reported_with_what_was_seen_before() -> None:
    room = Held()
    room.fill(20, 4)
    room.at("before.case-1")
    for number in range(20):
        room.vote(number, "before.case-1", 1 if number < 12 else 5)
    room.show(ANN, "before.case-1")
    room.undo(ANN)
    for number in range(12):
        room.vote(number, "before.case-1", 5 if number < 6 else 1)
    room.show(ANN, "before.case-1")
    made, _ = reported(room)
    (asked,) = [one for one in made.data["asked"] if one["question"] == "before.case-1"]
    assert asked["times shown"] == 2
    (before,) = asked["shown before"]
    assert before["counts"] == [12, 8] and asked["results"][0]["counts"] == [6, 14]


def test_what_was_shown_once_is_reported_once() -> None:
    room = Held()
    room.fill(20, 4)
    room.at("before.case-1")
    for number in range(20):
        room.vote(number, "before.case-1", 1 if number < 12 else 5)
    room.show(ANN, "before.case-1")
    made, _ = reported(room)
    (asked,) = [one for one in made.data["asked"] if one["question"] == "before.case-1"]
    assert asked["times shown"] == 1 and asked["shown before"] == []
    assert Poll.__name__ in json.dumps(asked["results"])


# -- phones that no hand is at -------------------------------------------------------------------


def test_one_person_cannot_fill_the_wall_with_red_lines() -> None:
    room = Held()
    room.fill(8, 2)
    room.at(LINES)
    for number in range(5):
        draw(room, number)
        draw(room, number)
    room.show(ANN, LINES)
    (found,) = results(room.plan, room.state, room.words, room.plan.questions[LINES])
    assert isinstance(found, Lines) and len(found.lines) == 1 and found.held == {"X1": 5}
    draw(room, 0, scope="every use of data")
    for number in range(MOST_LINES - 2):
        room.say(0, LINES, f"Never the shape {number} of it.", id=f"own-{number}")
    with pytest.raises(EquipoiseError, match="WGH155"):
        draw(room, 0, "X2")
    draw(room, 1, "X2")


def test_a_phone_that_sends_without_end_is_stopped() -> None:
    room = Held()
    who = room.seat(1)
    again = [*room.events]
    for number in range(MOST_EVENTS - 1):
        kind = ("left", "returned")[number % 2]
        again.append(Event(len(again) + 1, room.time(), who, kind, {}))  # type: ignore[arg-type]
    room.folding.take(again[len(room.events) :])
    room.seat(2)
    room.at("before.case-1")
    for deed in (
        lambda: room.vote(1, "before.case-1", 3),
        lambda: joining.back(room.state, who),
        lambda: joining.write_for_table(room.state, who),
    ):
        with pytest.raises(StateRefused, match="WGH155"):
            deed()
    room.vote(2, "before.case-1", 3)


def test_a_phone_leaves_without_end_no_more_than_it_sends() -> None:
    room = Held()
    who = room.seat(1)
    room.state.trace.events[who] = MOST_EVENTS
    with pytest.raises(StateRefused, match="WGH155"):
        joining.leave(room.state, who)


@pytest.mark.parametrize("typed", ["²", "٣", "1.5", "-1", "first", "", "Ⅳ"])
def test_what_is_no_number_is_no_place(typed: str) -> None:
    assert places_of({"A": typed, "B": " 2 "}) == {"A": None, "B": 2.0}


def test_nobody_looks_ahead_to_what_is_read_before_the_second_round() -> None:
    room = Held()
    who = room.seat(1)
    room.at("before.case-1")
    ahead = room.plan.questions["after.case-1"].step
    assert phone(room.plan, room.state, room.words, who, at=ahead).step.number == room.state.step
    room.at("after.case-1")
    room.at("before.case-1")
    assert phone(room.plan, room.state, room.words, who, at=ahead).step.number == ahead
