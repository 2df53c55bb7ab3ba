"""A sheet is held to the catalogue, the questions and itself: every problem, with its line."""

from __future__ import annotations

from typing import Any

import pytest
from weighers import CAREFUL, ITEMS, answers, sheet, text_of, three, weighed

from equipoise.errors import DocumentRefused, Problem
from equipoise.weigh.assess.assessment import answered, begun
from equipoise.weigh.assess.checking import check_sheet
from equipoise.weigh.assess.reading import read_part
from equipoise.weigh.assess.sheet import Sheet
from equipoise.weigh.assess.template import template
from equipoise.weigh.cards import cards
from equipoise.weigh.questions import questions


def told(data: dict[str, Any]) -> list[Problem]:
    text = text_of(data)
    try:
        read = read_part(Sheet, text, "answers.yaml")
    except DocumentRefused as error:
        return list(error.problems)
    return [read.placed(each) for each in check_sheet(read.value, ITEMS)]


def put(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    place: Any = data
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


SOUND = answers("Ada Obi", "council")


def test_a_whole_sheet_has_no_problems() -> None:
    assert told(SOUND) == []
    assert told(answers("Ben Roe", "voluntary", "don't know", **CAREFUL)) == []


WRONG = [
    ("rater/sector", "martian", "WGH082"),
    ("rater/name", None, "WGH081"),
    ("view/answer", "maybe", "WGH082"),
    ("benefits/0/size", 6, "WGH082"),
    ("benefits/0/size", 0, "WGH082"),
    ("benefits/0/size", "3", "WGH082"),
    ("benefits/0/size", 2.5, "WGH082"),
    ("benefits/0/on", "everybody", "WGH082"),
    ("benefits/0/item", "B99", "WGH091"),
    ("benefits/0/item", "R02", "WGH091"),
    ("benefits/0/words", "Two ways to say one thing.", "WGH092"),
    ("benefits/0/item", None, "WGH092"),
    ("risks/0/controls/0/likelihood becomes", 5, "WGH093"),
    ("risks/0/controls/0/sensitivity becomes", 1, "WGH080"),
    ("risks/0/controls/0/size becomes", 1, "WGH080"),
    ("tests/purposeful-9", {"answer": 3, "because": "Who asked?"}, "WGH094"),
    ("factors/A1", None, "WGH096"),
    ("tests/responsible-6", None, "WGH096"),
    ("tests/purposeful-1/answer", 2.5, "WGH082"),
    ("tests/purposeful-1/because", None, "WGH081"),
    ("benefits", [], "WGH098"),
    ("risks", [], "WGH099"),
    ("view/answer", "share with conditions", "WGH097"),
    ("red lines", [{"line": "Never.", "held by": "Me.", "scope": "all", "about": "X9",
                    "because": "It must not be."}], "WGH091"),
    ("benefits", [dict(SOUND["benefits"][0]) for _ in "12"], "WGH095"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "code"), WRONG)
def test_one_thing_wrong_is_one_problem_at_its_line(path: str, value: Any, code: str) -> None:
    data = put(answers("Ada Obi", "council"), path, value)
    (problem,) = told(data)
    assert problem.code == code
    assert problem.file == "answers.yaml" and problem.line is not None
    assert problem.what and problem.why and problem.next
    key = path.partition("/")[0]
    lines = text_of(data).splitlines()
    first = next(n for n, line in enumerate(lines, 1) if line.startswith(key))
    assert problem.line >= first, "it points into the part that is wrong"


def test_everything_wrong_is_told_at_once_in_the_order_of_the_text() -> None:
    data = put(answers("Ada Obi", "council"), "benefits/0/item", "B99")
    data = put(put(data, "factors/A3", None), "tests/responsible-1", None)
    found = told(data)
    assert [each.code for each in found] == ["WGH091", "WGH096", "WGH096"]
    assert [each.line for each in found] == sorted(each.line or 0 for each in found)


@pytest.mark.parametrize(
    "text",
    ["", "- a\n- b\n", "a: [", "assessment: &x rebate\nrater: *x\n", "[" * 100, "x: \u202ey\n"],
)
def test_what_is_no_sheet_at_all_is_refused(text: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_part(Sheet, text, "answers.yaml")
    assert {each.code for each in refused.value.problems} <= {"WGH080", "WGH081", "WGH083"}


def test_everybody_is_asked_all_eighteen_and_all_seven() -> None:
    text = template(begun("rebate", None, cards()["A"]), ITEMS)
    assert sum(f"  {key}: " in text for key in questions()) == 18
    assert sum(f"  A{number}: " in text for number in range(1, 8)) == 7


def test_an_empty_sheet_says_what_is_missing_and_a_filled_one_reads_back_the_same() -> None:
    made = weighed()
    with pytest.raises(DocumentRefused):
        read_part(Sheet, template(made, ITEMS), "answers.yaml")
    for each in three():
        again = read_part(Sheet, template(made, ITEMS, each), "answers.yaml").value
        assert again == each


def test_stale_answers_are_left_out_of_a_sheet_and_named() -> None:
    ben = three()[1]
    stale = frozenset({"tests.purposeful-1", "risks.0", "red lines.0", "view"})
    text = template(weighed(), ITEMS, ben, stale)
    assert text.count("# answer anew") == 3
    assert "  purposeful-1: {answer: , because: }" in text
    assert "  purposeful-2: {answer: 2" in text
    assert "risks: []" in text


def test_answers_are_kept_apart_and_one_person_counts_once() -> None:
    made = weighed()
    assert [each.rater.name for each in made.sheets] == ["Ada Obi", "Ben Roe", "Cy Dunn"]
    again = answered(made, sheet("ada  OBI", "council", 1))
    assert [each.rater.name for each in again.sheets] == ["Ben Roe", "Cy Dunn", "ada  OBI"]
    assert made.content("salt") != again.content("salt")


def test_a_sheet_of_another_assessment_is_refused() -> None:
    with pytest.raises(DocumentRefused) as refused:
        answered(begun("other", None, cards()["A"]), three()[0])
    assert [each.code for each in refused.value.problems] == ["WGH090"]


def test_an_assessment_of_nothing_is_refused() -> None:
    with pytest.raises(DocumentRefused) as refused:
        begun("rebate", None, None)
    assert [each.code for each in refused.value.problems] == ["WGH102"]
