"""Link: whoever the agreement's mode names joins datasets, alone in a locked process."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from equipoise.acts.admit import admitted, permission
from equipoise.acts.counts import about, rounding
from equipoise.acts.links import hand_over, refuse_unlike_secrets
from equipoise.acts.registers import lasts, told, with_people, with_register
from equipoise.acts.rooms import at_work, run_directory
from equipoise.acts.site import Site
from equipoise.acts.ways import LINKING, holds, mode_of
from equipoise.agree.canonical import canonical_bytes, digest, digest_of
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import lists_of, made_of_people, with_payload
from equipoise.agree.reads import to_link as to_link_datasets
from equipoise.agree.words import LINKED_IN
from equipoise.carry.link.answers import ANSWERS
from equipoise.carry.link.report import LinkReport
from equipoise.errors import Problem, StateRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_link
from equipoise.gate.room import Job, Progress, run_alone


@dataclass(frozen=True)
class LinkDone:
    """One entity's linkage: its report in plain sentences and numbers.

    ``sentences`` and ``report`` are rounded like the ledger's counts, for whoever reads them.
    ``exact`` is the same to the last row, for the people of whoever links and nobody else. ``sent``
    are the parcels of these links, if the secure room is at a partner's site.
    """

    entity: str
    sentences: tuple[str, ...]
    report: dict[str, Any]
    exact: LinkReport
    sent: tuple[Path, ...] = ()


def members_of(agreement: Agreement, entity: str) -> tuple[str, ...]:
    """Return the datasets that an entity joins, spine first."""
    assert agreement.linkage is not None
    clause = agreement.linkage.entities[entity]
    return tuple(dict.fromkeys((clause.spine, *clause.join)))


def who_links(agreement: Agreement) -> str:
    """Return in words who links: the linkage unit, or the secure room."""
    return f"the {LINKED_IN[mode_of(agreement)]}"


def missing_deliveries(site: Site, agreement: Agreement, room: str) -> tuple[str, ...]:
    """Return the datasets of which a room holds nothing.

    ``linkage-unit`` stands for whoever links: in some modes that is the secure room.
    """
    linking = room == "linkage-unit"
    held = {
        d.dataset
        for d in site.store.deliveries(agreement.reference)
        if (holds(d) in LINKING if linking else holds(d) == "payload")
    }
    wanted = to_link_datasets(agreement) if linking else with_payload(agreement)
    return tuple(sorted(set(wanted) - held))


def unlike_pairs(site: Site, agreement: Agreement) -> tuple[str, ...]:
    """Return the datasets whose two parcels were not packed together: their row ids never meet."""
    newest: dict[tuple[str, str], str] = {}
    for each in site.store.deliveries(agreement.reference):
        newest[each.dataset, holds(each)] = str(each.counts.get("pair", ""))
    return tuple(
        name
        for name in agreement.datasets
        if len({pair for (dataset, _), pair in newest.items() if dataset == name}) > 1
    )


def link(
    site: Site, source: str, *, on_progress: Progress = lambda share, doing: None
) -> tuple[LinkDone, ...]:
    """Link every entity of an agreement and hand the links to the secure room.

    Raises ``StateRefused`` (ACT040) when parcels are still missing.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    if agreement.linkage is None:
        return ()
    if site.is_away(agreement, "linkage unit"):
        person = site.actor_in(agreement, "linkage unit")
        permission(site, parsed, to_link(agreement, person.party, person.name))
    if missing := missing_deliveries(site, agreement, "linkage-unit"):
        raise StateRefused(
            Problem(
                "ACT040",
                f"{who_links(agreement)} has not received {', '.join(missing)}",
                next="receive their parcels: equipoise receive PARCEL AGREEMENT"
                if site.away(agreement)
                else "pack and receive them first, or let 'equipoise run' do both",
            )
        )
    if unlike := unlike_pairs(site, agreement):
        raise StateRefused(
            Problem(
                "ACT041",
                f"the two parcels of {', '.join(unlike)} were not packed together",
                why="their row ids are other ones, so nothing would be found",
                next="pack the dataset again and receive both its parcels",
            )
        )
    refuse_unlike_secrets(site, agreement)
    with at_work(site, agreement.reference):
        # People before their households, which are made of them.
        made = made_of_people(agreement)
        order = sorted(agreement.linkage.entities, key=lambda entity: entity in made)
        return tuple(_link_one(site, parsed, entity, on_progress) for entity in order)


def _laid_out(
    site: Site, agreement: Agreement, passage: Passage, entity: str, lasting: bool
) -> dict[str, pa.Table]:
    """Return what the locked process gets: encodings, lists, people's answers, the register."""
    members = members_of(agreement, entity)
    tables = dict(passage.tokens((*members, *lists_of(agreement, members))))
    answers = passage.link_answers(entity)
    if answers is not None:
        tables[ANSWERS] = answers
    if lasting:
        tables |= with_register(site, passage, entity)
    if entity in made_of_people(agreement):
        tables |= with_people(passage, entity)
    return tables


def _step(agreement: Agreement, entity: str, lasting: bool) -> str:
    """Return the step by which an entity's rows are held to be the same."""
    if entity in made_of_people(agreement):
        return "house"
    return "know" if lasting else "link"


def _link_one(site: Site, parsed: Parsed, entity: str, on_progress: Progress) -> LinkDone:
    agreement = parsed.agreement
    members = members_of(agreement, entity)
    person = site.actor_in(agreement, "linkage unit")
    request = to_link(agreement, person.party, person.name)
    with (
        admitted(site, parsed, request) as passage,
        run_directory(site, agreement.reference, f"link-{secrets.token_hex(6)}") as directory,
    ):
        lasting = lasts(site, agreement, entity)
        tables = _laid_out(site, agreement, passage, entity, lasting)
        job = Job(_step(agreement, entity, lasting), agreement, entity, tables)
        outcome = run_alone(
            job,
            directory,
            limits=site.limits,
            on_progress=lambda share, doing: on_progress(share, f"linking by {entity}: {doing}"),
        )
        linked = outcome.value
        if lasting:
            passage.keep_register(entity, linked.register)
        sent = hand_over(site, agreement, passage, entity, linked, person)
        done = _told(agreement, entity, linked.report)
        kept = _kept(done)
        with site.store.change(person.key) as change:
            change.link(agreement.reference, entity, kept)
            if lasting:
                change.keep_register(agreement.reference, entity, told(agreement, linked))
            change.note(
                "linked",
                f"linkage:{agreement.reference}/{entity}",
                digest(agreement),
                entity=entity,
                rows=about(agreement, linked.members.num_rows),
                datasets=", ".join(members),
                report=digest_of(canonical_bytes(kept)),
                permit=f"permit:{passage.permit.id}",
            )
    return replace(done, sent=sent)


def _kept(done: LinkDone) -> dict[str, Any]:
    """Return what the store keeps of a linkage. The figures are few and small: without a secret
    beside them their digest could be guessed."""
    return {
        "numbers": done.exact.as_dict(),
        "sentences": list(done.exact.sentences()),
        "for others": {"numbers": done.report, "sentences": list(done.sentences)},
        "nonce": secrets.token_hex(32),
    }


def _told(agreement: Agreement, entity: str, report: LinkReport) -> LinkDone:
    """Return what is told of a linkage: to everybody, and to whoever links."""
    rounded = report.rounded(*rounding(agreement))
    return LinkDone(entity, rounded.sentences(), rounded.as_dict(), report)
