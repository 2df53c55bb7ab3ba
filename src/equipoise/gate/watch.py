"""Start a process of its own, listen to it, and kill its whole group when it must end.

The parent's half of the locks: clean environment, no input, own group, time and memory.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

LONGEST_LINE: Final = 1 << 14
STDERR_KEPT: Final = 1 << 16
EVERY: Final = 0.05
COUNTED: Final = ("RssAnon:", "RssShmem:", "VmSwap:")


@dataclass(frozen=True)
class Ended:
    """How a process ended. ``errors`` is the tail of its standard error, which may hold row values:
    read type names from it and let it go."""

    code: int
    why: Literal["ended", "time", "memory"]
    seconds: float
    peak: int
    errors: str


def memory_of(process: int) -> int | None:
    """Return the bytes that a process holds for itself alone, files it maps not counted.

    None where the kernel does not tell (not Linux, or the process is gone).
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(COUNTED))


def _read_lines(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    while line := stream.readline(LONGEST_LINE):
        lines.put(line)
    lines.put(None)


def _read_tail(stream: IO[bytes], kept: bytearray) -> None:
    while piece := stream.read(4096):
        kept += piece
        del kept[:-STDERR_KEPT]


def watch(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    seconds: float,
    memory: int,
    on_line: Callable[[bytes], None],
) -> Ended:
    """Run ``command`` to its end and return how it ended.

    ``on_line`` receives each line of its output as it comes. The group is killed after ``seconds``,
    when it holds more than ``memory`` bytes, and when anything at all is raised here, an interrupt
    from the keyboard included. Raises ``OSError`` when the process cannot be started.
    """
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd=directory,
        start_new_session=True,
        close_fds=True,
    )
    lines: queue.Queue[bytes | None] = queue.Queue()
    tail = bytearray()
    readers = (
        threading.Thread(target=_read_lines, args=(process.stdout, lines), daemon=True),
        threading.Thread(target=_read_tail, args=(process.stderr, tail), daemon=True),
    )
    for reader in readers:
        reader.start()
    try:
        why, peak = _listen(process, lines, on_line, started + seconds, memory)
    finally:
        _kill_group(process)
        code = process.wait()
        for reader in readers:
            reader.join()
        for stream in (process.stdout, process.stderr):
            stream.close()  # type: ignore[union-attr]  # both were asked for above
    return Ended(code, why, time.monotonic() - started, peak, tail.decode("utf-8", "replace"))


def _listen(
    process: subprocess.Popen[bytes],
    lines: queue.Queue[bytes | None],
    on_line: Callable[[bytes], None],
    deadline: float,
    memory: int,
) -> tuple[Literal["ended", "time", "memory"], int]:
    peak = 0
    while True:
        try:
            line = lines.get(timeout=EVERY)
        except queue.Empty:
            line = b""
        held = memory_of(process.pid) or 0
        peak = max(peak, held)
        if held > memory:
            return "memory", peak
        if time.monotonic() > deadline:
            return "time", peak
        if line is None:
            return _last(process, deadline), peak
        if line:
            on_line(line)


def _last(process: subprocess.Popen[bytes], deadline: float) -> Literal["ended", "time"]:
    """Wait for a process that has closed its output and should end at once."""
    try:
        process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return "time"
    return "ended"


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the group. Until ``wait`` has the leader's code, its number cannot be another's."""
    if process.returncode is not None:
        return
    if sys.platform == "win32":  # pragma: no cover  # tests run on Linux
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
