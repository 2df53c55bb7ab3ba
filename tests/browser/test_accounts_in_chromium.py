"""Accounts from the first invitation to signing out: by pointer, by keyboard, and on a phone."""

from __future__ import annotations

import time
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import NewPage, faults, picture, serving

from equipoise.acts.accounts import one_time
from equipoise.acts.accounts.invite import invite
from equipoise.acts.site import Site, enrol, found_site

PASSWORD = "plough-lantern-quiver"


def people(folder: Path, *, practice: bool) -> Site:
    site = found_site(folder, name="Harbourside data service", practice=practice)
    for name, role, post in (
        ("Amara Osei", "administrator", "Head of data"),
        ("Ben Hale", "checker", "Output checker"),
        ("Cleo Marsh", "facilitator", "Workshop lead"),
    ):
        enrol(site, "council", name, roles=(role,), post=post, practice=practice)
    return site


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = people(tmp_path_factory.mktemp("real") / "site", practice=False)
    with serving(site.directory) as address:
        yield site, address


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = people(tmp_path_factory.mktemp("practice") / "site", practice=True)
    with serving(site.directory) as address:
        yield address


def code(secret: bytes) -> str:
    return one_time.code_at(secret, int(time.time()) // one_time.STEP)


def looked_at(page: Any, name: str) -> None:
    picture(page, name)
    assert faults(page) == [], name


def enter(page: Any, site: Site, address: str, name: str, prefix: str) -> bytes:
    """Open an account from its invitation; return the second factor's secret."""
    token = invite(site, site.person(name), by=None).token
    page.goto(f"{address}/invitation/{token}")
    looked_at(page, f"{prefix}-invitation")
    page.get_by_label("Name to sign in by").fill(f"{name.split(maxsplit=1)[0].lower()}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Open the account").click()
    looked_at(page, f"{prefix}-second-factor")
    letters = page.locator(".app-code").text_content()
    secret = b32decode(letters.replace(" ", ""))
    page.get_by_label("Code that the phone shows").fill(code(secret))
    page.get_by_role("button", name="Set up").click()
    looked_at(page, f"{prefix}-codes")
    page.get_by_role("link", name="I have written them down").click()
    return secret


LONG = pytest.mark.slow


@pytest.mark.parametrize(
    "how", ["no scripts", *(pytest.param(each, marks=LONG) for each in ("scripts", "phone"))]
)
def test_somebody_invited_opens_an_account_and_works_with_it(
    real: tuple[Site, str], new_page: NewPage, how: str
) -> None:
    site, address = real
    name = {"scripts": "Amara Osei", "no scripts": "Ben Hale", "phone": "Cleo Marsh"}[how]
    options: dict[str, Any] = {}
    if how == "no scripts":
        options["java_script_enabled"] = False
    if how == "phone":
        options |= {"viewport": {"width": 360, "height": 740}, "has_touch": True}
    page = new_page(**options)
    # axe is a script itself: a page without scripts is looked at, not examined
    look = looked_at if how != "no scripts" else picture
    if how == "no scripts":
        token = invite(site, site.person(name), by=None).token
        page.goto(f"{address}/invitation/{token}")
        page.get_by_label("Name to sign in by").fill("ben@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Open the account").click()
        page.get_by_text("I cannot scan the picture").click()
        secret = b32decode(page.locator(".app-code").text_content().replace(" ", ""))
        page.get_by_label("Code that the phone shows").fill(code(secret))
        page.get_by_role("button", name="Set up").click()
        page.get_by_role("link", name="I have written them down").click()
    else:
        enter(page, site, address, name, how)
    assert page.get_by_role("heading", level=1).text_content() == "What waits for you"
    look(page, f"{how}-home")
    for link, shot in (("Account", "account"), ("Register", "register")):
        if how == "phone" and page.get_by_role("button", name="Menu").is_visible():
            page.get_by_role("button", name="Menu").click()
        page.get_by_role("navigation").get_by_role("link", name=link).click()
        look(page, f"{how}-{shot}")
    if how == "scripts":
        page.goto(f"{address}/people/")
        looked_at(page, "people")
        page.get_by_role("button", name="Invite Ben Hale").click()
        looked_at(page, "invited")
        page.goto(f"{address}/account/password")
        page.get_by_role("button", name="Change it").click()
        looked_at(page, "password-refused")
        assert page.title().startswith("Error: ")
    page.goto(f"{address}/account/")
    page.get_by_role("button", name="Sign out everywhere").click()
    assert "You are signed out everywhere" in page.get_by_role("main").text_content()


def test_signing_in_by_keyboard_alone_finds_each_fault_and_its_field(
    real: tuple[Site, str], new_page: NewPage
) -> None:
    _, address = real
    page = new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.locator(":focus").text_content() == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("nobody@example.org")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    assert summary.get_by_role("link").all_text_contents() == ["Enter your password"]
    summary.get_by_role("link").press("Enter")
    page.keyboard.type("not the right one")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "ACT255" in page.get_by_role("alert").text_content()
    looked_at(page, "sign-in-refused")


@pytest.mark.slow
def test_a_practice_site_lets_anybody_step_into_the_part_of_somebody_invented(
    practice: str, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(practice)
    looked_at(page, "practice-sign-in")
    page.get_by_label("Cleo Marsh").check()
    page.get_by_role("button", name="Go in as this person").click()
    looked_at(page, "practice-home")
    assert "Cleo Marsh" in page.get_by_role("main").text_content()
    page.goto(f"{practice}/people/")
    looked_at(page, "not-for-you")
    assert "ACT250" in page.get_by_role("main").text_content()
    page.goto(f"{practice}/nowhere")
    looked_at(page, "no-such-page")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(practice)
    looked_at(page, "practice-home-phone")
