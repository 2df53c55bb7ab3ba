"""Make a workshop: propose a plan that fits, keep it, and print what its tables need."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from equipoise.acts.accounts.permission import require
from equipoise.acts.site import Site
from equipoise.acts.texts_held import reference_weighed
from equipoise.acts.weigh_lists import lists_of
from equipoise.errors import Problem, UsageRefused
from equipoise.store.workshops import Held, Workshops
from equipoise.weigh.cards import Cards
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.workshop.codes import make_code
from equipoise.weigh.workshop.packs import Pack, packs
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.wish import Wish, advice, propose


@dataclass(frozen=True)
class Proposed:
    """A plan that fits, and what a facilitator should know before making it."""

    plan: Plan
    advice: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """A workshop that was made: ``code`` is typed, ``key`` is scanned."""

    name: str
    code: str
    key: str


def book(site: Site) -> Workshops:
    """Return the workshops of a site."""
    return Workshops(site.store.alias)


def library(site: Site) -> tuple[Cards, Catalogue]:
    """Return the cards and the catalogue that a site's workshops are made from."""
    lists = lists_of(site)
    return lists.cards, lists.catalogue


def propose_workshop(site: Site, wish: Wish) -> Proposed:
    """Return a plan for a wish. Raises ``UsageRefused`` with everything that stands against it."""
    plan = propose(wish, *library(site))
    return Proposed(plan, advice(plan))


def make_workshop(site: Site, by: str, plan: Plan) -> Made:
    """Keep a planned workshop under a fresh code.

    Raises ``GateRefused`` (ACT250) for who may not, ``UsageRefused`` (ACT220) when the plan does
    not name them among its facilitators or invents people on a real site, ``StateRefused``
    (STO031) when its name is taken.
    """
    person = require(site.person(by), "facilitate workshops")
    problems = []
    if person.key not in plan.facilitators:
        problems.append(
            Problem(
                "ACT220", "who makes a workshop is one of its facilitators", next="add yourself"
            )
        )
    if plan.synthetic and not site.practice:
        problems.append(
            Problem(
                "ACT220",
                "a workshop of invented people can only be made on a practice site",
                why="its results must never stand beside real ones",
            )
        )
    if problems:
        raise UsageRefused(problems)
    held, made = book(site), Made(plan.id, fresh_code(site), secrets.token_urlsafe(16))
    with site.store.change(person.key) as change:
        held.make(
            change,
            name=plan.id,
            code=made.code,
            key=made.key,
            plan=plan.model_dump(mode="json"),
        )
        bound = _bound(site, plan)
        change.note(
            "workshop made",
            f"workshop:{plan.id}",
            plan=plan.digest,
            synthetic=plan.synthetic,
            catalogue=plan.catalogue_digest,
            **bound,
        )
    return made


def _bound(site: Site, plan: Plan) -> dict[str, str]:
    """Return what a workshop weighs as the ledger says it: the text's digest, and which agreement's
    it is, where the site holds that text."""
    said = {"substance": plan.substance or "", "reference": ""}
    if plan.substance:
        said["reference"] = reference_weighed(site, plan.substance)
    return {key: value for key, value in said.items() if value}


def fresh_code(site: Site) -> str:
    """Return a code that no workshop or survey here has or had."""
    while book(site).code_taken(code := make_code(secrets.randbelow)):
        pass  # pragma: no cover  # one in millions
    return code


def workshops(site: Site) -> tuple[Held, ...]:
    """Return every workshop of a site, oldest first."""
    return book(site).all_held()


def workshop(site: Site, name: str) -> tuple[Held, Plan]:
    """Return one workshop with its plan. Raises ``StateRefused`` (STO030) when there is none."""
    held = book(site).held(name=name, kind="workshop")
    return held, Plan.model_validate(held.plan)


def table_packs(site: Site, name: str) -> tuple[Pack, ...]:
    """Return what is printed for each table.

    The cards are those of the site now; one that has changed since the workshop was made is told
    by ``changed_cards``.
    """
    held, plan = workshop(site, name)
    return packs(plan, *library(site), held.code, held.key)


def changed_cards(site: Site, name: str) -> tuple[str, ...]:
    """Return the cards that read otherwise, or are gone, since the workshop was made."""
    _, plan = workshop(site, name)
    known, _ = library(site)
    return tuple(
        card
        for card, laid in plan.cards.items()
        if card not in known or known[card].digest != laid.digest
    )
