"""Work on several cores at once, for compiled code that leaves the interpreter free."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_threads(act: Callable[[int, int], None], size: int, piece: int) -> None:
    """Do ``act(from, to)`` for pieces of ``range(size)``, on all cores that may be used."""
    if size <= piece:
        return act(0, size)
    with ThreadPoolExecutor(cores()) as pool:
        starts = range(0, size, piece)
        for _ in pool.map(lambda start: act(start, min(start + piece, size)), starts):
            pass
    return None
