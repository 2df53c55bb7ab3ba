"""What stands on the lists to judge by is the facilitator's to choose, and the table's to agree."""

from __future__ import annotations

import pytest
from rooms_of_people import ANN, Held, plan_of

from equipoise.errors import UsageRefused
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.workshop.answers import Answer, answer
from equipoise.weigh.workshop.criteria import JUDGED_BY, offered

FIRST = tuple(item.id for item in catalogue().of("criteria"))[:2]
OWN = ("Who in the harbour would notice",)


def test_usually_all_of_the_catalogue_is_offered_and_the_plan_reads_as_before() -> None:
    plan = plan_of()
    assert offered(plan, catalogue()) is not None
    assert offered(plan, catalogue()).of("criteria") == catalogue().of("criteria")
    assert plan.digest == plan_of(criteria={}, own_criteria={"factors": ()}).digest


def test_a_list_is_what_was_chosen_and_what_was_added() -> None:
    plan = plan_of(criteria={"criteria": FIRST}, own_criteria={"criteria": OWN})
    lists = offered(plan, catalogue())
    assert [item.words for item in lists.of("criteria")] == [
        *(catalogue()[one].words for one in FIRST),
        *OWN,
    ]
    for group in ("risk criteria", "factors", "avoided", "red lines", "benefits"):
        assert lists.of(group) == catalogue().of(group), group
    assert plan.digest != plan_of().digest
    alone = offered(plan_of(criteria={"factors": ()}, own_criteria={"factors": OWN}), catalogue())
    assert [item.words for item in alone.of("factors")] == [*OWN]


def test_a_table_judges_by_what_is_offered_and_by_nothing_else_of_the_catalogue() -> None:
    room = Held(plan_of(criteria={"criteria": FIRST}, own_criteria={"criteria": OWN}))
    room.fill(8, 2)
    room.at("rank-benefit")
    lists = offered(room.plan, catalogue())
    (own,) = [item.id for item in lists.of("criteria") if item.words in OWN]

    def sent(*criteria: str) -> None:
        said = Answer("rank-benefit", room.client(), order=(("A",), ("B",)), criteria=criteria)
        room.add(answer(room.plan, room.state, lists, room.who(0), said))

    sent(FIRST[0], own)
    assert room.state.tables["rank-benefit"][1].data["criteria"] == sorted((FIRST[0], own))
    left_off = next(i.id for i in catalogue().of("criteria") if i.id not in FIRST)
    with pytest.raises(UsageRefused, match="WGH160"):
        sent(left_off)
    room.show(ANN, "rank-benefit")


def test_everything_wrong_with_the_lists_is_told_at_once_each_at_its_own() -> None:
    listed = catalogue().of("factors")[0].words
    with pytest.raises(UsageRefused) as refused:
        plan_of(
            title="ab",
            criteria={"criteria": (), "risk criteria": ("X1",)},
            own_criteria={
                "risk criteria": ("x",),
                "factors": (listed.upper(), *(f"Factor {n}" for n in range(11))),
            },
        )
    found = [(one.code, one.clause) for one in refused.value.problems]
    assert ("WGH120", "") in found or ("WGH120", None) in found
    assert {one for one in found if one[0] > "WGH180"} == {
        ("WGH183", "criteria"),
        ("WGH183", "risk criteria"),
        ("WGH184", "own risk criteria"),
        ("WGH184", "own factors"),
    }


@pytest.mark.parametrize("own", [("Twice", "twice"), ("x" * 201,), ("  a ",)])
@pytest.mark.parametrize("group", JUDGED_BY)
def test_what_is_added_differs_and_can_be_read_aloud(group: str, own: tuple[str, ...]) -> None:
    with pytest.raises(UsageRefused, match="WGH184"):
        plan_of(own_criteria={group: own})
