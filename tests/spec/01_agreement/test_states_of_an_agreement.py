"""An agreement and a run go from state to state by the tables, and in no other way."""

from __future__ import annotations

import pytest
from agreement_texts import ROOT

from equipoise.agree.states import AGREEMENT, RUN, diagram, move, page
from equipoise.errors import StateRefused


def walk(table: dict[str, dict[str, str]], start: str, *acts: str) -> str:
    for act in acts:
        start = move(table, start, act, object="warm-homes@2")
    return start


def test_an_agreement_goes_from_draft_to_erased() -> None:
    way = ("propose", "weigh", "finalise", "sign", "suspend", "resume", "end", "erase")
    assert walk(AGREEMENT, "draft", *way) == "erased"


def test_a_run_goes_from_requested_to_released_and_erased() -> None:
    way = ("permit", "start", "compute", "check", "submit", "release", "erase")
    assert walk(RUN, "requested", *way) == "erased"


def test_an_interrupted_run_needs_a_new_permit() -> None:
    assert walk(RUN, "requested", "permit", "start", "interrupt") == "interrupted"
    assert walk(RUN, "interrupted", "permit", "start") == "running"
    with pytest.raises(StateRefused):
        move(RUN, "interrupted", "start", object="run 7")


def test_the_text_freezes_when_it_is_final() -> None:
    assert move(AGREEMENT, "weighed", "revise", object="warm-homes@2") == "draft"
    with pytest.raises(StateRefused):
        move(AGREEMENT, "final text", "revise", object="warm-homes@2")


def test_what_is_not_possible_says_what_is() -> None:
    with pytest.raises(StateRefused) as refused:
        move(AGREEMENT, "draft", "sign", object="warm-homes@2")
    (problem,) = refused.value.problems
    assert problem.code == "AGR401"
    assert problem.what == "warm-homes@2 cannot sign now: it is draft."
    assert "propose, withdraw" in problem.why
    assert "final text" in problem.next


def test_erasing_twice_is_refused() -> None:
    with pytest.raises(StateRefused) as refused:
        move(RUN, "erased", "erase", object="run 7")
    assert "read it" in refused.value.problems[0].why


def test_an_unknown_act_and_an_unknown_state_are_refused() -> None:
    with pytest.raises(StateRefused) as refused:
        move(RUN, "running", "dance", object="run 7")
    assert "not known" in refused.value.problems[0].next
    with pytest.raises(StateRefused) as refused:
        move(RUN, "dreaming", "start", object="run 7")
    assert refused.value.problems[0].code == "AGR402"


@pytest.mark.parametrize("table", [AGREEMENT, RUN], ids=["agreement", "run"])
def test_every_state_can_be_reached_and_can_come_to_rest(table: dict[str, dict[str, str]]) -> None:
    reached, ahead = set(), {next(iter(table))}
    while ahead:
        reached |= ahead
        ahead = {after for state in ahead for after in table[state].values()} - reached
    assert reached == set(table)
    rests = {"erased"}
    while more := {s for s, acts in table.items() if set(acts.values()) & rests} - rests:
        rests |= more
    assert rests == set(table)


def test_the_diagram_draws_every_move() -> None:
    drawn = diagram(RUN)
    assert '    state "in review" as in_review' in drawn
    assert "    in_review --> released: release" in drawn
    assert drawn.count("-->") == sum(map(len, RUN.values())) + 2


def test_the_published_page_has_not_drifted() -> None:
    published = (ROOT / "docs/reference/states.md").read_text(encoding="utf-8")
    assert published == page(), "run `just docs`"
