"""What agreeing on a value weighs, by how many other people bear it.

Two people share a common surname more often than a rare one. Two strangers agree on a value as
often as its share squared, two records of one person as often as its share times the chance that
they agree at all; the value's share stands in place of the field's average.

The share is told by the rows of *other* people: a number that one person has, ten times written
down, is nobody else's. How many rows one person has on the values of a field is not known, so it is
taken to be what makes strangers agree as often as random pairs show that they do.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedField, EncodedTable
from equipoise.carry.link.competition import Pairs
from equipoise.carry.link.crowds import Crowds
from equipoise.carry.link.estimate import Model

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

RANDOM_PAIRS: Final = 1_000_000
"""Random pairs of rows, at most, by which a model knows how often strangers agree."""
_FAINTEST: Final = 1e-6
_MOST: Final = 8.0
"""Times the average rows of a person that a field's own figure may reach."""
_ERRORS: Final = 2.0
_HALVINGS: Final = 30


def exact_weights(
    model: Model, left: EncodedTable, right: EncodedTable, crowds: Crowds, pairs: Pairs
) -> dict[str, npt.NDArray[np.float32]]:
    """Return, for each distinct value of ``left``, what agreeing on exactly it weighs, in bits.

    ``right`` is ``left`` itself where a table is held against itself; ``crowds`` are the values by
    which strangers were not counted (``crowds.calm``). Where ``pairs`` are many to one, people
    stand once on the left, and a value of somebody with many records on the right is no commoner
    for that: it is as common as it is on the left, where that says less.
    """
    found = {}
    rows = left.rows + right.rows
    for name, match, chance in zip(model.fields, model.match, model.chance, strict=True):
        a, b = left.fields[name], right.fields[name]
        agree = max(float(match[-1]), _FAINTEST)
        same = agree * model.prior * rows
        # A table held against itself is counted twice, and so is each row.
        same = same + 2.0 if right is left else max(same, 2.0)
        borne = a.counts + _borne(a.exact, b)
        total = max(1, int(a.counts.sum()) + int(b.counts.sum()))
        calm = ~np.isin(a.exact, crowds.get((name, "exact"), ()))
        often = _often(chance)
        further = min(_further(a.counts), often * total)
        # Of all rows, but for those of a crowd: strangers were counted without them.
        beside = total * float(a.counts[calm].sum()) / max(1, int(a.counts.sum()))
        own = _rows_of_one(a.counts[calm], borne[calm], same, often * beside - further)
        share = (np.maximum(borne - own, 0.0) + further) / total
        if pairs == "many to one":
            share = np.minimum(share, _share_of_people(a.counts, chance))
        found[name] = np.log2(agree / share).astype(np.float32)
    return found


def _share_of_people(counts: Counts, chance: Numbers) -> Numbers:
    """Return how many other people bear each value, as a share, where each row is a person."""
    total = max(1, int(counts.sum()))
    further = min(_further(counts), _often(chance) * total)
    return np.asarray((np.maximum(counts - 1.0, 0.0) + further) / total, np.float64)


def _often(chance: Numbers) -> float:
    """Return how often strangers agree on a field, as far as random pairs can tell."""
    return float(chance[-1]) + _ERRORS * float(np.sqrt(chance[-1] / RANDOM_PAIRS))


def _rows_of_one(counts: Counts, borne: Counts, least: float, others: float) -> float:
    """Return how many rows with one value are one person's, from ``least`` on.

    As many as leave of a row's value no more than so many rows of ``others`` on average.
    ``counts`` are of one table, ``borne`` of both.
    """
    rows = max(1, int(counts.sum()))

    def told(own: float) -> float:
        return float((counts * np.maximum(borne - own, 0.0)).sum()) / rows

    low, high = least, _MOST * least
    if told(low) <= others:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if told(middle) > others else (low, middle)
    return high


def _borne(values: npt.NDArray[np.uint64], field: EncodedField) -> Counts:
    """Return how many rows of ``field`` bear each of ``values``."""
    if not len(field.exact):
        return np.zeros(len(values), np.int64)
    order = np.argsort(field.exact)
    at = np.searchsorted(field.exact, values, sorter=order)
    at = order[np.minimum(at, len(order) - 1)]
    return np.where(field.exact[at] == values, field.counts[at], 0)


def _further(counts: Counts) -> float:
    """Return how many other rows to expect of a value that no other person is seen to bear.

    As many as the file itself shows of values borne once: Good, The population frequencies of
    species and the estimation of population parameters (1953).
    """
    once, twice = float((counts == 1).sum()), float((counts == 2).sum())
    return min(1.0, (2 * twice + 1) / (once + 1))
