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
    ``StateRefused`` (WGH137) for one that is full.
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
    at = _table_for(plan, state, sector) if table is None else table
    _refuse_full(plan, state, at)
    return New(who, "joined", {"sector": sector, "table": at})


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
