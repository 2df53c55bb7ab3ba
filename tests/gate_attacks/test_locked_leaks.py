"""From inside a run: what the parent had, and a step should not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from attack_steps import FAMILIES
from locked import run

from equipoise.gate.room import _environment

ATTEMPTS = tuple(FAMILIES["leaks"]())


@pytest.fixture(scope="module")
def came(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("leaks")
    secret = folder / "secret.key"
    secret.write_text("secret")
    handle = os.open(secret, os.O_RDONLY)
    os.set_inheritable(handle, True)
    about = os.fstat(handle)
    aim = {
        "family": "leaks",
        "open": [about.st_dev, about.st_ino],
        "variables": ["LC_CTYPE", *_environment(folder)],
    }
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("EQUIPOISE_SECRET", "hunter2")
            patch.setenv("PYTHONPATH", "/tmp/evil")
            patch.setenv("LD_PRELOAD", "")
            return run(folder / "run", aim).result.facts
    finally:
        os.close(handle)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_nothing_of_the_parent_is_there(name: str, came: dict[str, Any]) -> None:
    assert came[name].startswith("refused"), came


def test_the_environment_has_no_word_of_the_parents(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EQUIPOISE_SECRET", "hunter2")
        patch.setenv("SYSTEMROOT", "C:\\Windows")
        given = _environment(tmp_path)
    assert set(given) == {"HOME", "TMPDIR", "LC_ALL", "TZ", "SYSTEMROOT"}
    assert given["HOME"] == str((tmp_path / "out").resolve())
