"""The matching clause carried out on a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from equipoise.agree.uses import Matching
from equipoise.carry.uses.evaluate.cohort import Cohort
from equipoise.carry.uses.evaluate.effects import Design
from equipoise.carry.uses.evaluate.matching import (
    Rows,
    caliper_width,
    match_nearest,
    order_treated,
    weights,
)
from equipoise.carry.uses.evaluate.score import Score


def pair(cohort: Cohort, score: Score, how: Matching, alpha: float) -> Design:
    """Match the cohort as the clause says, on the logit of the score."""
    distance, treated = score.logit, cohort.treated
    matched = match_nearest(
        distance,
        treated,
        order_treated(distance, treated, how.order),
        ratio=how.ratio,
        replace=how.replace,
        within=caliper_width(distance, treated, how.caliper),
        strata=_strata(cohort.columns, how.exact, len(treated)),
    )
    return Design(matched, distance, treated, weights(matched, len(treated)), alpha)


def _strata(columns: Mapping[str, Any], exact: tuple[str, ...], size: int) -> Rows:
    """Return one number for each combination of the exact fields' values."""
    strata = np.zeros(size, dtype=np.int64)
    for path in exact:
        coded = columns[path].dictionary_encode()
        index = np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
        # Numbered anew after each field, so that many fields cannot overflow.
        strata = np.unique(strata * len(coded.dictionary) + index, return_inverse=True)[1]
    return strata
