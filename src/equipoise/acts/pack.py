"""Pack: on the owner's machine, take a file in, encode who it is about, and seal two parcels."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.files import write_whole
from equipoise.acts.lateness import made_now
from equipoise.acts.parcels import Parcel, write_parcels
from equipoise.acts.rooms import run_directory
from equipoise.acts.site import Site
from equipoise.acts.ways import LINKING, kinds_of, role_of, room_of
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import pack_fields
from equipoise.carry.encode import payload
from equipoise.carry.encode.outgoing import Outgoing
from equipoise.carry.encode.wire import is_keyed, layout_of
from equipoise.carry.intake import Intake, take_in
from equipoise.carry.parcel import Kind, Manifest
from equipoise.carry.spool import Spool
from equipoise.cores import in_order
from equipoise.errors import EnvironmentFailed, Problem, UsageRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_pack
from equipoise.gate.room import Progress

_INTAKE, _SEALING = 0.5, 0.95
"""How far a packing is, of 1, when the file is taken in, and when its parcels are sealed."""

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
    with (
        admitted(site, parsed, request) as passage,
        run_directory(site, agreement.reference, f"pack-{secrets.token_hex(8)}") as work,
    ):
        spool = Spool(work / "rows.arrow")
        intake = _taken(site, agreement, dataset, file, spool, work, on_progress)
        report = _report(site, agreement.reference, dataset, intake)
        maker = Outgoing(agreement, dataset, passage.hasher)
        moment = made_now(site, agreement, dataset)
        making = Making(parsed, dataset, spool, work, passage, maker, moment, on_progress)
        rows = about(agreement, intake.counts.accepted)
        paths = write_parcels(site, passage, folder, making.parcels(), controller.key, rows)
    warnings = (*intake.warnings, *maker.warnings())
    return Packed(dataset, tuple(paths), _counts(intake), warnings, report)


def _taken(
    site: Site,
    agreement: Agreement,
    dataset: str,
    file: Path,
    spool: Spool,
    work: Path,
    on_progress: Progress,
) -> Intake:
    """Take a file in; its accepted rows wait in the spool."""
    clause = agreement.datasets[dataset]
    return take_in(
        file,
        clause,
        {name: agreement.field_type(dataset, name) for name in clause.fields},
        today=site.clock().date(),
        on_progress=lambda share, doing: on_progress(_INTAKE * share, doing),
        into=spool.add,
        work=work,
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


@dataclass(frozen=True)
class Making:
    """Parts what says who a row is about from what is known of it; only row ids join the two.

    Rows come from the spool in the order of their ids, once for each parcel.
    """

    parsed: Parsed
    dataset: str
    spool: Spool
    work: Path
    passage: Passage
    maker: Outgoing
    made_at: tuple[str, int]
    on_progress: Progress

    def parcels(self) -> list[Parcel]:
        """Return the parcels of the dataset, ready to be written one after the other."""
        kinds = kinds_of(self.parsed.agreement, self.dataset)
        pair = "pair-" + secrets.token_hex(8)
        return [self._parcel(kind, pair, at, len(kinds)) for at, kind in enumerate(kinds)]

    def _parcel(self, kind: Kind, pair: str, at: int, count: int) -> Parcel:
        agreement, dataset = self.parsed.agreement, self.dataset
        linking = kind in LINKING
        sender = agreement.datasets[dataset].controller
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
            created=self.made_at[0],
            serial=self.made_at[1],
            key=self.passage.key_check() if linking and is_keyed(agreement, dataset) else "",
            layout=layout_of(agreement, dataset) if linking else {},
        )
        seal = self.passage.seal_for_room(room_of(agreement, kind))
        made = self._linking() if linking else self._payload()
        parts = self._told(made, kind, at / count, 1 / count)
        return Parcel(manifest, parts, self.passage.sender(sender), seal)

    def _linking(self) -> Iterator[pa.Table]:
        self.maker.look(self.spool.chunks, self.spool.rows, self.work)
        chunks = self.spool.chunks()
        # The first tells the maker what is too common in the file; the others then hold to it.
        yield from map(self._encoded, islice(chunks, 1))
        yield from in_order(self._encoded, chunks)

    def _encoded(self, chunk: pa.Table) -> pa.Table:
        return self.maker.of(chunk.drop_columns(["row_id"]), chunk["row_id"])

    def _payload(self) -> Iterator[pa.Table]:
        agreement = self.parsed.agreement
        fields = pack_fields(agreement, self.dataset)
        for chunk in self.spool.chunks():
            yield payload(
                chunk.drop_columns(["row_id"]), agreement, self.dataset, chunk["row_id"]
            ).select(["row_id", *fields])

    def _told(
        self, parts: Iterable[pa.Table], kind: Kind, start: float, share: float
    ) -> Iterator[pa.Table]:
        """Tell how far the work is, between parts."""
        done = 0
        doing = f"{'encoding' if kind in LINKING else 'packing'} {self.dataset}"
        for part in parts:
            done += part.num_rows
            far = start + share * done / max(1, self.spool.rows)
            self.on_progress(_INTAKE + (_SEALING - _INTAKE) * far, doing)
            yield part
        if start + share > 0.99:
            self.on_progress(_SEALING, f"sealing {self.dataset}")


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
