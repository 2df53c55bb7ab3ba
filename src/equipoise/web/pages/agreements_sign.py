"""Signing: put a draft forward, give the statement that is to be signed, take its signature."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from equipoise.account.prose import html
from equipoise.account.receipts import fingerprint
from equipoise.acts.accounts.permission import require
from equipoise.acts.agreement_texts import signings, weighed_of
from equipoise.acts.assess_bind import refuse_unweighed
from equipoise.acts.drafts import draft_called, drafts_of, put_forward
from equipoise.acts.keys_here import stands
from equipoise.acts.sign import Signed
from equipoise.acts.sign_here import (
    sign_with_practice_key,
    statement,
    take_signature,
    waits_for,
)
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.errors import EquipoiseError, Problem
from equipoise.store.facts import Person
from equipoise.web.form import Form
from equipoise.web.notices import tell
from equipoise.web.pages.agreements import as_file, known
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page

_LARGEST = 10_000


class Signature(Form):
    """A signature, pasted; ``at`` is the moment for which its statement was made out."""

    at = forms.CharField(max_length=40)
    signature = forms.CharField(max_length=_LARGEST, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def forward(request: Request, name: str) -> HttpResponse:
    """Show what putting a draft forward means and what stands in its way, and do it."""
    person = require(request.person, "draft agreements")
    if name not in {one.name for one in drafts_of(request.site)}:
        raise Http404
    draft = draft_called(request.site, name)
    problems: tuple[Problem, ...] = ()
    status = 200
    if request.method == "POST":
        asked = request.POST.get("revision", "")
        try:
            done = put_forward(
                request.site, name, person, revision=int(asked) if asked.isdecimal() else 0
            )
            address = reverse("agreement", kwargs={"reference": done.reference})
            said = f"{done.reference} is put forward. Its text is frozen, and waits for signatures."
            return tell(HttpResponseRedirect(address), said, secure=request.is_secure())
        except EquipoiseError as error:
            problems, status = error.problems, status_of(error)
    parsed = parse(draft.text, file=draft.source)
    if not problems:
        try:
            refuse_unweighed(request.site, parsed)
        except EquipoiseError as error:
            problems = error.problems
    return page(
        request,
        "draft_forward.html.jinja",
        status=status,
        draft=draft,
        agreement=parsed.agreement,
        digest=digest(parsed.agreement),
        problems=problems,
        weighed=weighed_of(request.site, parsed.agreement.agreement),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: Request, reference: str) -> HttpResponse:
    """Let a signatory sign: with their practice key, or by handing in a signature."""
    known(request, reference)
    site, person = request.site, request.person
    held, here = _held(site, person)
    form = Signature(request.POST if request.method == "POST" and not here else None)
    status = 200
    if request.method == "POST":
        try:
            if here:
                return _done(request, sign_with_practice_key(site, reference, person))
            given = _given(request)
            if not given.strip():
                form.add_error("signature", "Choose the signature's file, or paste the signature")
            if form.is_valid():
                at = form.cleaned_data["at"]
                return _done(request, take_signature(site, reference, person, at, given))
            status = 422
        except EquipoiseError as error:
            if here:
                raise  # there is no field at which to tell it
            form.refuse(error)
            status = status_of(error)
    unsigned = statement(site, reference, person, _moment(request.POST.get("at", "")))
    agreement = site.frozen(reference).agreement
    return page(
        request,
        "agreement_sign.html.jinja",
        status=status,
        form=form,
        here=here,
        held=held,
        key_mark=fingerprint(person.public_key),
        key_stands=stands(site, person),
        unsigned=unsigned,
        message=unsigned.message().decode(),
        agreement=agreement,
        words=html(summarise(agreement), top=3),
        waits=waits_for(site, reference, person),
        signings=signings(site, reference),
    )


def _held(site: Site, person: Person) -> tuple[bool, bool]:
    """Return whether the site holds somebody's private key, and whether it signs with it here."""
    held = site.custody.holds_key_of(person.party, person.name)
    return held, held and site.practice and person.practice


def _given(request: Request) -> bytes:
    file = request.FILES.get("file")
    if file is not None and file.size and file.size <= _LARGEST:
        return bytes(file.read())
    return str(request.POST.get("signature", ""))[:_LARGEST].encode()


def _done(request: Request, signed: Signed) -> HttpResponse:
    left = f" Still to sign: {', '.join(signed.missing)}." if signed.missing else ""
    said = f"{signed.reference} is signed by you.{left or ' Everybody has signed.'}"
    address = reverse("agreement", kwargs={"reference": signed.reference})
    return tell(HttpResponseRedirect(address), said, secure=request.is_secure())


def _moment(said: str) -> datetime | None:
    """Return the moment of a statement that a page gave, or ``None`` for now."""
    try:
        return datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


@require_safe
def statement_file(request: Request, reference: str, at: str) -> HttpResponse:
    """Give the very bytes that are to be signed."""
    known(request, reference)
    moment = _moment(at)
    if moment is None:
        raise Http404
    unsigned = statement(request.site, reference, request.person, moment)
    name = f"{reference}-{request.person.party}.statement"
    return as_file(unsigned.message(), name, "application/octet-stream")
