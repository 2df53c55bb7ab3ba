"""Pattern mining: bits that occur together stand for frequent q-grams.

In the spirit of Christen, Ranbaduge, Vatsalan and Schnell (PAKDD 2018): sets of bits that co-occur
beyond chance are grown one bit at a time; each set's records are held to contain a q-gram of about
the same frequency in the register. Then each record is given the register's person who fits its
patterns best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .align import compare
from .case import Case
from .outcome import Outcome, found, share
from .schemes import row_tokens, unpacked

_PATTERNS = 60
_SIZE = 5
_ALMOST = 0.92

Marks = npt.NDArray[np.bool_]


def patterns(case: Case) -> Iterator[Outcome]:
    """Mine, name and use patterns."""
    bits = unpacked(case.seen).astype(np.float32)
    mined = _mined(bits)
    rows = row_tokens(case.scene.register_table())
    count = Counter(token for row in rows for token in row)
    common = [t for t, c in count.most_common() if 0.01 < c / len(rows) < 0.6]
    if not mined or not common:
        yield share("pattern mining", "q-grams of records", "right", 0, 1, 0.0, 0.0)
        return
    names = _named(mined, common, {t: count[t] / len(rows) for t in common})
    truth = [set(row) for row in row_tokens(case.scene.encoded_table())]
    claims = [(i, t) for mark, t in zip(mined, names, strict=True) for i in np.flatnonzero(mark)]
    right = sum(token in truth[i] for i, token in claims)
    usual = float(np.mean([np.mean([t in row for row in truth]) for t in names]))
    best = max(count[t] / len(rows) for t in names)
    yield share("pattern mining", "q-grams of records", "right", right, len(claims), usual, best)
    has = np.array([[t in row for t in names] for row in map(set, rows)], dtype=np.float32)
    seen = np.stack(mined, axis=1).astype(np.float32)
    level = np.clip(has.mean(axis=0), 0.01, 0.99)
    left = (seen - level) / np.sqrt(level * (1 - level))
    there = (has - level) / np.sqrt(level * (1 - level))
    half = np.asarray(0.5 * (there**2).sum(axis=1), dtype=np.float32)
    guess = compare(left.astype(np.float32), there.astype(np.float32), half)
    yield found("pattern mining", "person by patterns", guess, case.truth, len(rows))


def _mined(bits: npt.NDArray[np.float32]) -> list[Marks]:
    """Return which records bear each of the strongest sets of co-occurring bits."""
    rate = bits.mean(axis=0)
    spread = np.sqrt(np.maximum(rate * (1 - rate), 1e-9))
    together = ((bits - rate) / spread).T @ ((bits - rate) / spread) / len(bits)
    np.fill_diagonal(together, 0)
    used: set[int] = set()
    found_sets: list[Marks] = []
    for flat in np.argsort(-together, axis=None)[:20_000:2]:
        first, second = divmod(int(flat), bits.shape[1])
        if first in used or second in used:
            continue
        chosen = [first, second]
        mark = bits[:, chosen].all(axis=1)
        while len(chosen) < _SIZE and mark.sum() >= 5:
            given = bits[mark].mean(axis=0) - rate
            given[chosen] = -1
            nearest = int(given.argmax())
            if bits[mark, nearest].mean() < _ALMOST:
                break
            chosen.append(nearest)
            mark = mark & (bits[:, nearest] > 0)
        used |= set(chosen)
        found_sets.append(mark)
        if len(found_sets) == _PATTERNS:
            break
    return found_sets


def _named(mined: list[Marks], tokens: list[str], rate: dict[str, float]) -> list[str]:
    """Return for each pattern the free q-gram whose frequency is nearest to the pattern's."""
    free = list(tokens)
    names = []
    for mark in mined:
        token = min(free or tokens, key=lambda each: abs(rate[each] - mark.mean()))
        names.append(token)
        if token in free:
            free.remove(token)
    return names
