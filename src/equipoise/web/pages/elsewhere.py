"""Signing in with an identity at an OpenID Connect provider: there, and back again."""

from __future__ import annotations

from typing import Final

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from equipoise.acts.accounts.invite import open_with_outside
from equipoise.acts.accounts.sign_in import with_outside
from equipoise.errors import Problem, UsageRefused
from equipoise.web.doors import address_of
from equipoise.web.opened import current
from equipoise.web.outside import Flight, Provider
from equipoise.web.pages.sign_in import let_in, where_to
from equipoise.web.request import Request, keep_session, open_to_all
from equipoise.web.templating import page

_COOKIE: Final = "elsewhere"
_SALT: Final = "equipoise.web.elsewhere"
_SECONDS: Final = 600


def _provider() -> Provider:
    provider = current().provider
    if provider is None:
        raise Http404
    return provider


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("elsewhere-return"))


@open_to_all
@require_safe
def leave(request: Request) -> HttpResponse:
    """Send somebody to the provider, and note what must come back with them."""
    flight = _provider().leave(_back(request))
    kept = {
        "flight": flight.as_dict(),
        "next": where_to(request, request.GET.get("next", "")),
        "invitation": request.GET.get("invitation", "")[:100],
    }
    response = HttpResponseRedirect(flight.address)
    response.set_cookie(
        _COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=_SECONDS,
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",  # the way back comes from the provider's site
        path=reverse("elsewhere-return"),
    )
    return response


@open_to_all
@require_safe
def come_back(request: Request) -> HttpResponse:
    """Check what the provider says, and let the person in."""
    provider = _provider()
    try:
        kept = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature as error:
        raise UsageRefused(
            Problem(
                "WEB030",
                "this sign-in was not begun here, or too long ago",
                next="begin again from the sign-in page",
            )
        ) from error
    flight = Flight.from_dict(kept["flight"])
    subject = provider.arrive(flight, request.GET, _back(request), request.site.clock())
    issuer = provider.settings.issuer
    if kept["invitation"]:
        open_with_outside(
            request.site, kept["invitation"], issuer, subject, address=address_of(request)
        )
    started = with_outside(
        request.site, issuer, subject, second_factor=provider.settings.second_factor
    )
    onward = let_in(request, started, kept["next"])["Location"]
    # A redirection that began at the provider carries no strict cookie; a page of ours does.
    response = page(request, "again.html.jinja", to=onward)
    keep_session(request, response, started.token)
    response.delete_cookie(_COOKIE, path=reverse("elsewhere-return"))
    return response
