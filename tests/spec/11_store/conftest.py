"""Each promise of the store is held on SQLite, and on Postgres where a server is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import postgres, why_no_postgres

from equipoise.clock import system_clock
from equipoise.store.changing import Store


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if reason := why_no_postgres():
        pytest.skip(reason)
    with postgres(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/site.sqlite3"
        return
    server = request.getfixturevalue("server")
    import psycopg

    name = f"t{abs(hash(tmp_path.name + str(tmp_path)))}"
    with psycopg.connect(server, autocommit=True) as control:
        control.execute(f"CREATE DATABASE {name}")
    yield server.removesuffix("postgres") + name


@pytest.fixture
def store(url: str) -> Store:
    return Store(url, system_clock)
