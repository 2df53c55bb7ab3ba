"""Plans and rooms that several pages of this chapter share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from equipoise.weigh.cards import cards
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.workshop.answers import Answer, Draft
from equipoise.weigh.workshop.events import participant
from equipoise.weigh.workshop.plan import Information, Plan
from equipoise.weigh.workshop.room import Room
from equipoise.weigh.workshop.wish import Wish, propose

ANN, BEN = "council/Ann Lee", "council/Ben Roe"
MORNING = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
SECTORS = ("council", "health", "voluntary")
PACK = Information(title="What is shared", words="Names and addresses are shared in each case.")


def wish(**changed: Any) -> Wish:
    """The founding report's day, for 22 people at four tables, unless it says otherwise."""
    usual: dict[str, Any] = {
        "id": "leeds",
        "title": "Better use of data, Leeds",
        "facilitators": (ANN, BEN),
        "people": 22,
        "tables": 4,
        "minutes": 330,
        "sets": {"letters": ("A", "B", "C", "E", "F")},
        "cases": ("case-1", "case-2"),
        "sectors": SECTORS,
        "information": PACK,
    }
    return Wish(**{**usual, **changed})


def plan_of(**changed: Any) -> Plan:
    return propose(wish(**changed), cards(), catalogue())


class Clock:
    """A clock that stands still until it is told to go, or to go back."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def go(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


class Held(Room):
    """A room with people in it, named by short numbers."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.time = Clock()
        super().__init__(plan or plan_of(), catalogue(), self.time)
        self._sent = 0
        self.begin(ANN)

    def who(self, number: int) -> str:
        return participant(f"token-{number}", self.plan.id)

    def seat(self, number: int, table: int | None = None, sector: str = "council") -> str:
        self.join(self.who(number), sector, table)
        return self.who(number)

    def fill(self, people: int, tables: int) -> None:
        """Seat people in turn, each sector in turn, and let the first of each table write."""
        for number in range(people):
            self.seat(number, number % tables + 1, SECTORS[number % len(SECTORS)])
        for table in range(1, tables + 1):
            self.write(self.who(table - 1))

    def at(self, question: str) -> None:
        """Move to the step in which a question is open."""
        self.move(ANN, self.plan.questions[question].step)

    def client(self) -> str:
        self._sent += 1
        return f"sending-{self._sent:06d}"

    def vote(self, number: int, question: str, choice: int, client: str = "") -> None:
        sent = Answer(question, client or self.client(), choice=choice)
        self.answer(self.who(number), sent)

    def rank(self, number: int, question: str, *order: str, **more: Any) -> None:
        """Send an order: ``rank(0, "rank-benefit", "C", "AB")`` ties A and B."""
        steps = tuple(tuple(step) for step in order)
        self.answer(self.who(number), Answer(question, self.client(), order=steps, **more))

    def say(self, number: int, question: str, text: str, **more: Any) -> str:
        self._sent += 1
        draft = Draft("words", text, f"text{self._sent:04d}", f"salt{self._sent:04d}")
        self.answer(self.who(number), Answer(question, self.client(), drafts=(draft,), **more))
        return draft.id
