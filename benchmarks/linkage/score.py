"""How an answer is scored: precision, recall and F1 over pairs; clusters by the pairs in them.

Truth may be many-to-many; a pair counts once. The decision is at probability 0.5 (or at the
threshold that a system without probabilities chose for itself); the best over all thresholds is
given beside it, and flatters, since it is chosen with the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of pairs decided on, and the best F1 with its threshold."""

    pairs: int
    true_pairs: int
    right: int
    best_f1: float
    best_threshold: float

    @property
    def precision(self) -> float:
        """Share of the decided pairs that are true; 1 where none was decided."""
        return self.right / self.pairs if self.pairs else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were decided."""
        return self.right / self.true_pairs if self.true_pairs else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return f1(self.right, self.pairs, self.true_pairs)


def f1(right: float, decided: float, true: float) -> float:
    """Return F1 from counts; 1 where there is nothing to find and nothing was said."""
    return 2 * right / (decided + true) if decided + true else 1.0


def score_pairs(
    found: Numbers, probability: npt.NDArray[np.float64], truth: Numbers, threshold: float = 0.5
) -> Score:
    """Score pairs, each one number (see :func:`pair_keys`), against the true ones.

    A pair given twice keeps its highest probability.
    """
    truth = np.unique(truth)
    order = np.lexsort((-probability, found))
    found, probability = found[order], probability[order]
    first = np.ones(len(found), dtype=bool)
    first[1:] = found[1:] != found[:-1]
    found, probability = found[first], probability[first]
    is_true = np.isin(found, truth)
    decided = probability >= threshold
    best, at = best_f1(probability, is_true, len(truth))
    return Score(int(decided.sum()), len(truth), int(is_true[decided].sum()), best, at)


def best_f1(
    probability: npt.NDArray[np.float64], is_true: npt.NDArray[np.bool_], true_pairs: int
) -> tuple[float, float]:
    """Return the best F1 over all thresholds and the threshold; ties in probability go together."""
    if not len(probability):
        return f1(0, 0, true_pairs), 1.0
    order = np.argsort(-probability, kind="stable")
    ranked, right = probability[order], np.cumsum(is_true[order])
    last = np.ones(len(ranked), dtype=bool)
    last[:-1] = ranked[1:] != ranked[:-1]
    at = np.flatnonzero(last)
    scores = 2 * right[at] / (at + 1 + true_pairs)
    top = int(np.argmax(scores))
    return float(scores[top]), float(ranked[at[top]])


def pair_keys(left: Numbers, right: Numbers, *, within: bool = False) -> Numbers:
    """Return one number per pair of record numbers (below 2**31); unordered within one table."""
    if within:
        left, right = np.minimum(left, right), np.maximum(left, right)
    return (left.astype(np.int64) << 32) | right.astype(np.int64)


def score_clusters(found: Numbers, truth: Numbers) -> Score:
    """Score the pairs of records that share a cluster; each array is one cluster per record.

    Pairs are counted and never made: one wrong cluster of everybody would be too many of them.
    """
    together = np.stack([found, truth], axis=1)
    decided, true, right = (
        _pairs_within(np.unique(of, axis=0, return_counts=True)[1])
        for of in (found, truth, together)
    )
    return Score(decided, true, right, f1(right, decided, true), 1.0)


def _pairs_within(sizes: Numbers) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def assign_greedily(
    left: Numbers, right: Numbers, probability: npt.NDArray[np.float64], assign: str
) -> npt.NDArray[np.bool_]:
    """Keep the likeliest pairs first: one-to-one, one left record per right one, or all.

    ``one-to-one``: no record twice; ``one-left``: each right record once; ``many``: every pair.
    """
    keep = np.ones(len(left), dtype=bool)
    if assign == "many":
        return keep
    used_left: set[int] = set()
    used_right: set[int] = set()
    order = np.lexsort((right, left, -probability))
    pairs = zip(order.tolist(), left[order].tolist(), right[order].tolist(), strict=True)
    for at, one, other in pairs:
        if other in used_right or (assign == "one-to-one" and one in used_left):
            keep[at] = False
            continue
        used_left.add(one)
        used_right.add(other)
    return keep
