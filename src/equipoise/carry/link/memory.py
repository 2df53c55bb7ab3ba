"""Whether the machine has the memory that linking needs, asked before any work is done.

A system that lends more memory than it has ends a process without a word when it runs out. So what
linking surely needs is worked out from the number of rows, and held against what is free: of the
machine, of the container, and of the process's own limits. Where nothing tells, nothing is refused.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from equipoise.errors import EnvironmentFailed, Problem

_PROC: Final = Path("/proc")
_CONTAINER: Final = Path("/sys/fs/cgroup")
_LEAST: Final = 32 << 20
"""Bytes for the libraries' own work, threads among it, however small the tables."""
_A_ROW: Final = 60
_A_FIELD: Final = 20
"""Bytes that each row, and each field of it, takes while linking, besides the tables themselves:
less than was ever measured (linking two million rows by five fields took 220 a row), so that
nothing is refused which could be done."""


def needed(rows: int, fields: int, *, words: int = 0) -> int:
    """Return the bytes that linking so many rows, of all tables, surely takes.

    ``words`` are the 64-bit words of a filter, in the mode that compares filters.
    """
    return _LEAST + rows * (_A_ROW + _A_FIELD * fields + 8 * words)


def free(proc: Path = _PROC, container: Path = _CONTAINER) -> int | None:
    """Return the bytes this process may still take, None where the system does not tell."""
    told = [_of_machine(proc), _of_container(container), *_of_limits(proc)]
    known = [one for one in told if one is not None]
    return max(0, min(known)) if known else None


@contextmanager
def memory_for(rows: int, fields: int, *, words: int = 0) -> Iterator[None]:
    """Refuse work that this machine has not the memory for, and tell it where it ran out.

    Raises ``EnvironmentFailed`` (LNK117).
    """
    wanted, there = needed(rows, fields, words=words), free()
    if there is not None and wanted > there:
        raise _too_small(f"{_size(wanted)} at least are needed and {_size(there)} are free", rows)
    try:
        yield
    except (MemoryError, RuntimeError) as fault:
        if isinstance(fault, RuntimeError) and "start new thread" not in str(fault):
            raise
        raise _too_small("it ran out at work", rows) from None


def _too_small(why: str, rows: int) -> EnvironmentFailed:
    return EnvironmentFailed(
        Problem(
            "LNK117",
            f"there is not enough memory to {f'link {rows:,} rows' if rows else 'read the tables'}",
            why=why,
            next="use a machine with more memory, or compare fewer fields, or link part by part "
            "on a field that is seldom wrong, as one year of birth at a time",
        )
    )


def _size(number: int) -> str:
    return f"{number / (1 << 30):.1f} GiB" if number >= 1 << 30 else f"{number >> 20} MiB"


def _of_machine(proc: Path) -> int | None:
    """Return memory that is free or can be freed; swap counts, slow as it is."""
    said = _lines(proc / "meminfo")
    if "MemAvailable" not in said:
        return None
    return said["MemAvailable"] + said.get("SwapFree", 0)


def _of_container(folder: Path) -> int | None:
    """Return what the process's container has left, by the second version of control groups."""
    try:
        most = (folder / "memory.max").read_text().strip()
        held = int((folder / "memory.current").read_text())
        cached = _lines(folder / "memory.stat", scale=1).get("inactive_file", 0)
        return None if most == "max" else int(most) - held + cached
    except (OSError, ValueError):
        return None


def _of_limits(proc: Path) -> Iterator[int | None]:
    """Yield what is left of this process's own limits of address space and of data."""
    try:
        resource: Any = importlib.import_module("resource")
    except ImportError:
        return
    taken = _lines(proc / "self" / "status")
    for limit, held in (("RLIMIT_AS", "VmSize"), ("RLIMIT_DATA", "VmData")):
        soft, _ = resource.getrlimit(getattr(resource, limit))
        if soft != resource.RLIM_INFINITY and held in taken:
            yield soft - taken[held]


def _lines(path: Path, *, scale: int = 1024) -> dict[str, int]:
    """Return a kernel's table of names and numbers; in kibibytes, unless it is told otherwise."""
    try:
        words = [line.replace(":", " ").split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {one[0]: int(one[1]) * scale for one in words if len(one) > 1 and one[1].isdigit()}
