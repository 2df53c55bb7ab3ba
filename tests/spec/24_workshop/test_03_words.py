"""Free text is cleaned and screened before anybody reads it, and its writer is asked."""

from __future__ import annotations

import json

import pytest
from rooms_of_people import ANN, Held

from equipoise.errors import DataRefused, EquipoiseError
from equipoise.weigh.workshop.answers import Answer, Draft
from equipoise.weigh.workshop.results import TAKEN_OUT, results
from equipoise.weigh.workshop.screening import (
    LONGEST,
    cleaned,
    findings,
    mark,
    needs_answer,
    screened,
)

PERSONAL = [
    ("WGH140", "her number is 943 476 5919"),
    ("WGH140", "nhs9434765919"),
    ("WGH140", "number \uff19\uff14\uff13\uff14\uff17\uff16\uff15\uff19\uff11\uff19"),
    ("WGH141", "NINO QQ 12 34 56 C"),
    ("WGH141", "ab123456c got no answer"),
    ("WGH142", "paid with 4111 1111 1111 1111"),
    ("WGH143", "write to jo.smith@example.org"),
    ("WGH143", "jo dot smith at example dot org"),
    ("WGH143", "jo (at) example.org"),
    ("WGH144", "ring 0113 496 0123"),
    ("WGH144", "+44 (0)7700 900 123"),
    ("WGH145", "everybody in LS1 4AP"),
    ("WGH145", "ls14ap"),
    ("WGH146", "Mrs Patel told me"),
    ("WGH146", "ask Dr. J. Brown"),
    ("WGH146", "a lad called Liam"),
    ("WGH147", "born on 3 May 1961"),
    ("WGH147", "03/05/1961"),
    ("WGH147", "DOB 1961"),
    ("WGH148", "at 12 High Street"),
    ("WGH149", "see @jane_doe"),
    ("WGH149", "https://example.org/jane"),
]

HARMLESS = [
    "It costs £120,000 a year",
    "18 of 22 people, 82 per cent, and 123 fields",
    "From 2017/18 to 2019",
    "Doctors and nurses should see it",
    "Only at A&E, 24 hours a day",
    "Section 5 of the Act",
    "less than <5 people",
    "The council called twice",
]


def codes(text: str) -> list[str]:
    return [finding.code for finding in findings(cleaned(text))]


@pytest.mark.parametrize(("code", "text"), PERSONAL)
def test_what_looks_personal_is_asked_about(code: str, text: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_does_not_is_let_through(text: str) -> None:
    assert codes(text) == []
    assert screened(text, "words") == text


@pytest.mark.parametrize(("code", "text"), PERSONAL)
def test_a_problem_never_repeats_the_text(code: str, text: str) -> None:
    with pytest.raises(DataRefused) as refused:
        screened(text, "words")
    told = json.dumps([problem.as_dict() for problem in refused.value.problems])
    for word in text.split():
        if any(character.isdigit() or character in "@." for character in word) and len(word) > 2:
            assert word not in told


def test_its_writer_may_confirm_a_text_and_no_other() -> None:
    text = "The street is called High Road"
    with pytest.raises(DataRefused) as refused:
        screened(text, "words")
    assert all(needs_answer(problem) for problem in refused.value.problems)
    assert screened(text, "words", confirmed=[mark(text)]) == text
    with pytest.raises(DataRefused):
        screened(text + " near 2 Low Lane", "words", confirmed=[mark(text)])


@pytest.mark.parametrize("text", ["943 476 5919", "AB123456C", "4111 1111 1111 1111"])
def test_a_number_made_to_identify_one_person_cannot_be_confirmed(text: str) -> None:
    with pytest.raises(DataRefused) as refused:
        screened(text, "words", confirmed=[mark(text)])
    assert not any(needs_answer(problem) for problem in refused.value.problems)


def test_a_million_letters_are_refused_before_anything_reads_them() -> None:
    with pytest.raises(DataRefused, match="WGH139"):
        screened("a" * 1_000_000, "words")
    assert len(screened("a " * (LONGEST // 2), "words")) <= LONGEST


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b\u202e", "\x00\x07"])
def test_nothing_written_is_refused(text: str) -> None:
    with pytest.raises(DataRefused, match="WGH138"):
        screened(text, "words")


def test_scripts_and_characters_nobody_sees_are_made_harmless() -> None:
    assert cleaned("<script>alert(1)</script>") == "‹script>alert(1)‹/script>"
    assert cleaned("a\u202eb\x00c\u200bd\ne") == "abcd e"
    assert cleaned("<img src=x onerror=y>").find("<") == -1


def test_a_text_that_was_not_confirmed_is_not_kept_anywhere() -> None:
    room = Held()
    room.seat(1)
    room.at("hopes")
    before = len(room.events)
    with pytest.raises(EquipoiseError, match="WGH146"):
        room.say(1, "hopes", "Mrs Patel helps")
    assert (len(room.events), room.words) == (before, {})


def test_every_text_of_a_sending_is_asked_about_at_once() -> None:
    room = Held()
    room.seat(1)
    room.at("hopes")
    drafts = (Draft("words", "Mrs Patel", "t1", "s1"), Draft("words", "LS1 4AP", "t2", "s2"))
    with pytest.raises(EquipoiseError) as refused:
        room.answer(room.who(1), Answer("hopes", room.client(), drafts=drafts))
    found = {(problem.code, problem.clause) for problem in refused.value.problems}
    assert found == {("WGH146", "words 1"), ("WGH145", "words 2")}


def test_events_name_a_text_by_id_and_digest_and_never_hold_it() -> None:
    room = Held()
    room.seat(1)
    room.at("hopes")
    text = room.say(1, "hopes", "Fewer forms")
    assert "Fewer" not in json.dumps([event.as_dict() for event in room.events])
    (said,) = room.said
    assert said.id == text and said.digest in room.events[-1].data["digests"]


def test_words_are_shown_once_five_people_have_written() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("hopes")
    for number in range(4):
        room.say(number, "hopes", f"Thought {number}")
    room.show(ANN, "hopes")
    question = room.plan.questions["hopes"]
    (found,) = results(room.plan, room.state, room.words, question)
    assert found.texts == ()
    room.say(4, "hopes", "Thought 4")
    room.show(ANN, "hopes")
    (found,) = results(room.plan, room.state, room.words, question)
    assert len(found.texts) == 5


def test_one_person_with_five_texts_is_still_one_person() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("hopes")
    for number in range(5):
        room.say(0, "hopes", f"Thought {number}")
    room.show(ANN, "hopes")
    (found,) = results(room.plan, room.state, room.words, room.plan.questions["hopes"])
    assert found.texts == ()


def test_a_facilitator_can_take_a_text_off_the_wall_and_put_it_back() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("hopes")
    texts = [room.say(number, "hopes", f"Thought {number}") for number in range(5)]
    room.show(ANN, "hopes")
    from equipoise.weigh.workshop import steering

    room.add(steering.hide(room.plan, room.state, ANN, texts[2]))
    question = room.plan.questions["hopes"]
    (found,) = results(room.plan, room.state, room.words, question)
    assert dict(found.texts)[texts[2]] == TAKEN_OUT
    room.undo(ANN)
    (found,) = results(room.plan, room.state, room.words, question)
    assert dict(found.texts)[texts[2]] == "Thought 2"


def test_a_phone_that_writes_without_end_is_stopped() -> None:
    room = Held()
    room.seat(1)
    room.at("hopes")
    for number in range(80):
        room.say(1, "hopes", f"Thought {number}")
    with pytest.raises(EquipoiseError, match="WGH155"):
        room.say(1, "hopes", "One more")


def test_a_red_line_is_drawn_with_its_scope_and_a_name_only_if_given() -> None:
    room = Held()
    room.fill(8, 2)
    room.at("lines")
    for number in range(6):
        drafts = (
            Draft("words", "Never to punish", f"w{number}", "s"),
            Draft("holder", "Ms Grace Hall", f"h{number}", "s"),
        )
        sent = Answer(
            "lines",
            room.client(),
            items=("X2",),
            scope="every use of data",
            id=f"line{number}",
            drafts=drafts if number == 0 else (),
        )
        room.answer(room.who(number), sent)
    room.show(ANN, "lines")
    (found,) = results(room.plan, room.state, room.words, room.plan.questions["lines"])
    assert found.held == {"X2": 5}, "who stands there with words and a name is no part of the five"
    named = [line for line in found.lines if line.holder]
    assert [(line.text, line.holder, line.scope) for line in named] == [
        ("Never to punish", "Ms Grace Hall", "every use of data")
    ]


def test_that_a_line_is_held_is_told_and_by_how_few_is_not() -> None:
    room = Held()
    room.fill(10, 2)
    room.at("lines")
    for number in range(8):
        item = "X1" if number < 6 else "X5"
        sent = Answer("lines", room.client(), items=(item,), id=f"line{number}")
        room.answer(room.who(number), sent)
    room.show(ANN, "lines")
    (found,) = results(room.plan, room.state, room.words, room.plan.questions["lines"])
    assert found.held == {"X1": 6, "X5": 0}
