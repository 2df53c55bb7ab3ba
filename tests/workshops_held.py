"""A workshop that tests make and lead: one home for the pages' tests and for the browser's."""

from __future__ import annotations

from typing import Any

from equipoise.acts import workshop_answer as answering
from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_see as seeing
from equipoise.acts import workshop_steer as steering
from equipoise.acts.site import Site
from equipoise.weigh.workshop.plan import Information
from equipoise.weigh.workshop.wish import Wish

LEAD = "Cleo Marsh"
PACK = Information(
    title="What is shared in the three cases",
    words="Agencies share records that name people.\nEach rests on a power in law.",
)


def wish(name: str, **changed: Any) -> Wish:
    """Return the wish for a day of 22 people at four tables, unless it says otherwise."""
    usual: dict[str, Any] = {
        "id": name,
        "title": "Better use of data, retold",
        "facilitators": (f"council/{LEAD}",),
        "people": 22,
        "tables": 4,
        "minutes": 330,
        "sets": {"letters": ("A", "B", "C", "E", "F")},
        "cases": ("case-1", "case-2", "case-3"),
        "sectors": ("council", "health", "voluntary"),
        "information": PACK,
    }
    return Wish(**{**usual, **changed})


class Held:
    """A workshop on a site; the test is its facilitator."""

    def __init__(self, site: Site, name: str, **changed: Any) -> None:
        self.site, self.name = site, name
        self.plan = making.propose_workshop(site, wish(name, **changed)).plan
        self.made = making.make_workshop(site, LEAD, self.plan)
        self.others: list[joining.Seat] = []

    def begin(self) -> None:
        """Let people in."""
        steering.open_workshop(self.site, self.name, LEAD)

    def at(self, question: str) -> None:
        """Go to the step that asks a question."""
        self.to(self.plan.questions[question].step)

    def to(self, step: int) -> None:
        """Go to a step."""
        seen = seeing.see_wall(self.site, self.name).step.number
        steering.move_to(self.site, self.name, LEAD, seen=seen, to=step)

    def show(self, question: str) -> None:
        """End what is asked, and show it."""
        steering.show(self.site, self.name, LEAD, question)

    def others_vote(self, question: str, people: int = 20) -> None:
        """Let people of two sectors vote, spread over the scale."""
        if not self.others:
            self.others = [
                joining.join_workshop(self.site, self.name, sector=("council", "health")[n % 2])
                for n in range(people)
            ]
        for number, seat in enumerate(self.others):
            choice = 1 + (number * 7 + number // 4) % 5
            answering.vote(
                self.site, self.name, seat.token, question, choice, f"{question}-{number:04d}"
            )

    @property
    def door(self) -> str:
        """Return the path by which people join."""
        return f"/join/{self.made.code}/{self.made.key}"

    @property
    def wall(self) -> str:
        """Return the path of the wall."""
        return f"/wall/{self.name}?key={self.made.key}"
