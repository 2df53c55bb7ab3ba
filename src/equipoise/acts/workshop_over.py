"""Workshops that were held about an agreement, and that its text passes over in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from equipoise.acts.site import Site
from equipoise.acts.texts_held import read_text, texts_of
from equipoise.acts.workshop_make import book
from equipoise.agree.canonical import substance
from equipoise.agree.document import Agreement
from equipoise.agree.weighed import Weighed
from equipoise.errors import Problem
from equipoise.store.assessments import Assessments
from equipoise.store.drafts import Drafts
from equipoise.store.initiatives import Initiatives
from equipoise.store.workshops import Held
from equipoise.weigh.workshop.state import State


def passed_over(site: Site, agreement: Agreement) -> Iterator[Problem]:
    """Yield (ACT227) each workshop held about an agreement here that its text neither names nor
    gives reasons for passing over.

    A workshop is about an agreement that it weighed any text of, also an earlier draft, and one
    whose initiative the agreement belongs to. One in which nobody answered was not held, and one of
    invented people counts for nobody.
    """
    said = {each.workshop for each in agreement.weighing.passed_over or ()}
    ours: frozenset[str] | None = None
    for held in book(site).all_held():
        if held.plan["synthetic"] or held.name in said or _named(held, agreement):
            continue
        ours = _of_initiatives(site, agreement) if ours is None else ours
        if (_is_ours(held, ours) or _weighed_a_text(site, held, agreement)) and _held(site, held):
            yield _passed_over(site, held)


def _named(held: Held, agreement: Agreement) -> bool:
    return held.cover is not None and (
        Weighed.from_dict(held.cover).digest == agreement.weighing.workshop
    )


def _passed_over(site: Site, held: Held) -> Problem:
    if held.cover is None:
        step = f"close the workshop {held.name} and make its report, then name that at 'workshop'"
    else:
        step = f"put {Weighed.from_dict(held.cover).digest} at 'workshop'"
    return Problem(
        "ACT227",
        f"people met about this in the workshop '{held.name}', which the agreement does not name",
        why="what people said must not be left out in silence",
        next=f"{step}; or write at 'passed over' why not, which the register publishes",
        clause="weighing.workshop",
    )


def _held(site: Site, held: Held) -> bool:
    """Say whether anybody answered anything: an answer is never undone, but closing may be."""
    with book(site).live(held.name) as live:
        return anybody_answered(live.state)


def anybody_answered(state: State) -> bool:
    """Say whether a workshop holds any answer."""
    kept: tuple[dict[str, Any], ...] = (state.votes, state.statements, state.tables, state.lines)
    return bool(state.words) or any(any(each.values()) for each in kept)


# -- what it was about ---------------------------------------------------------------------------


def _weighed_a_text(site: Site, held: Held, agreement: Agreement) -> bool:
    """Say whether a workshop weighed any text that this agreement has or had."""
    weighed = held.plan.get("substance")
    if not weighed:
        return False
    name = agreement.agreement
    return (
        weighed == substance(agreement)
        or _noted(site, held) == name
        or weighed in _assessed(site, name)
        or any(substance(text) == weighed for text in texts_of(site, name))
    )


def _noted(site: Site, held: Held) -> str:
    """Return the agreement of which the workshop was made, as the ledger says: drafts may be
    deleted since."""
    for entry in site.store.entries():
        if entry.act == "workshop made" and entry.object == f"workshop:{held.name}":
            return str(entry.detail.get("reference", "")).partition("@")[0]
    return ""  # pragma: no cover  # each is noted as it is made


def _assessed(site: Site, name: str) -> set[str]:
    """Return the texts of an agreement that were assessed."""
    held = Assessments(site.store.alias).assessments()
    return {
        str(one.content["subject"].get("substance") or "")
        for one in held
        if one.reference.partition("@")[0] == name
    }


def _of_initiatives(site: Site, agreement: Agreement) -> frozenset[str]:
    """Return the names of workshops, and the cards, of each initiative that an agreement belongs
    to. Cards begin with ``card:``, which no name does."""
    name, held = agreement.agreement, Assessments(site.store.alias).assessments()
    about = [one for one in held if one.reference.partition("@")[0] == name]
    found: set[str] = set()
    for one in Initiatives(site.store.alias).initiatives():
        weighs = any(
            ("assessment", each.name) in one.links
            or each.content["subject"].get("card") == one.card_id
            for each in about
        )
        if weighs or ("agreement", name) in one.links or _drafts(site, one.links, name):
            found |= {what for kind, what in one.links if kind == "workshop"}
            found.add(f"card:{one.card_id}")
    return frozenset(found)


def _drafts(site: Site, links: tuple[tuple[str, str], ...], name: str) -> bool:
    """Say whether a draft of an agreement is among an initiative's things."""
    drafts = Drafts(site.store.alias)
    named = [what for kind, what in links if kind == "draft" and drafts.knows(what)]
    read = (read_text(drafts.draft(what).text) for what in named)
    return any(found is not None and found.agreement == name for found in read)


def _is_ours(held: Held, ours: frozenset[str]) -> bool:
    return held.name in ours or any(f"card:{card}" in ours for card in held.plan["cards"])
