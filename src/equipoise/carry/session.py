"""What a step of the data's way may touch: the tables of its own run, and nothing else.

A step never sees a path, a connection, a key or a user. The gate makes the session inside a locked
process; a notebook makes one from tables it already holds (``TablesSession`` in ``carry.tables``).
"""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa


class Session(Protocol):
    """The tables of one run.

    Inside a use, a table bears its dataset's id. Its columns are the agreed fields whose role is
    payload, linking or reference, and one ``pseudonym_<entity>`` (uint64, never null) for each
    linkage entity in which the dataset takes part. Identifiers are never there.
    """

    def names(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        ...

    def table(self, name: str) -> pa.Table:
        """Return one table. Raises ``KeyError`` when the run does not hold it."""
        ...

    def query(self, sql: str) -> pa.Table:
        """Run one read-only SQL query over the tables, by name, on the locked engine."""
        ...

    def progress(self, share: float, doing: str) -> None:
        """Say how far the work is, from 0 to 1, and what is being done. Never a row value."""
        ...
