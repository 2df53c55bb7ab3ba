"""A facilitator's day in a real browser: from the form to the report, and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from watching import NewPage, faults, picture, serving

from equipoise.acts import workshop_answer as answering
from equipoise.acts import workshop_join as joining
from equipoise.acts.site import Site, enrol, found_site
from equipoise.acts.workshop_invent import invent_workshop
from equipoise.acts.workshop_make import workshops
from equipoise.weigh.workshop.answers import Answer

CLEO = "Cleo Marsh"
PHONE = {"width": 375, "height": 740}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    folder = tmp_path_factory.mktemp("lead") / "site"
    site = found_site(folder, name="Harbourside data service", practice=True)
    for name in (CLEO, "Dina Roy"):
        enrol(site, "council", name, roles=("facilitator",), practice=True)
    invent_workshop(site, CLEO)
    with serving(site.directory) as address:
        yield site, address


def looked_at(page: Any, name: str, *, axe: bool = True) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    picture(page, f"lead-{name}")
    if axe:
        assert faults(page) == [], name
    page.set_viewport_size(PHONE)
    picture(page, f"lead-{name}-phone")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], f"{name} is {wide} wide on a phone"
    page.set_viewport_size({"width": 1280, "height": 900})


def step_in(page: Any, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label(CLEO).check()
    page.get_by_role("button", name="Go in as this person").click()


def people(site: Site, name: str, count: int) -> list[joining.Seat]:
    return [
        joining.join_workshop(site, name, sector="public sector", table=n % 3 + 1)
        for n in range(count)
    ]


@pytest.mark.slow
def test_a_facilitator_makes_opens_and_steers_a_workshop(
    practice: tuple[Site, str], new_page: NewPage
) -> None:
    site, address = practice
    page = new_page(viewport={"width": 1280, "height": 900})
    step_in(page, address)
    page.get_by_role("navigation").get_by_role("link", name="Workshops").click()
    looked_at(page, "list")
    page.get_by_role("button", name="Make a workshop").click()
    looked_at(page, "make-empty", axe=False)
    page.get_by_role("button", name="Make the workshop").click()
    looked_at(page, "make-refused")
    summary = page.get_by_role("alert").first
    summary.get_by_role("link", name="Enter a title").press("Enter")
    page.goto(f"{address}/workshops/new?from=half")
    page.get_by_label("Title", exact=True).fill("Better use of data in Harbourside")
    page.get_by_label("How many minutes you have").fill("150")
    page.get_by_label("How many minutes you have").press("Tab")
    plan = page.get_by_role("region", name="The plan")
    plan.locator("b", has_text="of 150 minutes").wait_for()  # the plan keeps up with the form
    looked_at(page, "make-with-plan", axe=False)
    page.get_by_role("button", name="Make the workshop").click()
    looked_at(page, "made", axe=False)
    name = workshops(site)[-1].name
    page.get_by_role("button", name="Open it for people to join").click()
    seated = people(site, name, 16)
    page.get_by_text("16 of 16").wait_for()  # the page keeps itself up to date
    looked_at(page, "open")
    for button in ("Go to the next step", "Go to the next step"):
        page.get_by_role("button", name=button).click()
    step = page.locator(".govuk-caption-l").text_content()
    page.get_by_role("button", name="Go back a step").click()
    assert page.locator(".govuk-caption-l").text_content() != step
    for number, seat in enumerate(seated):
        drafts = tuple(answering.drafts_of([("words", f"Fewer letters, said {number} times")]))
        answering.send(site, name, seat.token, Answer("hopes", f"client{number:04}", drafts=drafts))
    page.get_by_text("Waiting, on no wall yet (16)").wait_for()
    page.get_by_role("button", name="Hide").first.focus()
    looked_at(page, "texts")
    page.get_by_role("button", name="Show it").first.click()
    page.get_by_text("On the wall now (16)").wait_for()
    looked_at(page, "shown", axe=False)
    page.get_by_role("link", name="Erase").first.click()
    looked_at(page, "erase")
    page.get_by_role("button", name="Erase it").click()
    page.get_by_text("On the wall now (15)").wait_for()
    page.get_by_role("button", name="Undo", exact=False).first.click()
    looked_at(page, "undone", axe=False)
    page.get_by_role("link", name="Show how to join").click()
    looked_at(page, "joining")
    page.goto(f"{address}/workshops/{name}/ask/close")
    page.get_by_role("button", name="Close it").click()
    page.get_by_role("button", name="Make the report").click()
    page.get_by_role("button", name="Make the report").click()
    page.get_by_text("Fewer letters, said 3 times").wait_for()
    looked_at(page, "report-small")


@pytest.mark.slow
def test_a_button_keeps_the_focus_while_the_page_keeps_itself_up_to_date(
    practice: tuple[Site, str], new_page: NewPage
) -> None:
    site, address = practice
    page = new_page(java_script_enabled=True)
    step_in(page, address)
    page.goto(f"{address}/workshops/new?from=short")
    page.get_by_label("Title", exact=True).fill("Kept in focus")
    page.get_by_role("button", name="Make the workshop").click()
    name = workshops(site)[-1].name
    page.get_by_role("button", name="Open it for people to join").click()
    page.get_by_role("button", name="Go to the next step").click()
    undo = page.get_by_role("button", name="Undo", exact=False).first
    undo.focus()
    joining.join_workshop(site, name, sector="public sector", table=1)
    page.get_by_text("1 of 10").wait_for()
    assert "Undo" in page.locator(":focus").text_content()


def test_without_scripts_everything_is_a_form_or_a_link(
    practice: tuple[Site, str], new_page: NewPage
) -> None:
    site, address = practice
    page = new_page(java_script_enabled=False)
    step_in(page, address)
    page.goto(f"{address}/workshops/new?from=short")
    page.get_by_label("Title", exact=True).fill("By forms alone")
    page.get_by_role("button", name="See the plan").click()
    page.get_by_text("of 75 minutes").first.wait_for()  # the page comes when the server is ready
    with page.expect_navigation():
        page.get_by_role("button", name="Make the workshop").press("Enter")
    name = workshops(site)[-1].name
    page.get_by_role("button", name="Open it for people to join").press("Enter")
    joining.join_workshop(site, name, sector="public sector", table=1)
    page.get_by_role("link", name="Look again").press("Enter")
    page.get_by_text("1 of 10").wait_for()
    page.get_by_text("End the workshop early").click()
    page.get_by_role("button", name="Close the workshop now").press("Enter")
    page.get_by_role("button", name="Close it").press("Enter")
    page.get_by_role("button", name="Make the report").press("Enter")
    page.get_by_role("button", name="Make the report").press("Enter")
    assert page.get_by_role("heading", level=1).text_content() == "By forms alone"


@pytest.mark.slow
def test_each_table_has_one_page_of_paper_to_begin_with(
    practice: tuple[Site, str], new_page: NewPage
) -> None:
    _, address = practice
    page = new_page()
    step_in(page, address)
    page.goto(f"{address}/workshops/leeds-retold/print")
    looked_at(page, "print")
    page.goto(f"{address}/workshops/leeds-retold/print/sheets")
    looked_at(page, "sheets")
    sheets = page.pdf(format="A4")
    assert sheets.count(b"/Type /Page\n") == 4, "one page for each of four tables"
    page.emulate_media(media="print")
    assert not page.get_by_role("heading", name="Papers for").is_visible()


@pytest.mark.slow
def test_a_whole_pack_and_a_report_of_every_kind_of_result_are_readable(
    practice: tuple[Site, str], new_page: NewPage
) -> None:
    _, address = practice
    page = new_page()
    step_in(page, address)
    page.goto(f"{address}/workshops/leeds-retold/print/table-1")
    looked_at(page, "papers", axe=False)
    page.goto(f"{address}/workshops/leeds-retold/")
    looked_at(page, "closed", axe=False)
    page.goto(f"{address}/workshops/leeds-retold/report")
    looked_at(page, "report")
