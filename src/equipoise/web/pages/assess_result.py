"""What came of an assessment: the profile with its spread, everybody's answers, the DPIA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from equipoise.acts.assess import items_of
from equipoise.acts.assess_papers import dpia_paper
from equipoise.charts.drawn import Drawn
from equipoise.charts.profile import Bearing, ProfileLine, bearing
from equipoise.charts.profile import profile as drawn_profile
from equipoise.web.pages.assess import shown_or_missing
from equipoise.web.request import Request
from equipoise.web.templating import page
from equipoise.weigh.assess.dpia import shown as in_words
from equipoise.weigh.assess.paper import to_html, to_markdown
from equipoise.weigh.assess.profile import EffectRow, Profile, Spread, disputed
from equipoise.weigh.assess.sheet import BEARERS

BANDS: Final = ((1, 4), (5, 9), (10, 14), (15, 30))
"""Weights, which are size times likelihood, as points of a picture. From 15 on a risk is high."""

POINTS: Final = ("weight 1 to 4", "weight 5 to 9", "weight 10 to 14", "weight 15 or more")


def _counts(spread: Spread) -> tuple[int, ...]:
    return tuple(sum(low <= value <= high for value in spread.known) for low, high in BANDS)


def weights(made: Profile) -> Drawn:
    """Draw how heavy each benefit and risk is in everybody's eyes; risks with what is done."""
    lines = [
        ProfileLine(_titled(row), "benefit", _counts(row.weight), row.weight.dont_know)
        for row in made.benefits
    ]
    for row in made.risks:
        left = row.remains or row.weight
        lines.append(ProfileLine(_titled(row), "risk", _counts(left), left.dont_know))
    return drawn_profile("How heavy each benefit and risk is", lines, POINTS)


def _titled(row: EffectRow) -> str:
    return f"{row.words} On {row.on}."


def bearers(made: Profile) -> Drawn:
    """Draw who gains and who bears the risk, by how large it is for them."""
    found: dict[tuple[str, str], dict[str, int | None]] = {}
    words: dict[tuple[str, str], str] = {}
    for side, rows in (("benefit", made.benefits), ("risk", made.risks)):
        for row in rows:
            found.setdefault((side, row.name), {})[row.on] = _third(row.size)
            words[side, row.name] = row.words
    effects: list[Bearing] = [
        (words[key], "benefit" if key[0] == "benefit" else "risk", on) for key, on in found.items()
    ]
    return bearing("Who gains, and who bears the risk", BEARERS, effects)


def _third(size: Spread) -> int | None:
    """Return the middle of the sizes as small, medium or large; ``None``: nobody knows."""
    if size.middle is None:
        return None
    return 1 if size.middle < 2.5 else 2 if size.middle < 3.5 else 3


def effect_rows(rows: Iterable[EffectRow]) -> list[Sequence[str]]:
    """Return benefits or risks as rows of a table."""
    return [
        (
            row.words + (" Those exposed are not those who gain: counted worse." * row.for_others),
            row.on,
            in_words(row.size),
            in_words(row.likelihood),
            in_words(row.weight),
            in_words(row.remains) if row.remains else "",
            "yes" if row.apart else "no",
        )
        for row in rows
    ]


@require_safe
def profile(request: Request, name: str) -> HttpResponse:
    """Show the profile: everything that was answered with its spread, and no score."""
    shown = shown_or_missing(request, name)
    made = shown.profile
    parts = (
        ("Benefits", effect_rows(made.benefits)),
        ("Risks", effect_rows(made.risks)),
        ("What is lost without sharing", effect_rows(made.not_sharing)),
    )
    return page(
        request,
        "assess_profile.html.jinja",
        shown=shown,
        items=items_of(request.site),
        weights=weights(made) if made.benefits or made.risks else None,
        bearers=bearers(made) if made.benefits or made.risks else None,
        effects=parts,
        asked=_asked(made),
        disputed=tuple(disputed(made)),
    )


def _asked(made: Profile) -> list[tuple[str, list[Sequence[str]]]]:
    """Return the factors and the three tests as tables: each rater's answer beside the others."""
    groups = {
        "What makes it acceptable": made.factors,
        **{
            f"Is it {test}?": tuple(one for one in made.tests if one.part == test)
            for test in dict.fromkeys(one.part for one in made.tests)
        },
    }
    return [
        (
            title,
            [
                (
                    one.words,
                    *(_of_rater(one.answers, number) for number in range(1, made.raters + 1)),
                    in_words(one.answers),
                    "yes" if one.answers.apart else "no",
                )
                for one in asked
            ],
        )
        for title, asked in groups.items()
    ]


def _of_rater(answers: Spread, number: int) -> str:
    for one in answers.answers:
        if one.rater == number:
            return "don\u2019t know" if one.value is None else str(one.value)
    return "not asked"


@require_safe
def answers(request: Request, name: str) -> HttpResponse:
    """Show everybody's answers and reasons, side by side; raters are told by sector."""
    shown = shown_or_missing(request, name)
    sheets = shown.assessment.sheets
    made = shown.profile
    asked = [
        (one.words, [(n, sheet.rater.sector, sheet.judgements[one.name])
                     for n, sheet in enumerate(sheets, 1) if one.name in sheet.judgements],
         one.answers.apart)
        for one in (*made.factors, *made.tests)
    ]  # fmt: skip
    return page(
        request,
        "assess_answers.html.jinja",
        shown=shown,
        items=items_of(request.site),
        sheets=list(enumerate(sheets, 1)),
        asked=asked,
    )


@require_safe
def dpia(request: Request, name: str) -> HttpResponse:
    """Show the data protection impact assessment, to be read, printed or taken away."""
    shown = shown_or_missing(request, name)
    return page(
        request, "assess_dpia.html.jinja", shown=shown, paper=dpia_paper(request.site, name)
    )


@require_safe
def dpia_markdown(request: Request, name: str) -> HttpResponse:
    """Give the document away as Markdown."""
    shown_or_missing(request, name)
    return _file(to_markdown(dpia_paper(request.site, name)), "text/markdown", f"dpia-{name}.md")


@require_safe
def dpia_html(request: Request, name: str) -> HttpResponse:
    """Give the document away as one HTML page."""
    shown_or_missing(request, name)
    return _file(to_html(dpia_paper(request.site, name)), "text/html", f"dpia-{name}.html")


def _file(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
