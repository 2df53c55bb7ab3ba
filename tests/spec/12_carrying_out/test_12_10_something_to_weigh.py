"""The demonstration ends with something to weigh: people in every role, a finished workshop, an
assessment, a survey - all of it invented, and all of it said to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from equipoise.acts.accounts.permission import ROLES
from equipoise.acts.assess_papers import show_assessment
from equipoise.acts.demo import Shown
from equipoise.acts.demo_weigh import ASSESSMENT, fill_weighing, sheets
from equipoise.acts.initiative_see import see_initiative
from equipoise.acts.site import Site, found_site
from equipoise.acts.survey_make import see_survey
from equipoise.acts.workshop_make import workshop
from equipoise.cli.places import offer
from equipoise.errors import UsageRefused
from equipoise.weigh.questions import questions


def how(site: Site, name: str) -> dict[str, str]:
    return {stage.title: stage.how for stage in see_initiative(site, name).stages}


def test_there_is_somebody_invented_in_every_role(shown: Shown) -> None:
    assert shown.filled is not None
    roles = {role for person in shown.filled.people for role in person.roles}
    assert set(ROLES) <= roles
    assert {"controller", "linkage unit", "secure room", "recipient", "checker"} <= roles
    assert all(person.practice for person in shown.filled.people)


def test_the_workshop_is_finished_and_says_that_its_people_are_invented(shown: Shown) -> None:
    assert shown.filled is not None
    held, plan = workshop(shown.site, shown.filled.workshop)
    assert held.report is not None and plan.synthetic
    assert "ynthetic" in json.dumps(held.report)


def test_the_assessment_is_of_the_next_version_and_keeps_three_views(shown: Shown) -> None:
    seen = show_assessment(shown.site, ASSESSMENT)
    assert seen.assessment.subject.agreement == "fuel-poverty-rebate@2"
    assert len(seen.assessment.sheets) == 3 and seen.held.state == "open"
    assert {sheet.view.answer for sheet in seen.assessment.sheets} == {
        "share", "share with conditions",
    }  # fmt: skip
    for sheet in seen.assessment.sheets:
        assert "(invented)" in sheet.rater.role
        assert set(sheet.tests) == set(questions())
    assert any(
        judged["answer"] == "don't know" for sheet in sheets() for judged in sheet["tests"].values()
    )


def test_each_initiative_shows_how_far_it_has_come(shown: Shown) -> None:
    assert shown.filled is not None
    rebate, justice, index = shown.filled.initiatives
    assert how(shown.site, rebate) == {
        "Weigh": "under way", "Agree": "done", "Carry out": "done", "Account": "done",
    }  # fmt: skip
    assert how(shown.site, justice)["Carry out"] == "done"
    assert how(shown.site, index)["Agree"] == "not begun"
    said = [each for stage in see_initiative(shown.site, rebate).stages for each in stage.said]
    assert "on the public register: fuel-poverty-rebate@1" in said
    kinds = {thing.kind: thing.name for thing in see_initiative(shown.site, rebate).things}
    assert kinds["draft"] == "fuel-poverty-next" and kinds["agreement"] == "fuel-poverty-rebate@1"


def test_the_survey_shows_figures_and_says_that_its_votes_are_invented(shown: Shown) -> None:
    assert shown.filled is not None
    seen = see_survey(shown.site, shown.filled.survey, None)
    assert seen.synthetic and seen.people == "20 or more" and seen.phase == "open"
    assert next(one.words for one in seen.standings) == "Knowing beforehand what is joined"
    assert all(one.low < one.chance < one.high for one in seen.standings)


def test_the_command_ends_by_offering_the_site_and_naming_who_to_be(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("equipoise.cli.show.say", lambda text, **_: told.append(text))
    offer(Path("demo-site"), shown.filled)
    assert "  equipoise serve --site demo-site" in told
    assert "    Imogen Ward: head of data, administrator" in told
    offer(Path("demo-site"), None)
    assert len(told) == 4 + len(shown.filled.people if shown.filled else ())


def test_a_real_site_is_never_filled(tmp_path: Path) -> None:
    site = found_site(tmp_path / "site", name="Real", practice=False)
    with pytest.raises(UsageRefused, match="ACT012"):
        fill_weighing(site)
    assert site.people() == ()
