"""What stands at the top of every page: a row for each part of the site that somebody may open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from equipoise.acts.accounts.permission import may
from equipoise.store.facts import Person
from equipoise.web.request import who_asks

Shown = Callable[[Person | None], bool]


def everybody(person: Person | None) -> bool:
    """Show it to everybody."""
    return True


def signed_in(person: Person | None) -> bool:
    """Show it to whoever is signed in."""
    return person is not None


def stranger(person: Person | None) -> bool:
    """Show it to whoever is not signed in. Others find it at the foot of the page."""
    return person is None


@dataclass(frozen=True)
class Part:
    """One part of the site: the name of its first page's address, its words, who sees it."""

    address: str
    words: str
    shown: Shown
    below: str
    """The beginning of the paths of its pages."""


PARTS: Final = (
    Part("initiatives", "Initiatives", signed_in, "/initiatives/"),
    Part("assessments", "Assessments", signed_in, "/assessments/"),
    Part("workshops", "Workshops", signed_in, "/workshops/"),
    Part("surveys", "Surveys", signed_in, "/surveys/"),
    Part("join", "Join a workshop", stranger, "/join"),
    Part("agreements", "Agreements", signed_in, "/agreements/"),
    Part("register", "Register", everybody, "/register/"),
    Part("people", "People", lambda person: may(person, "keep accounts"), "/people/"),
    Part("account", "Account", signed_in, "/account/"),
)
"""Add a row here for a new part. All that one person sees must fit one row at 1280 px; what they
need less often stands at the foot of every page."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the rows for the navigation macro."""
    person = who_asks(request)
    found = []
    for part in PARTS:
        if part.shown(person):
            href = reverse(part.address)
            found.append(
                {
                    "href": href,
                    "text": part.words,
                    "current": request.path == href,
                    "active": bool(part.below) and request.path.startswith(part.below),
                }
            )
    return found
