"""A short name for an assessment that nobody named: made from what is weighed, and free."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from equipoise.acts.assess import book
from equipoise.acts.initiatives import free, slug_of
from equipoise.acts.site import Site
from equipoise.acts.weigh_lists import lists_of
from equipoise.agree.parse import parse
from equipoise.errors import DocumentRefused
from equipoise.store.drafts import PREFIX

RESERVED: Final = ("new",)
"""What is an address on its own below those of assessments."""


@dataclass(frozen=True)
class Weighed:
    """What a new assessment is of: the ``source`` of a draft or its ``text``, a ``card``; the
    ``initiative`` to which it belongs, and the assessment ``after`` which it comes."""

    source: str = ""
    text: str = ""
    card: str = ""
    initiative: str = ""
    after: str = ""


def proposed_name(site: Site, of: Weighed) -> str:
    """Return a name that no assessment of this site has yet: after the assessment that it goes on
    from, the initiative, the draft, the pasted text or the card, with a number behind it where one
    has it already. Empty when nothing is weighed, or the text cannot be read."""
    base = _base(site, of)
    taken = [*RESERVED, *(one.name for one in book(site).assessments())]
    return free(base, taken) if base else ""


def begun_unnamed(site: Site, of: Weighed) -> str:
    """Return the open assessment of this very text and card that was begun under such a name and
    that nobody has answered yet since, or nothing: who sends a form twice begins one."""
    base = _base(site, of)
    wanted = (site.text_of(of.source) if of.source else of.text, of.card, of.after)
    for one in book(site).assessments():
        subject = one.content["subject"]
        same = wanted == (one.text, str(subject.get("card", "")), one.content.get("after", ""))
        named = re.fullmatch(rf"{re.escape(base)}(-\d+)?", one.name)
        fresh = not one.sheets or bool(of.after)  # what it goes on from may have brought some
        if base and same and named and fresh and one.state == "open":
            return one.name
    return ""


def _base(site: Site, of: Weighed) -> str:
    cards = lists_of(site).cards
    if of.after:
        return re.sub(r"-\d+$", "", slug_of(of.after))
    if of.initiative:
        return slug_of(of.initiative)
    if of.source:
        return slug_of(of.source.removeprefix(PREFIX).partition("@")[0])
    if of.text.strip():
        try:
            return slug_of(parse(of.text, file="the draft").agreement.agreement)
        except DocumentRefused:
            return ""
    return slug_of(cards[of.card].title) if of.card in cards else ""
