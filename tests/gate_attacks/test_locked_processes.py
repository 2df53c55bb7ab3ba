"""From inside a run: start, kill, trace or become another process, or lift a lock."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from attack_steps import FAMILIES
from locked import NO_GUARD, NO_KERNEL, run

ATTEMPTS = tuple(FAMILIES["processes"]())
# Python tells its audit hooks nothing of this.
NEEDS_KERNEL = {"become somebody else"}


def attempted(folder: Path, weaken: str) -> dict[str, Any]:
    key = folder / "secret.key"
    key.write_text("secret")
    aim = {
        "family": "processes", "secret": str(key), "site": str(folder), "group": os.getpgrp(),
        "only": [name for name in ATTEMPTS if weaken != NO_KERNEL or name not in NEEDS_KERNEL],
    }  # fmt: skip
    outcome = run(folder / "run", aim, weaken=weaken)
    assert key.stat().st_mode & 0o777 == 0o644
    return outcome.result.facts


@pytest.fixture(scope="module")
def all_locks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return attempted(tmp_path_factory.mktemp("a"), "")


@pytest.fixture(scope="module")
def kernel_only(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return attempted(tmp_path_factory.mktemp("k"), NO_GUARD)


@pytest.fixture(scope="module")
def guard_only(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return attempted(tmp_path_factory.mktemp("g"), NO_KERNEL)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_other_process_under_all_locks(name: str, all_locks: Any) -> None:
    assert all_locks[name].startswith("refused"), json.dumps(all_locks, indent=1)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_kernel_alone_refuses_too(name: str, kernel_only: Any) -> None:
    assert kernel_only[name].startswith("refused")


@pytest.mark.parametrize("name", [name for name in ATTEMPTS if name not in NEEDS_KERNEL])
def test_the_guard_alone_refuses_what_python_sees(name: str, guard_only: Any) -> None:
    assert guard_only[name].startswith("refused")


def test_the_attempts_are_real(tmp_path: Path) -> None:
    sure = ["subprocess", "a shell", "popen", "spawn", "Python again", "fork",
            "fork with a terminal", "multiprocessing", "kill the parent", "ctypes open",
            "ctypes fork", "ctypes system", "ctypes socket", "ctypes kill"]  # fmt: skip
    key = tmp_path / "secret.key"
    key.write_text("secret")
    aim = {"family": "processes", "secret": str(key), "site": str(tmp_path), "only": sure}
    outcome = run(tmp_path / "run", aim, weaken=f"{NO_GUARD}; {NO_KERNEL}")
    assert outcome.result.facts == dict.fromkeys(sure, "GOT THROUGH")
