"""What this chapter's tests share: a clock that stands still, stores, a disk that fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from equipoise.errors import EquipoiseError
from equipoise.holdings import Holdings
from equipoise.keys import KeyStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Moves one minute at every look."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def key_store(root: Path, role: str = "owners") -> KeyStore:
    return KeyStore(root / "keys" / role, clock=Clock())


def holdings(root: Path) -> Holdings:
    return Holdings(root / "holdings", key_store(root), clock=Clock())


def people(rows: int = 300) -> pa.Table:
    return pa.table(
        {
            "name": [f"Zebedee {number}" for number in range(rows)],
            "age": pa.array(range(rows), pa.int64()),
            "kind": pa.array(["a", "b", None] * (rows // 3)).dictionary_encode(),
        }
    )


@contextmanager
def refused(*codes: str) -> Iterator[pytest.ExceptionInfo[EquipoiseError]]:
    with pytest.raises(EquipoiseError) as caught:
        yield caught
    assert [problem.code for problem in caught.value.problems] == list(codes)


def full_disk(monkeypatch: pytest.MonkeyPatch, name: str, at: int) -> None:
    """Let the ``at``-th call of ``os.<name>`` find no room left on the disk."""
    real, calls = getattr(os, name), iter(range(1, 10_000))

    def failing(*args: object, **words: object) -> object:
        if next(calls) == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **words)

    monkeypatch.setattr(os, name, failing)


def files_under(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
