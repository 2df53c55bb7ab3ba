"""How few cannot say is told nowhere: not on the wall, and not to whoever leads the workshop.

A vote's figures leave out whoever cannot say. Beside them an exact number of those who answered
would give it away: twenty have answered, nineteen are shown. So rooms that differ in that alone
read the same, on the wall and on the desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rooms_of_people import ANN, Held, plan_of, wish

from equipoise.acts import workshop_answer as answering
from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_see as seeing
from equipoise.acts import workshop_steer as steering
from equipoise.acts.site import Site, enrol, found_site
from equipoise.weigh.workshop import shown
from equipoise.weigh.workshop.answers import SCOPES, Answer
from equipoise.weigh.workshop.exercises import CANNOT_SAY
from equipoise.weigh.workshop.wall import progress

BEFORE, LINES, WRITTEN, VOTED = "before.case-1", "lines", "conditions", "conditions-vote"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = found_site(tmp_path / "site", name="Test site", practice=True)
    enrol(made, "council", "Ann Lee", roles=("facilitator",), practice=True)
    yield made


def told(site: Site) -> tuple[object, ...]:
    """Everything that wall and desk tell of who has answered."""
    desk = seeing.see_desk(site, "leeds", ANN)
    return (
        [(one.question.id, one.heard) for one in desk.wall.progress],
        desk.answered,
        desk.from_left,
        desk.wall.results,
    )


def test_wall_and_desk_read_the_same_however_few_cannot_say(site: Site) -> None:
    making.make_workshop(site, ANN, making.propose_workshop(site, wish()).plan)
    steering.open_workshop(site, "leeds", ANN)
    seats = [joining.join_workshop(site, "leeds", sector="council") for _ in range(20)]
    _, plan = making.workshop(site, "leeds")
    steering.move_to(site, "leeds", ANN, seen=0, to=plan.questions[BEFORE].step)

    def says(number: int, choice: int) -> None:
        answering.vote(site, "leeds", seats[number].token, BEFORE, choice, f"sent-{number:04d}")

    for number in range(16):
        says(number, 2 + number % 2)
    seen = [told(site)]
    for number in range(16, 20):
        says(number, CANNOT_SAY)
        seen.append(told(site))
    assert all(one == seen[0] for one in seen[1:])
    assert dict(seen[0][0])[BEFORE] == "15 or more people"  # type: ignore[call-overload]

    steering.show(site, "leeds", ANN, BEFORE)
    assert seeing.see_desk(site, "leeds", ANN).wall.results[0].counts == (8, 8)  # type: ignore[union-attr]
    assert dict(told(site)[0])[BEFORE] == "15 or more people"  # type: ignore[call-overload]
    for seat in seats:
        joining.leave_workshop(site, "leeds", seat.token)
    # All are gone: how many of the answers are theirs must not be how many answered.
    assert seeing.see_desk(site, "leeds", ANN).from_left == {BEFORE: "15 or more"}


def test_whether_anybody_answered_is_told_though_they_cannot_say(site: Site) -> None:
    making.make_workshop(site, ANN, making.propose_workshop(site, wish()).plan)
    steering.open_workshop(site, "leeds", ANN)
    seat = joining.join_workshop(site, "leeds", sector="council")
    _, plan = making.workshop(site, "leeds")
    steering.move_to(site, "leeds", ANN, seen=0, to=plan.questions[BEFORE].step)
    assert BEFORE not in seeing.see_desk(site, "leeds", ANN).answered
    answering.vote(site, "leeds", seat.token, BEFORE, CANNOT_SAY, "sent-0001")
    desk = seeing.see_desk(site, "leeds", ANN)
    assert BEFORE in desk.answered and desk.from_left == {}


def room_of(people: int) -> Held:
    room = Held(plan_of(people=max(8, people), tables=None))
    room.fill(people, room.plan.tables)
    return room


def heard(room: Held, question: str) -> str:
    return progress(room.state, room.plan.questions[question]).heard


def test_votes_that_come_after_an_undoing_are_not_told_one_by_one() -> None:
    room = room_of(24)
    room.at(BEFORE)
    for number in range(19):
        room.vote(number, BEFORE, 1 + 4 * (number % 2))
    room.show(ANN, BEFORE)
    room.undo(ANN)
    for number in range(19, 23):
        room.vote(number, BEFORE, 1)
        assert heard(room, BEFORE) == "15 or more people"
    room.vote(23, BEFORE, 1)
    assert heard(room, BEFORE) == "20 or more people"


def test_of_statements_those_who_chose_on_one_are_counted() -> None:
    room = room_of(12)
    asked = next(q for q in room.plan.questions.values() if q.kind == "statement")
    room.at(asked.on)
    writers = {room.state.people[room.who(n)].table: n for n in range(12)}
    for number in writers.values():
        room.write(room.who(number))
    texts = [room.say(n, asked.on, f"Ask us first, please {n}") for n in writers.values()]
    room.show(ANN, asked.on)
    room.at(asked.id)

    def says(number: int, text: str, choice: int) -> None:
        sent = Answer(asked.id, room.client(), about=text, choice=choice)
        room.answer(room.who(number), sent)

    for number in range(9):
        says(number, texts[0], 1 + number % 2)
    for number in range(9, 12):
        says(number, texts[0], CANNOT_SAY)
        says(number, texts[1], 1)
    assert heard(room, asked.id) == "5 or more people"  # nine and three are told of no number
    room.show(ANN, asked.id)
    assert shown.heard(room.state, asked) == 9


def test_of_red_lines_it_is_told_whether_five_drew_any() -> None:
    room = room_of(20)
    asked = next(q for q in room.plan.questions.values() if q.kind == "line")
    room.at(asked.id)
    for number in range(20):
        sent = Answer(
            asked.id, room.client(), id=f"line{number:04}", items=("X1",), scope=SCOPES[0]
        )
        room.answer(room.who(number), sent)
        told = "5 or more people" if number >= 4 else "fewer than 5 people"
        assert heard(room, asked.id) == told
