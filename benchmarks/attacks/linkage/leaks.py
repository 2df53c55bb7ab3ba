"""What leaks beside names: weight and length, who lives together, attributes, the keyed map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from . import large
from .align import compare, nearest
from .case import Case
from .outcome import Outcome, area, found, share
from .schemes import unpacked, weights
from .similarity import Floats, Whole, centred, neighbours

_PAIRS = 50_000
_KNOWN = 0.10


def lengths(case: Case) -> Iterator[Outcome]:
    """Guess how long a name is, or who it is, from how many bits are set.

    After the leaks that Schnell and Borgs (2016) balance away with constant weight.
    """
    table = case.scene.encoded_table()
    long = sum(
        pc.fill_null(pc.utf8_length(table[name]), 0).to_numpy() for name in ("forename", "surname")
    ).astype(np.float64)
    heavy = weights(case.seen).astype(np.float64)
    value = abs(float(np.corrcoef(heavy, long)[0, 1])) if heavy.std() and long.std() else 0.0
    error = 1.96 / np.sqrt(len(long))
    low, high = np.tanh(np.arctanh(min(value, 0.9999)) + np.array([-error, error]))
    yield Outcome(
        "weight and length", "weight with length", "correlation", value, max(0.0, float(low)),
        float(high), len(long), 0.0, 0.0,
    )  # fmt: skip
    above = long > np.median(long)
    usual = max(above.mean(), 1 - above.mean())
    told = (heavy > np.quantile(heavy, 1 - above.mean())) == above
    yield share(
        "weight and length", "long or short name", "right", int(told.sum()), len(told), 0.5, usual
    )
    own = np.mean([weights(each) for each in case.own], axis=0)
    guess = nearest(_ranked(heavy), _ranked(own))
    yield found("weight and length", "person by weight", guess, case.truth, len(own))


def _ranked(values: np.ndarray) -> Floats:
    return (np.argsort(np.argsort(values)) / len(values)).astype(np.float32)[:, None]


def households(case: Case) -> Iterator[Outcome]:
    """Tell who lives with whom from similarity alone."""
    home = case.scene.population.household[case.scene.encoded]
    together, apart = home_pairs(home, case.draw(6))
    together = together[:_PAIRS]
    if not len(together):
        return
    rows = case.bits[0].rows
    pairs = np.vstack([together, apart])
    value = np.einsum("nb,nb->n", rows[pairs[:, 0]], rows[pairs[:, 1]])
    yield area("households", "who lives together", value, np.arange(len(pairs)) < len(together))
    if len(home) > large.LARGE:
        return
    who, near = neighbours(rows, 8)
    left, right = np.repeat(np.arange(len(rows)), who.shape[1]), who.ravel()
    once = np.unique(np.sort(np.stack([left, right], axis=1), axis=1), axis=0, return_index=True)
    order = once[1][np.argsort(-near.ravel()[once[1]], kind="stable")][: len(together)]
    right_ones = int((home[left[order]] == home[right[order]]).sum())
    usual = len(together) / (len(home) * (len(home) - 1) / 2)
    yield share(
        "households", "the most similar pairs", "right", right_ones, len(order), usual, usual
    )


def home_pairs(home: Whole, draw: np.random.Generator) -> tuple[Whole, Whole]:
    """Return all pairs who live together, and pairs drawn from those who do not."""
    order = np.argsort(home, kind="stable")
    pairs = [
        np.stack([order[:-step], order[step:]], axis=1)[home[order[:-step]] == home[order[step:]]]
        for step in range(1, 12)
        if step < len(order)
    ]
    apart = draw.integers(0, len(home), (_PAIRS, 2))
    return np.vstack(pairs), apart[home[apart[:, 0]] != home[apart[:, 1]]]


def attributes(case: Case) -> Iterator[Outcome]:
    """Learn sex, generation and forename from a tenth of the people, known, and tell the others'.

    Kernel ridge regression on the bits (Saunders, Gammerman and Vovk 1998); it learns whatever a
    linear rule on bits, or on similarities to the known, can show.
    """
    table = case.scene.encoded_table()
    rows = centred(case.seen)
    known = case.draw(8).choice(len(rows), max(20, round(len(rows) * _KNOWN)), replace=False)
    rest = np.setdiff1d(np.arange(len(rows)), known)
    kernel = rows[known] @ rows[known].T
    solved = np.linalg.solve(kernel + np.eye(len(known)) * 0.5, np.eye(len(known)))
    year = pc.fill_null(pc.year(table["birth_date"]), 0).to_numpy()
    classes = {
        "sex": np.unique(pc.fill_null(table["sex"], "").to_numpy(), return_inverse=True)[1],
        "generation": np.digitize(year, [1950, 1970, 1990, 2010]),
    }
    for name, of in classes.items():
        kinds = np.arange(of.max() + 1)
        target = (of[known][:, None] == kinds[None, :]).astype(np.float64)
        prior = target.mean(axis=0)
        score = rows[rest] @ rows[known].T @ (solved @ (target - prior)) + prior
        usual = float(np.mean(of[rest] == prior.argmax()))
        right = int((score.argmax(axis=1) == of[rest]).sum())
        yield share(
            "attributes", f"{name}, 10% known", "right", right, len(rest), 1 / len(kinds), usual
        )


def plaintext(case: Case) -> Iterator[Outcome]:
    """Learn the keyed map itself from known people and predict others' bits: known plain text.

    Diffusion is linear over GF(2), but its input is not known without the key, only which digests
    two people share. So the map is learned as a linear one from shared digests to bits (ridge
    regression; the expected correlations are the kernel), each candidate's bits are predicted, and
    the encoded record is given the candidate whose prediction fits best.
    """
    if len(case.scene.encoded) > large.LARGE:
        yield from large.plaintext(case, _KNOWN)
        return
    common = np.flatnonzero(case.truth >= 0)
    known = case.draw(3).choice(common, max(2, round(len(common) * _KNOWN)), replace=False)
    there = case.truth[known]
    kernel = case.sides.register.near(there)
    inside = kernel[there].astype(np.float64)
    bits = unpacked(case.seen).astype(np.float32) * 2 - 1
    bits -= bits.mean(axis=0)
    bits /= np.maximum(np.linalg.norm(bits, axis=1, keepdims=True), 1e-9)
    learned = np.linalg.solve(inside + 0.05 * np.eye(len(known)), bits[known])
    predicted = (kernel @ learned).astype(np.float32)
    half = np.asarray(0.5 * (predicted**2).sum(axis=1), dtype=np.float32)
    # The known are spoken for: nobody else can be they.
    half[there] = np.inf
    guess = compare(bits, predicted, half)
    yield found("known plain text", "10% known", guess, case.truth, len(predicted), known)
