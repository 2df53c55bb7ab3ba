"""One field of a file, from its column of text to typed values with their faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import FieldClause
from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import distinct, rewrite, trimmed
from equipoise.carry.intake.codes import NUMBERED, number_of
from equipoise.carry.intake.convert import ARROW, Asked, Read, read_values
from equipoise.errors import Problem

Mask = npt.NDArray[np.bool_]
_ENOUGH: Final = 20
"""Below this many filled values, a share says little about a column."""


@dataclass
class Field:
    """One field's values before rows are chosen. Arrays have one entry for each row read.

    ``values`` is typed, null where missing or faulty; ``faults`` holds fault numbers (0 none);
    ``codes`` tells equal texts by equal integers, -1 for missing; ``problems`` refuse the file.
    """

    name: str
    clause: FieldClause
    kind: FieldType
    values: pa.Array
    faults: npt.NDArray[np.uint8]
    codes: npt.NDArray[np.int32]
    problems: tuple[Problem, ...]
    serials: int = 0

    @property
    def keeps_rows(self) -> bool:
        """Return whether an unreadable value becomes missing rather than costing its row.

        The rule: a person is not lost because one of the things that identify them is misspelt.
        What a use reads must be right, so there an unreadable value rejects the row; so does
        anything unreadable in a field that the agreement calls required.
        """
        return self.clause.role in ("identifier", "linking") and not self.clause.required

    def rejecting(self) -> npt.NDArray[np.uint8]:
        """Return for each row the fault that rejects it, 0 where none does."""
        faults = np.zeros(len(self.faults), np.uint8) if self.keeps_rows else self.faults.copy()
        empty = self.codes < 0
        if self.clause.role == "reference":
            faults[empty] = number_of("INT103")
        elif self.clause.required:
            faults[empty] = number_of("INT102")
        return faults


def take_field(
    name: str, clause: FieldClause, kind: FieldType, columns: Sequence[pa.ChunkedArray], today: date
) -> Field:
    """Read one field from its column of text, or from three columns of day, month and year."""
    column = columns[0] if len(columns) == 1 else composed(columns)
    coded = distinct(column)
    texts = trimmed(coded.dictionary)
    asked = Asked(kind, clause, today, birth=clause.role == "identifier" and "birth" in name)
    read = read_values(texts, asked)
    places = coded.indices.fill_null(-1).to_numpy()
    missing = np.append(texts.is_null().to_numpy(zero_copy_only=False), True)
    codes = np.where(missing[places], -1, places).astype(np.int32)
    rows = np.bincount(places[places >= 0], minlength=len(texts))
    return Field(
        name=name,
        clause=clause,
        kind=kind,
        values=read.values.cast(ARROW.get(kind, pa.string())).take(coded.indices),
        faults=np.append(read.faults, np.uint8(0))[places],
        codes=codes,
        problems=_column_problems(name, read, rows, int((codes >= 0).sum())),
        serials=0 if read.dates is None else int(rows[read.dates.serial].sum()),
    )


def composed(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return day, month and year as one text; missing only where all three are.

    A lone missing part becomes ``?``, so that the date is unreadable rather than absent.
    """
    parts = [
        pa.chunked_array(
            [rewrite(trimmed(chunk), ((r"\.0+$", ""),)) for chunk in column.chunks], pa.string()
        )
        for column in columns
    ]
    absent = pc.and_(pc.and_(parts[0].is_null(), parts[1].is_null()), parts[2].is_null())
    whole = pc.binary_join_element_wise(*(part.fill_null("?") for part in parts), "/")
    return pc.if_else(absent, pa.scalar(None, pa.string()), whole)


def _column_problems(
    name: str, read: Read, rows: npt.NDArray[np.int64], filled: int
) -> tuple[Problem, ...]:
    """Return what is wrong with the column as a whole, so that no row should be read from it."""
    clause = f"fields.{name}"
    if problem := _date_problem(clause, read, rows, filled):
        return (problem,)
    unreadable = int(rows[read.faults > 0].sum())
    if filled >= _ENOUGH and unreadable * 2 > filled:
        worst = np.bincount(read.faults[read.faults > 0], rows[read.faults > 0]).argmax()
        return (
            Problem(
                "INT034",
                f"{unreadable:,} of {filled:,} values in this column cannot be read",
                clause=clause,
                why=f"most often the fault is {NUMBERED[worst - 1]}",
                next="check that the column holds what was agreed",
            ),
        )
    return ()


def _date_problem(
    clause: str, read: Read, rows: npt.NDArray[np.int64], filled: int
) -> Problem | None:
    """Return why dates of the column would be read wrongly: month first, or years cut short."""
    if read.dates is not None:
        month_only = int(rows[read.dates.month_only].sum())
        day_only = int(rows[read.dates.day_only].sum())
        if month_only and (month_only > day_only or month_only * 20 > filled):
            return Problem(
                "INT031",
                f"{month_only:,} dates in this column make sense only with the month "
                f"first, {day_only:,} only with the day first",
                clause=clause,
                why="every other date in it would be read with day and month exchanged",
                next="export dates as yyyy-mm-dd",
            )
        two = int(rows[read.faults == number_of("INT112")].sum())
        if two * 2 > filled:
            return Problem(
                "INT032",
                f"{two:,} dates in this column have years of two digits",
                clause=clause,
                why="whether 24 is 1924 or 2024 cannot be told",
                next="export dates with years of four digits",
            )
    return None
