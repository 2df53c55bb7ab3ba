"""Who must not be told of: a thing that too few people of a group have, or lack.

A share, a standardised difference and a gap of distributions each give the share back, and a share
times its people is a count. So whatever few have or lack is hidden as a whole, not in one figure.
Shares are counted twice, by heads and as a reader would (weighted share times people).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from equipoise.carry.uses.evaluate.coding import Booleans, Floats

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_CANDIDATES = 3


def share_step(people: int) -> float:
    """Return how finely a share of so many people may be shown: three counts of people at least
    stand behind each figure, and no figure is finer than 0.01."""
    return next((step for step in _STEPS if step * people >= _CANDIDATES - 1e-9), 1.0)


def hidden_columns(
    values: Floats,
    binary: Booleans,
    category: npt.NDArray[np.int64],
    treated: Booleans,
    weight: Floats,
    least: int,
) -> Booleans:
    """Return which columns (m,) show no measure, before or after matching.

    ``values`` (n, m); ``category`` (m,) numbers the covariate a column belongs to; ``weight`` (n,),
    0 for a person not matched. Hidden is a column whose thing fewer than ``least`` people of either
    group, before or after, have or lack; of a number with more than two values, one that so few
    have other than the commonest. Levels are hidden beside it until the hidden ones of a category
    are at least two, and together no small group: shares of all levels add up to one.
    """
    has, both = _things(values, binary)
    everybody = np.ones(len(treated))
    groups = [(group, w) for group in (treated, ~treated) for w in (everybody, weight)]
    counted = [_counted(has, group, w) for group, w in groups]
    had = np.vstack([rows for rows, _ in counted])
    lacked = np.vstack([whole - rows for rows, whole in counted])
    fewest = np.where(both, np.minimum(had, lacked).min(axis=0), had.min(axis=0))
    hidden = fewest < least - 1e-9
    for number in np.unique(category):
        _hide_sisters(hidden, np.flatnonzero(category == number), had, fewest, least)
    return np.asarray(hidden)


def _things(values: Floats, binary: Booleans) -> tuple[Booleans, Booleans]:
    """Return who has the thing of each column (n, m), and where to lack it tells as much (m,)."""
    has, both = values > 0, binary.copy()
    for place in np.flatnonzero(~binary):
        value, times = np.unique(values[:, place], return_counts=True)
        has[:, place] = values[:, place] != value[times.argmax()]
        both[place] = len(value) <= 2
    return has, both


def _counted(has: Booleans, group: Booleans, weight: Floats) -> tuple[Floats, int]:
    used = group & (weight > 0)
    whole = int(used.sum())
    if not whole:
        return np.zeros((2, has.shape[1])), 0
    told = np.average(has[used], axis=0, weights=weight[used]) * whole
    return np.vstack([has[used].sum(axis=0), told]), whole


def _hide_sisters(
    hidden: Booleans, levels: npt.NDArray[np.int64], had: Floats, fewest: Floats, least: int
) -> None:
    while 0 < (gone := levels[hidden[levels]]).size < levels.size:
        together = had[:, gone].sum(axis=1).min()
        if gone.size > 1 and together >= least - 1e-9:
            return
        shown = levels[~hidden[levels]]
        hidden[shown[fewest[shown].argmin()]] = True


def few_had(
    values: Floats,
    kind: Literal["binary", "count", "mean"],
    treated: Booleans,
    weight: Floats,
    least: int,
) -> bool:
    """Say whether an outcome must be withheld: whether fewer than ``least`` people of a group had
    it, or lacked it, or (a count) had fewer events together. Of a mean, they have it who differ
    from nought and from the commonest value; to lack it tells something where two values exist."""
    column = values[:, None]
    has, both = _things(column, np.array([kind != "mean"]))
    things = [has, values[:, None] != 0] if kind == "mean" else [has]
    for group in (treated, ~treated):
        for each in things:
            had, whole = _counted(each, group, weight)
            if had.min() < least - 1e-9 or (both[0] and (whole - had).min() < least - 1e-9):
                return True
        used = group & (weight > 0)
        events = min(
            float(values[used].sum()),
            float(np.average(values[used], weights=weight[used])) * int(used.sum()),
        )
        if kind == "count" and events < least - 1e-9:
            return True
    return False
