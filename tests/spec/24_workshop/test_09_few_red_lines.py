"""A red line binds however few draw it; by how few, nobody can find out.

The founding report says of its lines that "some participants at least" held them. What is shown,
reported and bound must be the same whether one, two, three or four people drew a line.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from rooms_of_people import ANN, Held, plan_of

from equipoise.agree.weighed import Weighed
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.answers import SCOPES, Answer, Draft
from equipoise.weigh.workshop.cover import UNTOLD, cover
from equipoise.weigh.workshop.report import Report, report
from equipoise.weigh.workshop.results import Lines, results
from equipoise.weigh.workshop.wall import progress

LINES = "lines"
NEVER = "Never to fine anybody"


def room_of(people: int) -> Held:
    """A room at the exercise of red lines."""
    room = Held(plan_of(people=8, tables=2))
    for number in range(people):
        room.seat(number, number % 2 + 1)
    room.at(LINES)
    return room


def draw(room: Held, number: int, item: str = "X1", words: str = "", holder: str = "") -> None:
    client = room.client()
    drafts = tuple(
        Draft(role, text, f"{role}-{client}", "salt")
        for role, text in (("words", words), ("holder", holder))
        if text
    )
    sent = Answer(
        LINES, client, items=(item,) if item else (), id=f"l-{client}", drafts=drafts,
        scope=SCOPES[0],
    )  # fmt: skip
    room.answer(room.who(number), sent)


def shown(room: Held) -> Lines:
    (found,) = results(room.plan, room.state, room.words, room.plan.questions[LINES])
    assert isinstance(found, Lines)
    return found


def ended(room: Held) -> tuple[Report, Weighed]:
    room.close(ANN)
    made = report(room.plan, room.state, room.events, room.words)
    return made, cover(room.plan, room.state, made, catalogue(), room.time())


def told(found: Lines) -> Any:
    """What a wall tells, but for ids that are drawn at random."""
    return (
        found.held,
        found.untold,
        sorted((x.item, x.text, x.scope, x.holder) for x in found.lines),
    )


def everything(room: Held) -> list[Any]:
    """All that anybody who is no facilitator gets to see from now on, without random ids."""
    heard = progress(room.state, room.plan.questions[LINES]).heard
    room.show(ANN, LINES)
    wall = told(shown(room))
    made, bound = ended(room)
    asked = next(each for each in made.data["asked"] if each["question"] == LINES)
    for one in asked["results"][0]["lines"]:
        one.pop("id")
    return [
        heard,
        wall,
        told(shown(room)),
        json.dumps(asked, sort_keys=True),
        made.files["words.csv"],
        made.data["people"],
        [(line.line, line.held_by) for line in bound.lines],
    ]


def test_a_line_that_four_of_eight_drew_is_told_and_binds() -> None:
    room = room_of(8)
    for number in range(4):
        draw(room, number, "X1")
    draw(room, 0, "", NEVER)
    room.show(ANN, LINES)
    assert shown(room).held == {"X1": 0} and not shown(room).untold
    assert NEVER in [line.text for line in shown(room).lines]
    _, bound = ended(room)
    lines = {line.line: line for line in bound.lines}
    assert set(lines) == {catalogue()["X1"].words, NEVER}
    assert all(line.standing == "settled" for line in bound.lines)


def test_one_person_of_five_binds_and_one_of_four_must_be_asked() -> None:
    room = room_of(5)
    draw(room, 0, "", NEVER)
    assert NEVER in [line.line for line in ended(room)[1].lines]
    few = room_of(4)
    draw(few, 0, "X1", NEVER)
    few.show(ANN, LINES)
    assert told(shown(few)) == ({}, True, [])
    made, bound = ended(few)
    assert [line.line for line in bound.lines] == [UNTOLD]
    text = json.dumps(made.data) + json.dumps(bound.as_dict()) + "".join(made.files.values())
    assert NEVER not in text and catalogue()["X1"].words not in text
    assert '"untold": true' in text


def test_where_nobody_drew_a_line_none_is_spoken_of() -> None:
    made, bound = ended(room_of(4))
    assert bound.lines == () and UNTOLD not in json.dumps(bound.as_dict())
    assert next(e for e in made.data["asked"] if e["question"] == LINES)["results"] == []


@pytest.mark.parametrize("words", ["", NEVER], ids=["ticked", "in one's own words"])
def test_whether_one_or_four_drew_a_line_is_nowhere_to_be_seen(words: str) -> None:
    """The same eight people, and the same line, drawn by one to four of them: every picture, the
    report, its files and the cover are the same to the letter."""
    seen = []
    for people in (1, 2, 3, 4):
        room = room_of(8)
        for number in range(people):
            draw(room, number, "" if words else "X1", words)
        seen.append(everything(room))
    assert all(each == seen[0] for each in seen[1:])


def test_nor_beside_lines_that_many_drew() -> None:
    seen = []
    for few in (1, 2, 3, 4):
        room = room_of(14)
        for number in range(6):
            draw(room, number, "X2")
        for number in range(few):
            draw(room, number, "X1")
            draw(room, number, "", "never to fine ANYBODY" if number else NEVER)
        seen.append(everything(room))
    assert all(each == seen[0] for each in seen[1:])
    assert seen[0][1][0] == {"X1": 0, "X2": 6}


def test_who_stands_by_name_cannot_be_taken_off_a_number() -> None:
    """Seven hold a line, four of them by name or in words that stand beside it: seven less four
    would be three."""
    room = room_of(8)
    for number in range(7):
        draw(room, number, "X1", "", f"Ms Ada Lane{number}" if number < 4 else "")
    room.show(ANN, LINES)
    assert shown(room).held == {"X1": 0}
    room = room_of(14)
    for number in range(9):
        draw(room, number, "X1", f"Not for this, {number}" if number < 4 else "")
    room.show(ANN, LINES)
    assert shown(room).held == {"X1": 5}


def test_walls_one_after_another_tell_of_no_few() -> None:
    """Shown after each line that is drawn, a list would tell whose phone was last in use."""
    room = room_of(12)
    draw(room, 0, "X1")
    room.show(ANN, LINES)
    first = told(shown(room))
    for number in range(1, 5):
        draw(room, number, "X2")
        room.show(ANN, LINES)
        assert told(shown(room)) == first, "four more are too few for another picture"
    draw(room, 5, "X3")
    room.show(ANN, LINES)
    assert shown(room).held == {"X1": 0, "X2": 0, "X3": 0}
    draw(room, 6, "X4")
    _, bound = ended(room)
    assert "X4" in shown(room).held, "and at the end every line binds"
    assert catalogue()["X4"].words in [line.line for line in bound.lines]


def test_a_number_never_moves_by_fewer_than_five() -> None:
    room = room_of(14)
    for number in range(6):
        draw(room, number, "X1")
    room.show(ANN, LINES)
    for number in range(6, 9):
        draw(room, number, "X1")
    ended(room)
    assert shown(room).held == {"X1": 6}
    room.undo(ANN)
    for number in range(9, 11):
        draw(room, number, "X1")
    ended(room)
    assert shown(room).held == {"X1": 11}


def test_taking_one_out_takes_out_all_that_are_alike() -> None:
    """If one of three alike stayed, taking them out one by one would count them."""
    room = room_of(8)
    for number in range(3):
        draw(room, number, "", NEVER)
    draw(room, 3, "", "Never to sell it")
    room.show(ANN, LINES)
    line = next(one for one in shown(room).lines if one.text == NEVER)
    room.add(steering.hide(room.plan, room.state, ANN, line.id))
    assert [one.text for one in shown(room).lines] == ["Never to sell it"]


def test_who_was_in_the_room_took_part_though_they_went_home() -> None:
    room = room_of(8)
    draw(room, 0, "", NEVER)
    for number in range(1, 8):
        room.add(joining.leave(room.state, room.who(number)))
    assert NEVER in [line.line for line in ended(room)[1].lines]


def test_who_left_before_the_exercise_took_no_part() -> None:
    room = Held(plan_of(people=8, tables=2))
    for number in range(8):
        room.seat(number, number % 2 + 1)
    for number in range(4, 8):
        room.add(joining.leave(room.state, room.who(number)))
    room.at(LINES)
    draw(room, 0, "", NEVER)
    room.show(ANN, LINES)
    assert shown(room).untold
    room.add(joining.back(room.state, room.who(4)))
    room.show(ANN, LINES)
    assert [one.text for one in shown(room).lines] == [NEVER]
