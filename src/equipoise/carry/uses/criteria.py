"""One criterion of a flag, held against every row of a unit dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.agree.uses import Criterion, FieldRef, read_test
from equipoise.carry.session import Session
from equipoise.carry.uses.conditions import Booleans, holds, known
from equipoise.carry.uses.reach import (
    Rows,
    column_of,
    entity_between,
    pairs_between,
    pseudonyms_of,
    table_of,
)


@dataclass(frozen=True)
class Verdict:
    """What one criterion says of each row of a unit dataset.

    ``met``: it holds · ``seen``: there was a value to hold it against · ``found``: a row was
    linked.
    """

    met: Booleans
    seen: Booleans
    found: Booleans


@dataclass(frozen=True)
class _Held:
    """The test held against rows ``rows`` of ``dataset``, which may come more than once."""

    dataset: str
    rows: Rows
    met: Booleans
    seen: Booleans


def judge(
    session: Session, agreement: Agreement, unit: str, criterion: Criterion, clause: str
) -> Verdict:
    """Hold one criterion against every row of the unit dataset.

    It is met by a unit when any linked row meets it; a test of two datasets' fields when any two
    rows linked to each other do. Raises ``DocumentRefused`` when the way is unclear (USE010) or the
    test does not fit its fields (USE014).
    """
    held = _held(session, agreement, unit, criterion, clause)
    if held.dataset == unit:
        size = table_of(session, unit).num_rows
        found = _marked(held.rows, np.ones(len(held.rows), dtype=bool), size)
        return Verdict(
            _marked(held.rows, held.met, size), _marked(held.rows, held.seen, size), found
        )
    entity = entity_between(agreement, unit, held.dataset, criterion.through, clause)
    here = pseudonyms_of(table_of(session, unit), unit, entity)
    there = pseudonyms_of(table_of(session, held.dataset), held.dataset, entity)[held.rows]
    return Verdict(
        np.isin(here, there[held.met]), np.isin(here, there[held.seen]), np.isin(here, there)
    )


def _marked(rows: Rows, mask: Booleans, size: int) -> Booleans:
    return np.asarray(np.bincount(rows, weights=mask, minlength=size) > 0)


def _held(
    session: Session, agreement: Agreement, unit: str, criterion: Criterion, clause: str
) -> _Held:
    """Hold the test against the rows of its dataset, or of the two that it compares."""
    test = read_test(criterion.test)
    left = _column(session, test.dataset, test.field)
    other = test.value
    if not isinstance(other, FieldRef):
        rows = np.arange(len(left), dtype=np.int64)
        return _Held(test.dataset, rows, holds(test, left, clause=clause), known(left))
    right = _column(session, other.dataset, other.field)
    if other.dataset == test.dataset:
        one = two = np.arange(len(left), dtype=np.int64)
    else:
        entity = entity_between(agreement, test.dataset, other.dataset, criterion.through, clause)
        one, two = pairs_between(
            pseudonyms_of(table_of(session, test.dataset), test.dataset, entity),
            pseudonyms_of(table_of(session, other.dataset), other.dataset, entity),
        )
    left, right = left.take(pa.array(one)), right.take(pa.array(two))
    met, seen = holds(test, left, right, clause=clause), known(left) & known(right)
    # The unit's own row decides when the unit is one of the two, not its namesakes' rows.
    dataset, rows = (other.dataset, two) if other.dataset == unit else (test.dataset, one)
    return _Held(dataset, rows, met, seen)


def _column(session: Session, dataset: str, field: str) -> Any:
    return column_of(table_of(session, dataset), dataset, field)
