"""Pairs for a person to look at: chosen to teach most, shown without a score, and learned from.

A person's hour is the dearest thing in a linkage. Pairs of one pattern of agreement rise and fall
together, so an answer on one speaks for all of its pattern: a pattern is worth asking about when
its pairs are many and unsure, and each further answer on it is worth less. Within a pattern pairs
are drawn at random, so that answers can be counted up to the whole; the order is random and no
score is shown, so that nobody is led by what the machine believes.

Answers enter the model as known: EM runs on with their outcome fixed, and other pairs of the same
pattern lean on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.calibrate import calibrate
from equipoise.carry.link.estimate import Levels, Model, pattern_weights, shares
from equipoise.carry.link.estimates import Estimate, share
from equipoise.carry.link.judged import HIGHEST, Judged, Numbers, chance_of
from equipoise.carry.link.kernel import levels_in
from equipoise.carry.link.kin import moved_bits
from equipoise.carry.link.orphans import given_out

Answer = Literal["same", "different", "unsure"]
Places = npt.NDArray[np.int64]

_PRIOR_ANSWERS: Final = 4.0
"""How many answers the model's own belief about a pattern counts for."""
_ROUNDS: Final = 50
_STILL: Final = 1e-6
_LEAST_UNSURE: Final = 0.02


@dataclass(frozen=True)
class ToReview:
    """Pairs to look at, in the order in which to show them: row places and nothing else.

    ``pair`` is each pair's place among the scored pairs; ``stands_for`` how many pairs it speaks
    for. Neither is shown to a reviewer.
    """

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    pair: Places
    stands_for: Numbers


@dataclass(frozen=True)
class Agreement:
    """How a reviewer and the model agree over ``answered`` pairs; unsure answers are counted apart.

    ``agree`` is the share of answers that say what the model would have decided; ``expected`` the
    share that its probabilities lead to expect. ``kappa`` is Cohen's, None where one of the two
    gave one answer only. ``precision`` is that of all pairs the model calls the same among those in
    question, each answer counted for the pairs it stands for; None where none were called so.
    """

    answered: int
    unsure: int
    agree: Estimate
    expected: float
    kappa: float | None
    precision: Estimate | None


def to_review(found: Judged, number: int, *, seed: int) -> ToReview:
    """Return at most ``number`` pairs that teach most, spread over patterns, in random order.

    Raises nothing: where no pair is in question, none is returned.
    """
    rng = np.random.default_rng(seed)
    unsure = found.chance * (1 - found.chance)
    at = np.flatnonzero(unsure >= _LEAST_UNSURE * (1 - _LEAST_UNSURE))
    distinct, code = np.unique(found.scored.pattern[at], return_inverse=True)
    sizes = np.bincount(code, minlength=len(distinct))
    doubt = np.bincount(code, weights=_entropy(found.chance[at]), minlength=len(distinct))
    asked = _shared_out(sizes, doubt.astype(np.float64), number)
    chosen, stands = [], []
    for pattern in np.flatnonzero(asked):
        own = at[code == pattern]
        chosen.append(rng.choice(own, asked[pattern], replace=False))
        stands.append(np.full(asked[pattern], sizes[pattern] / asked[pattern]))
    pair = np.concatenate(chosen) if chosen else np.zeros(0, np.int64)
    weight = np.concatenate(stands) if stands else np.zeros(0)
    order = rng.permutation(len(pair))
    pair, weight = pair[order], weight[order]
    return ToReview(found.scored.left[pair], found.scored.right[pair], pair, weight)


def _entropy(chance: Numbers) -> Numbers:
    p = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.asarray(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


def _shared_out(sizes: npt.NDArray[np.int64], doubt: Numbers, number: int) -> npt.NDArray[np.int64]:
    """Return how many pairs of each pattern to ask about: the next goes where it teaches most.

    The k-th answer on a pattern leaves about 1 / (k + 1) of its doubt, so it takes away
    doubt / (k (k + 1)).
    """
    asked = np.zeros(len(sizes), np.int64)
    for _ in range(min(number, int(sizes.sum()))):
        gain = np.where(asked < sizes, doubt / ((asked + 1) * (asked + 2)), -1.0)
        asked[int(np.argmax(gain))] += 1
    return asked


# -- learning from answers ------------------------------------------------------------------------


def relearn(
    model: Model,
    patterns: npt.NDArray[np.int64],
    chance: Numbers,
    known: dict[int, bool],
) -> Model:
    """Return the model with answers entered as known.

    ``patterns`` and ``chance`` are of the scored pairs; ``known`` gives for a pair's place whether
    a person said it is one. Only what a match looks like is learned anew: what two people look like
    is known from random pairs, far better than from answers.
    """
    if not known:
        return model
    radices = [len(match) for match in model.match]
    distinct, code = np.unique(patterns, return_inverse=True)
    levels = levels_in(distinct, radices)
    held = with_answers(chance, code, known)
    expected = np.bincount(code, weights=held, minlength=len(distinct)).astype(np.float64)
    beside = [np.where(np.arange(radix) > 0, 1.0, 0.0) for radix in radices]
    # Movers have a class of their own, and do not teach how often one field errs.
    match = tuple(shares(levels, expected * np.exp2(-moved_bits(model, levels)), radices, beside))
    grown = float(expected.sum()) / max(float(chance.sum()), 1e-9)
    return replace(
        model,
        match=match,
        prior=float(np.clip(model.prior * grown, 1e-15, 0.5)),
        moved=tuple(replace(each, share=each.share * grown) for each in model.moved),
    )


def _class_weights(model: Model, levels: Levels) -> Numbers:
    """Return what each pattern weighs as a match of any class, in bits."""
    return pattern_weights(levels, model.weights) + moved_bits(model, levels)


def with_answers(chance: Numbers, code: npt.NDArray[np.intp], known: dict[int, bool]) -> Numbers:
    """Return probabilities in which answered pairs are known and others of their pattern lean on
    the answers; ``code`` numbers each pair's pattern."""
    places = np.fromiter(known, np.int64, len(known))
    said = np.fromiter(known.values(), np.float64, len(known))
    size = int(code.max()) + 1 if len(code) else 0
    answers = np.bincount(code[places], minlength=size)
    same = np.bincount(code[places], weights=said, minlength=size)
    asked_of = np.bincount(code[places], weights=chance[places], minlength=size)
    # What the answers say of the pattern, beside what the model said of the very same pairs.
    odds = (same + 0.5 + _PRIOR_ANSWERS * 0.5) / (answers - same + 0.5 + _PRIOR_ANSWERS * 0.5)
    believed = (asked_of + 0.5 + _PRIOR_ANSWERS * 0.5) / (
        answers - asked_of + 0.5 + _PRIOR_ANSWERS * 0.5
    )
    bounded = np.clip(chance, 1e-12, 1 - 1e-12)
    shifted = np.log2(bounded / (1 - bounded)) + np.log2(odds / believed)[code]
    fresh = np.where(answers[code] > 0, chance_of(shifted), chance)
    fresh[places] = said
    return np.asarray(fresh)


def judged_anew(found: Judged, known: dict[int, bool], *, at_least: float = 0.5) -> Judged:
    """Return the pairs judged again after a review, and given out anew.

    A pair that a person called one is linked, one called two is not, whatever the model says.
    """
    learned = found.learned
    model, chance = learned.model, found.chance
    radices = [len(match) for match in model.match]
    distinct, code = np.unique(found.scored.pattern, return_inverse=True)
    levels = levels_in(distinct, radices)
    places = np.fromiter(known, np.int64, len(known))
    truth = np.fromiter(known.values(), np.bool_, len(known))
    log_odds = found.log_odds
    for _ in range(_ROUNDS if known else 0):
        fresh = relearn(model, found.scored.pattern, chance, known)
        change = _class_weights(fresh, levels) - _class_weights(learned.model, levels)
        weights = found.scored.log_odds - learned.model.prior_bits + change[code]
        log_odds = calibrate(found.rivals, found.scored.pattern, weights, float(chance.sum()))
        log_odds = log_odds + _lean(code, chance_of(log_odds), known)
        log_odds[places] = np.where(truth, HIGHEST, -HIGHEST)
        before, chance = chance, found.rivals.probabilities(log_odds)
        # Two who were both said to be one with a third do not make one another doubtful.
        chance[places] = truth
        model = fresh
        if float(np.abs(chance - before).sum()) <= _STILL * max(1.0, float(chance.sum())):
            break
    linked = given_out(found, log_odds, chance, at_least)
    learned = replace(learned, model=model, expected=float(chance.sum()))
    return replace(found, learned=learned, log_odds=log_odds, chance=chance, linked=linked)


def _lean(code: npt.NDArray[np.intp], chance: Numbers, known: dict[int, bool]) -> Numbers:
    """Return by how many bits each pair's pattern moves for the answers on it."""
    fresh = with_answers(chance, code, dict(known))
    bounded = [np.clip(each, 1e-12, 1 - 1e-12) for each in (fresh, chance)]
    bits = [np.log2(each / (1 - each)) for each in bounded]
    return np.asarray(bits[0] - bits[1])


# -- agreement ------------------------------------------------------------------------------------


def agreement_of(found: Judged, asked: ToReview, answers: Sequence[Answer]) -> Agreement:
    """Return how a reviewer and the model agree; ``answers`` are to the first pairs of ``asked``,
    which may be more than were answered."""
    place = asked.pair[: len(answers)]
    stands = asked.stands_for[: len(answers)]
    return agreement_between(answers, found.linked[place], found.chance[place], stands)


def agreement_between(
    answers: Sequence[str],
    linked: npt.NDArray[np.bool_],
    chance: Numbers,
    stands_for: Numbers,
) -> Agreement:
    """Return how answers agree with what the model decided on the same pairs, in their order."""
    clear = np.array([answer != "unsure" for answer in answers], np.bool_)
    person = np.array([answer == "same" for answer in answers], np.bool_)[clear]
    model, chance, stands = linked[clear], chance[clear], stands_for[clear]
    count = len(person)
    called = float(stands[model].sum())
    precision = None
    if called:
        right = float(stands[model & person].sum())
        # As many answers as would tell as much had each stood for one pair (Kish).
        worth = called**2 / float((stands[model] ** 2).sum())
        precision = share(right / called * worth, worth)
    return Agreement(
        count,
        len(answers) - count,
        share(float((person == model).sum()), count),
        float(np.where(model, chance, 1 - chance).mean()) if count else 0.0,
        _kappa(person, model),
        precision,
    )


def _kappa(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float | None:
    if not len(one) or one.all() or other.all() or not one.any() or not other.any():
        return None
    seen = float((one == other).mean())
    p, q = float(one.mean()), float(other.mean())
    chance = p * q + (1 - p) * (1 - q)
    return (seen - chance) / (1 - chance)
