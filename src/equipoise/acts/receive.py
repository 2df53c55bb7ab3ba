"""Receive: a room opens a parcel that is meant for it, checks it, and holds it sealed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.lateness import order_of
from equipoise.acts.site import Site
from equipoise.acts.ways import (
    KINDS,
    LINKING,
    columns_of,
    holds,
    repeated_of,
    role_of,
    room_of,
)
from equipoise.agree.canonical import digest, digest_of
from equipoise.agree.document import Agreement
from equipoise.carry.encode.wire import insist
from equipoise.carry.parcel import SUFFIX, Expected, Kind, Manifest, open_parcel
from equipoise.errors import (
    DataRefused,
    EnvironmentFailed,
    IntegrityRefused,
    Problem,
    StateRefused,
    UsageRefused,
)
from equipoise.gate.passage import LINKS, Passage
from equipoise.gate.requests import to_receive, to_take_links
from equipoise.store.facts import Person


@dataclass(frozen=True)
class Received:
    """One parcel that entered a room."""

    dataset: str
    room: str
    rows: int


def _named(path: Path) -> tuple[str, Kind]:
    """Read dataset and kind from a parcel's file name; the parcel itself must then say the same."""
    parts = path.name.removesuffix(SUFFIX).split("--")
    if path.suffix == SUFFIX and len(parts) == 3 and parts[1] in KINDS:
        return parts[0], parts[1]
    raise UsageRefused(
        Problem(
            "ACT030",
            "this is not the name of a parcel",
            why=f"a parcel is called DATASET--KIND--ID{SUFFIX}",
            next="give the file as pack wrote it, under its own name",
        )
    )


def expected_by(site: Site, agreement: Agreement, kind: Kind) -> Expected:
    """Return what a room is ready to accept under an agreement."""
    return Expected(
        agreement=agreement.agreement,
        version=agreement.version,
        digest=digest(agreement),
        receiver=role_of(agreement, kind),
        kind=kind,
        datasets={key: data.controller for key, data in agreement.datasets.items()},
        senders=senders_of(site, agreement),
        columns=columns_of(agreement, kind),
        repeated=repeated_of(agreement, kind),
        **not_before(site, agreement, kind),
    )


def links_expected(site: Site, agreement: Agreement) -> Expected:
    """Return what the secure room is ready to accept of the linkage unit."""
    entities = agreement.linkage.entities if agreement.linkage else {}
    unit = agreement.linkage.by if agreement.linkage else ""
    known: dict[str, str] = {}
    with suppress(StateRefused):  # no card names it
        known[unit] = site.custody.address(unit, "linkage unit").signing
    return Expected(
        agreement=agreement.agreement,
        version=agreement.version,
        digest=digest(agreement),
        receiver="secure room",
        kind="links",
        datasets=dict.fromkeys(entities, unit),
        senders=known,
        columns=dict.fromkeys(entities, ("dataset", "link_id")),
        **_of_links(not_before(site, agreement, "links")),
    )


def _of_links(before: dict[str, Any]) -> dict[str, Any]:
    """Return ``not_before`` by entity: a parcel of links is on record as that of its holding."""
    mark = f"{LINKS}-"
    for which in ("newest", "erased"):
        told = before[which].items()
        before[which] = {k.removeprefix(mark): v for k, v in told if k.startswith(mark)}
    return before


def senders_of(site: Site, agreement: Agreement) -> dict[str, str]:
    """Return the key with which each owner signs, here or as its site's card says."""
    found = {}
    for party in {data.controller for data in agreement.datasets.values()}:
        with suppress(StateRefused):  # nobody's card names it, so nothing of it is accepted
            found[party] = site.custody.party_key(party)
    return found


def not_before(site: Site, agreement: Agreement, kind: Kind) -> dict[str, Any]:
    """Return what keeps old parcels of a kind out: those seen, and from when on new ones are."""
    newest: dict[str, tuple[str, int]] = {}
    erased: dict[str, str] = {}
    for each in site.store.deliveries(agreement.reference, held=False):
        if holds(each) != kind:
            continue
        place = order_of(each)
        newest[each.dataset] = max(newest.get(each.dataset, place), place)
        if each.erased is not None:
            moment = each.erased.isoformat()
            erased[each.dataset] = max(erased.get(each.dataset, ""), moment)
    return {"seen": site.store.parcels_seen(), "newest": newest, "erased": erased}


def receive(site: Site, source: str, path: Path, *, keep_file: bool = True) -> Received:
    """Receive one parcel. With ``keep_file`` false the file is removed once it is held.

    A parcel of another agreement, version, sender, receiver or key is refused, and the refusal is
    on the ledger. Raises ``EnvironmentFailed`` (ACT031) when the file cannot be read.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    dataset, kind = _named(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EnvironmentFailed(
            Problem("ACT031", "the parcel cannot be read", why=error.strerror or "")
        ) from error
    role = role_of(agreement, kind)
    linking = kind in LINKING
    person = site.actor_in(agreement, "linkage unit" if linking else role)
    request = (
        to_take_links(agreement, person.party, person.name)
        if kind == "links"
        else to_receive(agreement, person.party, person.name, role, [dataset], linking=linking)
    )
    with admitted(site, parsed, request) as passage:
        try:
            manifest, table = _open(site, agreement, passage, data, dataset, kind)
        except (DataRefused, IntegrityRefused) as error:
            _keep_refusal(site, agreement, person, data, error)
            raise
        if kind == "links":
            passage.take_links(dataset, table)
        else:
            passage.take_into(room_of(agreement, kind), dataset, table)
        _record(site, agreement, person, data, manifest)
    if not keep_file:
        path.unlink(missing_ok=True)
    return Received(dataset, room_of(agreement, kind), manifest.rows)


def _open(
    site: Site, agreement: Agreement, passage: Passage, data: bytes, dataset: str, kind: Kind
) -> tuple[Manifest, pa.Table]:
    manifest, table = open_parcel(
        data,
        passage.unseal_in(room_of(agreement, kind)),
        expected=links_expected(site, agreement)
        if kind == "links"
        else expected_by(site, agreement, kind),
    )
    if manifest.dataset != dataset:
        raise DataRefused(
            Problem(
                "ACT032",
                "the parcel holds another dataset than its file name says",
                next="give the file its own name back",
            )
        )
    if kind in LINKING:
        insist(agreement, dataset, manifest.layout, manifest.key, table)
    return manifest, table


def _keep_refusal(
    site: Site,
    agreement: Agreement,
    person: Person,
    data: bytes,
    error: DataRefused | IntegrityRefused,
) -> None:
    with site.store.change(person.key) as change:
        change.refuse(agreement.reference, "receive", error)
        change.note(
            "parcel refused",
            f"parcel:{digest_of(data)[7:31]}",
            digest(agreement),
            codes=" ".join(sorted({problem.code for problem in error.problems})),
            sha256=digest_of(data),
        )


def _record(
    site: Site, agreement: Agreement, person: Person, data: bytes, manifest: Manifest
) -> None:
    room = room_of(agreement, manifest.kind)
    told = {
        "pair": manifest.pair,
        "created": manifest.created,
        "serial": manifest.serial,
        "key": manifest.key,
        "holds": manifest.kind,
    }
    links = manifest.kind == "links"
    name = f"{LINKS}-{manifest.dataset}" if links else manifest.dataset
    with site.store.change(person.key) as change:
        change.deliver(agreement.reference, manifest.parcel, name, room, manifest.rows, told)
        if links:
            change.link(agreement.reference, manifest.dataset, {"parcel": manifest.parcel})
        change.note(
            "parcel received",
            f"parcel:{manifest.parcel}",
            manifest.digest,
            dataset=manifest.dataset,
            holds=manifest.kind,
            rows=about(agreement, manifest.rows),
            sha256=digest_of(data),
            sender=manifest.sender,
            room=room,
        )
