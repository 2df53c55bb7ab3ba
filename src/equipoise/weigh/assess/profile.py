"""The profile: every benefit, risk, factor and question with everybody's answers and their spread.

There is no total, on purpose: a sum would hide who bears the risk, who gains, and where people who
know different things disagree. Raters are told apart by number and sector; their names stay in the
assessment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median
from typing import Final

from equipoise.agree.weighed import Line, Said
from equipoise.weigh.assess.assessment import (
    Assessment,
    Figure,
    conditions_of,
    lines_of,
    said_by,
)
from equipoise.weigh.assess.effects import exposed_for_others, residual, weight
from equipoise.weigh.assess.lines import ComputedLine
from equipoise.weigh.assess.sheet import Answer, Bearer, Effect, Part, Risk, Sheet, ViewWord
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.questions import Questions, questions

APART: Final = 2
"""Answers on a scale of five that lie so far apart, or further, are a disagreement."""


class One(Part):
    """One rater's answer: the rater's number and sector, and the value; None: does not know."""

    rater: int
    sector: str
    value: int | None


class Spread(Part):
    """Everybody's answers to one thing, and how far they lie apart."""

    answers: tuple[One, ...]

    @property
    def known(self) -> tuple[int, ...]:
        """Return the answers of those who know, from low to high."""
        return tuple(sorted(one.value for one in self.answers if one.value is not None))

    @property
    def dont_know(self) -> int:
        """Return how many do not know."""
        return sum(one.value is None for one in self.answers)

    @property
    def lowest(self) -> int | None:
        """Return the lowest answer."""
        return self.known[0] if self.known else None

    @property
    def middle(self) -> float | None:
        """Return the median of those who know."""
        return float(median(self.known)) if self.known else None

    @property
    def highest(self) -> int | None:
        """Return the highest answer."""
        return self.known[-1] if self.known else None

    @property
    def apart(self) -> bool:
        """Say whether people disagree."""
        return bool(self.known) and self.known[-1] - self.known[0] >= APART

    def by_sector(self) -> dict[str, tuple[int | None, ...]]:
        """Return the answers of each sector."""
        sectors = dict.fromkeys(one.sector for one in self.answers)
        return {
            sector: tuple(one.value for one in self.answers if one.sector == sector)
            for sector in sectors
        }


class EffectRow(Part):
    """One benefit or risk, on one group of people. ``weight`` is size x likelihood, 1 to 30;
    ``remains`` the same with every control, for risks; ``for_others``: the exposed do not gain."""

    name: str
    words: str
    on: Bearer
    size: Spread
    likelihood: Spread
    weight: Spread
    remains: Spread | None = None
    for_others: bool = False

    @property
    def apart(self) -> bool:
        """Say whether people disagree on how large or how likely it is."""
        return self.size.apart or self.likelihood.apart


class Asked(Part):
    """One factor or question, and everybody's answer."""

    name: str
    part: str
    words: str
    answers: Spread


class Profile(Part):
    """Everything that came of an assessment, side by side."""

    raters: int
    sectors: tuple[str, ...]
    computed: tuple[ComputedLine, ...]
    lines: tuple[Line, ...]
    benefits: tuple[EffectRow, ...]
    risks: tuple[EffectRow, ...]
    not_sharing: tuple[EffectRow, ...]
    factors: tuple[Asked, ...]
    tests: tuple[Asked, ...]
    views: tuple[tuple[ViewWord, int], ...]
    said: Said
    conditions: tuple[str, ...]
    figures: tuple[Figure, ...]
    sensitivity: str


VIEWS: Final[tuple[ViewWord, ...]] = (
    "share",
    "share with conditions",
    "do not share",
    "don't know",
)


def profile(assessment: Assessment, items: Catalogue, asked: Questions | None = None) -> Profile:
    """Return the profile of an assessment, closed or not. ``asked``: the eighteen when not said."""
    pool = questions() if asked is None else asked
    sheets = assessment.sheets
    said = [sheet.view.answer for sheet in sheets]
    return Profile(
        raters=len(sheets),
        sectors=tuple(sheet.rater.sector for sheet in sheets),
        computed=assessment.subject.lines,
        lines=lines_of(assessment, items),
        benefits=_rows(assessment, items, lambda sheet: sheet.benefits),
        risks=_rows(assessment, items, lambda sheet: sheet.risks),
        not_sharing=_rows(assessment, items, lambda sheet: sheet.not_sharing),
        factors=tuple(
            Asked(
                name=item.id,
                part="factors",
                words=item.words,
                answers=_judged(sheets, item.id),
            )
            for item in items.of("factors")
        ),
        tests=tuple(
            Asked(name=key, part=question.test, words=question.words, answers=_judged(sheets, key))
            for key, question in pool.items()
        ),
        views=tuple((word, said.count(word)) for word in VIEWS),
        said=said_by(assessment),
        conditions=conditions_of(assessment),
        figures=assessment.figures,
        sensitivity=assessment.subject.sensitivity or "",
    )


def _value(answer: Answer) -> int | None:
    return None if isinstance(answer, str) else answer


def _judged(sheets: Sequence[Sheet], name: str) -> Spread:
    """Return everybody's answer to one factor or question."""
    return Spread(
        answers=tuple(
            One(
                rater=number,
                sector=sheet.rater.sector,
                value=_value(sheet.judgements[name].answer),
            )
            for number, sheet in enumerate(sheets, start=1)
            if name in sheet.judgements
        )
    )


Named = tuple[int, str, Effect]
"""Rater, sector, and what they said of one effect."""


def _rows(
    assessment: Assessment, items: Catalogue, effects: Callable[[Sheet], Iterable[Effect]]
) -> tuple[EffectRow, ...]:
    """Gather what raters said of the same thing on the same people, heaviest first."""
    grouped: dict[tuple[str, Bearer], list[Named]] = {}
    for number, sheet in enumerate(assessment.sheets, start=1):
        for effect in effects(sheet):
            said = (number, sheet.rater.sector, effect)
            grouped.setdefault((effect.name, effect.on), []).append(said)
    rows = [_row(assessment, items, name, on, said) for (name, on), said in grouped.items()]
    return tuple(sorted(rows, key=_heaviest_first))


def _heaviest_first(row: EffectRow) -> tuple[float, int]:
    shown = row.remains or row.weight
    return (-(shown.middle or 0), -(shown.highest or 0))


def _row(
    assessment: Assessment, items: Catalogue, name: str, on: Bearer, said: Sequence[Named]
) -> EffectRow:
    gains = assessment.subject.beneficiaries
    risks = [(number, sector, each) for number, sector, each in said if isinstance(each, Risk)]
    return EffectRow(
        name=name,
        words=items[name].words if name in items else name,
        on=on,
        size=_spread((n, s, _value(each.size)) for n, s, each in said),
        likelihood=_spread((n, s, _value(each.likelihood)) for n, s, each in said),
        weight=_spread((n, s, weight(each, gains)) for n, s, each in said),
        remains=_spread((n, s, residual(each, gains)) for n, s, each in risks) if risks else None,
        for_others=any(exposed_for_others(each, gains) for _, _, each in risks),
    )


def _spread(values: Iterable[tuple[int, str, int | None]]) -> Spread:
    made = (One(rater=number, sector=sector, value=value) for number, sector, value in values)
    return Spread(answers=tuple(made))


def disputed(made: Profile) -> Iterator[str]:
    """Yield, in words, everything on which people disagree."""
    for row in (*made.benefits, *made.risks, *made.not_sharing):
        if row.apart:
            yield f"{row.words} ({row.on})"
    yield from (asked.words for asked in (*made.factors, *made.tests) if asked.answers.apart)
