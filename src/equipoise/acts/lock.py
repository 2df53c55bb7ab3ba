"""Locks of a site: one command at a time works on one agreement.

A lock belongs to the process and dies with it, so a killed command never blocks the next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from equipoise.errors import Problem, StateRefused

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows has no flock; one process at a time is advised
    fcntl = None  # type: ignore[assignment]

PAUSE = 0.05
"""Seconds between two tries to take a lock that another process holds."""


def _try(handle: IO[str], *, shared: bool = False, wait: bool = False) -> bool:
    """Take the lock of an open file, or say that another process has it."""
    if fcntl is None:  # pragma: no cover  # Windows
        return not (wait or shared)
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        return False
    return True


class Locks(threading.local):
    """The locks that one opened site holds; each is a file in ``directory``.

    What is held belongs to a thread: two people whom one server answers at once exclude each other
    as two commands do.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._held: set[str] = set()
        self._presence: IO[str] | None = None

    def _open(self, name: str) -> IO[str]:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (self._directory / f"{name.replace('/', '_')}.lock").open("a", encoding="utf-8")

    @contextmanager
    def hold(self, object: str, *, wait: float = 0.0) -> Iterator[bool]:
        """Hold the lock of ``object``; yield whether this call took it, or a caller had it already.

        Waits up to ``wait`` seconds. Raises ``StateRefused`` (ACT001) when another process has it.
        """
        if object in self._held:
            yield False
            return
        with self._open(object) as handle, self._present():
            until = time.monotonic() + wait
            while not _try(handle):
                if time.monotonic() >= until:
                    raise _busy(object)
                time.sleep(PAUSE)
            self._held.add(object)
            try:
                yield True
            finally:
                self._held.discard(object)

    @contextmanager
    def _present(self) -> Iterator[None]:
        """Let others see that somebody is at work in this site, on whatever."""
        if self._presence is not None:
            yield
            return
        with self._open("site") as handle:
            _try(handle, shared=True, wait=True)
            self._presence = handle
            try:
                yield
            finally:
                self._presence = None

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Yield whether no other process is at work in the site, and keep it so meanwhile.

        Call it holding a lock, before any work: on the way others may come and go.
        """
        assert self._presence is not None
        alone = _try(self._presence)
        try:
            yield alone
        finally:
            _try(self._presence, shared=True, wait=True)


def _busy(object: str) -> StateRefused:
    return StateRefused(
        Problem(
            "ACT001",
            f"another command is working on {object}",
            why="two commands at once could do the same step twice",
            next="wait until it ends, then give this command again",
        )
    )
