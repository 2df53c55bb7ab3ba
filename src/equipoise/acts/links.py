"""Links: how the linkage unit hands link ids over, and what must agree before it links."""

from __future__ import annotations

import secrets
from pathlib import Path

from equipoise.acts.counts import about
from equipoise.acts.lateness import made_now
from equipoise.acts.parcels import Parcel, write_parcels
from equipoise.acts.site import Site
from equipoise.acts.ways import LINKING, holds
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.carry.encode.wire import is_keyed
from equipoise.carry.identity.homes import HousedNow
from equipoise.carry.identity.step import Known
from equipoise.carry.link import Linked
from equipoise.carry.parcel import Manifest
from equipoise.carry.spool import by_row_id
from equipoise.errors import Problem, StateRefused
from equipoise.gate.passage import LINKS, Passage
from equipoise.store.facts import Person


def refuse_unlike_secrets(site: Site, agreement: Agreement) -> None:
    """Refuse (ACT122) to link encodings that were made with different owners' secrets.

    Their fingerprints travel with them, so that it is noticed before anything is compared.
    """
    made: dict[str, str] = {}
    for each in site.store.deliveries(agreement.reference):
        if holds(each) in LINKING and is_keyed(agreement, each.dataset):
            made[each.dataset] = str(each.counts.get("key", ""))
    if len(set(made.values())) > 1:
        groups = sorted(
            {key: [n for n in made if made[n] == key] for key in made.values()}.values()
        )
        raise StateRefused(
            Problem(
                "ACT122",
                "the owners did not encode with one secret: "
                + "; ".join(", ".join(group) for group in groups),
                why="nobody of one group would be found in another",
                next="let the owners compare their secret's fingerprint (equipoise secret show), "
                "and pack again what was made with another",
            )
        )


def hand_over(
    site: Site,
    agreement: Agreement,
    passage: Passage,
    entity: str,
    linked: Linked | Known | HousedNow,
    person: Person,
) -> tuple[Path, ...]:
    """Give the links of one entity to the secure room: of this site, or sealed in a parcel, whose
    path is returned."""
    assert agreement.linkage is not None
    spine = agreement.linkage.entities[entity].spine
    if not site.is_away(agreement, "secure room"):
        passage.hand_over_links(entity, spine, linked.members, linked.dropped)
        return ()
    table = passage.link_table(entity, spine, linked.members, linked.dropped)
    made_at = made_now(site, agreement, f"{LINKS}-{entity}")
    manifest = Manifest(
        parcel=secrets.token_hex(12),
        pair="links-" + secrets.token_hex(8),
        agreement=agreement.agreement,
        version=agreement.version,
        digest=digest(agreement),
        dataset=entity,
        sender=agreement.linkage.by,
        receiver="secure room",
        kind="links",
        created=made_at[0],
        serial=made_at[1],
    )
    seal = passage.seal_for_room("secure-room")
    parcel = Parcel(manifest, [by_row_id(table)], passage.link_sender(), seal)
    folder = site.folder("parcels") / agreement.reference
    rows = about(agreement, linked.members.num_rows)
    return tuple(write_parcels(site, passage, folder, [parcel], person.key, rows))
