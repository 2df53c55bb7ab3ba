"""Who may come in: every page wants a signed-in person, but those that are open to all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from equipoise.acts.accounts.sessions import whose
from equipoise.store.account_facts import Stage
from equipoise.web.opened import current
from equipoise.web.request import held_token, is_open_to_all, who_asks
from equipoise.web.templating import page

_OWED: Final[Mapping[Stage, str]] = {"code": "code", "set up": "second-factor"}
"""Where somebody is sent whose sign-in still owes something."""


class Doors:
    """Tells each request its site and who asks, and sends strangers to the sign-in page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Say who asks, then pass the request on."""
        request.site = current().site
        request.token = held_token(request)
        request.session_held = whose(request.site, request.token) if request.token else None
        request.person = who_asks(request)
        return self.get_response(request)

    def process_view(
        self, request: Any, view: object, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        """Let a request through to its view, or send it where it must go first."""
        if is_open_to_all(view):
            return None
        held = request.session_held
        if held is None:
            return _turned_away(request)
        if held.stage != "open" and request.resolver_match.url_name != _OWED[held.stage]:
            return HttpResponseRedirect(reverse(_OWED[held.stage]))
        return None


def _turned_away(request: HttpRequest) -> HttpResponse:
    """Send a stranger to sign in, and back afterwards."""
    if _from_elsewhere(request):
        # A strict cookie is kept back on a link from another site: ask again, from this one.
        return page(request, "again.html.jinja", to=request.get_full_path())
    address = reverse("sign-in")
    if request.method == "GET" and request.path != "/":
        address += "?" + urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(address)


def _from_elsewhere(request: HttpRequest) -> bool:
    return request.method == "GET" and (
        request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
    )


def address_of(request: HttpRequest) -> str:
    """Return the address that a request came from, for counting tries."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if current().proxied:
        told = request.headers.get("X-Forwarded-For", "").split(",")
        return told[-1].strip()[:60] or direct
    return direct
