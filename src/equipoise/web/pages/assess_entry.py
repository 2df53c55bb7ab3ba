"""One entry of a list in a sheet: a red line, a benefit, a risk, a loss, a condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from equipoise.acts.assess import items_of
from equipoise.acts.assess_answer import Drafted, answers_of, put_entry
from equipoise.errors import Problem
from equipoise.web.pages.assess_form import Typed, field_of, flat, sentence_of, spoken
from equipoise.web.pages.assess_sheet import Section, section_called, sheet_url
from equipoise.web.request import Request
from equipoise.web.templating import page
from equipoise.weigh.assess.sheet import BEARERS

_EFFECT: Final = ("item", "words", "on", "size", "likelihood", "because", "evidence")
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "red-lines": ("line", "held by", "scope", "about", "because"),
    "benefits": _EFFECT,
    "risks": _EFFECT,
    "not-sharing": _EFFECT,
    "conditions": ("condition", "because"),
}
"""Section -> the keys of one of its entries."""

_CONTROL: Final = ("what", "likelihood becomes", "evidence")
MOST_CONTROLS: Final = 12


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: Request, name: str, number: int, section: str, entry: str) -> HttpResponse:
    """Show one entry, or an empty one to fill in, and keep what is sent."""
    found = section_called(section)
    if found.kind != "list" or not (entry == "new" or entry.isdecimal()):
        raise Http404
    drafted = answers_of(request.site, name, request.person, number)
    entries = drafted.content.get(found.part, [])
    place = None if entry == "new" else int(entry[:6])
    if place is not None and place >= len(entries):
        raise Http404
    typed = {} if place is None else entries[place]
    faults: list[tuple[str, str]] = []
    if request.method == "POST":
        typed = _said(request.POST, found)
        kept, wrong = put_entry(request.site, drafted, found.part, place, typed)
        place = place if kept is None else kept
        if "more" in request.POST and kept is not None:
            return HttpResponseRedirect(f"{_url(drafted, found, kept)}?more=1#controls")
        if not wrong:
            return HttpResponseRedirect(sheet_url(drafted, found.slug))
        faults = [(_field(one, found), sentence_of(one)) for one in wrong]
    form = Typed(flat(typed), faults)
    return page(
        request,
        "assess_entry.html.jinja",
        status=422 if faults else 200,
        form=form,
        drafted=drafted,
        section=found,
        action=_url(drafted, found, place),
        again=place is not None,
        items=_choices(request, found),
        bearers=BEARERS,
        controls=_shown_controls(request, typed) if found.slug == "risks" else 0,
    )


def _url(drafted: Drafted, section: Section, place: int | None) -> str:
    parts = {
        "name": drafted.assessment,
        "number": drafted.number,
        "section": section.slug,
        "entry": "new" if place is None else str(place),
    }
    return reverse("assessment-entry", kwargs=parts)


def _shown_controls(request: Request, typed: Mapping[str, Any]) -> int:
    """Return how many controls have fields: those that are there, and an empty one at least."""
    wanted = len(typed.get("controls", ())) + ("more" in request.GET)
    return min(max(1, wanted), MOST_CONTROLS)


def _said(sent: QueryDict, section: Section) -> dict[str, Any]:
    said = spoken(sent.dict(), FIELDS[section.slug])
    if section.slug != "risks":
        return said
    controls = [
        spoken({field_of(key): sent.get(f"controls.{n}.{field_of(key)}", "") for key in _CONTROL},
               _CONTROL)
        for n in range(MOST_CONTROLS)
    ]  # fmt: skip
    if any(controls):
        said["controls"] = [control for control in controls if control]
    if sent.get("re-identifies"):
        said["re-identifies"] = True
    if gains := [bearer for bearer in BEARERS if bearer in sent.getlist("gains")]:
        said["gains"] = gains
    return said


def _field(found: Problem, section: Section) -> str:
    """Return the field of a problem; what is wrong with the whole entry is told at its first."""
    return field_of(found.clause or "") or FIELDS[section.slug][0]


def _choices(request: Request, section: Section) -> list[tuple[str, str]]:
    """Return the items of the catalogue that an entry may mean, with their words."""
    items = items_of(request.site)
    group = {"red-lines": "red lines", "benefits": "benefits", "conditions": ""}
    wanted = group.get(section.slug, "risks")
    return [(one.id, one.words) for one in items.items if one.group == wanted]
