"""Initiatives and the public survey in Chromium: on a desk, on a phone, by keyboard, without
scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from watching import NewPage, faults, picture, serving

from equipoise.acts.demo_weigh import Filled, fill_weighing
from equipoise.acts.site import found_site

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
Served = tuple[str, Filled]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo") / "site"
    filled = fill_weighing(found_site(folder, name="Demonstration", practice=True))
    with serving(folder) as address:
        yield address, filled


def looked_at(page: Any, name: str) -> None:
    picture(page, name)
    assert faults(page) == [], name
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{name} is wider than the screen"


def step_in(page: Any, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_label(name).check()
    page.get_by_role("button", name="Go in as this person").click()


@pytest.mark.slow
def test_a_facilitator_adds_an_initiative_and_asks_the_public(
    demo: Served, new_page: NewPage
) -> None:
    address, filled = demo
    page = new_page(**DESK)
    page.goto(address)
    looked_at(page, "initiatives-sign-in")
    step_in(page, address, "Joss Abara")
    page.get_by_role("navigation").get_by_role("link", name="Initiatives").click()
    looked_at(page, "initiatives")
    page.get_by_role("link", name="Tackling fuel poverty").click()
    looked_at(page, "initiative")
    page.goto(f"{address}/initiatives/")
    page.get_by_role("button", name="Add an initiative").click()
    looked_at(page, "initiative-new")
    page.get_by_role("link", name="write a card of your own").click()
    page.get_by_label("Title").fill("Quiet streets by night")
    page.get_by_role("button", name="Add the initiative").click()
    looked_at(page, "initiative-own-refused")
    assert page.get_by_label("Title").input_value() == "Quiet streets by night"
    for label in ("Who does it?", "Why is it done?", "What is shared?", "How is it done?"):
        page.get_by_label(label).fill("The council counts shifts by hour; nobody is named.")
    page.get_by_label("What may be good about it?").fill("People get home.\nStreets feel safer.")
    page.get_by_label("What may be bad about it?").fill("A street is taken for a rough one.")
    page.get_by_role("button", name="Add the initiative").click()
    looked_at(page, "initiative-added")
    page.get_by_role("button", name="Ask the public").click()
    looked_at(page, "survey-new")
    page.get_by_role("button", name="Make the survey").click()
    looked_at(page, "survey-opened")
    page.goto(f"{address}/surveys/{filled.survey}/")
    page.get_by_text("The figures as a table").click()
    looked_at(page, "survey-lead")
    page.goto(f"{address}/surveys/")
    looked_at(page, "surveys")
    page.set_viewport_size({"width": 375, "height": 740})
    for path, name in ((f"/surveys/{filled.survey}/", "survey-lead"), ("/surveys/", "surveys"),
                       ("/initiatives/tackling-fuel-poverty/", "initiative"),
                       ("/initiatives/", "initiatives")):  # fmt: skip
        page.goto(address + path)
        looked_at(page, f"{name}-phone")


def test_anybody_votes_on_a_phone(demo: Served, new_page: NewPage) -> None:
    address, filled = demo
    page = new_page(**PHONE)
    page.goto(f"{address}/survey/{filled.survey}/")
    looked_at(page, "survey-vote-phone")
    first = page.locator(".app-choice").all_text_contents()
    page.locator(".app-choice").first.click()
    page.wait_for_load_state()
    assert page.locator(".app-choice").all_text_contents() != first
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("link", name="See how the ideas stand").click()
    page.get_by_text("The figures as a table").click()
    looked_at(page, "survey-results-phone")
    page.get_by_role("link", name="Back to voting").click()
    page.get_by_role("link", name="Add an idea of your own").click()
    page.get_by_label("What is your idea?").fill("Ask Mrs Patel first")
    page.get_by_role("button", name="Send the idea").click()
    looked_at(page, "survey-idea-asked-phone")
    page.get_by_label("It tells nothing about any person").check()
    page.get_by_role("button", name="Send the idea").click()
    assert "Thank you" in page.get_by_role("main").text_content()


def test_voting_needs_neither_pointer_nor_scripts(demo: Served, new_page: NewPage) -> None:
    address, filled = demo
    page = new_page(**DESK, java_script_enabled=False)
    page.goto(f"{address}/survey/{filled.survey}/")
    first = page.locator(".app-choice").all_text_contents()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(".app-choice:focus").count():
            break
    picture(page, "survey-vote-keyboard")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".app-choice").all_text_contents() != first
