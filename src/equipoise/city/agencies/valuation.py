"""The valuation office's properties: one row per home, with what it costs to heat."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from equipoise.city.agencies.filing import Filed
from equipoise.city.agencies.record import Spoiler
from equipoise.city.build import City
from equipoise.city.homes import AGES, TYPES


def properties(city: City) -> Filed:
    """Make the file of properties, in order of property number."""
    spoiler = Spoiler(city, "properties")
    homes = city.homes
    count = len(homes)
    table = pa.table(
        {
            "uprn": spoiler.blank("uprn_missing", pa.array(homes.uprn)),
            "address": homes.address,
            "postcode": homes.postcode,
            "dwelling": pa.array(TYPES).take(pa.array(homes.type)),
            "built": pa.array([age.replace("_", " ") for age in AGES]).take(pa.array(homes.built)),
            "floor_area": pa.array(homes.floor_area),
            "cost_score": pa.array(homes.cost_score),
            "council_tax_band": pa.array(list("ABCDEFG")).take(
                pa.array(np.clip(homes.floor_area // 30 - 1, 0, 6))
            ),
        }
    )
    rows = spoiler.entered_twice(count)
    order = rows[np.argsort(homes.uprn[rows], kind="stable")]
    key = pa.array(homes.uprn).cast(pa.string())
    nobody = np.full(count, -1, dtype=np.int64)
    return Filed(table, key, nobody, np.arange(count), order, spoiler.noted)
