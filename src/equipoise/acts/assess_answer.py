"""Answer an assessment part by part: what is said so far is kept, and handed in when it is whole.

One person may have several sheets under way: their own, and those of others who answered on paper.
Nothing of an unfinished sheet is weighed or shown to anybody else.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from equipoise.acts.accounts.permission import require
from equipoise.acts.assess import (
    assessment_of,
    book,
    hand_in_said,
    items_of,
    questions_of,
    refuse_ended,
)
from equipoise.acts.assess_papers import answered_before
from equipoise.acts.site import Site
from equipoise.agree.people import same_person_mark
from equipoise.errors import Problem, UsageRefused
from equipoise.store.facts import Person
from equipoise.store.sheet_drafts import Drafted, SheetDrafts
from equipoise.weigh.assess.assessment import Assessment
from equipoise.weigh.assess.checking import check_parts
from equipoise.weigh.assess.problems import problem
from equipoise.weigh.assess.sheet import Sheet

__all__ = [
    "PARTS",
    "Drafted",
    "answers_of",
    "answers_under_way",
    "as_handed_in",
    "before",
    "begin_answers",
    "drop_entry",
    "hand_in_answers",
    "put_answers",
    "put_entry",
    "throw_away",
    "without_stale",
    "wrong_in",
]

PARTS: Final = (
    "rater", "red lines", "benefits", "risks", "not sharing", "factors", "tests", "conditions",
    "view",
)  # fmt: skip
"""The parts of a sheet, in the order in which they are answered."""

TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "view": ("conditions", "view"),
    "conditions": ("conditions", "view"),
}
"""Parts that can only be checked with another."""

LARGEST: Final = 200_000
"""Characters of one part, as JSON; what is longer is told to be too long, and not kept."""

_JUDGED: Final = ("answer", "size", "likelihood", "because", "evidence")
_HIDDEN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def drafts(site: Site) -> SheetDrafts:
    """Return the unfinished sheets of a site."""
    return SheetDrafts(site.store.alias)


def answers_under_way(site: Site, name: str, by: Person) -> tuple[Drafted, ...]:
    """Return what a person has begun to answer in an assessment and not handed in."""
    return drafts(site).of(name, by.key)


def begin_answers(site: Site, name: str, by: Person, rater: str = "") -> Drafted:
    """Begin to answer for oneself, or from the paper of somebody called ``rater``; go on where it
    was begun before.

    What the same person answered before stands in it, without the answers that became stale. Raises
    ``GateRefused`` (ACT250), ``StateRefused`` (WGH100) when the assessment has ended,
    ``UsageRefused`` (ACT211) for a name that cannot be one.
    """
    require(by, "rate initiatives")
    made = assessment_of(refuse_ended(site, name))
    called = " ".join(_clean(rater).split()) or by.name
    if not 3 <= len(called) <= 200:
        raise UsageRefused(
            Problem(
                "ACT211",
                "this cannot be somebody's name",
                next="write it with 3 to 200 letters",
                clause="rater",
            )
        )
    content, stale = _content(site, made, called)
    mark = same_person_mark(called)[:200]
    return drafts(site).begin(name, by.key, mark, content, stale, site.clock())


def _content(site: Site, made: Assessment, rater: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    earlier, stale = answered_before(site, made, rater)
    if earlier is None:
        return {"rater": {"name": rater}}, ()
    said = without_stale(earlier, stale)
    return {key: value for key, value in said.items() if key != "assessment"}, tuple(sorted(stale))


def without_stale(sheet: Sheet, stale: frozenset[str]) -> dict[str, Any]:
    """Return a sheet as plain data, without what was judged of a text that has changed since."""
    said: dict[str, Any] = sheet.model_dump(mode="json", by_alias=True, exclude_none=True)
    for part in ("factors", "tests"):
        said[part] = {k: v for k, v in said[part].items() if f"{part}.{k}" not in stale}
    for part in ("benefits", "risks", "not sharing", "red lines"):
        said[part] = [
            _unjudged(entry) if f"{part}.{number}" in stale else entry
            for number, entry in enumerate(said[part])
        ]
    if "view" in stale:
        del said["view"]
    return said


def _unjudged(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in entry.items() if key not in _JUDGED}
    if "controls" in kept:
        kept["controls"] = [
            {key: value for key, value in control.items() if key != "likelihood becomes"}
            for control in kept["controls"]
        ]
    return kept


def before(site: Site, drafted: Drafted) -> Sheet | None:
    """Return what this rater answered in the assessment that this one goes on from, if they did."""
    made = assessment_of(book(site).assessment(drafted.assessment))
    name = drafted.content.get("rater", {}).get("name", "")
    return answered_before(site, made, name)[0] if made.after and name else None


def answers_of(site: Site, name: str, by: Person, number: int) -> Drafted:
    """Return one's own unfinished sheet. Raises ``StateRefused``: STO022 when there is none,
    WGH100 when the assessment has ended, ``GateRefused`` (ACT250)."""
    require(by, "rate initiatives")
    refuse_ended(site, name)
    return drafts(site).draft(name, by.key, number)


def put_answers(
    site: Site, drafted: Drafted, part: str, said: Any
) -> tuple[Drafted, tuple[Problem, ...]]:
    """Keep one part of a sheet, also where something is wrong with it, and return what is wrong.

    ``said`` is plain data in the shape of the sheet. A part that is far too long is told and not
    kept.
    """
    cleaned = _cleaned(said)
    if len(json.dumps(cleaned)) > LARGEST:
        words = {"said": "it is too long to be read", "next": "Say it in fewer words."}
        return drafted, (problem("WGH082", part, **words),)
    if part == "rater":  # whose sheet it is was settled when it was begun
        cleaned = {**cleaned, "name": drafted.content["rater"]["name"]}
    kept = drafts(site).put(drafted, part, cleaned, site.clock())
    return kept, wrong_in(site, kept, part)


def put_entry(
    site: Site, drafted: Drafted, part: str, number: int | None, said: Any
) -> tuple[int | None, tuple[Problem, ...]]:
    """Keep one entry of a list in a sheet, in place of the one so numbered or after the last.

    Return its number and what is wrong with it, at clauses below it. What is sent twice is kept
    once; what is far too long is told and not kept.
    """
    entries = list(drafted.content.get(part, ()))
    cleaned = _cleaned(said)
    if number is None and cleaned in entries:
        number = entries.index(cleaned)
    elif number is None or number >= len(entries):
        number = len(entries)
        entries.append(cleaned)
    entries[number] = cleaned
    if len(json.dumps(entries)) > LARGEST:
        words = {"said": "it is too long to be read", "next": "Say it in fewer words."}
        return None, (problem("WGH082", "", **words),)
    kept = drafts(site).put(drafted, part, entries, site.clock())
    place = f"{part}.{number}"
    found = [one for one in wrong_in(site, kept, part) if _below(one.clause or "", place)]
    return number, tuple(replace(one, clause=(one.clause or "")[len(place) + 1 :]) for one in found)


def _below(clause: str, place: str) -> bool:
    return clause == place or clause.startswith(f"{place}.")


def drop_entry(site: Site, drafted: Drafted, part: str, seen: Mapping[str, Any]) -> None:
    """Take one entry out of a list in a sheet, if it still reads as it was ``seen``."""
    entries = [each for each in drafted.content.get(part, ()) if each != seen]
    drafts(site).put(drafted, part, entries, site.clock())


def wrong_in(site: Site, drafted: Drafted, *parts: str) -> tuple[Problem, ...]:
    """Return what is wrong in some parts of an unfinished sheet; with none named, in all of it."""
    found: dict[Problem, None] = {}
    for part in parts or PARTS:
        if part in ("rater", "view") and part not in drafted.content:
            found[problem("WGH081", part, key=part)] = None
            continue
        empty: Any = {} if part in ("rater", "factors", "tests", "view") else []
        looked = {one: drafted.content.get(one, empty) for one in TOGETHER.get(part, (part,))}
        if "view" in looked and "view" not in drafted.content:
            del looked["view"]
        checked = check_parts(drafted.assessment, looked, items_of(site), questions_of(site))
        found |= dict.fromkeys(one for one in checked if _within(one, part))
    return tuple(found)


def _within(found: Problem, part: str) -> bool:
    return (found.clause or "").partition(".")[0] == part


def hand_in_answers(site: Site, drafted: Drafted, by: Person) -> Assessment:
    """Hand an unfinished sheet in. Raises as ``hand_in_said``, with everything that is wrong."""
    require(by, "rate initiatives")
    said = {"assessment": drafted.assessment, **drafted.content}
    made = hand_in_said(site, drafted.assessment, said, by.key)
    drafts(site).drop(drafted)
    return made


def throw_away(site: Site, drafted: Drafted) -> None:
    """Throw an unfinished sheet away; what was handed in before stays."""
    drafts(site).drop(drafted)


def as_handed_in(site: Site, drafted: Drafted) -> bool:
    """Say whether this rater has handed a sheet in before."""
    return bool(book(site).handed_in_by(drafted.assessment, drafted.rater))


# -- texts -----------------------------------------------------------------------------------------


def _cleaned(said: Any) -> Any:
    """Return plain data whose texts hold no control characters, and nothing that turns the reading
    direction: they would hide what stands there."""
    if isinstance(said, str):
        return _clean(said)
    if isinstance(said, Mapping):
        return {key: _cleaned(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [_cleaned(value) for value in said]
    return said


def _clean(text: str) -> str:
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        letter
        for letter in plain
        if letter in "\n\t" or (unicodedata.category(letter) != "Cc" and letter not in _HIDDEN)
    ).strip()
