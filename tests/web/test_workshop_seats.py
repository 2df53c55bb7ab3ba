"""The facilitator's desk: who joined in all, who was moved, and the door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from visiting import Place, Visitor, served, step_in, town_of

from equipoise.acts import workshop_answer as answering
from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_lead as leading
from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_report as reporting
from equipoise.acts import workshop_see as seeing
from equipoise.acts import workshop_steer as steering
from equipoise.acts.workshop_make import library
from equipoise.errors import StateRefused, UsageRefused
from equipoise.weigh.workshop.answers import Answer
from equipoise.weigh.workshop.wish import Wish

CLEO = "Cleo Marsh"
WISH: dict[str, Any] = {
    "title": "Harbour", "people": 8, "tables": 2, "minutes": 120,
    "sets": {"one": ("A", "B", "C")}, "cases": ("case-1",), "sectors": ("council", "health"),
}  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    people = {CLEO: "facilitator", "Dov Lane": "facilitator"}
    yield from served(town_of(tmp_path_factory.mktemp("seats"), people), invented=True)


@pytest.fixture
def name(town: Place, request: pytest.FixtureRequest) -> str:
    """An open workshop with four people at each of two tables."""
    made = leading.name_for("Harbour", f"t{abs(hash(request.node.name)) % 10**7}")
    wish = Wish(id=made, facilitators=(town.person(CLEO).key,), **WISH)
    leading.make_once(town.site, CLEO, making.propose_workshop(town.site, wish).plan)
    steering.open_workshop(town.site, made, CLEO)
    return made


def fill(town: Place, name: str, people: int = 8) -> list[joining.Seat]:
    return [
        joining.join_workshop(town.site, name, sector="council", table=n % 2 + 1)
        for n in range(people)
    ]


def said(response: object) -> str:
    text = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def steer(visitor: Visitor, name: str, **what: str) -> Any:
    return visitor.send(f"/workshops/{name}/steer", f"/workshops/{name}/", **what)


def test_somebody_is_moved_by_their_seat_and_moved_back(town: Place, name: str) -> None:
    cleo, held = step_in(town, CLEO), fill(town, name)
    desk = said(cleo.get(f"/workshops/{name}/"))
    assert "Table 1 4 1, 3, 5, 7" in desk and "Table 2 4 2, 4, 6, 8" in desk
    assert "What their table said or wrote stays with the table" in desk
    assert steer(cleo, name, do="seat", seat="3", table="2").status_code == 302
    desk = said(cleo.get(f"/workshops/{name}/"))
    assert "Seat 3 is now at table 2." in desk and "Table 1 3 1, 5, 7" in desk
    assert "seat 3 was moved to table 2, by Cleo Marsh" in desk
    phone = seeing.see_phone(town.site, name, held[2].token)
    assert (phone.seat, phone.table) == (3, 2)
    steer(cleo, name, do="seat", seat="3", table="2")
    assert "Seat 3 was at table 2 already." in said(cleo.get(f"/workshops/{name}/"))
    (step,) = leading.done(town.site, name, CLEO)
    steer(cleo, name, do="undo", sequence=str(step.sequence))
    assert "Table 1 4 1, 3, 5, 7" in said(cleo.get(f"/workshops/{name}/"))


def test_a_seat_that_is_not_there_is_told_and_what_was_typed_stays(town: Place, name: str) -> None:
    cleo = step_in(town, CLEO)
    fill(town, name)
    for seat, table, code in (("9", "2", "WGH182"), ("two", "1", "WGH182"), ("1", "7", "WGH136")):
        refused = steer(cleo, name, do="seat", seat=seat, table=table)
        page = refused.content.decode()
        assert refused.status_code == 422 and code in page
        assert f'value="{seat}"' in page and f'value="{table}"' in page
        assert '<details class="govuk-details" id="moving" open>' in page


def test_the_desk_tells_who_is_here_and_who_joined_in_all(town: Place, name: str) -> None:
    cleo, held = step_in(town, CLEO), fill(town, name)
    plan = making.workshop(town.site, name)[1]
    vote = next(q for q in plan.questions.values() if q.kind == "vote")
    steering.move_to(town.site, name, CLEO, seen=0, to=vote.step)
    for seat in held[:5]:
        answering.vote(town.site, name, seat.token, vote.id, 1, "sending-0001")
    for seat in held[3:6]:
        joining.leave_workshop(town.site, name, seat.token)
    desk = said(cleo.get(f"/workshops/{name}/"))
    assert "Here now 5 of 8" in desk and "Joined in all 8 of 20 seats" in desk
    assert "5 or more people fewer than 5 of them on seats that were left since" in desk


def test_the_door_is_closed_and_opened_and_more_seats_are_given(town: Place, name: str) -> None:
    cleo, held = step_in(town, CLEO), fill(town, name)
    steer(cleo, name, do="door", open="no")
    desk = said(cleo.get(f"/workshops/{name}/"))
    assert "Door closed" in desk and "nobody new can join" in desk
    with pytest.raises(StateRefused, match="WGH180"):
        joining.join_workshop(town.site, name, sector="council")
    joining.leave_workshop(town.site, name, held[0].token)
    joining.come_back(town.site, name, held[0].token)
    code, key = seeing.code_and_key(town.site, name)
    stranger = town.visitor()
    refused = stranger.send(f"/join/{code}/{key}", sector="council")
    assert refused.status_code == 409 and "the door of this workshop is closed" in (
        said(refused).lower()
    )
    steer(cleo, name, do="door", open="yes")
    assert "The door is open." in said(cleo.get(f"/workshops/{name}/"))
    joining.join_workshop(town.site, name, sector="council")
    steer(cleo, name, do="door", open="yes", more="6")
    desk = said(cleo.get(f"/workshops/{name}/"))
    assert "There are 6 seats more." in desk and "9 of 26 seats" in desk and "6 more seats" in desk
    refused = steer(cleo, name, do="door", open="yes", more="lots")
    assert refused.status_code == 422 and 'value="lots"' in refused.content.decode()
    newest = leading.done(town.site, name, CLEO)[0]
    steer(cleo, name, do="undo", sequence=str(newest.sequence))
    assert seeing.see_desk(town.site, name, CLEO).seats == 20


def test_nobody_but_a_facilitator_of_it_moves_anybody(town: Place, name: str) -> None:
    fill(town, name)
    for act in (
        lambda: steering.seat_numbered(town.site, name, "Dov Lane", 1, 2),
        lambda: steering.door(town.site, name, "Dov Lane", is_open=False),
    ):
        with pytest.raises(UsageRefused, match="WGH163"):
            act()
    assert steer(step_in(town, CLEO), name, do="nosuch").status_code == 404


# -- the report -----------------------------------------------------------------------------------


def test_the_report_shows_what_was_shown_before_how_often_and_what_was_taken_out(
    town: Place, name: str
) -> None:
    """A poll is shown, taken again after an undoing, and shown anew: the page says both."""
    cleo, held = step_in(town, CLEO), fill(town, name, 12)
    plan = making.workshop(town.site, name)[1]
    vote = next(q for q in plan.questions.values() if q.kind == "vote")
    steering.move_to(town.site, name, CLEO, seen=0, to=vote.step)
    for number, seat in enumerate(held):
        answering.vote(
            town.site, name, seat.token, vote.id, 1 + 3 * (number % 2), f"first-{number:03}"
        )
    steering.show(town.site, name, CLEO, vote.id)
    steering.undo(town.site, name, CLEO)
    for number, seat in enumerate(held):
        answering.vote(town.site, name, seat.token, vote.id, 4, f"again-{number:03}")
    steering.show(town.site, name, CLEO, vote.id)
    lines = next(q for q in plan.questions.values() if q.kind == "line")
    steering.move_to(town.site, name, CLEO, seen=vote.step, to=lines.step)
    for number in (0, 1):
        sent = Answer(
            lines.id, f"drawn-{number:03}", drafts=answering.drafts_of([("words", f"Not {number}")])
        )
        answering.send(town.site, name, held[number].token, sent)
    steering.show(town.site, name, CLEO, lines.id)
    shown = seeing.see_wall(town.site, name).results[0]
    steering.hide(town.site, name, CLEO, shown.lines[0].id)  # type: ignore[union-attr]
    steering.close_workshop(town.site, name, CLEO)
    told = reporting.report_workshop(town.site, name, CLEO).report.data
    (asked,) = [one for one in told["asked"] if one["question"] == vote.id]
    assert asked["times shown"] == 2 and len(asked["shown before"]) == 1 and told["taken out"] == 1
    response = cleo.get(f"/workshops/{name}/report")
    words = said(response)
    assert "Texts and lines taken out 1" in words
    assert f"Shown before, as picture 1: {vote.words}" in words
    assert re.search(
        rf"{re.escape(vote.words)}[^|]* 2 ", words.split("How often each was shown")[1]
    )
    now, before = asked["results"][0]["counts"], asked["shown before"][0]["counts"]
    assert now != before
    for count in before:
        assert f">{count}<" in response.content.decode()
    left = next(line.text for line in shown.lines[1:])  # type: ignore[union-attr]
    assert left in words and shown.lines[0].text not in words  # type: ignore[union-attr]


# -- the lists to judge by ------------------------------------------------------------------------


def form_of(visitor: Visitor, title: str) -> dict[str, Any]:
    page = visitor.get("/workshops/new").content.decode()
    ticket = re.search(r'name="ticket" value="(\w+)"', page)
    assert ticket is not None
    form: dict[str, Any] = {
        "title": title, "people": "8", "minutes": "120", "sectors": "council\nhealth",
        "choose": "fit", "do": "make", "ticket": ticket[1], "card_A": "1", "card_B": "1",
        "offers": "chosen",
    }  # fmt: skip
    for field in ("criteria", "risk_criteria", "factors"):
        form[field] = re.findall(rf'name="{field}"[^>]*value="([^"]+)"[^>]*checked', page)
        assert len(form[field]) > 3, "all stand there to begin with"
    return form


def test_a_facilitator_chooses_what_stands_on_the_lists_and_adds_to_them(town: Place) -> None:
    cleo = step_in(town, CLEO)
    form = form_of(cleo, "Usual lists")
    usual = cleo.send("/workshops/new", **form)
    plan = making.workshop(town.site, str(usual["Location"]).split("/")[2])[1]
    assert plan.criteria == {} and plan.own_criteria == {}
    kept = form_of(cleo, "Own lists")
    kept |= {"criteria": kept["criteria"][:2], "own_criteria": "Who would notice\n\n Tides  too "}
    sent = cleo.send("/workshops/new", **kept)
    name = str(sent["Location"]).split("/")[2]
    plan = making.workshop(town.site, name)[1]
    assert plan.criteria == {"criteria": tuple(kept["criteria"])}
    assert plan.own_criteria == {"criteria": ("Who would notice", "Tides too")}
    printed = said(cleo.get(f"/workshops/{name}/print/table-1"))
    assert "Tides too" in printed
    left_off = library(town.site)[1][form["criteria"][2]].words
    assert left_off not in printed
    steering.open_workshop(town.site, name, CLEO)
    (seat, *_) = fill(town, name, 4)
    rank = plan.questions["rank-benefit"]
    steering.move_to(town.site, name, CLEO, seen=0, to=rank.step)
    joining.write_for_table(town.site, name, seat.token)
    _, items = seeing.laid(town.site, plan)
    own = [item.id for item in items.of("criteria")][-1]
    order = Answer(rank.id, "sending-0001", order=(("A",), ("B",)), criteria=(own,))
    assert answering.send(town.site, name, seat.token, order)


def test_an_empty_list_is_told_at_its_field_and_what_was_typed_stays(town: Place) -> None:
    cleo = step_in(town, CLEO)
    form = form_of(cleo, "")
    wrong = {**form, "factors": [], "own_risk_criteria": "Twice\ntwice"}
    refused = cleo.send("/workshops/new", **wrong)
    assert refused.status_code == 422 and 'href="#title"' in refused.content.decode()
    refused = cleo.send("/workshops/new", **{**wrong, "title": "ab"})
    page = refused.content.decode()
    for field, code in (
        ("title", "WGH120"),
        ("factors", "WGH183"),
        ("own_risk_criteria", "WGH184"),
    ):
        assert re.search(rf'<a href="#{field}">[^<]*{code}', page), code
        assert f'id="{field}"' in page
    assert "Twice\ntwice" in page and "(0 of 7)" in page
