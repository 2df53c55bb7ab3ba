"""Drafting: begin a draft, write it with the guided form or as text, see what is wrong, save it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from equipoise.acts.accounts.permission import may, require
from equipoise.acts.drafts import (
    EXAMPLES,
    LONGEST,
    begin_draft,
    draft_called,
    drafts_of,
    example_text,
    first_text,
    history_of,
    is_put_forward,
    next_version,
    save_draft,
)
from equipoise.acts.merge import merged
from equipoise.agree.changes import Change, compare
from equipoise.agree.places import steps_of
from equipoise.agree.rewrite import rewritten
from equipoise.errors import DocumentRefused, EquipoiseError, Problem, StateRefused
from equipoise.store.facts import Person
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.pages.drafting_fill import filled_in, with_entry
from equipoise.web.pages.drafting_findings import Checked, checked, line_by_line
from equipoise.web.pages.drafting_form import Guide, guide, id_of
from equipoise.web.pages.drafting_words import PARTS
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page


class Beginning(Form):
    """What a new draft is called, and from what it begins: ``nothing``, ``text``, or one of the
    texts that are there, as ``example:fuel-poverty`` or ``held:fuel-poverty-rebate@1``."""

    name = words("Enter a short name for the draft", max_length=63)
    start = words("Choose what the draft begins from", max_length=110)
    title = words("", max_length=200, required=False)
    text = words("", max_length=LONGEST, required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen beginning needs."""
        said = super().clean() or {}
        if said.get("start") == "nothing" and not said.get("title"):
            self.add_error("title", "Enter what people will call the agreement")
        if said.get("start") == "text" and not said.get("text", "").strip():
            self.add_error("text", "Paste the text of an agreement")
        return said


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Begin a draft: from nothing, an example, an agreement that is held, or a text."""
    person = require(request.person, "draft agreements")
    form = Beginning(request.POST or None, initial={"start": "nothing"})
    status = 200
    if form.is_valid():
        try:
            made = begin_draft(
                request.site, form.cleaned_data["name"], _first(request, form), person
            )
            return HttpResponseRedirect(reverse("draft", kwargs={"name": made.name}))
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
    elif form.is_bound:
        status = 422
    held = [record.reference for record in reversed(request.site.store.agreements())]
    return page(
        request, "draft_new.html.jinja", status=status, form=form, examples=EXAMPLES, held=held
    )


def _first(request: Request, form: Beginning) -> str:
    said = form.cleaned_data
    kind, _, which = said["start"].partition(":")
    if kind == "example":
        return example_text(which)
    if kind == "held":
        return next_version(request.site, which)
    if kind == "text":
        return str(said["text"])
    return first_text(request.site, said["name"], said["title"])


@dataclass
class Desk:
    """A draft on somebody's screen: what they wrote, whether saved or not, and where they are."""

    name: str
    revision: int
    text: str
    part: str = ""
    saved: bool = True
    notes: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    told: list[Problem] = field(default_factory=list)

    def guide(self) -> Guide | None:
        """Return the form for the part that shows, or for the beginning where that is gone."""
        try:
            return guide(self.text, self.part) or guide(self.text, "")
        except DocumentRefused:
            return None


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: Request, name: str) -> HttpResponse:
    """Show a draft, or do with it what a button says; nothing that was typed is lost."""
    _known(request, name)
    if request.method != "POST":
        found = draft_called(request.site, name)
        desk = Desk(name, found.revision, found.text, request.GET.get("part", "")[:300])
        return _page(request, desk)
    person = require(request.person, "draft agreements")
    desk = _sent(request, name)
    do, _, what = request.POST.get("do", "check").partition(":")
    acts = {"go": _go, "add": _add, "remove": _remove, "merge": _merge}
    if do in acts:
        acts[do](request, desk, what)
    elif do == "save":
        return _save(request, desk, person)
    return _page(request, desk, summary=do == "check")


def _known(request: Request, name: str) -> None:
    if name not in {one.name for one in drafts_of(request.site)}:
        raise Http404


def _sent(request: Request, name: str) -> Desk:
    """Return the desk as it was sent, with the text in which the form's changes stand."""
    post = request.POST
    text = post.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    revision = post.get("revision", "")
    desk = Desk(
        name,
        int(revision) if revision.isdecimal() and len(revision) < 9 else 0,
        text,
        post.get("part", "")[:300],
        saved=False,
    )
    try:
        lists = dict(post.lists())
        filled = filled_in(text, desk.part, post.get("was", ""), lists)
    except (DocumentRefused, LookupError):
        return desk
    desk.text = filled.text
    desk.notes += [
        f"‘{label}’ was changed in the form and in the text. The form counts; "
        f"the text said: {said or 'nothing'}"
        for label, said in filled.over
    ]
    return desk


def _go(request: Request, desk: Desk, what: str) -> None:
    desk.part = what


def _add(request: Request, desk: Desk, what: str) -> None:
    """Add an entry to a list of clauses, and show its form."""
    try:
        name = " ".join(request.POST.get(f"new-{what}", "").split())
        desk.text, desk.part = with_entry(desk.text, what, name)
    except ValueError as error:
        desk.faults[f"new-{what}"] = str(error)
    except DocumentRefused:
        pass  # the page tells what is wrong with the text


def _remove(request: Request, desk: Desk, what: str) -> None:
    """Take an entry out of the text."""
    try:
        before = desk.text
        desk.text = rewritten(before, steps_of(what), None)
        if desk.text != before:
            desk.notes.append(f"‘{what}’ is taken out of the text below, which is not saved yet.")
    except (DocumentRefused, LookupError):
        pass


def _merge(request: Request, desk: Desk, what: str) -> None:
    """Put together what two people wrote at once, if they did not write in the same lines."""
    theirs = draft_called(request.site, desk.name)
    first = request.POST.get("first", "")
    if not first.isdecimal():
        return
    base = draft_called(request.site, desk.name, int(first))
    together = merged(base.text, _ended(desk.text), theirs.text)
    if together is None:
        desk.notes.append(
            "Both of you wrote in the same lines, so the texts cannot be put together by "
            "themselves. Copy what you want to keep from the comparison."
        )
        return
    desk.text, desk.revision = together, theirs.revision
    desk.notes.append("Both texts are put together below. Check the result, then save it.")


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _save(request: Request, desk: Desk, person: Person) -> HttpResponse:
    try:
        made = save_draft(request.site, desk.name, desk.text, person, after=desk.revision)
    except StateRefused as error:
        return _met(request, desk, error)
    except EquipoiseError as error:
        desk.told += error.problems
        return _page(request, desk, status=status_of(error))
    address = reverse("draft", kwargs={"name": desk.name})
    address += f"?{urlencode({'part': desk.part})}" if desk.part else ""
    said = f"Saved as revision {made.revision}. {checked(made.text).count()}"
    return tell(HttpResponseRedirect(address), said, secure=request.is_secure())


def _met(request: Request, desk: Desk, error: StateRefused) -> HttpResponse:
    """Show that somebody else saved meanwhile: their text beside what was not saved."""
    theirs = draft_called(request.site, desk.name)
    first, desk.revision = desk.revision, theirs.revision
    desk.told += error.problems
    mine = checked(desk.text).parsed
    other = checked(theirs.text).parsed
    changes: tuple[Change, ...] = ()
    if mine is not None and other is not None:
        changes = compare(other.agreement, mine.agreement)
    return _page(
        request,
        desk,
        status=status_of(error),
        theirs=theirs,
        first=first,
        changes=changes,
        lines=line_by_line(theirs.text, _ended(desk.text)),
    )


def _page(
    request: Request, desk: Desk, *, status: int = 200, summary: bool = False, **more: Any
) -> HttpResponse:
    found = checked(desk.text)
    return page(
        request,
        "draft.html.jinja",
        status=status,
        **_shown(desk, found),
        errors=_errors(desk, found) if summary or desk.faults else [],
        may_draft=may(request.person, "draft agreements"),
        forward=found.parsed is not None and is_put_forward(request.site, found.parsed),
        history=history_of(request.site, desk.name),
        **more,
    )


def _shown(desk: Desk, found: Checked) -> dict[str, Any]:
    form = desk.guide()
    faults = {**found.faults(form), **desk.faults} if not desk.saved else desk.faults
    return {"desk": desk, "guide": form, "found": found, "faults": faults, "sections": PARTS}


def _errors(desk: Desk, found: Checked) -> list[tuple[str, str]]:
    own = [(f"#{id_of(clause)}", said) for clause, said in desk.faults.items()]
    return [*own, *found.summary(desk.guide())]


@require_POST
def check(request: Request, name: str) -> HttpResponse:
    """Check what is on somebody's screen while they write; for browsers with scripts."""
    _known(request, name)
    require(request.person, "draft agreements")
    desk = _sent(request, name)
    found = checked(desk.text)
    wrote = "text" if request.htmx.trigger == "text" else "form"
    return page(request, "draft_checked.html.jinja", **_shown(desk, found), wrote=wrote)


@require_safe
def revision(request: Request, name: str, number: int) -> HttpResponse:
    """Show one revision of a draft as it was saved, and what it changed."""
    _known(request, name)
    found = draft_called(request.site, name, number)
    before = draft_called(request.site, name, number - 1) if number > 1 else None
    lines = line_by_line(before.text if before else "", found.text)
    return page(request, "draft_revision.html.jinja", draft=found, before=before, lines=lines)
