"""A DuckDB connection that can reach nothing but the tables it is given.

DuckDB 2.0 checks ``enable_external_access`` in every file function, in COPY, ATTACH, EXPORT,
INSTALL, LOAD and secrets, and ``lock_configuration`` makes every later SET fail. The spill folder
is the one place it may write, and SQL cannot name a file in it.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

OPENING = {
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Without this, SQL may name any variable of the calling Python frame as a table.
    "python_enable_replacements": False,
}
CLOSING = ("SET enable_external_access = false", "SET lock_configuration = true")


def locked_connection(directory: Path, *, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection that spills to ``directory`` and reads no file at all.

    ``memory`` is a DuckDB size such as ``"2GB"``; ``threads`` is at least 1. Tables enter through
    ``register``; there is no other way in.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        **OPENING,
        "memory_limit": memory,
        "threads": threads,
        "temp_directory": str(directory),
    }
    connection = duckdb.connect(":memory:", config=settings)
    for statement in CLOSING:
        connection.execute(statement)
    return connection
