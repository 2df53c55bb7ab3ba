"""Seats: people are moved by number, and one phone cannot be many people by leaving."""

from __future__ import annotations

import pytest
from rooms_of_people import ANN, Held, plan_of

from equipoise.errors import StateRefused, UsageRefused
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.answers import SCOPES, Answer
from equipoise.weigh.workshop.results import SetOrders, Texts, results
from equipoise.weigh.workshop.wall import phone

WRITTEN = "conditions"
"""What tables write as tables, in their own words."""


def room_of(*seated: int) -> Held:
    """A room with so many people at each table, the first of each writing for it."""
    room = Held(plan_of(people=8, tables=2))
    number = 0
    for table, people in enumerate(seated, 1):
        for place in range(people):
            room.seat(number, table)
            if not place:
                room.write(room.who(number))
            number += 1
    return room


def move(room: Held, seat: int, table: int) -> None:
    room.add(joining.seat_numbered(room.plan, room.state, ANN, seat, table))


def texts_of(room: Held) -> tuple[str, ...]:
    (found,) = results(room.plan, room.state, room.words, room.plan.questions[WRITTEN])
    assert isinstance(found, Texts)
    return tuple(words for _, words in found.texts)


def order_of(room: Held, table: int) -> SetOrders | None:
    found = results(room.plan, room.state, room.words, room.plan.questions["rank-benefit"])
    return next((one for each in found for one in each.tables if one.table == table), None)


# -- moving somebody ------------------------------------------------------------------------------


def test_a_seat_has_a_number_that_its_phone_shows_and_no_name() -> None:
    room = room_of(3, 2)
    assert [phone(room.plan, room.state, {}, room.who(n)).seat for n in range(5)] == [1, 2, 3, 4, 5]
    room.add(joining.leave(room.state, room.who(1)))
    assert room.state.people[room.seat(9)].number == 6  # no number is given twice
    room.add(joining.back(room.state, room.who(1)))
    assert room.state.people[room.who(1)].number == 2


def test_what_somebody_said_goes_with_them_and_what_their_table_said_stays() -> None:
    room = room_of(4, 4)
    room.at("rank-benefit")
    room.rank(0, "rank-benefit", "A", "B", "C")
    vote = next(q.id for q in room.plan.questions.values() if q.kind == "vote")
    room.at(vote)
    room.vote(1, vote, 2)
    before = dict(room.state.votes[vote])
    move(room, 2, 2)
    assert room.state.people[room.who(1)].table == 2
    assert (room.state.members(1), room.state.members(2)) == (3, 5)
    assert room.state.votes[vote] == before
    room.at("rank-benefit")
    room.show(ANN, "rank-benefit")
    told = order_of(room, 1)
    assert told is not None and told.order[0] == {"A"}, "said by the four who sat there"
    assert order_of(room, 2) is None


def test_a_move_can_be_undone_and_leaves_everything_as_it_was() -> None:
    room = room_of(4, 3)
    move(room, 1, 2)
    assert 1 not in room.state.scribes  # they wrote for a table at which they no longer sit
    room.undo(ANN)
    assert room.state.people[room.who(0)].table == 1 and room.state.scribes[1] == room.who(0)
    assert (room.state.members(1), room.state.members(2)) == (4, 3)


def test_nobody_is_moved_where_there_is_no_place_or_no_such_seat() -> None:
    room = room_of(8, 4)
    with pytest.raises(StateRefused, match="WGH137"):
        move(room, 9, 1)
    with pytest.raises(UsageRefused, match="WGH136"):
        move(room, 9, 3)
    for seat in (0, 13, -1):
        with pytest.raises(UsageRefused, match="WGH182"):
            move(room, seat, 1)
    assert joining.seat_numbered(room.plan, room.state, ANN, 9, 2) is None
    with pytest.raises(UsageRefused, match="seats 1 to 12 were given"):
        move(room, 13, 1)


def test_who_wrote_at_two_tables_is_one_person() -> None:
    """Two of table 1 write; one of them is moved to the two of table 2, who write: that is four
    people, though two and three sat there."""
    room = room_of(2, 2)
    room.at(WRITTEN)
    room.say(0, WRITTEN, "Ask us first")
    move(room, 2, 2)
    room.say(2, WRITTEN, "Delete it after a year")
    room.show(ANN, WRITTEN)
    assert texts_of(room) == ("Delete it after a year",), "a table of three may say its own"
    room.seat(8, 2)
    room.say(2, WRITTEN, "Publish who asked")
    room.show(ANN, WRITTEN)
    assert "Ask us first" in texts_of(room), "five people stand behind these two"


def test_undoing_a_move_makes_no_more_people_of_those_who_wrote() -> None:
    """While one of three is away, two of table 1 write; then the move is undone. The words were
    never those of three."""
    room = room_of(3, 1)
    room.at(WRITTEN)
    move(room, 3, 2)
    room.say(0, WRITTEN, "Ask us first")
    room.undo(ANN)
    room.say(3, WRITTEN, "Two at most")
    room.show(ANN, WRITTEN)
    assert texts_of(room) == ()


# -- the door -------------------------------------------------------------------------------------


def test_joining_voting_and_leaving_again_and_again_comes_to_an_end() -> None:
    room = room_of(4, 4)
    vote = next(q.id for q in room.plan.questions.values() if q.kind == "vote")
    room.at(vote)
    assert joining.seats(room.plan, room.state) == 20  # eight at each of two tables, and a quarter
    with pytest.raises(StateRefused, match="every seat"):
        for stuffed in range(100, 200):
            room.seat(stuffed)
            room.vote(stuffed, vote, 1)
            room.add(joining.leave(room.state, room.who(stuffed)))
    assert len(room.state.people) == 20 and room.state.present == 8
    asked = room.plan.questions[vote]
    assert steering.from_left(room.state, asked) == steering.answered(room.state, asked) == 12


def test_who_joined_comes_back_though_every_seat_was_given_or_the_door_is_closed() -> None:
    room = room_of(4, 4)
    room.add(joining.leave(room.state, room.who(2)))
    room.add(joining.door(room.plan, room.state, ANN, is_open=False))
    with pytest.raises(StateRefused, match="door of this workshop is closed"):
        room.seat(50)
    room.seat(2)
    assert room.state.present == 8
    room.undo(ANN)
    room.seat(50)
    assert room.state.present == 9


def test_a_facilitator_can_give_more_seats_and_take_that_back() -> None:
    room = room_of(4, 4)
    room.add(joining.door(room.plan, room.state, ANN, is_open=True, more=3))
    assert joining.seats(room.plan, room.state) == 23
    assert joining.door(room.plan, room.state, ANN, is_open=True) is None
    for more in (-1, 17):
        with pytest.raises(UsageRefused, match="WGH181"):
            joining.door(room.plan, room.state, ANN, is_open=True, more=more)
    room.undo(ANN)
    assert joining.seats(room.plan, room.state) == 20
    room.close(ANN)
    with pytest.raises(StateRefused, match="WGH133"):
        joining.door(room.plan, room.state, ANN, is_open=False)


@pytest.mark.parametrize("question", ["line", "statement"])
def test_answers_from_seats_that_were_left_are_counted_of_every_kind(question: str) -> None:
    room = room_of(4, 4)
    asked = next(q for q in room.plan.questions.values() if q.kind == question)
    text = ""
    if question == "statement":
        room.at(WRITTEN)
        text = room.say(0, WRITTEN, "Ask us first")
        room.show(ANN, WRITTEN)
    room.at(asked.id)
    for number in (1, 2, 3):
        more = {"about": text, "choice": 1} if text else {"items": ("X1",), "scope": SCOPES[0]}
        sent = Answer(asked.id, room.client(), id=f"line{number:04}", **more)
        room.answer(room.who(number), sent)
    assert steering.from_left(room.state, asked) == 0
    room.add(joining.leave(room.state, room.who(1)))
    assert steering.from_left(room.state, asked) == 1
    assert steering.from_left(room.state, room.plan.questions["rank-benefit"]) == 0
