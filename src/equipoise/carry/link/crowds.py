"""Values that a crowd bears: a date that stands for none, a hostel's postcode.

By such a value no pair is proposed; what others weigh is learned without it, and pairs of two
tables are weighed as if it were missing. Which values these are, ``blocking`` finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.encode.kinds import KINDS

Hashes = npt.NDArray[np.uint64]

Crowds = Mapping[tuple[str, str], Hashes]
"""Field and feature -> values that too many rows bear to be blocked on."""


def uncrowded(table: EncodedTable, crowds: Crowds) -> EncodedTable:
    """Return the table as it is blocked: a feature that a crowd bears is missing there."""
    fields = dict(table.fields)
    for (name, part), values in crowds.items():
        field = fields[name]
        exact, parts = field.exact.copy(), field.parts.copy()
        held = exact if part == "exact" else parts[:, KINDS[field.kind].parts.index(part)]
        held[np.isin(held, values)] = 0
        fields[name] = replace(field, exact=exact, parts=parts)
    return EncodedTable(table.rows, fields)


def calm(table: EncodedTable, crowds: Crowds) -> EncodedTable:
    """Return the table to learn from and to weigh by: where a whole value is a crowd's, the field
    is missing."""
    fields = dict(table.fields)
    for (name, part), values in crowds.items():
        if part == "exact":
            field = fields[name]
            common = np.isin(field.exact, values)
            codes = np.where(np.append(common, True)[field.codes], np.int32(-1), field.codes)
            counts = np.where(common, 0, field.counts)
            fields[name] = replace(field, codes=codes.astype(np.int32), counts=counts)
    return EncodedTable(table.rows, fields)
