"""An assessment in a real browser: by mouse, by keyboard, without scripts, on a phone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from watching import ROOT, NewPage, faults, picture, serving

from equipoise.acts.assess import begin_assessment, hand_in_said
from equipoise.acts.site import Site, enrol, found_site

sys.path.insert(0, str(ROOT / "tests" / "spec" / "23_assessment"))
from weighers import CAREFUL, answers

TEXT = (ROOT / "examples" / "fuel-poverty" / "agreement.yaml").read_text(encoding="utf-8")
OTHER = {
    "item": "R17", "on": "providers", "size": 5, "likelihood": 3, "because": "It has happened.",
}  # fmt: skip


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A practice site on which three people have answered, and Ada is about to."""
    site = found_site(
        tmp_path_factory.mktemp("assess") / "site", name="Harbourside data service", practice=True
    )
    for name in ("Ada Obi", "Ben Roe"):
        enrol(site, "council", name, roles=("assessor",), post="Assessor", practice=True)
    begin_assessment(site, "rebate", "Ada Obi", text=TEXT, card="C")
    for rater, sector, value, changes in (
        ("Ben Roe", "voluntary", 2, CAREFUL),
        ("Cy Dunn", "health", "don't know", {}),
        ("Di Fay", "commercial", 5, {"risks": [OTHER]}),
    ):
        hand_in_said(site, "rebate", answers(rater, sector, value, **changes), "Ben Roe")
    with serving(site.directory) as address:
        yield site, address


def signed_in(page: Any, address: str, name: str = "Ada Obi") -> None:
    page.goto(address)
    page.get_by_label(name).check()
    page.get_by_role("button", name="Go in as this person").click()


def looked_at(page: Any, name: str, *, phone: bool = True) -> None:
    """Keep a picture at both widths; axe finds nothing, and nothing sticks out at the side."""
    picture(page, f"assess-{name}")
    assert faults(page) == [], name
    if phone:
        page.set_viewport_size({"width": 375, "height": 740})
        picture(page, f"assess-{name}-phone")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 375, f"{name} is {wide} wide on a phone"
        page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.slow
def test_somebody_answers_and_sees_what_came_of_it(
    there: tuple[Site, str], new_page: NewPage
) -> None:
    _, address = there
    page = new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(8000)
    signed_in(page, address)
    page.goto(f"{address}/assessments/")
    looked_at(page, "all")
    page.get_by_role("button", name="Begin an assessment").click()
    looked_at(page, "new")
    page.goto(f"{address}/assessments/rebate/")
    looked_at(page, "one")
    page.get_by_role("button", name="Answer", exact=True).click()
    looked_at(page, "sheet")
    page.get_by_role("link", name="Who answers").click()
    page.get_by_role("button", name="Save and go on").click()
    looked_at(page, "rater-refused")
    page.get_by_label("Sector").select_option("council")
    page.get_by_label("In which role").fill("head of data")
    page.get_by_role("button", name="Save and go on").click()
    looked_at(page, "red-lines")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Add a risk").click()
    page.get_by_label("Or in your own words").fill("A neighbour learns who is poor.")
    page.get_by_label("What is done").fill("Nobody sees a name.")
    page.get_by_role("button", name="Save this risk").click()
    looked_at(page, "risk-refused")
    assert page.get_by_label("What is done").input_value() == "Nobody sees a name."
    page.get_by_role("link", name="Back to risks").click()
    looked_at(page, "risks")
    page.goto(page.url.replace("/risks", "/purposeful"))
    page.get_by_role("group", name="1. Is the purpose").get_by_label("4").check()
    page.get_by_role("button", name="Save and go on").click()
    looked_at(page, "purposeful-refused")
    for part in ("profile", "answers", "dpia", "close", "bind", "compare", "set-aside"):
        page.goto(f"{address}/assessments/rebate/{part}")
        looked_at(page, part)


def test_a_benefit_is_added_by_keyboard_alone_and_without_scripts(
    there: tuple[Site, str], new_page: NewPage
) -> None:
    _, address = there
    page = new_page(java_script_enabled=False)
    page.set_default_timeout(8000)
    signed_in(page, address, "Ben Roe")
    page.goto(f"{address}/assessments/rebate/")
    page.get_by_role("button", name="Change your answers").press("Enter")
    page.get_by_role("link", name="Benefits").press("Enter")
    page.get_by_role("button", name="Add another benefit").press("Enter")
    page.get_by_label("Or in your own words").press("Shift+Tab")
    for keys in ("Tab", "Fewer people are ill.", "Tab", "Space", "Tab", "Space", "Tab", "Space"):
        if " " in keys:
            page.keyboard.type(keys)
        else:
            page.keyboard.press(keys)
    page.keyboard.press("Tab")
    page.keyboard.type("A warm home keeps people well.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("heading", level=1).text_content() == "Benefits"
    assert "Fewer people are ill." in page.get_by_role("main").text_content()
    picture(page, "assess-no-scripts")
    page.get_by_role("link", name="Back to all sections").press("Enter")
    page.get_by_role("button", name="Hand in these answers").press("Enter")
    assert "The answers of Ben Roe are handed in" in page.get_by_role("main").text_content()
