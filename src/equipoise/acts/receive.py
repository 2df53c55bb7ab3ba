"""Receive: a room opens a parcel that is meant for it, checks it, and holds it sealed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest, digest_of
from equipoise.agree.document import Agreement
from equipoise.agree.reads import pack_fields
from equipoise.carry.parcel import SUFFIX, Expected, Kind, Manifest, open_parcel
from equipoise.errors import (
    DataRefused,
    EnvironmentFailed,
    IntegrityRefused,
    Problem,
    UsageRefused,
)
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_receive
from equipoise.store.facts import Person

ROOM_OF: dict[Kind, Literal["linkage-unit", "secure-room"]] = {
    "encodings": "linkage-unit",
    "payload": "secure-room",
}
ROLE_OF: dict[Kind, str] = {"encodings": "linkage unit", "payload": "secure room"}


@dataclass(frozen=True)
class Received:
    """One parcel that entered a room."""

    dataset: str
    room: str
    rows: int


def _named(path: Path) -> tuple[str, Kind]:
    """Read dataset and kind from a parcel's file name; the parcel itself must then say the same."""
    parts = path.name.removesuffix(SUFFIX).split("--")
    if path.suffix == SUFFIX and len(parts) == 3:
        if parts[1] == "encodings":
            return parts[0], "encodings"
        if parts[1] == "payload":
            return parts[0], "payload"
    raise UsageRefused(
        Problem(
            "ACT030",
            "this is not the name of a parcel",
            why=f"a parcel is called DATASET--KIND--ID{SUFFIX}",
            next="give the file as pack wrote it, under its own name",
        )
    )


def token_columns(agreement: Agreement, dataset: str) -> tuple[str, ...]:
    """Return the columns that a dataset's encodings must have besides the row id."""
    if agreement.linkage is None:
        return ()
    return tuple(
        f"{entity}.{number}"
        for entity in agreement.entities_of(dataset)
        for number in range(len(agreement.linkage.entities[entity].rules))
    )


def expected_by(site: Site, agreement: Agreement, kind: Kind) -> Expected:
    """Return what a room is ready to accept under an agreement."""
    columns = {
        dataset: token_columns(agreement, dataset)
        if kind == "encodings"
        else pack_fields(agreement, dataset)
        for dataset in agreement.datasets
    }
    return Expected(
        agreement=agreement.agreement,
        version=agreement.version,
        digest=digest(agreement),
        receiver=ROLE_OF[kind],
        kind=kind,
        datasets={key: data.controller for key, data in agreement.datasets.items()},
        senders={party: site.custody.party_key(party) for party in agreement.parties},
        columns=columns,
        seen=site.store.parcels_seen(),
    )


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
    person = site.actor_in(agreement, ROLE_OF[kind])
    request = to_receive(agreement, person.party, person.name, ROLE_OF[kind], [dataset])
    with admitted(site, parsed, request) as passage:
        try:
            manifest, table = _open(site, agreement, passage, data, dataset, kind)
        except (DataRefused, IntegrityRefused) as error:
            _keep_refusal(site, agreement, person, data, error)
            raise
        passage.take_into(ROOM_OF[kind], dataset, table)
        _record(site, agreement, person, data, manifest)
    if not keep_file:
        path.unlink(missing_ok=True)
    return Received(dataset, ROOM_OF[kind], manifest.rows)


def _open(
    site: Site, agreement: Agreement, passage: Passage, data: bytes, dataset: str, kind: Kind
) -> tuple[Manifest, pa.Table]:
    manifest, table = open_parcel(
        data, passage.unseal_in(ROOM_OF[kind]), expected=expected_by(site, agreement, kind)
    )
    if manifest.dataset != dataset:
        raise DataRefused(
            Problem(
                "ACT032",
                "the parcel holds another dataset than its file name says",
                next="give the file its own name back",
            )
        )
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
    room = ROOM_OF[manifest.kind]
    with site.store.change(person.key) as change:
        change.deliver(
            agreement.reference,
            manifest.parcel,
            manifest.dataset,
            room,
            manifest.rows,
            {"pair": manifest.pair},
        )
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
