"""Signing keys: how they stand, end one that was lost, offer another, and confirm it as the second
of two. What each may do is asked of the acts; a private key is never taken, and never sent back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from equipoise.acts.accounts.permission import may, require
from equipoise.acts.key_replace import (
    REASONS,
    as_said,
    confirm_key,
    end_key,
    key_to_confirm,
    key_to_end,
    offer_key,
    waiting,
)
from equipoise.acts.keys_here import Keys, key_steps, keys_of, states
from equipoise.acts.own_key import FIELD, LONGEST
from equipoise.errors import EquipoiseError
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page

WHY: Final = {
    "lost": ("It was lost", "The file or its passphrase is gone, and nobody else has it."),
    "seen by others": ("Others may have seen it", "A laptop was stolen, or a copy was sent."),
    "changed": ("It is to be changed", "Nothing happened; another key is to take its place."),
}
"""What each reason of ``REASONS`` means, for whoever chooses one."""


class Ending(Form):
    """Why a key is ended."""

    because = forms.ChoiceField(
        choices=[(one, one) for one in REASONS],
        error_messages={"required": "Choose why the key is ended"},
    )
    reason = words("Write what happened, in your own words", max_length=500)


class Offering(Form):
    """The public half of another key, in a file or pasted."""

    file = forms.CharField(required=False)
    public_key = words("", max_length=LONGEST, required=False)

    def value(self, name: str) -> Any:
        """Return what was typed; a private key is never sent back to a page."""
        typed = super().value(name)
        return "" if "PRIVATE KEY" in str(typed) else typed


class Confirming(Form):
    """The fingerprint that the key's holder read out."""

    fingerprint = words("Enter the fingerprint that its holder reads out to you", max_length=200)


@require_safe
def keys(request: Request) -> HttpResponse:
    """Show somebody their own key, what waits for them, and to administrators everybody's."""
    site, person = request.site, request.person
    return page(
        request,
        "keys.html.jinja",
        mine=keys_of(site, person.party, person.name, person),
        steps=key_steps(site, person),
        everybody=states(site, person) if may(person, "keep accounts") else {},
    )


@require_safe
def of_one(request: Request, party: str, name: str) -> HttpResponse:
    """Show how somebody's keys stand, and what may be done about them."""
    found = keys_of(request.site, party, name, request.person)
    return page(request, "keys_of.html.jinja", keys=found, why=WHY)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: Request, party: str, name: str) -> HttpResponse:
    """End a key, after saying what that means and asking why."""
    site, person = request.site, request.person
    found = keys_of(site, party, name, person)
    mark = request.POST.get("looked_at", "")
    if mark and mark in {one.fingerprint for one in found.ended}:
        return _done(request, found, "That key is ended.")
    key_to_end(site, person, found.who)
    form = Ending(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = end_key(
                site, found.who, said["because"], said["reason"], person.key, looked_at=mark
            )
            left = " Look at what stays signed with it, below." if made.signed else ""
            return _done(request, found, f"The key is ended.{left}")
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    return page(request, "key_end.html.jinja", status=status, form=form, keys=found, why=WHY)


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: Request, party: str, name: str) -> HttpResponse:
    """Offer a key in the place of one that was ended, for somebody else to confirm."""
    site, by = request.site, require(request.person, "keep accounts")
    found = keys_of(site, party, name, by)
    waiting(site, found.who)
    form = Offering(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    file, given = _given(request)
    if form.is_bound and not given.strip():
        form.add_error("file", "Choose the file of the public key, or paste the key below")
    if form.is_valid():
        try:
            offer_key(site, found.who, given, by.key)
            told = f"A key is offered for {found.name}. Somebody else confirms it now."
            return _done(request, found, told)
        except EquipoiseError as error:
            form.refuse(_at_file(error) if file else error)
            status = status_of(error)
    return page(request, "key_offer.html.jinja", status=status, form=form, keys=found)


def _given(request: Request) -> tuple[bool, str]:
    """Return whether a public key came as a file, and the key: of a file that is too long just
    more than may be, so that it is refused."""
    file = request.FILES.get("file")
    if file is not None:
        return True, bytes(file.read(LONGEST + 1)).decode("utf-8", "replace")
    return False, str(request.POST.get(FIELD, ""))


def _at_file(error: EquipoiseError) -> EquipoiseError:
    """Return a refusal of a key as one of the file in which it came."""
    return type(error)(
        [replace(one, clause="file") if one.clause == FIELD else one for one in error.problems]
    )


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request, party: str, name: str) -> HttpResponse:
    """Let a second person confirm the key that was offered, by the fingerprint they were told."""
    site, person = request.site, request.person
    found = keys_of(site, party, name, person)
    said = as_said(request.POST.get("fingerprint", ""))
    if not found.offered and found.in_force and said == found.in_force.fingerprint:
        return _done(request, found, f"{found.name} signs with the new key from now on.")
    key_to_confirm(site, person, found.who)
    form = Confirming(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            confirm_key(site, found.who, form.cleaned_data["fingerprint"], person.key)
            return _done(request, found, f"{found.name} signs with the new key from now on.")
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    return page(request, "key_confirm.html.jinja", status=status, form=form, keys=found)


def _done(request: Request, found: Keys, said: str) -> HttpResponse:
    address = reverse("keys-of", kwargs={"party": found.party, "name": found.name})
    return tell(HttpResponseRedirect(address), said, secure=request.is_secure())
