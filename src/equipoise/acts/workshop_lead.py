"""Lead a workshop: which there are, whose they are, what was done in them, and what is printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book, library, make_workshop, table_packs, workshops
from equipoise.acts.workshop_steer import show
from equipoise.errors import Problem, StateRefused
from equipoise.store.facts import Person
from equipoise.weigh.catalogue import Group, Item
from equipoise.weigh.workshop import steering
from equipoise.weigh.workshop.criteria import offered
from equipoise.weigh.workshop.packs import Pack, join_path
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.state import Phase

LISTS: Final[tuple[Group, ...]] = ("criteria", "risk criteria", "factors", "avoided")
"""The groups of the catalogue by which tables judge, or agree not to."""
_LONGEST: Final = 48


@dataclass(frozen=True)
class Standing:
    """One workshop in the list: ``led`` says whether whoever asks is a facilitator of it."""

    name: str
    title: str
    made: datetime
    phase: Phase
    people: int
    tables: int
    synthetic: bool
    reported: bool
    led: bool


@dataclass(frozen=True)
class Led:
    """A workshop as a facilitator of it knows it. ``path`` is what its square holds."""

    name: str
    code: str
    key: str
    plan: Plan
    made: datetime

    def path(self, table: int | None = None) -> str:
        """Return the path below the site's address by which a phone joins, or sits at a table."""
        return join_path(self.code, self.key, table)


@dataclass(frozen=True)
class Done:
    """One step of a facilitator: its place among the events, what it was, by whom and when."""

    sequence: int
    kind: str
    at: datetime
    who: str
    data: Mapping[str, Any]


def standings(site: Site, by: Person) -> tuple[Standing, ...]:
    """Return every workshop of a site and how it stands, newest first."""
    found = []
    for held in reversed(workshops(site)):
        with book(site).live(held.name) as live:
            plan, state = live.plan, live.state
            found.append(
                Standing(
                    name=held.name,
                    title=plan.title,
                    made=held.made,
                    phase=state.phase,
                    people=plan.people,
                    tables=plan.tables,
                    synthetic=plan.synthetic,
                    reported=bool(state.trace.reported),
                    led=by.key in plan.facilitators,
                )
            )
    return tuple(found)


def standing_of(site: Site, name: str, by: Person) -> Standing:
    """Return how one workshop stands. Raises ``StateRefused`` (STO030) when there is none."""
    book(site).held(name=name, kind="workshop")
    return next(one for one in standings(site, by) if one.name == name)


def led(site: Site, name: str, by: str) -> Led:
    """Return a workshop to a facilitator of it. Raises ``UsageRefused`` (WGH163) for others,
    ``StateRefused`` (STO030) when there is none."""
    held = book(site).held(name=name, kind="workshop")
    plan = Plan.model_validate(held.plan)
    steering.insist_on_facilitator(plan, site.person(by).key)
    return Led(held.name, held.code, held.key, plan, held.made)


def name_for(title: str, ticket: str) -> str:
    """Return a workshop's name: its title in plain letters, and the ticket of the form it came by.

    The same form sent twice gives the same name, so that it makes one workshop.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    end = re.sub(r"[^a-z0-9]", "", ticket.lower())[:8]
    return f"{slug if slug[:1].isalpha() else f'w-{slug}'.strip('-')}-{end}".strip("-")


def make_once(site: Site, by: str, plan: Plan) -> str:
    """Make a workshop, or find the same one that this form made before; return its name.

    Raises what ``make_workshop`` raises, but ``StateRefused`` (ACT224) where another plan was made
    by the same form.
    """
    try:
        return make_workshop(site, by, plan).name
    except StateRefused as error:
        if any(problem.code == "STO031" for problem in error.problems):
            if led(site, plan.id, by).plan.digest == plan.digest:
                return plan.id
            raise StateRefused(
                Problem(
                    "ACT224",
                    "this form has made a workshop already, and now says something else",
                    why="a workshop's plan is kept as it was made",
                    next="open a new form to make another; the one that was made is in the list",
                )
            ) from error
        raise


def show_step(site: Site, name: str, by: str) -> int:
    """End the voting on all that was answered in the step where the workshop is, and show it;
    return how many questions. What nobody answered stays open.

    Raises ``StateRefused`` (WGH166) where nothing was answered.
    """
    with book(site).live(name) as live:
        plan, state = live.plan, live.state
        steering.insist_on_facilitator(plan, site.person(by).key)
        asked = [plan.questions[q] for q in plan.steps[state.step].questions]
        ready = [q.id for q in asked if q.id not in state.shown and steering.answered(state, q)]
    if not ready:
        raise StateRefused(
            Problem(
                "WGH166",
                "nobody has answered anything here that is not shown already",
                why="an empty poll shows nothing, and would end the voting",
                next="wait, or move on",
            )
        )
    for question in ready:
        show(site, name, by, question)
    return len(ready)


def done(site: Site, name: str, by: str) -> tuple[Done, ...]:
    """Return what facilitators did and can be undone, newest first: not what was erased, whose
    words no undoing brings back."""
    with book(site).live(name) as live:
        steering.insist_on_facilitator(live.plan, site.person(by).key)
        trace = live.state.trace
        if trace.reported:
            return ()
        return tuple(
            Done(event.sequence, event.kind, event.at, event.who, event.data)
            for event in reversed(live.folding.events)
            if event.sequence in trace.undoable
            and event.sequence not in trace.undone
            and not event.data.get("erased")
        )


def reported(site: Site, name: str) -> bool:
    """Say whether a workshop's report was made."""
    with book(site).live(name) as live:
        return bool(live.state.trace.reported)


def lists(site: Site, plan: Plan | None = None) -> dict[Group, tuple[Item, ...]]:
    """Return what tables can judge by, or leave out: group of the catalogue -> its items, as the
    site has them or as one workshop offers them."""
    _, items = library(site)
    items = items if plan is None else offered(plan, items)
    return {group: items.of(group) for group in LISTS}


@dataclass(frozen=True)
class Papers:
    """What is printed. ``changed`` are the titles of cards that read otherwise than when the
    workshop was made."""

    packs: tuple[Pack, ...]
    lists: Mapping[Group, tuple[Item, ...]]
    changed: tuple[str, ...]


def papers(site: Site, name: str, by: str) -> Papers:
    """Return a workshop's papers to a facilitator of it.

    Raises ``UsageRefused`` (WGH163) for others, ``StateRefused`` (ACT225) where a card that was
    planned is no longer among the site's.
    """
    plan, (known, _) = led(site, name, by).plan, library(site)
    gone = [laid.title for card, laid in plan.cards.items() if card not in known]
    if gone:
        raise StateRefused(
            Problem(
                "ACT225",
                f"cards of this workshop are no longer among those of the site: {', '.join(gone)}",
                why="what lies on the table must be what was planned",
                next="put the cards back into the site's folder of lists",
            )
        )
    changed = tuple(
        laid.title for card, laid in plan.cards.items() if known[card].digest != laid.digest
    )
    return Papers(table_packs(site, name), lists(site, plan), changed)
