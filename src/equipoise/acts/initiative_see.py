"""See an initiative: its card, what was made of it, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from equipoise.acts.assess import book as assessments
from equipoise.acts.drafts import drafts_of, is_put_forward, read_draft
from equipoise.acts.erase import carried_out, due
from equipoise.acts.initiatives import belongings, book, card_of
from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book as workshop_book
from equipoise.acts.workshop_survey import surveys
from equipoise.agree.canonical import substance
from equipoise.agree.sign import missing_signatures
from equipoise.store.facts import Registered
from equipoise.store.initiatives import Initiative
from equipoise.weigh.cards import Card

How = Literal["not begun", "under way", "done"]

KINDS: Final = ("assessment", "workshop", "survey", "draft", "agreement")
_AGREED: Final = ("draft", "agreement")
_SIGNED: Final = ("signed", "suspended", "ended", "erased")


@dataclass(frozen=True)
class Thing:
    """One thing of an initiative. ``put`` says that somebody put it there, rather than that it is
    there because the initiative's card was weighed in it."""

    kind: str
    name: str
    title: str
    said: str
    how: How
    put: bool


@dataclass(frozen=True)
class Stage:
    """One stage of an initiative's way, and what there is to tell of it."""

    title: str
    how: How
    said: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """An initiative as its page shows it. ``more`` is what could be put to it: kind -> name ->
    title; ``weighed`` whether its card was laid before anybody."""

    initiative: Initiative
    card: Card | None
    things: tuple[Thing, ...]
    stages: tuple[Stage, ...]
    more: Mapping[str, Mapping[str, str]]

    def of(self, kind: str) -> tuple[Thing, ...]:
        """Return the things of one kind."""
        return tuple(thing for thing in self.things if thing.kind == kind)


def see_initiative(site: Site, name: str) -> Seen:
    """Return an initiative as its page shows it. Raises ``StateRefused`` (STO040)."""
    held = book(site).initiative(name)
    things = (*_weighed(site, held), *_agreed(site, held))
    there = {(thing.kind, thing.name) for thing in things}
    more = {
        kind: {name: title for name, title in found.items() if (kind, name) not in there}
        for kind, found in belongings(site).items()
    }
    return Seen(held, card_of(site, held), things, _stages(site, things), more)


def stages_of(site: Site, held: Initiative) -> tuple[Stage, ...]:
    """Return how far an initiative has come, for a list of many."""
    return _stages(site, (*_weighed(site, held), *_agreed(site, held)))


# -- what belongs to it --------------------------------------------------------------------------


def _weighed(site: Site, held: Initiative) -> Iterator[Thing]:
    for one in assessments(site).assessments():
        put = ("assessment", one.name) in held.links
        if put or one.content["subject"].get("card") == held.card_id:
            how: How = "under way" if one.state == "open" else "done"
            raters = len(one.sheets)
            said = f"{one.state}, {raters} {'has' if raters == 1 else 'have'} answered"
            yield Thing("assessment", one.name, one.name, said, how, put)
    workshops = workshop_book(site)
    for held_one in workshops.all_held():
        put = ("workshop", held_one.name) in held.links
        if put or held.card_id in held_one.plan["cards"]:
            with workshops.live(held_one.name) as live:
                phase, invented = live.state.phase, live.plan.synthetic
            said = {"made": "not opened yet", "open": "open"}.get(phase, "closed")
            said += ", reported" if held_one.report else ""
            said += "; its people are invented" if invented else ""
            yield _thing("workshop", held_one.name, str(held_one.plan["title"]), said, put)
    for survey in surveys(site).all_held():
        if ("survey", survey.name) in held.links:
            with surveys(site).live(survey.name) as voted:
                phase_now = voted.state.phase(voted.plan, site.clock())
            said = _OF_SURVEYS[phase_now]
            yield _thing("survey", survey.name, str(survey.plan["title"]), said, True)


_OF_SURVEYS: Final = {
    "draft": "a draft, not opened yet",
    "before": "not opened yet",
    "open": "open",
    "over": "its time is up",
    "closed": "closed",
}


def _thing(kind: str, name: str, title: str, said: str, put: bool) -> Thing:
    how: How = "done" if said.startswith("closed") else "under way"
    return Thing(kind, name, title, said, how, put)


def _agreed(site: Site, held: Initiative) -> Iterator[Thing]:
    """Yield the agreements that were put to it, and those whose drafts its assessments weighed."""
    named = {name for kind, name in held.links if kind == "agreement"}
    found = dict.fromkeys(name for kind, name in held.links if kind == "agreement")
    for one in assessments(site).assessments():
        weighs = one.content["subject"].get("card") == held.card_id
        if one.reference and (weighs or ("assessment", one.name) in held.links):
            found.setdefault(one.reference.partition("@")[0])
    yield from _drafted(site, held, found)
    for name in found:
        versions = [record for record in site.store.agreements() if _id(record) == name]
        for record in versions:
            title = site.frozen(record.reference).agreement.title
            how: How = "done" if record.state in _SIGNED else "under way"
            said = _state(site, record)
            yield Thing("agreement", record.reference, title, said, how, name in named)


def _drafted(site: Site, held: Initiative, agreements: Collection[str]) -> Iterator[Thing]:
    """Yield the drafts that were put to it, and those of its agreements that nobody has put
    forward."""
    for draft in drafts_of(site):
        put = ("draft", draft.name) in held.links
        parsed = read_draft(draft)
        ours = parsed is not None and parsed.agreement.agreement in agreements
        if not put and (not ours or (parsed and is_put_forward(site, parsed))):
            continue
        title = parsed.agreement.title if parsed else draft.name
        said = f"revision {draft.revision}" + ("" if parsed else ", with problems")
        yield Thing("draft", draft.name, title, said, "under way", put)


def _id(record: Registered) -> str:
    return record.reference.partition("@")[0]


def _state(site: Site, record: Registered) -> str:
    if record.state != "final text":
        return record.state
    agreement = site.frozen(record.reference).agreement
    missing = missing_signatures(agreement, record.signatures, site.trusted(record.reference))
    return f"waits for {len(missing)} signature{'s' if len(missing) != 1 else ''}"


def substance_of(site: Site, seen: Seen) -> str:
    """Return the digest of the text that a workshop about an initiative would weigh: its draft's,
    if it has one draft alone; else what its newest assessment weighed; else nothing."""
    named = {thing.name for thing in seen.of("draft")}
    read = [read_draft(draft) for draft in drafts_of(site) if draft.name in named]
    if len(read) == 1 and read[0] is not None:
        return substance(read[0].agreement)
    named = {thing.name for thing in seen.of("assessment")}
    texts = [
        str(one.content["subject"].get("substance") or "")
        for one in assessments(site).assessments()
        if one.name in named and one.state != "set aside"
    ]
    return next((text for text in reversed(texts) if text), "")


# -- how far it has come -------------------------------------------------------------------------


def _stages(site: Site, things: Sequence[Thing]) -> tuple[Stage, ...]:
    signed = [
        site.store.agreement(one.name)
        for one in things
        if one.kind == "agreement" and "@" in one.name and one.how == "done"
    ]
    weighed = [one for one in things if one.kind not in _AGREED]
    agreed = [one for one in things if one.kind in _AGREED]
    return (
        Stage("Weigh", _ended(weighed), _told(weighed)),
        Stage("Agree", _how(agreed), _told(agreed)),
        _carried(site, signed),
        _accounted(site, signed),
    )


def _told(things: Sequence[Thing]) -> tuple[str, ...]:
    return tuple(f"{one.kind} {one.title}: {one.said}" for one in things)


def _ended(things: Sequence[Thing]) -> How:
    """Say how far weighing has come: it goes on while anything of it is open."""
    if not things:
        return "not begun"
    return "done" if all(one.how == "done" for one in things) else "under way"


def _how(things: Sequence[Thing]) -> How:
    """Say how far agreeing has come: one signed version is enough."""
    if not things:
        return "not begun"
    return "done" if any(one.how == "done" for one in things) else "under way"


def _carried(site: Site, signed: Sequence[Registered]) -> Stage:
    runs = [run for record in signed for run in site.store.runs(record.reference)]
    held = [got for record in signed for got in site.store.deliveries(record.reference)]
    said = tuple(f"use {run.use}: {run.state}" for run in runs)
    if held:
        said += (f"{len(held)} parcels are held",)
    done = any(carried_out(run) for run in runs)
    return Stage(
        "Carry out", "done" if done else "under way" if runs or held else "not begun", said
    )


def _accounted(site: Site, signed: Sequence[Registered]) -> Stage:
    """Tell of what the public can read and what was erased. Erasing late keeps it under way."""
    said = []
    late = []
    for record in signed:
        page = (
            site.folder("register") / "agreements" / f"{record.reference.replace('@', '-v')}.html"
        )
        if page.is_file():
            said.append(f"on the public register: {record.reference}")
        if erased := site.store.erasures(record.reference):
            receipts = f"{len(erased)} receipt{'s' if len(erased) != 1 else ''}"
            said.append(f"{receipts} of erasure: {record.reference}")
        if names := due(site, site.frozen(record.reference).agreement):
            late.append(f"still to be erased under {record.reference}: {', '.join(names)}")
    how: How = "under way" if said or late else "not begun"
    runs = [run for record in signed for run in site.store.runs(record.reference)]
    if said and not late and any(carried_out(run) for run in runs):
        how = "done"
    return Stage("Account", how, (*said, *late))
