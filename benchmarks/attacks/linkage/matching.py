"""Attacks by similarity: graph matching, known people, pairs that differ alike, two agreements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import large
from .align import Bits, Guess, Sides, agreement, grow, nearest
from .case import Case
from .graph import align_graphs, known_people
from .outcome import Outcome, area, found
from .schemes import weights
from .similarity import Floats, Whole, neighbours, profiles

KNOWN = (0.01, 0.05, 0.10)
_PAIRS = 400


def graph(case: Case) -> Iterator[Outcome]:
    """Align the similarity graphs of both sides (see ``graph``)."""
    yield found("graph", "no seeds", case.graph, case.truth, len(case.scene.register))


def seeds(case: Case) -> Iterator[Outcome]:
    """Know 1, 5 and 10 % of the common people for certain; only the others are counted."""
    yield from large.seeds(case, KNOWN)
    if len(case.scene.encoded) > large.LARGE:
        return
    common = np.flatnonzero(case.truth >= 0)
    for part in KNOWN:
        known = case.draw(3).choice(common, max(2, round(len(common) * part)), replace=False)
        guess = known_people(case.sides, known, case.truth[known], case.rounds)
        yield found(
            "known people", f"{part:.0%} known", guess, case.truth, len(case.scene.register), known
        )


def differential(case: Case) -> Iterator[Outcome]:
    """Match the most similar pairs of both sides by how they differ, then grow from them.

    In the spirit of the differential attack of IEEE TIFS 2024 (known to us by its abstract): a pair
    shows its similarity, the bits set in each, in both and in either alone.
    """
    seen, there = (
        _pairs(case.bits[0].rows, weights(case.seen)),
        _pairs(case.bits[1].rows, np.mean([weights(each) for each in case.own], axis=0)),
    )
    guess = nearest(_standard(seen[1]), _standard(there[1]))
    rows = np.flatnonzero(guess.claimed)
    at, against = seen[0][rows].ravel(), there[0][guess.best[rows]].ravel()
    at, first = np.unique(at, return_index=True)
    best: tuple[float, Guess] | None = None
    for way in ("shape", "odds"):
        grown = grow(case.sides, (at, against[first]), way, rounds=case.rounds)
        worth = agreement(case.sides, grown)
        if best is None or worth > best[0]:
            best = worth, grown
    assert best is not None
    yield found("differential", "pairs, grown", best[1], case.truth, len(case.scene.register))


def _pairs(rows: Floats, weight: np.ndarray) -> tuple[Whole, Floats]:
    """Return the most similar pairs (the lighter first) and what each pair looks like."""
    who, near = neighbours(rows, 8)
    left = np.repeat(np.arange(len(rows)), who.shape[1])
    right, value = who.ravel(), near.ravel()
    once = left < right
    order = np.argsort(-value[once], kind="stable")[:_PAIRS]
    pair = np.stack([left[once][order], right[once][order]], axis=1)
    heavy = weight[pair[:, 0]] > weight[pair[:, 1]]
    pair[heavy] = pair[heavy][:, ::-1]
    next_near = near[pair, 1]
    looks = np.column_stack([value[once][order], weight[pair], next_near])
    return pair, looks.astype(np.float32)


def _standard(columns: Floats) -> Floats:
    return np.asarray(
        (columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), 1e-6), np.float32
    )


def joining(case: Case) -> Iterator[Outcome]:
    """Join the same people encoded under two agreements' keys: by weight, by profile, by graph."""
    turn = case.draw(5).permutation(len(case.seen))
    other = case.under(case.secret + 7)[turn]
    truth = np.argsort(turn)
    heavy = np.stack([weights(case.seen)], axis=1).astype(np.float32)
    there = np.stack([weights(other)], axis=1).astype(np.float32)
    looks = profiles(case.seen), profiles(other)
    sides = Sides(case.bits[0], Bits(other))
    spectra = (case.bits[0].rows, Bits(other).rows)
    for variant, guess in (
        ("by weight", nearest(_standard(heavy), _standard(there))),
        ("by profile", nearest(*looks)),
        ("by graph", align_graphs(sides, spectra, looks, case.rounds)),
    ):
        yield found("joining two agreements", variant, guess, truth, len(other))


def membership(case: Case) -> Iterator[Outcome]:
    """Tell who of the register is in the encoded file, by how surely somebody there matches them.

    After Shokri, Stronati, Song and Shmatikov (IEEE S&P 2017) in its aim; nothing is learned here.
    """
    inside = np.zeros(len(case.scene.register), dtype=np.bool_)
    inside[case.truth[case.truth >= 0]] = True
    if inside.all():
        return  # everybody of the register is in the file
    score = np.full(len(inside), -1e9)
    guess = case.graph
    rows = np.flatnonzero(guess.best >= 0)
    np.maximum.at(score, guess.best[rows], guess.sure[rows] + guess.claimed[rows])
    yield area("membership", "by surety of the match", score, inside)
