"""Makes what tests of several folders share importable: this folder is on the path with it."""

from __future__ import annotations

from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_STRICT = ("test_account.py",)
"""Laws of the rooms of which every branch is measured."""
_UNMEASURED = {
    line
    for line in (_HERE / "unmeasured.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage in browsers, whose pages come from another process, nor where a law is
    tried on hundreds of drawn cases or a long walk passes lines that others measure: it costs half
    as much time again."""
    for item in items:
        place = item.path.relative_to(_HERE)
        drawn = place.parts[0] == "generative" and place.name not in _STRICT
        if drawn or place.parts[0] == "browser" or place.as_posix() in _UNMEASURED:
            item.add_marker(pytest.mark.no_cover)
