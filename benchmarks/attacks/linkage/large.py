"""Known people in files of any size: what they say of a sample of the others, without growing.

The most that known people say about one record is the likelihood ratio of its similarities to them
(Neyman and Pearson 1933): a sum over the known, made a few of them at a time. Nothing is grown from
what is found; ``ceiling`` says how much could be.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .align import Guess, Side, compare
from .case import Case
from .outcome import Outcome, found
from .schemes import Words, unpacked
from .similarity import Floats, Whole

LARGE = 5_000
"""Records above which this is all that is done with known people."""
SAMPLE = 2_000
_AT_ONCE = 500


def seeds(case: Case, shares: tuple[float, ...]) -> Iterator[Outcome]:
    """Know some of the common people for certain, and tell who a sample of the others are."""
    common = np.flatnonzero(case.truth >= 0)
    order = case.draw(3).permutation(common)
    most = max(2, round(len(common) * shares[-1]))
    targets = order[most:][-SAMPLE:]
    rows = centred_rows(case.seen, np.concatenate([targets, order[:most]]))
    mine, theirs = rows[: len(targets)], rows[len(targets) :]
    people = len(case.sides.register)
    score = np.zeros((len(targets), people), np.float32)
    half = np.zeros(people, np.float32)
    done = 0
    for part in shares:
        known = max(2, round(len(common) * part))
        added = slice(done, known)
        more = weighed(case.sides.register, mine, theirs[added], case.truth[order[added]])
        score, half, done = score + more[0], half + more[1], known
        guess = best_of(score, half, case.truth[order[:known]])
        variant = f"{part:.0%} known, at once"
        yield found("known people", variant, guess, case.truth[targets], people)


def weighed(register: Side, mine: Floats, theirs: Floats, there: Whole) -> tuple[Floats, Floats]:
    """Return what people known (``theirs``, who are ``there``) say of each of ``mine``: its score
    as each person of the register, and the half squared length that each person's is less."""
    score = np.zeros((len(mine), len(register)), np.float32)
    half = np.zeros(len(register), np.float32)
    for start in range(0, len(there), _AT_ONCE):
        at = slice(start, start + _AT_ONCE)
        expected = register.near(there[at])
        expected -= expected.mean(axis=0)
        score += (mine @ theirs[at].T) @ expected.T
        half += 0.5 * (expected**2).sum(axis=1)
    return score, half


def plaintext(case: Case, part: float) -> Iterator[Outcome]:
    """Learn the keyed map from known people and predict a sample of the others (``leaks``)."""
    common = np.flatnonzero(case.truth >= 0)
    order = case.draw(3).permutation(common)
    targets, known = order[-SAMPLE:], order[: max(2, round(len(common) * part))]
    register, there = case.sides.register, case.truth[known]
    rows = centred_rows(case.seen, np.concatenate([targets, known]))
    pieces = [there[start : start + _AT_ONCE] for start in range(0, len(there), _AT_ONCE)]
    inside = np.hstack([register.near(piece)[there] for piece in pieces]).astype(np.float64)
    learned = np.linalg.solve(inside + 0.05 * np.eye(len(known)), rows[len(targets) :])
    predicted = np.zeros((len(register), rows.shape[1]), np.float32)
    for start, piece in zip(range(0, len(there), _AT_ONCE), pieces, strict=True):
        made = learned[start : start + len(piece)].astype(np.float32)
        predicted += register.near(piece) @ made
    half = np.asarray(0.5 * (predicted**2).sum(axis=1), dtype=np.float32)
    half[there] = np.inf
    guess = compare(rows[: len(targets)], predicted, half)
    yield found("known plain text", f"{part:.0%} known", guess, case.truth[targets], len(register))


def centred_rows(words: Words, at: Whole) -> Floats:
    """Return some rows of bits less the whole file's means, of unit length."""
    parts = [unpacked(words[start : start + 4096]) for start in range(0, len(words), 4096)]
    used = sum(part.sum(axis=0, dtype=np.int64) for part in parts) / len(words)
    rows = (unpacked(words[at]) - used).astype(np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def best_of(score: Floats, half: Floats, taken: Whole) -> Guess:
    """Return each row's likeliest person, of those not ``taken``."""
    less = half.copy()
    less[taken] = np.inf
    each = score - less
    rows = np.arange(len(each))
    best = each.argmax(axis=1)
    claimed = each.argmax(axis=0)[best] == rows
    top = each[rows, best].copy()
    each[rows, best] = -np.inf
    return Guess(best, top - each.max(axis=1), claimed)
