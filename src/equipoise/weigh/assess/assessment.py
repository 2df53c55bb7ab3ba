"""One assessment: what is assessed, everybody's answers, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from equipoise.agree.canonical import canonical_bytes, digest_of, substance
from equipoise.agree.document import Agreement
from equipoise.agree.parts import Digest, Sentence, Slug
from equipoise.agree.people import same_person_mark
from equipoise.agree.weighed import AGAINST, Line, Said, Weighed
from equipoise.agree.words import Beneficiary, Sensitivity
from equipoise.errors import DocumentRefused, Problem, StateRefused
from equipoise.weigh.assess.closing import FEWEST, Closing, wrongly_heard
from equipoise.weigh.assess.effects import HIGH, residual
from equipoise.weigh.assess.lines import ComputedLine, computed, high_sensitivity
from equipoise.weigh.assess.problems import problem
from equipoise.weigh.assess.sheet import Brief, Part, Risk, Sheet
from equipoise.weigh.cards import Card
from equipoise.weigh.catalogue import Catalogue, catalogue
from equipoise.weigh.questions import Questions, questions_digest


class Figure(Part):
    """Something that was measured, where it exists: how well records are linked, how an attack
    fares, what the disclosure check said. ``source`` says by what and when."""

    what: Sentence
    value: Brief
    source: Sentence


class Subject(Part):
    """What is assessed: a card, or the draft of an agreement by the hash of its substance, or both.
    What is taken from the draft is kept here, because people answered with it before them."""

    card: str = ""
    card_digest: Digest | None = None
    agreement: str = ""
    substance: Digest | None = None
    beneficiaries: tuple[Beneficiary, ...] = ()
    sensitivity: Sensitivity | None = None
    lines: tuple[ComputedLine, ...] = ()


class Assessment(Part):
    """An assessment at one moment. Nothing in it changes: each act makes another one."""

    name: Slug
    after: str = ""
    """The earlier assessment that this one goes on from."""
    subject: Subject
    catalogue: str
    catalogue_digest: Digest
    questions_digest: Digest
    figures: tuple[Figure, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    closing: Closing | None = Field(default=None)

    def content(self, salt: str) -> str:
        """Return the digest of everything in it. ``salt`` is random, and kept beside it, so that
        nobody can guess somebody's words from the digest."""
        said = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return digest_of(canonical_bytes({"assessment": said, "salt": salt}))


def begun(
    name: str,
    agreement: Agreement | None,
    card: Card | None,
    figures: Sequence[Figure] = (),
    items: Catalogue | None = None,
    after: str = "",
    asked: Questions | None = None,
) -> Assessment:
    """Return an assessment that nobody has answered. Raises ``DocumentRefused`` (WGH102) when it
    has neither an agreement nor a card."""
    if agreement is None and card is None:
        raise DocumentRefused(problem("WGH102"))
    subject = Subject() if agreement is None else subject_of(agreement)
    if card is not None:
        subject = subject.model_copy(update={"card": card.id, "card_digest": card.digest})
    held = items or catalogue()
    return Assessment(
        name=name,
        after=after,
        subject=subject,
        catalogue=held.version,
        catalogue_digest=held.digest,
        questions_digest=questions_digest(asked),
        figures=tuple(figures),
    )


def subject_of(agreement: Agreement) -> Subject:
    """Return what an assessment takes from the draft of an agreement."""
    return Subject(
        agreement=agreement.reference,
        substance=substance(agreement),
        beneficiaries=agreement.purpose.beneficiaries,
        sensitivity=high_sensitivity(agreement),
        lines=computed(agreement),
    )


def answered(assessment: Assessment, sheet: Sheet) -> Assessment:
    """Return the assessment with one more sheet, in place of an earlier one by the same person.

    Raises ``StateRefused`` (WGH100) when it is closed, ``DocumentRefused`` (WGH090) for a sheet of
    another assessment.
    """
    if assessment.closing is not None:
        raise StateRefused(problem("WGH100", name=assessment.name))
    if sheet.assessment != assessment.name:
        words = {"said": sheet.assessment, "name": assessment.name}
        raise DocumentRefused(problem("WGH090", "assessment", **words))
    others = tuple(each for each in assessment.sheets if each.rater.mark != sheet.rater.mark)
    return assessment.model_copy(update={"sheets": (*others, sheet)})


# -- lines ---------------------------------------------------------------------------------------

THE_TEXT: Final = "the text itself"
"""Who holds a line that the agreement leaves in doubt, until somebody signs it off."""


def lines_of(assessment: Assessment, items: Catalogue) -> tuple[Line, ...]:
    """Return every line that must be settled, and how it stands: first what the text leaves in
    doubt or crosses, then what people drew, once for each who holds it.

    Two may draw a line in the same words, as those of the list; neither signs off for the other.
    """
    closing = assessment.closing
    found: dict[tuple[str, str], Line] = {}
    failed: set[str] = set()
    for each in assessment.subject.lines:
        words = items[each.line].words
        if each.verdict == "fail":
            failed.add(words)
            found[words, THE_TEXT] = Line(words, THE_TEXT, "failed")
        elif each.verdict == "doubt":
            by = [one for one in (closing.settled if closing else ()) if one.line == words]
            line = Line(words, by[0].by if by else THE_TEXT, "settled" if by else "open")
            found[words, same_person_mark(line.held_by)] = line
    for sheet in assessment.sheets:
        for drawn in sheet.red_lines:
            if drawn.line not in failed:
                said = _settled(closing, drawn.line, drawn.held_by)
                line = Line(drawn.line, drawn.held_by, "settled" if said else "open")
                found.setdefault((drawn.line, same_person_mark(drawn.held_by)), line)
    return tuple(found.values())


def _settled(closing: Closing | None, line: str, holder: str) -> bool:
    return closing is not None and any(
        each.line == line and each.for_holder(holder) for each in closing.settled
    )


def conditions_of(assessment: Assessment) -> tuple[str, ...]:
    """Return every condition that somebody set, once each, in the order of the sheets."""
    wishes = [wish.condition for sheet in assessment.sheets for wish in sheet.conditions]
    return tuple(dict.fromkeys(wishes))


def high_risks(assessment: Assessment) -> tuple[Risk, ...]:
    """Return every risk that stays high in somebody's eyes, with all its controls."""
    gains = assessment.subject.beneficiaries
    return tuple(
        risk
        for sheet in assessment.sheets
        for risk in sheet.risks
        if (residual(risk, gains) or 0) >= HIGH
    )


# -- what people said ----------------------------------------------------------------------------

_GRAVEST: Final[tuple[Said, ...]] = ("against", "divided", "with conditions", "for", "unknown")


def said_by(assessment: Assessment) -> Said:
    """Return what people said, all in all: the raters, and the workshop if one was heard.

    More than half against is *against*; a third against is *divided*: those who do not know are
    not counted to either side. Of raters and workshop the more doubtful stands.
    """
    views = [sheet.view.answer for sheet in assessment.sheets]
    known = [view for view in views if view != "don't know"]
    against = known.count("do not share")
    said: Said = "for" if known else "unknown"
    if 2 * against > len(known):
        said = "against"
    elif against and 3 * against >= len(known):
        said = "divided"
    elif conditions_of(assessment):
        said = "with conditions"
    heard = assessment.closing.heard if assessment.closing else None
    return min([said, heard.said] if heard else [said], key=_GRAVEST.index)


# -- the end -------------------------------------------------------------------------------------


def closed(
    assessment: Assessment, closing: Closing, items: Catalogue, covers: Sequence[Weighed] = ()
) -> Assessment:
    """Return the assessment with its end. ``covers`` tell of the workshops that are known.

    Lines may stay open and the text may have failed: that is then what was found, and what cannot
    be signed. Raises ``StateRefused`` (WGH100) when it is closed already, and ``DocumentRefused``
    with everything that the closing lacks.
    """
    if assessment.closing is not None:
        raise StateRefused(problem("WGH100", name=assessment.name))
    ended = assessment.model_copy(update={"closing": closing})
    if found := (*_lacks(ended, closing, items), *wrongly_heard(closing, covers)):
        raise DocumentRefused(found)
    return ended


def _lacks(ended: Assessment, closing: Closing, items: Catalogue) -> Iterator[Problem]:
    if closing.assessment != ended.name:
        words = {"said": closing.assessment, "name": ended.name}
        yield problem("WGH090", "assessment", **words)
    if (count := len(ended.sheets)) < FEWEST:
        told = {0: "nobody", 1: "one person"}[count]
        yield problem("WGH101", count=told, name=ended.name, least=FEWEST)
    yield from _wrongly_settled(ended, closing, items)
    if not closing.adviser.followed and not closing.adviser.because.strip():
        yield problem("WGH103", "adviser.because")
    if (high := high_risks(ended)) and closing.regulator is None:
        yield problem("WGH104", "regulator", risk=high[0].name)
    if said_by(ended) in AGAINST and not closing.departs:
        yield problem("WGH108", "departs")


def _wrongly_settled(ended: Assessment, closing: Closing, items: Catalogue) -> Iterator[Problem]:
    lines = lines_of(ended, items)
    doubted = {items[e.line].words for e in ended.subject.lines if e.verdict == "doubt"}
    for number, each in enumerate(closing.settled):
        at = f"settled.{number}"
        meant = [line for line in lines if line.line == each.line]
        if not meant:
            known = " / ".join(dict.fromkeys(line.line for line in lines))
            known = known or "none: no line is open"
            yield problem("WGH105", f"{at}.line", line=each.line, known=known)
        elif meant[0].standing == "failed":
            yield problem("WGH107", f"{at}.line")
        elif each.line in doubted:
            continue  # what the text leaves in doubt is signed off by anybody, by name
        elif not any(each.for_holder(line.held_by) for line in meant):
            holder = " and ".join(line.held_by for line in meant)
            yield problem("WGH106", f"{at}.by", who=each.by, holder=holder)


def cover(assessment: Assessment, items: Catalogue, at: datetime, salt: str) -> Weighed:
    """Return the cover of a closed assessment, whose hash an agreement names.

    Raises ``StateRefused`` (WGH109) when it is not closed, ``ValueError`` for a time without zone.
    """
    if assessment.closing is None:
        raise StateRefused(problem("WGH109", name=assessment.name))
    if at.tzinfo is None:
        raise ValueError("a time without its zone cannot be bound")
    return Weighed(
        kind="assessment",
        name=assessment.name,
        substance=assessment.subject.substance or "",
        content=assessment.content(salt),
        closed=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        raters=len(assessment.sheets),
        said=said_by(assessment),
        lines=lines_of(assessment, items),
        conditions=conditions_of(assessment),
        workshop=(heard.workshop or "") if (heard := assessment.closing.heard) else "",
    )
