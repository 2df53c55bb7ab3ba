"""What comes next at this site once an agreement was signed or taken in: for each role its own.

A site that fills every post carries the agreement out by itself. Among partners nobody can do all
of it: owners pack, whoever links receives and links, the secure room carries it out, recipients
open what is released to them. Each site is told what it can do, and nothing that it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from equipoise.acts.site import Site
from equipoise.acts.ways import kinds_of, mode_of
from equipoise.agree.document import Agreement
from equipoise.agree.plain import day
from equipoise.agree.sign import missing_signatures
from equipoise.agree.words import LINKED_IN
from equipoise.carry.encode.wire import is_keyed


@dataclass(frozen=True)
class Step:
    """One thing to do here, in words, and its command; words alone where only time helps."""

    what: str
    command: str = ""


def after_signing(site: Site, reference: str, *, by: str = "") -> tuple[Step, ...]:
    """Return what this site can do next. ``by`` is "signature" where one was just given here, which
    the partners have not got yet."""
    agreement = site.frozen(reference).agreement
    given = site.store.agreement(reference).signatures
    missing = missing_signatures(agreement, given, site.trusted(reference))
    gone = site.away(agreement)
    steps = []
    if gone and by == "signature":
        what = "Send the partners the signatures that are here"
        steps.append(Step(what, f"equipoise agreement export {reference}"))
    if missing:
        return (*steps, *_to_sign(site, agreement, missing))
    if site.clock().date() < agreement.starts:
        steps.append(Step(f"It starts on {day(agreement.starts)}: nothing opens before"))
    if not gone:
        return (*steps, Step("It can be carried out", f"equipoise run {reference} --data DIR"))
    return (*steps, *_by_post(site, agreement))


def _to_sign(
    site: Site, agreement: Agreement, missing: tuple[tuple[str, str], ...]
) -> Iterator[Step]:
    gone = site.away(agreement)
    for party, name in missing:
        if not {(party, role) for role in agreement.parties[party].roles} <= gone:
            yield Step(f"{name} signs here", f"equipoise sign {agreement.reference} --as '{name}'")


def _by_post(site: Site, agreement: Agreement) -> Iterator[Step]:
    yield from _as_owner(site, agreement)
    yield from _as_linkage_unit(site, agreement)
    yield from _as_secure_room(site, agreement)
    for party in dict.fromkeys(clause.to for clause in agreement.releases):
        if site.custody.fills(party, "recipient"):
            yield Step(
                f"As recipient, {party} opens what is released to it, once it comes",
                f"equipoise receive FILE --party {party}",
            )


def _as_owner(site: Site, agreement: Agreement) -> Iterator[Step]:
    own = [
        name
        for name, data in agreement.datasets.items()
        if site.custody.fills(data.controller, "owner") and kinds_of(agreement, name)
    ]
    keyed = any(agreement.entities_of(name) and is_keyed(agreement, name) for name in own)
    if keyed and not site.custody.shares_with_nobody(agreement):
        yield Step(
            "As owner, make the owners' secret, if you are the first to",
            f"equipoise secret make {agreement.reference}",
        )
        yield Step(
            "or take in the one that another owner made",
            f"equipoise secret take FILE {agreement.reference}",
        )
    for name in own:
        yield Step(
            f"As owner, pack {name}, and send its parcels",
            f"equipoise pack {agreement.reference} {name} --data FILE",
        )


def _as_linkage_unit(site: Site, agreement: Agreement) -> Iterator[Step]:
    if agreement.linkage is None or LINKED_IN[mode_of(agreement)] != "linkage unit":
        return
    if site.custody.fills(agreement.linkage.by, "linkage unit"):
        yield Step(
            "As linkage unit, receive each parcel of what is to be linked",
            f"equipoise receive PARCEL {agreement.reference}",
        )
        yield Step("and link when all are here", f"equipoise link {agreement.reference}")


def _as_secure_room(site: Site, agreement: Agreement) -> Iterator[Step]:
    if any(site.custody.fills(key, "secure room") for key in agreement.parties_in("secure room")):
        links = " and the linkage unit's links" * site.is_away(agreement, "linkage unit")
        yield Step(
            f"As secure room, receive the owners' parcels{links}",
            f"equipoise receive PARCEL {agreement.reference}",
        )
        yield Step(
            "and carry it out when all are here",
            f"equipoise run {agreement.reference} --as 'NAME'",
        )
