"""Send an answer: taken once however often a phone sends it, and lost by no lost connection."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book, library
from equipoise.errors import EquipoiseError
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.workshop.answers import Answer, Draft, answer
from equipoise.weigh.workshop.criteria import offered
from equipoise.weigh.workshop.events import New, participant
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.state import State


def drafts_of(texts: Iterable[tuple[str, str]]) -> tuple[Draft, ...]:
    """Return texts, each (role, what was written), with fresh ids; empty boxes are left out."""
    return tuple(
        Draft(role, text, f"t{secrets.token_hex(12)}", secrets.token_hex(16))
        for role, text in texts
        if text.strip()
    )


def send(site: Site, name: str, token: str, sent: Answer) -> bool:
    """Take an answer; return whether it was new. ``False`` means that it was taken before.

    Raises what ``answers.answer`` raises: everything wrong with it, all at once.
    """
    who = participant(token, name)
    if not sent.id:
        sent = replace(sent, id=f"l{secrets.token_hex(12)}")
    _, items = library(site)
    return book(site).add(
        name, site.clock(), lambda plan, state: answer(plan, state, offered(plan, items), who, sent)
    )


def send_all(
    site: Site, name: str, token: str, sent: Sequence[Answer]
) -> tuple[EquipoiseError | None, ...]:
    """Take the answers of one page in one go; return for each what stands against it, or nothing.

    An answer that is refused does not keep the others from being taken: of three polls on a page,
    one may have been closed while somebody read. Raises what concerns no single answer
    (``EnvironmentFailed``).
    """
    who = participant(token, name)
    ready = [a if a.id else replace(a, id=f"l{secrets.token_hex(12)}") for a in sent]
    # A vote takes nothing from the lists, and a full hall votes at once.
    items = catalogue() if all(a.choice is not None for a in ready) else library(site)[1]
    found: list[EquipoiseError | None] = []

    def decide(plan: Plan, state: State) -> Iterator[New]:
        lists = offered(plan, items)
        for one in ready:
            try:
                new = answer(plan, state, lists, who, one)
                found.append(None)
            except EquipoiseError as error:
                new = None
                found.append(error)
            if new is not None:
                yield new

    book(site).add(name, site.clock(), decide)
    return tuple(found)


def vote(site: Site, name: str, token: str, question: str, choice: int, client: str) -> bool:
    """Take one vote."""
    return send(site, name, token, Answer(question, client, choice=choice))


def places_of(form: Mapping[str, str]) -> dict[str, float | None]:
    """Return the place given to each card in a form; what is no number is no place."""
    made: dict[str, float | None] = {}
    for card, text in form.items():
        plain = text.strip()
        made[card] = float(plain) if plain.isascii() and plain.isdigit() else None
    return made
