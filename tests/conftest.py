"""Makes what tests of several folders share importable: this folder is on the path with it."""

from __future__ import annotations

from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_STRICT = ("test_account.py", "test_agreement_texts.py")
"""Laws of the rooms of which every branch is measured."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage in browsers, whose pages come from another process, nor where a law is
    tried on hundreds of drawn cases that walk the same lines: it costs half as much time again."""
    for item in items:
        folder = item.path.relative_to(_HERE).parts[0]
        if folder == "browser" or (folder == "generative" and item.path.name not in _STRICT):
            item.add_marker(pytest.mark.no_cover)
