"""Every likely pair with its probability, links or not: what quality, review and explanation need.

``link_encoded`` returns the links it gave out. The pairs that lost, and those that were not likely
enough, tell the rest: how many matches were missed, which pairs are worth a person's look, and how
often two people who are certainly not one resemble each other like a match.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.calibrate import Pairs, Rivals, calibrate
from equipoise.carry.link.probabilistic import Learned, Links, Scored

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

HIGHEST = 60.0
"""Log-odds, in bits, beyond which nothing is any surer."""


@dataclass(frozen=True)
class Judged:
    """The scored pairs of one linkage, judged.

    ``log_odds`` are in bits before rows compete, ``chance`` is each pair's probability after;
    ``linked`` says which pairs were given out. ``rows_left`` and ``rows_right`` count the rows of
    either table, paired or not.
    """

    scored: Scored
    learned: Learned
    log_odds: Numbers
    chance: Numbers
    linked: Flags
    rows_left: int
    rows_right: int
    pairs: Pairs

    @property
    def alone(self) -> Numbers:
        """Return what each pair's probability would be if its rows had no other candidate."""
        return chance_of(self.log_odds)

    @property
    def rivals(self) -> Rivals:
        """Return the pairs as they compete."""
        return Rivals(
            self.scored.left, self.scored.right, self.rows_left, self.rows_right, self.pairs
        )


def judged(links: Links, rows_left: int, rows_right: int, pairs: Pairs = "one to one") -> Judged:
    """Judge every scored pair of ``links``, just as they were judged when links were given out."""
    scored, learned = links.scored, links.learned
    rivals = Rivals(scored.left, scored.right, rows_left, rows_right, pairs)
    weights = scored.log_odds - learned.model.prior_bits
    log_odds = calibrate(rivals, scored.pattern, weights, learned.expected)
    wide = max(1, rows_right)
    given = links.left.astype(np.int64) * wide + links.right
    linked = np.isin(scored.left.astype(np.int64) * wide + scored.right, given)
    chance = rivals.probabilities(log_odds)
    return Judged(scored, learned, log_odds, chance, linked, rows_left, rows_right, pairs)


def chance_of(log_odds: Numbers) -> Numbers:
    """Return the probabilities of log-odds in bits."""
    return 1.0 / (1.0 + np.exp2(-np.clip(log_odds, -HIGHEST, HIGHEST)))


def bits_of(chance: Numbers) -> Numbers:
    """Return the log-odds in bits of probabilities; those of 0 and 1 are bounded."""
    bounded = np.clip(chance, 2.0**-HIGHEST, 1 - 2.0**-50)
    return np.asarray(np.log2(bounded) - np.log2(1 - bounded), np.float64)
