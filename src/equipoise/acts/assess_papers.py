"""Papers of an assessment: the sheet to fill in, the profile, the DPIA document."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from equipoise.acts.assess import (
    assessment_of,
    book,
    cover_of,
    draft_of,
    items_of,
    questions_of,
    stale_between,
)
from equipoise.acts.files import write_whole
from equipoise.acts.site import Site
from equipoise.agree.people import same_person_mark
from equipoise.agree.weighed import AGAINST, Weighed
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.store.assessments import Assessed
from equipoise.weigh.assess.assessment import Assessment
from equipoise.weigh.assess.dpia import dpia
from equipoise.weigh.assess.effects import HIGH
from equipoise.weigh.assess.paper import Paper, to_html, to_markdown
from equipoise.weigh.assess.profile import Profile, profile
from equipoise.weigh.assess.sheet import Sheet
from equipoise.weigh.assess.stale import Stale, stale_answers, touched
from equipoise.weigh.assess.template import template


@dataclass(frozen=True)
class Shown:
    """An assessment as it stands: the record, the profile, and the cover once it is closed."""

    held: Assessed
    assessment: Assessment
    profile: Profile
    cover: Weighed | None

    @property
    def high(self) -> tuple[str, ...]:
        """Return the risks that stay high in somebody's eyes, for which a regulator is asked."""
        rows = self.profile.risks
        return tuple(
            row.words for row in rows if row.remains and (row.remains.highest or 0) >= HIGH
        )

    @property
    def against(self) -> bool:
        """Say whether going on would be a decision against what people said."""
        return self.profile.said in AGAINST


def show_assessment(site: Site, name: str) -> Shown:
    """Return an assessment with its profile. Raises ``StateRefused`` (STO020) if unknown."""
    held = book(site).assessment(name)
    made = assessment_of(held)
    cover = cover_of(site, held) if held.state == "closed" else None
    return Shown(held, made, profile(made, items_of(site), questions_of(site)), cover)


def sheet_text(site: Site, name: str, rater: str | None = None) -> str:
    """Return an assessment's sheet to fill in.

    With ``rater``, that person's answers stand in it: those handed in, or those of the assessment
    that this one goes on from, with what became stale left out. Raises ``UsageRefused`` (ACT209)
    when nobody so called has answered.
    """
    made = assessment_of(book(site).assessment(name))
    if rater is None:
        return template(made, items_of(site), asked=questions_of(site))
    earlier, redo = answered_before(site, made, rater)
    if earlier is None:
        before = assessment_of(book(site).assessment(made.after)) if made.after else made
        names = ", ".join(sheet.rater.name for sheet in before.sheets)
        raise UsageRefused(
            Problem("ACT209", f"nobody called {rater!r} has answered", next=f"known: {names}")
        )
    return template(made, items_of(site), earlier, redo, questions_of(site))


def answered_before(
    site: Site, made: Assessment, rater: str
) -> tuple[Sheet | None, frozenset[str]]:
    """Return what somebody answered in this assessment, or in the one that it goes on from; and
    which of those answers are stale, as clauses of the sheet."""
    if (found := _of(made, rater)) or not made.after:
        return found, frozenset()
    earlier = _of(assessment_of(book(site).assessment(made.after)), rater)
    if earlier is None:
        return None, frozenset()
    return earlier, frozenset(stale_answers(earlier, _touched(site, made.name, made.after)))


def changes_since(site: Site, made: Assessment) -> tuple[Stale, ...]:
    """Return what changed in the text since the assessment that this one goes on from, and touches
    an answer; nothing where either weighed a card alone."""
    if not made.after:
        return ()
    old, new = (draft_of(book(site).assessment(each)) for each in (made.after, made.name))
    if old is None or new is None:
        return ()
    return tuple(each for each in stale_between(site, old, new) if each.weight != "wording")


def _of(made: Assessment | None, rater: str) -> Sheet | None:
    mark = same_person_mark(rater)
    sheets = made.sheets if made else ()
    return next((sheet for sheet in sheets if sheet.rater.mark == mark), None)


def _touched(site: Site, name: str, after: str) -> frozenset[str]:
    old, new = (draft_of(book(site).assessment(each)) for each in (after, name))
    if old is None or new is None:
        return frozenset({"view"})
    return touched(stale_between(site, old, new))


def write_dpia(site: Site, name: str, folder: Path) -> tuple[Path, Path]:
    """Write the DPIA document of an assessment, as Markdown and as HTML; return both paths.

    Raises ``StateRefused`` (ACT210) when only a card was assessed.
    """
    paper = dpia_paper(site, name)
    paths = folder / f"dpia-{name}.md", folder / f"dpia-{name}.html"
    for path, text in zip(paths, (to_markdown(paper), to_html(paper)), strict=True):
        write_whole(path, text.encode("utf-8"))
    return paths


def dpia_paper(site: Site, name: str) -> Paper:
    """Return the DPIA document of an assessment. Raises ``StateRefused`` (ACT210) when only a card
    was assessed."""
    held = book(site).assessment(name)
    draft = draft_of(held)
    if draft is None:
        raise StateRefused(
            Problem(
                "ACT210",
                f"{name} assessed a card, and a card says too little for a DPIA",
                next="begin one of the draft: equipoise assess start NAME --agreement FILE",
            )
        )
    return dpia(assessment_of(held), draft.agreement, items_of(site), questions_of(site))
