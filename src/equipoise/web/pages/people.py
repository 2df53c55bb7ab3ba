"""People: who may sign in, for those who keep accounts; and the page that an invitation opens."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipoise.acts.accounts.invite import invite, invited, open_account
from equipoise.acts.accounts.keep import accounts_for, lock, sign_out_everywhere
from equipoise.acts.accounts.permission import require
from equipoise.acts.accounts.sign_in import after_opening
from equipoise.errors import EquipoiseError
from equipoise.web.doors import address_of
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.opened import current
from equipoise.web.pages.sign_in import let_in
from equipoise.web.refusals import status_of
from equipoise.web.request import Request, open_to_all
from equipoise.web.templating import page


class Opening(Form):
    """The name and password of a new account."""

    sign_in = words("Enter a name to sign in by, as your e-mail address", max_length=120)
    password = words("Enter a password", max_length=256, strip=False)


@require_safe
def people(request: Request) -> HttpResponse:
    """Show who is enrolled, and who has an account."""
    return page(request, "people.html.jinja", people=accounts_for(request.site, request.person))


@require_POST
def invite_one(request: Request) -> HttpResponse:
    """Make an invitation and show its link, this once."""
    require(request.person, "keep accounts")
    person = request.site.person(request.POST.get("person", ""))
    made = invite(request.site, person, by=request.person)
    link = request.build_absolute_uri(reverse("invitation", kwargs={"token": made.token}))
    return page(request, "invited.html.jinja", made=made, link=link)


@require_POST
def change_one(request: Request) -> HttpResponse:
    """Lock or unlock an account, or end its sessions."""
    by = require(request.person, "keep accounts")
    person = request.site.person(request.POST.get("person", ""))
    what = request.POST.get("what", "")
    if what in ("lock", "unlock"):
        lock(request.site, person, by=by, locked=what == "lock")
        said = f"The account of {person.name} is {what}ed."
    else:
        sign_out_everywhere(request.site, person, by=by)
        said = f"{person.name} is signed out everywhere."
    return tell(HttpResponseRedirect(reverse("people")), said, secure=request.is_secure())


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: Request, token: str) -> HttpResponse:
    """Let somebody who was invited open their account."""
    address = address_of(request)
    found = invited(request.site, token, address=address)
    form = Opening(request.POST or None)
    status = 200
    if form.is_valid():
        name, password = form.cleaned_data["sign_in"], form.cleaned_data["password"]
        try:
            person = open_account(request.site, token, name, password, address=address)
            return let_in(request, after_opening(request.site, person))
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    provider = current().provider
    return page(
        request,
        "invitation.html.jinja",
        status=status,
        form=form,
        found=found,
        token=token,
        provider=provider.settings.name if provider else "",
    )
