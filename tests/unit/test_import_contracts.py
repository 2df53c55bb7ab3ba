"""The rooms keep to their doors: the import contracts of ``pyproject.toml`` hold, and can break."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
RUN = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_contract_holds() -> None:
    done = lint(PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr


REACHING = {
    "carry/outputs.py": ("import equipoise.engine.duckdb", "Only the gate opens the engine"),
    "agree/words.py": ("import duckdb", "What was agreed is read without files"),
    "weigh/entry.py": ("import random", "Weighing is pure"),
    "charts/svg.py": ("import equipoise.store", "A step sees tables"),
    "gate/decide.py": ("import pathlib", "The decision rests on what it is told"),
    "web/pages/home.py": ("import equipoise.gate.decide", "The web application holds no rules"),
    "acts/site.py": ("import django.db", "Only the store speaks to Django"),
}


def test_a_room_that_reaches_past_its_door_is_seen(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    shutil.copytree(PROJECT / "src", tmp_path / "src")
    for file, (line, _) in REACHING.items():
        path = tmp_path / "src" / "equipoise" / file
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1
    broken = [one for one in done.stdout.splitlines() if " BROKEN" in one]
    for _, contract in REACHING.values():
        assert any(one.startswith(contract) for one in broken), done.stdout
