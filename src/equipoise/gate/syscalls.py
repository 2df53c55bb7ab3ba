"""A seccomp filter: the system calls that a step never needs are refused by the kernel.

It closes what the other locks leave open: Unix sockets with a path (a network namespace and
Landlock let them through), UDP where no namespace is given, starting processes, tracing others,
``io_uring`` and changing the modes or owners of files. Threads stay possible, because every
numerical library starts some: ``clone`` passes with ``CLONE_THREAD`` only, and ``clone3``, whose
flags a filter cannot read, is said not to exist, upon which the C library turns to ``clone``.

Numbers: asm/unistd_64.h (x86_64) and asm-generic/unistd.h (aarch64) of Linux 6.18. Source for the
filter's form: seccomp(2) and linux/filter.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
CLONE_THREAD = 0x00010000
NEW_ABI = 0x40000000  # x86_64 only: the x32 numbers, a second way to each call

# fmt: off
SAME_EVERYWHERE = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "pidfd_open": 434, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "fchmodat2": 452, "setxattrat": 463,
}
REFUSED = {
    "x86_64": {
        "shmget": 29, "socket": 41, "socketpair": 53, "fork": 57, "vfork": 58, "execve": 59,
        "kill": 62, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94,
        "ptrace": 101, "utime": 132, "mknod": 133, "pivot_root": 155, "chroot": 161,
        "mount": 165, "umount2": 166, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
        "tkill": 200, "utimes": 235, "mq_open": 240, "add_key": 248, "request_key": 249,
        "keyctl": 250, "mknodat": 259, "fchownat": 260, "futimesat": 261, "fchmodat": 268,
        "unshare": 272, "utimensat": 280, "perf_event_open": 298, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "bpf": 321,
        "execveat": 322, "userfaultfd": 323,
    },
    "aarch64": {
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "mknodat": 33, "umount2": 39, "mount": 40,
        "pivot_root": 41, "chroot": 51, "fchmod": 52, "fchmodat": 53, "fchownat": 54,
        "fchown": 55, "utimensat": 88, "unshare": 97, "ptrace": 117, "kill": 129, "tkill": 130,
        "mq_open": 180, "shmget": 194, "socket": 198, "socketpair": 199, "add_key": 217,
        "request_key": 218, "keyctl": 219, "execve": 221, "perf_event_open": 241, "setns": 268,
        "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "bpf": 280,
        "execveat": 281, "userfaultfd": 282,
    },
}
# fmt: on
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
AT_NUMBER, AT_ARCH, AT_FIRST_ARGUMENT = 0, 4, 16

Instruction = tuple[int, int, int, int]


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def program(machine: str) -> tuple[Instruction, ...]:
    """Return the filter for a machine as (code, jump if true, jump if false, value).

    Raises ``OSError`` for a machine whose numbers are not in the tables.
    """
    if machine not in REFUSED:
        raise OSError(f"no table of system calls for {machine}")
    refused = RETURN, 0, 0, ERRNO | errno.EPERM
    lines: list[Instruction] = [
        (LOAD, 0, 0, AT_ARCH),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, AT_NUMBER),
        (JUMP_AT_LEAST, 0, 1, NEW_ABI),
        refused,
    ]
    for number in sorted({*REFUSED[machine].values(), *SAME_EVERYWHERE.values()}):
        lines += [(JUMP_EQUAL, 0, 1, number), refused]
    lines += [
        (JUMP_EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
        (JUMP_EQUAL, 0, 3, CLONE[machine]),
        (LOAD, 0, 0, AT_FIRST_ARGUMENT),
        (JUMP_BITS, 1, 0, CLONE_THREAD),
        refused,
        (RETURN, 0, 0, ALLOW),
    ]
    return tuple(lines)


def refuse_calls() -> None:
    """Have the kernel refuse the calls above from now on. Raises ``OSError`` where it cannot."""
    if not sys.platform.startswith("linux"):  # pragma: no cover  # tests run on Linux
        raise OSError("this lock is Linux's own")
    lines = program(platform.machine())
    libc = ctypes.CDLL(None, use_errno=True)
    written = (_Instruction * len(lines))(*(_Instruction(*line) for line in lines))
    whole = _Program(len(lines), written)
    done = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = done or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(whole), 0, 0)
    if done != 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")
