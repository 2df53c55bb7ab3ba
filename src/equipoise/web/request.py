"""What a view is given: Django's request with the site, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from equipoise.acts.site import Site
from equipoise.store.account_facts import Session
from equipoise.store.facts import Person

View = TypeVar("View", bound=Callable[..., HttpResponse])

SESSION_COOKIE: Final = "session"


class Request(HttpRequest):  # a shape: Doors sets what it names on Django's own object
    """A request as ``Doors`` lets it through. ``session_held`` is the session, whatever it still
    owes; ``token`` is what the browser holds of it."""

    site: Site  # type: ignore[assignment]  # Django's own notion of sites is not installed
    session_held: Session | None
    token: str
    person: Person  # in views that are open to all it may be None: ask ``who_asks`` there
    htmx: HtmxDetails


def who_asks(request: HttpRequest) -> Person | None:
    """Return who is signed in and owes nothing, or ``None``."""
    held: Session | None = getattr(request, "session_held", None)
    return held.person if held is not None and held.stage == "open" else None


def open_to_all(view: View) -> View:
    """Mark a view that people see without signing in. Every other view wants a session."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def is_open_to_all(view: object) -> bool:
    """Say whether a view was marked so."""
    return bool(getattr(view, "open_to_all", False))


def cookie_name(request: HttpRequest, name: str) -> str:
    """Return a cookie's name: over HTTPS one that no other host or path may set."""
    return f"__Host-{name}" if request.is_secure() else name


def keep_session(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Let the browser hold a session's token until it is closed: for this site's own pages only,
    and out of reach of scripts."""
    response.set_cookie(
        cookie_name(request, SESSION_COOKIE),
        token,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
        path="/",
    )


def drop_session(request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser forget its session's token."""
    response.delete_cookie(cookie_name(request, SESSION_COOKIE), path="/", samesite="Strict")


def held_token(request: HttpRequest) -> str:
    """Return the token that the browser holds, or an empty string."""
    return request.COOKIES.get(cookie_name(request, SESSION_COOKIE), "")
