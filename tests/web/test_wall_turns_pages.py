"""The wall's pages: one picture a screen, turned by itself, held by whoever wants to read on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from visiting import Place, Visitor, made, served
from workshops_held import Held

from equipoise.web.pages.workshop_wall import SECONDS, Turn
from equipoise.web.wall_screens import screens
from equipoise.web.workshop_pictures import Picture

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
