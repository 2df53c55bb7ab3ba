"""The locks of the process in which a step runs: what each refuses, and which really hold.

No lock is assumed. Each is asked for, and one that the platform does not give is reported with the
reason, so that a run record says what held it, and a job may demand a lock or not run at all.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from equipoise.gate import kernel, syscalls

# fmt: off
SYSTEM: Final = (
    "/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo",
    "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/dev/zero",
    "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm", "/sys/devices/system/cpu",
    "/sys/kernel/mm/transparent_hugepage",
    # Where containers bound memory; DuckDB 2.0 aborts when it may see that these are there and
    # may not read them.
    "/proc/self/cgroup", "/proc/self/mountinfo", "/sys/fs/cgroup",
)
# fmt: on
"""What the Python installation and its libraries read of the machine; nothing about its people."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one step: bytes of memory, seconds, threads, open files, bytes of one file."""

    memory: int = 4 << 30
    seconds: float = 3600.0
    threads: int = 2
    open_files: int = 512
    file_bytes: int = 16 << 30


@dataclass
class Held:
    """Which locks hold, and for each other one the reason why not."""

    locks: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def ask(self, name: str, lock: Callable[[], None]) -> bool:
        """Ask for one lock, note the answer, and say whether it holds."""
        try:
            lock()
        except (OSError, ImportError, AttributeError, ValueError) as error:
            self.missing[name] = getattr(error, "strerror", None) or str(error)
            return False
        self.locks.append(name)
        return True


def readable() -> tuple[Path, ...]:
    """Return the folders of the Python installation and its libraries, and system files."""
    paths = sysconfig.get_paths()
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    of_python = {*sys.path, *(paths[kind] for kind in kinds)}
    own = str(Path(__file__).resolve().parents[1])
    folders = {str(Path(path).resolve()) for path in of_python if path and Path(path).is_dir()}
    return tuple(Path(path) for path in sorted({own, *folders})) + tuple(map(Path, SYSTEM))


def limit_resources(limits: Limits) -> None:
    """Bound this process. ``RLIMIT_DATA`` is twice the memory, as a stop behind the watch."""
    import resource

    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_DATA: 2 * limits.memory + (2 << 30),
    }
    for which, bound in bounds.items():
        _, hard = resource.getrlimit(which)
        least = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(which, (least, least))


def hold_kernel(directory: Path, parent: int, limits: Limits) -> Held:
    """Ask for every lock that the kernel holds, in the one order that works.

    Call it while the process has one thread. ``directory`` is the run directory: ``in`` beneath it
    may be read, ``out`` also written. The namespace comes before the capabilities that making it
    may need; the filter comes last, because it refuses the calls that make the other locks.
    """
    held = Held()
    held.ask("resource limits", lambda: limit_resources(limits))
    held.ask("no network", kernel.leave_network)
    held.ask("no privileges", kernel.drop_privileges)
    # After the change of credentials, upon which the kernel forgets it.
    held.ask("dies with its parent", lambda: kernel.die_with_parent(parent))
    _hold_files(held, directory)
    held.ask("refused system calls", syscalls.refuse_calls)
    return held


def _hold_files(held: Held, directory: Path) -> None:
    read = (*readable(), directory / "in")
    versions: list[int] = []

    def lock() -> None:
        here = directory.resolve()
        if any(here.is_relative_to(path.resolve()) for path in read[:-1]):
            raise OSError("the run directory lies inside the Python installation")
        versions.append(kernel.landlock_version())
        kernel.lock_files(versions[0], read, (directory / "out",))

    held.ask("own files only", lock)
    version = versions[0] if "own files only" in held.locks else 0
    for name, least in (("no TCP", 4), ("no signals outside", 6)):
        if version >= least:
            held.locks.append(name)
        else:
            held.missing[name] = f"needs Landlock {least}; this kernel gives {version}"
