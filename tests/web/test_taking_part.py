"""A participant's phone and the wall, as browsers without scripts see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from visiting import Place, Visitor, made, served
from workshops_held import LEAD, Held

from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_see as seeing
from equipoise.acts import workshop_steer as steering
from equipoise.acts.site import enrol
from equipoise.web.application import opened_for
from equipoise.web.opened import use
from equipoise.weigh.workshop.plan import Information

PACK = Information(title="What is shared", words="Names are shared.\nAll of them.")


class Room(Held):
    """A workshop that is open, and the phones in it."""

    made_so_far = 0

    def __init__(self, place: Place) -> None:
        Room.made_so_far += 1
        self.place = place
        super().__init__(
            place.site, f"weighing-{Room.made_so_far}", cases=("case-1", "case-2"), information=PACK
        )

    def open(self) -> Room:
        self.begin()
        return self

    def phone(self, table: int = 1, sector: str = "council") -> Phone:
        phone = Phone(self)
        taken = phone.send(self.door, sector=sector, table=str(table))
        assert taken.status_code == 302, taken.content.decode()
        return phone


class Phone(Visitor):
    """One phone without scripts. It sends a page's form with everything that stands in it."""

    def __init__(self, room: Room) -> None:
        super().__init__(room.place)
        self.room = room

    def page(self, path: str = "") -> str:
        seen = self.get(f"/take-part/{self.room.name}{path}")
        assert seen.status_code == 200, seen.content.decode()
        return unescape(seen.content.decode())

    def hidden(self, page: str) -> dict[str, str]:
        return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))

    def answer(self, path: str = "", /, page: str = "", **fields: Any) -> Any:
        held = self.hidden(page or self.page(path))
        given = {key.replace("__", "."): value for key, value in fields.items()}
        return self.post(f"/take-part/{self.room.name}/answer", {**held, **given})


@pytest.fixture(scope="module")
def one_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One site for all; each test has a workshop of its own there."""
    yield from served(made(tmp_path_factory.mktemp("one"), practice=False))


@pytest.fixture
def place(one_place: Place) -> Place:
    one_place.clock.pass_by(minutes=11)  # wrong codes of the test before count no more
    use(opened_for(one_place.site))
    return one_place


@pytest.fixture
def room(place: Place) -> Room:
    return Room(place).open()


@pytest.fixture
def closed_room(place: Place) -> Room:
    return Room(place)


# -- joining ------------------------------------------------------------------------------------


def test_a_typed_code_leads_to_a_seat_without_an_account(room: Room) -> None:
    phone = Phone(room)
    code = f"{room.made.code[:3].lower()} {room.made.code[3:]}"
    led = phone.send("/join", code=code)
    assert led["Location"] == room.door
    page = phone.get(room.door).content.decode()
    assert "Nobody asks your name" in page and 'value="not said"' in page
    seat = phone.send(room.door, sector="health", table="")
    assert seat["Location"] == f"/take-part/{room.name}"
    assert "Table 1, health" in phone.page()
    assert "equipoise_session" not in phone.cookies and "session" not in phone.cookies


def test_a_wrong_code_is_told_at_its_field_and_stays_there(room: Room) -> None:
    phone = Phone(room)
    refused = phone.send("/join", code="BBB BBB")
    page = refused.content.decode()
    assert refused.status_code == 404 and 'href="#code"' in page and 'value="BBB BBB"' in page
    assert phone.send("/join", code="what?").status_code == 422


def test_guessing_codes_ends_in_a_wait(room: Room) -> None:
    phone = Phone(room)
    for _ in range(30):
        phone.send("/join", code="BBBBBB")
    refused = phone.send("/join", code=room.made.code)
    assert refused.status_code == 429 and "WGH171" in refused.content.decode()
    assert phone.get(room.door).status_code == 200, "the square still lets people in"


def test_sector_and_table_are_asked_for_at_once_and_kept(room: Room) -> None:
    phone = Phone(room)
    refused = phone.send(room.door, table="9")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert 'href="#sector"' in page and 'href="#table"' in page and 'value="9"' in page
    assert phone.send(room.door, sector="health", table="two").status_code == 422


def test_sending_the_form_twice_takes_one_seat(room: Room) -> None:
    phone = Phone(room)
    page = phone.get(room.door).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    for _ in range(2):
        sent = phone.post(
            room.door, {"csrfmiddlewaretoken": token[1], "sector": "health", "table": "2"}
        )
        assert sent.status_code == 302
    assert seeing.see_desk(room.site, room.name, LEAD).people == 1
    assert phone.get(f"{room.door}/3")["Location"] == f"/take-part/{room.name}"


def test_a_browser_that_keeps_no_cookie_is_told(room: Room) -> None:
    phone = Phone(room)
    phone.get(room.door)
    del phone.cookies[f"seat-{room.name}"]
    page = phone.get("/join").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    refused = phone.post(room.door, {"csrfmiddlewaretoken": token[1], "sector": "health"})
    assert refused.status_code == 409 and "WEB040" in refused.content.decode()


def test_before_it_begins_there_is_a_page_that_waits(closed_room: Room) -> None:
    phone = Phone(closed_room)
    page = phone.get(closed_room.door).content.decode()
    assert "has not begun" in page and "Check again" in page and "refresh" in page
    wall = phone.get(f"/wall/{closed_room.name}?key={closed_room.made.key}").content.decode()
    assert "has not begun" in wall


def test_the_square_of_a_table_fills_in_its_number(room: Room) -> None:
    assert 'value="3"' in Phone(room).get(f"{room.door}/3").content.decode()


def test_a_full_table_says_where_there_is_room(room: Room) -> None:
    for _ in range(8):
        room.phone(1)
    refused = Phone(room).send(room.door, sector="health", table="1")
    assert refused.status_code == 409 and "WGH137" in refused.content.decode()


def test_without_a_seat_everything_leads_to_the_door(room: Room) -> None:
    phone = Phone(room)
    for path in ("", "/results", "/cards", "/q/rank-benefit"):
        assert phone.get(f"/take-part/{room.name}{path}")["Location"] == "/join"
    assert phone.get(f"/take-part/{room.name}/now").status_code == 410
    phone.cookies[f"seat-{room.name}"] = "x" * 43
    assert phone.get(f"/take-part/{room.name}")["Location"] == "/join"
    assert phone.send(f"/take-part/{room.name}/answer", "/join").status_code == 302
    assert phone.send(f"/take-part/{room.name}/seat", "/join", what="nothing").status_code == 302


def test_leaving_and_coming_back(room: Room) -> None:
    phone = room.phone()
    phone.send(f"/take-part/{room.name}/seat", f"/take-part/{room.name}", what="leave")
    assert "You have left" in phone.page()
    phone.send(f"/take-part/{room.name}/seat", f"/take-part/{room.name}", what="back")
    assert "You have left" not in phone.page()


# -- answering alone ----------------------------------------------------------------------------


def test_a_vote_is_taken_and_can_be_changed_until_it_is_shown(room: Room) -> None:
    phone = room.phone()
    room.at("before.case-1")
    assert "Choose an answer" in phone.answer().content.decode()
    sent = phone.answer(**{"choice__before__case-1": "4", "choice__before__case-2": "0"})
    assert sent["Location"].endswith("?sent=1")
    page = phone.page("?sent=1")
    assert "Your answer was taken" in page and "You said: comfortable." in page
    assert "You said: I cannot say." in page and "Check again" in page
    phone.answer("?change=1", **{"choice__before__case-1": "2"})
    assert "You said: uncomfortable." in phone.page()
    room.show("before.case-1")
    assert "Voting on this has ended. You said: uncomfortable." in phone.page("?change=1")


def test_a_vote_after_closing_is_told_and_the_others_of_the_page_are_taken(room: Room) -> None:
    early, late = room.phone(), room.phone()
    room.at("before.case-1")
    early.answer(**{"choice__before__case-1": "4"})
    opened = late.page()
    room.show("before.case-1")
    refused = late.answer(
        page=opened, **{"choice__before__case-1": "1", "choice__before__case-2": "5"}
    )
    page = refused.content.decode()
    assert refused.status_code == 409 and "WGH151" in page and "There is a problem" in page
    assert late.page().count("You did not answer") == 1
    room.at("after.case-1")
    refused = late.answer(page=opened, **{"choice__before__case-2": "1"})
    assert refused.status_code == 409 and "WGH152" in refused.content.decode()
    steering.close_workshop(room.site, room.name, LEAD)
    refused = late.answer(page=opened, **{"choice__before__case-2": "1"})
    assert "WGH133" in refused.content.decode() and "Thank you" in late.page()


def test_two_phones_with_one_seat_are_told_of_each_other(room: Room) -> None:
    one = room.phone()
    two = Phone(room)
    two.cookies = one.cookies
    room.at("before.case-1")
    on_two = two.page()
    one.answer(**{"choice__before__case-1": "4"})
    refused = two.answer(page=on_two, **{"choice__before__case-1": "2"})
    page = refused.content.decode()
    assert refused.status_code == 409 and "WGH178" in page
    assert seeing.see_phone(room.site, room.name, token(one)).questions[0].choice == 4
    two.answer(page=unescape(page), **{"choice__before__case-1": "2"})
    assert seeing.see_phone(room.site, room.name, token(one)).questions[0].choice == 2


def token(phone: Phone) -> str:
    return phone.cookies[f"seat-{phone.room.name}"].value


def test_sending_a_page_twice_counts_once(room: Room) -> None:
    phone = room.phone()
    room.at("hopes")
    page = phone.page()
    for _ in range(2):
        assert phone.answer(page=page, words__hopes="Help in time").status_code == 302
    assert phone.page().count("<li>Help in time</li>") == 1


def test_what_looks_personal_is_asked_about_and_nothing_typed_is_lost(room: Room) -> None:
    phone = room.phone()
    room.at("hopes")
    refused = phone.answer(words__hopes="Ask Mrs Quill", words__doubts="Who pays?")
    page = unescape(refused.content.decode())
    assert refused.status_code == 422 and "WGH146" in page
    assert ">\nAsk Mrs Quill</textarea>" in page and "<li>Who pays?</li>" in page
    assert ">\nWho pays?</textarea>" not in page
    marks = re.search(r'name="confirm" id="words.hopes-confirm" value="([^"]+)"', page)
    assert marks is not None
    changed = phone.answer(page=page, words__hopes="Ask Mrs Other", confirm=marks[1])
    assert "WGH146" in changed.content.decode()
    assert phone.answer(page=page, words__hopes="Ask Mrs Quill", confirm=marks[1])["Location"]
    assert "<li>Ask Mrs Quill</li>" in phone.page()
    sure = phone.answer(words__hopes="My number is 943 476 5919").content.decode()
    assert "WGH140" in sure and 'name="confirm"' not in sure


def test_a_million_letters_and_a_script_are_refused_or_shown_as_words(room: Room) -> None:
    phone = room.phone()
    room.at("hopes")
    refused = phone.answer(words__hopes="x" * 1_000_000)
    assert refused.status_code == 422 and "WGH139" in refused.content.decode()
    phone.answer(words__hopes="<script>alert(1)</script>\x00\u202e")
    assert "<script>alert" not in phone.get(f"/take-part/{room.name}").content.decode()


def test_red_lines_are_drawn_one_at_a_time(room: Room) -> None:
    phone = room.phone()
    room.at("lines")
    both = phone.answer(line__lines="X1", scope__lines="every use of data")
    assert both.status_code == 302
    own = phone.answer(line__lines="own", words__lines="Never to punish", holder__lines="Mrs Rae")
    assert own.status_code == 302, own.content.decode()
    page = phone.page("?sent=1")
    assert "Your answer was taken" in page and "Your red lines so far:" in page
    told = re.findall(r"<li>(.*?) <span class=\"app-hinted\">\((.*?)\)</span></li>", page)
    taken = making.library(room.site)[1]["X1"].words
    assert told == [
        (taken, "every use of data"),
        ("Never to punish", "this initiative; held by Mrs Rae"),
    ]
    refused = phone.answer(line__lines="own")
    assert "WGH162" in refused.content.decode()


def test_conditions_are_voted_on_by_everybody(room: Room) -> None:
    writer, other = room.phone(1), room.phone(2)
    for _ in range(2):
        room.phone(1)  # what one or two wrote as a table would be put before nobody
    room.at("conditions")
    write(writer)
    sent = writer.answer(question="conditions", words__conditions="People are told beforehand")
    assert sent.status_code == 302, sent.content.decode()
    room.at("agree-conditions")
    page = other.page()

    text = re.search(r'name="agree\.(t\w+)"', page)
    assert text is not None and "People are told beforehand" in page
    assert other.answer(**{f"agree__{text[1]}": "2"}).status_code == 302
    page = other.page()
    assert "You have voted on 1 condition:" in page
    assert "<li>People are told beforehand <b>You said: agree.</b></li>" in page


def test_where_there_is_nothing_to_vote_on_nothing_can_be_sent(room: Room) -> None:
    phone = room.phone(1)
    room.at("agree-conditions")
    page = phone.page()
    assert "No table wrote a condition" in page and ">Send<" not in re.sub(r"\s", "", page)


def write(phone: Phone) -> None:
    phone.send(f"/take-part/{phone.room.name}/seat", f"/take-part/{phone.room.name}", what="write")


def test_the_day_itself_is_marked_and_commented(room: Room) -> None:
    phone = room.phone()
    room.at("evaluation-1")
    phone.answer(**{"choice__evaluation-1": "6", "words__evaluation-4": "The cards"})
    page = phone.page()
    assert "<li>The cards</li>" in page
    assert re.search(r'name="choice.evaluation-1"[^>]+value="6" checked', page)


def test_cases_cards_and_the_information_pack_can_be_read(room: Room) -> None:
    phone = room.phone()
    assert room.plan.cards["A"].title in phone.page("/cards")
    room.at("before.case-1")
    assert "Read the card" in phone.page()
    step = room.plan.questions["before.case-1"].step + 1
    steering.move_to(room.site, room.name, LEAD, seen=step - 1, to=step)
    page = phone.page()
    assert "Names are shared." in page and "Nothing is asked on your phone now" in page


# -- a table's answers --------------------------------------------------------------------------


def test_one_phone_writes_for_a_table_and_the_others_see_it(room: Room) -> None:
    writer, other = room.phone(1), room.phone(1)
    room.at("benefits.A")
    assert "Nobody writes for your table yet" in other.page()
    write(writer)
    assert "Somebody at your table writes for it" in other.page()
    assert "You write for table 1" in writer.page()
    writer.answer("/q/benefits.A", items__benefits__A=["B01", "B02"], words__benefits__A="One\nTwo")
    assert "Sent" in writer.page() and "<li>One</li>" in other.page()
    assert "What your table sent" in writer.page() and "<li>Two</li>" in writer.page()
    kept = writer.page("/q/benefits.A")
    assert re.search(r'value="B01" checked', kept) and ">\nOne\nTwo</textarea>" in kept
    refused = other.answer("/q/benefits.A", items__benefits__A=["B03"])
    assert refused.status_code == 409 and "WGH153" in refused.content.decode()


def test_a_table_ranks_says_what_it_judged_by_and_counts_one_thing_in(room: Room) -> None:
    phone = room.phone(1)
    room.at("rank-benefit")
    write(phone)
    refused = phone.answer("/q/rank-benefit", place__A="1")
    page = refused.content.decode()
    assert "WGH158" in page and 'href="#order"' in page
    assert re.search(r'name="place.A">.*?value="1" selected', page, re.S)
    places = {"place__A": "2", "place__B": "1", "place__C": "2"}
    sent = phone.answer(
        "/q/rank-benefit", judged=["C1", "Q02"], left=["V1", "V2"], **places,
        **{"own-judged": "Fairness", "own-left": "Noise"},
    )  # fmt: skip
    assert sent.status_code == 302, sent.content.decode()
    page = phone.page("/q/rank-benefit")
    assert ">\nFairness</textarea>" in page and "If something left out counted" in page
    form = page.split("If something left out counted")[1]
    then = {"then__A": "1", "then__B": "2"}
    missing = phone.answer(page=form + csrf(page), **then)
    assert "WGH159" in missing.content.decode()
    done = phone.answer(page=form + csrf(page), counted="V1", **then)
    assert done.status_code == 302, done.content.decode()
    said = seeing.see_phone(room.site, room.name, token(phone)).questions[0].said
    assert said is not None and said["order"] == [["B"], ["A", "C"]]
    assert (said["counted in"], said["order then"]) == ("V1", [["A"], ["B"]])
    assert said["criteria"] == ["C1", "Q02"] and len(said["own"]) == 2
    home = phone.page().split("What your table sent")[1]
    assert "Judged by: " in home and "Left out on purpose: " in home and "<li>Fairness</li>" in home
    assert "the order would be: " in home


def csrf(page: str) -> str:
    found = re.search(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]+>', page)
    return found[0] if found else ""


def test_a_place_given_in_words_is_no_place(room: Room) -> None:
    phone = room.phone(1)
    room.at("rank-benefit")
    write(phone)
    refused = phone.answer("/q/rank-benefit", place__A="first", place__B="1")
    assert "WGH158" in refused.content.decode()
    assert phone.get(f"/take-part/{room.name}/q/nosuch").status_code == 302


# -- moving on ----------------------------------------------------------------------------------


def test_a_phone_learns_in_few_bytes_that_the_room_has_moved_on(room: Room) -> None:
    phone, other = room.phone(1), room.phone(1)
    room.at("before.case-1")
    now = re.search(r'data-now="([^"]+)"', phone.page())
    assert now is not None
    other.answer(**{"choice__before__case-1": "4"})
    quiet = phone.get(now[1])
    assert quiet.status_code == 204 and quiet.content == b""
    room.show("before.case-1")
    assert "Voting on this has ended" in phone.get(now[1]).content.decode()
    assert phone.get("/take-part/nosuch/now").status_code == 410


def test_a_page_with_scripts_is_answered_at_once_and_one_without_is_sent_on(room: Room) -> None:
    phone = room.phone(1)
    room.at("before.case-1")
    held = phone.hidden(phone.page()) | {"choice.before.case-1": "4"}
    at_once = phone.post(f"/take-part/{room.name}/answer", held, headers={"X-Phone": "1"})
    assert at_once.status_code == 200 and "Your answer was taken" in at_once.content.decode()


# -- the wall -----------------------------------------------------------------------------------


@pytest.fixture
def voted(room: Room) -> Room:
    phones = [room.phone(n % 4 + 1, ("council", "health")[n % 2]) for n in range(12)]
    room.at("before.case-1")
    for number, phone in enumerate(phones):
        phone.answer(**{"choice__before__case-1": str(1 + 4 * (number % 2))})
    return room


def test_a_wall_shows_how_many_answered_and_no_answer_before_it_is_shown(voted: Room) -> None:
    screen = Phone(voted)
    page = screen.get(f"/wall/{voted.name}?key={voted.made.key}").content.decode()
    assert "10 or more people" in page and "data:image/svg" in page
    assert "12" not in page.split("app-heard")[1].split("</table>")[0]
    assert re.search(r'<meta http-equiv="refresh" content="2; url=/wall/[^"]+">', page)
    assert "app-picture" not in page
    again = re.search(r'hx-get="([^"]+)"', page)
    assert again is not None
    assert screen.get(unescape(again[1])).status_code == 204
    voted.show("before.case-1")
    fresh = screen.get(unescape(again[1])).content.decode()
    assert 'class="app-screen app-picture"' in fresh and "<html" not in fresh
    assert "The figures of:" in fresh and ">6<" in fresh
    held = screen.get(f"/wall/{voted.name}?key={voted.made.key}&still=1").content.decode()
    assert "refresh" not in held and "hx-get" not in held


def test_a_wall_tells_nothing_of_fewer_than_five(room: Room) -> None:
    for number in range(7):
        phone = room.phone(number % 2 + 1)
        if number == 0:
            room.at("before.case-1")
        phone.answer(**{"choice__before__case-1": "5" if number else "1"})
    room.show("before.case-1")
    page = Phone(room).get(f"/wall/{room.name}?key={room.made.key}").content.decode()
    assert "5 or more people" in page or "Voting has ended" in page
    page = Phone(room).get(f"/wall/{room.name}?key={room.made.key}&page=2").content.decode()
    assert "7 people answered. How their answers split is not shown" in page
    assert "any answer" not in page and "<img" not in page.split('class="app-screen')[1]


def test_a_wall_is_for_the_room_and_its_facilitator(room: Room) -> None:
    stranger = Phone(room)
    refused = stranger.get(f"/wall/{room.name}")
    assert refused.status_code == 403 and "WEB042" in refused.content.decode()
    assert stranger.get(f"/wall/{room.name}/now?key=wrong").status_code == 403
    assert room.phone().get(f"/wall/{room.name}").status_code == 200
    assert room.place.signed_in(LEAD).get(f"/wall/{room.name}").status_code == 200


def test_results_can_be_read_on_a_phone(voted: Room) -> None:
    phone = voted.phone(1)
    assert "Nothing of this step is shown" in phone.page("/results")
    voted.show("before.case-1")
    page = phone.page("/results")
    assert "How comfortable are you with this?" in page and ">6<" in page
    assert "Nothing of this step is shown" in phone.page("/results?step=0")


# -- every page of a whole day ------------------------------------------------------------------


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Place]:
    from equipoise.acts.workshop_invent import invent_workshop

    place = made(tmp_path, practice=True)
    enrol(place.site, "council", "Dan Reed", roles=("facilitator",), practice=True)
    invent_workshop(place.site, "Dan Reed", people=44)
    yield from served(place, invented=True)


def test_every_result_of_an_invented_day_has_its_picture_and_table(day: Place) -> None:
    from equipoise.acts.workshop_invent import NAME as INVENTED
    from equipoise.acts.workshop_report import read_report
    from equipoise.web.workshop_pictures import pictures

    held, plan = making.workshop(day.site, INVENTED)
    assert held.report is not None
    _, items = making.library(day.site)
    report = read_report(day.site, INVENTED)
    drawn = [one for _, each in report.report.results for one in pictures(plan, each, items)]
    assert len(drawn) > 20 and all(one.title for one in drawn)
    assert all(one.rows and one.alt for one in drawn if one.svg)
    assert all(one.svg or one.said or one.notes for one in drawn)
    text = " ".join(note for one in drawn for note in one.notes)
    assert "Kendall" in text and "Borda" in text and "left out on purpose" in text
    wall = day.visitor().get(f"/wall/{INVENTED}?key={held.key}")
    page = wall.content.decode()
    assert wall.status_code == 200 and "Invented people" in page and "has closed" in page


def test_results_of_few_tables_and_many_are_told_in_words_where_they_cannot_be_drawn() -> None:
    from equipoise.acts.workshop_invent import invented_wish
    from equipoise.web.workshop_pictures import WITHHELD, pictures
    from equipoise.weigh.cards import cards
    from equipoise.weigh.catalogue import catalogue
    from equipoise.weigh.workshop.plan import Plan
    from equipoise.weigh.workshop.results import results
    from equipoise.weigh.workshop.simulate import simulate
    from equipoise.weigh.workshop.wish import propose

    def drawn(people: int, tables: int) -> tuple[Plan, list[Any]]:
        wanted = invented_wish("council/Cleo Marsh", people=people, tables=tables)
        plan = propose(wanted, cards(), catalogue())
        room = simulate(plan, catalogue(), 11).room
        found = [
            one
            for question in plan.questions.values()
            for one in results(plan, room.state, room.words, question)
        ]
        return plan, list(pictures(plan, found, catalogue()))

    _, few = drawn(6, 1)
    notes = " ".join(note for one in few for note in one.notes)
    assert "Not put together: fewer than two tables" in notes and WITHHELD in notes
    _, many = drawn(80, 16)
    ranked = next(one for one in many if one.alt.startswith("The places of each card"))
    assert "By pairs" in ranked.heads and not any("judged by" in note for note in ranked.notes)
