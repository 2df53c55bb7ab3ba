"""The examples that ship with the program, wherever it is installed."""

from __future__ import annotations

from pathlib import Path

from equipoise.errors import EnvironmentFailed, Problem

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "examples", _PACKAGE.parents[1] / "examples")


def example(name: str) -> Path:
    """Return the folder of one example. Raises ``EnvironmentFailed`` (ACT090)."""
    for place in _PLACES:
        if (place / name / "agreement.yaml").is_file():
            return place / name
    raise EnvironmentFailed(
        Problem("ACT090", f"the example {name} is not installed", next="install the program again")
    )
