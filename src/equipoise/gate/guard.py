"""The Python guard: an audit hook that refuses what a step has no business doing.

It is the lock that holds on every platform. It stops ordinary code, ours or a library's, from
opening other files, sockets and processes, and it names what was tried. It is not a wall against
code written to get round it from within the same interpreter (PEP 578 says so of every audit hook):
that wall is the kernel's, where there is one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# fmt: off
REFUSED = (
    "socket.", "subprocess.", "ctypes.", "pty.", "sqlite3.", "resource.", "fcntl.", "syslog.",
    "ftplib.", "http.", "imaplib.", "nntplib.", "poplib.", "smtplib.", "telnetlib.", "urllib.",
    "webbrowser.", "winreg.", "_winapi.", "msvcrt.", "gc.get_objects", "gc.get_refer",
    "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "os.kill",
    "os.chmod", "os.chown", "os.chflags", "os.link", "os.symlink", "os.utime", "os.lockf",
    "os.setxattr", "os.removexattr", "os.getxattr", "os.listxattr", "os.add_dll_directory",
    "signal.pthread_kill", "sys.setprofile", "sys.settrace",
)
# fmt: on
"""Audit events that begin with one of these are refused, whatever their arguments."""

READS = ("os.listdir", "os.scandir", "os.chdir", "os.walk", "os.fwalk")
WRITES = {"os.mkdir": 1, "os.rmdir": 1, "os.remove": 1, "os.truncate": 1, "os.rename": 2}
"""Events on paths, and how many of their first arguments are paths."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Trespass(PermissionError):  # the word for what was done
    """A step tried what the guard refuses. Holds the event's name, never its arguments."""

    def __init__(self, event: str) -> None:
        super().__init__(f"the locked process refuses {event}")
        self.event = event


def judge(read: Sequence[Path], write: Sequence[Path]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return the hook: it raises ``Trespass`` for a refused event and does nothing otherwise.

    ``read`` and ``write`` are the folders and files beneath which opening is allowed.
    """
    real, fsdecode, separator = os.path.realpath, os.fsdecode, os.sep
    writable = tuple(real(path) for path in write)
    readable = writable + tuple(real(path) for path in read)

    def beneath(path: Any, roots: tuple[str, ...]) -> bool:
        if path is None or isinstance(path, int):
            return True  # the present folder, or a file that was opened under this same rule
        place = real(fsdecode(path))
        return any(place == root or place.startswith(root + separator) for root in roots)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            allowed = beneath(path, writable if flags & WRITING else readable)
        elif event in READS:
            allowed = beneath(arguments[0], readable)
        elif event in WRITES:
            allowed = all(beneath(path, writable) for path in arguments[: WRITES[event]])
        else:
            allowed = not event.startswith(REFUSED)
        if not allowed:
            raise Trespass(event)

    return hook


def stand_guard(read: Sequence[Path], write: Sequence[Path]) -> None:
    """Hold the guard from now until the process ends; it cannot be taken away again."""
    sys.addaudithook(judge(read, write))
