"""A facilitator makes a workshop from cards, steers it, and reports it: by forms alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from visiting import Place, Visitor, made, served

from equipoise.acts import workshop_answer as answering
from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_see as seeing
from equipoise.acts.site import enrol
from equipoise.acts.workshop_lead import name_for
from equipoise.acts.workshop_make import book, library, workshop, workshops
from equipoise.acts.workshop_report import read_report
from equipoise.agree.canonical import digest_of
from equipoise.web.pages.workshop_lead_figures import on_wall
from equipoise.weigh.workshop.answers import Answer, Draft

FORM = {
    "title": "Harbour data & <people>",
    "people": "12",
    "tables": "2",
    "minutes": "120",
    "sectors": "council\nhealth",
    "choose": "fit",
    "pack_title": "What is shared",
    "pack_words": "Names and addresses.",
    "who_1": "A company is given the data too.",
    "card_A": "1",
    "card_B": "1",
    "card_C": "1",
    "card_case-1": "case",
}

OWN_CARD = """adds: harbour
version: 1
cards:
  harbour-berths:
    title: Berths of the harbour
    set: harbour
    who: The port and the council.
    why: WHY
    what: Berths and names.
    how: By hand.
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One practice site for all tests here, for opening accounts is what takes long."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ScryptPasswordHasher, "work_factor", 2)
        place = made(tmp_path_factory.mktemp("lead"), practice=True)
        enrol(place.site, "health", "Dina Roy", roles=("facilitator",), practice=True)
        yield from served(place, invented=True)


@pytest.fixture(scope="module")
def cleo(house: Place) -> Visitor:
    return house.signed_in("Cleo Marsh")


@pytest.fixture(scope="module")
def ben(house: Place) -> Visitor:
    """A checker, who leads nothing."""
    return house.signed_in("Ben Hale")


def said(response: object) -> str:
    """What a page says, without its marks and with its spaces made one."""
    text = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def ticket(visitor: Visitor) -> str:
    return re.search(
        r'name="ticket" value="(\w+)"', visitor.get("/workshops/new").content.decode()
    )[1]  # type: ignore[index]


def make(visitor: Visitor, **changed: str) -> str:
    """Make a workshop and return its name."""
    form = {**FORM, "ticket": ticket(visitor), "do": "make", **changed}
    done = visitor.send("/workshops/new", **form)
    assert done.status_code == 302, said(done)
    return str(done["Location"]).split("/")[2]


def steer(visitor: Visitor, name: str, **what: str) -> object:
    return visitor.send(f"/workshops/{name}/steer", f"/workshops/{name}/", **what)


def seats(house: Place, name: str, people: int = 12) -> list[joining.Seat]:
    return [
        joining.join_workshop(
            house.site, name, sector=("council", "health")[n % 2], table=n % 2 + 1
        )
        for n in range(people)
    ]


def go_to(visitor: Visitor, house: Place, name: str, question: str) -> None:
    to = workshop(house.site, name)[1].questions[question].step
    at = seeing.see_wall(house.site, name).step.number
    steer(visitor, name, do="move", seen=str(at), to=str(to))


# -- making -------------------------------------------------------------------------------------


def test_a_form_shows_the_plan_that_fits_with_its_minutes_before_anything_is_made(
    house: Place, cleo: Visitor
) -> None:
    before = len(workshops(house.site))
    shown = cleo.send("/workshops/new", **{**FORM, "ticket": "aaaa", "do": "look"})
    words = said(shown)
    assert shown.status_code == 200 and len(workshops(house.site)) == before
    assert "12 people at 2 tables" in words and "of 120 minutes are planned" in words
    assert "Rank by benefit" in words and "How was the day" in words
    page = shown.content.decode()
    rows = re.findall(r"numeric\">(\d+)</td>\s*<td[^>]*>(\d+)</td>", page)
    assert len(rows) > 3
    for number, (_, total) in enumerate(rows):
        assert int(total) == sum(int(minutes) for minutes, _ in rows[: number + 1])
    assert f"{rows[-1][1]} of 120 minutes" in words


def test_a_plan_says_what_it_leaves_out_and_why(cleo: Visitor) -> None:
    asked = {**FORM, "ticket": "aaaa", "do": "look", "people": "11", "pack_title": ""}
    words = said(cleo.send("/workshops/new", **{**asked, "pack_words": "", "minutes": "90"}))
    assert "11 people at 2 tables, 5 or 6 at each" in words
    assert "How comfortable are you, before and after: it needs an information pack" in words
    assert "Name the benefits: there is no time" in words
    chosen = {"choose": "own", "exercises": "red lines", "pack_words": ""}
    assert "Left out" not in said(cleo.send("/workshops/new", **{**asked, **chosen}))


def test_a_workshop_without_any_card_is_not_made(house: Place, cleo: Visitor) -> None:
    before = len(workshops(house.site))
    bare = {name: value for name, value in FORM.items() if not name.startswith("card_")}
    refused = cleo.send("/workshops/new", **{**bare, "ticket": "bare", "do": "make"})
    assert refused.status_code == 422 and len(workshops(house.site)) == before
    assert said(refused).count("Choose the cards that people weigh") >= 2


def test_with_scripts_the_plan_alone_is_sent_while_the_form_is_filled_in(cleo: Visitor) -> None:
    seen = cleo.get("/workshops/new").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', seen)[1]  # type: ignore[index]
    form = {**FORM, "ticket": "aaaa", "do": "look", "csrfmiddlewaretoken": token}
    part = cleo.post("/workshops/new", form, headers={"hx-request": "true"})
    assert "<html" not in part.content.decode() and "minutes planned" in said(part)
    part = cleo.post("/workshops/new", {**form, "minutes": ""}, headers={"hx-request": "true"})
    assert part.status_code == 200 and "No plan fits yet" in said(part)


def test_everything_wrong_is_told_at_once_and_nothing_typed_is_lost(cleo: Visitor) -> None:
    wrong = {
        **FORM, "ticket": "aaaa", "do": "make", "title": "", "people": "many", "minutes": "0",
        "sectors": "x", "pack_words": "", "substance": "sha256:abc", "card_A": "9",
    }  # fmt: skip
    refused = cleo.send("/workshops/new", **wrong)
    words, page = said(refused), refused.content.decode()
    assert refused.status_code == 422 and "<title>Error: " in page
    for each in ("Enter a title", "expect, in figures", "1 or more", "2 to 60 characters",
                 "Enter the text of the information pack", "Enter sha256:"):  # fmt: skip
        assert words.count(each) >= 2, each  # in the summary, and at the field
    assert 'value="many"' in page and "What is shared" in page
    for field in re.findall(r'<a href="#([^"]+)"', page):
        assert f'id="{field}"' in page, field


def test_what_an_act_refuses_is_told_at_the_field_that_it_is_about(cleo: Visitor) -> None:
    form = {**FORM, "ticket": "aaaa", "do": "make", "people": "12", "tables": "9",
            "sectors": "council", "card_A": "", "card_B": "2", "title": "ab"}  # fmt: skip
    refused = cleo.send("/workshops/new", **form)
    page, words = refused.content.decode(), said(refused)
    for code, field in (("WGH122", "tables"), ("WGH123", "sectors"), ("WGH126", "cards"),
                        ("WGH120", "title")):  # fmt: skip
        assert re.search(rf'<a href="#{field}">[^<]*{code}', page), code
    assert "plan for 2 to 3 tables" in words.lower()
    form = {**form, "choose": "own", "exercises": "two-round poll", "pack_title": "",
            "pack_words": "", "minutes": "700"}  # fmt: skip
    refused = cleo.send("/workshops/new", **form)
    assert re.search(r'<a href="#exercises">[^<]*WGH130', refused.content.decode())


def test_a_form_sent_twice_makes_one_workshop_and_changed_it_makes_none(
    house: Place, cleo: Visitor
) -> None:
    form = {**FORM, "ticket": ticket(cleo), "do": "make"}
    first = cleo.send("/workshops/new", **form)
    again = cleo.send("/workshops/new", **form)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    name = first["Location"].split("/")[2]
    assert [one.name for one in workshops(house.site)].count(name) == 1
    other = cleo.send("/workshops/new", **{**form, "people": "10"})
    assert other.status_code == 409 and "ACT224" in said(other)


def test_exercises_sets_changes_and_helpers_are_those_that_were_chosen(
    house: Place, cleo: Visitor
) -> None:
    name = make(
        cleo,
        choose="own",
        exercises="red lines",
        facilitators="health/Dina Roy",
        what_2="Health records are shared as well.",
        substance="sha256:" + "a" * 64,
        **{"card_1": "2", "card_2": "2", "tables": ""},
    )
    plan = workshop(house.site, name)[1]
    assert [one.exercise for one in plan.exercises] == ["welcome", "red lines", "evaluation"]
    assert plan.facilitators == ("council/Cleo Marsh", "health/Dina Roy")
    assert plan.sets == {"first set": ("A", "B", "C"), "second set": ("1", "2")}
    assert [(v.id, v.changes) for v in plan.variations] == [("who-1", "who"), ("what-2", "what")]
    assert plan.substance == "sha256:" + "a" * 64 and plan.cases == ("case-1",)


def test_a_name_is_made_of_the_title_in_plain_letters() -> None:
    assert name_for("Ärzte & Häfen: 2027!", "a1b2c3d4e5") == "arzte-hafen-2027-a1b2c3d4"
    assert name_for("2027 – ready", "A-1") == "w-2027-ready-a1"
    assert name_for("会議", "ff00") == "w-ff00"
    assert len(name_for("x" * 200, "f" * 40)) < 63


def test_beginnings_fill_the_form_so_that_a_plan_fits_at_once(cleo: Visitor) -> None:
    for key in ("day", "half", "short"):
        page = cleo.get(f"/workshops/new?from={key}").content.decode()
        fields = dict(re.findall(r'id="(card_[^"]+)".*?value="([^"]*)" selected', page, re.S))
        inputs = dict(re.findall(r'name="(people|minutes)"[^>]*value="(\d+)"', page))
        assert set(inputs) == {"people", "minutes"}
        form = {**FORM, **fields, **inputs, "tables": "", "ticket": "aaaa", "do": "look"}
        assert "minutes are planned" in said(cleo.send("/workshops/new", **form)), key
    assert 'value="1" selected' in cleo.get("/workshops/new?card=D-2&card=E").content.decode()


# -- who may ------------------------------------------------------------------------------------


def test_others_see_the_list_and_finished_reports_and_nothing_else(
    house: Place, cleo: Visitor, ben: Visitor
) -> None:
    name = make(cleo)
    listed = ben.get("/workshops/").content.decode()
    assert "Harbour data &amp; &lt;people&gt;" in listed and f"/workshops/{name}/" not in listed
    assert "Make a workshop" not in listed
    assert ben.get("/workshops/new").status_code == 403
    for page in ("", "joining", "print", "print/sheets", "ask/close"):
        refused = ben.get(f"/workshops/{name}/{page}")
        assert "WGH163" in said(refused) and house.site.store, page
        assert book(house.site).held(name=name).code not in said(refused)
    refused = ben.send(f"/workshops/{name}/steer", "/account/password", do="open")
    assert "WGH163" in said(refused)
    assert "no report yet" in said(ben.get(f"/workshops/{name}/report"))
    assert ben.get(f"/workshops/{name}/report/report.json").status_code == 404


def test_what_is_not_there_is_told_so(cleo: Visitor) -> None:
    assert "STO030" in said(cleo.get("/workshops/nosuch/"))
    name = make(cleo)
    for page in ("ask/nothing", "ask/erase?text=t0", "print/table-3", "print/all"):
        assert cleo.get(f"/workshops/{name}/{page}").status_code == 404, page
    assert steer(cleo, name, do="dance").status_code == 404  # type: ignore[attr-defined]


# -- steering -----------------------------------------------------------------------------------


def test_a_facilitator_opens_moves_shows_undoes_and_comes_back_in_another_browser(
    house: Place, cleo: Visitor
) -> None:
    name = make(cleo, choose="own", exercises="two-round poll")
    assert "Not begun" in said(cleo.get(f"/workshops/{name}/"))
    steer(cleo, name, do="open")
    people = seats(house, name)
    go_to(cleo, house, name, "before.case-1")
    for seat in people:
        answering.vote(house.site, name, seat.token, "before.case-1", 4, "client01")
    words = said(cleo.get(f"/workshops/{name}/"))
    assert "12 of 12" in words and "10 or more people" in words and "End the vote" in words
    shown = steer(cleo, name, do="show", question="before.case-1")
    assert shown.status_code == 302  # type: ignore[attr-defined]
    other = house.visitor()  # the first browser is gone; the workshop is where it was
    other.send("/sign-in/as", "/sign-in", person="council/Cleo Marsh")
    words = said(other.get(f"/workshops/{name}/"))
    assert "On the wall" in words and "showed “How comfortable are you with this?” of" in words
    sequence = re.search(r'id="undo-(\d+)"', other.get(f"/workshops/{name}/").content.decode())[1]  # type: ignore[index]
    steer(other, name, do="undo", sequence=sequence)
    assert "before.case-1" not in _shown(house, name)
    again = steer(other, name, do="undo", sequence=sequence)
    assert again.status_code == 409 and "WGH169" in said(again)  # type: ignore[attr-defined]


def test_of_what_can_be_undone_the_last_few_are_shown_and_the_rest_on_request(
    house: Place, cleo: Visitor
) -> None:
    name = make(cleo)
    steer(cleo, name, do="open")
    for step in range(3):
        steer(cleo, name, do="move", seen=str(step), to=str(step + 1))
    page = cleo.get(f"/workshops/{name}/").content.decode()
    assert page.count('id="undo-') == 3 and "Show all" not in page
    for step in range(3, 0, -1):
        steer(cleo, name, do="move", seen=str(step), to=str(step - 1))
    first, rest = cleo.get(f"/workshops/{name}/").content.decode().split('id="every-step"')
    assert first.count('id="undo-') == 3 and ">Show all<" in rest
    assert rest.split("</details>")[0].count('id="undo-') == 3
    assert " open" not in rest.partition(">")[0], "closed until somebody asks"


def _shown(house: Place, name: str) -> list[str]:
    with book(house.site).live(name) as live:
        return [*live.state.shown]


def test_a_page_that_is_out_of_date_moves_nothing_and_shows_where_it_stands(
    house: Place, cleo: Visitor
) -> None:
    name = make(cleo)
    steer(cleo, name, do="open")
    steer(cleo, name, do="move", seen="0", to="2")
    refused = steer(cleo, name, do="move", seen="0", to="1")
    assert refused.status_code == 409 and "WGH164" in said(refused)  # type: ignore[attr-defined]
    assert "Step 3 of" in said(refused)
    assert "WGH165" in said(steer(cleo, name, do="move", seen="2", to="x"))
    assert "WGH166" in said(steer(cleo, name, do="show all"))
    assert seeing.see_wall(house.site, name).step.number == 2


def test_a_page_keeps_itself_up_to_date_and_loads_anew_when_the_step_has_changed(
    house: Place, cleo: Visitor
) -> None:
    name = make(cleo)
    steer(cleo, name, do="open")
    page = cleo.get(f"/workshops/{name}/").content.decode()
    asks = unescape(re.search(r'hx-get="([^"]+)"', page)[1])  # type: ignore[index]
    seen = re.search(r'id="seen" name="seen" value="([^"]+)"', page)[1]  # type: ignore[index]
    here = {"hx-request": "true"}
    same = cleo.get(f"{asks}&seen={seen}", headers=here)
    assert same.status_code == 204 and "HX-Refresh" not in same
    seats(house, name, 1)
    part = cleo.get(f"{asks}&seen={seen}", headers=here)
    assert "1 of 12" in said(part) and "<html" not in part.content.decode()
    steer(cleo, name, do="move", seen="0", to="1")
    assert cleo.get(f"{asks}&seen={seen}", headers=here)["HX-Refresh"] == "true"
    still = cleo.get(f"/workshops/{name}/?still=1").content.decode()
    assert 'hx-trigger="never"' in still


def test_texts_are_read_before_they_are_shown_hidden_and_erased(
    house: Place, cleo: Visitor
) -> None:
    name = make(cleo, choose="own", exercises="first impressions")
    steer(cleo, name, do="open")
    people = seats(house, name)
    go_to(cleo, house, name, "hopes")
    for number, seat in enumerate(people):
        drafts = (Draft("words", f"Hope <{number}>", f"t{name}{number}", "salt"),)
        sent = Answer("hopes", f"client{number:04}", drafts=drafts)
        answering.send(house.site, name, seat.token, sent)
    page = cleo.get(f"/workshops/{name}/").content.decode()
    assert "Hope &lt;3&gt;" in page and "<3>" not in page and "Waiting, on no wall yet (12)" in page
    steer(cleo, name, do="hide", text=f"t{name}1")
    asked = cleo.get(f"/workshops/{name}/ask/erase?text=t{name}2")
    assert "Hope <2>" in unescape(asked.content.decode())
    steer(cleo, name, do="erase", text=f"t{name}2")
    page = cleo.get(f"/workshops/{name}/").content.decode()
    undoable = re.findall(r"<p[^>]*>[^<]*a text was taken off the wall", page)
    assert len(undoable) == 1  # what is erased stays so
    steer(cleo, name, do="show all")
    words = said(cleo.get(f"/workshops/{name}/"))
    assert "On the wall now (10)" in words and "Hope <1>" not in words and "Hope <2>" not in words
    assert "WGH167" in said(steer(cleo, name, do="hide", text="t0"))


def test_of_very_many_tables_those_that_need_somebody_are_listed(
    house: Place, cleo: Visitor
) -> None:
    name = make(cleo, people="200", tables="")
    steer(cleo, name, do="open")
    page = cleo.get(f"/workshops/{name}/").content.decode()
    assert page.count("Look after") == 24 and "List all 34" in page
    every = cleo.get(f"/workshops/{name}/?every=1").content.decode()
    assert every.count('<th scope="row" class="govuk-table__header">Table ') == 34
    assert "whole packs of all tables" not in said(cleo.get(f"/workshops/{name}/print"))
    assert cleo.get(f"/workshops/{name}/print/packs").status_code == 404
    sheets = cleo.get(f"/workshops/{name}/print/sheets").content.decode()
    assert sheets.count('class="app-sheet"') == 34


# -- printing -----------------------------------------------------------------------------------


def test_each_table_has_its_sheet_with_the_square_that_seats_people_there(
    house: Place, cleo: Visitor
) -> None:
    name = make(cleo)
    code = book(house.site).held(name=name).code
    listed = cleo.get(f"/workshops/{name}/print").content.decode()
    assert f"/workshops/{name}/print/table-2" in listed
    sheets = cleo.get(f"/workshops/{name}/print/sheets").content.decode()
    assert sheets.count('class="app-sheet"') == 2 and f"{code[:3]} {code[3:]}" in sheets
    whole = cleo.get(f"/workshops/{name}/print/packs")
    words = said(whole)
    assert whole.content.decode().count('class="app-sheet app-card"') == 8
    for each in (
        "Lists to judge by",
        "Criteria of risk",
        "Instructions",
        "You are not ranking risk",
    ):
        assert words.count(each) == 2, each
    assert said(cleo.get(f"/workshops/{name}/print/table-2")).count("Lists to judge by") == 1


def test_what_is_printed_tells_that_a_card_has_changed_or_gone(house: Place, cleo: Visitor) -> None:
    folder = house.site.folder("weighing")
    folder.mkdir(exist_ok=True)
    file = folder / "harbour.yaml"
    file.write_text(OWN_CARD.replace("WHY", "To know who comes."))
    try:
        name = make(cleo, **{"card_harbour-berths": "1"})
        assert "read otherwise" not in said(cleo.get(f"/workshops/{name}/print"))
        file.write_text(OWN_CARD.replace("WHY", "To fine who stays."))
        assert "read otherwise" in said(cleo.get(f"/workshops/{name}/print"))
        file.unlink()
        gone = cleo.get(f"/workshops/{name}/print")
        assert gone.status_code == 409 and "ACT225" in said(gone)
        assert "Berths of the harbour" in said(gone)
    finally:
        file.unlink(missing_ok=True)


def test_joining_is_shown_large_with_code_and_square(house: Place, cleo: Visitor) -> None:
    name = make(cleo)
    code = book(house.site).held(name=name).code
    words = said(cleo.get(f"/workshops/{name}/joining"))
    assert f"{code[:3]} {code[3:]}" in words and "http://testserver/join" in words


# -- closing and the report ---------------------------------------------------------------------


def test_a_workshop_is_closed_reported_and_its_files_are_what_the_digest_says(
    house: Place, cleo: Visitor, ben: Visitor
) -> None:
    name = make(cleo, choose="own", exercises="red lines")
    steer(cleo, name, do="open")
    assert "Close the workshop?" in said(cleo.get(f"/workshops/{name}/ask/close"))
    refused = steer(cleo, name, do="report")
    assert "WGH172" in said(refused)
    steer(cleo, name, do="close")
    assert "Make the report" in said(cleo.get(f"/workshops/{name}/"))
    assert "cannot be changed" in said(cleo.get(f"/workshops/{name}/"))
    done = steer(cleo, name, do="report")
    assert done["Location"] == f"/workshops/{name}/report"  # type: ignore[index]
    assert steer(cleo, name, do="report")["Location"] == done["Location"]  # type: ignore[index]
    page = said(ben.get(f"/workshops/{name}/report"))
    file = ben.get(f"/workshops/{name}/report/report.json")
    assert digest_of(file.content) in page
    assert json.loads(file.content)["title"] == FORM["title"]
    assert file["Content-Disposition"] == f'attachment; filename="{name}-report.json"'
    sheet = ben.get(f"/workshops/{name}/report/polls.csv")
    assert sheet["Content-Type"].startswith("text/csv")
    assert ben.get(f"/workshops/{name}/report/../secret").status_code == 404
    assert ben.get(f"/workshops/{name}/")["Location"] == f"/workshops/{name}/report"
    assert "WGH169" in said(steer(cleo, name, do="undo", sequence="1"))


def test_an_invented_workshop_shows_every_kind_of_result_and_says_that_it_is_synthetic(
    house: Place, cleo: Visitor, ben: Visitor
) -> None:
    assert ben.send("/workshops/invent", "/account/password").status_code == 403
    added = cleo.send("/workshops/invent", "/workshops/")
    assert added["Location"] == "/workshops/leeds-retold/report"
    again = cleo.send("/workshops/invent", "/account/password")
    assert again["Location"] == "/workshops/"
    response = ben.get("/workshops/leeds-retold/report")
    page, words = response.content.decode(), said(response)
    assert "Synthetic: nobody said this" in words
    for each in ("by three rules", "Kendall’s W", "van der Eijk’s A", "What must never happen?",
                 "Which conditions people agree with", "who moved between the rounds"):  # fmt: skip
        assert each in words, each
    assert page.count('<img src="data:image/svg+xml') == page.count("The figures as a table") > 20
    assert "Synthetic" in ben.get("/workshops/").content.decode()
    assert "On the wall" not in page
    report = read_report(house.site, "leeds-retold").report
    found = on_wall((r for _, each in report.results for r in each), library(house.site)[1])
    assert {kind for *_, kind in found} == {"", "condition", "red line"}
    assert all(len(text) > 1 and len(words) > 3 for text, words, _ in found)


def test_on_a_real_site_nobody_is_invented(tmp_path: Path) -> None:
    for place in served(made(tmp_path, practice=False)):
        cleo = place.signed_in("Cleo Marsh")
        assert "invented" not in said(cleo.get("/workshops/"))
        assert "ACT220" in said(cleo.send("/workshops/invent", "/account/password"))
