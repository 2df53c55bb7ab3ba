"""How a test of an agreement, ``dataset.field operator value``, is held against a column."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.uses import Test
from equipoise.errors import DocumentRefused, Problem

Booleans = npt.NDArray[np.bool_]

_COMPARE = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


def known(column: Any) -> Booleans:
    """Return, for each row, whether ``column`` holds a value there; not-a-number is no value."""
    return np.asarray(pc.is_valid(plain(column)).to_numpy(zero_copy_only=False), dtype=bool)


def plain(column: Any) -> Any:
    """Return ``column`` as one array, categories as text and not-a-number as missing."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    return array


def holds(test: Test, column: Any, other: Any = None, *, clause: str | None = None) -> Booleans:
    """Return, for each row, whether the test holds; where a value is missing it does not.

    ``other`` is the second column, aligned with the first, when the test compares two fields.
    Raises ``DocumentRefused`` (USE014) when value and column cannot be compared.
    """
    array = plain(column)
    right = plain(other) if other is not None else _value(test, array.type, clause)
    if other is not None and not _alike(array.type, right.type):
        raise DocumentRefused(_unfit(test, clause, "the two fields are of different types"))
    if test.operator not in {"=", "!="} and not _ordered(array.type):
        raise DocumentRefused(_unfit(test, clause, "its values have no order"))
    outcome = pc.fill_null(_COMPARE[test.operator](array, right), False)
    return np.asarray(outcome.to_numpy(zero_copy_only=False), dtype=bool)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _ordered(kind: Any) -> bool:
    return _is_number(kind) or bool(pa.types.is_temporal(kind))


def _alike(one: Any, other: Any) -> bool:
    kinds = (_is_text, _is_number, pa.types.is_boolean, pa.types.is_temporal)
    return any(kind(one) and kind(other) for kind in kinds)


def _value(test: Test, kind: Any, clause: str | None) -> Any:
    """Read the test's value as the column's type does."""
    value = test.value
    if pa.types.is_boolean(kind) and isinstance(value, bool):
        return pa.scalar(value)
    if _is_number(kind) and isinstance(value, int | float) and not isinstance(value, bool):
        return pa.scalar(value)
    if _is_text(kind):
        # The bare words yes and no are read as a yes/no; in a text column they are text again.
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        return pa.scalar(text, kind)
    if pa.types.is_temporal(kind) and isinstance(value, str):
        try:
            if pa.types.is_date(kind):
                return pa.scalar(date.fromisoformat(value), kind)
            return pa.scalar(datetime.fromisoformat(value), kind)
        except ValueError:
            pass
    raise DocumentRefused(_unfit(test, clause, "the value is of another type than the field"))


def _unfit(test: Test, clause: str | None, why: str) -> Problem:
    return Problem(
        "USE014",
        f"the test on '{test.dataset}.{test.field}' cannot be carried out: {why}",
        why="a test that cannot hold would quietly answer no for everybody",
        next="write a value of the field's own type, dates as 2026-03-31",
        clause=clause,
    )
