"""Rows whose partner is taken away: whom they are then linked with is wrong for certain.

Take a link that is all but sure, and take its left row out of the table. The right row has no
partner any more; if it is linked now, it is linked with somebody else. How often that happens tells
how often a row that never had a partner is linked by mistake, with the same rivals, the same
households and the same namesakes about, and without asking the model whether it is right.

A link is wrong, too, where the row's own partner is there and was given to another: what the row's
other candidates are worth tells that. It is the model's word, and is added.

It is the target-decoy way of proteomics (Elias and Gygi, Nature Methods 4, 2007), with real rows
for decoys.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.assign import many_to_one, one_to_one
from equipoise.carry.link.estimates import Estimate, counted, foretold
from equipoise.carry.link.judged import Flags, Judged, Numbers
from equipoise.carry.link.probabilistic import Scored

_FIRM: Final = 0.9
_SHARE: Final = 0.1
"""Share of firm links that lose a partner at once: few, so that the tables stay what they are."""
_MOST: Final = 20_000
_LEAST: Final = 100
_SEED: Final = 13


@dataclass(frozen=True)
class Orphans:
    """Rows made partnerless: how many, the probabilities of the links they were then given, and how
    many rows without a partner each of them stands for.

    ``given`` are the probabilities of the links themselves, ``elsewhere`` the probability of each
    that its right row's partner is another candidate.
    """

    rows: int
    wrong: Numbers
    stands_for: float
    given: Numbers
    elsewhere: Numbers

    def wrong_links(self, least: float = 0.0, below: float = 2.0) -> Estimate:
        """Return how many links of a probability in a range are wrong, as orphans tell."""
        inside = (self.wrong >= least) & (self.wrong < below)
        alone = foretold(float(inside.sum()), self.stands_for)
        swapped = counted(self.elsewhere[(self.given >= least) & (self.given < below)])
        return alone.plus(swapped)


def orphans_of(found: Judged) -> Orphans | None:
    """Return what became of rows whose partner was taken away, a tenth of the firm links at a time.

    None where rows do not compete, or where fewer than a hundred links are firm.
    """
    firm = np.flatnonzero(found.linked & (found.chance >= _FIRM))
    if found.pairs == "many to many" or len(firm) < _LEAST:
        return None
    rng = np.random.default_rng(_SEED)
    order = rng.permutation(firm)
    size = max(1, int(len(firm) * _SHARE))
    rounds = max(1, min(int(1 / _SHARE), _MOST // size))
    wrong, rows = [], 0
    for turn in range(rounds):
        taken = order[turn * size : (turn + 1) * size]
        wrong.append(_linked_now(found, taken))
        rows += len(taken)
    alone = max(found.rows_right - float(found.chance.sum()), 0.5)
    right, linked = found.scored.right, found.linked
    elsewhere = np.bincount(right, found.chance, found.rows_right)[right] - found.chance
    return Orphans(
        rows,
        np.concatenate(wrong),
        alone / rows,
        found.chance[linked],
        np.clip(elsewhere[linked], 0.0, 1.0),
    )


def _linked_now(found: Judged, taken: npt.NDArray[np.intp]) -> Numbers:
    """Return the probabilities of the links given to rows that lost their partner."""
    scored = found.scored
    gone = np.zeros(len(scored.left), np.bool_)
    gone[taken] = True
    if found.pairs == "one to one":
        rows = np.zeros(found.rows_left, np.bool_)
        rows[scored.left[taken]] = True
        gone = rows[scored.left]
    orphan = np.zeros(found.rows_right, np.bool_)
    orphan[scored.right[taken]] = True
    rest = np.flatnonzero(~gone)
    left, right = scored.left[rest], scored.right[rest]
    rivals = replace(found.rivals, left=left, right=right)
    chance = rivals.probabilities(found.log_odds[rest])
    least = float(found.chance[found.linked].min(initial=0.5))
    linked = given_out(replace(found, scored=_of(found, rest)), found.log_odds[rest], chance, least)
    return np.asarray(chance[linked & orphan[right]])


def _of(found: Judged, at: npt.NDArray[np.intp]) -> Scored:
    scored = found.scored
    return replace(
        scored,
        left=scored.left[at],
        right=scored.right[at],
        pattern=scored.pattern[at],
        rule=scored.rule[at],
        log_odds=scored.log_odds[at],
    )


def given_out(found: Judged, log_odds: Numbers, chance: Numbers, at_least: float) -> Flags:
    """Return which pairs are links when rows are given out: those of at least ``at_least``."""
    likely = np.flatnonzero(chance >= at_least)
    kept = np.zeros(len(chance), np.bool_)
    if found.pairs == "many to many":
        kept[likely] = True
        return kept
    left, right = found.scored.left[likely], found.scored.right[likely]
    weight = log_odds[likely] - min(0.0, float(log_odds[likely].min(initial=0.0))) + 1e-9
    chosen = (
        one_to_one(left, right, weight)
        if found.pairs == "one to one"
        else many_to_one(right, weight, left)
    )
    kept[likely[chosen]] = True
    return kept
