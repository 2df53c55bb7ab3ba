"""Dates, lists and conditions in plain English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from equipoise.agree.parts import Retention
from equipoise.agree.uses import FieldRef, read_test

OPERATORS: Final[dict[str, str]] = {
    "=": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}


def day(value: date) -> str:
    """Return ``31 January 2027``."""
    return f"{value.day} {value:%B %Y}"


def listed(items: Iterable[str], last: str = "and") -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    words = list(items)
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def spaced(name: str) -> str:
    """Return a name of the document as people would say it: ``birth_date`` as ``birth date``."""
    return name.replace("_", " ").replace("-", " ")


def count(number: int, one: str, many: str) -> str:
    """Return ``1 day`` or ``90 days``."""
    return f"{number} {one if number == 1 else many}"


def condition(text: str) -> str:
    """Return a test in words: ``homes: cost score is at least 60``."""
    test = read_test(text)
    value = test.value
    if isinstance(value, bool):
        right = "yes" if value else "no"
    elif isinstance(value, FieldRef):
        right = f"the {spaced(value.field)} in {spaced(value.dataset)}"
    else:
        right = str(value)
    left = f"{spaced(test.field)} in {spaced(test.dataset)}"
    return f"{left} {OPERATORS[test.operator]} {right}"


def term(kept: Retention) -> str:
    """Return how long something is kept."""
    if kept.until is not None:
        return f"until {day(kept.until)}"
    if kept.days is not None:
        return f"for {count(kept.days, 'day', 'days')}"
    return "only until it has been used"
