"""Drafts and reports of surveys, and the desk's seats and door, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from watching import NewPage, faults, picture, serving

from equipoise.acts import workshop_answer as answering
from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_lead as leading
from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_report as reporting
from equipoise.acts import workshop_steer as steering
from equipoise.acts.site import Site, enrol, found_site
from equipoise.acts.survey_make import SurveyWish, make_wished
from equipoise.acts.workshop_survey import close_survey, see_ballot, vote_on_pair
from equipoise.weigh.workshop.answers import Answer
from equipoise.weigh.workshop.wish import Wish

CLEO = "Cleo Marsh"
IDEAS = "Buses by night\nQuiet streets\nWarm homes"
PHONE = {"width": 375, "height": 740}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    folder = tmp_path_factory.mktemp("seats") / "site"
    site = found_site(folder, name="Harbourside data service", practice=True)
    enrol(site, "council", CLEO, roles=("facilitator",), practice=True)
    with serving(site.directory) as address:
        yield site, address


def looked_at(page: Any, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    picture(page, f"seats-{name}")
    assert faults(page) == [], name
    page.set_viewport_size(PHONE)
    picture(page, f"seats-{name}-phone")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], f"{name} is {wide} wide on a phone"
    page.set_viewport_size({"width": 1280, "height": 900})


def step_in(page: Any, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label(CLEO).check()
    page.get_by_role("button", name="Go in as this person").click()


@pytest.mark.slow
def test_a_survey_waits_opens_and_is_reported(
    practice: tuple[Site, str], new_page: NewPage
) -> None:
    site, address = practice
    page = new_page()
    step_in(page, address)
    page.goto(f"{address}/surveys/new")
    page.get_by_label("Title").fill("What matters in town?")
    page.get_by_label("Ideas to begin with").fill(IDEAS)
    page.get_by_label("On a day", exact=True).check()
    page.get_by_role("button", name="Make the survey").click()
    looked_at(page, "survey-no-day")
    page.get_by_label("When I open it").check()
    page.get_by_role("button", name="Make the survey").click()
    looked_at(page, "survey-draft")
    lead = page.url
    page.goto(lead.replace("/surveys/", "/survey/"))
    page.get_by_role("heading", name="This survey has not opened yet").wait_for()
    looked_at(page, "survey-not-open")
    page.goto(lead)
    page.get_by_role("button", name="Open the survey now").click()
    page.goto(lead.replace("/surveys/", "/survey/"))
    page.get_by_role("button", name="Skip: I cannot decide").wait_for()
    wish = SurveyWish("Reported", "Which?", IDEAS, 7)
    name = make_wished(site, CLEO, wish)
    for voter in range(6):
        pair = [idea for idea, _ in see_ballot(site, name, f"t{voter}").pair]
        vote_on_pair(
            site, name, f"t{voter}", pair=(pair[0], pair[1]), chosen=min(pair), client="c" * 24
        )
    close_survey(site, name, CLEO)
    page.goto(f"{address}/surveys/{name}/report")
    looked_at(page, "survey-report")


@pytest.mark.slow
def test_people_are_moved_and_the_door_is_closed(
    practice: tuple[Site, str], new_page: NewPage
) -> None:
    site, address = practice
    name = leading.name_for("Harbour", "seats")
    wish = Wish(name, "Harbour", (site.person(CLEO).key,), 8, 120, {"one": ("A", "B", "C")})
    leading.make_once(site, CLEO, making.propose_workshop(site, wish).plan)
    steering.open_workshop(site, name, CLEO)
    seats = [
        joining.join_workshop(site, name, sector="public sector", table=n % 2 + 1) for n in range(8)
    ]
    page = new_page()
    step_in(page, address)
    page.goto(f"{address}/workshops/{name}/")
    page.get_by_text("Move somebody to another table").click()
    page.get_by_label("Number of the seat").fill("3")
    page.get_by_label("Table to move to").fill("9")
    page.get_by_role("button", name="Move them").click()
    assert page.get_by_label("Table to move to").input_value() == "9"
    page.get_by_label("Table to move to").fill("2")
    page.get_by_role("button", name="Move them").click()
    page.get_by_text("Seat 3 is now at table 2.").wait_for()
    page.get_by_text("Who may still join").click()
    page.get_by_role("button", name="Close the door").click()
    page.get_by_text("Who may still join").click()
    page.get_by_text("Move somebody to another table").click()
    lines = next(q for q in making.workshop(site, name)[1].questions.values() if q.kind == "line")
    steering.move_to(site, name, CLEO, seen=0, to=lines.step)
    for number in range(2):
        drafts = answering.drafts_of([("words", "Never to fine anybody")])
        sent = Answer(lines.id, f"drawn-{number:03}", drafts=drafts)
        answering.send(site, name, seats[number].token, sent)
    joining.leave_workshop(site, name, seats[1].token)
    steering.show(site, name, CLEO, lines.id)
    page.goto(f"{address}/workshops/{name}/")
    page.get_by_text("Who may still join").click()
    page.get_by_text("Move somebody to another table").click()
    looked_at(page, "desk")
    steering.close_workshop(site, name, CLEO)
    reporting.report_workshop(site, name, CLEO)
    page.goto(f"{address}/workshops/{name}/report")
    page.get_by_text("Never to fine anybody").first.wait_for()
    looked_at(page, "report")
    page.goto(f"{address}/workshops/new")
    page.get_by_text("Criteria of benefit (").click()
    page.get_by_label("Add to the criteria of benefit").fill("Who would notice")
    looked_at(page, "criteria")
