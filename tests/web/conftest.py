"""One small site for each test. Time stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from visiting import Place, made, served


@pytest.fixture(autouse=True)
def hashed_quickly(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Hash passwords with less work, but where a test asks for all of it."""
    if "slowly" not in request.node.name:
        monkeypatch.setattr(ScryptPasswordHasher, "work_factor", 2)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A real site."""
    yield from served(made(tmp_path, practice=False))


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Place]:
    """A practice site on loopback."""
    yield from served(made(tmp_path, practice=True), invented=True)
