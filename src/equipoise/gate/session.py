"""The session of a locked process: the tables of one run on one locked connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import duckdb
import pyarrow as pa

from equipoise.errors import GateRefused, Problem

LONGEST_SENTENCE = 200


class LockedSession:
    """Implements ``carry.session.Session`` on a locked connection.

    ``tables`` are registered under their names; ``tell`` is called with each progress report.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: Mapping[str, pa.Table],
        tell: Callable[[float, str], None],
    ) -> None:
        self._connection = connection
        self._tables = dict(tables)
        self._tell = tell
        for name, table in self._tables.items():
            connection.register(name, table)

    def names(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        return tuple(self._tables)

    def table(self, name: str) -> pa.Table:
        """Return one table. Raises ``KeyError`` when the run does not hold it."""
        return self._tables[name]

    def query(self, sql: str) -> pa.Table:
        """Run one SELECT over the tables.

        Raises ``GateRefused`` (GATE111) for anything that is not exactly one SELECT, and DuckDB's
        own error for SQL that does not hold together.
        """
        statements = self._connection.extract_statements(sql)
        kinds = [statement.type for statement in statements]
        if kinds != [duckdb.StatementType.SELECT]:
            raise GateRefused(
                Problem(
                    "GATE111",
                    "a step asked the engine for something other than one SELECT",
                    why="a step reads tables; it never changes, attaches, copies or configures",
                    next="report this as a fault of the step",
                )
            )
        return self._connection.sql(statements[0]).to_arrow_table()

    def progress(self, share: float, doing: str) -> None:
        """Report how far the work is; a share outside 0 to 1 is brought inside."""
        bounded = share if 0.0 <= share <= 1.0 else float(share > 1.0)
        self._tell(bounded, doing[:LONGEST_SENTENCE])
