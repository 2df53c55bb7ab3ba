"""See how a workshop stands: the wall, a participant's phone, the facilitator's page."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book, library
from equipoise.errors import StateRefused
from equipoise.store.facts import Person
from equipoise.weigh.cards import Cards, cards
from equipoise.weigh.catalogue import Catalogue, catalogue
from equipoise.weigh.workshop import joining, steering
from equipoise.weigh.workshop.criteria import offered
from equipoise.weigh.workshop.events import participant
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.shown import heard, in_fives
from equipoise.weigh.workshop.state import State
from equipoise.weigh.workshop.wall import Phone, Wall, phone, stamp, wall


@dataclass(frozen=True)
class Table:
    """One table as its facilitator sees it: how many sit there, on the seats of which numbers, and
    whether anybody writes."""

    number: int
    people: int
    scribe: bool
    seats: tuple[int, ...]
    heard: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """What a facilitator's page shows beside the wall: exact numbers of people, but no answers, and
    how many answered in fives alone: an exact number would tell how few cannot say.

    ``joined`` are all who ever took a seat, of the ``seats`` there are; ``door`` says whether it is
    open. ``answered`` are the questions that anybody answered, and ``from_left`` says in words how
    many of these people have left since, where any have; ``waiting`` the texts that no wall shows
    yet, by id and words, to be read for what screening missed; ``steps`` what can be undone, newest
    first, by its place and kind; ``numbers`` are the seats of those named in them.
    """

    wall: Wall
    people: int
    joined: int
    seats: int
    door: bool
    from_left: dict[str, str]
    tables: tuple[Table, ...]
    answered: frozenset[str]
    waiting: tuple[tuple[str, str], ...]
    steps: tuple[tuple[int, str], ...]
    numbers: Mapping[str, int]


def see_wall(site: Site, name: str) -> Wall:
    """Return what the wall shows now."""
    with book(site).live(name) as live:
        return wall(live.plan, live.state, live.words, site.clock(), live.results)


def version(site: Site, name: str) -> int:
    """Return the place of the newest event: a page that shows it is up to date."""
    with book(site).live(name) as live:
        return live.state.trace.sequence


_SHIPPED: dict[str, bool] = {}
"""Plans by digest: whether everything laid on their tables is as it is shipped."""


def laid(site: Site, plan: Plan) -> tuple[Cards, Catalogue]:
    """Return the cards and lists to show in a workshop.

    Where a plan uses nothing of a site's own, which is usual, the site's folder and database are
    not asked: a whole hall opens a page at once.
    """
    if plan.digest not in _SHIPPED:
        known = cards()
        _SHIPPED[plan.digest] = plan.catalogue_digest == catalogue().digest and all(
            name in known and known[name].digest == one.digest for name, one in plan.cards.items()
        )
    known, items = (cards(), catalogue()) if _SHIPPED[plan.digest] else library(site)
    return known, offered(plan, items)


def see_phone(site: Site, name: str, token: str, *, at: int | None = None) -> Phone:
    """Return what a participant's phone shows: the step that is open, or the one ``at``.

    Raises ``StateRefused`` (WGH134) before joining.
    """
    with book(site).live(name) as live:
        who = participant(token, name)
        joining.known(live.state, who)
        return phone(live.plan, live.state, live.words, who, live.results, at=at)


def phone_stamp(site: Site, name: str, token: str) -> str:
    """Return the mark of what a phone ought to show now: it asks often, and this is cheap.

    Raises ``StateRefused`` (WGH134) before joining.
    """
    with book(site).live(name) as live:
        who = participant(token, name)
        joining.known(live.state, who)
        return stamp(live.plan, live.state, who)


def code_and_key(site: Site, name: str) -> tuple[str, str]:
    """Return the code to type and the key in the square. Raises ``StateRefused`` (STO030)."""
    held = book(site).held(name=name, kind="workshop")
    return held.code, held.key


def may_see_wall(site: Site, name: str, *, key: str, token: str, person: Person | None) -> bool:
    """Say whether somebody may see a wall: a facilitator, whoever took a seat, and whoever has the
    key in the square, as the machine at the projector. Raises ``StateRefused`` (STO030)."""
    if key and secrets.compare_digest(key.encode(), code_and_key(site, name)[1].encode()):
        return True
    with book(site).live(name) as live:
        if person is not None and person.key in live.plan.facilitators:
            return True
        return bool(token) and participant(token, name) in live.state.people


def see_desk(site: Site, name: str, by: str) -> Desk:
    """Return the facilitator's page. Raises ``UsageRefused`` (WGH163) for anybody else."""
    who = site.person(by).key
    with book(site).live(name) as live:
        plan, state = live.plan, live.state
        steering.insist_on_facilitator(plan, who)
        told = wall(plan, state, live.words, site.clock(), live.results)
        seen = _texts_on_walls(plan, state)
        seated = _seated(state)
        return Desk(
            wall=told,
            people=state.present,
            joined=len(state.people),
            seats=joining.seats(plan, state),
            door=state.door,
            from_left=_left_since(plan, state, told.step.questions),
            tables=tuple(
                Table(
                    number,
                    state.members(number),
                    number in state.scribes,
                    tuple(seated[number]),
                    tuple(q for q, said in state.tables.items() if number in said),
                )
                for number in range(1, plan.tables + 1)
            ),
            answered=frozenset(
                q for q in told.step.questions if steering.answered(state, plan.questions[q])
            ),
            waiting=tuple(
                (text, live.words[text])
                for text in sorted(state.words)
                if text not in seen | state.hidden and text in live.words
            ),
            steps=tuple(
                (number, kind)
                for number, kind in sorted(state.trace.undoable.items(), reverse=True)
                if number not in state.trace.undone
            ),
            numbers={who: person.number for who, person in state.people.items()},
        )


def _left_since(plan: Plan, state: State, asked: Iterable[str]) -> dict[str, str]:
    """Return in words how many answers are from seats that were left: never more than are told to
    have answered, or an empty room would tell the exact number."""
    gone = {name: steering.from_left(state, plan.questions[name]) for name in asked}
    return {
        name: in_fives(min(people, heard(state, plan.questions[name])))
        for name, people in gone.items()
        if people
    }


def _seated(state: State) -> dict[int, list[int]]:
    """Return the numbers of the seats that are taken at each table."""
    seats: dict[int, list[int]] = defaultdict(list)
    for person in state.people.values():
        if person.present:
            seats[person.table].append(person.number)
    return seats


def _texts_on_walls(plan: Plan, state: State) -> set[str]:
    """Return the texts that stand on a wall or did: people's own where they were picked for it,
    tables' own words with what the table said, and those of red lines with their line."""
    seen = {text for figures in state.shown.values() for text in figures.get("texts", ())}
    for question, figures in state.shown.items():
        if plan.questions[question].kind in ("order", "items"):
            seen |= {t for t, written in state.words.items() if written.question == question}
        lines = (line for each in state.lines.get(question, {}).values() for line in each)
        for line in lines:
            if line["id"] in figures.get("lines", ()):
                seen |= {line.get("words", ""), line.get("holder", "")}
    return seen


def may_facilitate(site: Site, name: str, by: str) -> bool:
    """Say whether somebody is a facilitator of a workshop."""
    try:
        with book(site).live(name) as live:
            return site.person(by).key in live.plan.facilitators
    except StateRefused:
        return False
