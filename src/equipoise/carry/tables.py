"""A session over tables that the caller already holds: for notebooks and tests.

The gate does not use this. Data entrusted under an agreement is opened by the gate, in a process of
its own, on a locked engine; here the engine runs in the caller's process and nothing is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import duckdb
import pyarrow as pa


class TablesSession:
    """The ``Session`` protocol over Arrow tables in memory.

    ``tables`` maps a dataset's id to its table. ``on_progress`` receives what a step says about how
    far it is; without one, progress is not shown.
    """

    def __init__(
        self,
        tables: Mapping[str, pa.Table],
        on_progress: Callable[[float, str], None] | None = None,
    ) -> None:
        self._tables = dict(tables)
        self._on_progress = on_progress

    def names(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        return tuple(self._tables)

    def table(self, name: str) -> pa.Table:
        """Return one table. Raises ``KeyError`` when there is none of that name."""
        return self._tables[name]

    def query(self, sql: str) -> pa.Table:
        """Run one SQL query over the tables, by name. Raises ``duckdb.Error`` on bad SQL.

        Each query has an engine of its own, so that nothing it does outlives it; variables of the
        calling program are out of its reach, as they are in the locked engine.
        """
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET python_enable_replacements = false")
            for name, table in self._tables.items():
                connection.register(name, table)
            return connection.sql(sql).to_arrow_table()

    def progress(self, share: float, doing: str) -> None:
        """Hand on how far the work is, from 0 to 1, and what is being done."""
        if self._on_progress is not None:
            self._on_progress(share, doing)
