"""When the machine cannot, the store says so in words and nothing is changed."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from equipoise.clock import system_clock
from equipoise.errors import EnvironmentFailed
from equipoise.store import connect
from equipoise.store.changing import Change, Store


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder}/site.sqlite3"


def note(change: Change) -> None:
    change.note("register published", "register:x", agreements=0, entries=0)


def failing(url: str) -> str:
    with pytest.raises(EnvironmentFailed) as failed:
        Store(url, system_clock)
    (problem,) = failed.value.problems
    assert problem.next
    return problem.code


@pytest.mark.parametrize("url", ["mysql://somewhere/x", "nothing", "/tmp/a.sqlite3", ""])
def test_only_sqlite_and_postgres_are_known(url: str) -> None:
    assert failing(url) == "STO001"


def test_a_folder_that_is_not_there_or_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    assert failing(sqlite(tmp_path / "nowhere")) == "STO002"
    (tmp_path / "site.sqlite3").write_bytes(b"this is no database, whatever its name says" * 50)
    assert failing(sqlite(tmp_path)) == "STO002"


def test_a_server_that_does_not_answer_is_told() -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    assert failing("postgresql://nobody@127.0.0.1:9/none") == "STO002"


def test_without_psycopg_postgres_is_refused_with_the_command_that_adds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def absent(*given: object, **named: object) -> None:
        raise ImproperlyConfigured("Error loading psycopg2 or psycopg module")

    monkeypatch.setattr(connect, "call_command", absent)
    assert failing(sqlite(tmp_path)) == "STO004"


@pytest.mark.parametrize("name", ["a#b", "what?", "100%25", "two words", "ünï"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    from equipoise.acts.site import found_site

    site = found_site(tmp_path / name, name="Odd")
    assert (tmp_path / name / "equipoise.sqlite3").is_file()
    assert site.store.entries()[0].act == "site made"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_postgres_url_is_read_in_all_its_parts() -> None:
    said = connect.database_settings("postgresql://ann%40x:p%2Fw@db.example:5433/equipoise")
    assert said["ENGINE"].endswith("postgresql")
    wanted = {"NAME": "equipoise", "USER": "ann@x", "PASSWORD": "p/w", "HOST": "db.example"}
    assert {**said, **wanted, "PORT": "5433"} == said


def test_a_database_that_another_process_keeps_locked_is_told_and_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connect.SQLITE_OPTIONS, "timeout", 0.2)
    store = Store(sqlite(tmp_path), system_clock)
    other = sqlite3.connect(tmp_path / "site.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(EnvironmentFailed) as failed, store.change("site/machine") as change:
        note(change)
    assert failed.value.problems[0].code == "STO003"
    assert "another" in failed.value.problems[0].why
    other.execute("ROLLBACK")
    with store.change("site/machine") as change:
        note(change)
    assert len(store.entries()) == 1


def test_a_full_disk_is_told_and_the_ledger_stays_whole(tmp_path: Path) -> None:
    store = Store(sqlite(tmp_path), system_clock)
    with store.change("site/machine") as change:
        note(change)
    cursor = connections[store.alias].cursor()
    pages = cursor.execute("PRAGMA page_count").fetchone()[0]
    cursor.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to be full
    with pytest.raises(EnvironmentFailed) as failed:
        for _ in range(200):
            with store.change("site/machine") as change:
                note(change)
    assert failed.value.problems[0].code == "STO003"
    assert "room" in failed.value.problems[0].why
    kept = len(store.entries())
    cursor.execute("PRAGMA max_page_count = 100000")
    with store.change("site/machine") as change:
        note(change)
    assert [entry.sequence for entry in store.entries()] == list(range(1, kept + 2))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
def test_a_database_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    Store(sqlite(tmp_path), system_clock)
    (tmp_path / "site.sqlite3").chmod(stat.S_IRUSR)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        store = Store(sqlite(tmp_path), system_clock)
        with pytest.raises(EnvironmentFailed), store.change("site/machine") as change:
            note(change)
    finally:
        tmp_path.chmod(stat.S_IRWXU)
