"""Somebody's own account: what it is, its password, its second factor, where it is signed in."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipoise.account.tell import time_text
from equipoise.acts.accounts import one_time, second_factor, sessions
from equipoise.acts.accounts.keep import (
    account_of,
    change_password,
    sessions_of,
    sign_out_everywhere,
)
from equipoise.acts.keys_here import Keys, keys_of
from equipoise.errors import EquipoiseError
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.pictures import qr_code
from equipoise.web.refusals import status_of
from equipoise.web.request import Request, drop_session, keep_session
from equipoise.web.templating import page


class Password(Form):
    """The password as it is, and as it will be."""

    old = words("Enter your password as it is now", max_length=256, strip=False)
    password = words("Enter the new password", max_length=256, strip=False)


class SetUp(Form):
    """The first code of a new second factor; ``held`` is its secret, sealed."""

    held = forms.CharField(max_length=300)
    code = words("Enter the code that your phone shows now", max_length=20)


@require_safe
def account(request: Request) -> HttpResponse:
    """Show somebody their account."""
    held = request.session_held
    return page(
        request,
        "account.html.jinja",
        account=account_of(request.site, request.person),
        key=_key(keys_of(request.site, request.person.party, request.person.name, request.person)),
        sessions=sessions_of(request.site, request.person),
        this=held.number if held else 0,
    )


def _key(keys: Keys) -> str:
    """Say in a sentence how somebody's signing key stands."""
    if keys.in_force:
        since = keys.in_force.since
        return f"In force since {time_text(since)}" if since else "In force"
    return "A new one waits for a second person" if keys.offered else "Ended: none is in force"


@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Request) -> HttpResponse:
    """Let somebody change their password."""
    form = Password(request.POST or None)
    status = 200
    if form.is_valid():
        held = request.session_held
        try:
            change_password(
                request.site,
                request.person,
                form.cleaned_data["old"],
                form.cleaned_data["password"],
                session=held.number if held else 0,
            )
            done = HttpResponseRedirect(reverse("account"))
            return tell(
                done, "Your password is changed. You are signed out everywhere else.",
                secure=request.is_secure(),
            )  # fmt: skip
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    return page(request, "password.html.jinja", status=status, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: Request) -> HttpResponse:
    """Let somebody set up their second factor, anew if they have one. Who has just signed in for
    the first time comes here before anything else."""
    held = request.session_held
    assert held is not None, "this view is not open to all"
    if held.stage == "code":
        return HttpResponseRedirect(reverse("code"))
    second_factor.refuse_old_session(request.site, held)
    bound = f"session {held.number}"
    form = SetUp(request.POST or None)
    status = 200
    secret = one_time.new_secret()
    if form.is_bound:
        status = 422
        try:
            secret = second_factor.opened(request.site, request.POST.get("held", ""), bound)
            if form.is_valid():
                given = form.cleaned_data["code"]
                codes = second_factor.set_up(
                    request.site, held.person, secret, given, session=held.number
                )
                return _codes(request, codes)
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    name = account_of(request.site, held.person).sign_in
    letters = one_time.spelt(secret)
    return page(
        request,
        "second_factor.html.jinja",
        status=status,
        form=form,
        held=second_factor.sealed(request.site, secret, bound),
        letters=" ".join(letters[at : at + 4] for at in range(0, len(letters), 4)),
        qr=qr_code(one_time.address(secret, request.site.name, name)),
    )


def _codes(request: Request, codes: tuple[str, ...]) -> HttpResponse:
    """Show recovery codes, this once, to somebody who is signed in in full from now on."""
    held = request.session_held
    if held is None or held.stage == "open":
        return page(request, "codes.html.jinja", codes=codes)
    sessions.end(request.site, request.token)
    started = sessions.start(request.site, held.person, "open")
    request.session_held = sessions.whose(request.site, started.token)
    response = page(request, "codes.html.jinja", codes=codes)
    keep_session(request, response, started.token)
    return response


@require_POST
def new_codes(request: Request) -> HttpResponse:
    """Make recovery codes anew and show them."""
    held = request.session_held
    assert held is not None, "this view is not open to all"
    second_factor.refuse_old_session(request.site, held)
    codes = second_factor.new_codes(request.site, request.person)
    return page(request, "codes.html.jinja", codes=codes)


@require_POST
def everywhere(request: Request) -> HttpResponse:
    """Sign somebody out everywhere, here too."""
    sign_out_everywhere(request.site, request.person, by=request.person)
    response = HttpResponseRedirect(reverse("sign-in"))
    drop_session(request, response)
    return tell(response, "You are signed out everywhere.", secure=request.is_secure())
