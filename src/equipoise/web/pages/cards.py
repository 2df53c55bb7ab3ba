"""Initiative cards: those that ship and the site's own, set by set, and one card on a page."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from equipoise.acts.accounts.permission import may
from equipoise.acts.weigh_lists import lists_of
from equipoise.web.request import Request
from equipoise.web.templating import page

_SETS: Final[Mapping[str, str]] = {
    "A-F": "Cards A to F",
    "1-6": "Cards 1 to 6",
    "case": "Cases",
    "initiatives": "Cards of initiatives here",
}


@require_safe
def cards(request: Request) -> HttpResponse:
    """Show every card by its title, in its set."""
    ordered = groupby(lists_of(request.site).cards.values(), key=lambda card: card.set)
    sets = [(_SETS.get(name, name), list(held)) for name, held in ordered]
    return page(request, "cards.html.jinja", sets=sets)


@require_safe
def card(request: Request, card_id: str) -> HttpResponse:
    """Show one card."""
    found = lists_of(request.site).cards.get(card_id)
    if found is None:
        raise Http404
    return page(
        request, "card.html.jinja", card=found, may_add=may(request.person, "add initiatives")
    )
