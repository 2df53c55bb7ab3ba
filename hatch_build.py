"""Compile the linking kernel when the package is built: plain C, one shared library.

Any C compiler will do: the one that ``CC`` names, else ``cc``, ``gcc``, ``clang``, or the package
``ziglang`` where it is installed. Without one the package is whole all the same and links with the
kernel in numpy, which is slower and gives the same answers.

    python hatch_build.py       compile in place, and say by the exit code whether it worked
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FOLDER = ROOT / "src" / "equipoise" / "carry" / "link"
SOURCES = ("kernel.c", "kernel_order.c", "record.c")
LIBRARY = FOLDER / ("_kernel.dll" if sys.platform == "win32" else "_kernel.so")
_LONGEST = 300


def compilers() -> Iterator[list[str]]:
    """Yield the commands that may be a C compiler, the best first."""
    if os.environ.get("CC"):
        yield shlex.split(os.environ["CC"])
    yield from (["cc"], ["gcc"], ["clang"])
    if importlib.util.find_spec("ziglang"):
        yield [sys.executable, "-m", "ziglang", "cc"]


def options() -> list[str]:
    """Return the options of every compiler: fit for any machine of this sort of the last decade.

    On x86-64 the kernel counts bits by an instruction; it looks whether the machine has it.
    """
    counting = ["-mpopcnt", "-msse4.2"] if platform.machine() in ("x86_64", "AMD64") else []
    position = [] if sys.platform == "win32" else ["-fPIC", "-fvisibility=hidden"]
    return ["-std=c11", "-O3", "-shared", *position, *counting]


def compile_kernel() -> str:
    """Compile in place and return the compiler's name, or nothing where none could.

    What an earlier build left is taken away first: it may be of another source.
    """
    LIBRARY.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="_kernel.") as folder:
        made = Path(folder) / LIBRARY.name
        for command in compilers():
            sources = [str(FOLDER / name) for name in SOURCES]
            whole = [*command, *options(), *sources, "-o", str(made), "-lm"]
            try:
                done = subprocess.run(whole, capture_output=True, timeout=_LONGEST, check=False)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and _loads(made):
                made.replace(LIBRARY)
                return " ".join(command)
    return ""


def _loads(made: Path) -> bool:
    # In a process of its own: on some systems a loaded library cannot be moved.
    look = "import ctypes, sys; ctypes.CDLL(sys.argv[1]).eq_layout()"
    done = subprocess.run([sys.executable, "-c", look, str(made)], capture_output=True, check=False)
    return done.returncode == 0


class KernelBuildHook(BuildHookInterface[Any]):
    """Puts the compiled kernel beside its source, and into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a wheel that holds the kernel is for this sort of machine only."""
        if not compile_kernel():
            self.app.display_warning(
                "no C compiler: linking will use its kernel in numpy, which is slower"
            )
            return
        if version == "editable":
            return
        sort = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sort}"
        inside = LIBRARY.relative_to(ROOT / "src").as_posix()
        build_data["force_include"][str(LIBRARY)] = inside


if __name__ == "__main__":
    sys.exit(0 if compile_kernel() else 1)
