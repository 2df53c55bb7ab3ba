"""What is printed for a workshop, and its report: as a page, and as files."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from equipoise.acts.workshop_lead import led, papers, reported, standing_of
from equipoise.acts.workshop_report import Reported, read_report
from equipoise.acts.workshop_see import may_facilitate
from equipoise.web.pages.workshop_lead_figures import drawn
from equipoise.web.pages.workshop_lead_make import programme
from equipoise.web.pictures import qr_code
from equipoise.web.request import Request
from equipoise.web.templating import page
from equipoise.web.workshop_pictures import Picture, about
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.polls import poll_read

MOST_AT_ONCE: Final = 12
"""Tables whose whole packs one page holds; more would be hundreds of sheets."""
LISTS: Final = {
    "benefits": "Benefits to tick",
    "criteria": "Criteria of benefit",
    "risks": "Risks to tick",
    "risk criteria": "Criteria of risk",
    "factors": "Factors of acceptability",
    "avoided": "What tables left out on purpose before",
    "red lines": "Red lines",
}


@require_safe
def packs(request: Request, name: str) -> HttpResponse:
    """Show what can be printed."""
    held = led(request.site, name, request.person.key)
    told = papers(request.site, name, request.person.key)
    return page(
        request,
        "workshop_lead_packs.html.jinja",
        held=held,
        changed=told.changed,
        tables=[pack.table for pack in told.packs],
        all_at_once=len(told.packs) <= MOST_AT_ONCE,
    )


@require_safe
def pack(request: Request, name: str, what: str) -> HttpResponse:
    """Show papers to print: ``sheets`` for all tables, whole ``packs``, or one table's."""
    held = led(request.site, name, request.person.key)
    told = papers(request.site, name, request.person.key)
    number = what.removeprefix("table-")
    chosen = [one for one in told.packs if what in ("sheets", "packs") or number == str(one.table)]
    if not chosen or (what == "packs" and len(told.packs) > MOST_AT_ONCE):
        raise Http404

    def square(path: str) -> str:
        return qr_code(request.build_absolute_uri(f"/{path}"))

    first = chosen[0]
    offered = {"benefits": first.benefits, "risks": first.risks, "red lines": first.red_lines}
    offered |= dict(told.lists.items())
    return page(
        request,
        "workshop_lead_pack.html.jinja",
        held=held,
        what=what,
        programme=programme(held.plan),
        address=request.build_absolute_uri("/join"),
        packs=[(one, square(one.square), held.plan.set_of(one.table)) for one in chosen],
        whole=what != "sheets",
        lists=[(words, offered[group]) for group, words in LISTS.items()],
    )


@require_safe
def report(request: Request, name: str) -> HttpResponse:
    """Show a workshop's report, or that there is none yet."""
    if not reported(request.site, name):
        standing = standing_of(request.site, name, request.person)
        return page(request, "workshop_lead_no_report.html.jinja", standing=standing)
    made = read_report(request.site, name)
    plan = Plan.model_validate({**dict(made.report.data["plan"]), "facilitators": ("-",)})
    return page(
        request,
        "workshop_lead_report.html.jinja",
        name=name,
        plan=plan,
        told=made,
        data=made.report.data,
        sections=_sections(request, plan, made),
        files=["report.json", *made.report.files],
        programme=programme(plan),
        led=may_facilitate(request.site, name, request.person.key),
        cards=[(card, plan.cards[card].title) for card in plan.cards],
        shown=_shown(plan, made),
    )


def _sections(request: Request, plan: Plan, made: Reported) -> list[tuple[str, list[Picture]]]:
    """Return the results under the title of their exercise, in the order of the day."""
    found: dict[str, list[Picture]] = {}
    asked = {one["question"]: one for one in made.report.data["asked"]}
    for question, results in made.report.results:
        section = found.setdefault(str(asked[question]["exercise"]), [])
        section.extend(drawn(request.site, plan, results))
        for number, told in enumerate(asked[question].get("shown before", ()), 1):
            before = drawn(request.site, plan, [poll_read(told)])
            section += [
                replace(one, title=f"Shown before, as picture {number}: {one.title}")
                for one in before
            ]
    return [(title, each) for title, each in found.items() if each]


def _shown(plan: Plan, made: Reported) -> list[tuple[str, str, str]]:
    """Return how often each question was shown on the wall: exercise, question, times."""
    rows = []
    for one in made.report.data["asked"]:
        if times := one.get("times shown", 0):
            of = about(plan, str(one["about"]))
            words = f"{one['words']}{f' – {of}' if of else ''}"
            rows.append((str(one["exercise"]), words, str(times)))
    return rows


@require_safe
def report_file(request: Request, name: str, file: str) -> HttpResponse:
    """Hand out the report as JSON, whose digest is the report's, or one of its CSV files."""
    if not reported(request.site, name):
        raise Http404
    made = read_report(request.site, name).report
    if file == "report.json":
        response = HttpResponse(made.file_bytes(), content_type="application/json")
    elif file in made.files:
        response = HttpResponse(made.files[file].encode(), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="{name}-{file}"'
    return response
