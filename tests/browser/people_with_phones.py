"""People at tables with phones: some in a real browser, the rest sending the same forms.

Whoever holds a phone answers by the same names of fields, so that one day is told once for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

SMALL: dict[str, Any] = {"viewport": {"width": 375, "height": 720}, "has_touch": True}
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ASKED = re.compile(r'name="(agree\.[^"]+)"')


class Phone:
    """Somebody whose phone shows the pages in Chromium, and who touches them."""

    def __init__(self, page: Any, table: int) -> None:
        self.page, self.table = page, table
        page.set_default_timeout(9000)

    def use(self, what: Any) -> None:
        """Follow a link or push a button."""
        what.tap()

    def tick(self, what: Any) -> None:
        """Choose one of several, or tick a box."""
        what.check()

    def write(self, what: Any, words: str) -> None:
        """Write into a box."""
        what.fill(words)

    def put(self, what: Any, place: int) -> None:
        """Choose from a list by its place; nothing stands first."""
        what.select_option(index=place)

    def arrive(self, step: str) -> None:
        """Wait until the phone shows a step: it moves on by itself."""
        self.page.get_by_text(step, exact=True).wait_for()

    def button(self, words: str) -> Any:
        """Return a button by the whole of its words."""
        return self.page.get_by_role("button", name=words, exact=True)

    def link(self, words: str) -> Any:
        """Return the first link that holds the words."""
        return self.page.get_by_role("link", name=words).first

    def sit_down(self, address: str, code: str, sector: str) -> None:
        """Type the code from the wall, say where from, and take a seat."""
        self.page.goto(f"{address}/join")
        self.write(self.page.get_by_label("Code"), code)
        self.use(self.button("Go on"))
        self.tick(self.page.get_by_label(sector, exact=True))
        self.write(self.page.get_by_label("Number of your table"), str(self.table))
        self.use(self.button("Take a seat"))
        self.page.wait_for_url("**/take-part/**")

    def fill(self, fields: Mapping[str, str]) -> None:
        """Fill in what a page asks, in the order in which it asks."""
        for name, value in fields.items():
            box = self.page.locator(f"[name='{name}']")
            if box.first.get_attribute("type") == "radio":
                self.tick(self.page.locator(f"[name='{name}'][value='{value}']"))
            else:
                self.write(box, value)

    def answer(self, fields: Mapping[str, str], *, button: str = "Send") -> None:
        """Answer for oneself, or for the table, and see that it was taken."""
        self.fill(fields)
        self.send(button)

    def send(self, button: str) -> None:
        """Send what was filled in, and see that it was taken."""
        before = self.page.url
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SMALL["viewport"]["width"], f"{before} is {wide} wide on a phone"
        self.use(self.button(button))
        if "/q/" in before:
            self.page.wait_for_url(lambda address: "/q/" not in address)
        self.page.get_by_role("heading", name="There is a problem").wait_for(state="detached")
        self.page.get_by_text("Your answer was taken.").or_(
            self.page.get_by_text("Sent", exact=True).first
        ).first.wait_for()

    def asked(self) -> list[str]:
        """Return the names of the conditions that are voted on."""
        return _distinct(_ASKED.findall(self.page.content()))

    def write_for_the_table(self) -> None:
        """Take the pen."""
        self.use(self.button("Write for the table"))
        self.page.get_by_text(f"You write for table {self.table}.").wait_for()

    def name(self, card: str, question: str, *items: int) -> None:
        """Tick what the table sees in a card, by places in the list."""
        self.use(self.link(f"{question} – {card}"))
        for item in items:
            self.tick(self.page.locator("[name^='items.']").nth(item))
        self.send("Send for the table")

    def rank(self, question: str, order: Sequence[str], judged: str, *left: str) -> None:
        """Say what the table judges by and what it leaves out, and put the cards in order."""
        self.use(self.link(question))
        self.tick(self.page.locator(f"[name=judged][value='{judged}']"))
        for each in left:
            if each.startswith("C"):
                self.use(self.page.locator("summary", has_text="Leave out something else"))
            self.tick(self.page.locator(f"[name=left][value='{each}']"))
        self.place("place", order)

    def place(self, form: str, order: Sequence[str]) -> None:
        """Give cards their places, from the top of the page down."""
        places = {card: at for at, cards in enumerate(order, 1) for card in cards}
        for box in self.page.locator(f"select[name^='{form}.']").all():
            card = str(box.get_attribute("name")).partition(".")[2]
            self.put(box, places[card])


class Plain(Phone):
    """Somebody whose phone runs no scripts."""

    def arrive(self, step: str) -> None:
        """Ask by hand whether the workshop has moved on."""
        self.use(self.page.get_by_role("link", name="Check again"))
        super().arrive(step)


class Keys(Phone):
    """Somebody who touches nothing and uses the keyboard alone."""

    def reach(self, what: Any, *, group: bool = False) -> None:
        """Press Tab until the keyboard is there; for one of several, until it is in their group."""
        same = "one === at" + (" || !!one.name && one.name === at.name" if group else "")
        what.wait_for(state="attached")
        for _ in range(160):
            if what.evaluate(f"one => {{ const at = document.activeElement; return {same} }}"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {what}")

    def use(self, what: Any) -> None:
        """Reach it and press Enter."""
        self.reach(what)
        self.page.keyboard.press("Enter")

    def tick(self, what: Any) -> None:
        """Reach it and press Space; among several of which one counts, go on with the arrows."""
        if what.get_attribute("type") != "radio":
            self.reach(what)
            self.page.keyboard.press("Space")
        else:
            self.reach(what, group=True)
            if what.evaluate("one => one === document.activeElement"):
                self.page.keyboard.press("Space")
            for _ in range(30):
                if what.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
        assert what.is_checked()

    def write(self, what: Any, words: str) -> None:
        """Reach it and type."""
        self.reach(what)
        self.page.keyboard.type(words)

    def put(self, what: Any, place: int) -> None:
        """Reach it and go down to the place."""
        self.reach(what)
        for _ in range(place):
            self.page.keyboard.press("ArrowDown")
        assert what.evaluate("one => one.selectedIndex") == place


class Sender:
    """Somebody whose phone sends what the forms hold, with nobody looking at it."""

    def __init__(self, table: int) -> None:
        self.table = table
        self._open = build_opener(HTTPCookieProcessor(CookieJar())).open
        self.home = ""

    def _ask(self, address: str, fields: Mapping[str, str] | None = None) -> tuple[str, str]:
        body = None if fields is None else urlencode(fields).encode()
        with self._open(
            Request(address, data=body, headers={"X-Phone": "1"}), timeout=30
        ) as answer:
            return answer.url, answer.read().decode()

    def _send(self, page: str, address: str, fields: Mapping[str, str]) -> tuple[str, str]:
        hidden = {name: unescape(value) for name, value in _FIELD.findall(page)}
        return self._ask(address, hidden | fields)

    def sit_down(self, address: str, code: str, sector: str) -> None:
        """Type the code from the wall, say where from, and take a seat."""
        _, page = self._ask(f"{address}/join")
        door, page = self._send(page, f"{address}/join", {"code": code})
        self.home, _ = self._send(page, door, {"sector": sector.lower(), "table": str(self.table)})
        assert "/take-part/" in self.home

    def arrive(self, step: str) -> None:
        """Load the page, which must show the step."""
        assert f">{step}<" in self._ask(self.home)[1]

    def answer(self, fields: Mapping[str, str]) -> None:
        """Answer for oneself, and see that it was taken."""
        _, page = self._ask(self.home)
        _, page = self._send(page, f"{self.home}/answer", fields)
        assert "Your answer was taken." in page, re.findall(r"error-message.*?</p>", page)

    def asked(self) -> list[str]:
        """Return the names of the conditions that are voted on."""
        return _distinct(_ASKED.findall(self._ask(self.home)[1]))


def _distinct(names: Sequence[str]) -> list[str]:
    return [*dict.fromkeys(names)]


def tables_on(page: Any) -> dict[str, list[list[str]]]:
    """Return every table of figures on a page, by its caption: rows of cells, heads first."""
    found: list[tuple[str, list[list[str]]]] = page.evaluate(
        """[...document.querySelectorAll('table')].map(one => [one.caption?.textContent ?? '',
        [...one.rows].map(row => [...row.cells].map(cell => cell.textContent.trim()))])"""
    )
    return {caption.removesuffix(", as a table"): rows for caption, rows in found}
