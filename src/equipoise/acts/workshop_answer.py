"""Send an answer: taken once however often a phone sends it, and lost by no lost connection."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace

from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book, library
from equipoise.weigh.workshop.answers import Answer, Draft, answer
from equipoise.weigh.workshop.events import participant


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
        name, site.clock(), lambda plan, state: answer(plan, state, items, who, sent)
    )


def vote(site: Site, name: str, token: str, question: str, choice: int, client: str) -> bool:
    """Take one vote."""
    return send(site, name, token, Answer(question, client, choice=choice))


def places_of(form: Mapping[str, str]) -> dict[str, float | None]:
    """Return the place given to each card in a form; what is no number is no place."""
    made: dict[str, float | None] = {}
    for card, text in form.items():
        made[card] = float(text) if text.strip().isdigit() else None
    return made
