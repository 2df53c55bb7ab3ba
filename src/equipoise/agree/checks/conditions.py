"""Tests fit what they test: the right operator, and a value that the field can have."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from equipoise.agree.checks.data import type_of
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest
from equipoise.agree.parts import FieldClause
from equipoise.agree.uses import FieldRef, Test
from equipoise.agree.words import FieldType

Misfit = tuple[str, str]
"""(reason, what to do)"""

_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_NUMBERS: Final = frozenset({"whole number", "number"})
_DATES: Final = frozenset({"date", "datetime"})
_ORDERED: Final = _NUMBERS | _DATES


def _yes_no(test: Test, field: FieldClause) -> Misfit | None:
    if isinstance(test.value, bool):
        return None
    return "it is a yes/no", "Write yes or no on the right."


def _number(test: Test, field: FieldClause) -> Misfit | None:
    if isinstance(test.value, int | float) and not isinstance(test.value, bool):
        return None
    return "it is a number", "Write a number on the right."


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _date(test: Test, field: FieldClause) -> Misfit | None:
    if isinstance(test.value, str) and _DAY.match(test.value) and _is_moment(test.value):
        return None
    return "it is a date", "Write a day on the right, as 2027-01-31."


def _moment(test: Test, field: FieldClause) -> Misfit | None:
    if isinstance(test.value, str) and _is_moment(test.value):
        return None
    return "it is a date with a time", "Write a moment on the right, as 2027-01-31T18:00."


def _category(test: Test, field: FieldClause) -> Misfit | None:
    values = field.values or ()
    if not isinstance(test.value, bool) and (not values or str(test.value) in values):
        return None
    return "that is not one of its values", suggest(str(test.value), values)


def _text(test: Test, field: FieldClause) -> Misfit | None:
    if isinstance(test.value, bool):
        return "it is a text, not a yes/no", "Write the text on the right, or make it a yes/no."
    return None


_VALUE_FITS: Final[dict[str, Callable[[Test, FieldClause], Misfit | None]]] = {
    "yes/no": _yes_no,
    "whole number": _number,
    "number": _number,
    "date": _date,
    "datetime": _moment,
    "category": _category,
}
"""Type -> whether the right-hand side fits. Every other type is text."""


def _comparable(left: FieldType, right: FieldType) -> bool:
    return left == right or any({left, right} <= group for group in (_NUMBERS, _DATES))


def misfit(agreement: Agreement, test: Test) -> Misfit | None:
    """Return why a test does not fit the field it tests, or None when it does.

    The field must exist; a field without a type fits everything, because that is told elsewhere.
    """
    field = agreement.datasets[test.dataset].fields[test.field]
    kind = type_of(test.field, field)
    if kind is None:
        return None
    if test.operator not in {"=", "!="} and kind not in _ORDERED:
        return f"a field of type {kind} has no order", "Use = or !=."
    if isinstance(test.value, FieldRef):
        other = agreement.datasets[test.value.dataset].fields[test.value.field]
        other_kind = type_of(test.value.field, other)
        if other_kind is None or _comparable(kind, other_kind):
            return None
        return f"one is {kind}, the other {other_kind}", "Compare fields of one type."
    return _VALUE_FITS.get(kind, _text)(test, field)
