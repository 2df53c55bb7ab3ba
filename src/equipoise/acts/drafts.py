"""Drafts: begin the text of an agreement here, save it side by side with others, put it forward.

A draft is named ``draft:NAME`` wherever an agreement may be named. Whoever saves says which
revision they wrote from; if somebody else saved meanwhile, they are told, and both texts are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from equipoise.acts.accounts.permission import require
from equipoise.acts.examples import example
from equipoise.acts.rooms import at_work
from equipoise.acts.sign import Signed, register_text, standing
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.parse import Parsed, parse
from equipoise.errors import DocumentRefused, Problem, StateRefused, UsageRefused
from equipoise.store.drafts import Draft, Drafts
from equipoise.store.facts import Person

LONGEST: Final = 400_000
"""Characters of one draft: as many as an agreement may have."""

PATIENCE: Final = 5.0
"""Seconds that an act in a browser waits for another on the same agreement, as a double click."""

EXAMPLES: Final = ("fuel-poverty", "justice-data-lab", "ons-census-cis", "lalonde")
"""The agreements that ship with the program, from which a draft may be begun."""

_FIRST: Final[Callable[[str, str, str], str]] = """\
agreement: {0}
version: 1
title: {1}
starts: {2}-01-01
ends: {2}-12-31

# Who takes part, why, by which law, which data: fill in each part with the form,
# or write here. What is missing is told below, with what to do.
""".format


def drafts_of(site: Site) -> tuple[Draft, ...]:
    """Return every draft of a site as it is now, by name."""
    return Drafts(site.store.alias).drafts()


def draft_called(site: Site, name: str, revision: int | None = None) -> Draft:
    """Return a draft, as it is now or as one revision had it. Raises ``StateRefused`` (STO050)."""
    return Drafts(site.store.alias).draft(name, revision)


def history_of(site: Site, name: str) -> tuple[Draft, ...]:
    """Return every revision of a draft, newest first."""
    return Drafts(site.store.alias).history(name)


def example_text(name: str) -> str:
    """Return the text of a shipped example. Raises ``UsageRefused`` (ACT273) for another name."""
    if name not in EXAMPLES:
        raise UsageRefused(
            Problem(
                "ACT273", "there is no such example", next=f"choose one of: {', '.join(EXAMPLES)}"
            )
        )
    return (example(name) / "agreement.yaml").read_text(encoding="utf-8")


def first_text(site: Site, name: str, title: str) -> str:
    """Return the first lines of an agreement that is still to be written."""
    plain = title if re.fullmatch(r"[A-Za-z][A-Za-z0-9 ,.-]*", title) else f"'{_quoted(title)}'"
    return _FIRST(name, plain, str(site.clock().year + 1))


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace("'", "''")


def next_version(site: Site, reference: str) -> str:
    """Return the text of an agreement that is held here, with the version after it."""
    record = site.store.agreement(reference)
    parsed = parse(record.text, file=reference)
    line = parsed.places.line_of("version") or 1
    lines = record.text.split("\n")
    lines[line - 1] = f"version: {parsed.agreement.version + 1}"
    return "\n".join(lines)


def begin_draft(site: Site, name: str, text: str, by: Person) -> Draft:
    """Keep a new draft.

    Raises ``GateRefused`` (ACT250) for somebody who may not draft, ``UsageRefused`` (ACT270, 271)
    for a name or text that cannot be one, ``StateRefused`` (STO051) when the name is taken.
    """
    require(by, "draft agreements")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name):
        raise UsageRefused(
            Problem(
                "ACT270",
                "a draft cannot have this name",
                why="its name stands in addresses and on the ledger",
                next="use small letters, digits and '-', beginning with a letter",
                clause="name",
            )
        )
    text = _text(text)
    with site.store.change(by.key) as change:
        Drafts(site.store.alias).begin(change, name, text)
        change.note("draft begun", f"draft:{name}")
    return draft_called(site, name)


def save_draft(site: Site, name: str, text: str, by: Person, *, after: int) -> Draft:
    """Save a text as the revision that follows ``after``, and return the draft as it is then.

    A text that is the newest already is not saved again, whoever sends it twice. Raises
    ``StateRefused`` (ACT272) when somebody saved another one meanwhile: nothing is written over.
    """
    require(by, "draft agreements")
    text = _text(text)
    book = Drafts(site.store.alias)
    now = book.draft(name)
    if now.text == text:
        return now
    if now.revision == after and book.save(name, text, after=after, by=by.key, at=site.clock()):
        return book.draft(name)
    now = book.draft(name)
    if now.text == text:  # sent twice, side by side
        return now
    raise StateRefused(
        Problem(
            "ACT272",
            f"{_who(now)} saved this draft while you were writing",
            why=f"you wrote from revision {after}; it is at revision {now.revision} now",
            next="look at what is different below, then save again; both texts are kept",
            clause="text",
        )
    )


def delete_draft(site: Site, name: str, by: Person, *, revision: int) -> None:
    """Delete a draft with every text of it. What was put forward or weighed keeps its own text.

    Raises ``GateRefused`` (ACT250) for somebody who may not draft, ``StateRefused`` (STO050) when
    there is none, (ACT272) when it is no longer at ``revision``.
    """
    require(by, "draft agreements")
    draft = draft_called(site, name)
    if draft.revision != revision:
        raise _saved_since(draft, revision, "look at it again, then delete it")
    with site.store.change(by.key) as change:
        Drafts(site.store.alias).delete(change, name)
        change.note("draft deleted", f"draft:{name}")


def _saved_since(draft: Draft, revision: int, next_: str) -> StateRefused:
    return StateRefused(
        Problem(
            "ACT272",
            f"{_who(draft)} saved this draft after you looked at it",
            why=f"you looked at revision {revision}; it is at revision {draft.revision} now",
            next=next_,
        )
    )


def _who(draft: Draft) -> str:
    return draft.by.partition("/")[2]


def _text(text: str) -> str:
    """Return a text with the line ends of this program, or refuse (ACT271) what is too long."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
    if not text.strip() or len(text) > LONGEST:
        raise UsageRefused(
            Problem(
                "ACT271",
                "the text is empty" if not text.strip() else "the text is too long to be kept",
                why=f"a draft has from 1 to {LONGEST:,} characters",
                next="write or paste the agreement's text",
                clause="text",
            )
        )
    return text if text.endswith("\n") else text + "\n"


def put_forward(site: Site, name: str, by: Person, *, revision: int) -> Signed:
    """Put a draft forward to be signed. Its text is frozen from then on.

    Raises ``StateRefused`` (ACT272) when it is no longer at ``revision``, ``DocumentRefused`` with
    every problem of its text, or with all that keeps it from being the text weighed (AGR251-261),
    and what ``register_text`` refuses. Done twice, it is done once.
    """
    require(by, "draft agreements")
    draft = draft_called(site, name)
    if draft.revision != revision:
        raise _saved_since(draft, revision, "look at it again, then put it forward")
    parsed = parse(draft.text, file=draft.source)
    with at_work(site, parsed.agreement.reference, wait=PATIENCE):
        register_text(site, parsed, draft.text, by.key)
    return standing(site, parsed)


def read_draft(draft: Draft) -> Parsed | None:
    """Return the agreement that a draft's text makes, or ``None`` while it has problems."""
    try:
        return parse(draft.text, file=draft.source)
    except DocumentRefused:
        return None


def is_put_forward(site: Site, parsed: Parsed) -> bool:
    """Say whether the site holds exactly this text, to be signed or signed."""
    reference = parsed.agreement.reference
    if not site.store.knows(reference):
        return False
    return site.store.agreement(reference).digest == digest(parsed.agreement)
