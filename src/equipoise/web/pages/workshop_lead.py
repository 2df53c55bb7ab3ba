"""Lead a workshop from a browser that may close at any time: nothing is held in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from equipoise.account.tell import person_text
from equipoise.acts.accounts.permission import may, require
from equipoise.acts.site import Site
from equipoise.acts.workshop_invent import invent_workshop
from equipoise.acts.workshop_lead import (
    Done,
    Led,
    done,
    led,
    reported,
    show_step,
    standing_of,
    standings,
)
from equipoise.acts.workshop_make import library
from equipoise.acts.workshop_report import report_workshop
from equipoise.acts.workshop_see import Desk, see_desk
from equipoise.acts.workshop_steer import (
    close_workshop,
    door,
    erase,
    hide,
    move_to,
    open_workshop,
    seat_numbered,
    show,
    undo,
)
from equipoise.errors import EquipoiseError, Problem
from equipoise.web.notices import tell
from equipoise.web.pages.workshop_lead_figures import drawn, on_wall
from equipoise.web.pages.workshop_lead_make import programme
from equipoise.web.pictures import qr_code
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page
from equipoise.web.workshop_pictures import about
from equipoise.weigh.workshop.codes import spoken
from equipoise.weigh.workshop.exercises import exercises
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.wish import advice

MOST_TABLES: Final = 24
"""More tables than this are shown only where they need somebody."""
_FEWEST, _MOST = 3, 6
_KINDS: Final[Mapping[str, str]] = {
    "scribe": "somebody began to write for a table",
    "hidden": "a text was taken off the wall",
    "closed": "the workshop was closed",
    "undone": "something was undone",
}


@require_safe
def workshops(request: Request) -> HttpResponse:
    """Show every workshop, newest first."""
    held = standings(request.site, request.person)
    return page(
        request,
        "workshop_lead_list.html.jinja",
        workshops=held,
        may_make=may(request.person, "facilitate workshops"),
        may_invent=request.site.practice
        and may(request.person, "facilitate workshops")
        and not any(one.synthetic for one in held),
    )


@require_POST
def invent(request: Request) -> HttpResponse:
    """Add the founding report's day with invented people to a practice site, once."""
    by = require(request.person, "facilitate workshops")
    if any(one.synthetic for one in standings(request.site, by)):
        return HttpResponseRedirect(reverse("workshops"))
    name = str(invent_workshop(request.site, by.key).report.data["workshop"])
    there = HttpResponseRedirect(reverse("workshop-report", kwargs={"name": name}))
    return tell(there, "A finished workshop of invented people is added.", secure=_secure(request))


@require_safe
def desk(request: Request, name: str) -> HttpResponse:
    """Show a workshop to a facilitator of it; others are led to its report where there is one."""
    standing = standing_of(request.site, name, request.person)
    if not standing.led and standing.reported:
        return HttpResponseRedirect(reverse("workshop-report", kwargs={"name": name}))
    if request.htmx:
        return _live(request, name)
    return _desk(request, name)


def _live(request: Request, name: str) -> HttpResponse:
    """Answer a page that asks what is new: nothing, a part of it, or that it must load anew."""
    seen = see_desk(request.site, name, request.person.key)
    if request.GET.get("at") != _at(seen):
        anew = HttpResponse(status=204)
        anew["HX-Refresh"] = "true"
        return anew
    if request.GET.get("seen") == _seen(seen):
        return HttpResponse(status=204)
    return page(request, "workshop_lead_live.html.jinja", **_shown(request, name, seen))


def _at(seen: Desk) -> str:
    """Return where the workshop is; a page of elsewhere is out of date as a whole."""
    return f"{seen.wall.phase}-{seen.wall.step.number}"


def _seen(seen: Desk) -> str:
    return f"{seen.wall.version}-{seen.wall.minutes_left}"


def _desk(
    request: Request, name: str, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    seen = see_desk(request.site, name, request.person.key)
    shown = _shown(request, name, seen)
    held: Led = shown["held"]
    return page(
        request,
        "workshop_lead_desk.html.jinja",
        status=status,
        problems=problems,
        programme=programme(held.plan),
        titles={name: exercise.title for name, exercise in exercises().items()},
        advice=advice(held.plan) if seen.wall.phase == "made" else (),
        square=qr_code(_joining(request, held)),
        still=request.GET.get("still") == "1",
        typed=request.POST,
        asked_for=request.POST.get("do", ""),
        **shown,
    )


def _shown(request: Request, name: str, seen: Desk) -> dict[str, Any]:
    """Return what both the page and its living part show."""
    held = led(request.site, name, request.person.key)
    every = request.GET.get("every") == "1"
    steps = done(request.site, name, request.person.key)
    return {
        "held": held,
        "desk": seen,
        "at": _at(seen),
        "seen": _seen(seen),
        "wall": reverse("wall", kwargs={"name": name}),
        "spoken": spoken(held.code),
        "tables": _tables(seen, every=every),
        "table_heads": _heads(seen),
        "every": every,
        "reported": reported(request.site, name),
        "asked": [(p, about(held.plan, p.question.about)) for p in seen.wall.progress],
        "waiting": [(text, words, text) for text, words in seen.waiting],
        "on_wall": on_wall(seen.wall.results, library(request.site)[1]),
        "figures": drawn(request.site, held.plan, seen.wall.results),
        "steps": [(one, _told(held.plan, one, seen.numbers)) for one in steps],
    }


def _tables(seen: Desk, *, every: bool) -> list[tuple[str, str, str, str, str, bool]]:
    """Return the tables as words: number, people, their seats, whether anybody writes, what was
    heard, and whether it needs somebody. Of very many only those that do are listed."""
    asked = [p.question.id for p in seen.wall.progress if p.question.by == "table"]
    found = []
    for table in seen.tables:
        heard = sum(question in table.heard for question in asked)
        needs = not _FEWEST <= table.people <= _MOST or (bool(asked) and not table.scribe)
        writes = "yes" if table.scribe else "nobody yet"
        said = f"{heard} of {len(asked)}"
        seats = ", ".join(map(str, table.seats))
        found.append((f"Table {table.number}", str(table.people), seats, writes, said, needs))
    if len(found) > MOST_TABLES and not every:
        found = [one for one in found if one[-1]][:MOST_TABLES]
    return found


def _heads(seen: Desk) -> list[str]:
    """Return the heads of the tables' columns: who writes counts where tables are asked."""
    asked = any(p.question.by == "table" for p in seen.wall.progress)
    return [
        "Table",
        "People",
        "Seats",
        *(["Somebody writes", "Heard in this step"] if asked else []),
    ]


def _told(plan: Plan, one: Done, seats: Mapping[str, int]) -> str:
    """Return a step of a facilitator in words."""
    if one.kind == "moved":
        step = plan.steps[one.data["to"]]
        title = exercises()[step.exercise].title
        words = f"moved to step {step.number + 1}, {title} – {step.title.lower()}"
    elif one.kind == "shown":
        question = plan.questions[one.data["question"]]
        of = about(plan, question.about)
        words = f"showed “{question.words}”" + (f" of {of}" if of else "")
    elif one.kind == "seated":
        words = f"seat {seats.get(one.data['person'], '')} was moved to table {one.data['table']}"
    elif one.kind == "door":
        words = f"{one.data['more']} more seats" if one.data["more"] else (
            f"the door was {'opened' if one.data['open'] else 'closed'}"
        )  # fmt: skip
    else:
        words = _KINDS.get(one.kind, one.kind)
    by = "" if one.who.startswith("p:") else f", by {person_text(one.who)}"
    return f"{one.at:%H:%M}: {words}{by}"


def _joining(request: Request, held: Led, table: int | None = None) -> str:
    return str(request.build_absolute_uri(f"/{held.path(table)}"))


@require_safe
def joining(request: Request, name: str) -> HttpResponse:
    """Show how to join, large enough for a hall."""
    held = led(request.site, name, request.person.key)
    return page(
        request,
        "workshop_lead_joining.html.jinja",
        held=held,
        spoken=spoken(held.code),
        square=qr_code(_joining(request, held)),
        address=request.build_absolute_uri("/join"),
        wall=reverse("wall", kwargs={"name": name}),
    )


@require_safe
def ask_first(request: Request, name: str, what: str) -> HttpResponse:
    """Ask before what ends something: closing, erasing, making the report."""
    held = led(request.site, name, request.person.key)
    text = request.GET.get("text", "")
    words = ""
    if what == "erase":
        seen = see_desk(request.site, name, request.person.key)
        shown = on_wall(seen.wall.results, library(request.site)[1])
        words = dict((*seen.waiting, *((t, w) for t, w, _ in shown))).get(text, "")
    if what not in ("close", "erase", "report") or (what == "erase" and not words):
        raise Http404
    return page(
        request, "workshop_lead_ask.html.jinja", held=held, what=what, text=text, words=words
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else -1


Steering = Callable[[Site, str, str, QueryDict], str]


def _open(site: Site, name: str, by: str, said: QueryDict) -> str:
    open_workshop(site, name, by)
    return "The workshop is open. People can join."


def _move(site: Site, name: str, by: str, said: QueryDict) -> str:
    seen, to = _number(said.get("seen", "")), _number(said.get("to", ""))
    move_to(site, name, by, seen=seen, to=to)
    return ""


def _show(site: Site, name: str, by: str, said: QueryDict) -> str:
    show(site, name, by, said.get("question", ""))
    return "The results are on the wall."


def _show_all(site: Site, name: str, by: str, said: QueryDict) -> str:
    count = show_step(site, name, by)
    return f"The results of {count} question{'s are' if count > 1 else ' is'} on the wall."


def _hide(site: Site, name: str, by: str, said: QueryDict) -> str:
    hide(site, name, by, said.get("text", ""))
    return "The text is off the wall and out of the report."


def _erase(site: Site, name: str, by: str, said: QueryDict) -> str:
    erase(site, name, by, said.get("text", ""))
    return "The text is erased for good."


def _seat(site: Site, name: str, by: str, said: QueryDict) -> str:
    seat, table = _number(said.get("seat", "")), _number(said.get("table", ""))
    moved = seat_numbered(site, name, by, seat, table)
    where = f"at table {table}"
    return f"Seat {seat} is now {where}." if moved else f"Seat {seat} was {where} already."


def _door(site: Site, name: str, by: str, said: QueryDict) -> str:
    more = _number(said.get("more", "")) if "more" in said else 0
    is_open = said.get("open") == "yes"
    door(site, name, by, is_open=is_open, more=more)
    if "more" in said:
        return f"There {'is 1 seat' if more == 1 else f'are {more} seats'} more."
    return "The door is open." if is_open else "The door is closed. Who has joined can come back."


def _undo(site: Site, name: str, by: str, said: QueryDict) -> str:
    undo(site, name, by, _number(said.get("sequence", "")))
    return "It is undone. What people answered is as it was."


def _close(site: Site, name: str, by: str, said: QueryDict) -> str:
    close_workshop(site, name, by)
    return "The workshop is closed."


def _report(site: Site, name: str, by: str, said: QueryDict) -> str:
    report_workshop(site, name, by)
    return "The report is made."


_STEERING: Final[Mapping[str, Steering]] = {
    "open": _open, "move": _move, "show": _show, "show all": _show_all, "hide": _hide,
    "erase": _erase, "undo": _undo, "seat": _seat, "door": _door, "close": _close,
    "report": _report,
}  # fmt: skip


@require_POST
def steer(request: Request, name: str) -> HttpResponse:
    """Do what a facilitator's button says, and show the page again: with why not, if not."""
    act = _STEERING.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    standing_of(request.site, name, request.person)
    try:
        said = act(request.site, name, request.person.key, request.POST)
    except EquipoiseError as error:
        if not standing_of(request.site, name, request.person).led:
            raise
        return _desk(request, name, error.problems, status_of(error))
    leads = "workshop-report" if act is _report else "workshop"
    there = HttpResponseRedirect(reverse(leads, kwargs={"name": name}))
    return tell(there, said, secure=_secure(request)) if said else there


def _secure(request: Request) -> bool:
    return request.is_secure()
