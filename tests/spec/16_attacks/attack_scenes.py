"""Small scenes for the tests of the attack suite."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from benchmarks.attacks.linkage.case import Case  # noqa: E402
from benchmarks.attacks.linkage.people import city, needed, stage  # noqa: E402

SIZE = 400


@cache
def case(scheme: str, overlap: float = 1.0, layout: str = "strangers", rounds: int = 12) -> Case:
    """Return one encoded scene; whoever is in it is drawn by chance and planted, not guessed."""
    people = city(2 * SIZE, 3)
    assert needed(SIZE, overlap, layout) <= len(people)
    return Case(stage(people, SIZE, overlap, layout, 3), scheme, keys=2, rounds=rounds)
