"""People: who may sign in, for those who keep accounts; and the page that an invitation opens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipoise.account.receipts import fingerprint
from equipoise.acts.accounts.invite import invite, invited, open_account
from equipoise.acts.accounts.keep import accounts_for, lock, sign_out_everywhere
from equipoise.acts.accounts.permission import ROLES, require
from equipoise.acts.accounts.roles import change_roles
from equipoise.acts.accounts.sign_in import after_opening
from equipoise.acts.keys_here import states
from equipoise.acts.own_key import FIELD, LONGEST, enrol_with_key
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
    return page(
        request,
        "people.html.jinja",
        people=accounts_for(request.site, request.person),
        keys=states(request.site, request.person),
    )


class Enrolling(Form):
    """Somebody to be enrolled, by the public half of a key of their own."""

    party = words("Enter the party that the agreement names", max_length=63)
    name = words("Enter the person's name, as the agreement writes it", max_length=120)
    post = words("", max_length=120, required=False)
    roles = forms.MultipleChoiceField(choices=[(role, role) for role in ROLES], required=False)
    others = words("", max_length=300, required=False)
    public_key = words("Paste their public key", max_length=LONGEST)

    def all_roles(self) -> tuple[str, ...]:
        """Return the roles that were ticked, and those that an agreement names."""
        typed = [one.strip() for one in self.cleaned_data["others"].split(",")]
        return tuple(dict.fromkeys([*self.cleaned_data["roles"], *filter(None, typed)]))

    def value(self, name: str) -> Any:
        """Return what was typed; a private key is never sent back to a page."""
        typed = super().value(name)
        return "" if name == FIELD and "PRIVATE KEY" in str(typed) else typed


@require_http_methods(["GET", "HEAD", "POST"])
def enrol_one(request: Request) -> HttpResponse:
    """Enrol somebody by their public key. The site makes no key for them, and holds none."""
    by = require(request.person, "keep accounts")
    form = Enrolling(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = enrol_with_key(
                request.site, said["party"], said["name"], said["public_key"],
                roles=form.all_roles(), post=said["post"], by=by,
            )  # fmt: skip
            told = f"{made.name} is enrolled. Fingerprint: {fingerprint(made.public_key)}"
            return tell(HttpResponseRedirect(reverse("people")), told, secure=request.is_secure())
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    return page(request, "enrol.html.jinja", status=status, form=form, roles=ROLES)


class Holding(Form):
    """The roles of the site that somebody is to have."""

    roles = forms.MultipleChoiceField(choices=[(role, role) for role in ROLES], required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def roles(request: Request) -> HttpResponse:
    """Give somebody roles of the site, and take them away."""
    by = require(request.person, "keep accounts")
    person = request.site.person(request.GET.get("person", ""))
    held = {"roles": [role for role in person.roles if role in ROLES]}
    form = Holding(request.POST if request.method == "POST" else None, initial=held)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            change_roles(request.site, person, form.cleaned_data["roles"], by=by)
            said = f"The roles of {person.name} are as you chose."
            return tell(HttpResponseRedirect(reverse("people")), said, secure=request.is_secure())
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    others = [role for role in person.roles if role not in ROLES]
    return page(
        request, "people_roles.html.jinja", status=status, form=form, one=person, roles=ROLES,
        others=others,
    )  # fmt: skip


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
