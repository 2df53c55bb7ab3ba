"""Joining a workshop from a phone: the code, or the square; a sector and a table; no account.

The phone holds its seat in one cookie for each workshop: a random token, of which the site keeps
the hash. It is drawn when the form is shown, so that sending the form twice takes one seat.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import loader
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_see as seeing
from equipoise.errors import EquipoiseError, Problem, StateRefused
from equipoise.web.doors import address_of
from equipoise.web.opened import current
from equipoise.web.pages.workshop_phone_form import Sheet, told
from equipoise.web.pictures import qr_code
from equipoise.web.refusals import status_of
from equipoise.web.request import Request, cookie_name, open_to_all
from equipoise.weigh.workshop.packs import join_path

_SECONDS: Final = 2 * 24 * 3600
"""A phone's browser is closed and opened again many times on such a day."""
_TOKEN: Final = re.compile(r"[\w-]{43}")


def phone_page(
    request: HttpRequest, template: str, /, *, status: int = 200, **shown: Any
) -> HttpResponse:
    """Return a page for a phone or a wall: no account, no navigation, nothing asked but what it
    shows, because a whole hall opens it at once."""
    known = {"site": current().site, **shown}
    return HttpResponse(loader.render_to_string(template, known, request=request), status=status)


def held_seat(request: HttpRequest, name: str) -> str:
    """Return the token that this phone holds for a workshop, or an empty string."""
    held = request.COOKIES.get(cookie_name(request, f"seat-{name}"), "")
    return held if _TOKEN.fullmatch(held) else ""


def _hold_seat(request: HttpRequest, response: HttpResponse, name: str, token: str) -> None:
    response.set_cookie(
        cookie_name(request, f"seat-{name}"),
        token,
        max_age=_SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",  # held by whoever comes back by a link or by the square
        path="/",
    )


def _status(error: EquipoiseError) -> HTTPStatus:
    if any(problem.code == "WGH171" for problem in error.problems):
        return HTTPStatus.TOO_MANY_REQUESTS
    return status_of(error)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request) -> HttpResponse:
    """Ask for the code that is on the wall."""
    sheet = Sheet.read(request.POST) if request.method == "POST" else Sheet()
    status = HTTPStatus.OK
    if request.method == "POST":
        try:
            found = joining.find_by_code(request.site, sheet.value("code"), address_of(request))
            return HttpResponseRedirect("/" + join_path(found.code, found.key))
        except EquipoiseError as error:
            sheet.faults = [("code", told(problem)) for problem in error.problems]
            status = _status(error)
    return phone_page(request, "phone_code.html.jinja", status=status, sheet=sheet)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: Request, code: str, key: str, table: int | None = None) -> HttpResponse:
    """Ask for sector and table, and take a seat. Whoever has one already goes on to it."""
    held = joining.find_by_key(request.site, key)
    if held.kind != "workshop":
        return HttpResponseRedirect(reverse("survey-vote", kwargs={"name": held.name}))
    name = held.name
    token = held_seat(request, name)
    if token and joining.has_joined(request.site, name, token):
        if request.method == "POST":
            joining.come_back(request.site, name, token)
        return HttpResponseRedirect(reverse("phone", kwargs={"name": name}))
    wall = seeing.see_wall(request.site, name)
    sheet = Sheet.read(request.POST) if request.method == "POST" else Sheet()
    status = HTTPStatus.OK
    if request.method == "POST":
        error = _taken(request, name, token, sheet, wall.plan.all_sectors)
        if error is None:
            return HttpResponseRedirect(reverse("phone", kwargs={"name": name}))
        status = _status(error)
    response = phone_page(
        request,
        "phone_join.html.jinja",
        status=status,
        sheet=sheet,
        wall=wall,
        table=table,
        wall_address=f"{reverse('wall', kwargs={'name': name})}?key={key}",
    )
    if not token:
        _hold_seat(request, response, name, joining.fresh_token())
    return response


def _taken(
    request: Request, name: str, token: str, sheet: Sheet, sectors: tuple[str, ...]
) -> EquipoiseError | None:
    """Take a seat, or note on the sheet what stands against it and return that."""
    if not token:
        missing = Problem(
            "WEB040",
            "this phone did not keep its seat",
            why="a seat is held in a cookie, and this browser sent none",
            next="allow cookies for this site, or use another browser, and send it again",
        )
        sheet.faults.append(("", told(missing)))
        return StateRefused(missing)
    at = sheet.value("table").strip()
    number = int(at) if at.isascii() and at.isdigit() and len(at) < 6 else None if not at else 0
    try:
        joining.join_workshop(
            request.site, name, token=token, sector=sheet.value("sector"), table=number
        )
    except EquipoiseError as error:
        fields = {"WGH135": "sector", "WGH136": "table", "WGH137": "table"}
        for problem in error.problems:
            at_field = fields.get(problem.code, "")
            unsaid = at_field == "sector" and sheet.value("sector") not in sectors
            words = "Choose the kind of organisation you come from, or “not said” (WGH135)"
            sheet.faults.append((at_field, words if unsaid else told(problem)))
        return error
    return None


@open_to_all
@require_POST
def seat(request: Request, name: str) -> HttpResponse:
    """Leave, come back, or write for the table."""
    token = held_seat(request, name)
    if not token:
        return HttpResponseRedirect(reverse("join"))
    acts = {
        "leave": joining.leave_workshop,
        "back": joining.come_back,
        "write": joining.write_for_table,
    }
    if act := acts.get(request.POST.get("what", "")):
        act(request.site, name, token)
    return HttpResponseRedirect(reverse("phone", kwargs={"name": name}))


def square_of(request: HttpRequest, code: str, key: str) -> tuple[str, str]:
    """Return the address in a workshop's square, and the square as SVG."""
    address = request.build_absolute_uri("/" + join_path(code, key))
    return address, qr_code(address)
