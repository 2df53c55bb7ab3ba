"""Outside opt-out lists, applied to tokens: who said no is gone before anything is linked.

The list's holder made tokens of it as the owners did of their files. A row that has a token in
common with the list is dropped. Nobody learns whose row it was; how many there were is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.reads import lists_checked
from equipoise.carry.encode.wire import lists_of_dataset
from equipoise.carry.link.linked import DROPPED, Linked
from equipoise.carry.link.report import OptedOut
from equipoise.carry.session import Session
from equipoise.errors import DataRefused, Problem


class Barred:
    """A session without the rows that lists bar; ``dropped`` holds these."""

    def __init__(self, session: Session, kept: Mapping[str, pa.Table], dropped: pa.Table) -> None:
        self._session, self._kept = session, dict(kept)
        self.dropped = dropped

    @property
    def progress(self) -> Callable[[float, str], None]:
        """Say how far the work is."""
        return self._session.progress

    def names(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        return self._session.names()

    def table(self, name: str) -> pa.Table:
        """Return one table, without the rows that a list bars."""
        return self._kept[name] if name in self._kept else self._session.table(name)

    def query(self, sql: str) -> pa.Table:
        """Refuse: the engine would still hold the rows that are barred."""
        raise NotImplementedError("a linker reads whole tables")

    def told(self, found: Linked, agreement: Agreement) -> Linked:
        """Return what a linker found, with the rows that were left out."""
        names = (found.report.spine, *(count.dataset for count in found.report.datasets))
        report = replace(found.report, opted_out=self.counts(agreement, names))
        return replace(found, report=report, dropped=self.dropped)

    def counts(self, agreement: Agreement, names: Iterable[str]) -> tuple[OptedOut, ...]:
        """Return how many rows of each dataset in ``names`` its list bars, also where none is."""
        lists = lists_checked(agreement)
        return tuple(
            OptedOut(
                name, lists[name], pc.sum(pc.equal(self.dropped["dataset"], name)).as_py() or 0
            )
            for name in names
            if name in lists
        )


def without_barred(session: Session, agreement: Agreement, datasets: tuple[str, ...]) -> Barred:
    """Return the session without the rows of ``datasets`` that their lists bar.

    Raises ``DataRefused`` (ENC306) when a list is not here, and ENC307 when tokens are missing.
    """
    lists = lists_checked(agreement)
    kept: dict[str, pa.Table] = {}
    parts = [DROPPED.empty_table()]
    problems: list[Problem] = []
    for dataset in datasets:
        # What is not here at all is told by whoever links.
        if dataset not in lists or dataset not in session.names():
            continue
        columns = [
            f"opt-out.{lists[dataset]}.{number}"
            for number in lists_of_dataset(agreement, dataset)[lists[dataset]]
        ]
        found = [*_faults(session, dataset, lists[dataset], columns)]
        problems += found
        if not found:
            kept[dataset], gone = _parted(
                session.table(dataset), session.table(lists[dataset]), columns
            )
            name = pa.repeat(pa.scalar(dataset, pa.string()), gone.num_rows)
            parts.append(pa.table([name, gone["row_id"]], schema=DROPPED))
    if problems:
        raise DataRefused(problems)
    return Barred(session, kept, pa.concat_tables(parts))


def _faults(session: Session, dataset: str, name: str, columns: list[str]) -> list[Problem]:
    clause = f"datasets.{dataset}.opt out.check"
    if name not in session.names():
        return [
            Problem(
                "ENC306",
                f"the opt-out list {name} is not here",
                why=f"rows of {dataset} may not be linked before it was applied",
                next=f"let its holder pack it, and receive it: equipoise pack AGREEMENT {name}",
                clause=clause,
            )
        ]
    lacking = [
        table
        for table in (dataset, name)
        if any(column not in session.table(table).column_names for column in columns)
    ]
    return [
        Problem(
            "ENC307",
            f"{table} has no tokens for the opt-out list {name}",
            why="it was not encoded under this text of the agreement",
            next="have its owner pack it again",
            clause=clause,
        )
        for table in lacking
    ]


def _parted(table: pa.Table, barring: pa.Table, columns: list[str]) -> tuple[pa.Table, pa.Table]:
    """Return the rows that stay and those that meet the list in any of ``columns``."""
    barred = pa.chunked_array([pa.repeat(False, table.num_rows)])
    for column in columns:
        said_no = pc.unique(barring[column].drop_null())
        meets = pc.is_in(table[column], value_set=said_no, skip_nulls=True)
        barred = pc.or_(barred, pc.fill_null(meets, False))
    return table.filter(pc.invert(barred)), table.filter(barred)
