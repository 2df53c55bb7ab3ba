"""Assessments: all of them, beginning one, one as it stands, setting one aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from equipoise.acts.accounts.permission import may, require
from equipoise.acts.assess import Begun, begin_assessment, book, items_of, set_aside
from equipoise.acts.assess_answer import answers_under_way
from equipoise.acts.assess_named import Weighed, begun_unnamed, proposed_name
from equipoise.acts.assess_papers import Shown, show_assessment
from equipoise.acts.drafts import drafts_of
from equipoise.acts.initiatives import belongs
from equipoise.acts.weigh_lists import lists_of
from equipoise.errors import DocumentRefused, EquipoiseError, Problem, StateRefused
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page

LONGEST_TEXT = 400_000
_OF_NAMES = frozenset({"ACT202", "STO021"})
"""What is said of a name that cannot be one, or is taken."""


class Start(Form):
    """What a new assessment is of."""

    draft = forms.CharField(required=False, max_length=200)
    text = words("", required=False, max_length=LONGEST_TEXT, strip=False)
    card = forms.CharField(required=False, max_length=100)
    after = forms.CharField(required=False, max_length=64)
    name = words("", max_length=63, required=False)
    initiative = forms.CharField(required=False, max_length=64)


class Reason(Form):
    """Why an assessment is set aside."""

    reason = words("Say why it is set aside", max_length=2000)


def shown_or_missing(request: Request, name: str) -> Shown:
    """Return an assessment, or say that there is no such page."""
    try:
        return show_assessment(request.site, name)
    except StateRefused as error:
        if error.problems[0].code == "STO020":
            raise Http404 from None
        raise


def sources(request: Request) -> list[tuple[str, str]]:
    """Return the texts of agreements that the site holds: (how it is named, words)."""
    drafts = [(one.source, f"{one.name} (draft, revision {one.revision})")
              for one in drafts_of(request.site)]  # fmt: skip
    held = [(one.reference, f"{one.reference} ({one.state})")
            for one in request.site.store.agreements()]  # fmt: skip
    return drafts + held


@require_safe
def assessments(request: Request) -> HttpResponse:
    """Show every assessment, newest first."""
    held = book(request.site).assessments()[::-1]
    return page(
        request,
        "assess_all.html.jinja",
        held=held,
        may_rate=may(request.person, "rate initiatives"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: Request) -> HttpResponse:
    """Begin an assessment of a draft, of a card, or of both."""
    require(request.person, "rate initiatives")
    given = {key: request.GET.get(key, "")[:200] for key in Start.base_fields}
    given["name"] = given["name"] or proposed_name(request.site, _weighed(request, given))
    form = Start(request.POST or None, initial=given)
    status = 200
    problems: tuple[Problem, ...] = ()
    if form.is_valid():
        try:
            return _begun(request, form.cleaned_data)
        except DocumentRefused as error:
            problems = error.problems
            field = "text" if form.cleaned_data["text"].strip() else "draft"
            form.add_error(field, "Mend what the draft lacks: it is told below, line by line")
            status = status_of(error)
        except EquipoiseError as error:
            form.refuse(type(error)([_at_name(one) for one in error.problems]))
            status = status_of(error)
    elif form.is_bound:
        status = 422
    return page(
        request,
        "assess_new.html.jinja",
        status=status,
        form=form,
        problems=problems,
        drafts=sources(request),
        cards=lists_of(request.site).cards.values(),
        earlier=book(request.site).assessments(),
    )


def _weighed(request: Request, said: Mapping[str, str]) -> Weighed:
    """Return what a form says is weighed, as acts call it."""
    return Weighed(
        source=said["draft"] if said["draft"] in dict(sources(request)) else "",
        text=said["text"].replace("\r\n", "\n"),
        card=said["card"],
        initiative=said["initiative"],
        after=said["after"],
    )


def _at_name(one: Problem) -> Problem:
    """Return a problem at the field of the form that it is about."""
    return replace(one, clause="name") if one.code in _OF_NAMES else one


def _begun(request: Request, said: dict[str, Any]) -> HttpResponse:
    """Begin what the form says, and lead there. Who sends it twice is led to what was begun."""
    weighed = _weighed(request, said)
    source, text = weighed.source or None, weighed.text
    name = said["name"] or begun_unnamed(request.site, weighed)
    # What gives no name cannot be weighed either, and is told so by the act.
    name = name or proposed_name(request.site, weighed) or "unnamed"
    try:
        begun = begin_assessment(
            request.site,
            name,
            request.person.key,
            source=source,
            text=text,
            card=said["card"] or None,
            after=said["after"] or None,
        )
        told = _told(begun)
    except StateRefused as error:
        held = book(request.site).assessment(name)
        wanted = (request.site.text_of(source) if source else text, said["card"])
        begun_before = (held.text, held.content["subject"].get("card", ""))
        if error.problems[0].code != "STO021" or begun_before != wanted:
            raise
        told = f"The assessment {held.name} is open."
    if said["initiative"]:
        held_by = said["initiative"]
        belongs(request.site, request.person.key, held_by, "assessment", name)
    address = reverse("assessment", kwargs={"name": name})
    return tell(HttpResponseRedirect(address), told, secure=request.is_secure())


def _told(begun: Begun) -> str:
    said = f"The assessment {begun.assessment.name} is open."
    if begun.carried:
        said += f" The answers of {len(begun.carried)} stand: nothing under them changed."
    if begun.anew:
        said += f" {len(begun.anew)} are to look at theirs again."
    return said


@require_safe
def assessment(request: Request, name: str) -> HttpResponse:
    """Show one assessment as it stands: red lines first, who has answered, what can be done."""
    shown = shown_or_missing(request, name)
    rates = may(request.person, "rate initiatives")
    mine = {sheet.rater.name: sheet for sheet in shown.assessment.sheets}
    return page(
        request,
        "assess_one.html.jinja",
        shown=shown,
        items=items_of(request.site),
        card=lists_of(request.site).cards.get(shown.assessment.subject.card),
        may_lead=may(request.person, "facilitate workshops"),
        may_rate=rates,
        under_way=answers_under_way(request.site, name, request.person) if rates else (),
        answered=request.person.name in mine,
        form=Reason(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def aside(request: Request, name: str) -> HttpResponse:
    """Set an assessment aside, with a reason."""
    require(request.person, "rate initiatives")
    shown = shown_or_missing(request, name)
    form = Reason(request.POST or None)
    status = 200
    if form.is_valid():
        try:
            set_aside(request.site, name, form.cleaned_data["reason"], request.person.key)
            done = HttpResponseRedirect(reverse("assessment", kwargs={"name": name}))
            return tell(done, f"{name} is set aside.", secure=request.is_secure())
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    return page(request, "assess_aside.html.jinja", status=status, form=form, shown=shown)
