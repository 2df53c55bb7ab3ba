"""Finding the pairs of record-level filters that resemble each other more than chance allows.

The resemblance of two filters is their correlation over bits times the square root of the number of
bits. For two records that have nothing to do with each other it is a standard normal number,
however many bits either of them has set; so how many pairs reach a value by chance is known, and a
cutoff can be set without having seen a single true match.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Filters = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]

_TILE: Final = 2048
_CHANCE_PAIRS: Final = 2.0
"""Pairs by chance that are let through, for each row of the smaller file."""


@dataclass(frozen=True)
class Near:
    """Pairs at or above ``cutoff``, each once: rows and resemblance."""

    left: Rows
    right: Rows
    resemblance: npt.NDArray[np.float32]
    cutoff: float
    compared: int


def cutoff_for(left: int, right: int) -> float:
    """Return the resemblance that about two chance pairs a row reach."""
    wanted = _CHANCE_PAIRS * max(min(left, right), 1)
    return float(norm.isf(min(wanted / max(left * right, 1), 0.02)))


def all_pairs(
    left: Filters,
    right: Filters,
    cutoff: float,
    progress: Callable[[float, str], None] | None = None,
) -> Near:
    """Compare every pair. Rows whose bits are all equal resemble nothing."""
    kept: list[tuple[Rows, Rows, npt.NDArray[np.float32]]] = []
    for at_right in range(0, len(right), 4 * _TILE):
        columns = _scaled(right[at_right : at_right + 4 * _TILE]).T.copy()
        for at_left in range(0, len(left), _TILE):
            made = _scaled(left[at_left : at_left + _TILE]) @ columns
            i, j = np.nonzero(made >= cutoff)
            kept.append(
                ((i + at_left).astype(np.int32), (j + at_right).astype(np.int32), made[i, j])
            )
        if progress is not None:
            progress(min(1.0, (at_right + 4 * _TILE) / len(right)), "comparing filters")
    compared = len(left) * len(right)
    if not kept:
        none = np.zeros(0, np.int32)
        return Near(none, none, np.zeros(0, np.float32), cutoff, compared)
    i, j, made = (np.concatenate(part) for part in zip(*kept, strict=True))
    return Near(i, j, made, cutoff, compared)


def _scaled(filters: Filters) -> npt.NDArray[np.float32]:
    """Return rows of mean 0 whose products are resemblances."""
    bits = filters.shape[1] * 64
    loose = np.unpackbits(filters.view(np.uint8), axis=1, bitorder="little").astype(np.float32)
    share = loose.mean(axis=1, keepdims=True)
    spread = np.sqrt(share * (1 - share))
    scale = np.divide(bits**-0.25, spread, out=np.zeros_like(spread), where=spread > 0)
    scaled: npt.NDArray[np.float32] = (loose - share) * scale
    return scaled
