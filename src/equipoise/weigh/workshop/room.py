"""A workshop in memory: plan, events and texts in one place, each step decided and then added.

What a site's database does in a transaction, this does in a list: for tests, for the invented
workshop, and for anybody who wants to try one in a notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.answers import Answer, answer
from equipoise.weigh.workshop.events import Event, New, Said
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.state import Folding, State


class Room:
    """One workshop. Each method decides on the state as it is, and adds what follows."""

    def __init__(self, plan: Plan, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        self.plan = plan
        self.catalogue = catalogue
        self.clock = clock
        self.words: dict[str, str] = {}
        self.said: list[Said] = []
        self.folding = Folding(plan)

    @property
    def state(self) -> State:
        """Return how it stands."""
        return self.folding.state

    @property
    def events(self) -> tuple[Event, ...]:
        """Return everything that happened."""
        return tuple(self.folding.events)

    def add(self, news: New | Iterable[New] | None) -> State:
        """Add what was decided."""
        for new in () if news is None else (news,) if isinstance(news, New) else news:
            sequence = self.state.trace.sequence + 1
            self.said += new.said
            self.words |= {said.id: said.text for said in new.said}
            self.folding.take([Event(sequence, self.clock(), new.who, new.kind, new.data)])
        return self.state

    def begin(self, who: str) -> State:
        """Open it."""
        return self.add(steering.begin(self.plan, self.state, who))

    def join(self, who: str, sector: str, table: int | None = None) -> State:
        """Let somebody join."""
        return self.add(joining.join(self.plan, self.state, who, sector, table))

    def write(self, who: str) -> State:
        """Let somebody write for their table."""
        return self.add(joining.write_for_table(self.state, who))

    def answer(self, who: str, sent: Answer) -> State:
        """Take an answer."""
        return self.add(answer(self.plan, self.state, self.catalogue, who, sent))

    def move(self, who: str, to: int) -> State:
        """Move to a step from wherever it is."""
        seen = self.state.step
        return self.add(steering.move(self.plan, self.state, who, seen=seen, to=to))

    def show(self, who: str, question: str) -> State:
        """End a vote and show it."""
        return self.add(steering.show(self.plan, self.state, who, question))

    def undo(self, who: str, sequence: int | None = None) -> State:
        """Undo."""
        return self.add(steering.undo(self.plan, self.state, who, sequence))

    def close(self, who: str) -> State:
        """Close it."""
        return self.add(steering.close(self.plan, self.state, who))
