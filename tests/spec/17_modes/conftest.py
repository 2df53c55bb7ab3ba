"""What the chapter shares: the city's files, taken in once."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_modes import Files, take_files


@pytest.fixture(scope="session")
def files(city_files: Path) -> Files:
    return take_files(city_files)
