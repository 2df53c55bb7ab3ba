"""Surveys as those who run them see them: the list, making one, letting ideas in, closing."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipoise.acts import workshop_survey as acts
from equipoise.acts.accounts.permission import Duty, may, require
from equipoise.acts.initiative_see import see_initiative
from equipoise.acts.survey_make import (
    QUESTION,
    SurveyWish,
    make_wished,
    see_survey,
    see_surveys,
    survey_report_of,
)
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import EquipoiseError, StateRefused
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.pages.survey_public import drawn
from equipoise.web.pictures import qr_code
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page
from equipoise.weigh.workshop.report import safe_cell
from equipoise.weigh.workshop.survey import Standing

DUTY: Final[Duty] = "facilitate workshops"
_MADE: Final = {
    "now": "The survey is open. Share its link.",
    "day": "The survey is made. It opens by itself on its day.",
    "later": "The survey is kept as a draft. Open it when you are ready.",
}


class NewSurvey(Form):
    """What is asked, of what, and for how long."""

    title = words("Enter a title", max_length=120)
    question = words("Enter the question that is asked of each pair", max_length=300)
    ideas = words("Enter at least three ideas, one on each line", max_length=60_000)
    days = forms.IntegerField(
        error_messages={
            "required": "Enter a number of days",
            "invalid": "Enter the days as a whole number, as 14",
        }
    )
    own_ideas = forms.BooleanField(required=False)
    initiative = forms.CharField(required=False, max_length=80)
    begins = forms.ChoiceField(
        choices=[("now", ""), ("day", ""), ("later", "")],
        error_messages={
            "required": "Say when it opens",
            "invalid_choice": "Say when it opens: choose one of the three",
        },
    )
    begins_on = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d", "%d %m %Y", "%d/%m/%Y"],
        error_messages={"invalid": "Enter a day of the calendar, as 2027-03-15 or 15/03/2027"},
    )


@require_safe
def surveys(request: Request) -> HttpResponse:
    """Show every survey."""
    found = see_surveys(request.site, request.person)
    return page(request, "surveys.html.jinja", found=found, may_make=may(request.person, DUTY))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Make a survey."""
    require(request.person, DUTY)
    form = NewSurvey(request.POST or None, initial=_begun(request))
    status = 200
    if form.is_valid():
        try:
            name = make_wished(request.site, request.person.key, SurveyWish(**form.cleaned_data))
            return _to(request, name, _MADE[form.cleaned_data["begins"]])
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    return page(request, "survey_new.html.jinja", status=status, form=form)


def _begun(request: Request) -> dict[str, Any]:
    """Return what the form begins with: of an initiative, what its card says it may bring."""
    begun: dict[str, Any] = {"question": QUESTION, "days": 14, "own_ideas": True, "begins": "now"}
    name = request.GET.get("initiative", "")
    try:
        seen = see_initiative(request.site, name) if name else None
    except StateRefused:
        seen = None
    if seen is None or seen.card is None:
        return begun
    told = (*seen.card.impacts.benefits, *seen.card.impacts.risks)
    title = f"What matters about {seen.initiative.title}?"
    return {
        **begun,
        "initiative": name,
        "title": title if len(title) <= 120 else seen.initiative.title,
        "ideas": "\n".join(one for one in told if len(one) <= 300),
    }


@require_safe
def survey(request: Request, name: str) -> HttpResponse:
    """Show one survey: its link, what waits, how it stands."""
    seen = see_survey(request.site, name, request.person)
    link = request.build_absolute_uri(reverse("survey-vote", kwargs={"name": name}))
    return page(
        request,
        "survey_lead.html.jinja",
        seen=seen,
        link=link,
        qr=qr_code(link),
        drawn=drawn(seen.title, seen.standings),
    )


@require_POST
def idea(request: Request, name: str) -> HttpResponse:
    """Let an idea in, or take one out."""
    require(request.person, DUTY)
    text, by = request.POST.get("idea", ""), request.person.key
    if request.POST.get("do") == "admit":
        acts.admit_idea(request.site, name, by, text)
        return _to(request, name, "The idea is asked about from now on.")
    acts.hide_idea(request.site, name, by, text)
    return _to(request, name, "The idea is taken out.")


@require_POST
def begin(request: Request, name: str) -> HttpResponse:
    """Open a draft, or one whose day has not come."""
    require(request.person, DUTY)
    acts.open_survey(request.site, name, request.person.key)
    return _to(request, name, "The survey is open. Share its link.")


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Request, name: str) -> HttpResponse:
    """Close a survey, after asking once more."""
    require(request.person, DUTY)
    if request.method != "POST":
        seen = see_survey(request.site, name, request.person)
        if seen.phase == "closed" or not seen.mine:
            return HttpResponseRedirect(reverse("survey", kwargs={"name": name}))
        return page(request, "survey_close.html.jinja", seen=seen)
    acts.close_survey(request.site, name, request.person.key)
    return _to(request, name, "The survey is closed. What it came to stays on its page.")


@require_safe
def report(request: Request, name: str) -> HttpResponse:
    """Show a closed survey's report as a page that prints."""
    told: Any = survey_report_of(request.site, name)
    rows = [Standing(**one) for one in told["standings"]]
    window = [datetime.fromisoformat(moment) for moment in told.get("open", ())]
    return page(
        request,
        "survey_report.html.jinja",
        seen=see_survey(request.site, name, request.person),
        told=told,
        digest=digest_of(canonical_bytes(told)),
        window=window,
        drawn=drawn(told["plan"]["title"], rows),
        unshown=[
            words
            for idea, words in told["plan"]["ideas"].items()
            if idea not in {one.idea for one in rows}
        ],
    )


@require_safe
def report_file(request: Request, name: str) -> HttpResponse:
    """Hand out a closed survey's report as JSON, whose digest is the report's."""
    text = canonical_bytes(survey_report_of(request.site, name))
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="survey-{name}.json"'
    return response


@require_safe
def figures(request: Request, name: str) -> HttpResponse:
    """Hand out the figures of a closed survey's report as CSV, below the report's hash."""
    told: Any = survey_report_of(request.site, name)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["report", digest_of(canonical_bytes(told))])
    rows.writerow(["people", told["people"]])
    rows.writerow(["idea", "words", "chance", "low", "high"])
    for one in told["standings"]:
        rows.writerow(
            [safe_cell(str(one[key])) for key in ("idea", "words", "chance", "low", "high")]
        )
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="survey-{name}.csv"'
    return response


def _to(request: Request, name: str, said: str) -> HttpResponse:
    response = HttpResponseRedirect(reverse("survey", kwargs={"name": name}))
    return tell(response, said, secure=request.is_secure())
