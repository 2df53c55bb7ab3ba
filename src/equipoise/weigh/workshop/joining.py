"""Who is here: joining with a token, tables, scribes, leaving and coming back.

Each function looks at the state and returns the event that is to be added, or nothing where what
is asked for is so already, or raises what stands against it. Nothing is changed here.
"""

from __future__ import annotations

from typing import Final

from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.weigh.workshop.events import New
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.state import Person, State

FULL: Final = 8
"""People at one table when more come than were planned for."""
SPARE: Final = 4
"""One seat more for each so many places: for phones that were lost, changed or emptied."""
MOST_EVENTS: Final = 1000
"""What one phone can do in one workshop: ten times what a busy table sends in a day."""


def refuse_unless_open(state: State) -> None:
    """Raise ``StateRefused`` (WGH132, WGH133) where the workshop has not begun or has closed."""
    if state.phase == "made":
        raise StateRefused(
            Problem("WGH132", "the workshop has not begun", next="wait for the facilitator")
        )
    if state.phase == "closed":
        raise StateRefused(
            Problem(
                "WGH133",
                "the workshop has closed",
                why="what is counted after the end could not have been seen by anybody there",
                next="nothing more can be sent; what you sent before was kept",
            )
        )


def known(state: State, who: str) -> Person:
    """Return a participant. Raises ``StateRefused`` (WGH134) for a token that has not joined."""
    if who not in state.people:
        raise StateRefused(
            Problem("WGH134", "this phone has not joined", next="join with the code on the wall")
        )
    return state.people[who]


def refuse_flood(state: State, who: str) -> None:
    """Raise ``StateRefused`` (WGH155) for a phone that no hand can be at."""
    if state.trace.events.get(who, 0) >= MOST_EVENTS:
        raise StateRefused(
            Problem(
                "WGH155",
                "this phone has sent as much as one may",
                why="one phone must not fill the workshop's records",
                next="speak to the facilitator, or join with another phone",
            )
        )


def join(plan: Plan, state: State, who: str, sector: str, table: int | None = None) -> New | None:
    """Let somebody join, at the table they name or at the one with most room.

    Joining twice with one token changes nothing: a second phone with it is the same participant.
    Raises ``UsageRefused`` (WGH135, WGH136) for a sector or table that is not there, and
    ``StateRefused`` (WGH137) for one that is full, (WGH180) where the door is closed or every seat
    was given.
    """
    refuse_unless_open(state)
    if who in state.people:
        return back(state, who)
    problems = []
    if sector not in plan.all_sectors:
        choices = ", ".join(plan.all_sectors)
        problems.append(Problem("WGH135", "that sector is not one of the list", next=choices))
    if table is not None:
        problems += _faults_of_table(plan, table)
    if problems:
        raise UsageRefused(problems)
    _refuse_at_door(plan, state)
    at = _table_for(plan, state, sector) if table is None else table
    _refuse_full(plan, state, at)
    return New(who, "joined", {"sector": sector, "table": at})


def seats(plan: Plan, state: State) -> int:
    """Return how many seats are given in all. Leaving frees a place at a table, but gives no seat
    back: whoever joined, voted and left cannot vote again under another token for ever."""
    places = FULL * plan.tables
    return places + places // SPARE + state.more


def _refuse_at_door(plan: Plan, state: State) -> None:
    if not state.door or len(state.people) >= seats(plan, state):
        raise StateRefused(
            Problem(
                "WGH180",
                "every seat of this workshop was given"
                if state.door
                else "the door of this workshop is closed",
                why="a seat that was left is not given again: what it said still counts",
                next="speak to the facilitator, who can let more people in; if you joined before, "
                "use the same phone",
            )
        )


def door(plan: Plan, state: State, facilitator: str, *, is_open: bool, more: int = 0) -> New | None:
    """Close the door to who has not joined yet, open it, or give ``more`` seats than are usual.

    Raises ``UsageRefused`` (WGH181) for a number of seats that no table could need.
    """
    if state.phase == "closed":
        refuse_unless_open(state)
    if not 0 <= more <= FULL * plan.tables:
        raise UsageRefused(
            Problem(
                "WGH181",
                f"0 to {FULL * plan.tables} more seats can be given at once",
                why=f"that is {FULL} for each of the {plan.tables} tables",
            )
        )
    if is_open == state.door and not more:
        return None
    return New(facilitator, "door", {"open": is_open, "more": more})


def _faults_of_table(plan: Plan, table: int) -> list[Problem]:
    if 1 <= table <= plan.tables:
        return []
    return [Problem("WGH136", "there is no such table", next=f"tables are 1 to {plan.tables}")]


def _refuse_full(plan: Plan, state: State, table: int) -> None:
    if state.members(table) >= FULL:
        free = [n for n in range(1, plan.tables + 1) if state.members(n) < FULL]
        raise StateRefused(
            Problem(
                "WGH137",
                f"table {table} is full",
                why=f"nobody is heard at a table of more than {FULL}",
                next=f"sit down at table {min(free, key=state.members)}"
                if free
                else "the room is full; speak to the facilitator",
            )
        )


def _table_for(plan: Plan, state: State, sector: str) -> int:
    """Return the emptiest table; of equals the one with fewest of the sector, so that they mix."""
    least = min(state.members(n) for n in range(1, plan.tables + 1))
    among = [n for n in range(1, plan.tables + 1) if state.members(n) == least]
    if least == 0 or len(among) == 1:
        return among[0]
    alike = dict.fromkeys(among, 0)
    for person in state.people.values():
        if person.table in alike and person.sector == sector:
            alike[person.table] += 1
    return min(among, key=lambda n: (alike[n], n))


def leave(state: State, who: str) -> New | None:
    """Let somebody go. What they said stays; their token brings them back to their table."""
    if not known(state, who).present:
        return None
    refuse_flood(state, who)
    return New(who, "left")


def back(state: State, who: str) -> New | None:
    """Let somebody come back, as after a lost connection."""
    if known(state, who).present:
        return None
    refuse_flood(state, who)
    return New(who, "returned")


def seat(plan: Plan, state: State, facilitator: str, who: str, table: int) -> New | None:
    """Let a facilitator move a person to another table. Raises as ``join`` does."""
    refuse_unless_open(state)
    if faults := _faults_of_table(plan, table):
        raise UsageRefused(faults)
    if known(state, who).table == table:
        return None
    _refuse_full(plan, state, table)
    return New(facilitator, "seated", {"person": who, "table": table})


def seat_numbered(
    plan: Plan, state: State, facilitator: str, number: int, table: int
) -> New | None:
    """Let a facilitator move whoever has the seat of a number. What they said themselves goes with
    them; what their table said stays with the table.

    Raises ``UsageRefused`` (WGH182) for a seat that nobody has, and as ``seat``.
    """
    refuse_unless_open(state)
    who = next((who for who, one in state.people.items() if one.number == number), None)
    if who is None:
        raise UsageRefused(
            Problem(
                "WGH182",
                "nobody has a seat of that number",
                why=f"seats 1 to {len(state.people)} were given" if state.people else "",
                next="ask for the number that stands on their phone, under the table",
            )
        )
    return seat(plan, state, facilitator, who, table)


def write_for_table(state: State, who: str) -> New | None:
    """Let somebody write for their table, in the place of whoever did.

    Those at the table settle among themselves who does; a phone with an empty battery must not
    stop them.
    """
    refuse_unless_open(state)
    person = known(state, who)
    if state.scribes.get(person.table) == who:
        return None
    refuse_flood(state, who)
    return New(who, "scribe", {"person": who})
