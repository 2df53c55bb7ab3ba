"""Initiatives: adding them, their cards, what belongs to them, and how far they have come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from visiting import Place, served, step_in, town_of

from equipoise.acts.drafts import begin_draft, delete_draft
from equipoise.acts.initiative_see import see_initiative, substance_of
from equipoise.acts.initiatives import (
    Told,
    add_from_card,
    add_with_card,
    belongs,
    change_card,
    initiatives,
    slug_of,
)
from equipoise.acts.practice import enrol_cast
from equipoise.acts.sign import sign, sign_all_for_practice
from equipoise.acts.weigh_lists import lists_of
from equipoise.acts.workshop_make import workshop
from equipoise.agree.canonical import substance
from equipoise.errors import EquipoiseError, GateRefused, StateRefused, UsageRefused
from equipoise.weigh.workshop.plan import Plan

EXAMPLE = Path(__file__).parents[2] / "examples" / "fuel-poverty" / "agreement.yaml"
CARD = {
    "title": "Quiet streets by night",
    "who": "The council and the bus company.",
    "why": "To run buses when people come off late shifts.",
    "what": "Where shifts end, counted by street and hour.",
    "how": "Counts only; nobody is named.",
    "benefits": "People get home.\nStreets feel safer.",
    "risks": "A street is taken for a rough one.",
    "source": "",
}
TOLD = Told(**CARD)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One practice site for the whole file, where people step in without a password."""
    people = {"Cleo Marsh": "facilitator", "Asa Bird": "assessor", "Ben Hale": "checker"}
    yield from served(town_of(tmp_path_factory.mktemp("town"), people), invented=True)


def refusal(call: object, *given: object, **named: object) -> list[tuple[str, str | None]]:
    with pytest.raises(EquipoiseError) as refused:
        call(*given, **named)  # type: ignore[operator]
    return [(one.code, one.clause) for one in refused.value.problems]


def test_one_is_added_from_a_card_and_sending_twice_adds_it_once(town: Place) -> None:
    cleo = step_in(town, "Cleo Marsh")
    chosen = cleo.get("/initiatives/new?card=B").content.decode()
    assert re.search(r'<option value="B" selected>Predicting where loneliness', chosen)
    before = len(initiatives(town.site))
    for _ in range(2):
        sent = cleo.send("/initiatives/new", card="B", title="")
        assert sent["Location"] == "/initiatives/predicting-where-loneliness-is-common/"
    assert len(initiatives(town.site)) == before + 1
    page = cleo.get(sent["Location"]).content.decode()
    for told in ("Age UK", "The initiative “Predicting where", "Not begun", "Nothing yet."):
        assert told in page, told
    listed = cleo.get("/initiatives/").content.decode()
    assert "Predicting where loneliness is common" in listed


def test_what_is_missing_is_told_at_each_field_and_nothing_typed_is_lost(town: Place) -> None:
    cleo = step_in(town, "Cleo Marsh")
    sent = cleo.send("/initiatives/new/own", **{**CARD, "who": "", "how": "", "risks": "x"})
    page = sent.content.decode()
    assert sent.status_code == 422 and "<title>Error: " in page
    for told in ("Say who does it", "Say how it is done", "Where shifts end", "#who", "#how"):
        assert told in page, told
    sent = cleo.send("/initiatives/new/own", **{**CARD, "title": "Ab", "risks": "x"})
    page = sent.content.decode()
    assert sent.status_code == 422 and page.count("ACT280") >= 4  # each in summary and at its field
    assert 'href="#title"' in page and 'href="#risks"' in page
    sent = cleo.send("/initiatives/new", card="", title="")
    assert sent.status_code == 422 and "Choose a card" in sent.content.decode()
    sent = cleo.send("/initiatives/new", card="nosuch", title="")
    assert sent.status_code == 422 and "ACT280" in sent.content.decode()


def test_a_card_of_its_own_is_among_the_lists_and_can_be_changed_until_weighed(
    town: Place,
) -> None:
    cleo = step_in(town, "Cleo Marsh")
    sent = cleo.send("/initiatives/new/own", **CARD)
    assert sent["Location"] == "/initiatives/quiet-streets-by-night/"
    card = lists_of(town.site).cards["quiet-streets-by-night"]
    assert card.impacts.benefits == ("People get home.", "Streets feel safer.")
    assert "Cards of initiatives here" in cleo.get("/cards/").content.decode()
    assert cleo.get("/cards/quiet-streets-by-night/").status_code == 200
    form = cleo.get("/initiatives/quiet-streets-by-night/card").content.decode()
    seen = re.search(r'name="seen" value="(sha256:[0-9a-f]+)"', form)
    assert seen is not None and "People get home.\nStreets feel safer." in form
    changed = {**CARD, "how": "Counts of ten and more."}
    page = "/initiatives/quiet-streets-by-night/card"
    assert cleo.send(page, **changed, seen=seen[1]).status_code == 302
    asa = step_in(town, "Asa Bird")
    clash = asa.send(page, **{**CARD, "how": "Counts of five."}, seen=seen[1])
    text = clash.content.decode()
    assert clash.status_code == 409 and "ACT283" in text and "Counts of five." in text
    fresh = re.search(r'name="seen" value="(sha256:[0-9a-f]+)"', text)
    assert fresh is not None and fresh[1] != seen[1]
    again = asa.send(page, **{**CARD, "how": "Counts of five."}, seen=fresh[1])
    assert again.status_code == 302
    assert lists_of(town.site).cards["quiet-streets-by-night"].how == "Counts of five."


def test_a_title_means_one_initiative(town: Place) -> None:
    site = town.site
    add_with_card(site, "Cleo Marsh", Told(**{**CARD, "title": "Night buses"}))
    assert refusal(add_from_card, site, "Cleo Marsh", "E", "night  BUSES!") == [("ACT281", "title")]
    other = Told(**{**CARD, "title": "Night buses", "how": "Otherwise."})
    assert refusal(add_with_card, site, "Cleo Marsh", other) == [("ACT281", "title")]
    named = add_with_card(site, "Cleo Marsh", Told(**{**CARD, "title": "New"}))
    assert named.name == "new-2" and named.card_id == "own-new"
    assert slug_of("99 – Café/Été") == "no-99-cafe-ete"
    assert slug_of("???") == "no"


def test_a_card_of_the_lists_or_one_that_was_weighed_stays(town: Place) -> None:
    from equipoise.acts.assess import begin_assessment

    site = town.site
    shipped = add_from_card(site, "Asa Bird", "F")
    assert refusal(change_card, site, "Asa Bird", shipped.name, TOLD, seen="") == [("ACT282", None)]
    own = add_with_card(site, "Asa Bird", Told(**{**CARD, "title": "Weighed already"}))
    begin_assessment(site, "weighed-already", "Asa Bird", card=own.card_id)
    assert refusal(change_card, site, "Asa Bird", own.name, TOLD, seen="") == [("ACT282", None)]
    asa = step_in(town, "Asa Bird")
    page = asa.get(f"/initiatives/{own.name}/").content.decode()
    assert "Change the card" not in page and "Open, 0 have answered" in page
    assert "Under way" in page and "Take it from here" not in page


def test_changing_to_a_title_that_is_taken_is_refused(town: Place) -> None:
    site = town.site
    add_from_card(site, "Asa Bird", "A", "Taken")
    own = add_with_card(site, "Asa Bird", Told(**{**CARD, "title": "Still free"}))
    digest = lists_of(site).cards[own.card_id].digest
    told = Told(**{**CARD, "title": "Taken"})
    assert refusal(change_card, site, "Asa Bird", own.name, told, seen=digest) == [
        ("ACT281", "title")
    ]
    same = Told(**{**CARD, "title": "Still free"})
    assert change_card(site, "Asa Bird", own.name, same, seen="") == own


def test_only_those_who_may_add_are_offered_it_and_can(town: Place) -> None:
    ben = step_in(town, "Ben Hale")
    assert "Add an initiative" not in ben.get("/initiatives/").content.decode()
    for address in ("/initiatives/new", "/initiatives/new/own"):
        assert ben.get(address).status_code == 403
    add_from_card(town.site, "Asa Bird", "1")
    name = initiatives(town.site)[-1].name
    sent = ben.send(f"/initiatives/{name}/put", "/initiatives/", what="workshop x", do="put")
    assert sent.status_code == 403
    with pytest.raises(GateRefused, match="ACT250"):
        add_from_card(town.site, "Ben Hale", "2")


def test_what_is_put_to_one_stands_there_until_it_is_taken_away(town: Place) -> None:
    site = town.site
    source = str(EXAMPLE)
    enrol_cast(site, site.read(EXAMPLE).agreement)
    sign(site, source, "Bernard Lyle")
    held = add_from_card(site, "Asa Bird", "C")
    asa = step_in(town, "Asa Bird")
    page = f"/initiatives/{held.name}/"
    assert "Agreement: Automatic energy rebates" in asa.get(page).content.decode()
    put = {"what": "agreement fuel-poverty-rebate", "do": "put"}
    for _ in range(2):
        assert asa.send(page + "put", page, **put)["Location"] == page
    seen = asa.get(page).content.decode()
    assert "Waits for 6 signatures" in seen and "fuel-poverty-rebate@1" in seen
    notes = [one.detail for one in site.store.entries() if one.act == "initiative joined"]
    assert notes == [{"kind": "agreement", "name": "fuel-poverty-rebate", "leaves": False}]
    sign_all_for_practice(site, source)
    stages = {one.title: one.how for one in see_initiative(site, held.name).stages}
    assert stages == {
        "Weigh": "not begun", "Agree": "done", "Carry out": "not begun", "Account": "not begun",
    }  # fmt: skip
    asa.send(page + "put", page, what="agreement fuel-poverty-rebate", do="take")
    assert "Waits for" not in asa.get(page).content.decode()
    assert refusal(belongs, site, "Asa Bird", held.name, "draft", "none") == [("ACT284", "what")]
    with pytest.raises(StateRefused, match="STO040"):
        belongs(site, "Asa Bird", "nosuch", "agreement", "fuel-poverty-rebate")


def test_there_is_no_page_of_an_initiative_that_is_not_there(town: Place) -> None:
    missing = step_in(town, "Asa Bird").get("/initiatives/nosuch/")
    assert missing.status_code == 404 and "STO040" in missing.content.decode()


def test_text_that_is_no_text_is_shown_as_it_was_typed(town: Place) -> None:
    cleo = step_in(town, "Cleo Marsh")
    evil = "<script>alert(1)</script>"
    sent = cleo.send("/initiatives/new/own", **{**CARD, "title": f"Try {evil}", "how": evil})
    page = cleo.get(sent["Location"]).content.decode()
    assert evil not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    long = cleo.send("/initiatives/new/own", **{**CARD, "title": "Long", "how": "x" * 1_000_000})
    assert long.status_code == 422 and "2000 characters at most" in long.content.decode()
    with pytest.raises(UsageRefused, match="ACT280"):
        add_from_card(town.site, "Cleo Marsh", "A", "x")


# -- from weighing to a workshop ------------------------------------------------------------------


def workshop_link(page: str) -> str:
    found = re.search(r'href="(/workshops/new\?[^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def made_from(town: Place, link: str, title: str) -> Plan:
    """Follow a link to a new workshop and make it, changing nothing but what is empty."""
    cleo = step_in(town, "Cleo Marsh")
    form = cleo.get(link).content.decode()
    ticket = re.search(r'name="ticket" value="(\w+)"', form)
    text = re.search(r'name="substance"[^>]*value="([^"]*)"', form)
    chosen = re.findall(
        r'<select[^>]*name="(card_[^"]+)">(?:(?!</select>).)*?value="(\w+)" selected', form, re.S
    )
    assert ticket is not None
    sent = cleo.send(
        "/workshops/new", title=title, people="12", minutes="120", sectors="council\nhealth",
        choose="fit", do="make", ticket=ticket[1], substance=text[1] if text else "",
        **{"card_A": "1", "card_B": "1", **dict(chosen)},
    )  # fmt: skip
    assert sent.status_code == 302, unescape(re.sub(r"<[^>]+>", " ", sent.content.decode()))
    return workshop(town.site, str(sent["Location"]).split("/")[2])[1]


def test_a_workshop_begun_from_an_initiative_weighs_its_card_and_its_text(town: Place) -> None:
    from equipoise.acts.assess import begin_assessment, set_aside

    site = town.site
    own = add_with_card(site, "Asa Bird", Told(**{**CARD, "title": "Weighed in a hall"}))
    cleo, page = step_in(town, "Cleo Marsh"), f"/initiatives/{own.name}/"
    bare = made_from(town, workshop_link(cleo.get(page).content.decode()), "Without a text")
    assert own.card_id in bare.cases and bare.substance is None
    begin_assessment(site, "hall-first", "Asa Bird", card=own.card_id, text=EXAMPLE.read_text())
    text = substance(site.read(EXAMPLE).agreement)
    for address in (page, "/assessments/hall-first/"):
        plan = made_from(town, workshop_link(cleo.get(address).content.decode()), f"Of {address}")
        assert plan.substance == text and own.card_id in plan.cases, address
    assert substance_of(site, see_initiative(site, own.name)) == text
    changed = EXAMPLE.read_text().replace("title: Automatic", "title: More automatic")
    draft = begin_draft(site, "hall-draft", changed, town.person("Asa Bird"))
    belongs(site, "Asa Bird", own.name, "draft", "hall-draft")
    newer = substance_of(site, see_initiative(site, own.name))
    assert newer.startswith("sha256:") and newer != text, "what would be signed now"
    delete_draft(site, "hall-draft", town.person("Asa Bird"), revision=draft.revision)
    assert substance_of(site, see_initiative(site, own.name)) == text
    set_aside(site, "hall-first", "It was begun by mistake; nobody answered.", "Asa Bird")
    assert substance_of(site, see_initiative(site, own.name)) == ""
