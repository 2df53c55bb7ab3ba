"""A participant's phone: what is asked of them now, what they answered, and how to go on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from equipoise.acts import workshop_see as seeing
from equipoise.acts.workshop_answer import send_all
from equipoise.errors import EquipoiseError, StateRefused
from equipoise.web.pages.workshop_phone_form import Sending, Sheet, places_now, sendings
from equipoise.web.pages.workshop_phone_join import held_seat, phone_page
from equipoise.web.request import Request, open_to_all
from equipoise.web.workshop_pictures import about, item_words, pictures
from equipoise.weigh.workshop.answers import SCOPES
from equipoise.weigh.workshop.exercises import CANNOT_SAY
from equipoise.weigh.workshop.wall import Own, Phone

QUICK: Final = 2
"""Seconds between two looks of a phone whose room is small; in a full hall they are more."""
FOR_EACH: Final = 100
"""People for each further second, so that a full hall asks no more than a machine answers."""
_SENT: Final = "sent"


def _there(request: Request, name: str, *, at: int | None = None) -> Phone | None:
    """Return what a phone shows, or nothing where it has no seat here."""
    token = held_seat(request, name)
    if not token:
        return None
    try:
        return seeing.see_phone(request.site, name, token, at=at)
    except StateRefused as error:
        if error.problems[0].code == "WGH134":
            return None
        raise


def _to_join() -> HttpResponse:
    return HttpResponseRedirect(reverse("join"))


def _home(name: str, **query: str) -> HttpResponse:
    address = reverse("phone", kwargs={"name": name})
    return HttpResponseRedirect(address + (f"?{_SENT}=1" if query else ""))


@open_to_all
@require_safe
def phone(request: Request, name: str) -> HttpResponse:
    """Show what is asked now."""
    held = _there(request, name)
    if held is None:
        return _to_join()
    return _step(request, name, held, Sheet())


@open_to_all
@require_safe
def now(request: Request, name: str) -> HttpResponse:
    """Say that a phone's page is up to date (204), or return what it ought to show now."""
    token = held_seat(request, name)
    if not token:
        return HttpResponse("", "text/plain", status=HTTPStatus.GONE)
    if seeing.phone_stamp(request.site, name, token) == request.GET.get("seen"):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return phone(request, name)


@open_to_all
@require_safe
def question(request: Request, name: str, question_id: str) -> HttpResponse:
    """Show one question that a table answers on a page of its own."""
    held = _there(request, name)
    if held is None:
        return _to_join()
    own = _table_question(held, question_id)
    if own is None:
        return _home(name)
    return _one(request, name, held, own, Sheet())


def _table_question(held: Phone, name: str) -> Own | None:
    return next(
        (o for o in held.questions if o.question.id == name and o.question.kind in _PAGES), None
    )


_PAGES: Final = {"items": "phone_items.html.jinja", "order": "phone_order.html.jinja"}


@open_to_all
@require_POST
def answer(request: Request, name: str) -> HttpResponse:
    """Take what a page holds; show the page again where something stands against it."""
    sheet = Sheet.read(request.POST)
    step = sheet.value("step")
    at = int(step) if step.isascii() and step.isdigit() and len(step) < 4 else None
    held = _there(request, name, at=at)
    if held is None:
        return _to_join()
    only = sheet.value("question")
    found = [*sendings(held, sheet, only)]
    refused = send_all(request.site, name, held_seat(request, name), [s.answer for s in found])
    for sending, error in zip(found, refused, strict=True):
        if error is None:
            sheet.drop(sending)
        else:
            _note(held, sheet, sending, error)
    if not found and not _answered(held):
        sheet.faults.append((_first_field(held, only), "Choose an answer, or write something"))
    if not sheet.faults:
        if request.headers.get("X-Phone") and not only:
            # A page's script shows what comes back; a browser without is sent on, so that loading
            # the page anew sends nothing twice.
            after = _there(request, name)
            return _step(request, name, after or held, Sheet(), sent=bool(found))
        return _home(name, sent="1") if found else _home(name)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if any(isinstance(error, StateRefused) for error in refused):
        status = HTTPStatus.CONFLICT
    return _again(request, name, held, only, sheet, status)


def _note(held: Phone, sheet: Sheet, sending: Sending, error: EquipoiseError) -> None:
    """Note what stands against an answer; one problem that all share is told once."""
    before = [words for _, words in sheet.faults]
    sheet.refuse(sending, error)
    sheet.faults[:] = [
        (at, words)
        for number, (at, words) in enumerate(sheet.faults)
        if number < len(before) or "WGH133" not in words or words not in before
    ]


def _answered(held: Phone) -> bool:
    return any(
        own.choice is not None or own.texts or own.lines or own.said for own in held.questions
    )


def _first_field(held: Phone, only: str) -> str:
    own = next((o for o in held.questions if not only or o.question.id == only), None)
    if own is None:
        return ""
    kinds = {"vote": "choice", "line": "line", "items": "items"}
    if own.question.kind == "statement":
        return f"agree.{held.statements[0][0]}" if held.statements else ""
    return f"{kinds.get(own.question.kind, 'words')}.{own.question.id}"


def _again(
    request: Request, name: str, before: Phone, only: str, sheet: Sheet, status: int
) -> HttpResponse:
    """Show a page again as it was sent, with what is answered by now."""
    held = _there(request, name, at=before.step.number) or before
    sheet.client = Sheet().client
    own = _table_question(held, only) if only else None
    if own is not None:
        return _one(request, name, held, own, sheet, status)
    return _step(request, name, held, sheet, status)


def _common(request: Request, name: str, held: Phone) -> dict[str, Any]:
    cards, items = seeing.laid(request.site, held.plan)
    return {
        "name": name,
        "held": held,
        "cards": cards,
        "items": items,
        "about": lambda named: about(held.plan, named),
        "item_words": lambda named: item_words(items, named),
        "every": QUICK + held.plan.people // FOR_EACH,
        "cannot_say": CANNOT_SAY,
        "scopes": SCOPES,
        "steps": len(held.plan.steps),
        "information": held.plan.information if held.step.information else None,
    }


def _step(
    request: Request,
    name: str,
    held: Phone,
    sheet: Sheet,
    status: int = 200,
    *,
    sent: bool = False,
) -> HttpResponse:
    mine = [own for own in held.questions if own.question.by == "person"]
    votes = [own for own in mine if own.question.kind == "vote"]
    chosen = [own.choice is not None for own in votes]
    chosen += [choice is not None for _, _, choice in held.statements]
    # Who has chosen everywhere waits; words and red lines are never all said.
    waits = not sheet.faults and "change" not in request.GET and bool(chosen) and all(chosen)
    waits = waits and all(own.question.kind in ("vote", "statement") for own in mine)
    return phone_page(
        request,
        "phone_step.html.jinja",
        status=status,
        sheet=sheet,
        mine=mine,
        tables=[own for own in held.questions if own.question.by == "table"],
        waits=waits,
        sent=sent or (_SENT in request.GET and (_answered(held) or any(chosen))),
        shown=[own for own in held.questions if own.shown],
        **_common(request, name, held),
    )


def _one(
    request: Request, name: str, held: Phone, own: Own, sheet: Sheet, status: int = 200
) -> HttpResponse:
    said: dict[str, Any] = dict(own.said or {})
    return phone_page(
        request,
        _PAGES[own.question.kind],
        status=status,
        sheet=sheet,
        own=own,
        said=said,
        places=places_now(said.get("order", ())),
        then=places_now(said.get("order then", ())) or places_now(said.get("order", ())),
        **_common(request, name, held),
    )


@open_to_all
@require_safe
def results(request: Request, name: str) -> HttpResponse:
    """Show on a phone what the wall shows of this step, and of those before."""
    held = _there(request, name)
    if held is None:
        return _to_join()
    at = request.GET.get("step", "")
    if at.isascii() and at.isdigit() and len(at) < 4:
        held = _there(request, name, at=min(int(at), held.step.number)) or held
    _, items = seeing.laid(request.site, held.plan)
    return phone_page(
        request,
        "phone_results.html.jinja",
        pictures=pictures(held.plan, held.results, items),
        **_common(request, name, held),
    )


@open_to_all
@require_safe
def read(request: Request, name: str) -> HttpResponse:
    """Show the cards of a table and of everybody, to be read."""
    held = _there(request, name)
    if held is None:
        return _to_join()
    common = _common(request, name, held)
    wanted = [*held.cards, *held.plan.cases]
    if not wanted:
        raise Http404
    return phone_page(request, "phone_read.html.jinja", wanted=wanted, **common)
