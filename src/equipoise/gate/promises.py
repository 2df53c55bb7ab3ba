"""The locks of the process in which a step runs: what each promises, and on which platform."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LOCKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "own process": "the step runs in a process and process group of its own (every platform)",
        "clean environment": "no variable, open file or input of the parent (every platform)",
        "time limit": "the parent kills the whole group when its time is over (every platform)",
        "Python guard": "Python refuses other files, sockets and processes (every platform)",
        "locked database": "SQL reaches no file, network, extension or setting (every platform)",
        "resource limits": "no core dump; bounded files, file sizes and data (Linux, macOS)",
        "memory watch": "the parent kills the group when it holds too much memory (Linux)",
        "dies with its parent": "the kernel kills the step when its parent ends (Linux)",
        "no network": "a network namespace without any interface (Linux, where permitted)",
        "no privileges": "no capability, not even root's (Linux)",
        "own files only": "the kernel refuses every other path and every program (Linux 5.13)",
        "no TCP": "the kernel refuses TCP, namespace or not (Linux 6.7)",
        "no signals outside": "no signal or abstract socket to other processes (Linux 6.12)",
        "refused system calls": "no socket, new process, tracing or change of modes (Linux, 64-bit "
        "Intel and Arm)",
    }
)
"""The name of each lock, and what it does and where it may be had."""

# fmt: off
ALWAYS: Final = (
    "own process", "clean environment", "time limit", "Python guard", "locked database",
)
# fmt: on
"""The locks without which nothing runs on any platform."""
