"""Work on several cores at once, for compiled code that leaves the interpreter free."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


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


def in_order(act: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """Yield ``act(item)`` for each item, in their order, made on all cores that may be used.

    Items are asked for in this thread, and no more than one a core is at hand or waiting to be
    yielded, so that memory does not grow with their number. Raises what ``act`` raises, in its
    place.
    """
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(cores()) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(act, item))
                if len(waiting) >= cores():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
