"""One field's figures, added up while its values pass by a part of the file at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import FieldClause
from equipoise.agree.words import FieldType
from equipoise.carry.intake.codes import NUMBERED, number_of
from equipoise.carry.intake.fields import Field, Mask
from equipoise.carry.marks import Hashes, Marks
from equipoise.errors import Problem

_ENOUGH: Final = 20
"""Below this many filled values, a share says little about a column."""
_DEFAULT_DAYS: Final = pa.array(
    ["1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01"]
).cast(pa.date32())
"""Days that programs put where none was known."""

Counts = npt.NDArray[np.int64]


class Tally:
    """Figures of one field: of all rows read, and of the rows that were kept.

    ``filled``, ``faults`` (how often each fault, by number), ``month_only``, ``day_only``,
    ``serials`` and ``line_breaks`` are of all rows; ``kept_filled``, ``kept_missing``,
    ``kept_faults``, ``default_days`` and ``bounds`` (shortest and longest, or first and last year)
    of those kept.
    """

    def __init__(
        self, name: str, clause: FieldClause, kind: FieldType, marks: Path | None = None
    ) -> None:
        self.name, self.clause, self.kind = name, clause, kind
        self.marks = Marks(marks)
        self.filled = self.month_only = self.day_only = self.serials = self.line_breaks = 0
        self.kept_filled = self.kept_missing = self.default_days = 0
        self.faults: Counts = np.zeros(len(NUMBERED) + 1, np.int64)
        self.kept_faults: Counts = np.zeros(len(NUMBERED) + 1, np.int64)
        self.bounds: tuple[int, int] | None = None
        self.text = self.dated = False

    def read(self, field: Field) -> None:
        """Add what was read of some rows, before any is left out."""
        self.filled += int((field.codes >= 0).sum())
        self.faults += np.bincount(field.faults, minlength=len(self.faults))
        self.month_only += field.month_only
        self.day_only += field.day_only
        self.serials += field.serials
        self.text = pa.types.is_string(field.values.type)
        if self.text:
            breaks = pc.match_substring(field.values, "\n")
            self.line_breaks += int(pc.sum(breaks).as_py() or 0)

    def keep(self, field: Field, kept: Mask) -> None:
        """Add the rows that were kept of those last read."""
        codes = field.codes[kept]
        times = np.bincount(codes[codes >= 0], minlength=len(field.marks))
        there = np.flatnonzero(times)
        self.marks.add(field.marks[there], times[there])
        self.kept_filled += int(times.sum())
        self.kept_missing += len(codes) - int(times.sum())
        self.kept_faults += np.bincount(field.faults[kept], minlength=len(self.kept_faults))
        values = field.values.filter(pa.array(kept)).drop_null()
        self.dated = pa.types.is_date(values.type) or pa.types.is_timestamp(values.type)
        if self.dated:
            days = values.cast(pa.date32(), safe=False)
            self.default_days += int(pc.sum(pc.is_in(days, _DEFAULT_DAYS)).as_py() or 0)
        if len(values) and (self.text or self.dated):
            found = pc.min_max(pc.utf8_length(values) if self.text else pc.year(values)).as_py()
            low, high = self.bounds or (found["min"], found["max"])
            self.bounds = min(low, found["min"]), max(high, found["max"])

    def marked(self, field: Field, kept: Mask) -> Hashes:
        """Return a mark for each kept row of those last read, 0 where the value is missing."""
        found: Hashes = np.append(field.marks, np.uint64(0))[field.codes[kept]]
        return found

    def unreadable(self) -> int:
        """Return how many kept values were made missing because they could not be read."""
        return int(self.kept_faults[1:].sum())

    def problems(self) -> list[Problem]:
        """Return what is wrong with the column as a whole, so that no row should be read of it."""
        clause = f"fields.{self.name}"
        if problem := self._date_problem(clause):
            return [problem]
        unreadable = int(self.faults[1:].sum())
        if self.filled < _ENOUGH or unreadable * 2 <= self.filled:
            return []
        return [
            Problem(
                "INT034",
                f"{unreadable:,} of {self.filled:,} values in this column cannot be read",
                clause=clause,
                why=f"most often the fault is {NUMBERED[int(self.faults[1:].argmax())]}",
                next="check that the column holds what was agreed",
            )
        ]

    def _date_problem(self, clause: str) -> Problem | None:
        """Return why dates would be read wrongly: month first, or years cut short."""
        if self.kind not in ("date", "datetime"):
            return None
        month_only, day_only = self.month_only, self.day_only
        if month_only and (month_only > day_only or month_only * 20 > self.filled):
            return Problem(
                "INT031",
                f"{month_only:,} dates in this column make sense only with the month "
                f"first, {day_only:,} only with the day first",
                clause=clause,
                why="every other date in it would be read with day and month exchanged",
                next="export dates as yyyy-mm-dd",
            )
        two = int(self.faults[number_of("INT112")])
        if two * 2 > self.filled:
            return Problem(
                "INT032",
                f"{two:,} dates in this column have years of two digits",
                clause=clause,
                why="whether 24 is 1924 or 2024 cannot be told",
                next="export dates with years of four digits",
            )
        return None
