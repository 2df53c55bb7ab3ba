"""The engine for any number of tables at once: records gathered into entities."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedTable, stacked
from equipoise.carry.link import kernel
from equipoise.carry.link.calibrate import Rivals
from equipoise.carry.link.cluster import gather, kept_apart
from equipoise.carry.link.estimate import pattern_weights
from equipoise.carry.link.kernel import levels_in
from equipoise.carry.link.plan import radices as radices_in
from equipoise.carry.link.probabilistic import (
    Learned,
    Progress,
    classes_of,
    learn_from,
    score,
)
from equipoise.carry.link.rarity import exact_weights

Numbers = npt.NDArray[np.int64]


def cluster_encoded(
    tables: Mapping[str, EncodedTable],
    *,
    without_repeats: frozenset[str] = frozenset(),
    progress: Progress = lambda share, doing: None,
) -> dict[str, Numbers]:
    """Return, for each table, the entity number of each of its rows.

    Entities are numbered from 0 over all tables, by their first record. Raises ``DataRefused``
    (LNK101) when the tables hold different fields.
    """
    whole = stacked(list(tables.values()))
    learned = learn_from(whole, whole, pairs="many to many", within=True, progress=progress)
    progress(0.4, "comparing")
    found = score(whole, whole, learned, within=True, progress=progress)
    progress(0.9, "gathering")
    # Each row may pair with half of the others, every pair being counted once.
    others = max(1, (whole.rows - 1) // 2)
    rivals = Rivals(found.left, found.right, whole.rows, others, "many to many")
    ratios = found.log_odds - learned.model.prior_bits
    log_odds, matches = rivals.settle(ratios, learned.expected)
    likely = log_odds > 0
    entities = gather(
        whole.rows,
        found.left[likely].astype(np.int64),
        found.right[likely].astype(np.int64),
        log_odds[likely],
        _weigher(whole, learned, rivals.prior_bits(matches)),
        apart=kept_apart({name: table.rows for name, table in tables.items()}, without_repeats),
    )
    progress(1.0, "gathered")
    ends = np.cumsum([table.rows for table in tables.values()])
    return dict(zip(tables, np.split(entities, ends[:-1]), strict=True))


def _weigher(
    whole: EncodedTable, learned: Learned, prior: float
) -> Callable[[Numbers, Numbers], npt.NDArray[np.float64]]:
    """Return what gives the log-odds of any pairs of rows, proposed or not."""
    model = learned.model
    radices, weights = radices_in(whole), model.weights
    own = exact_weights(model, whole, whole, learned.crowds, learned.pairs)

    def weigh(a: Numbers, b: Numbers) -> npt.NDArray[np.float64]:
        patterns = kernel.patterns_of(whole, whole, a.astype(np.int32), b.astype(np.int32))
        levels = levels_in(patterns, radices)
        total = pattern_weights(levels, weights) + prior + classes_of(model, patterns, radices)
        for place, name in enumerate(whole.fields):
            exact = levels[:, place] == radices[place] - 1
            codes = whole.fields[name].codes[a[exact]]
            total[exact] += own[name][codes] - weights[place][-1]
        return total

    return weigh
