"""The DPIA document: seven steps, what is missing said, reasons in writing, and only ever text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from weighers import ITEMS, LINE, closing, draft, ended, sheet, weighed

from equipoise.weigh.assess.assessment import Assessment, Figure, closed
from equipoise.weigh.assess.dpia import MISSING, dpia
from equipoise.weigh.assess.paper import Grid, Items, Paper, Section, Words, to_html, to_markdown
from equipoise.weigh.questions import dpia_steps


def paper_of(assessment: Assessment) -> Paper:
    return dpia(assessment, draft(), ITEMS)


def test_every_step_is_there_in_both_forms() -> None:
    made = paper_of(ended())
    markdown, page = to_markdown(made), to_html(made)
    for number, step in enumerate(dpia_steps(), start=1):
        assert f"## Step {number}. {step.title}" in markdown
        assert f"Step {number}. " in page
    assert len(dpia_steps()) == 7
    assert MISSING not in markdown


def test_before_the_end_it_says_what_is_missing() -> None:
    text = to_markdown(paper_of(weighed()))
    assert text.count(MISSING) == 2


def test_everybody_is_heard_in_it_and_nothing_is_added_up() -> None:
    text = to_markdown(paper_of(ended()))
    assert "2 to 4, middle 3; 1 does not know" in text
    assert "3 people answered, each for themselves: council, voluntary and health" in text
    assert "They are not added up." in text
    assert "One yes or no per account." in text
    assert "12; " not in text
    assert LINE in text


def test_an_overruled_adviser_and_a_departure_are_explained() -> None:
    text = to_markdown(
        paper_of(
            ended(
                adviser={"name": "Dee Falk", "advice": "Do not.", "followed": False,
                         "because": "People would be cold."},
                departs=[{"people said": "One in three would not.", "because": "Winter comes.",
                          "decided by": "Amara Osei"}],
                heard={"workshop": "sha256:" + "2" * 64, "said": "with conditions",
                       "in short": "Most would, with a person to ask."},
                review="2027-06-01",
            )
        )
    )  # fmt: skip
    for said in (
        "The advice was not followed. Reasons: People would be cold.",
        "departs from this view: One in three would not. Reasons: Winter comes.",
        "In a workshop people were with conditions.",
        "on 1 June 2027",
    ):
        assert said in text, said
    assert "No high risk remains" in text


def test_a_high_risk_that_remains_says_to_consult_the_regulator() -> None:
    grave = {"item": "R17", "on": "people in the data", "size": 5, "likelihood": 4,
             "because": "It leaks."}  # fmt: skip
    made = weighed(draft(), sheet("Ada Obi", "council", risks=[grave]), sheet("Bo Li", "health"))
    text = to_markdown(paper_of(made))
    assert "Still to be written" in text
    asked = closing(settled=[], regulator={"consulted": "2026-05-04", "said": "Go on."})
    text = to_markdown(paper_of(closed(made, asked, ITEMS)))
    assert "The regulator was consulted on 4 May 2026: Go on." in text
    forced = made.model_copy(update={"closing": closing(settled=[])})
    text = to_markdown(paper_of(forced))
    assert "A high risk remains" in text and "Consult the regulator before anything begins." in text


def test_figures_stand_in_it_where_they_exist() -> None:
    figure = Figure(what="rows that found their match", value="91%", source="run-1")
    made = ended().model_copy(update={"figures": (figure,)})
    assert "91%" in to_markdown(paper_of(made))
    assert "What was measured: no figure exists yet." in to_markdown(paper_of(ended()))


NASTY = "<script>alert(1)</script> [x](http://evil) **b** | c\n# h\n<img src=x onerror=alert(1)>"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_what_people_write_is_only_ever_text() -> None:
    hostile = sheet("Ada Obi", "council", **{
        "not sharing": [{"words": NASTY, "on": "staff", "size": 1, "likelihood": 1,
                         "because": NASTY}],
        "conditions": [{"condition": NASTY, "because": NASTY}]})  # fmt: skip
    made = paper_of(weighed(draft(), hostile, sheet("Bo Li", "health")))
    parser = _Tags()
    parser.feed(to_html(made))
    assert not parser.tags & {"script", "img", "a", "iframe", "style", "b", "strong"}
    assert not {name for name in parser.attributes if name.startswith("on") or name == "src"}
    markdown = to_markdown(made)
    assert re.search(r"(?<!\\)[<\[]", markdown) is None, "each such sign is escaped"
    table_rows = [row for row in markdown.splitlines() if "alert" in row and row.startswith("|")]
    heads = markdown[: markdown.index(table_rows[0])].splitlines()[-1]
    assert table_rows[0].replace("\\|", "").count("|") == heads.count("|")


@pytest.mark.parametrize("start", ["- a", "+ a", "1. a", "12) a", "# a", "> a", "``` a", "~~~ a"])
def test_a_paragraph_never_begins_something_else(start: str) -> None:
    blocks = (Words(start), Items((start,)), Grid("C", ("h",), ((start,),)))
    made = Paper("T", (Section("S", blocks),))
    line = to_markdown(made).splitlines()[4]
    assert line[0] == "\\" or line[1:3] in ("\\.", "2\\"), line
