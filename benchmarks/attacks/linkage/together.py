"""Filters and the tokens that travel with them, in one pair of hands: a start, and what follows.

Filters of hardened records give an attack no start. Tokens do: whoever is alone in how he shares
them (``equality``) is named, as twins and namesakes are. From these, and from people known
beforehand, the filters of all others are read by the likelihood ratio (``large``) or by growing
(``graph.known_people``), and nobody is taken for somebody whom the tokens rule out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.carry.encode.record import STRENGTHS

from .align import Guess
from .case import Case
from .equality import colours, meeting_codes
from .graph import known_people
from .large import LARGE, SAMPLE, best_of, centred_rows, weighed
from .matching import KNOWN
from .outcome import Outcome, found
from .schemes import SeededKey
from .similarity import Whole
from .verdict import TOGETHER

_FEWEST = 2


def together(case: Case) -> Iterator[Outcome]:
    """Name people by filters and tokens at once: with the register alone, then with some known."""
    if case.scheme not in STRENGTHS:
        return
    seen = meeting_codes(case.scene.encoded_table(), SeededKey(case.secret))
    there = meeting_codes(case.scene.register_table(), SeededKey(1))
    people = len(case.scene.register)
    common = np.flatnonzero(case.truth >= 0)
    order = case.draw(3).permutation(common)
    for part in (0.0, *KNOWN):
        known = order[: max(_FEWEST, round(len(common) * part)) if part else 0]
        own, others = colours(seen, known), colours(there, case.truth[known])
        start = alone_on_both(own, others)
        attack = TOGETHER[1 if part else 0]
        who = f"{part:.0%} known" if part else "register alone"
        at, truth, guess = _at_once(case, own, others, start)
        here = np.flatnonzero(np.isin(at, known))
        yield found(attack, f"{who}, at once", guess, truth, people, here)
        if len(case.scene.encoded) <= LARGE:
            yield found(attack, f"{who}, grown", _grown(case, start), case.truth, people, known)


def alone_on_both(own: Whole, others: Whole) -> tuple[Whole, Whole]:
    """Return the rows, on either side, of colours that one row bears on each."""
    mine, at, many = np.unique(own, return_index=True, return_counts=True)
    theirs, against, more = np.unique(others, return_index=True, return_counts=True)
    _, left, right = np.intersect1d(mine[many == 1], theirs[more == 1], return_indices=True)
    return at[many == 1][left], against[more == 1][right]


def _at_once(
    case: Case, own: Whole, others: Whole, start: tuple[Whole, Whole]
) -> tuple[Whole, Whole, Guess]:
    """Return the rows looked at, who they are, and a guess by the filters among one's colour."""
    at, against = start
    rows = np.arange(len(own))
    if len(rows) > LARGE:
        rows = np.sort(case.draw(7).permutation(rows)[:SAMPLE])
    bits = centred_rows(case.seen, np.concatenate([rows, at]))
    score, half = weighed(case.sides.register, bits[: len(rows)], bits[len(rows) :], against)
    colour = own[rows]
    known_colour = np.isin(colour, others)
    for row in np.flatnonzero(known_colour):
        score[row, others != colour[row]] = -np.inf
    guess = best_of(score, half, against[:0])
    return rows, case.truth[rows], guess


def _grown(case: Case, start: tuple[Whole, Whole]) -> Guess:
    """Return what growing makes of the start; the start itself stands."""
    at, against = start
    if len(at) < _FEWEST:
        nobody = np.full(len(case.seen), -1, np.int64)
        return Guess(nobody, np.zeros(len(nobody), np.float32), np.zeros(len(nobody), np.bool_))
    guess = known_people(case.sides, at, against, case.rounds)
    guess.best[at], guess.claimed[at] = against, True
    return guess
