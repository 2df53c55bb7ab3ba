"""A survey as anybody sees it: choose one of two, skip, add an idea, see how it stands.

No account and no name. A random token in a cookie keeps a voter's place until the survey closes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from equipoise.acts.survey_make import SurveySeen, see_survey
from equipoise.acts.survey_vote import is_token, offer, take_idea, take_vote
from equipoise.charts import Drawn, Interval, forest
from equipoise.errors import EquipoiseError
from equipoise.web.doors import address_of
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.refusals import status_of
from equipoise.web.request import Request, cookie_name, open_to_all
from equipoise.web.templating import page
from equipoise.weigh.workshop.screening import mark, needs_answer
from equipoise.weigh.workshop.survey import Standing

COOKIE = "voter"
_MOST_DAYS = timedelta(days=400)  # browsers keep none for longer
_HEADS = ("Idea", "Chosen in 100", "Between")


class Idea(Form):
    """An idea of one's own. ``mark`` is of the text that its writer was asked about."""

    idea = words("Enter your idea", max_length=1_000_000)
    sure = forms.BooleanField(required=False)
    mark = forms.CharField(required=False, max_length=80)
    client = forms.CharField(required=False, max_length=64)


def drawn(title: str, found: Sequence[Standing]) -> Drawn | None:
    """Return how ideas stand, as a picture and a table; ``None`` before anything may be shown."""
    if not found:
        return None
    svg = forest(
        f"Chance in 100 to be chosen: {title}",
        [Interval(one.words, one.chance, one.low, one.high) for one in found],
        zero=50,
    )
    rows = tuple((one.words, str(one.chance), f"{one.low} and {one.high}") for one in found)
    return Drawn(svg, _HEADS, rows)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: Request, name: str) -> HttpResponse:
    """Show a pair, and take the choice."""
    seen = see_survey(request.site, name, None)
    token, status, error = _token(request), 200, None
    if request.method == "POST":
        sent = request.POST
        pair = (sent.get("one", ""), sent.get("other", ""))
        try:
            take_vote(
                request.site, name, token, address_of(request),
                pair=pair, chosen=sent.get("chosen", ""), client=sent.get("client", ""),
            )  # fmt: skip
            return HttpResponseRedirect(reverse("survey-vote", kwargs={"name": name}))
        except EquipoiseError as refused:
            error, status = refused, status_of(refused)
    token = token or secrets.token_urlsafe(32)
    form = Form(request.POST if error else None)
    if error:
        form.refuse(error)
    ballot, client = offer(request.site, name, token)
    response = page(
        request,
        "survey_vote.html.jinja",
        status=status,
        seen=seen,
        ballot=ballot,
        client=client,
        form=form,
    )
    return _keep(request, response, token, seen)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def idea(request: Request, name: str) -> HttpResponse:
    """Take an idea of somebody's own, and ask about what looks personal."""
    seen = see_survey(request.site, name, None)
    if seen.phase in ("draft", "before"):
        return HttpResponseRedirect(reverse("survey-vote", kwargs={"name": name}))
    token = _token(request)
    form = Idea(request.POST or None, initial={"client": secrets.token_urlsafe(24)})
    status, asked = 200, False
    if form.is_valid():
        try:
            return _sent(request, name, token, form.cleaned_data)
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
            asked = all(needs_answer(problem) for problem in error.problems)
    elif form.is_bound:
        status = 422
    token = token or secrets.token_urlsafe(32)
    text = str(form.value("idea") or "")
    shown = {"asked": mark(text) if asked else "", "client": form.value("client")}
    response = page(request, "survey_idea.html.jinja", status=status, seen=seen, form=form, **shown)
    return _keep(request, response, token, seen)


def _sent(request: Request, name: str, token: str, given: dict[str, Any]) -> HttpResponse:
    text = given["idea"]
    confirmed = given["mark"] if given["sure"] and given["mark"] == mark(text) else ""
    take_idea(
        request.site, name, token, address_of(request), text,
        client=given["client"], confirmed=confirmed,
    )  # fmt: skip
    response = HttpResponseRedirect(reverse("survey-vote", kwargs={"name": name}))
    said = "Thank you. Your idea is asked about once somebody has read it and let it in."
    return tell(response, said, secure=request.is_secure())


@open_to_all
@require_safe
def results(request: Request, name: str) -> HttpResponse:
    """Show how the ideas stand."""
    seen = see_survey(request.site, name, None)
    return page(
        request, "survey_results.html.jinja", seen=seen, drawn=drawn(seen.title, seen.standings)
    )


def _token(request: Request) -> str:
    held = request.COOKIES.get(cookie_name(request, COOKIE), "")
    return held if is_token(held) else ""


def _keep(request: Request, response: HttpResponse, token: str, seen: SurveySeen) -> HttpResponse:
    """Let the browser keep a voter's token until the survey closes."""
    if seen.phase == "open" and seen.closes is not None and not _token(request):
        left = min(seen.closes - request.site.clock(), _MOST_DAYS)
        response.set_cookie(
            cookie_name(request, COOKIE),
            token,
            max_age=max(1, int(left.total_seconds())),
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return response
