"""What intake hands on: the accepted rows, the rejected ones by number, and the reckoning."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa

from equipoise.errors import Problem

REJECTED: Final = pa.schema(
    [("row", pa.int64()), ("field", pa.string()), ("code", pa.string()), ("reason", pa.string())]
)
"""The list of faults that cost a row its place. ``row`` 1 is the first row after the header; a row
with two faults stands twice. No value is in it."""


@dataclass(frozen=True)
class Counts:
    """Rows, reconciled: ``read`` is the sum of the other four."""

    read: int
    dropped_no_consent: int
    dropped_opt_out: int
    rejected: int
    accepted: int

    @property
    def reconciled(self) -> bool:
        """Return whether every row read is accounted for exactly once."""
        left = self.dropped_no_consent + self.dropped_opt_out + self.rejected + self.accepted
        return self.read == left

    def sentence(self) -> str:
        """Return the reckoning in words."""
        return (
            f"{self.read:,} rows read: {self.accepted:,} accepted, {self.rejected:,} rejected, "
            f"{self.dropped_no_consent:,} left out without consent, "
            f"{self.dropped_opt_out:,} left out because of an opt-out."
        )


@dataclass(frozen=True)
class FieldQuality:
    """Figures about one field over the accepted rows; none of them is a value.

    ``unreadable`` counts values made missing because they could not be read. ``shortest`` and
    ``longest`` are lengths in characters; ``first_year`` and ``last_year`` bound dates;
    ``commonest`` is the share of filled rows that hold the most frequent value.
    """

    field: str
    type: str
    filled: int
    missing: int
    unreadable: int
    distinct: int
    commonest: float
    shortest: int | None = None
    longest: int | None = None
    first_year: int | None = None
    last_year: int | None = None


@dataclass(frozen=True)
class QualityReport:
    """Figures about a whole file. ``ignored`` are columns that the agreement does not name."""

    rows: int
    fields: tuple[FieldQuality, ...]
    ignored: tuple[str, ...]
    duplicate_rows: int
    duplicate_references: int
    complete: float

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Intake:
    """One file, taken in under one dataset clause.

    ``table`` has one column for each agreed field: identifiers in standard form, the rest typed and
    blurred as agreed. ``row_numbers`` (int64) says which row of the owner's file each came from; it
    stays with the owner. Both are empty where the rows were handed on as they were read.
    ``rejected`` has the schema ``REJECTED``.
    """

    table: pa.Table
    row_numbers: pa.Array
    rejected: pa.Table
    counts: Counts
    quality: QualityReport
    warnings: tuple[Problem, ...]
