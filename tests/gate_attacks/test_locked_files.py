"""From inside a run: reach any file that is not the run's own, by every way Python has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from attack_steps import FAMILIES
from locked import NO_GUARD, NO_KERNEL, run

ATTEMPTS = tuple(FAMILIES["files"]())
# Without a kernel lock, a library that opens files in its own C code is out of Python's sight.
NEEDS_KERNEL = {
    "Arrow file", "Arrow memory map", "Arrow CSV", "Arrow dataset", "Arrow file system",
    "Arrow listing", "Arrow writing", "Arrow removing", "a device", "a pipe with a name",
}  # fmt: skip


def site(folder: Path) -> dict[str, Any]:
    """Make a site with a key in it; the run directory lies inside, as it does in a real one."""
    (folder / "empty").mkdir(parents=True)
    key = folder / "secret.key"
    key.write_text("a,b\n1,2\n")
    (folder / "runs").mkdir()
    return {"family": "files", "secret": str(key), "site": str(folder)}


def attempted(folder: Path, weaken: str) -> tuple[dict[str, Any], Path]:
    aim = site(folder)
    outcome = run(folder / "runs" / "1", aim, weaken=weaken)
    return outcome.result.facts, folder


@pytest.fixture(scope="module")
def all_locks(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    return attempted(tmp_path_factory.mktemp("all") / "site", "")


@pytest.fixture(scope="module")
def kernel_only(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    return attempted(tmp_path_factory.mktemp("kernel") / "site", NO_GUARD)


@pytest.fixture(scope="module")
def guard_only(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    return attempted(tmp_path_factory.mktemp("guard") / "site", NO_KERNEL)


def untouched(folder: Path) -> None:
    key = folder / "secret.key"
    assert key.read_text() == "a,b\n1,2\n"
    assert key.stat().st_mode & 0o777 == 0o644
    assert key.stat().st_mtime > 1_100_000_000
    assert not os.listxattr(key)
    assert sorted(path.name for path in folder.iterdir()) == ["empty", "runs", "secret.key"]
    assert not list((folder / "runs" / "1").iterdir())


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_way_to_a_file_under_all_locks(name: str, all_locks: Any) -> None:
    assert all_locks[0][name].startswith("refused"), json.dumps(all_locks[0], indent=1)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_kernel_alone_refuses_too(name: str, kernel_only: Any) -> None:
    assert kernel_only[0][name].startswith("refused")


@pytest.mark.parametrize("name", [name for name in ATTEMPTS if name not in NEEDS_KERNEL])
def test_the_guard_alone_refuses_what_python_sees(name: str, guard_only: Any) -> None:
    assert guard_only[0][name].startswith("refused")


def test_nothing_was_changed(all_locks: Any, kernel_only: Any) -> None:
    untouched(all_locks[1])
    untouched(kernel_only[1])


def test_the_attempts_are_real(tmp_path: Path) -> None:
    """Without any lock, the attempts that harm nothing all succeed."""
    harmless = [
        "open the key", "os.open the key", "os.open from a folder", "climb out of the run",
        "climb through /proc/self/root", "list the site", "scan the site", "list the root",
        "/etc/passwd", "symbolic link", "hard link", "memory map", "numpy.fromfile",
        "numpy.memmap", "Arrow file", "Arrow memory map", "Arrow CSV", "Arrow dataset",
        "Arrow file system", "Arrow listing", "Arrow writing", "a second DuckDB",
        "DuckDB's own default", "DuckDB read_csv", "write outside", "append to the key",
        "move out of the run", "make a folder outside", "change the key's times",
        "open the key to all",
        "rewrite the job", "rewrite a table", "a file in /tmp", "a pipe with a name", "sqlite3",
        "a zip of the key", "leave the folder", "leave for the site", "the machine's processes",
    ]  # fmt: skip
    aim = {**site(tmp_path / "site"), "only": harmless}
    outcome = run(
        tmp_path / "site" / "runs" / "1",
        aim,
        weaken=f"{NO_GUARD}; {NO_KERNEL}; inside.ALWAYS = ()",
    )
    assert outcome.result.facts == dict.fromkeys(harmless, "GOT THROUGH")
