"""What ends or begins on the pages of agreements: suspend, resume, end; delete a draft; take in a
partner's signed file. Each is asked once more before it is done."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from equipoise.acts.accounts.permission import require
from equipoise.acts.agreement_file import take_in
from equipoise.acts.drafts import delete_draft, draft_called, drafts_of
from equipoise.acts.standing import (
    CAUSES,
    OTHER,
    SAID,
    TOLD,
    change_standing,
    standing_acts,
    to_confirm,
)
from equipoise.errors import EquipoiseError, Problem, UsageRefused
from equipoise.web.form import Form
from equipoise.web.notices import tell
from equipoise.web.pages.agreements import known
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page

LARGEST: Final = 4_000_000
"""The most bytes of a partner's file; a text with its signatures has a few thousand."""

WORDS: Final = {
    "suspend": "From now on nothing may be done under it but erasing, until a signatory resumes "
    "it.",
    "resume": "What the agreement permits may be done again.",
    "end": "Nothing may be done under it any more, and what is held under it is to be erased. "
    "This cannot be undone.",
}
"""What each act on a signed agreement means."""


class Cause(Form):
    """Why an agreement is suspended or ended. What may stand in it is the act's to say."""

    cause = forms.CharField(required=False, max_length=40)
    words = forms.CharField(required=False)
    confirmed = forms.CharField(required=False, max_length=80)


@require_http_methods(["GET", "HEAD", "POST"])
def standing(request: Request, reference: str, act: str) -> HttpResponse:
    """Let a signatory suspend, resume or end an agreement, after asking once more."""
    known(request, reference)
    if act not in WORDS:
        raise Http404
    site, person = request.site, request.person
    form = Cause(request.POST if request.method == "POST" else None)
    status = 200
    confirm = ""
    if request.method == "POST" and form.is_valid():
        said = {**form.cleaned_data} if act in CAUSES else {}
        try:
            change_standing(site, reference, act, person.name, party=person.party, **said)
            return _to_agreement(request, reference, f"{reference} is {TOLD[act]}.")
        except EquipoiseError as error:
            if not all(one.clause in ("cause", "words") for one in error.problems):
                raise
            if any(one.clause == "cause" for one in error.problems):
                form.add_error("cause", "Choose why (ACT016)")
            if others := [one for one in error.problems if one.clause == "words"]:
                form.refuse(UsageRefused(others))
            confirm, status = to_confirm(said.get("words", "")), status_of(error)
    return page(
        request,
        "agreement_standing.html.jinja",
        status=status,
        form=form,
        reference=reference,
        agreement=site.frozen(reference).agreement,
        act=act,
        means=WORDS[act],
        causes=(*CAUSES[act], OTHER) if act in CAUSES else (),
        said=SAID,
        confirm=confirm,
        may=act in standing_acts(site, reference, person),
    )


def _to_agreement(request: Request, reference: str, said: str) -> HttpResponse:
    address = reverse("agreement", kwargs={"reference": reference})
    return tell(HttpResponseRedirect(address), said, secure=request.is_secure())


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, name: str) -> HttpResponse:
    """Delete a draft, after asking once more."""
    person = require(request.person, "draft agreements")
    if name not in {one.name for one in drafts_of(request.site)}:
        raise Http404
    if request.method == "POST":
        asked = request.POST.get("revision", "")
        revision = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
        delete_draft(request.site, name, person, revision=revision)
        to = HttpResponseRedirect(reverse("agreements"))
        return tell(to, f"The draft {name} is deleted.", secure=request.is_secure())
    return page(request, "draft_delete.html.jinja", draft=draft_called(request.site, name))


@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: Request) -> HttpResponse:
    """Take in an agreement that a partner exported, with its signatures."""
    person = require(request.person, "draft agreements")
    form = Form(request.POST if request.method == "POST" else None)
    status = 200
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            signed = take_in(request.site, _file(request), "the file", by=person)
            left = f" Still to sign: {', '.join(signed.missing)}." if signed.missing else ""
            return _to_agreement(
                request, signed.reference, f"{signed.reference} is taken in.{left}"
            )
        except EquipoiseError as error:
            problems, status = error.problems, status_of(error)
    return page(request, "agreement_import.html.jinja", status=status, form=form, problems=problems)


def _file(request: Request) -> bytes:
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > LARGEST:
        raise UsageRefused(
            Problem(
                "WEB020",
                "no file was chosen" if file is None else "the file is empty or too large",
                why=f"an agreement with its signatures has at most {LARGEST // 1_000_000} MB",
                next="choose the file that the partner sent, as NAME@1.agreement.json",
            )
        )
    return bytes(file.read())
