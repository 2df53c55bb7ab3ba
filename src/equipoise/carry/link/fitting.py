"""Wide tables: as many fields as one comparison can hold, and of the others what matters most.

Every combination of levels has a number of its own, so levels are what is short. A field that tells
people apart keeps all of its levels; one that tells less is compared for equality only, which takes
three; and where not even those fit, the fields that tell least are left out. With fewer than some
twenty fields nothing changes.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Final

import numpy as np

from equipoise.carry.encode.columns import EncodedField, EncodedTable, check_alike
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.link.levels import radices_of
from equipoise.carry.link.plan import LARGEST_PATTERN, MOST_FIELDS

_EQUAL_ONLY: Final[Kind] = "code"
"""A kind that has no level between all and nothing."""


def fitted(*tables: EncodedTable) -> tuple[EncodedTable, ...]:
    """Return the tables with as many fields, and levels of these, as fit one comparison.

    All tables hold the same fields, and get the same. Raises ``DataRefused`` (LNK101) where they
    do not.
    """
    for table in tables[1:]:
        check_alike(tables[0], table)
    kinds = tables[0].kinds()
    if _fits(list(kinds.values())):
        return tables
    by_telling = sorted(kinds, key=lambda name: -sum(_telling(table, name) for table in tables))
    kept = set(by_telling[:MOST_FIELDS])
    chosen = {name: kind for name, kind in kinds.items() if name in kept}
    for name in reversed(by_telling):
        if _fits(list(chosen.values())):
            break
        if name in chosen and radices_of([chosen[name]]) > radices_of([_EQUAL_ONLY]):
            chosen[name] = _EQUAL_ONLY
    return tuple(_narrowed(table, chosen) for table in tables)


def _fits(kinds: list[Kind]) -> bool:
    return len(kinds) <= MOST_FIELDS and prod(radices_of(kinds)) <= LARGEST_PATTERN


def _telling(table: EncodedTable, name: str) -> float:
    """Return how many bits two strangers' agreement on a field would carry, for all rows."""
    counts = table.fields[name].counts.astype(np.float64)
    there = counts.sum()
    return float(there * -np.log2(np.square(counts / there).sum())) if there else 0.0


def _narrowed(table: EncodedTable, kinds: dict[str, Kind]) -> EncodedTable:
    fields: dict[str, EncodedField] = {}
    for name, kind in kinds.items():
        field = table.fields[name]
        if kind != field.kind:
            none = np.zeros((len(field.exact), 0), np.uint64)
            field = replace(field, kind=kind, grams=np.zeros_like(field.grams), parts=none)
        fields[name] = field
    return EncodedTable(table.rows, fields)
