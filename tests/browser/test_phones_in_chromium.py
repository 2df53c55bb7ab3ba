"""Phones and the wall in a real browser: they move on by themselves and lose nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from watching import NewPage, faults, picture, serving
from workshops_held import LEAD, Held

from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_see as seeing
from equipoise.acts import workshop_steer as steering
from equipoise.acts.site import Site, enrol, found_site

PHONE = {"viewport": {"width": 375, "height": 720}, "has_touch": True}


class Hall(Held):
    """A workshop on a served site."""

    def __init__(self, site: Site, address: str, name: str) -> None:
        super().__init__(site, name)
        self.address = address

    def open(self) -> Hall:
        self.begin()
        return self

    @property
    def door(self) -> str:
        return self.address + super().door

    @property
    def wall(self) -> str:
        return self.address + super().wall


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = found_site(
        tmp_path_factory.mktemp("hall") / "site", name="Harbourside data service", practice=True
    )
    enrol(site, "council", LEAD, roles=("facilitator",), practice=True)
    with serving(site.directory) as address:
        yield site, address


def looked_at(page: Any, name: str) -> None:
    """Examine a page with axe: one of each kind, the others are pictures only."""
    picture(page, name)
    assert faults(page) == [], name


def sit_down(page: Any, hall: Hall, sector: str = "Health", table: str = "1") -> None:
    page.goto(hall.door)
    page.get_by_label(sector, exact=True).check()
    page.get_by_label("Number of your table").fill(table)
    page.get_by_role("button", name="Take a seat").click()
    page.wait_for_url("**/take-part/**")


@pytest.mark.slow
def test_a_phone_and_the_wall_go_through_a_workshop_together(
    served: tuple[Site, str], new_page: NewPage
) -> None:
    hall = Hall(*served, "together").open()
    phone, screen = new_page(**PHONE), new_page(viewport={"width": 1280, "height": 720})
    phone.goto(f"{hall.address}/join")
    picture(phone, "phone-code")
    phone.get_by_label("Code").fill("BBBBBB")
    phone.get_by_role("button", name="Go on").click()
    picture(phone, "phone-code-wrong")
    phone.goto(hall.door)
    phone.get_by_role("button", name="Take a seat").click()
    looked_at(phone, "phone-join")
    sit_down(phone, hall)
    picture(phone, "phone-welcome")
    screen.goto(hall.wall)
    picture(screen, "wall-welcome")

    hall.at("hopes")
    phone.get_by_label("What could sharing data make better?").wait_for(timeout=6000)
    screen.get_by_role("heading", name="First impressions").wait_for(timeout=2000)
    phone.get_by_label("What could sharing data make better?").fill("Ask Mrs Quill at no 9")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_role("alert").wait_for()
    looked_at(phone, "phone-screened")
    phone.get_by_label("It tells nothing about any person").check()
    phone.get_by_role("button", name="Send").click()
    phone.get_by_text("Your answer was taken.").wait_for()
    picture(phone, "phone-words")

    hall.at("benefits.A")
    phone.get_by_role("button", name="Write for the table").click()
    picture(phone, "phone-tasks")
    phone.get_by_role("link", name="Which benefits does your table see?").first.click()
    phone.get_by_role("checkbox").first.check()
    looked_at(phone, "phone-items")
    phone.get_by_role("button", name="Send for the table").click()
    phone.get_by_text("Sent", exact=True).wait_for()

    hall.at("rank-benefit")
    phone.get_by_role("link", name="Which brings the greatest public benefit?").click(timeout=6000)
    phone.locator("input[name=left]").first.check()
    for at, card in enumerate(("C", "A", "B"), 1):
        phone.locator(f"[id='place.{card}']").select_option(str(at))
    picture(phone, "phone-order")
    phone.get_by_role("button", name="Send for the table").click()
    phone.get_by_text("Sent", exact=True).wait_for()
    phone.get_by_role("link", name="Which brings the greatest public benefit?").click()
    looked_at(phone, "phone-order-then")

    hall.at("before.case-1")
    phone.get_by_role("link", name="Back").click()
    looked_at(phone, "phone-poll")
    for case in (1, 2, 3):
        phone.locator(f"[name='choice.before.case-{case}']").nth(case).check()
        hall.others_vote(f"before.case-{case}")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_text("Wait for the others").wait_for()
    picture(phone, "phone-waits")
    screen.get_by_text("20 or more people", exact=True).first.wait_for(timeout=2500)
    picture(screen, "wall-voting")
    for case in (1, 2, 3):
        steering.show(hall.site, hall.name, LEAD, f"before.case-{case}")
    screen.get_by_role("img", name="How many people chose each").first.wait_for(timeout=2500)
    looked_at(screen, "wall-poll")
    turn_by_keyboard(screen)
    phone.get_by_role("link", name="See the results").click(timeout=6000)
    looked_at(phone, "phone-results")

    hall.at("lines")
    phone.get_by_role("link", name="Back").click()
    looked_at(phone, "phone-lines")
    phone.get_by_role("link", name="Read the cards").click()
    picture(phone, "phone-cards")
    hall.at("evaluation-1")
    phone.goto(f"{hall.address}/take-part/{hall.name}")
    picture(phone, "phone-evaluation")
    steering.close_workshop(hall.site, hall.name, LEAD)
    phone.get_by_role("heading", name="Thank you").wait_for(timeout=6000)
    picture(phone, "phone-closed")


def turn_by_keyboard(screen: Any) -> None:
    """Turn the wall's three pages without a mouse; in either size of a hall nothing scrolls."""
    for _ in range(12):
        if screen.evaluate("document.activeElement.id") == "wall-next":
            break
        screen.keyboard.press("Tab")
    before = str(screen.locator(".app-turn b").text_content())
    for size in ({"width": 1280, "height": 720}, {"width": 1920, "height": 1080}):
        screen.set_viewport_size(size)
        screen.keyboard.press("Enter")
        screen.get_by_text(before, exact=True).wait_for(state="detached")
        screen.locator("#wall-next:focus").wait_for()
        before = str(screen.locator(".app-turn b").text_content())
        wide, high = screen.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert (wide, high) == (size["width"], size["height"])
        assert screen.locator("img:visible").first.bounding_box()["height"] > size["height"] / 2
        picture(screen, f"wall-poll-{size['height']}")


def test_a_lost_connection_loses_nothing(served: tuple[Site, str], new_page: NewPage) -> None:
    hall = Hall(*served, "lost").open()
    page = new_page(**PHONE)
    sit_down(page, hall)
    hall.at("hopes")
    box = page.get_by_label("What makes you hesitate?")
    box.wait_for(timeout=6000)
    box.fill("Who will see it?")
    page.reload()
    assert box.input_value() == "Who will see it?"
    hall.at("before.case-1")
    page.get_by_text("The workshop has moved on. What").wait_for(timeout=6000)
    assert box.input_value() == "Who will see it?", "what is being written is not taken away"
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Not sent: there is no connection.").wait_for()
    looked_at(page, "phone-offline")
    page.context.set_offline(False)
    page.get_by_label("Neither").first.wait_for(timeout=8000)
    with making.book(hall.site).live(hall.name) as live:
        assert [*live.words.values()] == ["Who will see it?"]


def test_everything_works_by_keyboard_and_without_scripts(
    served: tuple[Site, str], new_page: NewPage
) -> None:
    hall = Hall(*served, "plain")
    page = new_page(**PHONE, java_script_enabled=False)
    page.goto(hall.door)
    picture(page, "plain-waiting")
    assert "has not begun" in page.get_by_role("main").text_content()
    hall.open()
    page.get_by_role("link", name="Check again").click()
    page.get_by_label("Council").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/take-part/**")
    hall.at("before.case-1")
    page.get_by_role("link", name="Check again").click()
    page.locator("[id='choice.before.case-1']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("Your answer was taken.").wait_for()
    picture(page, "plain-poll")
    held = seeing.see_desk(hall.site, hall.name, LEAD)
    assert "before.case-1" in held.answered
    page.goto(hall.wall)
    hall.others_vote("before.case-1", 8)
    page.get_by_text("5 or more people", exact=True).first.wait_for(timeout=4000)
