"""Bind what was weighed to what is signed, and refuse a text that is not the one weighed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from equipoise.acts.assess import assessment_of, book, cover_of, draft_of, stale_between
from equipoise.acts.site import Site
from equipoise.acts.workshop_over import passed_over
from equipoise.agree.canonical import substance
from equipoise.agree.catalogue import problem as agreed_problem
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed, parse
from equipoise.agree.weighed import Weighed, check_weighed
from equipoise.errors import DocumentRefused, Problem, StateRefused
from equipoise.store.assessments import Assessed
from equipoise.store.changing import Change
from equipoise.weigh.assess.binding import NONE_YET, Answers, bound_text
from equipoise.weigh.assess.stale import Stale, stale_in


@dataclass(frozen=True)
class Compared:
    """What was weighed beside a text: every change with the answers it makes stale, the stale
    answers of each rater, and everything for which the text could not be signed."""

    name: str
    same: bool
    changes: tuple[Stale, ...]
    anew: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...]


def compare_weighed(site: Site, name: str, source: str) -> Compared:
    """Hold an agreement against the draft that an assessment weighed, in plain words.

    Raises ``StateRefused`` (ACT207) when the assessment weighed a card and no draft.
    """
    _weighed_draft(site, name)
    return compare_text(site, name, site.text_of(source), source)


def _weighed_draft(site: Site, name: str) -> tuple[Assessed, Parsed]:
    held = book(site).assessment(name)
    draft = draft_of(held)
    if draft is None:
        raise StateRefused(
            Problem(
                "ACT207",
                f"{name} assessed a card, and no draft to compare with",
                next="begin one of the draft: equipoise assess start NAME --agreement FILE",
            )
        )
    return held, draft


def compare_text(site: Site, name: str, text: str, source: str) -> Compared:
    """Hold a text against the draft that an assessment weighed. ``source`` is only the name that
    problems give. Raises as ``compare_weighed``."""
    held, draft = _weighed_draft(site, name)
    parsed = parse(text, file=source)
    changes = stale_between(site, draft, parsed)
    return Compared(
        name,
        substance(draft.agreement) == substance(parsed.agreement),
        changes,
        stale_in(assessment_of(held), changes),
        tuple(_placed(each, parsed, source) for each in _reasons(site, parsed)),
    )


def bind(site: Site, name: str, source: str, answers: Answers = NONE_YET) -> str:
    """Return an agreement's text with what was weighed written into its clause ``weighing``, and at
    each condition the clause that it became, or the answer.

    Raises ``DocumentRefused``: WGH110 when the assessment weighed another text, and every problem
    that the new text would have; ``StateRefused`` (WGH109) when it is not closed.
    """
    return bind_text(site, name, site.text_of(source), source, answers)


def bind_text(site: Site, name: str, text: str, source: str, answers: Answers = NONE_YET) -> str:
    """Return ``text`` with what was weighed written into it. ``source`` is only the name that
    problems give. Raises as ``bind``."""
    held = book(site).assessment(name)
    cover = cover_of(site, held)
    parsed = parse(text, file=source)
    made = assessment_of(held)
    heard = made.closing.heard.workshop if made.closing and made.closing.heard else None
    read = next((c.information_pack for c in book(site).covers() if c.digest == heard), "")
    written = bound_text(parsed, text, made, cover, answers, read)
    if parse(written, file=source).agreement.weighing.assessment != cover.digest:
        raise AssertionError("the clause was not written where it stands")
    return written


# -- signing -------------------------------------------------------------------------------------


def refuse_unweighed(site: Site, parsed: Parsed, covers: Sequence[Weighed] = ()) -> None:
    """Refuse to put forward a text that is not the one weighed, or leaves open what people asked.

    ``covers`` came with the text. Raises ``DocumentRefused`` (AGR251-261) with every reason and its
    line, and what changed since it was weighed; ``StateRefused`` for a text that leaves out
    an assessment made of it (ACT208) or a workshop held about it (ACT227).
    """
    if problems := [_placed(each, parsed, "") for each in _reasons(site, parsed, covers)]:
        raise DocumentRefused(problems)
    refuse_passed_over(site, parsed.agreement)


def _reasons(site: Site, parsed: Parsed, covers: Sequence[Weighed] = ()) -> Iterator[Problem]:
    """Yield why a text is not what was weighed, and after each other text what changed."""
    agreement = parsed.agreement
    for each in check_weighed(agreement, (*book(site).covers(), *covers)):
        yield each
        if each.code == "AGR252":
            yield from _changed(site, parsed)


def _changed(site: Site, parsed: Parsed) -> Iterator[Problem]:
    held = _bound_here(site, parsed.agreement)
    draft = draft_of(held) if held else None
    for change in stale_between(site, draft, parsed) if draft else ():
        names = ", ".join([*change.items, *change.questions]) or "none"
        words = {"sentence": change.sentence, "stale": names}
        yield agreed_problem("AGR260", change.clause, **words)


def _bound_here(site: Site, agreement: Agreement) -> Assessed | None:
    """Return the assessment of this site that an agreement binds, if it was made here."""
    for held in book(site).assessments():
        closed = held.state == "closed"
        if closed and cover_of(site, held).digest == agreement.weighing.assessment:
            return held
    return None


def _placed(found: Problem, parsed: Parsed, file: str) -> Problem:
    line, column = parsed.places.place(found.clause or "") or (None, None)
    return replace(found, file=file or None, line=line, column=column)


def refuse_passed_over(site: Site, agreement: Agreement) -> None:
    """Refuse (ACT208) a text that binds no assessment although one was begun of it here.

    Otherwise what people answered could be left out in silence, by taking the light route. As well
    refuses (ACT227) one that leaves out a workshop that was held about it here, without reasons.
    """
    _refuse_no_assessment(site, agreement)
    if problems := [*passed_over(site, agreement)]:
        raise StateRefused(problems)


def _refuse_no_assessment(site: Site, agreement: Agreement) -> None:
    if agreement.weighing.assessment is not None:
        return
    for held in book(site).assessments():
        if held.reference == agreement.reference and held.state != "set aside":
            raise StateRefused(
                Problem(
                    "ACT208",
                    f"{agreement.reference} was weighed in '{held.name}', which it does not bind",
                    why="what people answered must not be left out in silence",
                    next=f"equipoise assess bind {held.name} AGREEMENT; or say why not: "
                    f"equipoise assess set-aside {held.name} --because 'WHY'",
                    clause="weighing.assessment",
                )
            )


# -- partners ------------------------------------------------------------------------------------


def bound_covers(site: Site, agreement: Agreement) -> tuple[Weighed, ...]:
    """Return the covers that an agreement binds, for partners who were not there."""
    bound = {agreement.weighing.assessment, agreement.weighing.workshop}
    return tuple(cover for cover in book(site).covers() if cover.digest in bound)


def take_in_covers(
    site: Site, change: Change, agreement: Agreement, covers: Sequence[Weighed]
) -> None:
    """Keep the covers that came with an agreement, if it binds them; others are left out."""
    bound = {agreement.weighing.assessment, agreement.weighing.workshop}
    known = {cover.digest for cover in book(site).covers()}
    fresh = [each for each in covers if each.digest in bound and each.digest not in known]
    book(site).keep_covers(change, fresh)
    for cover in fresh:
        change.note("weighing taken in", f"assessment:{cover.name}", cover=cover.digest)
