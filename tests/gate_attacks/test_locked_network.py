"""From inside a run: reach any network or socket. Listeners stand ready, and hear nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attack_steps import FAMILIES
from locked import NO_GUARD, NO_KERNEL, run

ATTEMPTS = tuple(FAMILIES["network"]())
# DuckDB and Arrow open their sockets in C: DuckDB refuses by its own lock, Arrow by the kernel's.
NEEDS_KERNEL = {"Arrow over S3"}


@contextmanager
def listeners(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, socket.socket]]]:
    """Stand ready on TCP, UDP and both kinds of Unix socket."""
    abstract = f"equipoise-test-{folder.name}-{id(folder)}"
    unix = str(folder / "s")
    made = {
        "tcp": socket.create_server(("127.0.0.1", 0)),
        "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": socket.socket(socket.AF_UNIX),
        "abstract": socket.socket(socket.AF_UNIX),
    }
    made["udp"].bind(("127.0.0.1", 0))
    made["unix"].bind(unix)
    made["abstract"].bind("\0" + abstract)
    for name in ("unix", "abstract"):
        made[name].listen()
    for one in made.values():
        one.settimeout(0.2)
    aim = {
        "family": "network", "tcp": made["tcp"].getsockname()[1],
        "udp": made["udp"].getsockname()[1], "unix": unix, "abstract": abstract,
    }  # fmt: skip
    try:
        yield aim, made
    finally:
        for one in made.values():
            one.close()


def heard(made: dict[str, socket.socket]) -> list[str]:
    found = []
    for name, one in made.items():
        try:
            one.recv(9) if name == "udp" else one.accept()
        except TimeoutError:
            continue
        found.append(name)
    return found


def attempted(folder: Path, weaken: str) -> tuple[dict[str, Any], list[str]]:
    with listeners(folder) as (aim, made):
        outcome = run(folder / "run", aim, weaken=weaken)
        return outcome.result.facts, heard(made)


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
def test_no_way_out_under_all_locks(name: str, all_locks: Any) -> None:
    assert all_locks[0][name].startswith("refused"), json.dumps(all_locks[0], indent=1)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_kernel_alone_refuses_too(name: str, kernel_only: Any) -> None:
    assert kernel_only[0][name].startswith("refused")


@pytest.mark.parametrize("name", [name for name in ATTEMPTS if name not in NEEDS_KERNEL])
def test_the_guard_alone_refuses_what_python_sees(name: str, guard_only: Any) -> None:
    assert guard_only[0][name].startswith("refused")


def test_nobody_heard_anything(all_locks: Any, kernel_only: Any, guard_only: Any) -> None:
    assert all_locks[1] == kernel_only[1] == []
    assert set(guard_only[1]) <= {"tcp"}  # Arrow, where no kernel holds it


def test_the_attempts_are_real(tmp_path: Path) -> None:
    """Without any lock, what this machine can do at all succeeds, and is heard."""
    sure = ["TCP", "UDP", "a Unix socket with a path", "a Unix socket without a path",
            "a pair of sockets", "listening", "asyncio"]  # fmt: skip
    with listeners(tmp_path) as (aim, made):
        outcome = run(tmp_path / "run", {**aim, "only": sure}, weaken=f"{NO_GUARD}; {NO_KERNEL}")
        assert outcome.result.facts == dict.fromkeys(sure, "GOT THROUGH")
        assert heard(made) == ["tcp", "udp", "unix", "abstract"]
