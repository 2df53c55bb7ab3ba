"""Eighteen questions in three tests, seven about the day, and the seven steps of a DPIA."""

from __future__ import annotations

from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.questions import (
    TESTS,
    asked_in,
    dpia_steps,
    evaluation,
    questions,
    questions_digest,
)


def test_each_test_asks_six_questions() -> None:
    assert TESTS == ("purposeful", "proportionate", "responsible")
    assert [question.id for question in questions().values()] == [
        f"{test}-{number}" for test in TESTS for number in range(1, 7)
    ]
    for test in TESTS:
        assert [question.test for question in asked_in(test)] == [test] * 6


def test_both_ends_of_every_scale_are_in_words() -> None:
    for question in questions().values():
        assert (question.least, question.most, question.kind) == (1, 5, "closed")
        assert question.words.endswith("?") and question.low and question.high
        assert question.low != question.high


def test_not_knowing_is_an_answer_of_its_own_and_no_number() -> None:
    """An even middle could be taken for it; it is asked for by name beside the scale."""
    for question in questions().values():
        assert question.may_not_know and question.reasons
        assert "don't know" not in (question.low + question.high).casefold()


def test_each_question_rests_on_the_catalogue() -> None:
    for question in (*questions().values(), *evaluation().values()):
        assert question.draws
        assert [item for item in question.draws if item not in catalogue()] == []


def test_what_lives_in_a_question_is_drawn_on_by_it() -> None:
    """An item that says it lives in a question, and a question that never asks of it, would differ
    without anybody noticing; every group that people weigh by reaches a question."""
    asked = {item for question in questions().values() for item in question.draws}
    for group in ("ranking questions", "criteria", "risk criteria", "factors"):
        assert [item.id for item in catalogue().items if item.group == group] == [
            item.id for item in catalogue().items if item.group == group and item.id in asked
        ]
    for item in catalogue().items:
        for place in item.places:
            kind, _, name = place.partition(":")
            if kind == "question" and not name.startswith("evaluation"):
                assert item.id in questions()[name].draws, (item.id, place)


def test_three_closed_questions_and_four_open_ones_are_about_the_day() -> None:
    found = tuple(evaluation().values())
    assert [question.kind for question in found] == ["closed"] * 3 + ["open"] * 4
    assert asked_in("evaluation") == found
    for question in found[:3]:
        assert (question.least, question.most) == (1, 6) and question.low and question.high
    assert not any(question.reasons or question.may_not_know for question in found)


def test_the_steps_of_a_dpia_are_in_order_and_say_what_they_must() -> None:
    steps = dpia_steps()
    assert [step.id for step in steps] == [f"dpia-{number}" for number in range(1, 8)]
    said = " ".join(" ".join(step.must_say) for step in steps).casefold()
    for duty in ("lawful basis", "likely and how severe", "not sharing", "officer's advice",
                 "departs from it, the written reasons", "regulator is consulted"):  # fmt: skip
        assert duty in said, duty


def test_the_questions_have_a_digest() -> None:
    assert questions_digest().startswith("sha256:") and len(questions_digest()) == 71
