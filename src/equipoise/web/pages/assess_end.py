"""The end of an assessment: closing it, holding a text against it, binding it into an agreement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from equipoise.acts.accounts.permission import may, require
from equipoise.acts.assess import book, close_said
from equipoise.acts.assess_bind import Compared, bind_text, compare_text
from equipoise.acts.assess_papers import Shown
from equipoise.acts.drafts import drafts_of, save_draft
from equipoise.agree.parse import parse
from equipoise.agree.weighed import Line
from equipoise.errors import DocumentRefused, EquipoiseError, Problem
from equipoise.web.notices import tell
from equipoise.web.pages.assess import LONGEST_TEXT, shown_or_missing, sources
from equipoise.web.pages.assess_form import Typed, field_of, sentence_of, spoken
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page

_PLAIN: Final = ("consulted", "approved by", "accepted by", "reviewed by", "review")
_SETTLED: Final = ("by", "on behalf of", "how")
_DEPARTS: Final = ("people said", "because", "decided by")
_HEARD: Final = ("workshop", "information pack", "said", "in short")
_REGULATOR: Final = ("consulted", "said")


@dataclass(frozen=True)
class _Closing:
    """What a closing form says, in the shape of a closing, and which lines its entries settle."""

    said: dict[str, Any]
    settled: tuple[int, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Request, name: str) -> HttpResponse:
    """Ask for what ends an assessment, and close it."""
    require(request.person, "rate initiatives")
    shown = shown_or_missing(request, name)
    lines = shown.profile.lines
    form, status = Typed({}), 200
    if request.method == "POST":
        made = _closing(name, request.POST.dict(), lines)
        try:
            cover = close_said(request.site, name, made.said, request.person.key)
            done = HttpResponseRedirect(reverse("assessment", kwargs={"name": name}))
            said = f"{name} is closed; people were: {cover.said}."
            return tell(done, said, secure=request.is_secure())
        except EquipoiseError as error:
            faults = [(_field(one, made), sentence_of(one)) for one in error.problems]
            form = Typed(request.POST.dict(), faults)
            status = status_of(error)
    workshops = [one for one in book(request.site).covers() if one.kind == "workshop"]
    return page(
        request,
        "assess_close.html.jinja",
        status=status,
        form=form,
        shown=shown,
        lines=lines,
        workshops=workshops,
    )


def _closing(name: str, sent: Mapping[str, Any], lines: tuple[Line, ...]) -> _Closing:
    said: dict[str, Any] = {"assessment": name, **spoken(sent, _PLAIN)}
    settled = {
        number: entry
        for number in range(len(lines))
        if (entry := _below(sent, f"settled.{number}", _SETTLED))
    }
    if settled:
        said["settled"] = [{"line": lines[n].line, **entry} for n, entry in settled.items()]
    said["adviser"] = _below(sent, "adviser", ("name", "advice", "because"))
    if (followed := sent.get("adviser.followed")) in ("yes", "no"):
        said["adviser"]["followed"] = followed == "yes"
    for part, keys in (("heard", _HEARD), ("regulator", _REGULATOR)):
        if found := _below(sent, part, keys):
            said[part] = found
    if departs := _below(sent, "departs", _DEPARTS):
        said["departs"] = [departs]
    return _Closing(said, tuple(settled))


def _below(sent: Mapping[str, Any], part: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return what stands in the fields of one part of the form."""
    return spoken({field_of(key): sent.get(f"{part}.{field_of(key)}", "") for key in keys}, keys)


_FIRST: Final[Mapping[str, str]] = {
    "regulator": "regulator.consulted",
    "departs": "departs.people-said",
    "heard": "heard.said",
    "adviser": "adviser.name",
}
"""Part of the form -> its field at which a problem of all of it is told."""


def _field(found: Problem, made: _Closing) -> str:
    clause = (found.clause or "").replace("departs.0", "departs")
    part, _, rest = clause.partition(".")
    if part == "settled" and rest:
        number, _, key = rest.partition(".")
        place = made.settled[int(number)]
        return f"settled.{place}.{field_of(key if key in _SETTLED else 'how')}"
    return _FIRST.get(clause, field_of(clause) if clause != "settled" else "")


# -- holding a text against what was weighed -----------------------------------------------------

WEIGHED: Final = "as weighed"
"""How the forms name the text as it was weighed."""

_PASTED: Final = "the text you pasted"


@dataclass(frozen=True)
class _Chosen:
    """A text that somebody chose: its name and words, or what is wrong with the choice."""

    source: str
    text: str
    fault: tuple[tuple[str, str], ...] = ()


def _chosen(request: Request, shown: Shown, known: Mapping[str, str], asked: str) -> _Chosen:
    """Return the text that a form names. Only what the site holds under a name can be chosen."""
    pasted = request.POST.get("text", "").replace("\r\n", "\n")
    if len(pasted) > LONGEST_TEXT:
        return _Chosen("", "", (("text", "The text is too long to be an agreement"),))
    if pasted.strip():
        return _Chosen(_PASTED, pasted)
    if asked == WEIGHED and shown.held.text:
        return _Chosen(asked, shown.held.text)
    if asked in known:
        return _Chosen(asked, request.site.text_of(asked))
    return _Chosen("", "", (("draft", "Choose a text, or paste one"),))


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: Request, name: str) -> HttpResponse:
    """Hold a text against what was weighed: what changed, and which answers that makes stale."""
    shown = shown_or_missing(request, name)
    known = dict(sources(request))
    sent = request.method == "POST"
    asked = request.POST.get("draft", "") if sent else request.GET.get("draft", "")
    found: Compared | None = None
    problems: tuple[Problem, ...] = ()
    chosen = _Chosen("", "")
    if shown.held.text and (sent or asked):
        chosen = _chosen(request, shown, known, asked)
        try:
            if chosen.text:
                found = compare_text(request.site, name, chosen.text, chosen.source)
        except DocumentRefused as error:
            problems = error.problems
    form = Typed({"draft": asked, "text": request.POST.get("text", "")}, chosen.fault)
    return page(
        request,
        "assess_compare.html.jinja",
        status=422 if chosen.fault or problems else 200,
        shown=shown,
        sources=known,
        form=form,
        source=asked if asked in known else "",
        found=found,
        problems=problems,
        may_rate=may(request.person, "rate initiatives"),
    )


# -- binding -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def binding(request: Request, name: str) -> HttpResponse:
    """Write what was weighed into a text: hashes, lines, and what became of each condition."""
    shown = shown_or_missing(request, name)
    known = dict(sources(request))
    asked = request.POST.get("draft", request.GET.get("draft", ""))
    form, text, status = Typed({"draft": asked}), "", 200
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        # The revision is read before the text, so that nobody's later saving is written over.
        draft = next((one for one in drafts_of(request.site) if one.source == asked), None)
        chosen = _chosen(request, shown, known, asked)
        form, status = Typed(request.POST.dict(), chosen.fault), 422 if chosen.fault else 200
        try:
            if chosen.text:
                said = _answers(request, shown)
                text = bind_text(request.site, name, chosen.text, chosen.source, said)
            if text and draft is not None and chosen.source == asked and "save" in request.POST:
                save_draft(request.site, draft.name, text, request.person, after=draft.revision)
                done = HttpResponseRedirect(reverse("draft", kwargs={"name": draft.name}))
                told = "What was weighed is bound into the draft."
                return tell(done, told, secure=request.is_secure())
        except EquipoiseError as error:
            problems, status = error.problems, status_of(error)
    return page(
        request,
        "assess_bind.html.jinja",
        status=status,
        form=form,
        shown=shown,
        sources=known,
        told=_conditions_of(request, asked) if asked in known else {},
        text=text,
        problems=problems,
        may_draft=may(request.person, "draft agreements"),
    )


def _answers(request: Request, shown: Shown) -> dict[str, dict[str, str]]:
    """Return what the form says became of each condition."""
    found = {}
    for number, condition in enumerate(shown.profile.conditions):
        for key in ("clause", "answer"):
            if said := request.POST.get(f"conditions.{number}.{key}", "").strip():
                found[condition] = {key: " ".join(said.split())}
                break
    return found


def _conditions_of(request: Request, source: str) -> dict[str, str]:
    """Return what a text says already of conditions; nothing where it has problems."""
    try:
        agreement = parse(request.site.text_of(source), file=source).agreement
    except EquipoiseError:
        return {}
    return {one.condition: one.clause or one.answer or "" for one in
            agreement.weighing.conditions or ()}  # fmt: skip
