"""Refusals as pages: the problem's code, what is wrong, where, why, and what to do next.

A fault of the program is told by its type and place alone: its message might hold somebody's data.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from equipoise.acts.accounts.limits import TooMany
from equipoise.errors import (
    DataRefused,
    DocumentRefused,
    EnvironmentFailed,
    EquipoiseError,
    GateRefused,
    IntegrityRefused,
    Problem,
    ResultRefused,
    StateRefused,
    UsageRefused,
)
from equipoise.web.templating import page

log = logging.getLogger("equipoise.web")

_STATUS: Final[Mapping[type[EquipoiseError], HTTPStatus]] = {
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    UsageRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    DocumentRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    GateRefused: HTTPStatus.FORBIDDEN,
    DataRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    ResultRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    IntegrityRefused: HTTPStatus.CONFLICT,
    StateRefused: HTTPStatus.CONFLICT,
    EnvironmentFailed: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status with which each kind of refusal is answered; what is not named is a fault."""

_NOT_THERE: Final = frozenset(
    {"STO010", "STO011", "STO020", "STO030", "STO040", "STO050", "ACT308"}
)
"""What is said of something that the site does not hold."""

_TITLES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "That request makes no sense",
    HTTPStatus.FORBIDDEN: "You may not do this",
    HTTPStatus.NOT_FOUND: "There is no such page",
    HTTPStatus.METHOD_NOT_ALLOWED: "There is no such page",
    HTTPStatus.CONFLICT: "Not now",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That was refused",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many tries",
    HTTPStatus.SERVICE_UNAVAILABLE: "The machine cannot do this now",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The program broke",
}

_NO_PAGE: Final = Problem(
    "WEB001",
    "there is no page at this address",
    why="it may have been mistyped, or what it showed has ended",
    next="go to the first page and look from there",
)


def status_of(error: EquipoiseError) -> HTTPStatus:
    """Return the status that fits a refusal."""
    if error.problems and all(problem.code in _NOT_THERE for problem in error.problems):
        return HTTPStatus.NOT_FOUND
    kinds = (kind for kind in type(error).__mro__ if kind in _STATUS)
    kind = next(kinds, None)
    return HTTPStatus.INTERNAL_SERVER_ERROR if kind is None else _STATUS[kind]


def told(request: HttpRequest, status: HTTPStatus, problems: Iterable[Problem]) -> HttpResponse:
    """Return the page that tells of problems."""
    return page(
        request, "refused.html.jinja", status=status, title=_TITLES[status], problems=[*problems]
    )


class Refusals:
    """Turns what a view raises into a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; what Django itself answers without words is told in some."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return told(request, HTTPStatus.METHOD_NOT_ALLOWED, [_NO_PAGE])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Tell a refusal in its own words, and a fault by its place."""
        if isinstance(error, EquipoiseError) and type(error) is not EquipoiseError:
            return told(request, status_of(error), error.problems)
        if isinstance(error, Http404 | PermissionDenied | SuspiciousOperation):
            return None  # Django asks the handlers below
        return broken(request, error)


def broken(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Log where the program broke, and say so."""
    frames = [
        f for f in traceback.extract_tb(getattr(error, "__traceback__", None))
        if "equipoise" in f.filename
    ]  # fmt: skip
    places = ", ".join(f"{Path(f.filename).stem}:{f.lineno}" for f in frames[-3:]) or "unknown"
    name = type(error).__name__
    log.error("WEB099 %s at %s", name, places)
    problem = Problem(
        "WEB099",
        f"the program broke: {name}",
        why=f"at {places}; the message is kept back because it may quote a row",
        next="report this as a fault of the program; what was done before it is kept",
    )
    return told(request, HTTPStatus.INTERNAL_SERVER_ERROR, [problem])


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that there is no such page."""
    return told(request, HTTPStatus.NOT_FOUND, [_NO_PAGE])


def makes_no_sense(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that a request was too long, or to a host that is not this one."""
    problem = Problem(
        "WEB002",
        "the request is not one that this site answers",
        why=f"it was refused as {type(exception).__name__}",
        next="use the address that you were given; send less at once",
    )
    return told(request, HTTPStatus.BAD_REQUEST, [problem])


def not_allowed(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that somebody may not see a page."""
    problem = Problem("WEB003", "this page is not for you", next="ask an administrator of the site")
    return told(request, HTTPStatus.FORBIDDEN, [problem])


def form_not_ours(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was not sent from a page of this site, as far as can be told."""
    problem = Problem(
        "WEB004",
        "this form was not taken",
        why="it did not come from a page that this site gave to this browser, or that page is old",
        next="go back, load the page again, and send the form once more; cookies must be allowed",
    )
    return told(request, HTTPStatus.FORBIDDEN, [problem])


def failed(request: HttpRequest) -> HttpResponse:
    """Tell what broke before any view was reached."""
    error = sys.exc_info()[1]
    if isinstance(error, EquipoiseError):
        return told(request, status_of(error), error.problems)
    return broken(request, error)
