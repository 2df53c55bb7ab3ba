"""The locks that the Linux kernel holds, asked for directly by their system calls.

Each function returns nothing when its lock holds from now on, and raises ``OSError`` when this
kernel or container does not give it. All of them bind the calling thread and what it starts, so
they must be called while the process has one thread: before numpy, DuckDB or Arrow are imported.
The C library is a local name in each function and is gone when it returns, so that a step cannot
find it again.

Sources: landlock(7), seccomp(2), user_namespaces(7), network_namespaces(7), capabilities(7),
prctl(2) of the Linux manual pages.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
CAPABILITY_VERSION_3 = 0x20080522
LAST_CAPABILITY = 63

SYS_LANDLOCK_CREATE_RULESET = 444
SYS_LANDLOCK_ADD_RULE = 445
SYS_LANDLOCK_RESTRICT_SELF = 446

READ_FILE, READ_DIR = 1 << 2, 1 << 3
WRITE_FILE, REMOVE_DIR, REMOVE_FILE = 1 << 1, 1 << 4, 1 << 5
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
TRUNCATE = 1 << 14
READS = READ_FILE | READ_DIR
WRITES = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | TRUNCATE
OF_A_FILE = READ_FILE | WRITE_FILE | TRUNCATE
# Every access right that an ABI version knows is handled, and so refused unless a rule gives it.
# No rule ever gives execute, links, sockets, pipes or devices.
HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
TCP = 0b11  # bind and connect, from ABI 4
SCOPES = 0b11  # abstract Unix sockets and signals to processes outside, from ABI 6


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _Capabilities(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def _libc() -> ctypes.CDLL:
    if not sys.platform.startswith("linux"):  # pragma: no cover  # tests run on Linux
        raise OSError("this lock is Linux's own")
    return ctypes.CDLL(None, use_errno=True)


def _asked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, whatever ended it."""
    _asked(_libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        # The parent ended before the kernel was asked, so nobody would ever kill this process.
        raise OSError("the process that started this one is gone")


def leave_network() -> None:
    """Move into a new network namespace, which has no interface that is up."""
    libc = _libc()
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        # The same person inside as outside: files of the run directory stay readable.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        return
    _asked(libc.unshare(CLONE_NEWNET))


def drop_privileges() -> None:
    """Give up every capability, for good; even root is then held by the file modes."""
    libc = _libc()
    _asked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for number in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    header = _Capabilities(CAPABILITY_VERSION_3, 0)
    _asked(libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())))


def landlock_version() -> int:
    """Return the Landlock ABI of this kernel. Raises ``OSError`` where there is none."""
    return _asked(_libc().syscall(SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def lock_files(version: int, read: Sequence[Path], write: Sequence[Path]) -> None:
    """Refuse every path but those beneath ``read`` and ``write``; execute nothing, ever.

    From ABI 4 TCP is refused too, and from ABI 6 signals and abstract sockets to other processes.
    A path that does not exist is passed over: it gives no right.
    """
    libc = _libc()
    handled = HANDLED[max(known for known in HANDLED if known <= version)]
    ruleset = _Ruleset(handled, TCP if version >= 4 else 0, SCOPES if version >= 6 else 0)
    size = ctypes.c_size_t(24 if version >= 6 else 16 if version >= 4 else 8)
    rules = _asked(libc.syscall(SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(ruleset), size, 0))
    try:
        for paths, rights in ((read, READS), (write, READS | WRITES)):
            for path in paths:
                if path.exists():
                    _allow(libc, rules, path, rights & handled)
        _asked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _asked(libc.syscall(SYS_LANDLOCK_RESTRICT_SELF, rules, 0))
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        granted = rights if path.is_dir() else rights & OF_A_FILE
        beneath = _Beneath(granted, descriptor)
        _asked(libc.syscall(SYS_LANDLOCK_ADD_RULE, rules, 1, ctypes.byref(beneath), 0))
    finally:
        os.close(descriptor)
