"""The engine: two encoded tables in, links with probabilities out, no truth and no tuning.

In order: features by which rows may be blocked are measured; rules are chosen; on a sample of one
table the weights are learned and the rules chosen anew from the errors found; then every pair that
a rule proposes is scored, rows compete, weights are set right by how patterns fared, and pairs are
given out. Sampling is seeded, so the same tables give the same links.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link import kernel
from equipoise.carry.link.assign import many_to_one, one_to_one
from equipoise.carry.link.blocking import agreements, choose, features_of
from equipoise.carry.link.blocks import Rule, blocks_of
from equipoise.carry.link.calibrate import Pairs, calibrate, probabilities
from equipoise.carry.link.columns import EncodedTable, check_alike
from equipoise.carry.link.estimate import Block, Model, Probabilities, learn, pattern_weights
from equipoise.carry.link.kernel import levels_in
from equipoise.carry.link.plan import radices as radices_in

Progress = Callable[[float, str], None]

AFFORDABLE: Final = 30_000_000
"""Pairs that are compared without a second thought: tables with no more are compared in full."""
_A_ROW: Final = 30.0
"""Pairs a row may cost in larger tables, over all rules."""
_TO_LEARN: Final = 12.0
_LEARNERS: Final = 50_000
_RANDOM: Final = 2_000_000
_FEWEST_SEEN: Final = 200
_SURE: Final = 0.9
_SEED: Final = 4
_FLOOR_BITS: Final = -7.0
"""Pairs less likely than this (about 1 in 128) before they compete are not kept."""


@dataclass(frozen=True)
class Learned:
    """What was learned: the model, the rules that propose pairs, and the matches to expect."""

    model: Model
    rules: tuple[Rule, ...]
    expected: float


@dataclass(frozen=True)
class Scored:
    """The likely pairs: rows, pattern, the rule that proposed each, and log-odds in bits."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    pattern: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int16]
    log_odds: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Links:
    """Links between two encoded tables: row places, and the probability of each link."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float64]
    learned: Learned
    scored: Scored


def link_encoded(
    left: EncodedTable,
    right: EncodedTable,
    *,
    pairs: Pairs = "one to one",
    at_least: float = 0.5,
    progress: Progress = lambda share, doing: None,
) -> Links:
    """Link two encoded tables; a link has a probability of ``at_least``.

    Raises ``DataRefused`` (LNK101) when the tables hold different fields.
    """
    check_alike(left, right)
    learned = learn_from(left, right, pairs=pairs, progress=progress)
    progress(0.4, "comparing")
    scored = score(left, right, learned, progress=progress)
    progress(0.9, "giving pairs out")
    log_odds = calibrate(scored.left, scored.right, scored.pattern, scored.log_odds, pairs)
    chance = probabilities(scored.left, scored.right, log_odds, pairs)
    kept = _given_out(scored, log_odds, chance, pairs, at_least)
    progress(1.0, "linked")
    return Links(scored.left[kept], scored.right[kept], chance[kept], learned, scored)


def _given_out(
    scored: Scored, log_odds: Probabilities, chance: Probabilities, pairs: Pairs, at_least: float
) -> npt.NDArray[np.intp]:
    likely = np.flatnonzero(chance >= at_least)
    if pairs == "many to many":
        return likely
    left, right = scored.left[likely], scored.right[likely]
    weight = log_odds[likely]
    # Every likely pair is worth having; what is given out is the likeliest whole.
    weight = weight - min(0.0, float(weight.min(initial=0.0))) + 1e-9
    if pairs == "one to one":
        return likely[one_to_one(left, right, weight)]
    return likely[many_to_one(right, weight, left)]


def learn_from(
    left: EncodedTable,
    right: EncodedTable,
    *,
    pairs: Pairs = "one to one",
    within: bool = False,
    progress: Progress = lambda share, doing: None,
) -> Learned:
    """Learn weights and choose rules, without truth; ``within`` when ``right`` is ``left``."""
    rng = np.random.default_rng(_SEED)
    progress(0.05, "measuring fields")
    features = features_of(left, right, rng)
    number = _number_of_pairs(left, right, within)
    rows = max(left.rows, right.rows)
    some = left
    if left.rows > _LEARNERS and not within:
        some = left.taken(np.sort(rng.choice(left.rows, _LEARNERS, replace=False)))
    chance = _chance(some, right, rng)
    train = choose(features, number, rows, _TO_LEARN * rows, rng)
    progress(0.1, "learning")
    model = _model(some, right, train, chance, within, number * some.rows / max(1, left.rows))
    budget = max(float(AFFORDABLE), _A_ROW * rows)
    if number <= AFFORDABLE:
        return Learned(model, ((),), model.prior * number)
    first = Learned(model, train, model.prior * number)
    seen = score(some, right, first, within=within)
    sure = probabilities(seen.left, seen.right, seen.log_odds, pairs) > _SURE
    rules = train
    if sure.sum() >= _FEWEST_SEEN:
        at = rng.choice(np.flatnonzero(sure), min(5000, int(sure.sum())), replace=False)
        met = agreements(features, some, right, (seen.left[at], seen.right[at]))
        rules = choose(features, number, rows, budget, rng, met)
    return Learned(model, rules, model.prior * number)


def score(
    left: EncodedTable,
    right: EncodedTable,
    learned: Learned,
    *,
    within: bool = False,
    progress: Progress = lambda share, doing: None,
) -> Scored:
    """Return every pair that a rule proposes and that is not all but impossible."""
    model = learned.model
    blocks = blocks_of(left, None if within else right, learned.rules)
    floor = _FLOOR_BITS - model.prior_bits
    found = kernel.score_pairs(
        left,
        right,
        blocks,
        model.weights,
        exact_weights(model, left, right),
        floor,
        within=within,
    )
    log_odds = found.weight.astype(np.float64) + model.prior_bits
    return Scored(found.left, found.right, found.pattern, found.rule, log_odds)


def exact_weights(
    model: Model, left: EncodedTable, right: EncodedTable
) -> dict[str, npt.NDArray[np.float32]]:
    """Return, for each distinct value of ``left``, what agreeing on exactly that value weighs.

    Two people share a common surname more often than a rare one: the value's own frequency in both
    tables stands in place of the field's average.
    """
    found = {}
    for name, match in zip(model.fields, model.match, strict=True):
        a, b = left.fields[name], right.fields[name]
        order = np.argsort(b.exact)
        at = np.searchsorted(b.exact, a.exact, sorter=order)
        at = order[np.minimum(at, len(order) - 1)] if len(order) else at
        there = (b.exact[at] == a.exact) if len(order) else np.zeros(len(at), np.bool_)
        other = np.where(there, b.counts[at] if len(order) else 0, 0)
        held = max(1, int(a.counts.sum()) + int(b.counts.sum()))
        frequency = np.maximum(a.counts + other, 1) / held
        found[name] = np.log2(match[-1] / frequency).astype(np.float32)
    return found


def _number_of_pairs(left: EncodedTable, right: EncodedTable, within: bool) -> float:
    return left.rows * (left.rows - 1) / 2 if within else float(left.rows) * right.rows


def _chance(
    left: EncodedTable, right: EncodedTable, rng: np.random.Generator
) -> list[Probabilities]:
    """Return each field's levels among random pairs, the exact level from frequencies."""
    number = min(_RANDOM, max(1, left.rows) * max(1, right.rows))
    if not left.rows or not right.rows:
        number = 0
    a = rng.integers(0, max(1, left.rows), number).astype(np.int32)
    b = rng.integers(0, max(1, right.rows), number).astype(np.int32)
    radices = radices_in(left)
    levels = levels_in(kernel.patterns_of(left, right, a, b), radices)
    found = []
    for place, radix in enumerate(radices):
        seen = np.bincount(levels[:, place], minlength=radix).astype(np.float64)
        seen[1:] += 0.5
        seen[0] = 0.0
        found.append(seen / seen.sum())
    return found


def _model(
    left: EncodedTable,
    right: EncodedTable,
    rules: Sequence[Rule],
    chance: list[Probabilities],
    within: bool,
    number: float,
) -> Model:
    fields, radices = tuple(left.fields), radices_in(left)
    blocks = []
    for rule in rules:
        counts = kernel.count_patterns(
            left, right, blocks_of(left, None if within else right, (rule,)), within=within
        )
        blocks.append(Block(counts.pattern, counts.count, frozenset(field for field, _ in rule)))
    match = learn(blocks, fields, radices, chance)
    every = ((),) if number <= AFFORDABLE else tuple(rules)
    counts = kernel.count_patterns(
        left, right, blocks_of(left, None if within else right, every), within=within
    )
    start = Model(fields, match, tuple(chance), 1e-6)
    weights = pattern_weights(levels_in(counts.pattern, radices), start.weights)
    prior = _prior(weights, counts.count.astype(np.float64), number)
    return Model(fields, match, tuple(chance), prior)


def _prior(weights: Probabilities, counts: Probabilities, number: float) -> float:
    """Return the share of all pairs that are matches: the one that its own posterior gives back."""
    prior = 1.0 / max(2.0, np.sqrt(number))
    for _ in range(100):
        odds = prior / (1 - prior) * np.exp2(weights)
        matches = float((counts * odds / (1 + odds)).sum())
        fresh = float(np.clip(matches / max(1.0, number), 1e-15, 0.5))
        if abs(fresh - prior) < 1e-6 * prior:
            break
        prior = fresh
    return prior
