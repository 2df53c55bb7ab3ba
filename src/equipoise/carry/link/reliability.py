"""Do probabilities mean what they say? A check without truth, and how weights are spread.

Rows whose partner was taken away (``orphans``) say how many links of each strength are wrong,
whatever the model believes. Held against the wrong links that the probabilities themselves add up
to, band by band, they show where a model is too sure of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from equipoise.carry.link.estimates import Estimate, bounded
from equipoise.carry.link.judged import Judged
from equipoise.carry.link.orphans import Orphans, orphans_of

EDGES: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
_STEP: Final = 2
_MOST: Final = 40


@dataclass(frozen=True)
class Bin:
    """Links whose probability lies from ``least`` to ``below``.

    ``said`` is the share of them that are right as their probabilities say, ``seen`` as orphans do;
    None where these cannot tell.
    """

    least: float
    below: float
    links: int
    said: float | None
    seen: Estimate | None


@dataclass(frozen=True)
class Bar:
    """How many pairs weigh from ``least`` to below ``least`` + 2 bits, and how many are linked."""

    least: int
    pairs: int
    linked: int


def bins_of(found: Judged) -> tuple[Bin, ...]:
    """Return how the probabilities of links hold up, band by band."""
    orphans = orphans_of(found)
    told = []
    for least, below in pairwise(EDGES):
        end = below if below < 1 else 2.0
        inside = found.linked & (found.chance >= least) & (found.chance < end)
        links = int(inside.sum())
        said = float(found.chance[inside].mean()) if links else None
        seen = _seen(orphans, links, least, end) if orphans is not None and links else None
        told.append(Bin(least, below, links, said, seen))
    return tuple(told)


def _seen(orphans: Orphans, links: int, least: float, below: float) -> Estimate:
    wrong = orphans.wrong_links(least, below)
    shares = (bounded(1 - each / links) for each in (wrong.value, wrong.high, wrong.low))
    return Estimate(*shares)


def histogram_of(found: Judged) -> tuple[Bar, ...]:
    """Return how the log-odds of pairs are spread, in bars of two bits, before rows compete."""
    low = np.floor(np.clip(found.log_odds, -_MOST, _MOST) / _STEP).astype(np.int64) * _STEP
    if not len(low):
        return ()
    return tuple(
        Bar(int(least), int((low == least).sum()), int((found.linked & (low == least)).sum()))
        for least in range(int(low.min()), int(low.max()) + 1, _STEP)
    )
