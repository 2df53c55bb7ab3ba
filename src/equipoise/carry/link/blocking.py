"""Which pairs are worth comparing: rules over keyed features, chosen from the data themselves.

Two large tables cannot be compared pair by pair, so only pairs that agree on a rule are: on a
surname's sound and a birth date, say. A rule costs the pairs it proposes and catches the matches
whose fields it reads are whole. Rules are chosen greedily for the matches they catch that none
before caught, for each pair they cost, over matches drawn at random: at first with errors as files
commonly have them, then (``seen``) with errors as they were found between these very tables, field
by field, so that a match need not have been found to have its like looked for.

A value that a crowd bears (a date that stands for none, a hostel's postcode) would make a feature
look worthless, and block that crowd against itself. Rows that bear it are left to other features.

Nothing here knows what a field means: a feature is known by how rarely two random rows share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedField, EncodedTable
from equipoise.carry.encode.kinds import KINDS
from equipoise.carry.link.blocks import Rule, block_keys
from equipoise.carry.link.crowds import Crowds

Flags = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]

_ONE_RULE: Final = 0.3
"""The share of the budget that one rule may take."""
_SETUP: Final = 2.0
"""What a rule costs besides its pairs (its keys are made and sorted), in pairs a row."""
_LEAST_GAIN: Final = 0.001
_AGAIN: Final = 0.1
"""What catching a match once more is worth: errors are never known so well that one net will do."""
_MORE_ERRORS: Final = 0.1
"""Chance that a field of a match dealt anew errs besides: the matches found are the easier ones."""
_MOST_RULES: Final = 16
_WIDEST: Final = 3
_DRAWN: Final = 3000
_SAMPLE: Final = 20_000
_WHOLE: Final = 0.75
_COARSE: Final = 0.95
_CROWD: Final = 0.005
"""The least share of rows that is a crowd ..."""
_OTHERS: Final = 40
"""... and how many other values a field must have: of a few values, some are always common."""


@dataclass(frozen=True)
class Feature:
    """One feature of one field. ``meet`` is the chance that two random rows share it, ``present``
    that two rows both have it, ``agrees`` the chance that a match shares it where both have it. A
    row that bears one of ``crowds`` counts as a row without the feature."""

    field: str
    part: str
    meet: float
    present: float
    agrees: float
    crowds: tuple[int, ...] = ()


def features_of(
    left: EncodedTable, right: EncodedTable, rng: np.random.Generator
) -> tuple[Feature, ...]:
    """Return the features by which rows may be blocked, field by field, the rarest first."""
    rows_left, rows_right = _some(left.rows, rng), _some(right.rows, rng)
    a, b = left.taken(rows_left), right.taken(rows_right)
    found: list[Feature] = []
    for field, column in left.fields.items():
        measured = []
        for part in KINDS[column.kind].blocking:
            keys_a, keys_b = _borne(a.fields[field], part), _borne(b.fields[field], part)
            crowds = _crowds(keys_a, keys_b)
            meet, present = _meet(_without(keys_a, crowds), _without(keys_b, crowds))
            if present > 0:
                measured.append((meet, part, present, tuple(crowds.tolist())))
        measured.sort()
        for place, (meet, part, present, these) in enumerate(measured):
            share = place / (len(measured) - 1) if len(measured) > 1 else 0.0
            agrees = _WHOLE + share * (_COARSE - _WHOLE)
            found.append(Feature(field, part, meet, present, agrees, these))
    return tuple(found)


def crowds_in(features: Sequence[Feature]) -> Crowds:
    """Return the values by which rows are not blocked."""
    return {
        (one.field, one.part): np.array(one.crowds, np.uint64) for one in features if one.crowds
    }


def choose(
    features: Sequence[Feature],
    pairs: float,
    rows: int,
    budget: float,
    rng: np.random.Generator,
    seen: Flags | None = None,
) -> tuple[Rule, ...]:
    """Return the rules to use, the best first; none where no rule is affordable.

    ``pairs`` is how many pairs there are, ``rows`` the rows of the larger table, ``budget`` how
    many pairs may be proposed. ``seen``, matches × features, says which features matches that were
    found agree on.
    """
    combos, costs = _affordable(features, pairs, budget * _ONE_RULE)
    if not combos:
        return ()
    drawn = _imagined(features, rng) if seen is None else _shuffled(features, seen, rng)
    catches = np.stack([drawn[:, combo].all(axis=1) for combo in combos]).astype(np.float32)
    chosen: list[Rule] = []
    worth = np.ones(len(drawn), np.float32)
    spent = 0.0
    while len(chosen) < _MOST_RULES:
        gains = catches @ worth / len(drawn)
        gains[(costs + spent > budget) | (gains < _LEAST_GAIN)] = 0.0
        best = int(np.argmax(gains / (costs + _SETUP * rows)))
        if gains[best] == 0.0:
            break
        chosen.append(tuple((features[f].field, features[f].part) for f in combos[best]))
        spent += costs[best]
        worth[catches[best] > 0] *= _AGAIN
    return tuple(chosen)


def agreements(
    features: Sequence[Feature],
    left: EncodedTable,
    right: EncodedTable,
    at: tuple[Rows, Rows],
) -> Flags:
    """Return, pairs × features, which features the given pairs agree on."""
    a, b = left.taken(at[0]), right.taken(at[1])
    columns = []
    for feature in features:
        rule = ((feature.field, feature.part),)
        keys = block_keys(a, rule)
        columns.append((keys != 0) & (keys == block_keys(b, rule)))
    return np.stack(columns, axis=1) if columns else np.zeros((len(at[0]), 0), np.bool_)


def _some(rows: int, rng: np.random.Generator) -> Rows:
    if rows <= _SAMPLE:
        return np.arange(rows, dtype=np.int32)
    return np.sort(rng.choice(rows, _SAMPLE, replace=False)).astype(np.int32)


def _borne(field: EncodedField, part: str) -> Hashes:
    """Return what each row bears of a feature, 0 for none."""
    borne: Hashes = np.append(field.feature(part), np.uint64(0))[field.codes]
    return borne


def _without(keys: Hashes, crowds: Hashes) -> Hashes:
    return keys[~np.isin(keys, crowds)] if len(crowds) else keys


def _crowds(a: Hashes, b: Hashes) -> Hashes:
    """Return values that by themselves make more pairs than all that are rarer: outliers among
    many values, each borne by a crowd on both sides."""
    values, counts = np.unique(a[a != 0], return_counts=True)
    others, other_counts = np.unique(b[b != 0], return_counts=True)
    both, at, other_at = np.intersect1d(values, others, assume_unique=True, return_indices=True)
    least = np.minimum(counts[at] / max(1, len(a)), other_counts[other_at] / max(1, len(b)))
    pairs = counts[at].astype(float) * other_counts[other_at]
    order = np.argsort(-pairs)
    rarer = pairs.sum() - np.cumsum(pairs[order])
    outlier = (least[order] >= _CROWD) & (pairs[order] > rarer)
    number = int(np.argmin(outlier)) if not outlier.all() else len(outlier)
    if min(len(values), len(others)) - number < _OTHERS:
        return np.zeros(0, np.uint64)
    found: Hashes = both[order[:number]]
    return found


def _meet(a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64]) -> tuple[float, float]:
    """Return the chance that a pair shares a key, and that both rows have one."""
    total = max(1, len(a)) * max(1, len(b))
    a, b = a[a != 0], b[b != 0]
    values, counts = np.unique(a, return_counts=True)
    others, other_counts = np.unique(b, return_counts=True)
    _, at, other_at = np.intersect1d(values, others, assume_unique=True, return_indices=True)
    shared = float(counts[at].astype(float) @ other_counts[other_at].astype(float))
    return (shared + 1.0) / total, len(a) * len(b) / total


def _affordable(
    features: Sequence[Feature], pairs: float, most: float
) -> tuple[list[list[int]], npt.NDArray[np.float64]]:
    """Return the combinations of features of different fields that one rule may cost, and costs."""
    by_field: dict[str, list[int]] = {}
    for number, feature in enumerate(features):
        by_field.setdefault(feature.field, []).append(number)
    combos: list[list[int]] = []
    costs: list[float] = []
    for width in range(1, _WIDEST + 1):
        for group in combinations(by_field.values(), width):
            for combo in product(*group):
                cost = pairs * float(np.prod([features[f].meet for f in combo]))
                if cost <= most:
                    combos.append(list(combo))
                    costs.append(cost)
    return combos, np.array(costs)


def _imagined(features: Sequence[Feature], rng: np.random.Generator) -> Flags:
    """Draw matches whose fields err independently; a finer feature errs whenever a coarser does."""
    luck: dict[str, npt.NDArray[np.float64]] = {}
    there: dict[str, npt.NDArray[np.float64]] = {}
    columns = []
    for feature in features:
        if feature.field not in luck:
            luck[feature.field], there[feature.field] = rng.random((2, _DRAWN))
        agrees = luck[feature.field] < feature.agrees
        columns.append(agrees & (there[feature.field] < feature.present))
    return np.stack(columns, axis=1)


def _shuffled(features: Sequence[Feature], seen: Flags, rng: np.random.Generator) -> Flags:
    """Return matches as they were found, and as many with their fields dealt out anew.

    What was found had to agree on some rule; dealing fields out anew makes up matches with two
    errors where those found have one.
    """
    at = rng.integers(0, len(seen), _DRAWN)
    whole = seen[at[: _DRAWN // 2]]
    dealt = np.empty((_DRAWN - len(whole), seen.shape[1]), np.bool_)
    order: Mapping[str, npt.NDArray[np.int64]] = {
        name: rng.integers(0, len(seen), len(dealt)) for name in {f.field for f in features}
    }
    luck = {name: rng.random(len(dealt)) > _MORE_ERRORS for name in order}
    for number, feature in enumerate(features):
        dealt[:, number] = seen[order[feature.field], number] & luck[feature.field]
    return np.concatenate([whole, dealt])
