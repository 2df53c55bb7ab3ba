"""Where each dataset said that somebody was, and since when.

Where files disagree about a person's home, the newest counts. A file that repeats what it always
said is no news, however late it comes, so what was said is remembered beside the households.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.identity.register import ID, Numbers, flat

SAID: Final = pa.schema(
    [("dataset", pa.string()), ("person", pa.int64()), ("dwelling", ID), ("since", pa.int64())]
)
"""``since`` is the microsecond of the delivery in which the dataset first said so."""


def said_since(
    before: pa.Table, dataset: pa.Array, person: Numbers, dwelling: pa.Array, at: datetime
) -> pa.Table:
    """Return where each row says that its person is (``SAID``), and since when its dataset does."""
    now = pa.repeat(pa.scalar(int(at.timestamp() * 1_000_000)), len(person))
    said = pa.table([dataset, person, dwelling, now], schema=SAID)
    place = pc.index_in(_as_one(said), value_set=_as_one(before))
    since = pc.coalesce(flat(before["since"]).take(place), now)
    return said.set_column(said.column_names.index("since"), "since", since)


def _as_one(said: pa.Table) -> pa.Array:
    """Return dataset, person and dwelling as one value."""
    parts = [
        flat(said["dataset"]).cast(pa.binary()),
        pc.cast(flat(said["person"]), pa.string()).cast(pa.binary()),
        pc.fill_null(flat(said["dwelling"]).cast(pa.binary()), b""),
    ]
    return pc.binary_join_element_wise(*parts, pa.scalar(b"/", pa.binary()))


def without_repeats(said: pa.Table) -> pa.Table:
    """Return what was said, each once, in an order that tells nothing of the files."""
    _, first = np.unique(_as_one(said).dictionary_encode().indices, return_index=True)
    once = said.take(pa.array(first)).filter(pc.is_valid(said["dwelling"].take(pa.array(first))))
    return once.sort_by([("person", "ascending"), ("dwelling", "ascending")])
