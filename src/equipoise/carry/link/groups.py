"""Who is missed more often than others: links and missed matches by group.

Linkage errors are not spread evenly. People whose names are spelt in several ways, who move often,
or of whom less is recorded are missed more often, and a result that rests on links then speaks for
them least. A group is any label that the agreement lets be used: sex, age band, area, the origin of
a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.link.estimates import Estimate, counted, share, share_of
from equipoise.carry.link.judged import Flags, Judged
from equipoise.carry.link.recapture import unseen

LEAST_IN_GROUP: Final = 10


@dataclass(frozen=True)
class GroupQuality:
    """How one group of rows fared. Every figure is None for a group too small to be shown.

    ``linked`` is the share of its rows that were linked, ``missed`` the share of its matches that
    were not, as estimated: groups whose records differ more often are missed more often.
    """

    group: str
    rows: int | None
    linked: Estimate | None
    missed: Estimate | None


def by_group(
    found: Judged,
    labels: Sequence[str | None],
    left: EncodedTable,
    right: EncodedTable,
    *,
    side: Literal["left", "right"] = "left",
) -> tuple[GroupQuality, ...]:
    """Return how each group fared; ``labels`` has one group for each row of ``side``.

    A row without a label is in the group ``not stated``. Groups below ``LEAST_IN_GROUP`` rows are
    not shown, nor, where one alone would be hidden, the next smallest: it could be subtracted.
    """
    names = np.array(["not stated" if label is None else str(label) for label in labels])
    rows = found.scored.left if side == "left" else found.scored.right
    groups, codes = np.unique(names, return_inverse=True)
    sizes = np.bincount(codes, minlength=len(groups))
    hidden = _hidden(sizes)
    return tuple(
        GroupQuality(str(group), None, None, None)
        if hidden[number]
        else _one_group(found, str(group), int(sizes[number]), codes[rows] == number, left, right)
        for number, group in enumerate(groups)
    )


def _hidden(sizes: npt.NDArray[np.int64]) -> Flags:
    hidden = sizes < LEAST_IN_GROUP
    if hidden.sum() == 1 and len(sizes) > 1:
        rest = np.where(hidden, np.iinfo(np.int64).max, sizes)
        hidden[int(np.argmin(rest))] = True
    return hidden


def _one_group(
    found: Judged, group: str, size: int, own: Flags, left: EncodedTable, right: EncodedTable
) -> GroupQuality:
    linked = int((own & found.linked).sum())
    unsure = counted(found.chance[own & ~found.linked])
    at = np.flatnonzero(own & (found.chance >= 0.5))
    rows = (found.scored.left[at], found.scored.right[at])
    left, right = found.learned.blocked(left), found.learned.blocked(right)
    hidden = unseen(left, right, found.learned.rules, rows, found.chance[at])
    found_ones = float(found.chance[own & found.linked].sum())
    parts = [unsure, *([hidden.matches] if hidden.matches is not None else [])]
    got = share_of(Estimate(found_ones, found_ones, found_ones), parts)
    missed = Estimate(1 - got.value, 1 - got.high, 1 - got.low)
    told = found_ones + sum(part.value for part in parts) > 0
    return GroupQuality(group, size, share(linked, size), missed if told else None)
