"""How one dataset is reached from another inside a run: by a pseudonym that both carry."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from equipoise.agree.document import Agreement
from equipoise.carry.session import Session
from equipoise.carry.uses.conditions import plain
from equipoise.errors import DataRefused, DocumentRefused, Problem

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


def table_of(session: Session, dataset: str) -> Any:
    """Return the dataset's table. Raises ``DataRefused`` (USE002) when the run does not hold it."""
    if dataset not in session.names():
        raise DataRefused(
            Problem(
                "USE002",
                f"this run does not hold the dataset '{dataset}'",
                why="the use reads it",
                next="ask its controller to pack and send it",
                clause=f"datasets.{dataset}",
            )
        )
    return session.table(dataset)


def column_of(table: Any, dataset: str, field: str) -> Any:
    """Return one column as one array. Raises ``DataRefused`` (USE003) when it is not there."""
    if field not in table.column_names:
        raise DataRefused(
            Problem(
                "USE003",
                f"the dataset '{dataset}' reached this run without its field '{field}'",
                why="the use reads it",
                next="pack the dataset again under this version",
                clause=f"datasets.{dataset}.fields.{field}",
            )
        )
    return plain(table.column(field))


def pseudonyms_of(table: Any, dataset: str, entity: str) -> Keys:
    """Return the pseudonyms of ``entity``, one per row, never null."""
    column = column_of(table, dataset, f"pseudonym_{entity}")
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.uint64)


def entity_between(
    agreement: Agreement, one: str, other: str, through: str | None, clause: str
) -> str:
    """Return the entity by which ``other`` is reached from ``one``.

    It is ``through`` when given, else the single entity in which both take part. Raises
    ``DocumentRefused`` (USE010) when there is none, or several and none is named.
    """
    shared = [e for e in agreement.entities_of(one) if e in agreement.entities_of(other)]
    if through in shared:
        return str(through)
    if through is None and len(shared) == 1:
        return shared[0]
    what = (
        f"'{through}' does not join '{one}' and '{other}'"
        if through is not None
        else f"'{one}' and '{other}' are joined by {' and '.join(shared) or 'no entity'}"
    )
    raise DocumentRefused(
        Problem(
            "USE010",
            what,
            why="rows can be compared only when it is said how they are joined",
            next="name one entity of the linkage clause after 'through'",
            clause=clause,
        )
    )


def row_of_each(wanted: Keys, held: Keys) -> tuple[Rows, bool]:
    """Return for each wanted key the first row that holds it, or -1; and whether any holds more.

    ``O(n log n)``. The flag is true only when a *wanted* key is held by more than one row.
    """
    if not len(held):
        return np.full(len(wanted), -1, dtype=np.int64), False
    keys, first, counts = np.unique(held, return_index=True, return_counts=True)
    spot = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found = keys[spot] == wanted
    rows = np.where(found, first[spot], -1).astype(np.int64)
    return rows, bool(np.any(counts[spot[found]] > 1))


def pairs_between(left: Keys, right: Keys) -> tuple[Rows, Rows]:
    """Return every pair of a left and a right row that hold the same key, as row numbers.

    ``O(n log n + pairs)``.
    """
    by_key = np.argsort(right, kind="stable")
    ordered = right[by_key]
    start = np.searchsorted(ordered, left, "left")
    count = np.searchsorted(ordered, left, "right") - start
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    rows = np.repeat(np.arange(len(left), dtype=np.int64), count)
    return rows, np.asarray(by_key[np.repeat(start, count) + offset], dtype=np.int64)
