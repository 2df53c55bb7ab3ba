"""The agreements of a site as people look them up: versions held, drafts, how far each has come,
what is different between two texts, and what was weighed beside a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from equipoise.acts.assess import book
from equipoise.acts.drafts import draft_called, drafts_of, is_put_forward, read_draft
from equipoise.acts.review import approvals_wanted
from equipoise.acts.site import Site
from equipoise.agree.changes import Change, compare
from equipoise.agree.parse import Parsed, parse
from equipoise.agree.sign import Signature, check_signature, required_signatories
from equipoise.errors import Problem, UsageRefused
from equipoise.store.drafts import PREFIX, Draft
from equipoise.store.ended_keys import EndedKeys
from equipoise.store.facts import Registered, Run


@dataclass(frozen=True)
class Held:
    """One version that the site holds, and who has still to sign it."""

    record: Registered
    title: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Drafted:
    """One draft: what its text is called, if it holds together, and whether it was put forward."""

    draft: Draft
    title: str
    reference: str
    sound: bool
    forward: bool


@dataclass(frozen=True)
class Signing:
    """One signatory: for whom, who, and their signature if one was given; whether it holds, and
    when its key was ended, if it was since."""

    party: str
    body: str
    name: str
    signature: Signature | None
    holds: bool
    ended: datetime | None = None


@dataclass(frozen=True)
class Reviewed:
    """One run of a use, and whose approval it still waits for, in words."""

    run: Run
    wanted: tuple[str, ...]


def held_here(site: Site) -> tuple[Held, ...]:
    """Return every version that the site holds, newest first."""
    return tuple(_held(site, record) for record in reversed(site.store.agreements()))


def _held(site: Site, record: Registered) -> Held:
    parsed = parse(record.text, file=record.reference)
    names = tuple(one.name for one in _signings(site, record, parsed) if not one.holds)
    return Held(record, parsed.agreement.title, names)


def drafts_here(site: Site) -> tuple[Drafted, ...]:
    """Return every draft with how far it has come."""
    return tuple(drafted(site, draft) for draft in drafts_of(site))


def drafted(site: Site, draft: Draft) -> Drafted:
    """Return how far a draft has come."""
    parsed = read_draft(draft)
    if parsed is None:
        return Drafted(draft, "", "", sound=False, forward=False)
    agreement = parsed.agreement
    forward = is_put_forward(site, parsed)
    return Drafted(draft, agreement.title, agreement.reference, sound=True, forward=forward)


def signings(site: Site, reference: str) -> tuple[Signing, ...]:
    """Return everybody who must sign a version that the site holds, with what they gave."""
    return _signings(site, site.store.agreement(reference), site.frozen(reference))


def _signings(site: Site, record: Registered, parsed: Parsed) -> tuple[Signing, ...]:
    agreement, trusted = parsed.agreement, site.trusted(record.reference)
    given = {(one.party, one.name): one for one in record.signatures}
    over = {one.public_key: one.ended for one in EndedKeys(site.store.alias).ended()}
    found = []
    for party, name in required_signatories(agreement):
        signature = given.get((party, name))
        holds = signature is not None and not check_signature(signature, agreement, trusted)
        ended = over.get(signature.public_key) if signature is not None else None
        found.append(Signing(party, agreement.parties[party].name, name, signature, holds, ended))
    return tuple(found)


def reviews(site: Site, reference: str) -> tuple[Reviewed, ...]:
    """Return what was computed under a version and what reviewers said of it, newest first."""
    runs = reversed(site.store.runs(reference))
    return tuple(
        Reviewed(run, approvals_wanted(site, run) if run.state == "in review" else ())
        for run in runs
    )


def weighed_of(site: Site, agreement: str) -> tuple[str, ...]:
    """Return the names of the assessments of an agreement's drafts that were not set aside."""
    return tuple(
        held.name
        for held in book(site).assessments()
        if held.reference.rpartition("@")[0] == agreement and held.state != "set aside"
    )


# -- two texts beside each other -------------------------------------------------------------------


def sources(site: Site) -> tuple[tuple[str, str], ...]:
    """Return (source, what it is called) of every text that may be compared."""
    held = [(one.record.reference, f"{one.record.reference}: {one.record.state}")
            for one in held_here(site)]  # fmt: skip
    drafts = [(one.source, f"Draft {one.name}, revision {one.revision}") for one in drafts_of(site)]
    return (*held, *drafts)


def text_called(site: Site, source: str) -> str:
    """Return the text of a version that is held, a draft, or ``draft:NAME:REVISION``.

    No file is opened, whatever ``source`` says. Raises ``UsageRefused`` (ACT278) for anything else.
    """
    if source.startswith(PREFIX):
        name, _, revision = source.removeprefix(PREFIX).partition(":")
        if not revision or revision.isdecimal():
            return draft_called(site, name, int(revision) if revision else None).text
    elif site.store.knows(source):
        return site.store.agreement(source).text
    raise UsageRefused(
        Problem(
            "ACT278",
            "there is no such text here",
            why="only agreements and drafts of this site are looked up",
            next="choose two from the lists",
        )
    )


def differences(site: Site, old: str, new: str) -> tuple[Change, ...]:
    """Return what is different between two texts, widening first, as ``text_called`` finds them.

    Raises ``DocumentRefused`` with the problems of a text that does not hold together.
    """
    before = parse(text_called(site, old), file=old).agreement
    after = parse(text_called(site, new), file=new).agreement
    order = ("widens", "changes", "narrows", "wording")
    return tuple(sorted(compare(before, after), key=lambda change: order.index(change.weight)))
