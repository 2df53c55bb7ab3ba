"""Does a sheet hold together: with the catalogue, with the questions, and in itself?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from equipoise.agree.nearest import suggest
from equipoise.errors import DocumentRefused, Problem
from equipoise.weigh.assess.problems import problem
from equipoise.weigh.assess.reading import read_said
from equipoise.weigh.assess.sheet import Effect, SheetSoFar
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.catalogue.model import Group
from equipoise.weigh.questions import Questions, questions


def check_sheet(
    sheet: SheetSoFar, items: Catalogue, asked: Questions | None = None
) -> tuple[Problem, ...]:
    """Return everything that is wrong with a sheet, each at its clause. ``asked``: the questions of
    the three tests, the eighteen when not said."""
    return tuple(_problems(sheet, items, questions() if asked is None else asked))


def check_parts(
    name: str, parts: Mapping[str, Any], items: Catalogue, asked: Questions | None = None
) -> tuple[Problem, ...]:
    """Return everything that is wrong with some parts of a sheet of the assessment ``name``, given
    as plain data; what other parts should say is not asked for."""
    try:
        sheet = read_said(SheetSoFar, {"assessment": name, **parts})
    except DocumentRefused as error:
        return error.problems
    found = check_sheet(sheet, items, asked)
    return tuple(each for each in found if (each.clause or "").partition(".")[0] in parts)


def _problems(sheet: SheetSoFar, items: Catalogue, asked: Questions) -> Iterator[Problem]:
    yield from _effects("benefits", "benefits", sheet.benefits, items)
    yield from _effects("risks", "risks", sheet.risks, items)
    yield from _effects("not sharing", "risks", sheet.not_sharing, items)
    yield from _controls(sheet)
    yield from _asked("factors", sheet.factors, [item.id for item in items.of("factors")])
    yield from _asked("tests", sheet.tests, asked)
    for number, drawn in enumerate(sheet.red_lines):
        known = [item.id for item in items.of("red lines")]
        if drawn.about is not None and drawn.about not in known:
            at, next_ = f"red lines.{number}.about", suggest(drawn.about, known)
            yield problem("WGH091", at, group="red line", item=drawn.about, next=next_)
    if not sheet.benefits:
        yield problem("WGH098", "benefits")
    if not sheet.risks:
        yield problem("WGH099", "risks")
    view = sheet.view.answer if sheet.view else ""
    if view == "share with conditions" and not sheet.conditions:
        yield problem("WGH097", "view.answer")


def _effects(
    part: str, group: str, effects: Iterable[Effect], items: Catalogue
) -> Iterator[Problem]:
    known = [item.id for item in items.of(cast(Group, group))]
    seen: set[tuple[str, str]] = set()
    for number, effect in enumerate(effects):
        at = f"{part}.{number}"
        if (effect.item is None) == (effect.words is None):
            yield problem("WGH092", at)
        elif effect.item is not None and effect.item not in known:
            words = {"group": group.removesuffix("s"), "item": effect.item}
            yield problem("WGH091", f"{at}.item", **words, next=suggest(effect.item, known))
        elif (effect.name, effect.on) in seen:
            yield problem("WGH095", at, item=effect.name)
        seen.add((effect.name, effect.on))


def _controls(sheet: SheetSoFar) -> Iterator[Problem]:
    for number, risk in enumerate(sheet.risks):
        for place, control in enumerate(risk.controls):
            if not isinstance(risk.likelihood, str) and control.likelihood > risk.likelihood:
                at = f"risks.{number}.controls.{place}.likelihood becomes"
                words = {"before": risk.likelihood, "after": control.likelihood}
                yield problem("WGH093", at, **words)


def _asked(part: str, given: Iterable[str], asked: Iterable[str]) -> Iterator[Problem]:
    given, asked = tuple(given), tuple(asked)
    for name in given:
        if name not in asked:
            yield problem("WGH094", f"{part}.{name}", item=name, next=suggest(name, asked))
    if missing := [name for name in asked if name not in given]:
        yield problem("WGH096", part, missing=", ".join(missing))
