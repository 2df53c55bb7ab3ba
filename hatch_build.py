"""Compile what is compiled when the package is built: plain C, a shared library for each room.

Any C compiler will do: the one that ``CC`` names, else ``cc``, ``gcc``, ``clang``, or the package
``ziglang`` where it is installed. Without one the package is whole all the same: it links with the
kernel in numpy and hashes by ``hashlib``, which is slower and gives the same answers.

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
PACKAGE = ROOT / "src" / "equipoise"
ENDING = ".dll" if sys.platform == "win32" else ".so"
LIBRARIES = {
    PACKAGE / "carry" / "link" / "_kernel": ("kernel.c", "kernel_order.c", "record.c"),
    PACKAGE / "hashing" / "_blake2s": ("blake2s.c",),
}
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


def compile_all() -> list[Path]:
    """Compile each library in place and return those that were made."""
    return [made for library, sources in LIBRARIES.items() for made in _compiled(library, sources)]


def _compiled(library: Path, sources: tuple[str, ...]) -> Iterator[Path]:
    """Compile one library by the first compiler that can.

    What an earlier build left is taken away first: it may be of another source.
    """
    library, folder = library.with_suffix(ENDING), library.parent
    library.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f"{library.stem}.") as draft:
        made = Path(draft) / library.name
        for command in compilers():
            whole = [*command, *options(), *(str(folder / name) for name in sources)]
            try:
                done = subprocess.run(
                    [*whole, "-o", str(made), "-lm"],
                    capture_output=True,
                    timeout=_LONGEST,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0 and _loads(made):
                yield made.replace(library)
                return


def _loads(made: Path) -> bool:
    # In a process of its own: on some systems a loaded library cannot be moved.
    look = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", look, str(made)], capture_output=True, check=False)
    return done.returncode == 0


class CompiledBuildHook(BuildHookInterface[Any]):
    """Puts what is compiled beside its source, and into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a wheel that holds a library is for this sort of machine only."""
        made = compile_all()
        if len(made) < len(LIBRARIES):
            self.app.display_warning(
                "no C compiler: linking will be slower, and otherwise the same"
            )
        if version == "editable" or not made:
            return
        sort = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sort}"
        for library in made:
            inside = library.relative_to(ROOT / "src").as_posix()
            build_data["force_include"][str(library)] = inside


if __name__ == "__main__":
    sys.exit(0 if len(compile_all()) == len(LIBRARIES) else 1)
