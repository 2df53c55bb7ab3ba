"""A lost key, in Chromium: ended by its holder, replaced by an administrator and a second person;
on a desk and on a phone, by keyboard, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from watching import NewPage, faults, picture, serving

from equipoise.account.receipts import fingerprint
from equipoise.acts.drafts import example_text
from equipoise.acts.own_key import OwnKey, make_own_key
from equipoise.acts.sign import sign
from equipoise.acts.site import Site, enrol, found_site, open_site
from equipoise.agree.parse import parse

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
TEXT = example_text("lalonde")
PARTY, HOLDER = next((p, one.signatory.name) for p, one in parse(TEXT).agreement.parties.items())
ADMIN, MATE = "Amara Osei", "Cal Ruiz"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A practice site, where people step in without a password: the holder's text is signed."""
    folder = tmp_path_factory.mktemp("town") / "site"
    site = found_site(folder, name="Harbourside data service", practice=True)
    enrol(site, "council", ADMIN, roles=("administrator",), practice=True)
    enrol(site, PARTY, MATE, roles=("analyst",), practice=True)
    for party, one in parse(TEXT).agreement.parties.items():
        enrol(site, party, one.signatory.name, roles=tuple(one.roles), practice=True)
    source = folder / "lalonde.yaml"
    source.write_text(TEXT, encoding="utf-8")
    sign(site, str(source), HOLDER)
    with serving(folder) as address:
        yield open_site(folder), address


def looked_at(page: Any, name: str) -> None:
    """Take a picture at both widths, hold each to axe; none may be wider than its screen."""
    for size, options in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(options["viewport"])
        picture(page, f"keys-{name}-{size}")
        assert faults(page) == [], (name, size)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name} is wider than a {size}"
    page.set_viewport_size(DESK["viewport"])


def step_in(page: Any, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label(name).check()
    page.get_by_role("button", name="Go in as this person").click()


@pytest.mark.slow
def test_a_lost_key_is_ended_and_replaced_on_pages(
    town: tuple[Site, str], new_page: NewPage, tmp_path: Path
) -> None:
    site, address = town
    page = new_page(**DESK)
    step_in(page, address, HOLDER)
    page.get_by_role("navigation").get_by_role("link", name="Account").click()
    looked_at(page, "account")
    page.get_by_role("link", name="See signing key").click()
    looked_at(page, "own")
    page.get_by_role("link", name="All about your keys").click()
    looked_at(page, "in-force")
    page.get_by_role("button", name="End this key").click()
    looked_at(page, "end")
    with page.expect_navigation():
        page.get_by_role("button", name="End this key").press("Enter")
    looked_at(page, "end-refused")
    assert page.title().startswith("Error: ")
    page.get_by_role("alert").get_by_role("link").first.press("Enter")
    page.keyboard.press("Space")
    page.get_by_label("What happened").fill("The laptop was stolen on a train.")
    page.get_by_label("Others may have seen it").check()
    with page.expect_navigation():
        page.get_by_role("button", name="End this key").press("Enter")
    assert "The key is ended" in page.get_by_role("main").text_content()
    looked_at(page, "ended")
    page.goto(f"{address}/")
    looked_at(page, "home")

    keeper = new_page(**DESK)
    step_in(keeper, address, ADMIN)
    keeper.get_by_role("link", name=f"Offer another key for {HOLDER}").click()
    looked_at(keeper, "ended-for-keeper")
    keeper.goto(f"{address}/people/")
    looked_at(keeper, "people")
    keeper.get_by_role("link", name="Everybody’s signing keys").click()
    looked_at(keeper, "everybody")
    keeper.get_by_role("link", name=f"Keys of {HOLDER}").click()
    keeper.get_by_role("button", name="Offer a new key").click()
    keeper.get_by_text("How they make one").click()
    looked_at(keeper, "offer")
    new = make_own_key(tmp_path / "my-key.pem")
    keeper.get_by_label("The public key’s file").set_input_files(tmp_path / "my-key.pem")
    keeper.get_by_role("button", name="Offer this key").click()
    assert "ACT294" in keeper.get_by_role("alert").text_content()
    looked_at(keeper, "offer-refused")
    (tmp_path / "my-key.pub").write_text(new.public_pem, encoding="ascii")
    keeper.get_by_label("The public key’s file").set_input_files(tmp_path / "my-key.pub")
    keeper.get_by_role("button", name="Offer this key").click()
    looked_at(keeper, "offered-for-keeper")
    assert fingerprint(new.public_key) not in keeper.content()

    mate = new_page(**DESK, java_script_enabled=False)
    step_in(mate, address, MATE)
    mate.get_by_role("link", name=f"Confirm the key that is offered for {HOLDER}").click()
    mate.get_by_role("button", name="Confirm this key").click()
    assert fingerprint(new.public_key) not in mate.content()
    mate.get_by_role("textbox", name="Fingerprint").fill("0123 4567")
    with mate.expect_navigation():
        mate.keyboard.press("Enter")
    assert "ACT305" in mate.get_by_role("alert").text_content()
    assert mate.get_by_role("textbox", name="Fingerprint").input_value() == "0123 4567"
    for size, options in (("desk", DESK), ("phone", PHONE)):
        mate.set_viewport_size(options["viewport"])
        picture(mate, f"keys-confirm-refused-{size}")
    mate.get_by_role("textbox", name="Fingerprint").fill(fingerprint(new.public_key))
    with mate.expect_navigation():
        mate.keyboard.press("Enter")
    assert "signs with the new key from now on" in mate.get_by_role("main").text_content()
    assert site.trusted()[f"{PARTY}/{HOLDER}"] == new.public_key
    page.goto(f"{address}/keys/{PARTY}/{HOLDER}/")
    looked_at(page, "replaced")


@pytest.mark.slow
def test_the_second_persons_page(town: tuple[Site, str], new_page: NewPage) -> None:
    """The administrator's own key: somebody of their party is the second person."""
    from equipoise.acts.key_replace import end_key, offer_key

    site, address = town
    enrol(site, "council", "Ben Hale", roles=("checker",), practice=True)
    end_key(site, f"council/{ADMIN}", "lost", "Nobody finds it.", f"council/{ADMIN}")
    other = OwnKey(Ed25519PrivateKey.generate())
    offer_key(site, f"council/{ADMIN}", other.public_key, f"council/{ADMIN}")
    page = new_page(**DESK)
    step_in(page, address, "Ben Hale")
    page.get_by_role("link", name=f"Confirm the key that is offered for {ADMIN}").click()
    looked_at(page, "offered")
    page.get_by_role("button", name="Confirm this key").click()
    looked_at(page, "confirm")
    page.get_by_role("link", name="Cancel").click()
    step_in(other_page := new_page(**DESK), address, ADMIN)
    other_page.goto(f"{address}/keys/")
    looked_at(other_page, "own-offered")
    other_page.goto(f"{address}/keys/council/{ADMIN}/confirm")
    looked_at(other_page, "may-not-confirm")
    assert "ACT304" in other_page.get_by_role("main").text_content()
