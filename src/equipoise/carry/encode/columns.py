"""Encoded tables: what the linking engine compares, in which no value can be read.

Each field is held once for each distinct value; rows point into these. So a million rows are
encoded, sent and compared at the cost of some ten thousand names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.errors import DataRefused, Problem

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class EncodedField:
    """One field of n rows with d distinct values and p parts.

    ``codes`` (n) points into the d values, -1 where missing. ``exact`` (d) is the keyed hash of
    each whole value, never 0. ``grams`` (d x 2) is its filter (``carry.encode.grams``), zeros for
    kinds compared by equality only. ``parts`` (d x p) are keyed hashes of its parts in the order of
    ``KINDS[kind].parts``, 0 where a part is missing. ``counts`` (d) are rows that bear each value.
    """

    kind: Kind
    codes: npt.NDArray[np.int32]
    exact: Hashes
    grams: Hashes
    parts: Hashes
    counts: npt.NDArray[np.int64]

    def feature(self, name: str) -> Hashes:
        """Return the hashes of ``exact`` or of a part, one for each distinct value.

        Raises ``DataRefused`` (LNK100) for a feature the kind does not have.
        """
        if name == "exact":
            return self.exact
        if name not in KINDS[self.kind].parts:
            raise DataRefused(
                Problem(
                    "LNK100",
                    f"a field of kind {self.kind!r} has no part {name!r}",
                    next=f"name one of: exact, {', '.join(KINDS[self.kind].parts)}",
                )
            )
        return self.parts[:, KINDS[self.kind].parts.index(name)]

    def missing(self) -> int:
        """Return how many rows lack the field."""
        return len(self.codes) - int(self.counts.sum())


@dataclass(frozen=True)
class EncodedTable:
    """An encoded table: ``fields`` in the order in which they are compared, ``rows`` long."""

    rows: int
    fields: Mapping[str, EncodedField]

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each field."""
        return {name: field.kind for name, field in self.fields.items()}

    def taken(self, rows: npt.NDArray[np.integer[Any]]) -> EncodedTable:
        """Return the table of some rows, by place; values that no row bears any more stay."""
        return EncodedTable(
            len(rows), {name: _taken(field, rows) for name, field in self.fields.items()}
        )


def check_alike(left: EncodedTable, right: EncodedTable) -> None:
    """Raise ``DataRefused`` (LNK101) unless two tables have the same fields of the same kinds."""
    if left.kinds() == right.kinds() and list(left.fields) == list(right.fields):
        return
    one, two = left.kinds(), right.kinds()
    odd = sorted({name for name in (*one, *two) if one.get(name) != two.get(name)})
    said = ", ".join(odd) if odd else "their order"
    raise DataRefused(
        Problem(
            "LNK101",
            f"the two tables were encoded for different fields: {said}",
            why="fields are compared one with its like",
            next="encode both with the same fields and kinds, in the same order",
        )
    )


def stacked(tables: Sequence[EncodedTable]) -> EncodedTable:
    """Return several tables of the same fields as one, their rows one after the other.

    Raises ``DataRefused`` (LNK101) where they are not alike.
    """
    for table in tables[1:]:
        check_alike(tables[0], table)
    fields = {name: _joined([table.fields[name] for table in tables]) for name in tables[0].fields}
    return EncodedTable(sum(table.rows for table in tables), fields)


def counted(codes: npt.NDArray[np.int32], distinct: int) -> npt.NDArray[np.int64]:
    """Return how many rows bear each of ``distinct`` values; missing ones are left out."""
    # Shifted by one, so that missing rows need no copy to be taken out.
    return np.bincount(codes.astype(np.int64) + 1, minlength=distinct + 1)[1:]


def _taken(field: EncodedField, rows: npt.NDArray[np.integer[Any]]) -> EncodedField:
    codes = field.codes[rows]
    counts = counted(codes, len(field.exact))
    return EncodedField(field.kind, codes, field.exact, field.grams, field.parts, counts)


def _joined(fields: list[EncodedField]) -> EncodedField:
    exact, first, places = np.unique(
        np.concatenate([field.exact for field in fields]), return_index=True, return_inverse=True
    )
    codes, start = [], 0
    for field in fields:
        # The last entry stands for a missing value, which is -1.
        there = np.append(places[start : start + len(field.exact)], -1).astype(np.int32)
        codes.append(there[field.codes])
        start += len(field.exact)
    joined = np.concatenate(codes)
    return EncodedField(
        fields[0].kind,
        joined,
        exact,
        np.concatenate([field.grams for field in fields])[first],
        np.concatenate([field.parts for field in fields])[first],
        counted(joined, len(exact)),
    )
