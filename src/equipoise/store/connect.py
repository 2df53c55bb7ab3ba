"""Connect to a site's database: a SQLite file, or Postgres by one URL."""

from __future__ import annotations

import hashlib
import os
from typing import Any
from urllib.parse import unquote, urlparse

import django
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from equipoise.errors import EnvironmentFailed, Problem

SQLITE_OPTIONS: dict[str, Any] = {
    # IMMEDIATE takes the write lock at BEGIN, so two processes queue instead of deadlocking.
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}


def prepare() -> None:
    """Give Django the settings that the store needs, unless a program around it gave its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equipoise.store.settings")
    if not (apps.ready or apps.loading):  # loading: the program around it is setting Django up
        django.setup()


def database_settings(url: str) -> dict[str, Any]:
    """Turn ``sqlite:///path`` or ``postgresql://user:word@host:port/name`` into Django settings.

    Raises ``EnvironmentFailed`` (STO001) for any other scheme.
    """
    parts = urlparse(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),
            "OPTIONS": SQLITE_OPTIONS,
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
        }
    raise EnvironmentFailed(
        Problem(
            "STO001",
            "the database URL has a scheme that is not known",
            why="state is kept in SQLite or Postgres",
            next="use sqlite:///PATH or postgresql://USER@HOST/NAME in equipoise.toml",
        )
    )


_WHYS = (
    ("locked", "another process keeps it locked"),
    ("full", "there is no room left on its disk"),
    ("readonly", "it may not be written"),
    ("read-only", "it may not be written"),
    ("unable to open", "its file cannot be opened"),
    ("not a database", "its file is not a database"),
    ("malformed", "its file is damaged"),
    ("connection", "its server does not answer"),
)


def why_not(error: DatabaseError) -> str:
    """Say in words why a database refused. Its own words may quote a row, and are not told."""
    said = str(error).lower()
    known = (words for part, words in _WHYS if part in said)
    return next(known, f"it said {type(error).__name__}")


def connect(url: str) -> str:
    """Open the database at ``url``, bring its tables up to date, and return its alias.

    Raises ``EnvironmentFailed`` (STO002) when the database cannot be reached or written.
    """
    alias = "site_" + hashlib.sha256(url.encode()).hexdigest()[:16]
    if alias not in connections.settings:
        filled = connections.configure_settings({"default": database_settings(url)})
        connections.settings[alias] = filled["default"]
    try:
        if not connections[alias].in_atomic_block:
            connections[alias].close()  # the file may be another one since it was last opened
        if _is_behind(alias):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
    except ImproperlyConfigured as error:
        raise EnvironmentFailed(
            Problem(
                "STO004",
                "this installation cannot speak to Postgres",
                next="pip install 'equipoise[postgres]'",
            )
        ) from error
    except DatabaseError as error:
        raise EnvironmentFailed(
            Problem(
                "STO002",
                "the site's database cannot be opened",
                why=why_not(error),
                next="check that the folder is writable, or the Postgres server reachable",
            )
        ) from error
    return alias


def _is_behind(alias: str) -> bool:
    """Return whether tables are missing or old. To look is eight times faster than to migrate, and
    every command opens the database."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def not_written(error: DatabaseError, advice: str) -> EnvironmentFailed:
    """Return the refusal (STO003) for a change that the database would not write."""
    what = "the site's database could not be written; nothing was changed"
    return EnvironmentFailed(Problem("STO003", what, why=why_not(error), next=advice))
