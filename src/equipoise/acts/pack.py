"""Pack: on the owner's machine, take a file in, encode who it is about, and seal two parcels."""

from __future__ import annotations

import csv
import io
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.files import write_draft, write_whole
from equipoise.acts.lateness import made_now
from equipoise.acts.site import Site
from equipoise.acts.ways import LINKING, kinds_of, role_of, room_of
from equipoise.agree.canonical import digest, digest_of
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import pack_fields
from equipoise.carry.encode import payload
from equipoise.carry.encode.outgoing import outgoing
from equipoise.carry.encode.wire import is_keyed, layout_of
from equipoise.carry.intake import Intake, take_in
from equipoise.carry.parcel import SUFFIX, Kind, Manifest, make_parcel
from equipoise.errors import EnvironmentFailed, Problem, UsageRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_pack
from equipoise.gate.room import Progress

ROW_ID_BYTES = 16
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".txt", ".parquet", ".arrow", ".feather", ".xlsx")
"""The endings under which a dataset's file is looked for, in this order."""


@dataclass(frozen=True)
class Packed:
    """The parcels made of one dataset, and what intake counted; never a row."""

    dataset: str
    parcels: tuple[Path, ...]
    counts: dict[str, int]
    warnings: tuple[Problem, ...]
    report: Path


def find_file(data: Path, parsed: Parsed, dataset: str) -> Path:
    """Find an owner's file: ``data`` itself, the agreement's ``file``, or the dataset's name.

    Raises ``EnvironmentFailed`` (ACT020) naming where it looked.
    """
    if data.is_file():
        return data
    stated = parsed.agreement.datasets[dataset].file
    names = [stated] if stated else [dataset + suffix for suffix in SUFFIXES]
    party = parsed.agreement.datasets[dataset].controller
    for folder in (data, data / party):
        for name in names:
            if (folder / name).is_file():
                return folder / name
    raise EnvironmentFailed(
        Problem(
            "ACT020",
            f"there is no file for {dataset}",
            why=f"looked for {', '.join(names)} in {data} and in its folder {party}",
            next="put the file there, or name it: equipoise pack AGREEMENT DATASET --data FILE",
            clause=f"datasets.{dataset}",
            line=parsed.places.line_of(f"datasets.{dataset}"),
        )
    )


def _agreed(parsed: Parsed, dataset: str) -> None:
    if dataset not in parsed.agreement.datasets:
        raise UsageRefused(
            Problem(
                "ACT021",
                f"the agreement has no dataset called {dataset!r}",
                next=f"its datasets are: {', '.join(parsed.agreement.datasets)}",
                clause="datasets",
            )
        )


def pack(
    site: Site,
    source: str,
    dataset: str,
    data: Path,
    *,
    out: Path | None = None,
    on_progress: Progress = lambda share, doing: None,
) -> Packed:
    """Make the parcels of one dataset from its owner's file. Only agreed fields enter them."""
    parsed = site.read(source)
    agreement = parsed.agreement
    _agreed(parsed, dataset)
    file = find_file(data, parsed, dataset)
    controller = site.actor_for(agreement, agreement.datasets[dataset].controller)
    request = to_pack(agreement, dataset, controller.name)
    folder = (out or site.folder("parcels")) / agreement.reference
    with admitted(site, parsed, request) as passage:
        intake = _taken(site, agreement, dataset, file, on_progress)
        on_progress(0.7, f"encoding {dataset}")
        parcels = _parcels(
            parsed,
            dataset,
            intake,
            passage,
            made_now(site, agreement, dataset),
            lambda share, doing: on_progress(0.7 + 0.2 * share, doing),
        )
        on_progress(0.9, f"sealing {dataset}")
        report = _report(site, agreement.reference, dataset, intake)
        rows = about(agreement, intake.counts.accepted)
        paths = write_parcels(site, folder, parcels, controller.key, rows)
    return Packed(dataset, tuple(paths), _counts(intake), intake.warnings, report)


def _taken(
    site: Site, agreement: Agreement, dataset: str, file: Path, on_progress: Progress
) -> Intake:
    clause = agreement.datasets[dataset]
    return take_in(
        file,
        clause,
        {name: agreement.field_type(dataset, name) for name in clause.fields},
        today=site.clock().date(),
        on_progress=lambda share, doing: on_progress(0.7 * share, doing),
    )


def _note(site: Site, parcels: list[tuple[Manifest, bytes]], actor: str, rows: int) -> None:
    with site.store.change(actor) as change:
        for manifest, sealed in parcels:
            change.note(
                "parcel packed",
                f"parcel:{manifest.parcel}",
                manifest.digest,
                dataset=manifest.dataset,
                holds=manifest.kind,
                rows=rows,
                sha256=digest_of(sealed),
                receiver=manifest.receiver.replace(" ", "-"),
            )


def _counts(intake: Intake) -> dict[str, int]:
    counts = intake.counts
    return {
        "read": counts.read,
        "rejected": counts.rejected,
        "without_consent": counts.dropped_no_consent,
        "opted_out": counts.dropped_opt_out,
        "accepted": counts.accepted,
    }


def _row_ids(count: int) -> pa.Array:
    """Draw a random id for each row: all that joins the two parcels of one dataset."""
    return pa.Array.from_buffers(
        pa.binary(ROW_ID_BYTES),
        count,
        [None, pa.py_buffer(secrets.token_bytes(ROW_ID_BYTES * count))],
    )


def _split(
    agreement: Agreement, dataset: str, table: pa.Table, passage: Passage, progress: Progress
) -> dict[Kind, pa.Table]:
    """Part what says who a row is about from what is known of it; only row ids join the two."""
    row_ids = _row_ids(table.num_rows)
    tables: dict[Kind, pa.Table] = {}
    for kind in kinds_of(agreement, dataset):
        if kind in LINKING:
            tables[kind] = outgoing(
                table, agreement, dataset, passage.hasher, row_ids, progress=progress
            )
            continue
        own = payload(table, agreement, dataset, row_ids)
        tables[kind] = own.select(["row_id", *pack_fields(agreement, dataset)])
    return tables


def _parcels(
    parsed: Parsed,
    dataset: str,
    intake: Intake,
    passage: Passage,
    made_at: tuple[str, int],
    progress: Progress,
) -> list[tuple[Manifest, bytes]]:
    agreement = parsed.agreement
    tables = _split(agreement, dataset, intake.table, passage, progress)
    sender = agreement.datasets[dataset].controller
    pair = "pair-" + secrets.token_hex(8)
    made = []
    for kind, table in tables.items():
        linking = kind in LINKING
        manifest = Manifest(
            parcel=secrets.token_hex(12),
            pair=pair,
            agreement=agreement.agreement,
            version=agreement.version,
            digest=digest(agreement),
            dataset=dataset,
            sender=sender,
            receiver=role_of(agreement, kind),
            kind=kind,
            created=made_at[0],
            serial=made_at[1],
            key=passage.key_check() if linking and is_keyed(agreement, dataset) else "",
            layout=layout_of(agreement, dataset) if linking else {},
        )
        seal = passage.seal_for_room(room_of(agreement, kind))
        sealed = make_parcel(manifest, table, passage.sender(sender), seal)
        passage.hashes[f"{dataset}/{kind}"] = digest_of(sealed)
        made.append((manifest, sealed))
    return made


def write_parcels(
    site: Site,
    folder: Path,
    parcels: list[tuple[Manifest, bytes]],
    actor: str,
    rows: int,
) -> list[Path]:
    """Write drafts, then the ledger entry, then give the names: a half parcel never bears the
    suffix, and a parcel that bears it is on the ledger."""
    paths: dict[Path, Path] = {}
    try:
        for manifest, sealed in parcels:
            path = folder / f"{manifest.dataset}--{manifest.kind}--{manifest.parcel}{SUFFIX}"
            paths[path] = write_draft(path, sealed)
        _note(site, parcels, actor, rows)
        for path, draft in paths.items():
            draft.replace(path)
    except BaseException:
        for path, draft in paths.items():
            draft.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        raise
    return list(paths)


def _report(site: Site, reference: str, dataset: str, intake: Intake) -> Path:
    """Write the owner's own report: the counts, the quality, and the rejected rows by number."""
    folder = site.folder("reports") / reference / dataset
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(intake.rejected.column_names))
    writer.writeheader()
    writer.writerows(intake.rejected.to_pylist())
    write_whole(folder / "rejected-rows.csv", text.getvalue().encode("utf-8"))
    said: dict[str, Any] = {
        "dataset": dataset,
        "counts": _counts(intake),
        "quality": intake.quality.as_dict(),
        "warnings": [warning.as_dict() for warning in intake.warnings],
    }
    write_whole(folder / "quality.json", json.dumps(said, indent=2).encode("utf-8"))
    return folder
