"""Every field an evaluation reads, laid beside the pool's rows."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.agree.uses import EvaluateUse
from equipoise.carry.session import Session
from equipoise.carry.uses.reach import (
    Keys,
    Rows,
    column_of,
    entity_between,
    pseudonyms_of,
    row_of_each,
    table_of,
)
from equipoise.errors import DataRefused, Problem


class Aligned:
    """Columns of any dataset of the run, one value for each row of the pool, missing where no row
    is linked."""

    def __init__(
        self, session: Session, agreement: Agreement, use: EvaluateUse, use_id: str
    ) -> None:
        self.session, self.agreement, self.use, self.use_id = session, agreement, use, use_id
        self.pool = table_of(session, use.pool)

    @cached_property
    def cohort(self) -> Any:
        """The treated dataset's table."""
        return table_of(self.session, str(self.use.treated.dataset))

    @cached_property
    def _entity(self) -> str:
        clause = f"uses.{self.use_id}.treated"
        dataset = str(self.use.treated.dataset)
        return entity_between(
            self.agreement, self.use.pool, dataset, self.use.treated.through, clause
        )

    @cached_property
    def pool_keys(self) -> Keys:
        """The pool's pseudonyms of the entity by which the treated are found."""
        return pseudonyms_of(self.pool, self.use.pool, self._entity)

    @cached_property
    def once(self) -> Rows:
        """One row of the treated dataset for each person: the earliest start."""
        dataset = str(self.use.treated.dataset)
        starts = self.use.treated.starts
        column = column_of(self.cohort, dataset, starts.split(".")[1]) if starts else None
        return listed_once(pseudonyms_of(self.cohort, dataset, self._entity), column)

    @cached_property
    def cohort_row(self) -> Rows:
        """For each pool row, its person's row of the treated dataset, or -1."""
        dataset = str(self.use.treated.dataset)
        keys = pseudonyms_of(self.cohort, dataset, self._entity)[self.once]
        spot, _ = row_of_each(self.pool_keys, keys)
        if not len(self.once):
            return spot
        return np.asarray(np.where(spot >= 0, self.once[spot], -1))

    def column(self, path: str) -> Any:
        """Return ``dataset.field`` as an array as long as the pool.

        A dataset that is neither pool nor treated is reached by the one entity it shares with the
        pool. Raises ``DataRefused`` (USE029) when it has several rows for one person.
        """
        dataset, name = path.split(".")
        if dataset == self.use.pool:
            return column_of(self.pool, dataset, name)
        if dataset == self.use.treated.dataset:
            return _take(column_of(self.cohort, dataset, name), self.cohort_row)
        entity = entity_between(self.agreement, self.use.pool, dataset, None, f"uses.{self.use_id}")
        table = table_of(self.session, dataset)
        here = pseudonyms_of(self.pool, self.use.pool, entity)
        rows, several = row_of_each(here, pseudonyms_of(table, dataset, entity))
        if several:
            raise DataRefused(
                Problem(
                    "USE029",
                    f"'{dataset}' holds several rows for one person",
                    why=f"it is open which of them '{path}' means",
                    next="send one row a person",
                    clause=f"datasets.{dataset}",
                )
            )
        return _take(column_of(table, dataset, name), rows)


def _take(column: Any, rows: Rows) -> Any:
    return column.take(pa.array(rows, mask=rows < 0))


def listed_once(keys: Keys, starts: Any | None) -> Rows:
    """Return one row for each key: that of the earliest start, a missing start last; else the
    first."""
    if starts is None:
        return np.unique(keys, return_index=True)[1].astype(np.int64)
    day = starts.cast(pa.date32()).cast(pa.int32()).fill_null(2**31 - 1)
    order = np.lexsort((np.asarray(day.to_numpy(zero_copy_only=False)), keys))
    first = np.unique(keys[order], return_index=True)[1]
    return np.asarray(order[first], dtype=np.int64)
