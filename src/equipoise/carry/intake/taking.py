"""Taking one owner's file in under one dataset clause: the first step of the data's way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.agree.parts import Dataset
from equipoise.agree.words import FieldType
from equipoise.carry.intake.coarsen import coarsen
from equipoise.carry.intake.codes import NUMBERED, REASONS, number_of
from equipoise.carry.intake.columns import Chosen, choose_columns, wanted_columns
from equipoise.carry.intake.fields import Field, Mask, take_field
from equipoise.carry.intake.quality import oddities, report
from equipoise.carry.intake.result import REJECTED, Counts, Intake
from equipoise.carry.intake.source import Progress, read_source
from equipoise.carry.intake.tally import Tally
from equipoise.carry.marks import Marks, joined
from equipoise.errors import DataRefused, Problem, UsageRefused

Numbers = npt.NDArray[np.int64]

ROWS: Final = 1 << 17
BYTES: Final = 1 << 26
"""Rows, and bytes of text, that are worked on at a time."""


def _silent(share: float, doing: str) -> None:
    """Say nothing."""


def take_in(
    source: Path,
    dataset: Dataset,
    types: Mapping[str, FieldType],
    *,
    today: date,
    on_progress: Progress = _silent,
    into: Callable[[pa.Table], None] | None = None,
    work: Path | None = None,
) -> Intake:
    """Read ``source`` as ``dataset`` agrees; ``types`` gives each field's type.

    Only agreed fields enter. Empty cells are missing, and nothing else is: ``NA`` and ``Null`` are
    surnames. An unreadable value of an identifier or linking field becomes missing and is counted;
    anywhere else, and in a required field, it rejects its row. Rows without consent or with an
    opt-out are left out first and not looked at further. Payload is blurred where agreed.

    With ``into``, the accepted rows are handed to it some at a time, before it is known whether the
    file as a whole is taken, and the intake's own ``table`` and ``row_numbers`` are left empty.
    With ``work`` too, a private folder, memory does not grow with the file.

    Raises ``EnvironmentFailed`` or ``DataRefused`` (INT001 to INT034) with every problem of the
    file found at that stage, ``UsageRefused`` (INT030) where the opt-out is an outside list.
    """
    _check_opt_out(dataset)
    sought = [name for names in wanted_columns(dataset).values() for name in names]
    opened = read_source(source, sought)
    chosen = choose_columns(opened.header, dataset, source.name, opened.looks_separated_by)
    taking = Taking(dataset, types, chosen, opened.skipped, today, into, work)
    try:
        for batch in gathered(opened.read(chosen.all_places())):
            taking.take(batch)
            rows = taking.rows
            on_progress(0.9 * rows / (rows + 200_000), f"{rows:,} rows read")
        on_progress(0.9, "choosing rows")
        taken = taking.finish(source.name, opened.notes)
    finally:
        taking.close()
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


def gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield batches joined to tables of some rows, and not much more of them than bytes allow."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= ROWS or sum(one.nbytes for one in held) >= BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


class Taking:
    """Takes a file in, one table of text after another, and then says what came of it."""

    def __init__(
        self,
        dataset: Dataset,
        types: Mapping[str, FieldType],
        chosen: Chosen,
        skipped: Sequence[int],
        today: date,
        into: Callable[[pa.Table], None] | None,
        work: Path | None,
    ) -> None:
        self._dataset, self._chosen, self._skipped, self._today = dataset, chosen, skipped, today
        self._into, self._held, self._numbers = into, list[pa.Table](), list[Numbers]()
        self._tallies = [
            Tally(name, clause, types[name], work and work / f"marks-{number}")
            for number, (name, clause) in enumerate(dataset.fields.items())
        ]
        self._whole = Marks(work / "marks" if work else None)
        self._at = {place: at for at, place in enumerate(chosen.all_places())}
        self._rejected: list[Rejects] = []
        self._no_consent = self._opted_out = self._rejects = self._accepted = 0
        self.rows = self._last = 0

    def take(self, table: pa.Table) -> None:
        """Take the next rows in."""
        fields = []
        for tally in self._tallies:
            own = [table.column(self._at[place]) for place in self._chosen.places[tally.name]]
            fields.append(take_field(tally.name, tally.clause, tally.kind, own, self._today))
            tally.read(fields[-1])
        numbers = self._numbered(table.num_rows)
        refused, opted_out = _left_out(fields, self._dataset, table.num_rows)
        left_out = refused | opted_out
        rejected = np.zeros(table.num_rows, np.bool_)
        for field in fields:
            found = field.rejecting()
            rejected |= (found > 0) & ~left_out
            at = np.flatnonzero((found > 0) & ~left_out)
            self._rejected.append((numbers[at], field.name, found[at]))
        kept = ~left_out & ~rejected
        for tally, field in zip(self._tallies, fields, strict=True):
            tally.keep(field, kept)
        marked = zip(self._tallies, fields, strict=True)
        self._whole.add(joined([tally.marked(field, kept) for tally, field in marked]))
        self._no_consent += int(refused.sum())
        self._opted_out += int(opted_out.sum())
        self._rejects += int(rejected.sum())
        self._accepted += int(kept.sum())
        self._hand_on(_table(fields, kept), numbers[kept])

    def _numbered(self, count: int) -> Numbers:
        """Return the numbers of the next rows: those that were skipped have theirs too."""
        self.rows += count
        skipped = np.array([one for one in self._skipped if one > self._last], np.int64)
        ahead = np.arange(self._last + 1, self._last + 1 + count + len(skipped))
        numbers: Numbers = np.setdiff1d(ahead, skipped, assume_unique=True)[:count]
        self._last = int(numbers[-1]) if count else self._last
        return numbers

    def _hand_on(self, table: pa.Table, numbers: Numbers) -> None:
        if self._into is not None:
            self._into(table)
            table, numbers = table.slice(0, 0), numbers[:0]
        if not self._held or len(numbers):
            self._held.append(table)
            self._numbers.append(numbers)

    def finish(self, file: str, notes: Sequence[Problem]) -> Intake:
        """Return the reckoning, or raise what refuses the file as a whole."""
        total = self.rows + len(self._skipped)
        if not total:
            raise DataRefused(_no_rows(file))
        if problems := [problem for tally in self._tallies for problem in tally.problems()]:
            raise DataRefused([_in_file(problem, file) for problem in problems])
        if not self._held:
            self.take(_no_text(self._at))
        quality = report(self._tallies, self._whole, self._chosen.ignored)
        taken = Intake(
            table=pa.concat_tables(self._held),
            row_numbers=pa.array(np.concatenate(self._numbers)),
            rejected=_sorted_rejects(self._rejected, self._skipped),
            counts=Counts(
                read=total,
                dropped_no_consent=self._no_consent,
                dropped_opt_out=self._opted_out,
                rejected=self._rejects + len(self._skipped),
                accepted=self._accepted,
            ),
            quality=quality,
            warnings=(
                *notes,
                *_ignored(self._chosen),
                *_line_breaks(self._tallies),
                *oddities(self._tallies, quality, self._dataset),
            ),
        )
        _check_rejected(taken, self._dataset, file)
        return taken

    def close(self) -> None:
        """Let go of working files."""
        for marks in (self._whole, *(tally.marks for tally in self._tallies)):
            marks.close()


def _no_rows(file: str) -> Problem:
    return Problem(
        "INT005",
        "the file has a header and no rows",
        file=file,
        why="nothing can be learnt from an empty dataset",
        next="export it again, or agree a version without it",
    )


def _no_text(places: Mapping[int, int]) -> pa.Table:
    """Return no rows of text: so a file of which every row was skipped has its columns too."""
    return pa.table([pa.array([], pa.string())] * len(places), [f"c{place}" for place in places])


def _in_file(problem: Problem, file: str) -> Problem:
    return Problem(**{**problem.as_dict(), "file": file})


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


Rejects = tuple[Numbers, str | None, npt.NDArray[np.uint8]]
"""Numbers of rows, the field at fault, and its faults: the list before it is written out."""


def _sorted_rejects(rejects: Sequence[Rejects], skipped: Sequence[int]) -> pa.Table:
    ragged = np.array(skipped, np.int64)
    some = [one for one in rejects if len(one[0])]
    some.append((ragged, None, np.full(len(ragged), number_of("INT101"), np.uint8)))
    whole = pa.concat_tables([_listed(*one) for one in some])
    return whole.sort_by([("row", "ascending"), ("field", "ascending")])


def _listed(rows: Numbers, field: str | None, faults: npt.NDArray[np.uint8]) -> pa.Table:
    places = pa.array(faults.astype(np.int64) - 1)
    return pa.table(
        {
            "row": pa.array(rows, pa.int64()),
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


def _line_breaks(tallies: Sequence[Tally]) -> list[Problem]:
    count = sum(tally.line_breaks for tally in tallies)
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
