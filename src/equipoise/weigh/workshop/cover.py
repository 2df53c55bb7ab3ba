"""The cover of a finished workshop: what an agreement that names it is held to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from equipoise.agree.weighed import Line, Said, Weighed
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.polls import Poll
from equipoise.weigh.workshop.report import Report
from equipoise.weigh.workshop.results import TAKEN_OUT, Conditions, Lines, Texts
from equipoise.weigh.workshop.shown import LEAST
from equipoise.weigh.workshop.state import State

SOMEBODY: Final = "somebody at the workshop"
UNTOLD: Final = (
    "Red lines were drawn at the workshop and are told nowhere, because fewer than five people "
    "took part: those who were there must be asked, and each line settled with them."
)
"""What stands in place of lines that can be told of nobody."""
SYNTHETIC: Final = "an invented person at a synthetic workshop"


def cover(plan: Plan, state: State, made: Report, catalogue: Catalogue, at: datetime) -> Weighed:
    """Return the cover of a closed workshop whose report is ``made``.

    ``raters`` is how many took part, in fives. A red line drawn at a workshop is settled in the
    agreement or nowhere, so each stands here as one that the agreement must name, with how.
    """
    conditions = tuple(dict.fromkeys((*_voted(made), *_never_voted(plan, made))))
    return Weighed(
        kind="workshop",
        name=plan.id,
        substance=plan.substance or "",
        content=made.digest,
        closed=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        raters=len(state.people) // LEAST * LEAST,
        said=said(made, bool(conditions)),
        lines=tuple({line.line: line for line in _lines(plan, made, catalogue)}.values()),
        conditions=conditions,
        information_pack=plan.information.digest if plan.information else "",
    )


def _lines(plan: Plan, made: Report, catalogue: Catalogue) -> Iterator[Line]:
    nobody = SYNTHETIC if plan.synthetic else SOMEBODY
    for each in (r for _, found in made.results for r in found if isinstance(r, Lines)):
        if each.untold:
            yield Line(UNTOLD, nobody, "settled")
        for item in each.held:
            yield Line(catalogue[item].words, nobody, "settled")
        for line in each.lines:
            if line.text and line.text != TAKEN_OUT:
                holder = line.holder if line.holder not in ("", TAKEN_OUT) else nobody
                yield Line(line.text, holder, "settled")


def _voted(made: Report) -> Iterator[str]:
    """Yield each condition that more people agreed with than not, and each whose votes were too
    few to show: it is not for want of voters that a wish falls under the table."""
    for each in (r for _, found in made.results for r in found if isinstance(r, Conditions)):
        for _, text, poll in each.votes:
            if text == TAKEN_OUT:
                continue
            if len(poll.counts) < 2 or poll.counts[-1] > poll.counts[0]:
                yield text


def _never_voted(plan: Plan, made: Report) -> Iterator[str]:
    """Yield each condition that nobody was asked about: who leads a workshop can pass over the
    vote, or close before it, and that takes no wish back."""
    on = {question.on for question in plan.questions.values() if question.kind == "statement"}
    results = [(name, each) for name, found in made.results for each in found]
    asked = {text for _, r in results if isinstance(r, Conditions) for text, _, _ in r.votes}
    for name, each in results:
        if name in on and isinstance(each, Texts):
            yield from (
                words for text, words in each.texts if text not in asked and words != TAKEN_OUT
            )


def said(made: Report, conditions: bool) -> Said:
    """Return what people said, all in all, in the last round of every poll on how comfortable
    they are: more than half below the middle is *against*, a third is *divided*.

    Read from the bands shown. Where a band reaches across the middle its people count to neither
    side; where nothing could be shown, nobody can say what people said.
    """
    against = for_it = people = 0
    for name, found in made.results:
        for poll in found:
            if isinstance(poll, Poll) and name.startswith("after."):
                middle = (len(poll.scale) + 1) / 2
                for (first, last), count in zip(poll.bands, poll.counts, strict=True):
                    people += count
                    against += count if last < middle else 0
                    for_it += count if first > middle else 0
    if not people or not against + for_it:
        return "unknown"
    if 2 * against > people:
        return "against"
    if 3 * against >= people:
        return "divided"
    return "with conditions" if conditions else "for"
