"""The wall: what everybody in the room sees, in large type, never more than two seconds old.

A browser with scripts asks once a second for what has changed, and is told in few bytes when
nothing has; without scripts the page loads itself anew every two seconds.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from equipoise.acts import workshop_see as seeing
from equipoise.errors import GateRefused, Problem
from equipoise.web.pages.workshop_phone_join import held_seat, phone_page, square_of
from equipoise.web.request import Request, open_to_all, who_asks
from equipoise.web.workshop_pictures import about, pictures
from equipoise.weigh.workshop.codes import spoken
from equipoise.weigh.workshop.report import plain
from equipoise.weigh.workshop.wall import Wall


def _let_in(request: Request, name: str) -> str:
    """Return the key that a wall's address carries. Raises ``GateRefused`` (WEB042)."""
    key = request.GET.get("key", "")[:100]
    token = held_seat(request, name)
    if not seeing.may_see_wall(request.site, name, key=key, token=token, person=who_asks(request)):
        raise GateRefused(
            Problem(
                "WEB042",
                "this wall is for the people in the room",
                why="it shows the code to join by, and what was said there",
                next="type the workshop's code on the page “Join a workshop”",
            )
        )
    return key


def _mark(told: Wall) -> str:
    """Return a mark of everything that a wall shows; ``version`` grows more often than that."""
    parts = (
        told.phase,
        told.step.number,
        told.people,
        told.minutes_left,
        [(one.question.id, one.heard, one.shown) for one in told.progress],
        plain(told.results),  # sets in order, so that every process makes the same mark
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _shown(request: Request, name: str, told: Wall, key: str) -> dict[str, Any]:
    _, items = seeing.laid(request.site, told.plan)
    again = f"{reverse('wall-now', kwargs={'name': name})}?key={key}&seen={_mark(told)}"
    return {
        "name": name,
        "wall": told,
        "key": key,
        "again": again,
        "about": lambda named: about(told.plan, named),
        "pictures": pictures(told.plan, told.results, items),
        "information": told.plan.information if told.step.information else None,
    }


@open_to_all
@require_safe
def wall(request: Request, name: str) -> HttpResponse:
    """Show the wall."""
    key = _let_in(request, name)
    told = seeing.see_wall(request.site, name)
    code, square_key = seeing.code_and_key(request.site, name)
    address, square = square_of(request, code, square_key)
    return phone_page(
        request,
        "wall.html.jinja",
        code=spoken(code),
        square=square,
        join_address=f"{request.get_host()}{reverse('join')}",
        address=address,
        held_still="still" in request.GET,
        **_shown(request, name, told, key),
    )


@open_to_all
@require_safe
def wall_now(request: Request, name: str) -> HttpResponse:
    """Return the part of the wall that changes, or 204 where nothing has."""
    key = _let_in(request, name)
    told = seeing.see_wall(request.site, name)
    if request.GET.get("seen") == _mark(told):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return phone_page(request, "wall_now.html.jinja", **_shown(request, name, told, key))
