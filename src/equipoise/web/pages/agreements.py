"""Agreements: what is held and drafted here, one agreement with its signatures and reviews, and two
texts beside each other in plain words."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from equipoise.account.prose import html
from equipoise.acts.accounts.permission import may
from equipoise.acts.agreement_texts import (
    differences,
    drafts_here,
    held_here,
    reviews,
    signings,
    sources,
    text_called,
    weighed_of,
)
from equipoise.acts.assess_bind import compare_weighed
from equipoise.acts.drafts import draft_called, drafts_of
from equipoise.acts.sign_here import waits_for
from equipoise.acts.standing import standing_acts, why_stopped
from equipoise.agree.canonical import digest
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.errors import EquipoiseError, Problem
from equipoise.web.pages.drafting_findings import line_by_line
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page


@require_safe
def agreements(request: Request) -> HttpResponse:
    """Show every version that is held and every draft, each with how far it has come."""
    return page(
        request,
        "agreements.html.jinja",
        held=held_here(request.site),
        drafts=drafts_here(request.site),
        may_draft=may(request.person, "draft agreements"),
    )


def known(request: Request, reference: str) -> None:
    """Answer that there is no such page for a version that the site does not hold."""
    if not request.site.store.knows(reference):
        raise Http404


@require_safe
def agreement(request: Request, reference: str) -> HttpResponse:
    """Show one version: in plain words, who signed it, what was weighed, what was reviewed."""
    known(request, reference)
    site = request.site
    parsed = site.frozen(reference)
    return page(
        request,
        "agreement.html.jinja",
        record=site.store.agreement(reference),
        agreement=parsed.agreement,
        words=html(summarise(parsed.agreement), top=3),
        signings=signings(site, reference),
        acts=standing_acts(site, reference, request.person),
        stopped=why_stopped(site, reference),
        mine=waits_for(site, reference, request.person),
        reviews=reviews(site, reference),
        weighed=weighed_of(site, parsed.agreement.agreement),
    )


@require_safe
def text(request: Request, reference: str) -> HttpResponse:
    """Give the text of a version, as it is signed."""
    known(request, reference)
    return as_file(request.site.store.agreement(reference).text.encode(), f"{reference}.yaml")


def as_file(data: bytes, name: str, kind: str = "application/yaml") -> HttpResponse:
    """Return bytes for a browser to keep as a file."""
    response = HttpResponse(data, content_type=kind)
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.@") else "-" for c in name)
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    return response


@require_safe
def summary(request: Request, name: str) -> HttpResponse:
    """Show a draft in plain words, as the public would read it."""
    if name not in {one.name for one in drafts_of(request.site)}:
        raise Http404
    found = draft_called(request.site, name)
    agreed = parse(found.text, file=found.source).agreement
    return page(
        request,
        "draft_summary.html.jinja",
        draft=found,
        agreement=agreed,
        words=html(summarise(agreed), top=2),
    )


@require_safe
def compare(request: Request) -> HttpResponse:
    """Show two texts beside each other: what is different, and whether more is shared."""
    old, new = request.GET.get("old", ""), request.GET.get("new", "")
    problems: tuple[Problem, ...] = ()
    changes, lines, status = None, [], 200
    if old and new:
        try:
            changes = differences(request.site, old, new)
            lines = line_by_line(text_called(request.site, old), text_called(request.site, new))
        except EquipoiseError as error:
            problems, status = error.problems, status_of(error)
    return page(
        request,
        "agreements_compare.html.jinja",
        status=status,
        old=old,
        new=new,
        sources=_with(sources(request.site), old, new),
        changes=changes,
        lines=lines,
        problems=problems,
    )


def _with(listed: tuple[tuple[str, str], ...], *chosen: str) -> list[tuple[str, str]]:
    """Return the list with what was chosen by an address, as an earlier revision."""
    known_ones = {source for source, _ in listed}
    extra = {}
    for source in chosen:
        kind, _, rest = source.partition(":")
        name, _, number = rest.partition(":")
        if kind == "draft" and number and source not in known_ones:
            extra[source] = f"Draft {name}, revision {number}"
    return [*listed, *extra.items()]


@require_safe
def weighed(request: Request) -> HttpResponse:
    """Show what was weighed beside a text: what changed since, and which answers that makes stale;
    and everything for which the text could not be signed."""
    chosen = request.GET.get("text", "")
    problems: tuple[Problem, ...] = ()
    found, compared, status = None, [], 200
    if chosen:
        try:
            found = parse(text_called(request.site, chosen), file=chosen).agreement
            names = weighed_of(request.site, found.agreement)
            compared = [compare_weighed(request.site, name, chosen) for name in names]
        except EquipoiseError as error:
            problems, status = error.problems, status_of(error)
    reasons: dict[tuple[str, str | None], Problem] = {
        (one.code, one.what): one for each in compared for one in each.problems
    }
    return page(
        request,
        "agreements_weighed.html.jinja",
        status=status,
        chosen=chosen,
        sources=sources(request.site),
        agreement=found,
        digest=digest(found) if found else "",
        compared=compared,
        reasons=list(reasons.values()),
        problems=problems,
    )
