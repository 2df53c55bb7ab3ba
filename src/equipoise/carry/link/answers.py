"""What people answered about pairs of rows, as a table and as places among scored pairs."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.link.judged import Judged

ANSWERS: Final = "_answers"
"""The table of answers in a linking session; no dataset's name begins so."""

SCHEMA: Final = pa.schema(
    [("left_row", pa.binary(16)), ("right_row", pa.binary(16)), ("answer", pa.string())]
)
"""Row ids of the two, and ``same``, ``different`` or ``unsure``. Row ids are random."""


def known_of(
    answers: pa.Table | None,
    found: Judged,
    left_rows: pa.ChunkedArray,
    right_rows: pa.ChunkedArray,
) -> dict[int, bool]:
    """Return, for places among scored pairs, whether a person said the two are one.

    Answers that are unsure, about rows that are not here any more or about pairs that are not
    likely enough to have been scored, say nothing.
    """
    if answers is None or not len(found.chance):
        return {}
    clear = answers.filter(pc.not_equal(answers["answer"], "unsure"))
    lefts = _places(clear["left_row"], left_rows)
    rights = _places(clear["right_row"], right_rows)
    said = pc.equal(clear["answer"], "same").to_numpy()
    here = (lefts >= 0) & (rights >= 0)
    scored = found.scored
    every = scored.left.astype(np.int64) * found.rows_right + scored.right
    order = np.argsort(every)
    wanted = lefts[here] * found.rows_right + rights[here]
    at = np.minimum(np.searchsorted(every[order], wanted), len(order) - 1)
    place = order[at]
    met = every[place] == wanted
    pairs = zip(place[met].tolist(), said[here][met].tolist(), strict=True)
    return {int(pair): bool(same) for pair, same in pairs}


def _places(wanted: pa.ChunkedArray, rows: pa.ChunkedArray) -> np.ndarray:
    """Return the place of each wanted row id among ``rows``, -1 where it is not there."""
    found = pc.index_in(wanted, value_set=rows.combine_chunks())
    return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)
