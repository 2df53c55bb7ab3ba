"""Parcels on their way out: written as drafts, put on the ledger, and only then named."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from equipoise.acts.files import draft_of, drafting
from equipoise.acts.rooms import run_directory
from equipoise.acts.site import Site
from equipoise.agree.sign import Signer
from equipoise.carry.parcel import SUFFIX, Manifest, SealStream, make_parcel
from equipoise.carry.spool import private_file
from equipoise.gate.passage import Passage


@dataclass(frozen=True)
class Parcel:
    """A parcel to be written: ``parts`` are its table, in the order of the row ids."""

    manifest: Manifest
    parts: Iterable[pa.Table]
    signer: Signer
    seal: SealStream


def write_parcels(
    site: Site,
    passage: Passage,
    folder: Path,
    parcels: Sequence[Parcel],
    actor: str,
    rows: int,
) -> list[Path]:
    """Write drafts, then the ledger entry, then give the names: a half parcel never bears the
    suffix, and a parcel that bears it is on the ledger. ``rows`` is what the ledger may tell."""
    hashes: dict[Path, str] = {}
    made: list[Path] = []
    try:
        for parcel in parcels:
            told = parcel.manifest
            path = folder / f"{told.dataset}--{told.kind}--{told.parcel}{SUFFIX}"
            made.append(path)
            hashes[path] = _write(site, passage.agreement.reference, parcel, path)
            passage.hashes[f"{told.dataset}/{told.kind}"] = hashes[path]
        _note(site, dict(zip(hashes.values(), parcels, strict=True)), actor, rows)
        for path in made:
            draft_of(path).replace(path)
    except BaseException:
        for path in made:
            draft_of(path).unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        raise
    return made


def _write(site: Site, reference: str, parcel: Parcel, path: Path) -> str:
    """Write one draft; return its digest. Its table waits unsealed in a private place meanwhile."""
    with (
        run_directory(site, reference, f"seal-{secrets.token_hex(8)}") as work,
        private_file(work / "table.parquet") as table,
        drafting(path) as sink,
    ):
        make_parcel(
            parcel.manifest, parcel.parts, parcel.signer, parcel.seal, sink, cast(BinaryIO, table)
        )
    with draft_of(path).open("rb") as written:
        return "sha256:" + hashlib.file_digest(written, "sha256").hexdigest()


def _note(site: Site, parcels: dict[str, Parcel], actor: str, rows: int) -> None:
    with site.store.change(actor) as change:
        for sha256, parcel in parcels.items():
            manifest = parcel.manifest
            change.note(
                "parcel packed",
                f"parcel:{manifest.parcel}",
                manifest.digest,
                dataset=manifest.dataset,
                holds=manifest.kind,
                rows=rows,
                sha256=sha256,
                receiver=manifest.receiver.replace(" ", "-"),
            )
