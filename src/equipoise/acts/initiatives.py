"""Initiatives: what is, or may be, done with data. Each has a card, and what was made of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count

from pydantic import ValidationError

from equipoise.acts.accounts.permission import may, require
from equipoise.acts.assess import book as assessments
from equipoise.acts.drafts import drafts_of
from equipoise.acts.site import Site
from equipoise.acts.weigh_lists import lists_of
from equipoise.acts.workshop_make import workshops
from equipoise.acts.workshop_survey import surveys
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.store.facts import Person
from equipoise.store.initiatives import Initiative, Initiatives
from equipoise.weigh.cards import Card

SET = "initiatives"
"""The set in which the own cards of initiatives are."""
RESERVED = ("new",)
"""Names that addresses use for something else."""
_LABELS: Mapping[str, str] = {
    "title": "the title", "who": "who does it", "why": "why it is done", "what": "what is shared",
    "how": "how it is done", "impacts.benefits": "a good effect", "impacts.risks": "a bad effect",
    "source": "the source",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A card as somebody writes it. ``benefits`` and ``risks`` are one effect a line."""

    title: str
    who: str = ""
    why: str = ""
    what: str = ""
    how: str = ""
    benefits: str = ""
    risks: str = ""
    source: str = ""


def book(site: Site) -> Initiatives:
    """Return the initiatives of a site."""
    return Initiatives(site.store.alias)


def initiatives(site: Site) -> tuple[Initiative, ...]:
    """Return every initiative, oldest first."""
    return book(site).initiatives()


def card_of(site: Site, held: Initiative) -> Card | None:
    """Return an initiative's card; ``None`` where the site's lists no longer hold it."""
    return lists_of(site).cards.get(held.card_id)


def add_from_card(site: Site, by: str, card_id: str, title: str = "") -> Initiative:
    """Add an initiative that has a card of the site's lists, under that card's title or another.

    Raises ``GateRefused`` (ACT250), ``UsageRefused`` (ACT280 no such card, or a title that cannot
    be one), ``StateRefused`` (ACT281) when its title is taken.
    """
    person = require(site.person(by), "add initiatives")
    card = lists_of(site).cards.get(card_id)
    if card is None:
        raise UsageRefused(
            Problem("ACT280", "there is no such card here", next="choose one", clause="card")
        )
    title = _one_line(title) or card.title
    if not 3 <= len(title) <= 120:
        raise UsageRefused(_unfit("title"))
    return _add(site, person, title, card, own=False)


def add_with_card(site: Site, by: str, told: Told) -> Initiative:
    """Add an initiative with a card of its own. Raises as ``add_from_card``, everything at once."""
    person = require(site.person(by), "add initiatives")
    taken = lists_of(site).cards
    slug = slug_of(told.title)
    base = slug if "-" in slug else f"own-{slug}"
    return _add(site, person, _one_line(told.title), made_card(told, free(base, taken)), own=True)


def _add(site: Site, person: Person, title: str, card: Card, *, own: bool) -> Initiative:
    held = book(site)
    known = held.initiatives()
    for one in known:
        if _bare(one.title) == _bare(title):
            return _the_same(site, one, person, card, own=own)
    name = free(slug_of(title), [*RESERVED, *(one.name for one in known)])
    with site.store.change(person.key) as change:
        kept = card.model_dump(mode="json") if own else None
        held.add(change, name=name, title=title, card_id=card.id, card=kept)
        change.note("initiative added", f"initiative:{name}", card=card.digest)
    return held.initiative(name)


def _the_same(site: Site, one: Initiative, person: Person, card: Card, *, own: bool) -> Initiative:
    """Return an initiative that was sent twice; refuse (ACT281) another one of its title."""
    if own and one.card is not None:
        card = card.model_copy(update={"id": one.card_id})
    before = card_of(site, one)
    if own == (one.card is not None) and one.made_by == person.key and before == card:
        return one
    raise StateRefused(
        Problem(
            "ACT281",
            f"there is an initiative called “{one.title}” already",
            why="people must know which of two is meant",
            next="open that one, or give this one another title",
            clause="title",
        )
    )


def made_card(told: Told, card_id: str) -> Card:
    """Return a card as it was written. Raises ``UsageRefused`` (ACT280) with all that is wrong."""
    plain = {
        name: unicodedata.normalize("NFC", getattr(told, name)).strip()
        for name in ("who", "why", "what", "how")
    }
    problems = [
        Problem("ACT280", f"nothing is said of {_LABELS[name]}", next="say it", clause=name)
        for name, said in plain.items()
        if len(said) < 3
    ]
    data = {
        **plain,
        "id": card_id,
        "title": _one_line(told.title),
        "set": SET,
        "impacts": {"benefits": _lines(told.benefits), "risks": _lines(told.risks)},
        "source": told.source.strip(),
        "described": False,  # what is missing was told above, field by field
    }
    try:
        made = Card.model_validate(data)
    except ValidationError as error:
        places = {".".join(str(part) for part in one["loc"][:2]) for one in error.errors()}
        problems += [_unfit(place) for place in sorted(places)]
    if problems:
        raise UsageRefused(problems)
    return made.model_copy(update={"described": True})


def _unfit(place: str) -> Problem:
    return Problem(
        "ACT280",
        f"{_LABELS.get(place, place)} is too short or too long for a card",
        why="a card is read in a few minutes",
        next="use a sentence or two for each effect, and a title of 3 to 120 letters",
        clause=place.rpartition(".")[2],
    )


def change_card(site: Site, by: str, name: str, told: Told, *, seen: str) -> Initiative:
    """Change an initiative's own card. ``seen`` is the digest of the card that was looked at.

    Raises ``StateRefused``: ACT282 when people have weighed it or it has no card of its own, ACT283
    when somebody changed it since; and as ``add_from_card``.
    """
    person = require(site.person(by), "add initiatives")
    held = book(site).initiative(name)
    if held.card is None or (using := weighed_by(site, held.card_id)):
        raise StateRefused(
            Problem(
                "ACT282",
                f"the card of “{held.title}” cannot be changed",
                why=f"it was laid before people in {using[0]}"
                if held.card is not None
                else "it is a card of the site's lists",
                next="add another initiative with the changed card",
            )
        )
    made = made_card(told, held.card_id)
    before = Card.model_validate(dict(held.card))
    if made == before:
        return held
    if seen != before.digest:
        raise StateRefused(
            Problem(
                "ACT283",
                "somebody else has changed this card since you opened it",
                why="neither text is thrown away: yours stands below, theirs on the card's page",
                next="compare the two, and send yours again if it should stand",
            )
        )
    for one in book(site).initiatives():
        if one.name != name and _bare(one.title) == _bare(made.title):
            _the_same(site, one, person, made, own=True)
    with site.store.change(person.key) as change:
        book(site).set_card(change, name, made.title, made.model_dump(mode="json"))
        change.note("initiative changed", f"initiative:{name}", card=made.digest)
    return book(site).initiative(name)


def may_change(site: Site, held: Initiative, person: Person) -> bool:
    """Say whether somebody may change an initiative's card now."""
    own = held.card is not None and may(person, "add initiatives")
    return own and not weighed_by(site, held.card_id)


def weighed_by(site: Site, card_id: str) -> tuple[str, ...]:
    """Return what a card was laid before people in, in words."""
    found = [f"the assessment {one.name}" for one in assessments(site).assessments()
             if one.content["subject"].get("card") == card_id]  # fmt: skip
    found += [f"the workshop {one.name}" for one in workshops(site) if card_id in one.plan["cards"]]
    return tuple(found)


# -- what belongs to one -------------------------------------------------------------------------


def belongings(site: Site) -> Mapping[str, Mapping[str, str]]:
    """Return what the site holds that may belong to an initiative: kind -> name -> title."""
    agreements = {
        one.reference.partition("@")[0]: site.frozen(one.reference).agreement.title
        for one in site.store.agreements()
    }
    held = assessments(site).assessments()
    return {
        "assessment": {one.name: one.name for one in held},
        "workshop": {one.name: str(one.plan["title"]) for one in workshops(site)},
        "survey": {one.name: str(one.plan["title"]) for one in surveys(site).all_held()},
        "draft": {one.name: one.name for one in drafts_of(site)},
        "agreement": agreements,
    }


def belongs(site: Site, by: str, name: str, kind: str, what: str, *, leaves: bool = False) -> bool:
    """Put something that the site holds to an initiative, or take it from there; say whether that
    changed anything. An agreement is named without its version.

    Raises ``GateRefused`` (ACT250), ``UsageRefused`` (ACT284) for what is not there.
    """
    person = require(site.person(by), "add initiatives")
    if not leaves and what not in belongings(site).get(kind, {}):
        raise UsageRefused(
            Problem(
                "ACT284",
                "the site holds nothing so called",
                next="choose from what the site holds",
                clause="what",
            )
        )
    with site.store.change(person.key) as change:
        held = book(site)
        done = (held.unlink if leaves else held.link)(change, name, kind, what)
        if done:
            change.note(
                "initiative joined", f"initiative:{name}", kind=kind, name=what, leaves=leaves
            )
    return done


# -- words ---------------------------------------------------------------------------------------


def slug_of(title: str) -> str:
    """Return a name for files and addresses made of a title: a-z, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    slug = slug if slug[:1].isalpha() else f"no-{slug}".strip("-")
    return slug[:48].strip("-")


def free(base: str, taken: Collection[str]) -> str:
    """Return ``base``, or the first of ``base-2``, ``base-3``… that is not taken."""
    if base not in taken:
        return base
    return next(name for n in count(2) if (name := f"{base}-{n}") not in taken)


def _bare(title: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold()))


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for each in text.splitlines() if (line := _one_line(each)))
