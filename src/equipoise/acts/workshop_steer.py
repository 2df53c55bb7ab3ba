"""Steer a workshop: open it, move on and back, show, hide, undo, seat, close.

Each names the facilitator who does it. A facilitator's browser may close at any time: nothing is
held in it, and whoever opens the page again sees how the workshop stands.
"""

from __future__ import annotations

from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book
from equipoise.store.workshops import Decide
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.events import New
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.state import State


def _noted(site: Site, name: str, by: str, act: str, decide: Decide) -> bool:
    """Add an event that the ledger tells of, too."""
    held = book(site)
    # The workshop is locked before the database, as everywhere, so that nobody waits in a ring.
    with held.live(name) as live:
        probe = decide(live.plan, live.state)
        if not probe:
            return False
        with site.store.change(by) as change:
            change.saved = held.add(name, change.now, decide)
            change.note(act, f"workshop:{name}")
    return True


def open_workshop(site: Site, name: str, by: str) -> bool:
    """Open it for people to join; say whether it was not open before."""
    who = site.person(by).key
    return _noted(
        site, name, who, "workshop opened", lambda plan, state: steering.begin(plan, state, who)
    )


def move_to(site: Site, name: str, by: str, *, seen: int, to: int) -> bool:
    """Move from the step that the facilitator's page showed to another."""
    who = site.person(by).key
    return book(site).add(
        name,
        site.clock(),
        lambda plan, state: steering.move(plan, state, who, seen=seen, to=to),
    )


def show(site: Site, name: str, by: str, question: str) -> bool:
    """End the voting on a question and show its results."""
    who = site.person(by).key
    return book(site).add(
        name, site.clock(), lambda plan, state: steering.show(plan, state, who, question)
    )


def hide(site: Site, name: str, by: str, text: str) -> bool:
    """Take a text off the wall and out of the report."""
    who = site.person(by).key
    return book(site).add(
        name, site.clock(), lambda plan, state: steering.hide(plan, state, who, text)
    )


def erase(site: Site, name: str, by: str, text: str) -> bool:
    """Hide a text and erase it for good, as when it names somebody. Cannot be undone."""
    who = site.person(by).key
    held = book(site)
    with held.live(name) as live:
        steering.erase(live.plan, live.state, who, text)
        with site.store.change(who) as change:
            held.erase_text(change, name, text)
            held.add(name, change.now, lambda plan, state: steering.erase(plan, state, who, text))
            change.note("words erased", f"workshop:{name}")
    held.scrub()
    return True


def seat(site: Site, name: str, by: str, person: str, table: int) -> bool:
    """Move a participant, by their name in the events, to another table."""
    who = site.person(by).key

    def decide(plan: Plan, state: State) -> New | None:
        steering.insist_on_facilitator(plan, who)
        return joining.seat(plan, state, who, person, table)

    return book(site).add(name, site.clock(), decide)


def seat_numbered(site: Site, name: str, by: str, number: int, table: int) -> bool:
    """Move whoever has the seat of a number to another table."""
    who = site.person(by).key

    def decide(plan: Plan, state: State) -> New | None:
        steering.insist_on_facilitator(plan, who)
        return joining.seat_numbered(plan, state, who, number, table)

    return book(site).add(name, site.clock(), decide)


def door(site: Site, name: str, by: str, *, is_open: bool, more: int = 0) -> bool:
    """Close the door to who has not joined yet, open it, or give more seats."""
    who = site.person(by).key

    def decide(plan: Plan, state: State) -> New | None:
        steering.insist_on_facilitator(plan, who)
        return joining.door(plan, state, who, is_open=is_open, more=more)

    return book(site).add(name, site.clock(), decide)


def undo(site: Site, name: str, by: str, sequence: int | None = None) -> bool:
    """Undo the newest of the facilitators' steps, or the one named."""
    who = site.person(by).key
    return book(site).add(
        name, site.clock(), lambda plan, state: steering.undo(plan, state, who, sequence)
    )


def close_workshop(site: Site, name: str, by: str) -> bool:
    """Close it, and show what was not shown yet."""
    who = site.person(by).key
    return _noted(
        site, name, who, "workshop closed", lambda plan, state: steering.close(plan, state, who)
    )
