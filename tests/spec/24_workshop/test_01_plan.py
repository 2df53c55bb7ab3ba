"""A facilitator makes a workshop from cards in minutes; what cannot be held is refused at once."""

from __future__ import annotations

import pytest
from rooms_of_people import ANN, plan_of, wish

from equipoise.errors import UsageRefused
from equipoise.weigh.cards import cards
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.workshop.exercises import exercises, places
from equipoise.weigh.workshop.plan import Variation
from equipoise.weigh.workshop.wish import advice, propose


def codes(**changed: object) -> set[str]:
    with pytest.raises(UsageRefused) as refused:
        plan_of(**changed)
    return {problem.code for problem in refused.value.problems}


def names(**changed: object) -> list[str]:
    return [chosen.exercise for chosen in plan_of(**changed).exercises]


def test_a_whole_day_holds_every_exercise_of_the_founding_report() -> None:
    assert names() == list(exercises())


def test_the_minutes_of_the_exercises_fit_the_day_with_its_break() -> None:
    for minutes in (45, 60, 90, 120, 149, 150, 200, 330):
        plan = plan_of(minutes=minutes)
        assert sum(each.minutes for each in plan.exercises) + plan.break_minutes <= minutes
        assert plan.break_minutes == (15 if minutes >= 150 else 0)


def test_with_less_time_there_are_fewer_exercises_and_none_is_cut_below_its_least() -> None:
    short, long = names(minutes=75), names(minutes=330)
    assert {"welcome", "evaluation"} < set(short) < set(long)
    for chosen in plan_of(minutes=75).exercises:
        exercise = exercises()[chosen.exercise]
        cards_in = {"none": 0, "ranked": 5, "cases": 2}[exercise.cards]
        assert chosen.minutes >= exercise.least(cards_in)


def test_benefit_and_risk_are_ranked_by_the_same_table_on_the_same_cards() -> None:
    plan = plan_of(sets={"letters": ("A", "B", "C"), "numbers": ("1", "2", "3")})
    assert [plan.set_of(table) for table in (1, 2, 3, 4)] == [
        ("A", "B", "C"),
        ("1", "2", "3"),
        ("A", "B", "C"),
        ("1", "2", "3"),
    ]
    assert {"rank-benefit", "rank-risk"} <= plan.questions.keys()


def test_a_poll_is_asked_before_and_after_the_information_of_the_same_case() -> None:
    plan = plan_of()
    before, after = plan.questions["before.case-1"], plan.questions["after.case-1"]
    assert after.since == before.id
    between = plan.steps[before.step + 1]
    assert between.information and before.step < between.number < after.step


def test_each_variation_is_asked_against_the_case_as_it_is() -> None:
    plan = plan_of()
    changed = [q for q in plan.questions.values() if q.id.startswith("changed.")]
    assert len(changed) == 4 and {q.since for q in changed} == {"as-it-is"}
    assert {v.changes for v in plan.variations} == {"who", "what", "purpose"}


def test_the_evaluation_asks_three_marks_from_one_to_six_and_four_open_questions() -> None:
    asked = [q for q in plan_of().questions.values() if q.exercise == "evaluation"]
    assert [len(q.scale) for q in asked if q.kind == "vote"] == [6, 6, 6]
    assert [q.kind for q in asked].count("words") == 4


def test_every_exercise_says_how_it_is_misread_and_how_to_notice() -> None:
    for exercise in exercises().values():
        assert exercise.misread and exercise.check and exercise.instructions


def test_every_exercise_that_the_catalogue_names_is_there() -> None:
    named = {
        place.removeprefix("exercise:")
        for item in catalogue().items
        for place in item.places
        if place.startswith("exercise:")
    }
    assert named and named - places().keys() == set()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": " x "}, "WGH120"),
        ({"people": 3, "tables": None}, "WGH121"),
        ({"people": 7, "tables": None}, "WGH122"),
        ({"people": 22, "tables": 3}, "WGH122"),
        ({"sectors": ("council",)}, "WGH123"),
        ({"sectors": ("council", "Council ")}, "WGH124"),
        ({"sectors": ("council", "Not said")}, "WGH124"),
        ({"facilitators": ()}, "WGH125"),
        ({"facilitators": ("Ann",)}, "WGH125"),
        ({"sets": {"one": ("A",)}}, "WGH126"),
        ({"sets": {"twice": ("A", "A")}}, "WGH126"),
        ({"cases": ("case-1", "case-1")}, "WGH126"),
        ({"sets": {"x": ("A", "Z")}}, "WGH127"),
        ({"sets": {"x": ("A", "D")}}, "WGH128"),
        ({"exercises": ("singing",)}, "WGH129"),
        ({"exercises": ("two-round poll",), "information": None}, "WGH130"),
        ({"exercises": ("ranking risk",), "sets": {}}, "WGH130"),
        ({"minutes": 12}, "WGH131"),
        ({"minutes": 1000}, "WGH131"),
        ({"exercises": ("acceptability", "ranking risk"), "minutes": 40}, "WGH131"),
    ],
)
def test_a_plan_that_cannot_be_held_is_refused(changed: dict[str, object], code: str) -> None:
    assert code in codes(**changed)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = codes(title="", people=7, sectors=("one",), sets={"x": ("Z",)}, minutes=5)
    assert {"WGH120", "WGH122", "WGH123", "WGH126", "WGH127", "WGH131"} <= found


def test_a_variation_changes_one_thing() -> None:
    with pytest.raises(ValueError):
        Variation(id="both", changes="who and what", words="Both at once.")  # type: ignore[arg-type]


def test_a_facilitator_is_told_what_a_small_room_cannot_show() -> None:
    told = advice(plan_of(people=8, tables=2))
    assert any("fewer than ten" in sentence for sentence in told)
    told = advice(plan_of(exercises=("ranking benefit",)))
    assert any("Only benefit or only risk" in sentence for sentence in told)


def test_a_plan_has_one_digest_and_another_wish_another() -> None:
    assert plan_of().digest == plan_of().digest != plan_of(minutes=300).digest
    assert propose(wish(), cards(), catalogue()).facilitators[0] == ANN
