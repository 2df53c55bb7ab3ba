"""Initiatives: the list, one on a page, adding one from a card or with a card of its own."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipoise.acts import initiatives as acts
from equipoise.acts.accounts.permission import Duty, may, require
from equipoise.acts.initiative_see import KINDS, Seen, see_initiative, stages_of, substance_of
from equipoise.acts.initiatives import Told
from equipoise.acts.weigh_lists import lists_of
from equipoise.errors import EquipoiseError
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page

DUTY: Final[Duty] = "add initiatives"
_LONG = {"max_length": 2000, "widget": forms.Textarea}
_KINDS = {
    "assessment": ("Assessments", "assessment", "name"),
    "workshop": ("Workshops", "workshop", "name"),
    "survey": ("Surveys", "survey", "name"),
    "draft": ("Drafts of agreements", "draft", "name"),
    "agreement": ("Agreements", "agreement", "reference"),
}
"""Kind of thing -> its heading, and the name and part of the address of its page."""


class FromCard(Form):
    """Which card, and under which title."""

    card = words("Choose a card", max_length=80)
    title = forms.CharField(required=False, max_length=120)


class OwnCard(Form):
    """A card of its own."""

    title = words("Enter a title", max_length=120)
    who = words("Say who does it", **_LONG)
    why = words("Say why it is done", **_LONG)
    what = words("Say what is shared", **_LONG)
    how = words("Say how it is done", **_LONG)
    benefits = forms.CharField(required=False, max_length=6000)
    risks = forms.CharField(required=False, max_length=6000)
    source = forms.CharField(required=False, max_length=600)
    seen = forms.CharField(required=False, max_length=80)

    def told(self) -> Told:
        """Return what was written."""
        return Told(**{name: self.cleaned_data[name] for name in Told.__dataclass_fields__})


@require_safe
def initiatives(request: Request) -> HttpResponse:
    """Show every initiative, and how far each has come."""
    found = [(one, stages_of(request.site, one)) for one in acts.initiatives(request.site)]
    return page(
        request, "initiatives.html.jinja", found=found[::-1], may_add=may(request.person, DUTY)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Add an initiative from a card."""
    require(request.person, DUTY)
    form = FromCard(request.POST or None, initial={"card": request.GET.get("card", "")})
    status = 200
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = acts.add_from_card(
                request.site, request.person.key, given["card"], given["title"]
            )
            return _to(request, made.name, f"The initiative “{made.title}” was added.")
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    items = [{"value": "", "text": "Choose a card"}]
    for card in lists_of(request.site).cards.values():
        also = "" if card.described else " (only a title is known)"
        items.append({"value": card.id, "text": f"{card.title}{also}"})
    return page(request, "initiative_new.html.jinja", status=status, form=form, items=items)


@require_http_methods(["GET", "HEAD", "POST"])
def new_own(request: Request) -> HttpResponse:
    """Add an initiative with a card of its own."""
    require(request.person, DUTY)
    form = OwnCard(request.POST or None)
    status = 200
    if form.is_valid():
        try:
            made = acts.add_with_card(request.site, request.person.key, form.told())
            return _to(request, made.name, f"The initiative “{made.title}” was added.")
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    return page(request, "initiative_card.html.jinja", status=status, form=form, held=None)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, name: str) -> HttpResponse:
    """Change an initiative's own card."""
    require(request.person, DUTY)
    seen = see_initiative(request.site, name)
    form = OwnCard(request.POST or None, initial=_as_written(seen.card))
    status = 200
    if form.is_valid():
        try:
            by, told = request.person.key, form.told()
            acts.change_card(request.site, by, name, told, seen=form.cleaned_data["seen"])
            return _to(request, name, "The card was changed.")
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    # Whoever sends again after being told of another's change has seen it.
    digest = seen.card.digest if seen.card and status != 422 else form.value("seen")
    return page(
        request,
        "initiative_card.html.jinja",
        status=status,
        form=form,
        held=seen.initiative,
        digest=digest,
    )


def _as_written(card: Any) -> dict[str, Any]:
    if card is None:
        return {}
    plain = {name: getattr(card, name) for name in ("title", "who", "why", "what", "how", "source")}
    return {
        **plain,
        "benefits": "\n".join(card.impacts.benefits),
        "risks": "\n".join(card.impacts.risks),
    }


@require_safe
def initiative(request: Request, name: str) -> HttpResponse:
    """Show one initiative."""
    seen = see_initiative(request.site, name)
    parts = [
        (heading, kind, [(one, _address(at, part, one.name)) for one in seen.of(kind)])
        for kind, (heading, at, part) in _KINDS.items()
    ]
    more = [
        {"value": f"{kind} {name}", "text": f"{kind.capitalize()}: {title}"}
        for kind in KINDS
        for name, title in seen.more[kind].items()
    ]
    return page(
        request,
        "initiative.html.jinja",
        seen=seen,
        held=seen.initiative,
        parts_of_it=parts,
        more=more,
        begin=_begin(request, seen),
        may_add=may(request.person, DUTY),
        may_change=acts.may_change(request.site, seen.initiative, request.person),
    )


def _address(at: str, part: str, name: str) -> str:
    """Return the address of a thing's page, or nothing where it has none."""
    try:
        return reverse(at, kwargs={part: name})
    except NoReverseMatch:
        return ""


def _begin(request: Request, seen: Seen) -> list[tuple[str, str]]:
    """Return what whoever looks may begin from here: (words, address)."""
    given = {
        "card": seen.initiative.card_id,
        "initiative": seen.initiative.name,
        "substance": substance_of(request.site, seen),
    }
    query = urlencode({name: value for name, value in given.items() if value})
    wanted: tuple[tuple[Duty, str, str], ...] = (
        ("rate initiatives", "Begin an assessment", "assessment-new"),
        ("facilitate workshops", "Make a workshop", "workshop-new"),
        ("facilitate workshops", "Ask the public", "survey-new"),
    )
    found = []
    for duty, said, at in wanted:
        if may(request.person, duty):
            try:
                found.append((said, f"{reverse(at)}?{query}"))
            except NoReverseMatch:
                continue
    return found


@require_POST
def put(request: Request, name: str) -> HttpResponse:
    """Put something to an initiative, or take it from there."""
    kind, _, what = request.POST.get("what", "").partition(" ")
    leaves = request.POST.get("do") == "take"
    done = acts.belongs(request.site, request.person.key, name, kind, what, leaves=leaves)
    said = ("It no longer stands here." if leaves else "It stands here now.") if done else ""
    return _to(request, name, said)


def _to(request: Request, name: str, said: str) -> HttpResponse:
    response = HttpResponseRedirect(reverse("initiative", kwargs={"name": name}))
    return tell(response, said, secure=request.is_secure()) if said else response
