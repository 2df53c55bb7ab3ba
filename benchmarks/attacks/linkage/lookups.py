"""Look-ups: the dictionary attack with and without the key, and the alignment of frequencies.

With the key any scheme falls (Schnell, Bachteler and Reiher 2011, section 6): the register is
encoded and looked up. Without it equal records can only be ranked by how often they occur, and laid
beside the register's ranks (after Kuzu, Kantarcioglu, Durham and Malin, PETS 2011).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .align import Guess
from .case import Case
from .outcome import Outcome, found
from .schemes import Words
from .similarity import Whole


def dictionary(case: Case) -> Iterator[Outcome]:
    """Look each record up among the register's, encoded under the owners' key and under another."""
    for variant, words in (
        ("with the key", case.under(case.secret, register=True)),
        ("without the key", case.own[0]),
    ):
        guess = _looked_up(case.seen, words)
        yield found("dictionary", variant, guess, case.truth, len(words))


def _looked_up(seen: Words, made: Words) -> Guess:
    place = {row.tobytes(): at for at, row in enumerate(made)}
    best = np.array([place.get(row.tobytes(), -2) for row in seen], dtype=np.int64)
    return Guess(best, (best >= 0).astype(np.float32), best >= 0)


def frequency(case: Case) -> Iterator[Outcome]:
    """Match records by the rank of how often their bits, or their plain values, occur."""
    table = case.scene.register_table()
    plain = np.array([repr(row) for row in table.to_pylist()])
    ours = np.array([row.tobytes() for row in case.seen])
    best = _by_rank(ours, plain)
    guess = Guess(best, np.ones(len(best), np.float32), np.ones(len(best), np.bool_))
    yield found("frequency", "equal records by rank", guess, case.truth, len(plain))


def _by_rank(left: np.ndarray, right: np.ndarray) -> Whole:
    """Return for each left value a holder of the right value of the same rank of frequency."""
    _, at, count = np.unique(left, return_inverse=True, return_counts=True)
    _, first, there = np.unique(right, return_index=True, return_counts=True)
    ranked = first[np.argsort(-there, kind="stable")]
    rank = np.empty(len(count), dtype=np.int64)
    rank[np.argsort(-count, kind="stable")] = np.arange(len(count))
    return np.where(rank[at] < len(ranked), ranked[np.minimum(rank[at], len(ranked) - 1)], -2)
