"""The first page, and the page that tells whether the server is well."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from equipoise.acts.accounts.permission import Duty, may
from equipoise.acts.keys_here import key_steps
from equipoise.acts.waiting import to_lead, to_rate, waiting_for
from equipoise.errors import EquipoiseError
from equipoise.web.opened import current
from equipoise.web.request import Request, open_to_all
from equipoise.web.templating import page

BEGIN: Final[tuple[tuple[Duty, str, str], ...]] = (
    ("add initiatives", "Add an initiative, from a card or in your own words", "initiative-new"),
    ("rate initiatives", "Begin an assessment: benefit, risk and red lines", "assessment-new"),
    ("facilitate workshops", "Make a workshop", "workshop-new"),
    ("facilitate workshops", "Ask the public in a survey over days", "survey-new"),
    ("draft agreements", "Begin a draft of an agreement", "draft-new"),
    ("keep accounts", "Invite people, and say what they may do", "people"),
)
"""What somebody can begin, as duty, words and the name of its address."""


@require_safe
def home(request: Request) -> HttpResponse:
    """Show what waits for whoever is signed in."""
    asked = (request.site, request.person)
    return page(
        request,
        "home.html.jinja",
        waiting=waiting_for(*asked),
        to_rate=to_rate(*asked),
        to_lead=to_lead(*asked),
        key_steps=key_steps(*asked),
        can_do=[(words, address) for duty, words, address in BEGIN if may(request.person, duty)],
    )


@open_to_all
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say that the server answers and that its database can be read. Says nothing else."""
    try:
        current().site.store.last_entry()
    except EquipoiseError:
        return HttpResponse("the database does not answer\n", "text/plain", 503)
    return HttpResponse("well\n", "text/plain")
