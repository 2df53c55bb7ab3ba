"""The table of all items and where each lives, for a terminal and for the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.weigh.cards.shipped_cards import cards
from equipoise.weigh.catalogue.items import catalogue
from equipoise.weigh.catalogue.model import GROUPS, Catalogue, Group
from equipoise.weigh.questions.question import TESTS
from equipoise.weigh.questions.shipped_questions import asked_in, dpia_steps

HEADINGS: Final[dict[Group, str]] = {
    "benefits": "Benefits",
    "ranking questions": "Questions people asked while ranking",
    "criteria": "Criteria for benefit",
    "avoided": "What tables chose not to count",
    "risks": "Risks",
    "risk criteria": "Criteria for risk",
    "factors": "What makes a use acceptable",
    "red lines": "Red lines",
    "effects": "What a change of purpose, partner or data did",
    "steps": "Steps of deliberation",
    "opportunities": "Openings and obstacles",
    "insights": "What people took away",
    "evaluation": "Questions about the day",
    "card": "The card",
    "facts": "Facts that can be enforced",
}
"""Group -> how it is called above its table."""

OPENING: Final = """# What must be weighed

<!-- Written by `python -m equipoise.weigh.catalogue`; change the YAML, then write it again. -->

The founding report of this project tells what 22 people in Leeds, on 30 June 2017, held for and
against sharing data. This is all of it that must be weighed, in our own words, with the lines of
the report that say it, and with the places of the program in which it lives. The list is data: a
site adds its own ([below](#a-site-adds-its-own)), and nobody can take out what is shipped. An
assessment and a workshop name the version and the digest of the list they went through.

A place is named by its kind: a `question` of the eighteen, an `exercise` of the workshop, a
`clause` of the agreement (`*` is any name, `=` the word it holds), a reason for which the `gate`
refuses, an `act`, a `page`, a field of the `card`, a `red line`, a `document`. A test resolves each
against the real thing.
"""

SITE: Final = """## A site adds its own

```yaml
adds: leeds
version: 1
items:
  leeds-night-buses:
    group: benefits
    on: people
    words: Buses run when people come off late shifts.
    place: exercise:naming benefits and risks
    source: Night work survey, 2026
cards:
  leeds-parking:
    title: Parking near the hospital
    set: leeds
    who: The council and the hospital trust.
    why: Visitors circle for half an hour.
    what: When cars come and go, without number plates.
    how: Counts by the hour leave the car parks' own systems.
    impacts:
      benefits: [Visitors find a place.]
      risks: [Staff on shifts could be followed.]
questions:
  leeds-nights:
    test: purposeful
    words: Does it help people who work at night?
    low: Not at all.
    high: It is made for them.
    draws: [leeds-night-buses, B01]
```

Such a file lies in the site's folder `weighing/`, under any name that ends in `.yaml`; there may be
several, added in the order of their names. Ids begin with the list's own name, so that lists of
several sites can be used together. With this list the version is `1+leeds.1`. What does not fit is
refused, everything at once, each with code (`WGH`), line and reason: see [Errors and
refusals](../reference/errors.md).
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def rows(listed: Catalogue) -> Iterator[tuple[str, str, str, str]]:
    """Yield (id, words, seed lines or source, places) of every item, in order."""
    for item in listed.items:
        yield item.id, item.words, item.seed or item.source, ", ".join(item.places)


def _items(group: Group) -> str:
    found = Catalogue(version="", items=catalogue().of(group))
    told = (
        (name, words, seed, ", ".join(f"`{place}`" for place in places.split(", ")))
        for name, words, seed, places in rows(found)
    )
    return _table(("id", "what", "lines", "where it lives"), told)


def _questions() -> Iterator[str]:
    yield "## The eighteen questions\n"
    yield (
        "Six for each of three tests, each answered from 1 to 5, with reasons and evidence, or by "
        "*don't know*, which is never a middle. The wording is ours; it is not the framework that "
        "was published after the six workshops.\n"
    )
    asked = ((q.id, q.words, q.low, q.high, ", ".join(q.draws)) for t in TESTS for q in asked_in(t))
    yield _table(("id", "question", "1 means", "5 means", "rests on"), asked)


def _cards() -> Iterator[str]:
    yield "## The cards\n"
    yield (
        "Twelve examples and three case studies. Either of the two sets may be weighed for benefit "
        "or for risk. Of D and 4 hardly more than the title survives.\n"
    )
    laid = (
        (card.id, card.title, card.set, "yes" if card.described else "no", card.seed)
        for card in cards().values()
    )
    yield _table(("id", "title", "set", "described", "lines"), laid)


def _steps() -> Iterator[str]:
    yield "## The seven steps of a data protection impact assessment\n"
    steps = (
        (step.title, " ".join(step.must_say), ", ".join(f"`{place}`" for place in step.filled_by))
        for step in dpia_steps()
    )
    yield _table(("step", "what the document says", "taken from"), steps)


def page() -> str:
    """Return the page of all items, questions, cards and steps, in Markdown."""
    parts = [OPENING]
    for group in GROUPS:
        parts += [f"## {HEADINGS[group]}\n", _items(group)]
    parts += [*_questions(), *_cards(), *_steps(), SITE]
    return "\n".join(parts).rstrip() + "\n"
