"""Assess: begin an assessment of a card or a draft, hand in answers, close it, or set it aside.

Whoever enters something is a person enrolled on the site; raters need not be. The ledger holds
hashes and numbers of it, and nothing that a rater wrote.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from equipoise.acts.assess_figures import figures_of
from equipoise.acts.site import Site
from equipoise.acts.weigh_lists import lists_of
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.nearest import suggest
from equipoise.agree.parse import Parsed, parse
from equipoise.agree.people import same_person_mark
from equipoise.agree.weighed import Weighed
from equipoise.errors import (
    DocumentRefused,
    EnvironmentFailed,
    IntegrityRefused,
    Problem,
    StateRefused,
    UsageRefused,
)
from equipoise.store.assessments import Assessed, Assessments
from equipoise.store.facts import Person
from equipoise.store.sheet_drafts import SheetDrafts
from equipoise.weigh.assess.assessment import Assessment, answered, begun, closed, cover
from equipoise.weigh.assess.checking import check_sheet
from equipoise.weigh.assess.closing import Closing
from equipoise.weigh.assess.problems import problem
from equipoise.weigh.assess.reading import read_part, read_said
from equipoise.weigh.assess.sheet import Sheet
from equipoise.weigh.assess.stale import Stale, stale, stale_in
from equipoise.weigh.cards import Card
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.questions import Questions, in_tests


def book(site: Site) -> Assessments:
    """Return the assessments of a site."""
    return Assessments(site.store.alias)


def items_of(site: Site) -> Catalogue:
    """Return the catalogue that a site weighs with: as shipped, and what the site adds to it."""
    return lists_of(site).catalogue


def questions_of(site: Site) -> Questions:
    """Return the questions of the three tests that a site asks: the eighteen, and its own."""
    return in_tests(lists_of(site).questions)


def assessment_of(held: Assessed) -> Assessment:
    """Return an assessment as it is kept, with everybody's answers.

    Raises ``IntegrityRefused`` (ACT201) when the record is not what an assessment can be.
    """
    try:
        made = Assessment.model_validate(dict(held.content))
        sheets = tuple(Sheet.model_validate(dict(each)) for each in held.sheets)
    except ValidationError:
        raise IntegrityRefused(
            Problem(
                "ACT201",
                f"the record of the assessment {held.name} cannot be read",
                why="it was changed outside this program, or made by another version",
                next="restore the site from a copy",
            )
        ) from None
    return made.model_copy(update={"sheets": sheets})


def stale_between(site: Site, old: Parsed, new: Parsed) -> tuple[Stale, ...]:
    """Return every change between two texts with the answers it makes stale on this site."""
    return stale(old.agreement, new.agreement, items_of(site), questions_of(site))


def draft_of(held: Assessed) -> Parsed | None:
    """Return the draft that was weighed, or None when only a card was."""
    return parse(held.text, file=held.reference) if held.text else None


def cover_of(site: Site, held: Assessed) -> Weighed:
    """Return the cover of a closed assessment. Raises ``StateRefused`` (WGH109) of any other."""
    if held.state != "closed" or held.ended is None:
        raise StateRefused(problem("WGH109", name=held.name))
    made = cover(assessment_of(held), items_of(site), held.ended, held.salt)
    # One that was made before covers named the workshop that was heard keeps its digest.
    before = replace(made, workshop="")
    return before if before in book(site).covers() else made


@dataclass(frozen=True)
class Begun:
    """A new assessment, and what of an earlier one it could take over: raters' names, and per rater
    the answers that must be given anew."""

    assessment: Assessment
    carried: tuple[str, ...]
    anew: Mapping[str, tuple[str, ...]]


def begin_assessment(
    site: Site,
    name: str,
    by: str,
    *,
    source: str | None = None,
    text: str = "",
    card: str | None = None,
    after: str | None = None,
) -> Begun:
    """Begin an assessment of an agreement's draft, of a card, or of both.

    The draft is a file, or a reference that the site knows (``source``), or comes as ``text``.
    ``after`` names an earlier one: sheets in which nothing became stale are taken over. Raises
    ``DocumentRefused`` for a draft with problems, or with neither (WGH102), ``UsageRefused`` for an
    unknown card (WGH111) or a name that cannot be one (ACT202).
    """
    person = site.person(by)
    _refuse_name(name)
    text = site.text_of(source) if source is not None else text
    parsed = parse(text, file=str(source or "the draft")) if text.strip() else None
    agreement = parsed.agreement if parsed else None
    earlier = book(site).assessment(after) if after else None
    found = card or (str(earlier.content["subject"].get("card", "")) if earlier else "")
    made = begun(
        name,
        agreement,
        _card(site, found) if found else None,
        figures_of(site, agreement) if agreement else (),
        items_of(site),
        after or "",
        questions_of(site),
    )
    with site.store.change(person.key) as change:
        book(site).begin(
            change,
            name,
            reference=made.subject.agreement,
            text=text if parsed else "",
            content=made.model_dump(mode="json", by_alias=True, exclude={"sheets"}),
            salt=secrets.token_hex(32),
        )
        change.note("assessment begun", f"assessment:{name}", **_as_begun(made))
    anew = _taken_over(site, person, name, earlier) if earlier else {}
    taken = book(site).assessment(name)
    carried = tuple(who for who, answers in anew.items() if not answers)
    return Begun(assessment_of(taken), carried, {w: a for w, a in anew.items() if a})


def _as_begun(made: Assessment) -> dict[str, str]:
    """Return what the ledger says of a new assessment: names and hashes."""
    said = {
        "questions": made.questions_digest,
        "reference": made.subject.agreement,
        "substance": made.subject.substance,
        "card": made.subject.card_digest,
        "after": made.after,
    }
    return {key: value for key, value in said.items() if value}


def _refuse_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name):
        raise UsageRefused(
            Problem(
                "ACT202",
                f"an assessment cannot be called {name!r}",
                why="its name stands on the ledger and in file names",
                next="use small letters, digits and '-', beginning with a letter",
            )
        )


def _card(site: Site, name: str) -> Card:
    known = lists_of(site).cards
    if name not in known:
        raise UsageRefused(problem("WGH111", card=name, next=suggest(name, known)))
    return known[name]


def _taken_over(
    site: Site, person: Person, name: str, earlier: Assessed
) -> dict[str, tuple[str, ...]]:
    """Take over the sheets in which nothing became stale; return what the others must redo."""
    old, new = draft_of(earlier), draft_of(book(site).assessment(name))
    before = assessment_of(earlier)
    if old is None or new is None:
        return {sheet.rater.name: ("view",) for sheet in before.sheets}
    redo = stale_in(before, stale_between(site, old, new))
    for sheet in before.sheets:
        if not redo[sheet.rater.name]:
            _keep(site, person, name, sheet.model_copy(update={"assessment": name}))
    return redo


# -- answers -------------------------------------------------------------------------------------


def hand_in(site: Site, name: str, text: str, by: str, *, file: str = "answers.yaml") -> Assessment:
    """Hand in one rater's sheet, in place of an earlier one of theirs.

    Raises ``DocumentRefused`` (WGH080-099) with every problem and its line; ``StateRefused``
    (WGH100) when the assessment is closed, (ACT203) when somebody else handed that sheet in.
    """
    person = site.person(by)
    refuse_ended(site, name)
    read = read_part(Sheet, text, file)
    if found := _wrong(site, name, read.value):
        placed = (read.placed(each) for each in found)
        raise DocumentRefused(sorted(placed, key=lambda p: (p.line, p.column, p.code)))
    return _keep(site, person, name, read.value)


def hand_in_said(site: Site, name: str, said: Mapping[str, Any], by: str) -> Assessment:
    """Hand in one rater's sheet, given as plain data. Raises as ``hand_in``, without lines."""
    person = site.person(by)
    refuse_ended(site, name)
    sheet = read_said(Sheet, dict(said))
    if found := _wrong(site, name, sheet):
        raise DocumentRefused(found)
    return _keep(site, person, name, sheet)


def refuse_ended(site: Site, name: str) -> Assessed:
    """Return an assessment that is open. Raises ``StateRefused`` (WGH100) when it has ended."""
    held = book(site).assessment(name)
    if held.state != "open":
        raise StateRefused(problem("WGH100", name=name))
    return held


def _wrong(site: Site, name: str, sheet: Sheet) -> list[Problem]:
    found = list(check_sheet(sheet, items_of(site), questions_of(site)))
    if sheet.assessment != name:
        words = {"said": sheet.assessment, "name": name}
        found.append(problem("WGH090", "assessment", **words))
    return found


def _keep(site: Site, person: Person, name: str, sheet: Sheet) -> Assessment:
    said = sheet.model_dump(mode="json", by_alias=True)
    with site.store.change(person.key) as change:
        # Looked at within the change: it may have been closed while somebody answered.
        held = refuse_ended(site, name)
        made = answered(assessment_of(held), sheet)
        _refuse_over_head(site, name, person, sheet)
        book(site).hand_in(change, name, sheet.rater.mark, said)
        change.note(
            "assessment answered",
            f"assessment:{name}",
            raters=len(made.sheets),
            sheet=digest_of(canonical_bytes({"sheet": said, "salt": held.salt})),
        )
    return made


def _refuse_over_head(site: Site, name: str, person: Person, sheet: Sheet) -> None:
    """Refuse (ACT203) to replace what somebody else handed in, but to the rater themselves: nobody
    is kept from answering by a sheet that came in under their name."""
    earlier = book(site).handed_in_by(name, sheet.rater.mark)
    own = same_person_mark(person.name) == sheet.rater.mark
    if earlier not in ("", person.key) and not own:
        raise StateRefused(
            Problem(
                "ACT203",
                "somebody else handed this rater's answers in",
                why="nobody's answers are replaced over their head",
                next="let whoever handed them in do it again, or the rater themselves",
            )
        )


# -- the end -------------------------------------------------------------------------------------


def close_assessment(
    site: Site, name: str, text: str, by: str, *, file: str = "closing.yaml"
) -> Weighed:
    """Close an assessment, and return the cover whose hash an agreement names.

    Raises ``DocumentRefused`` (WGH080-108) with everything that the closing lacks.
    """
    person = site.person(by)
    refuse_ended(site, name)
    read = read_part(Closing, text, file)
    try:
        return _end(site, person, name, read.value)
    except DocumentRefused as error:
        raise DocumentRefused(read.placed(each) for each in error.problems) from None


def close_said(site: Site, name: str, said: Mapping[str, Any], by: str) -> Weighed:
    """Close an assessment by what is given as plain data. Raises as ``close_assessment``, without
    lines."""
    person = site.person(by)
    refuse_ended(site, name)
    return _end(site, person, name, read_said(Closing, dict(said)))


def _end(site: Site, person: Person, name: str, closing: Closing) -> Weighed:
    items = items_of(site)
    with site.store.change(person.key) as change:
        # Looked at within the change: answers may have come in while somebody closed it.
        rated = assessment_of(refuse_ended(site, name))
        ended = closed(rated, closing, items, book(site).covers())
        content = ended.model_dump(mode="json", by_alias=True, exclude={"sheets"})
        book(site).end(change, name, state="closed", content=content)
        SheetDrafts(site.store.alias).drop_all(change, name)
        # As it is kept, to the microsecond, so that the hash can be made again from the record.
        kept = book(site).assessment(name)
        made = cover_of(site, kept)
        book(site).keep_covers(change, [made])
        words = {"substance": made.substance} if made.substance else {}
        change.note(
            "assessment closed",
            f"assessment:{name}",
            raters=made.raters,
            cover=made.digest,
            content=made.content,
            open=sum(line.standing != "settled" for line in made.lines),
            conditions=len(made.conditions),
            **words,
        )
    return made


def set_aside(site: Site, name: str, reason: str, by: str) -> None:
    """Set an assessment aside, open or closed, with a reason. The ledger holds the reason's hash.

    Raises ``UsageRefused`` (ACT204) without a reason, ``StateRefused`` (ACT205) when it is set
    aside already or a text that is in signing or signed binds it.
    """
    person = site.person(by)
    held = book(site).assessment(name)
    if not reason.strip():
        raise UsageRefused(
            Problem(
                "ACT204",
                "no reason is given",
                why="people gave their answers, and may ask what became of them",
                next="add --because 'WHY'",
            )
        )
    if held.state == "set aside" or _is_bound(site, held):
        raise StateRefused(
            Problem(
                "ACT205",
                f"{name} cannot be set aside: it is "
                + ("bound by an agreement" if held.state == "closed" else "set aside already"),
                next="what an agreement binds stays with it",
            )
        )
    with site.store.change(person.key) as change:
        salted = digest_of(canonical_bytes({"reason": reason, "salt": held.salt}))
        content: dict[str, Any] = {**held.content}
        book(site).end(change, name, state="set aside", content=content)
        SheetDrafts(site.store.alias).drop_all(change, name)
        change.note("assessment set aside", f"assessment:{name}", reason=salted)


def _is_bound(site: Site, held: Assessed) -> bool:
    if held.state != "closed":
        return False
    digest = cover_of(site, held).digest
    return any(
        parse(each.text).agreement.weighing.assessment == digest for each in site.store.agreements()
    )


def text_at(path: Path) -> str:
    """Return a file's text. Raises ``EnvironmentFailed`` (ACT206) when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentFailed(
            Problem(
                "ACT206",
                f"the file {path.name} cannot be read",
                why=getattr(error, "strerror", None) or "it is not UTF-8 text",
                next="give the path of a YAML file",
            )
        ) from error
