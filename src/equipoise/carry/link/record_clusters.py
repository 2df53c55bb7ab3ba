"""Filters of any number of files gathered into entities: repeats within a file as well.

All rows are held against all, and none against itself. Where a row may have any number of partners
its other pairs say nothing of what strangers look like; so each resemblance is judged by what
chance puts there, enlarged by as much as chance is exceeded where hardly anything is a match.
Groups of likely pairs are then parted as in ``cluster``; a pair that resembles too little to be
looked at speaks against its group like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.cluster import AGAINST, gather, kept_apart
from equipoise.carry.link.record_model import STEP, rising
from equipoise.carry.link.record_pairs import Near
from equipoise.carry.link.record_search import search

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]

_SEED: Final = 5
_FAINT: Final = 4
"""Steps above the cutoff at which nearly all pairs are strangers."""


def cluster_records(
    files: Mapping[str, Words],
    tokens: Mapping[str, Words] | None = None,
    *,
    without_repeats: frozenset[str] = frozenset(),
    progress: Callable[[float, str], None] = lambda share, doing: None,
) -> dict[str, Numbers]:
    """Return, for each file of filters (n x words), the entity number of each of its rows.

    Entities are numbered from 0 over all files, by their first row. ``tokens`` (n x t for each
    file) say which rows of large files to compare. ``without_repeats`` names files that hold nobody
    twice.
    """
    whole = np.vstack(list(files.values()))
    met = None if tokens is None else np.vstack([tokens[name] for name in files])
    pair = None if met is None else (met, met)
    found = search(whole, whole, pair, np.random.default_rng(_SEED), progress, within=True)
    told = []
    for part in found.parts:
        once = part.left[part.near.left] < part.right[part.near.right]
        i, j = part.left[part.near.left[once]], part.right[part.near.right[once]]
        told.append((i, j, part.near.resemblance[once].astype(float), _log_odds(part.near)[once]))
    i, j, resemblance, bits = (np.concatenate(column) for column in zip(*told, strict=True))
    likely = bits > 0
    sizes = {name: len(rows) for name, rows in files.items()}
    entities = gather(
        len(whole),
        i[likely].astype(np.int64),
        j[likely].astype(np.int64),
        # Groups that are too large are cut where they resemble least: odds cease to rise.
        resemblance[likely] - resemblance[likely].min(initial=np.inf) + STEP,
        _weigher(len(whole), i.astype(np.int64) * len(whole) + j, bits.astype(np.float64)),
        apart=kept_apart(sizes, without_repeats),
    )
    ends = np.cumsum(list(sizes.values()))
    return dict(zip(files, np.split(entities, ends[:-1]), strict=True))


def _log_odds(near: Near) -> Bits:
    """Return the log-odds (bits) of each near pair to be of one entity."""
    if not len(near.left):
        return np.zeros(0)
    # A resemblance at the very cutoff may lie a hair below it in single precision.
    steps = ((near.resemblance.astype(float) - near.cutoff) / STEP + 1e-5).astype(np.int64)
    count = np.bincount(steps).astype(np.float64)
    edges = near.cutoff + STEP * np.arange(len(count) + 1)
    chance = -np.diff(near.chance.tail(edges)) * near.compared
    further = max(1.0, count[:_FAINT].sum() / max(chance[:_FAINT].sum(), 1.0))
    others = np.minimum(chance * further, count)
    ratio = rising(count - others, others, np.ones(len(count)))
    return np.asarray(np.log2(np.maximum(ratio, 2.0**-30))[steps], np.float64)


def _weigher(rows: int, keys: Numbers, bits: Bits) -> Callable[[Numbers, Numbers], Bits]:
    """Return what gives the log-odds of any pairs of rows, looked at (``keys``) or not."""
    order = np.argsort(keys, kind="stable")
    keys, bits = keys[order], np.maximum(bits[order], -AGAINST)

    def weigh(a: Numbers, b: Numbers) -> Bits:
        wanted = np.minimum(a, b) * rows + np.maximum(a, b)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, bits[at], -AGAINST)

    return weigh
