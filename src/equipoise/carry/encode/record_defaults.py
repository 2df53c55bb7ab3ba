"""Values that so many rows of a file bear that they hide nobody: filters are made without them.

A name is hidden among the records that have another salt. A default, a constant, one of a handful
of values hides nothing: people of one forename would resemble each other as they do in plain
filters, by the names it salts and by its own grams, which names salt. So a value that carries less
than a third of the bits its kind stands for - a name that one row in five or eight bears, a number
that one in a hundred does - is taken for a missing one by its owner. That holds for what salts in
twos as well: the one town of a council's file, joined with an initial, is no more than an initial.
Real names and dates of birth are far from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record_parts import WHOLE, Column, Words
from equipoise.carry.encode.record_plan import USES
from equipoise.errors import Problem

Defaults = Mapping[tuple[str, str], Words]
"""(Field, part) -> the digests of that part's values that are too common."""

_CARRIED: Final = 1 / 3
"""Share of the bits of its kind that a value must carry at least."""
_ROWS: Final = 64
"""Rows that bear a value, up to which it may be chance or one family's."""


def defaults_of(
    columns: Mapping[str, Column],
    fields: Mapping[str, Kind],
    parts: Mapping[tuple[str, str], Words],
) -> Defaults:
    """Return of ``parts`` (digests of each column's distinct values) those too many rows bear.

    A part that salts nothing, as ``WHOLE``, stands for the field's own grams.
    """
    found = {}
    for (name, part), made in parts.items():
        salts = USES[fields[name]].salts
        bits = salts.get(part) or max(salts.values(), default=0.0)
        if not bits:
            continue
        borne = np.bincount(columns[name].codes, minlength=len(made))
        values, at = np.unique(made, return_inverse=True)
        rows = np.bincount(at, weights=borne)
        often = (values != 0) & (rows > _ROWS) & (rows > rows.sum() * 2 ** (-bits * _CARRIED))
        if often.any():
            found[name, part] = values[often]
    return found


def without(
    parts: Mapping[tuple[str, str], Words], defaults: Defaults
) -> dict[tuple[str, str], Words]:
    """Return the ``parts`` with 0, as for a missing value, where a part or its value is too common.

    They hold (field, ``WHOLE``) for each field of which whole values are among the defaults.
    """
    found = {}
    for (name, part), made in parts.items():
        gone = np.isin(made, defaults.get((name, part), ()))
        if (name, WHOLE) in defaults:
            gone |= np.isin(parts[name, WHOLE], defaults[name, WHOLE])
        found[name, part] = np.where(gone, np.uint64(0), made)
    return found


def warnings_of(dataset: str, defaults: Defaults) -> list[Problem]:
    """Return a warning (ENC205) for each field of which values are too common; never a value."""
    return [
        Problem(
            "ENC205",
            f"many rows of {dataset} have one and the same value of {name}",
            why="what so many rows share hides nobody, so filters were made without it",
            next="leave the field out of what is compared, or declare it as a category; if it is a "
            "default for what is not known, leave those values empty",
            clause=f"datasets.{dataset}.fields.{name}",
        )
        for name in dict.fromkeys(name for name, _ in defaults)
    ]
