"""One field of a file, from its column of text to typed values with their faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import FieldClause
from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import distinct, rewrite, trimmed
from equipoise.carry.intake.codes import number_of
from equipoise.carry.intake.convert import ARROW, Asked, read_values
from equipoise.carry.marks import Hashes, marks_of

Mask = npt.NDArray[np.bool_]


@dataclass
class Field:
    """One field's values before rows are chosen. Arrays have one entry for each row read.

    ``values`` is typed, null where missing or faulty; ``faults`` holds fault numbers (0 none);
    ``codes`` tells equal texts by equal integers, -1 for missing, and ``marks`` has a mark for each
    of these texts. ``month_only`` and ``day_only`` count dates that make sense in one order only,
    ``serials`` a spreadsheet's day numbers.
    """

    name: str
    clause: FieldClause
    kind: FieldType
    values: pa.Array
    faults: npt.NDArray[np.uint8]
    codes: npt.NDArray[np.int32]
    marks: Hashes
    month_only: int = 0
    day_only: int = 0
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
    dates = read.dates
    return Field(
        name=name,
        clause=clause,
        kind=kind,
        values=read.values.cast(ARROW.get(kind, pa.string())).take(coded.indices),
        faults=np.append(read.faults, np.uint8(0))[places],
        codes=codes,
        marks=marks_of(coded.dictionary),
        month_only=0 if dates is None else int(rows[dates.month_only].sum()),
        day_only=0 if dates is None else int(rows[dates.day_only].sum()),
        serials=0 if dates is None else int(rows[dates.serial].sum()),
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
