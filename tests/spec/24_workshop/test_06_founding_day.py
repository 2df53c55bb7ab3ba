"""What survives of the founding report's day in words comes out again; no count is made up.

Only relative ranks by criterion and the direction of the polls survive (L202-232, L324-375,
L482-491). Where a test needs numbers of people, they are the invented day's, and marked so.
"""

from __future__ import annotations

from rooms_of_people import ANN, Held, plan_of

from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.fragility import places
from equipoise.weigh.workshop.polls import Poll
from equipoise.weigh.workshop.results import SetOrders, results
from equipoise.weigh.workshop.simulate import simulate

BY_CRITERION = {
    # the number of people: C and E high (L202-208); impact: C and F over A (L210-215);
    # root causes: D, which is not described, and C low (L217-223)
    "C1": ("C", "E", "F", "A"),
    "C2": ("C", "F", "E", "A"),
    "C3": ("E", "F", "A", "C"),
}


def test_a_card_can_stand_first_by_two_criteria_and_last_by_a_third() -> None:
    room = Held(plan_of(people=12, tables=3, sets={"letters": ("A", "C", "E", "F")}))
    room.fill(12, 3)
    room.at("rank-benefit")
    for table, (criterion, order) in enumerate(BY_CRITERION.items()):
        room.rank(table, "rank-benefit", *order, criteria=(criterion,))
    room.show(ANN, "rank-benefit")
    (found,) = results(room.plan, room.state, room.words, room.plan.questions["rank-benefit"])
    assert isinstance(found, SetOrders) and found.together is not None
    at = {each.judged_by[0]: places(each.order)["C"] for each in found.tables}
    assert at == {"C1": 1, "C2": 1, "C3": 4}
    # So the order together stands on which tables were asked: without either of two, C is first no
    # more, or no more alone.
    assert found.together.w is not None and found.together.w < 0.5
    assert any(change.moved for change in found.without)


def test_after_the_information_people_were_less_comfortable_with_all_three() -> None:
    plan = plan_of(people=120, tables=24, cases=("case-1", "case-2", "case-3"), synthetic=True)
    day = simulate(plan, catalogue(), 2017)
    for case in plan.cases:
        question = plan.questions[f"after.{case}"]
        (found,) = results(plan, day.room.state, day.room.words, question)
        assert isinstance(found, Poll) and found.moved is not None
        less, *_, more = found.moved.counts
        assert len(found.moved.counts) == 3 and less > more


def test_an_invented_day_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    plan = plan_of(synthetic=True)
    days = [simulate(plan, catalogue(), seed).room.events for seed in (1, 1, 2)]
    assert days[0] == days[1] != days[2]


def test_two_invented_workshops_of_one_seed_can_stand_on_one_site() -> None:
    """They say the same words, and no text of one has the id of a text of the other."""
    plans = [plan_of(synthetic=True).model_copy(update={"id": name}) for name in ("one", "another")]
    one, other = (simulate(plan, catalogue(), 1).said for plan in plans)
    assert [said.text for said in one] == [said.text for said in other] != []
    assert not {said.id for said in one} & {said.id for said in other}
