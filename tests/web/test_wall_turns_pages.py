"""The wall's pages: one picture a screen, turned by itself, held by whoever wants to read on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from visiting import Place, Visitor, made, served
from workshops_held import Held, wish

from equipoise.acts.site import Site
from equipoise.acts.workshop_answer import send
from equipoise.acts.workshop_join import join_workshop, write_for_table
from equipoise.acts.workshop_make import library, propose_workshop
from equipoise.web.pages.workshop_wall import SECONDS, Turn
from equipoise.web.wall_named import FEW, folded
from equipoise.web.wall_screens import ROWS, screens
from equipoise.web.workshop_pictures import Picture, pictures
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.workshop.answers import Answer
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.results import Named, results
from equipoise.weigh.workshop.simulate import simulate

CASES = ("before.case-1", "before.case-2", "before.case-3")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from served(made(tmp_path_factory.mktemp("turning"), practice=False))


def voted(place: Place, name: str) -> Held:
    """A workshop in which three cases were voted on, and nothing is shown yet."""
    held = Held(place.site, name)
    held.begin()
    held.at(CASES[0])
    for case in CASES:
        held.others_vote(case, 12)
    return held


@pytest.fixture(scope="module")
def hall(place: Place) -> Held:
    """A workshop of which three results are on the wall."""
    held = voted(place, "turning")
    for case in CASES:
        held.show(case)
    return held


@pytest.fixture
def screen(place: Place, hall: Held) -> Wall:
    return Wall(place, hall)


class Wall(Visitor):
    """A browser at the wall."""

    def __init__(self, place: Place, hall: Held) -> None:
        super().__init__(place)
        self.hall = hall

    def at(self, more: str = "") -> str:
        answer = self.get(self.hall.wall + more)
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    def follow(self, page: str) -> str:
        """Ask for what the page ought to show by now, as htmx would; nothing where it shows it."""
        again = re.search(r'hx-get="([^"]+)"', page)
        assert again is not None
        answer = self.get(again[1])
        return unescape(answer.content.decode())


def told(page: str) -> str:
    found = re.search(r"<b>(Page \d+ of \d+)</b>", page)
    return found[1] if found else ""


def link(page: str, name: str) -> str:
    found = re.search(rf'id="{name}" href="([^"]+)"', page)
    assert found is not None
    return found[1].partition("?")[2]


def test_each_result_has_a_page_with_an_address_of_its_own(screen: Wall) -> None:
    first, second = screen.at(), screen.at("&page=2")
    assert told(first) == "Page 1 of 3" and told(second) == "Page 2 of 3"
    assert first.count("app-screen") == second.count('class="app-screen') == 1
    assert "index" in first.split('id="screen"')[1][:200]
    assert first.split('id="screen"')[1][:150] != second.split('id="screen"')[1][:150]
    for nonsense in ("&page=0", "&page=x", "&page=-1", "&page=²", "&had=zz&until=x&page=9"):
        assert told(screen.at(nonsense)).startswith("Page ")


def test_links_go_round_and_keep_the_keyboard_where_it_was(screen: Wall) -> None:
    page = screen.at()
    for at in (2, 3, 1):
        page = screen.at("&" + link(page, "wall-next"))
        assert told(page) == f"Page {at} of 3"
        assert re.search(r'id="wall-next"[^>]* autofocus', page)
    page = screen.at("&" + link(page, "wall-previous"))
    assert told(page) == "Page 3 of 3" and re.search(r'id="wall-previous"[^>]* autofocus', page)


def test_an_unattended_wall_turns_its_pages_with_and_without_scripts(
    place: Place, screen: Wall
) -> None:
    page = screen.at()
    reload = re.search(r'refresh" content="2; url=([^"]+)"', page)
    assert reload is not None
    place.clock.pass_by(seconds=SECONDS - 1)
    assert told(screen.follow(page) or page) == "Page 1 of 3"
    assert told(unescape(screen.get(reload[1]).content.decode())) == ("Page 1 of 3")
    place.clock.pass_by(seconds=1)
    assert told(unescape(screen.get(reload[1]).content.decode())) == "Page 2 of 3"
    for at in (2, 3, 1):
        page = screen.follow(page)
        assert told(page) == f"Page {at} of 3" and "<html" not in page
        assert screen.follow(page) == "", "nothing is new"
        place.clock.pass_by(seconds=SECONDS)


def test_a_page_can_be_stayed_on_and_everything_held_still(place: Place, screen: Wall) -> None:
    page = screen.at("&page=2")
    staying = screen.at("&" + link(page, "wall-stay"))
    assert "Turn the pages" in staying and told(staying) == "Page 2 of 3"
    place.clock.pass_by(seconds=10 * SECONDS)
    assert told(screen.follow(staying) or staying) == "Page 2 of 3"
    assert told(screen.at("&" + link(staying, "wall-next"))) == "Page 3 of 3"
    assert "Turn the pages" in screen.at("&" + link(staying, "wall-next"))
    moving = screen.at("&" + link(staying, "wall-stay"))
    assert "Stay on this page" in moving
    still = screen.at("&" + link(page, "wall-still"))
    assert "refresh" not in still and "hx-get" not in still and told(still) == "Page 2 of 3"
    assert "Keep it up to date" in still and "hx-get" in screen.at("&" + link(still, "wall-still"))


def test_what_is_new_is_shown_at_once_but_not_to_who_stays(place: Place) -> None:
    hall = voted(place, "fresh")
    screen = Wall(place, hall)
    begun = screen.at()
    assert told(begun) == "" and "12 or" not in begun
    hall.show(CASES[0])
    page = screen.follow(begun)
    assert told(page) == "Page 2 of 2", "the result before what is still asked"
    staying = screen.at("&stay=1&page=2")
    hall.show(CASES[1])
    fresh = screen.follow(page)
    assert told(fresh) == "Page 3 of 3" and "Troubled families" in fresh
    assert told(screen.follow(staying)) == "Page 2 of 3"
    hall.show(CASES[2])
    last = screen.follow(fresh)
    assert told(last) == "Page 3 of 3" and "Community safety" in last
    hall.at("lines")
    assert "Red lines" in screen.follow(last) and "Red lines" in screen.follow(staying)


def test_a_clock_that_was_put_back_does_not_stop_the_wall() -> None:
    turn = Turn("", 1, 1_000_000, ("a", "b"), stay=False, still=False, at="")
    assert turn.due(500_000)
    assert turn.lands(["a", "b"], ["b"], 500_000) == (1, 500_000 + SECONDS)
    assert not Turn("", 1, 1_000_000, ("a",), stay=False, still=False, at="").due(1_000_001)


def test_long_lists_of_notes_and_words_fill_several_screens(hall: Held) -> None:
    from equipoise.acts import workshop_see as seeing

    wall = seeing.see_wall(hall.site, hall.name)
    said = tuple(f"{number} " + "words " * 20 for number in range(40))
    notes = tuple(f"{number}: " + "a note of some length " * 4 for number in range(12))
    rows = tuple((f"row {number}", "1") for number in range(6))
    pictures = [
        Picture("Texts", said=said),
        Picture("Drawn", svg="<svg/>", alt="x", heads=("", "n"), rows=rows, notes=notes),
        Picture("One", said=("x" * 5000,)),
    ]
    made = [one for one in screens(wall, pictures) if one.title]
    assert [w for one in made if one.title == "Texts" for w in one.said] == [*said]
    assert [n for one in made if one.title == "Drawn" for n in one.notes] == [*notes]
    assert all(len(one.said) < 12 for one in made)
    assert len({one.key for one in made}) == len(made), "no two screens are taken for each other"
    drawn = next(one for one in made if one.picture)
    assert 0 < len(drawn.notes) < len(notes)


# -- what tables named -------------------------------------------------------------------------

SETS = {"letters": ("A", "B", "C", "E", "F"), "numbers": ("1", "2", "3", "5", "6")}
ROUND = 90
"""Seconds within which a hall has seen everything once."""


def named(site: Site, people: int, tables: int) -> tuple[Plan, Catalogue, dict[str, list[Named]]]:
    """Return what as many invented people name for ten cards, benefits and risks."""
    made_up = wish(
        f"hall-{people}", people=people, tables=tables, sets=SETS, sectors=("a sector", "another"),
        synthetic=True,
    )  # fmt: skip
    plan = propose_workshop(site, made_up).plan
    _, items = library(site)
    day = simulate(plan, items, 7)
    words = {said.id: said.text for said in day.said}
    found: dict[str, list[Named]] = {}
    for question in plan.questions.values():
        for one in results(plan, day.room.state, words, question):
            if isinstance(one, Named):
                found.setdefault(question.exercise, []).append(one)
    return plan, items, found


@pytest.mark.parametrize(("people", "tables"), [(44, 8), (200, 36)])
def test_a_round_of_what_ten_cards_bring_takes_less_than_a_minute_and_a_half(
    place: Place, people: int, tables: int
) -> None:
    plan, items, found = named(place.site, people, tables)
    assert len(found) == 2
    for results_of_a_step in found.values():
        assert len(results_of_a_step) == 10
        whole = pictures(plan, results_of_a_step, items, ROWS)
        assert len(whole) * SECONDS > 3 * ROUND, "shown one by one it takes minutes"
        pages = folded(plan, results_of_a_step, items, 10)
        assert len(pages) * SECONDS < ROUND
        told = [column for one in pages for column in one.named]
        assert [one.card for one in told] == [plan.cards[r.card].title for r in results_of_a_step]
        for column, result in zip(told, results_of_a_step, strict=True):
            counts = [len(tables) for tables in result.items.values()]
            assert [row.tables for row in column.rows] == counts[: len(column.rows)]
            left = counts[len(column.rows) :]
            assert column.rows and (str(len(left)) in column.rest if left else not column.rest)
            assert max(left, default=0) <= column.rows[-1].tables


def test_a_card_keeps_its_place_while_others_are_still_to_be_shown(place: Place) -> None:
    plan, items, found = named(place.site, 33, 6)
    ten = next(iter(found.values()))
    early, late = folded(plan, ten[:4], items, 10), folded(plan, ten[:5], items, 10)
    assert early[0].named == late[0].named and early[0].key == late[0].key
    assert early[1].key != late[1].key, "what is new is shown at once"


def test_own_words_are_shown_in_turn_and_what_is_left_is_counted(place: Place) -> None:
    plan, items, found = named(place.site, 22, 4)
    one, other = next(iter(found.values()))[:2]
    many = replace(one, items={}, own=tuple(f"{n} " + "words " * 30 for n in range(40)))
    pages = folded(plan, [many, replace(other, own=("hope",))], items)
    assert pages[0].named[0].rows == () and len(pages) <= FEW
    own = [page for page in pages if page.said]
    said = [words for page in own for words in page.said]
    assert said[1] == f"{plan.cards[other.card].title}: hope", "each card in turn"
    assert own[-1].notes == (f"{41 - len(said)} more stand on the phones and in the report.",)
    assert not any(page.notes for page in own[:-1])


def test_a_wall_folds_what_was_named_and_has_a_way_to_all_of_it(place: Place) -> None:
    hall = Held(place.site, "folding", sets=SETS, people=8, tables=2)
    hall.begin()
    lists = [item.id for item in library(place.site)[1].of("benefits")]
    asked = [one for one in hall.plan.questions.values() if one.exercise == "naming benefits"]
    hall.at(asked[0].id)
    for table in (1, 2):
        seats = [
            join_workshop(place.site, hall.name, sector="council", table=table) for _ in range(4)
        ]
        write_for_table(place.site, hall.name, seats[0].token)
        for number, one in enumerate(asked):
            if one.about in hall.plan.set_of(table):
                send(
                    place.site,
                    hall.name,
                    seats[0].token,
                    Answer(one.id, f"naming{number}at{table}", items=lists[:8]),
                )
    for one in asked:
        hall.show(one.id)
    screen = Wall(place, hall)
    few = screen.at()
    assert told(few) == "Page 1 of 4" and few.count("app-named") >= 3
    assert "more, each by one table" in few
    every = screen.at("&" + link(few, "wall-whole"))
    assert told(every) == "Page 1 of 20" and "app-named" not in every
    onward = screen.at("&" + link(every, "wall-next"))
    assert told(onward) == "Page 2 of 20" and "app-named" not in onward
    assert told(screen.follow(every) or every).endswith("of 20")
    assert told(screen.at("&" + link(onward, "wall-whole"))) == "Page 1 of 4"
