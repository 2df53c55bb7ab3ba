"""Blurring a payload field on the owner's machine, as the agreement's ``coarsen`` says.

A month is its first day, a year its first of January, an hour its full hour, a band its lower end
(``band of 5``: 20 stands for 20 to 24). Names are those of ``agree.words.COARSENINGS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import rewrite


def _floor(unit: str) -> Callable[[pa.Array], pa.Array]:
    def floor(values: pa.Array) -> pa.Array:
        return pc.floor_temporal(values, unit=unit).cast(values.type)

    return floor


def _band(width: int) -> Callable[[pa.Array], pa.Array]:
    def band(values: pa.Array) -> pa.Array:
        plain = np.asarray(values.fill_null(0))
        return pa.array(plain // width * width, values.type, mask=np.asarray(values.is_null()))

    return band


_DATE = {unit: _floor(unit) for unit in ("hour", "day", "month", "year")}
_BANDS = {"band of 5": _band(5), "band of 10": _band(10)}
BLURS: Final[dict[FieldType, dict[str, Callable[[pa.Array], pa.Array]]]] = {
    "date": {"month": _DATE["month"], "year": _DATE["year"]},
    "datetime": _DATE,
    "postcode": {
        "sector": lambda codes: rewrite(codes, ((r"..$", ""),)),
        "district": lambda codes: rewrite(codes, ((r" .*$", ""),)),
    },
    "whole number": _BANDS,
    "number": _BANDS,
}
"""Field type -> name of the coarsening -> how it is done."""


def coarsen(values: pa.Array, kind: FieldType, how: str) -> pa.Array:
    """Return ``values`` blurred. Raises ``KeyError`` for a coarsening the type does not have."""
    return BLURS[kind][how](values)
