"""People join with a token and answer; what comes twice, late, or at the wrong table is handled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rooms_of_people import ANN, BEN, Held, plan_of

from equipoise.errors import EquipoiseError, StateRefused, UsageRefused
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.answers import Answer, order_from_places
from equipoise.weigh.workshop.results import SetOrders, results
from equipoise.weigh.workshop.state import state_of
from equipoise.weigh.workshop.wall import minutes_left, wall


def refused(do: object, *given: object, **more: object) -> set[str]:
    with pytest.raises(EquipoiseError) as error:
        do(*given, **more)  # type: ignore[operator]
    return {problem.code for problem in error.value.problems}


def orders(room: Held, question: str = "rank-benefit") -> SetOrders:
    (found,) = results(room.plan, room.state, room.words, room.plan.questions[question])
    assert isinstance(found, SetOrders)
    return found


# -- joining ------------------------------------------------------------------------------------


def test_people_are_seated_where_there_is_most_room_and_sectors_mix() -> None:
    room = Held()
    for number in range(12):
        room.seat(number, sector="council" if number < 6 else "health")
    assert [room.state.members(table) for table in (1, 2, 3, 4)] == [3, 3, 3, 3]
    at = {t: {p.sector for p in room.state.people.values() if p.table == t} for t in (1, 2, 3, 4)}
    assert all(len(sectors) == 2 for sectors in at.values())


def test_two_phones_with_one_token_are_one_person() -> None:
    room = Held()
    room.seat(1, 2)
    room.seat(1, 3, "health")
    assert len(room.state.people) == 1
    assert (room.state.people[room.who(1)].table, room.state.present) == (2, 1)


def test_two_phones_with_one_token_have_one_vote_and_the_last_counts() -> None:
    room = Held()
    room.seat(1)
    room.at("before.case-1")
    room.vote(1, "before.case-1", 2)
    room.vote(1, "before.case-1", 5)
    assert room.state.votes["before.case-1"] == {room.who(1): 5}


def test_a_token_that_comes_back_finds_its_seat() -> None:
    room = Held()
    room.seat(1, 2)
    room.add(joining.leave(room.state, room.who(1)))
    assert room.state.members(2) == 0
    room.seat(1, sector="health")
    assert room.state.members(2) == 1 and room.state.people[room.who(1)].sector == "council"


def test_a_full_table_says_where_there_is_room() -> None:
    room = Held()
    for number in range(8):
        room.seat(number, 1)
    with pytest.raises(StateRefused, match="sit down at table 2"):
        room.seat(9, 1)


def test_nobody_joins_before_it_opens_nor_without_a_sector_of_the_list() -> None:
    room = Held()
    assert refused(room.seat, 1, 9, "police") == {"WGH135", "WGH136"}
    room.close(ANN)
    assert refused(room.seat, 1) == {"WGH133"}
    fresh = Held()
    fresh.folding.state.phase = "made"
    assert refused(fresh.seat, 1) == {"WGH132"}


# -- answering ----------------------------------------------------------------------------------


def test_a_sending_that_comes_twice_is_taken_once() -> None:
    room = Held()
    room.seat(1)
    room.at("before.case-1")
    for _ in range(3):
        room.vote(1, "before.case-1", 4, client="the-same-sending")
    assert sum(event.kind == "answered" for event in room.events) == 1


def test_a_sending_repeated_after_the_end_is_told_that_it_was_heard() -> None:
    room = Held()
    room.seat(1)
    room.at("before.case-1")
    room.vote(1, "before.case-1", 4, client="the-same-sending")
    room.close(ANN)
    room.vote(1, "before.case-1", 4, client="the-same-sending")
    assert refused(room.vote, 1, "before.case-1", 4) == {"WGH133"}


def test_a_vote_after_the_results_are_shown_is_refused() -> None:
    room = Held()
    room.fill(10, 2)
    room.at("before.case-1")
    for number in range(9):
        room.vote(number, "before.case-1", 3)
    room.show(ANN, "before.case-1")
    assert refused(room.vote, 9, "before.case-1", 3) == {"WGH151"}


def test_a_vote_counts_only_while_its_step_is_open() -> None:
    room = Held()
    room.seat(1)
    assert refused(room.vote, 1, "before.case-1", 3) == {"WGH152"}
    room.at("after.case-1")
    assert refused(room.vote, 1, "before.case-1", 3) == {"WGH152"}


@pytest.mark.parametrize("choice", [-1, 6, None, True, 2.5])
def test_a_choice_off_the_scale_is_refused(choice: object) -> None:
    room = Held()
    room.seat(1)
    room.at("before.case-1")
    assert refused(room.vote, 1, "before.case-1", choice) == {"WGH156"}


def test_a_phone_that_has_not_joined_is_told_to() -> None:
    assert refused(Held().vote, 1, "before.case-1", 3) == {"WGH134"}


def test_an_empty_poll_is_not_shown() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("before.case-1")
    assert refused(room.show, ANN, "before.case-1") == {"WGH166"}


# -- tables -------------------------------------------------------------------------------------


def test_one_phone_writes_for_a_table_and_another_can_take_over() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("rank-benefit")
    assert refused(room.rank, 2, "rank-benefit", "A", "B") == {"WGH153"}
    room.write(room.who(2))
    room.rank(2, "rank-benefit", "A", "B")
    assert refused(room.rank, 0, "rank-benefit", "A", "B") == {"WGH153"}


def test_an_order_may_have_ties_and_leave_cards_out() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("rank-benefit")
    room.rank(0, "rank-benefit", "C", "AB", "E")
    room.show(ANN, "rank-benefit")
    (table,) = orders(room).tables
    assert table.order == (frozenset("C"), frozenset("AB"), frozenset("E"))


def test_places_with_gaps_and_ties_are_read_as_an_order() -> None:
    places = {"A": 2.0, "B": 7.0, "C": 2.0, "E": None}
    assert order_from_places(places) == (("A", "C"), ("B",))


@pytest.mark.parametrize(
    "order", [("A", "A"), ("AB", "B"), ("A", "Z"), ("A",), (), ("A", "", "B"), ("1", "2")]
)
def test_an_order_that_is_none_is_refused_in_words(order: tuple[str, ...]) -> None:
    room = Held()
    room.fill(8, 2)
    room.at("rank-benefit")
    assert refused(room.rank, 0, "rank-benefit", *order) == {"WGH158"}


def test_what_a_table_leaves_out_on_purpose_is_kept_and_can_be_counted_in() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("rank-benefit")
    room.rank(
        0,
        "rank-benefit",
        "C",
        "A",
        "B",
        criteria=("C1",),
        left_out=("V2",),
        counted_in="V2",
        order_then=(("A",), ("C",), ("B",)),
    )
    room.show(ANN, "rank-benefit")
    found = orders(room)
    assert (found.tables[0].judged_by, found.tables[0].left_out) == (("C1",), ("V2",))
    (change,) = found.added
    assert change.what == "V2" and change.moved == {"A": (2, 1), "C": (1, 2)}


def test_what_is_judged_by_is_not_left_out_too() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("rank-benefit")
    both = {"criteria": ("C1",), "left_out": ("C1",)}
    assert refused(room.rank, 0, "rank-benefit", "A", "B", **both) == {"WGH159"}
    unknown = {"criteria": ("B01",), "counted_in": "V1", "order_then": (("A",), ("A",))}
    assert refused(room.rank, 0, "rank-benefit", "A", "B", **unknown) == {
        "WGH158",
        "WGH159",
        "WGH160",
    }


def test_a_table_of_one_is_neither_shown_nor_counted() -> None:
    room = Held()
    room.fill(8, 2)
    room.seat(8, 3)
    room.write(room.who(8))
    room.at("rank-benefit")
    for number in (0, 1, 8):
        room.rank(number, "rank-benefit", "A", "B", "C")
    room.show(ANN, "rank-benefit")
    found = orders(room)
    assert [table.table for table in found.tables] == [1, 2]
    assert found.together is not None and found.together.w == 1.0


def test_tables_in_a_circle_are_named_and_none_wins() -> None:
    room = Held()
    room.fill(12, 3)
    room.at("rank-risk")
    for number, order in enumerate(("ABC", "BCA", "CAB")):
        room.rank(number, "rank-risk", *order)
    room.show(ANN, "rank-risk")
    together = orders(room, "rank-risk").together
    assert together is not None and together.condorcet.winner is None
    assert [set(cycle) for cycle in together.condorcet.cycles] == [{"A", "B", "C"}]
    assert together.kemeny.count == 3


def test_tables_that_ranked_nothing_in_common_are_not_pooled() -> None:
    room = Held(plan_of(sets={"letters": ("A", "B"), "numbers": ("1", "2")}))
    room.fill(16, 4)
    room.at("rank-benefit")
    for number in range(4):
        room.rank(number, "rank-benefit", *("AB" if number % 2 == 0 else "12"))
    room.show(ANN, "rank-benefit")
    by_set = results(room.plan, room.state, room.words, room.plan.questions["rank-benefit"])
    assert [(each.set, len(each.tables)) for each in by_set] == [("letters", 2), ("numbers", 2)]


def test_named_benefits_are_counted_by_item_over_tables() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("benefits.A")
    for number, items in ((0, ("B01", "B02")), (1, ("B01",))):
        sent = Answer("benefits.A", room.client(), items=items)
        room.answer(room.who(number), sent)
    room.show(ANN, "benefits.A")
    (found,) = results(room.plan, room.state, room.words, room.plan.questions["benefits.A"])
    assert found.items == {"B01": (1, 2), "B02": (1,)}
    wrong = Answer("benefits.A", room.client(), items=("R01", "B01", "B01"))
    assert refused(room.answer, room.who(0), wrong) == {"WGH160"}


# -- steering -----------------------------------------------------------------------------------


def test_two_facilitators_do_not_move_it_twice() -> None:
    room = Held()
    room.add(steering.move(room.plan, room.state, ANN, seen=0, to=1))
    assert steering.move(room.plan, room.state, BEN, seen=0, to=1) is None
    with pytest.raises(StateRefused, match="step 2 by now"):
        steering.move(room.plan, room.state, BEN, seen=0, to=2)


def test_nobody_but_a_facilitator_steers() -> None:
    room = Held()
    assert refused(room.move, "council/Eve", 1) == {"WGH163"}
    assert refused(room.show, room.who(1), "before.case-1") == {"WGH163"}


def test_a_step_that_is_not_there_is_refused() -> None:
    assert refused(Held().move, ANN, 999) == {"WGH165"}


def test_undoing_goes_back_step_by_step_and_can_be_undone() -> None:
    room = Held()
    room.move(ANN, 3)
    room.move(BEN, 5)
    room.undo(ANN)
    assert room.state.step == 3
    undone = room.state.trace.sequence
    room.undo(ANN)
    assert room.state.step == 0
    assert refused(room.undo, ANN) == {"WGH168"}
    room.undo(ANN, undone)
    room.undo(ANN, undone + 1)
    assert room.state.step == 5


def test_nobody_can_undo_what_somebody_answered() -> None:
    room = Held()
    room.seat(1)
    room.at("before.case-1")
    room.vote(1, "before.case-1", 3)
    assert refused(room.undo, ANN, room.state.trace.sequence) == {"WGH169"}


def test_a_closing_can_be_undone_until_the_report_is_made() -> None:
    room = Held()
    room.close(ANN)
    room.undo(ANN)
    room.seat(1)
    room.close(ANN)
    room.add(steering.New(ANN, "reported", {"digest": "sha256:" + "0" * 64}))
    assert refused(room.undo, ANN) == {"WGH169"}


def test_a_clock_that_is_set_back_or_forward_breaks_nothing() -> None:
    room = Held()
    room.move(ANN, 1)
    step = room.plan.steps[1]
    room.time.go(-90)
    room.seat(1)
    assert wall(room.plan, room.state, {}, room.time()).minutes_left == step.minutes
    room.time.go(24 * 60)
    assert minutes_left(room.state, step, room.time()) == 0
    assert [event.sequence for event in room.events] == [1, 2, 3]
    assert room.state.trace.at == room.events[1].at > room.events[2].at


def test_a_browser_that_closes_takes_nothing_with_it() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("before.case-1")
    room.vote(3, "before.case-1", 2)
    again = state_of(room.plan, room.events)
    assert again == room.state
    assert wall(room.plan, again, {}, room.time() + timedelta(minutes=1)).step.exercise == (
        "two-round poll"
    )


def test_events_out_of_order_are_never_folded() -> None:
    room = Held()
    room.move(ANN, 1)
    with pytest.raises(ValueError, match="in their order"):
        state_of(room.plan, reversed(room.events))


def test_an_unknown_question_is_refused() -> None:
    room = Held()
    room.seat(1)
    with pytest.raises(UsageRefused, match="no such question"):
        room.vote(1, "before.case-9", 1)
