"""Signing in and out: name and password, an identity elsewhere, the second factor's code."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from equipoise.acts.accounts import sessions
from equipoise.acts.accounts.sessions import Started
from equipoise.acts.accounts.sign_in import as_invented, with_code, with_password
from equipoise.errors import EquipoiseError
from equipoise.web.doors import address_of
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.opened import current
from equipoise.web.refusals import status_of
from equipoise.web.request import Request, drop_session, held_token, keep_session, open_to_all
from equipoise.web.templating import page


class SignIn(Form):
    """Name and password."""

    sign_in = words("Enter the name you sign in by", max_length=120)
    password = words("Enter your password", max_length=256, strip=False)
    next = forms.CharField(required=False, max_length=2000)


class Code(Form):
    """A code of the second factor."""

    code = words("Enter the code that your phone shows, or a recovery code", max_length=40)


def where_to(request: HttpRequest, wanted: str) -> str:
    """Return the page that somebody wanted, if it is one of this site."""
    local = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if local and wanted.startswith("/") else reverse("home")


def let_in(request: HttpRequest, started: Started, wanted: str = "") -> HttpResponse:
    """Give the browser its session, and send it to what the sign-in still owes, or on."""
    owed = {"code": "code", "set up": "second-factor"}
    address = reverse(owed[started.stage]) if started.stage in owed else where_to(request, wanted)
    response = HttpResponseRedirect(address)
    keep_session(request, response, started.token)
    return response


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """Ask for a name and a password, and check them."""
    form = SignIn(request.POST or None, initial={"next": request.GET.get("next", "")})
    status = 200
    if form.is_valid():
        try:
            given = form.cleaned_data
            address = address_of(request)
            started = with_password(
                request.site, given["sign_in"], given["password"], address=address
            )
            return let_in(request, started, given["next"])
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    opened = current()
    return page(
        request,
        "sign_in.html.jinja",
        status=status,
        form=form,
        invented=_invented(request),
        provider=opened.provider.settings.name if opened.provider else "",
    )


def _invented(request: Request) -> list[dict[str, object]]:
    """Return the invented people into whose part somebody may step, where that is offered."""
    if not (current().invented and request.site.practice):
        return []
    return [
        {
            "value": one.key,
            "text": one.name,
            "hint": {"text": ", ".join((one.post or one.party, *one.roles))},
        }
        for one in request.site.people()
        if one.practice
    ]


@open_to_all
@require_POST
def step_in(request: Request) -> HttpResponse:
    """Step into the part of an invented person, where this is offered."""
    if not _invented(request):
        return HttpResponseRedirect(reverse("sign-in"))
    person = request.site.person(request.POST.get("person", ""))
    return let_in(request, as_invented(request.site, person))


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: Request) -> HttpResponse:
    """Ask for the second factor's code, and check it."""
    held = request.session_held
    assert held is not None, "this view is not open to all"
    if held.stage == "open":
        return HttpResponseRedirect(reverse("home"))
    form = Code(request.POST or None)
    status = 200
    if form.is_valid():
        try:
            given = form.cleaned_data["code"]
            return let_in(request, with_code(request.site, held, request.token, given))
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    return page(request, "code.html.jinja", status=status, form=form)


@open_to_all
@require_POST
def sign_out(request: Request) -> HttpResponse:
    """End this browser's session."""
    sessions.end(request.site, held_token(request))
    response = HttpResponseRedirect(reverse("sign-in"))
    drop_session(request, response)
    return tell(response, "You are signed out.", secure=request.is_secure())
