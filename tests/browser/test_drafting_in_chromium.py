"""An agreement is drafted, met by a second writer, put forward and signed: in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from watching import ROOT, NewPage, faults, picture, serving

from equipoise.acts.practice import enrol_cast
from equipoise.acts.site import enrol, found_site
from equipoise.agree.parse import parse

TEXT = (ROOT / "examples" / "fuel-poverty" / "agreement.yaml").read_text(encoding="utf-8")
WRONG = "nature: supportive"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("drafting") / "site"
    site = found_site(folder, name="Harbourside data service", practice=True)
    for name in ("Dora Reed", "Eli Stone"):
        enrol(site, "council", name, roles=("drafter",), practice=True)
    enrol_cast(site, parse(TEXT).agreement)
    with serving(folder) as served:
        yield served


def enter(page: Any, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label(name).check()
    page.get_by_role("button", name="Go in as this person").click()


def looked_at(page: Any, name: str) -> None:
    picture(page, f"drafting-{name}")
    assert faults(page) == [], name


def written(page: Any) -> str:
    return str(page.get_by_label("The text", exact=True).input_value())


def test_two_people_draft_one_agreement_and_its_signatory_signs_it(
    address: str, new_page: NewPage
) -> None:
    from playwright.sync_api import expect

    page = new_page(viewport={"width": 1280, "height": 900})
    enter(page, address, "Dora Reed")
    page.goto(f"{address}/agreements/drafts/new")
    looked_at(page, "new")
    page.get_by_role("button", name="Begin", exact=True).click()
    picture(page, "drafting-new-refused")
    page.get_by_label("Short name of the draft").fill("rebate")
    page.get_by_label("The example fuel poverty").check()
    page.get_by_role("button", name="Begin", exact=True).click()
    picture(page, "drafting-draft")
    # the form leads, and the text follows
    page.get_by_role("button", name="Why", exact=True).click()
    purpose = page.get_by_label("Purpose in one sentence")
    purpose.fill("Give each household its rebate: without a form to fill in.")
    purpose.press("Tab")
    text = page.get_by_label("The text", exact=True)
    expect(text).to_have_value(re.compile("without a form to fill in"))
    # the text leads: its fault is told at its line while somebody writes
    text.fill(written(page).replace(WRONG, "nature: suportive"))
    page.get_by_text("1 problem was found.").wait_for()
    assert page.get_by_role("link", name="Go to line").count() == 1
    looked_at(page, "told")
    page.get_by_role("link", name="Go to line").click()
    marked = "(t => t.value.slice(t.selectionStart, t.selectionEnd))(document.activeElement)"
    assert page.evaluate(marked) == "  nature: suportive"
    text.fill(written(page).replace("suportive", "supportive"))
    page.get_by_text("no problem was found").wait_for()
    # somebody else saves first
    other = new_page(viewport={"width": 375, "height": 740}, java_script_enabled=False)
    enter(other, address, "Eli Stone")
    other.goto(f"{address}/agreements/drafts/rebate/?part=public")
    other.get_by_label("Whom to ask").fill("help@example.org")
    picture(other, "drafting-phone")
    other.get_by_role("button", name="Save").click()
    assert "Saved as revision 2" in other.get_by_role("main").text_content()
    page.get_by_role("button", name="Save", exact=True).click()
    assert "ACT272" in page.get_by_role("alert").text_content()
    assert "without a form to fill in" in written(page)
    looked_at(page, "met")
    page.get_by_role("button", name="Put both together").click()
    picture(page, "drafting-together")
    page.get_by_role("button", name="Save", exact=True).click()
    assert "help@example.org" in written(page) and "without a form to fill in" in written(page)
    picture(page, "drafting-saved")
    page.goto(f"{address}/agreements/compare?old=draft:rebate:1&new=draft:rebate")
    picture(page, "drafting-compare")
    page.goto(f"{address}/agreements/drafts/rebate/forward")
    picture(page, "drafting-forward")
    page.get_by_role("button", name="Put it forward").click()
    looked_at(page, "agreement")
    page.goto(f"{address}/agreements/")
    picture(page, "drafting-agreements")
    signer = new_page()
    enter(signer, address, "Amara Osei")
    signer.goto(f"{address}/agreements/fuel-poverty-rebate@1/sign")
    picture(signer, "drafting-sign")
    signer.get_by_role("button", name="Sign it").click()
    assert "is signed by you" in signer.get_by_role("main").text_content()
    picture(signer, "drafting-signed")
    for where in ("agreements/", "agreements/drafts/rebate/", "agreements/fuel-poverty-rebate@1/"):
        signer.set_viewport_size({"width": 375, "height": 740})
        signer.goto(f"{address}/{where}")
        picture(signer, f"drafting-phone-{where.replace('/', '-')}")
        wide = signer.evaluate("document.documentElement.scrollWidth")
        assert wide <= 375, where
