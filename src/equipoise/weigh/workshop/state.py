"""How a workshop stands: a pure fold of its events.

``state_of`` folds from the beginning. ``Folding`` goes on from where it was, so that a wall never
counts everything again; only an undoing makes it start over, and gives exactly the state in which
the undone never happened - but for ``trace``, which remembers: what was shown on a wall was seen,
and a phone that sends a second time is told that it was heard the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from equipoise.weigh.workshop.events import PARTICIPANT, UNDOABLE, Event
from equipoise.weigh.workshop.plan import Plan

Phase = Literal["made", "open", "closed"]


@dataclass(slots=True)
class Person:
    """One participant: declared sector, table, and whether they are in the room. ``number`` is the
    label of their seat, by the order of joining: what a facilitator calls them by, never a name."""

    sector: str
    table: int
    number: int
    present: bool = True


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """What a table said as a table. ``people`` were seated there when it said so."""

    people: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """One text by its id, with the question it answers; ``table`` is nought for a person's own,
    and ``behind`` are those whose word it is: its writer, or who sat at the table then."""

    question: str
    by: str
    table: int
    role: str
    people: int
    behind: frozenset[str]


@dataclass(slots=True)
class Trace:
    """What undoing does not undo. ``reached`` is the furthest step that was ever open; ``events``
    are how many there are of each participant."""

    sequence: int = 0
    at: datetime | None = None
    sent: dict[tuple[str, str], int] = field(default_factory=dict)
    ever: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    undoable: dict[int, str] = field(default_factory=dict)
    undone: frozenset[int] = frozenset()
    reported: str = ""
    groups: tuple[str, ...] = ()
    reached: int = 0
    events: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """The workshop now. ``votes`` are question -> person -> choice, ``statements`` the same for
    each text; ``tables`` question -> table -> what it said; ``lines`` the red lines by text or
    item. ``here`` are those who were in the room at each step; ``door`` says whether it is open to
    who has not joined yet, and ``more`` how many seats were added to the usual."""

    phase: Phase = "made"
    step: int = 0
    began: datetime | None = None
    people: dict[str, Person] = field(default_factory=dict)
    seated: dict[int, int] = field(default_factory=dict)
    scribes: dict[int, str] = field(default_factory=dict)
    votes: dict[str, dict[str, int]] = field(default_factory=dict)
    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    tables: dict[str, dict[int, TableAnswer]] = field(default_factory=dict)
    words: dict[str, Written] = field(default_factory=dict)
    lines: dict[str, dict[str, list[Mapping[str, Any]]]] = field(default_factory=dict)
    shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    sectors: dict[str, int] = field(default_factory=dict)
    here: dict[int, set[str]] = field(default_factory=dict)
    door: bool = True
    more: int = 0
    trace: Trace = field(default_factory=Trace, compare=False)

    @property
    def present(self) -> int:
        """Return how many people are in the room."""
        return sum(self.seated.values())

    def members(self, table: int) -> int:
        """Return how many people are at a table now."""
        return self.seated.get(table, 0)

    def at_table(self, table: int) -> list[str]:
        """Return who is at a table now."""
        return [who for who, one in self.people.items() if one.present and one.table == table]

    def been_here(self, since: int) -> frozenset[str]:
        """Return everybody who was in the room at a step or at a later one."""
        return frozenset().union(*(who for step, who in self.here.items() if step >= since))

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the sectors that are shown by themselves, fixed when first a sector was shown."""
        return self.trace.groups


def _opened(state: State, event: Event) -> None:
    state.phase, state.step, state.began = "open", 0, event.at


def _joined(state: State, event: Event) -> None:
    sector, table = str(event.data["sector"]), int(event.data["table"])
    state.people[event.who] = Person(sector, table, len(state.people) + 1)
    state.here.setdefault(state.step, set()).add(event.who)
    state.seated[table] = state.seated.get(table, 0) + 1
    state.sectors[sector] = state.sectors.get(sector, 0) + 1


def _seated(state: State, event: Event) -> None:
    person = state.people[event.data["person"]]
    _leave_scribe(state, event.data["person"], person.table)
    if person.present:
        state.seated[person.table] -= 1
        state.seated[event.data["table"]] = state.seated.get(event.data["table"], 0) + 1
    person.table = event.data["table"]


def _door(state: State, event: Event) -> None:
    state.door = event.data["open"]
    state.more += event.data["more"]


def _leave_scribe(state: State, who: str, table: int) -> None:
    if state.scribes.get(table) == who:
        del state.scribes[table]


def _left(state: State, event: Event) -> None:
    person = state.people[event.who]
    if person.present:
        person.present = False
        state.seated[person.table] -= 1
        _leave_scribe(state, event.who, person.table)


def _returned(state: State, event: Event) -> None:
    person = state.people[event.who]
    if not person.present:
        person.present = True
        state.seated[person.table] = state.seated.get(person.table, 0) + 1
        state.here.setdefault(state.step, set()).add(event.who)


def _scribe(state: State, event: Event) -> None:
    state.scribes[state.people[event.data["person"]].table] = event.data["person"]


def _moved(state: State, event: Event) -> None:
    state.step, state.began = event.data["to"], event.at
    present = (who for who, person in state.people.items() if person.present)
    state.here.setdefault(state.step, set()).update(present)


def _closed(state: State, event: Event) -> None:
    state.phase = "closed"


def _shown(state: State, event: Event) -> None:
    state.shown[event.data["question"]] = event.data["figures"]


def _hidden(state: State, event: Event) -> None:
    state.hidden.add(event.data["text"])


def _answered(state: State, event: Event) -> None:
    data = event.data
    _ANSWERS[data["answer"]](state, event.who, data["question"], data)
    table = data.get("table", 0)
    people = data.get("people", 1)
    # Of tables whose members were not written down, people are told apart by their places.
    places = [f"table {table}, place {n}" for n in range(people)] if table else [event.who]
    behind = frozenset(data.get("members", places))
    for role, text in data.get("texts", ()):
        state.words[text] = Written(data["question"], event.who, table, role, people, behind)


def _voted(state: State, who: str, question: str, data: Mapping[str, Any]) -> None:
    state.votes.setdefault(question, {})[who] = data["choice"]


def _stated(state: State, who: str, question: str, data: Mapping[str, Any]) -> None:
    state.statements.setdefault(data["about"], {})[who] = data["choice"]


def _said_by_table(state: State, who: str, question: str, data: Mapping[str, Any]) -> None:
    answer = TableAnswer(data["people"], data["said"])
    state.tables.setdefault(question, {})[data["table"]] = answer


def _drew(state: State, who: str, question: str, data: Mapping[str, Any]) -> None:
    state.lines.setdefault(question, {}).setdefault(who, []).append(data["said"])


def _wrote(state: State, who: str, question: str, data: Mapping[str, Any]) -> None:
    """A text is kept by ``_answered``; nothing else follows from it."""


_ANSWERS: Final[Mapping[str, Callable[[State, str, str, Mapping[str, Any]], None]]] = {
    "vote": _voted,
    "statement": _stated,
    "order": _said_by_table,
    "items": _said_by_table,
    "line": _drew,
    "words": _wrote,
}
_FOLDS: Final[Mapping[str, Callable[[State, Event], None]]] = {
    "opened": _opened,
    "joined": _joined,
    "seated": _seated,
    "door": _door,
    "left": _left,
    "returned": _returned,
    "scribe": _scribe,
    "moved": _moved,
    "answered": _answered,
    "shown": _shown,
    "hidden": _hidden,
    "closed": _closed,
}


def _remember(trace: Trace, event: Event) -> None:
    """Keep what no undoing takes back. Time never runs backwards here, whatever a clock did."""
    trace.sequence = event.sequence
    trace.at = event.at if trace.at is None else max(trace.at, event.at)
    if client := event.data.get("client"):
        trace.sent[event.who, client] = event.sequence
    if event.who.startswith(PARTICIPANT):
        trace.events[event.who] = trace.events.get(event.who, 0) + 1
    if event.kind == "moved":
        trace.reached = max(trace.reached, event.data["to"])
    if event.kind == "shown":
        trace.ever.setdefault(event.data["question"], []).append(event.data["figures"])
        trace.groups = trace.groups or _groups_in(event.data["figures"])
    if event.kind in UNDOABLE:
        trace.undoable[event.sequence] = event.kind
    if event.kind == "reported":
        trace.reported = event.data["digest"]


def _groups_in(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sectors that a picture showed by themselves, if it showed any."""
    parts = (figures, figures.get("moved", {}), *figures.get("statements", {}).values())
    return next((tuple(part["groups"]) for part in parts if part.get("groups")), ())


def undone_by(events: Iterable[Event]) -> frozenset[int]:
    """Return the events that do not count. An undoing may itself have been undone."""
    gone: set[int] = set()
    for event in sorted(events, key=lambda e: -e.sequence):
        if event.kind == "undone" and event.sequence not in gone:
            gone.add(event.data["sequence"])
    return frozenset(gone)


class Folding:
    """A state that goes on with each new event. Hand it every event once, in order."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.events: list[Event] = []
        self.state = State()

    def take(self, events: Iterable[Event]) -> State:
        """Fold new events in and return the state. Raises ``ValueError`` for one out of order."""
        for event in events:
            if event.sequence != self.state.trace.sequence + 1:
                raise ValueError("events are folded in their order, each once")
            self.events.append(event)
            if event.kind == "undone":
                self._again()
            else:
                _remember(self.state.trace, event)
                if fold := _FOLDS.get(event.kind):
                    fold(self.state, event)
        return self.state

    def _again(self) -> None:
        """Start over without what was undone."""
        gone = undone_by(e for e in self.events if e.kind == "undone")
        self.state = State()
        for event in self.events:
            _remember(self.state.trace, event)
            if event.sequence not in gone and (fold := _FOLDS.get(event.kind)):
                fold(self.state, event)
        self.state.trace.undone = gone


def state_of(plan: Plan, events: Iterable[Event]) -> State:
    """Return how the workshop stands after ``events``."""
    return Folding(plan).take(events)
