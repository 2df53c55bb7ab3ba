"""Taking one owner's file in under one dataset clause: the first step of the data's way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import Dataset
from equipoise.agree.words import FieldType
from equipoise.carry.intake.coarsen import coarsen
from equipoise.carry.intake.codes import NUMBERED, REASONS, number_of
from equipoise.carry.intake.columns import Chosen, choose_columns, wanted_columns
from equipoise.carry.intake.fields import Field, Mask, take_field
from equipoise.carry.intake.quality import oddities, report
from equipoise.carry.intake.result import REJECTED, Counts, Intake
from equipoise.carry.intake.source import Progress, Source, read_source
from equipoise.errors import DataRefused, Problem, UsageRefused


def _silent(share: float, doing: str) -> None:
    """Say nothing."""


def take_in(
    source: Path,
    dataset: Dataset,
    types: Mapping[str, FieldType],
    *,
    today: date,
    on_progress: Progress = _silent,
) -> Intake:
    """Read ``source`` as ``dataset`` agrees; ``types`` gives each field's type.

    Only agreed fields enter. Empty cells are missing, and nothing else is: ``NA`` and ``Null`` are
    surnames. An unreadable value of an identifier or linking field becomes missing and is counted;
    anywhere else, and in a required field, it rejects its row. Rows without consent or with an
    opt-out are left out first and not looked at further. Payload is blurred where agreed.

    Raises ``EnvironmentFailed`` or ``DataRefused`` (INT001 to INT034) with every problem of the
    file found at that stage, ``UsageRefused`` (INT030) where the opt-out is an outside list.
    """
    _check_opt_out(dataset)
    sought = [name for names in wanted_columns(dataset).values() for name in names]
    opened = read_source(source, sought)
    chosen = choose_columns(opened.header, dataset, source.name, opened.looks_separated_by)
    columns, total = _read_columns(opened, chosen, source.name, on_progress)
    fields = []
    for done, (name, clause) in enumerate(dataset.fields.items()):
        on_progress(0.5 + 0.4 * done / len(dataset.fields), f"reading {name}")
        own = [columns[place] for place in chosen.places[name]]
        fields.append(take_field(name, clause, types[name], own, today))
        _forget(columns, chosen, name)
    if problems := [problem for field in fields for problem in field.problems]:
        raise DataRefused([_in_file(problem, source.name) for problem in problems])
    on_progress(0.9, "choosing rows")
    taken = _choose_rows(fields, dataset, opened, chosen, total)
    _check_rejected(taken, dataset, source.name)
    on_progress(1.0, "taken in")
    return taken


def _check_opt_out(dataset: Dataset) -> None:
    """Refuse a list that nobody packs; one with rules is applied, encoded, before linking."""
    rule = dataset.opt_out
    if rule is not None and rule.check is not None and rule.rules is None:
        raise UsageRefused(
            Problem(
                "INT030",
                "nothing says how rows are held against the outside opt-out list",
                clause="opt out.check",
                why="taking the file in without it would share what people "
                "asked not to have shared",
                next="apply the list before export and agree a yes/no field instead ('field:'), or "
                "let the list's holder take part and agree the 'rules' by which rows meet it",
            )
        )


def _read_columns(
    opened: Source, chosen: Chosen, file: str, on_progress: Progress
) -> tuple[dict[int, pa.ChunkedArray], int]:
    """Return the agreed columns as text, by position, and the number of rows read."""
    places = sorted({place for at in chosen.places.values() for place in at})
    chunks: list[pa.RecordBatch] = []
    rows = 0
    for batch in opened.read(places):
        chunks.append(batch)
        rows += batch.num_rows
        on_progress(0.5 * rows / (rows + 200_000), f"{rows:,} rows read")
    total = rows + len(opened.skipped)
    if not total:
        raise DataRefused(
            Problem(
                "INT005",
                "the file has a header and no rows",
                file=file,
                why="nothing can be learnt from an empty dataset",
                next="export it again, or agree a version without it",
            )
        )
    table = {
        place: pa.chunked_array([chunk.column(at) for chunk in chunks], pa.string())
        for at, place in enumerate(places)
    }
    return table, total


def _forget(columns: dict[int, pa.ChunkedArray], chosen: Chosen, name: str) -> None:
    """Let go of text that no later field reads: what is typed need not be held twice."""
    later = list(chosen.places)[list(chosen.places).index(name) + 1 :]
    needed = {place for field in later for place in chosen.places[field]}
    for place in chosen.places[name]:
        if place not in needed:
            columns.pop(place, None)


def _in_file(problem: Problem, file: str) -> Problem:
    return Problem(**{**problem.as_dict(), "file": file})


def _choose_rows(
    fields: Sequence[Field], dataset: Dataset, opened: Source, chosen: Chosen, total: int
) -> Intake:
    skipped = np.array(opened.skipped, dtype=np.int64)
    numbers = np.delete(np.arange(1, total + 1), skipped - 1)
    refused_consent, opted_out = _left_out(fields, dataset, len(numbers))
    left_out = refused_consent | opted_out
    rejected = np.zeros(len(numbers), np.bool_)
    faults = [(field.name, field.rejecting()) for field in fields]
    for _, found in faults:
        rejected |= (found > 0) & ~left_out
    kept = ~left_out & ~rejected
    counts = Counts(
        read=total,
        dropped_no_consent=int(refused_consent.sum()),
        dropped_opt_out=int(opted_out.sum()),
        rejected=int(rejected.sum()) + len(skipped),
        accepted=int(kept.sum()),
    )
    quality = report(fields, kept, chosen.ignored)
    return Intake(
        table=_table(fields, kept),
        row_numbers=pa.array(numbers[kept]),
        rejected=_rejected(faults, ~left_out, numbers, skipped),
        counts=counts,
        quality=quality,
        warnings=(
            *opened.notes,
            *_ignored(chosen),
            *_line_breaks(fields),
            *oddities(fields, kept, quality, dataset),
        ),
    )


def _left_out(fields: Sequence[Field], dataset: Dataset, rows: int) -> tuple[Mask, Mask]:
    """Return who did not consent and who opted out; who did both is counted under consent.

    Only a readable yes is consent. Only a readable yes is an opt-out, but an unreadable one rejects
    its row like any other unreadable payload, so it never lets anybody in.
    """
    said = {field.name: field.values for field in fields if field.kind == "yes/no"}
    no_consent = opted_out = np.zeros(rows, np.bool_)
    if dataset.consent is not None:
        no_consent = ~said[dataset.consent.field].fill_null(False).to_numpy(zero_copy_only=False)
    if dataset.opt_out is not None and dataset.opt_out.field is not None:
        yes = said[dataset.opt_out.field].fill_null(False).to_numpy(zero_copy_only=False)
        opted_out = yes & ~no_consent
    return no_consent, opted_out


def _table(fields: Sequence[Field], kept: Mask) -> pa.Table:
    columns = {}
    for field in fields:
        values = field.values.filter(pa.array(kept))
        if field.clause.coarsen is not None and field.clause.role == "payload":
            values = coarsen(values, field.kind, field.clause.coarsen)
        columns[field.name] = values
    return pa.table(columns)


def _rejected(
    faults: Sequence[tuple[str, npt.NDArray[np.uint8]]],
    looked_at: Mask,
    numbers: npt.NDArray[np.int64],
    skipped: npt.NDArray[np.int64],
) -> pa.Table:
    ragged = pa.array(skipped)
    code = number_of("INT101")
    parts = [_listed(ragged, None, np.full(len(skipped), code, np.uint8))]
    for name, found in faults:
        at = np.flatnonzero((found > 0) & looked_at)
        parts.append(_listed(pa.array(numbers[at]), name, found[at]))
    return pa.concat_tables(parts).sort_by([("row", "ascending"), ("field", "ascending")])


def _listed(rows: pa.Array, field: str | None, faults: npt.NDArray[np.uint8]) -> pa.Table:
    places = pa.array(faults.astype(np.int64) - 1)
    return pa.table(
        {
            "row": rows.cast(pa.int64()),
            "field": pa.array([field] * len(rows), pa.string()),
            "code": pa.array(NUMBERED).take(places),
            "reason": pa.array(list(REASONS.values())).take(places),
        },
        schema=REJECTED,
    )


def _ignored(chosen: Chosen) -> list[Problem]:
    if not chosen.ignored:
        return []
    names = ", ".join(chosen.ignored)
    return [
        Problem(
            "INT201",
            f"columns that the agreement does not name were left: {names}",
            why="only agreed fields enter",
            next="leave them out of the export",
        )
    ]


def _line_breaks(fields: Sequence[Field]) -> list[Problem]:
    count = sum(
        int(pc.sum(pc.match_substring(field.values, "\n")).as_py() or 0)
        for field in fields
        if pa.types.is_string(field.values.type)
    )
    if not count:
        return []
    return [
        Problem(
            "INT210",
            f"{count:,} values hold line breaks",
            why="a quotation mark out of place makes several rows into one",
            next="compare the number of rows read with the owner's",
        )
    ]


def _check_rejected(taken: Intake, dataset: Dataset, file: str) -> None:
    """Refuse the whole file when more rows are rejected than the owner's promise allows."""
    looked_at = taken.counts.rejected + taken.counts.accepted
    allowed = dataset.quality.rejected_at_most
    if taken.counts.rejected <= allowed * looked_at:
        return
    problems = [
        Problem(
            "INT033",
            f"{taken.counts.rejected:,} of {looked_at:,} rows are faulty",
            file=file,
            clause="quality.rejected at most",
            why=f"at most {allowed:.0%} was agreed",
            next="mend the export; the faults follow by field",
        )
    ]
    grouped = taken.rejected.group_by(["field", "code"], use_threads=False).aggregate(
        [("row", "count"), ("row", "min")]
    )
    for row in grouped.to_pylist():
        problems.append(
            Problem(
                row["code"],
                f"{row['row_count']:,} rows: {REASONS[row['code']]}",
                file=file,
                clause=f"fields.{row['field']}" if row["field"] else None,
                next=f"look first at row {row['row_min']} after the header",
            )
        )
    raise DataRefused(problems)
