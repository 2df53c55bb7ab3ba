"""Answering an assessment: one sheet, section by section, kept as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from equipoise.acts.assess import assessment_of, book, items_of, questions_of
from equipoise.acts.assess_answer import (
    Drafted,
    answers_of,
    as_handed_in,
    before,
    begin_answers,
    drop_entry,
    hand_in_answers,
    put_answers,
    throw_away,
    wrong_in,
)
from equipoise.acts.assess_papers import changes_since
from equipoise.agree.words import Sector
from equipoise.errors import EquipoiseError, Problem
from equipoise.web.notices import tell
from equipoise.web.pages.assess_form import Typed, field_of, flat, sentence_of, spoken
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page
from equipoise.weigh.assess.profile import VIEWS

Kind = Literal["rater", "list", "judged", "view"]


@dataclass(frozen=True)
class Section:
    """One section: its place in addresses, the part of the sheet it fills, its heading."""

    slug: str
    part: str
    title: str
    kind: Kind
    one: str = ""
    needed: bool = False


SECTIONS: Final = (
    Section("rater", "rater", "Who answers", "rater"),
    Section("red-lines", "red lines", "Red lines", "list", "red line"),
    Section("benefits", "benefits", "Benefits", "list", "benefit", needed=True),
    Section("risks", "risks", "Risks", "list", "risk", needed=True),
    Section("not-sharing", "not sharing", "Risks of not sharing", "list", "loss"),
    Section("factors", "factors", "What makes it acceptable", "judged"),
    Section("purposeful", "tests", "Is it purposeful?", "judged"),
    Section("proportionate", "tests", "Is it proportionate?", "judged"),
    Section("responsible", "tests", "Is it responsible?", "judged"),
    Section("conditions", "conditions", "Conditions", "list", "condition"),
    Section("view", "view", "What you would do", "view"),
)
BY_SLUG: Final[Mapping[str, Section]] = {section.slug: section for section in SECTIONS}


@dataclass(frozen=True)
class Question:
    """One thing to judge: its number on the page, its key, words, and the ends of its scale."""

    number: int
    key: str
    words: str
    low: str
    high: str


def section_called(slug: str) -> Section:
    """Return a section, or say that there is no such page."""
    if slug not in BY_SLUG:
        raise Http404
    return BY_SLUG[slug]


def sheet_url(drafted: Drafted, section: str = "") -> str:
    """Return the address of an unfinished sheet, or of one of its sections."""
    parts: dict[str, Any] = {"name": drafted.assessment, "number": drafted.number}
    if section:
        return reverse("assessment-section", kwargs={**parts, "section": section})
    return reverse("assessment-sheet", kwargs=parts)


@require_POST
def begin(request: Request, name: str) -> HttpResponse:
    """Begin a sheet, or go on with it."""
    rater = request.POST.get("rater", "")
    drafted = begin_answers(request.site, name, request.person, rater)
    return HttpResponseRedirect(sheet_url(drafted))


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: Request, name: str, number: int) -> HttpResponse:
    """Show the sections of a sheet with how far each has come; hand it in when it is sent."""
    drafted = answers_of(request.site, name, request.person, number)
    form, status = Typed({}), 200
    if request.method == "POST":
        try:
            hand_in_answers(request.site, drafted, request.person)
            done = HttpResponseRedirect(reverse("assessment", kwargs={"name": name}))
            said = f"The answers of {drafted.content['rater']['name']} are handed in."
            return tell(done, said, secure=request.is_secure())
        except EquipoiseError as error:
            found = wrong_in(request.site, drafted)
            form = Typed({}, _by_section(request, drafted, found or error.problems))
            status = status_of(error)
    return page(
        request,
        "assess_sheet.html.jinja",
        status=status,
        form=form,
        drafted=drafted,
        changes=_changes(request, drafted),
        sections=[(each, *_standing(request, drafted, each)) for each in SECTIONS],
        again=as_handed_in(request.site, drafted),
    )


def _by_section(
    request: Request, drafted: Drafted, found: Iterable[Problem]
) -> list[tuple[str, str]]:
    """Return a line for each section in which something is wrong, and what belongs to none."""
    found = tuple(found)
    parts = [(one.clause or "").partition(".")[0] for one in found]
    known = {each.part for each in SECTIONS}
    others = [("", sentence_of(one)) for one, part in zip(found, parts, strict=True)
              if part not in known]  # fmt: skip
    lines = []
    for each in SECTIONS:
        count = parts.count(each.part)
        if each.kind == "judged":
            count = len(_unanswered(drafted, each, asked_of(request, each), found))
        if count:
            are = "answers are" if count > 1 else "answer is"
            lines.append((each.slug, f"{each.title}: {count} {are} missing or to be changed"))
    return others + lines


def _standing(request: Request, drafted: Drafted, section: Section) -> tuple[str, str]:
    """Return how far a section has come, in words, and the colour of its tag (none: no tag)."""
    wrong = wrong_in(request.site, drafted, section.part)
    if section.kind == "judged":
        return _judged_standing(drafted, section, asked_of(request, section), wrong)
    if section.kind == "list":
        entries = drafted.content.get(section.part, ())
        if not entries:
            return ("To do", "blue") if section.needed else ("None so far", "grey")
        if wrong and any(one.startswith(f"{section.part}.") for one in drafted.stale):
            return "To be answered anew", "orange"
        return ("Not finished", "orange") if wrong else (f"{len(entries)} named", "")
    if not wrong:
        return "Done", ""
    return ("To be answered anew", "orange") if section.part in drafted.stale else ("To do", "blue")


def _judged_standing(
    drafted: Drafted, section: Section, asked: list[Question], wrong: Iterable[Problem]
) -> tuple[str, str]:
    missing = _unanswered(drafted, section, asked, wrong)
    if not missing:
        return "Done", ""
    if any(f"{section.part}.{key}" in drafted.stale for key in missing):
        return "To be answered anew", "orange"
    return f"{len(asked) - len(missing)} of {len(asked)} answered", "blue"


def _unanswered(
    drafted: Drafted, section: Section, asked: Iterable[Question], wrong: Iterable[Problem]
) -> list[str]:
    """Return what is still to be judged in a section, or judged in a way that cannot stand."""
    said = drafted.content.get(section.part, {})
    return [
        each.key
        for each in asked
        if each.key not in said or _touches(wrong, section.part, each.key)
    ]


def _touches(wrong: Iterable[Problem], part: str, key: str) -> bool:
    return any(f"{one.clause}.".startswith(f"{part}.{key}.") for one in wrong)


def asked_of(request: Request, section: Section) -> list[Question]:
    """Return what a section asks to judge."""
    if section.part == "factors":
        items = items_of(request.site).of("factors")
        low, high = "Not so here.", "Wholly so here."
        return [Question(n, one.id, one.words, low, high) for n, one in enumerate(items, 1)]
    pool = questions_of(request.site).values()
    questions = [one for one in pool if one.test == section.slug]
    return [Question(n, one.id, one.words, one.low, one.high)
            for n, one in enumerate(questions, 1)]  # fmt: skip


# -- one section -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: Request, name: str, number: int, section: str) -> HttpResponse:
    """Show one section of a sheet, and keep what is sent."""
    found = section_called(section)
    drafted = answers_of(request.site, name, request.person, number)
    if found.kind == "list":
        return _list(request, drafted, found)
    typed = drafted.content.get(found.part, {})
    faults: list[tuple[str, str]] = []
    if request.method == "POST":
        typed = _said(request, found)
        kept, wrong = put_answers(
            request.site, drafted, found.part, _whole(drafted, found, typed)
        )  # fmt: skip
        faults = _faults(request, found, wrong)
        if "later" in request.POST and kept is not drafted:
            return HttpResponseRedirect(sheet_url(drafted))
        if not faults:
            return HttpResponseRedirect(_after(drafted, found))
    return _shown(request, drafted, found, Typed(flat(typed), faults))


def _after(drafted: Drafted, section: Section) -> str:
    """Return the address of the section that follows, or of the sheet after the last."""
    place = SECTIONS.index(section) + 1
    return sheet_url(drafted, SECTIONS[place].slug if place < len(SECTIONS) else "")


def _said(request: Request, section: Section) -> dict[str, Any]:
    """Return what was sent, in the shape of the sheet."""
    sent = request.POST.dict()
    if section.kind == "rater":
        return spoken(sent, ("sector", "role"))
    if section.kind == "view":
        return spoken(sent, ("answer", "because"))
    keys = ("answer", "because", "evidence")
    return {
        each.key: spoken({key: sent.get(f"{each.key}.{key}", "") for key in keys}, keys)
        for each in asked_of(request, section)
    }


def _whole(drafted: Drafted, section: Section, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part of the sheet with what one of its sections says."""
    held = drafted.content.get(section.part, {}) if section.kind == "judged" else {}
    return {**held, **said}


def _faults(request: Request, section: Section, wrong: Iterable[Problem]) -> list[tuple[str, str]]:
    """Return what is wrong in a section, with its field. What a test of the same part, on another
    page, still lacks is not told here."""
    if section.kind != "judged":
        return [(_field(one, section.part), sentence_of(one)) for one in wrong]
    asked = asked_of(request, section)
    labels = {each.key: f"Question {each.number}" for each in asked}
    faults = []
    for one in wrong:
        field = _field(one, section.part)
        key = field.partition(".")[0]
        if key in labels:
            field = field if "." in field else f"{key}.answer"
            faults.append((field, sentence_of(one, labels[key])))
        elif one.code == "WGH082" and "." not in (one.clause or ""):
            faults.append(("", sentence_of(one)))
    return sorted(faults, key=lambda fault: [*labels].index(fault[0].partition(".")[0])
                  if fault[0] else -1)  # fmt: skip


def _changes(request: Request, drafted: Drafted) -> list[str]:
    """Return in words which changes of the text made answers of a sheet stale."""
    if not drafted.stale:
        return []
    made = assessment_of(book(request.site).assessment(drafted.assessment))
    return [each.sentence for each in changes_since(request.site, made)]


def _field(found: Problem, part: str) -> str:
    clause = found.clause or ""
    inside = clause[len(part) + 1 :] if clause.startswith(f"{part}.") else ""
    return field_of(inside) or ("answer" if part == "view" else "")


def _shown(request: Request, drafted: Drafted, section: Section, form: Typed) -> HttpResponse:
    earlier = before(request.site, drafted) if drafted.stale else None
    judged = earlier.judgements if earlier else {}
    said = drafted.content.get(section.part, {})
    anew = {
        key: judged[key]
        for key in judged
        if f"{section.part}.{key}" in drafted.stale and not said.get(key, {}).get("answer")
    }
    return page(
        request,
        "assess_section.html.jinja",
        status=422 if form.all_faults() else 200,
        form=form,
        drafted=drafted,
        section=section,
        asked=asked_of(request, section) if section.kind == "judged" else [],
        anew=anew,
        sectors=get_args(Sector),
        views=VIEWS,
    )


# -- lists -----------------------------------------------------------------------------------------


def _list(request: Request, drafted: Drafted, section: Section) -> HttpResponse:
    """Show what a list of the sheet holds."""
    entries = list(drafted.content.get(section.part, ()))
    if request.method == "POST":
        place = request.POST.get("entry", "")
        if place.isdecimal() and int(place) < len(entries):
            drop_entry(request.site, drafted, section.part, entries[int(place)])
        return HttpResponseRedirect(sheet_url(drafted, section.slug))
    wrong = wrong_in(request.site, drafted, section.part)
    unfinished = {(one.clause or "").split(".")[1] for one in wrong if "." in (one.clause or "")}
    items = items_of(request.site)
    made = assessment_of(book(request.site).assessment(drafted.assessment))
    return page(
        request,
        "assess_list.html.jinja",
        drafted=drafted,
        section=section,
        anew=any(one.startswith(f"{section.part}.") for one in drafted.stale),
        changes=_changes(request, drafted),
        entries=[(each, str(n) in unfinished) for n, each in enumerate(entries)],
        items=items,
        computed=made.subject.lines if section.slug == "red-lines" else (),
        after=_after(drafted, section),
    )


@require_POST
def throw(request: Request, name: str, number: int) -> HttpResponse:
    """Throw an unfinished sheet away."""
    drafted = answers_of(request.site, name, request.person, number)
    throw_away(request.site, drafted)
    done = HttpResponseRedirect(reverse("assessment", kwargs={"name": name}))
    return tell(done, "The unfinished answers are thrown away.", secure=request.is_secure())
