"""The data protection impact assessment that an assessment amounts to, in its seven steps.

It is taken from what is agreed, answered and closed, and says at each step what is still missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from equipoise.agree.changes import named
from equipoise.agree.document import Agreement
from equipoise.agree.plain import day, listed, term
from equipoise.weigh.assess.assessment import Assessment
from equipoise.weigh.assess.closing import Closing
from equipoise.weigh.assess.effects import HIGH
from equipoise.weigh.assess.paper import Block, Items, Paper, Section, Words, grid, items
from equipoise.weigh.assess.profile import Asked, EffectRow, Profile, Spread, disputed, profile
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.questions import Questions, dpia_steps

MISSING: Final = "Still to be written: "


class _Told:
    """What the steps are written from."""

    def __init__(
        self,
        assessment: Assessment,
        agreement: Agreement,
        items: Catalogue,
        asked: Questions | None,
    ) -> None:
        self.assessment, self.agreement, self.items = assessment, agreement, items
        self.profile: Profile = profile(assessment, items, asked)
        self.closing: Closing | None = assessment.closing


def dpia(
    assessment: Assessment,
    agreement: Agreement,
    items: Catalogue,
    asked: Questions | None = None,
) -> Paper:
    """Return the document of an assessment of ``agreement``, which must be the one it weighed."""
    told = _Told(assessment, agreement, items, asked)
    sections = tuple(
        Section(
            f"Step {number}. {step.title}",
            (Words(step.words), *_STEPS[step.id](told)),
        )
        for number, step in enumerate(dpia_steps(), start=1)
    )
    title = f"Data protection impact assessment: {agreement.title}"
    return Paper(title, (*sections, _bound(told)))


def shown(spread: Spread | None) -> str:
    """Return a spread in words: ``2 to 5, middle 3; 1 does not know``."""
    if spread is None or not spread.answers:
        return "nobody answered"
    unknown = spread.dont_know
    tail = f"{unknown} {'does' if unknown == 1 else 'do'} not know" if unknown else ""
    if not spread.known:
        return tail
    low, high = spread.known[0], spread.known[-1]
    middle = f"{spread.middle:g}"
    span = f"{low}" if low == high else f"{low} to {high}, middle {middle}"
    return f"{span}; {tail}" if tail else span


def _need(told: _Told) -> Iterator[Block]:
    agreement = told.agreement
    yield Words(agreement.purpose.statement)
    yield Words(f"The purpose is {agreement.purpose.nature}. It was weighed by the "
                f"{agreement.weighing.route} route. {agreement.weighing.reason}")  # fmt: skip
    yield grid(
        "Red lines that the text itself answers",
        ("red line", "it says", "because"),
        (
            (told.items[line.line].words, line.verdict, f"{each.reason} ({each.clause})")
            for line in told.profile.computed
            for each in line.findings
            if each.verdict == line.verdict
        ),
    )


def _processing(told: _Told) -> Iterator[Block]:
    agreement = told.agreement
    yield grid(
        "The data",
        ("dataset", "from", "about", "form", "field", "sensitivity", "why it is needed"),
        (
            (name, data.controller, data.about, data.form, key, field.sensitivity or "", field.why)
            for name, data in agreement.datasets.items()
            for key, field in data.fields.items()
        ),
    )
    if agreement.linkage is not None:
        linkage = agreement.linkage
        yield Words(f"Records are joined by {linkage.by}, in the mode '{linkage.mode}'.")
    yield grid(
        "Who gets what",
        ("what", "who", "fields", "rows"),
        ((one.of, one.to, listed(one.fields), one.rows) for one in agreement.releases),
        "nothing leaves.",
    )
    yield grid(
        "How long it is kept",
        ("what", "how long", "proof"),
        ((name, term(kept), kept.proof) for name, kept in agreement.retention.items()),
    )
    benefits = [
        f"{each.people_get}, measured by {each.measured_by}"
        + (f", {each.target}" if each.target else "")
        + (f", by {day(each.by)}" if each.by else "")
        for each in agreement.purpose.benefits
    ]
    yield items(benefits, f"{MISSING}what good it is meant to do, and how that is measured.")


def _consulted(told: _Told) -> Iterator[Block]:
    sectors = listed(dict.fromkeys(told.profile.sectors))
    yield Words(f"{told.profile.raters} people answered, each for themselves: {sectors}.")
    closing = told.closing
    yield Words(closing.consulted if closing else f"{MISSING}who was asked and how, or why not.")
    if closing and closing.heard:
        heard = closing.heard
        yield Words(f"In a workshop people were {heard.said}. {heard.in_short}")
        hashes = {"workshop": heard.workshop, "information pack": heard.information_pack}
        yield items((f"{name}: {value}" for name, value in hashes.items() if value), "No hashes.")
    views = [f"{count} said: {word}" for word, count in told.profile.views if count]
    yield items(views, "Nobody has said yet what they would do.")
    departures = closing.departs if closing else ()
    for each in departures:
        yield Words(f"The decision departs from this view: {each.people_said} Reasons: "
                    f"{each.because} Decided by: {each.decided_by}.")  # fmt: skip
    yield grid(
        "Conditions that people set",
        ("condition", "what came of it"),
        ((condition, _answer(told, condition)) for condition in told.profile.conditions),
        "nobody set one.",
    )


def _answer(told: _Told, condition: str) -> str:
    for each in told.agreement.weighing.conditions or ():
        if each.condition == condition:
            became = named(told.agreement, each.clause) if each.clause else None
            return f"It became: {became} ({each.clause})" if became else each.answer or "open"
    return "open"


def _necessary(told: _Told) -> Iterator[Block]:
    yield grid(
        "The power by which each controller shares",
        ("controller", "lawful basis", "power", "confidentiality"),
        (
            (name, each.basis, each.power, each.confidentiality)
            for name, each in told.agreement.gateway.items()
        ),
    )
    yield _judged("Is it purposeful?", told, "purposeful")
    yield _judged("Is it proportionate?", told, "proportionate")
    yield Words(f"What the public is told: {told.agreement.public.summary}")
    yield items(
        (f"Nobody may: {word}" for word in told.agreement.prohibitions), "Nothing is prohibited."
    )


def _judged(caption: str, told: _Told, part: str) -> Block:
    asked: list[Asked] = [each for each in told.profile.tests if each.part == part]
    return grid(
        caption,
        ("question", "answers, 1 to 5", "people disagree"),
        ((e.words, shown(e.answers), "yes" if e.answers.apart else "no") for e in asked),
    )


def _risks(told: _Told) -> Iterator[Block]:
    yield Words("Weights are size times likelihood, each 1 to 5. They are not added up.")
    sensitivity = told.profile.sensitivity or "not stated"
    yield Words(f"The most sensitive field is of sensitivity: {sensitivity}. No control lowers it.")
    heads = ("risk", "on whom", "size", "likelihood", "weight")
    yield grid("Risks of sharing", heads, (_effect(row) for row in told.profile.risks))
    yield grid("Benefits of sharing", heads, (_effect(row) for row in told.profile.benefits))
    yield grid("What is lost without it", heads, (_effect(row) for row in told.profile.not_sharing))
    yield items(disputed(told.profile), "On nothing do people disagree by two points or more.")


def _effect(row: EffectRow) -> tuple[str, ...]:
    words = row.words + (" (those exposed are not those who gain: counted worse)" * row.for_others)
    return (words, row.on, shown(row.size), shown(row.likelihood), shown(row.weight))


def _measures(told: _Told) -> Iterator[Block]:
    yield grid(
        "Protections in the agreement",
        ("protection", "evidence"),
        ((each.what, each.evidence) for each in told.agreement.safeguards),
    )
    yield grid(
        "What raters count on against each risk",
        ("risk", "control", "likelihood becomes", "evidence"),
        (
            (risk.name, control.what, str(control.likelihood), control.evidence)
            for sheet in told.assessment.sheets
            for risk in sheet.risks
            for control in risk.controls
        ),
    )
    yield grid(
        "What remains",
        ("risk", "on whom", "weight before", "weight with controls"),
        ((row.words, row.on, shown(row.weight), shown(row.remains)) for row in told.profile.risks),
    )
    yield grid(
        "What was measured",
        ("figure", "value", "source"),
        ((each.what, each.value, each.source) for each in told.assessment.figures),
        "no figure exists yet.",
    )
    yield _judged("Is it responsible?", told, "responsible")


def _decided(told: _Told) -> Iterator[Block]:
    closing = told.closing
    yield grid(
        "Red lines that people hold",
        ("line", "held by", "it is"),
        ((line.line, line.held_by, line.standing) for line in told.profile.lines),
        "nobody drew one.",
    )
    if closing is None:
        yield Words(f"{MISSING}who approves it, on whose advice, and who accepts what remains.")
        return
    yield Items(tuple(f"{each.line} Settled by {each.by}: {each.how}" for each in closing.settled)
                or ("No line was settled.",))  # fmt: skip
    adviser = closing.adviser
    yield Words(f"{adviser.name} advised: {adviser.advice}")
    if adviser.followed:
        yield Words("The advice was followed.")
    else:
        yield Words(f"The advice was not followed. Reasons: {adviser.because}")
    yield Words(f"Approved by {closing.approved_by}. What remains is accepted by "
                f"{closing.accepted_by}. Watched by {closing.reviewed_by}"
                + (f", on {day(closing.review)}." if closing.review else "."))  # fmt: skip
    high = [row for row in told.profile.risks if _is_high(row)]
    if closing.regulator is not None:
        when = day(closing.regulator.consulted)
        yield Words(f"The regulator was consulted on {when}: {closing.regulator.said}")
    elif high:
        names = listed(row.words for row in high)
        yield Words(f"A high risk remains: {names}. Consult the regulator before anything begins.")
    else:
        yield Words("No high risk remains in anybody's eyes.")


def _is_high(row: EffectRow) -> bool:
    return row.remains is not None and (row.remains.highest or 0) >= HIGH


def _bound(told: _Told) -> Section:
    assessment = told.assessment
    return Section(
        "What this rests on",
        (
            Items(
                (
                    f"Assessment: {assessment.name}",
                    f"Agreement: {told.agreement.reference}",
                    f"Hash of what was weighed: {assessment.subject.substance or 'no draft'}",
                    f"Catalogue {assessment.catalogue}: {assessment.catalogue_digest}",
                    f"Questions: {assessment.questions_digest}",
                )
            ),
        ),
    )


_STEPS: Final[Mapping[str, Callable[[_Told], Iterator[Block]]]] = {
    "dpia-1": _need,
    "dpia-2": _processing,
    "dpia-3": _consulted,
    "dpia-4": _necessary,
    "dpia-5": _risks,
    "dpia-6": _measures,
    "dpia-7": _decided,
}
