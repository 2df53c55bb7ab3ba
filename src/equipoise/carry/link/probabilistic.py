"""The engine: two encoded tables in, links with probabilities out, no truth and no tuning.

In order: features by which rows may be blocked are measured; rules are chosen; on a sample of one
table the weights are learned and the rules chosen anew from the errors found; then every pair that
a rule proposes is scored, rows compete, weights are set right by how patterns fared, and pairs are
given out. Sampling is seeded, so the same tables give the same links.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedTable, check_alike
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record_plan import tells_apart
from equipoise.carry.link import kernel
from equipoise.carry.link.assign import many_to_one, one_to_one
from equipoise.carry.link.blocking import agreements, choose, crowds_in, features_of
from equipoise.carry.link.blocks import Rule, blocks_of, most_matches
from equipoise.carry.link.calibrate import Pairs, Rivals, calibrate
from equipoise.carry.link.crowds import (
    Crowds,
    calm,
    uncrowded,
)
from equipoise.carry.link.estimate import Block, Model, Probabilities, learn, pattern_weights
from equipoise.carry.link.kernel import levels_in
from equipoise.carry.link.kin import kin_bits, learn_kin, moved_bits, parted, plainly_two
from equipoise.carry.link.plan import radices as radices_in
from equipoise.carry.link.rarity import RANDOM_PAIRS, exact_weights

Progress = Callable[[float, str], None]

AFFORDABLE: Final = 30_000_000
"""Pairs that are compared without a second thought: tables with no more are compared in full."""
_A_ROW: Final = 30.0
"""Pairs a row may cost in larger tables, over all rules."""
_AT_ONCE: Final = 5_000_000
"""Pairs from which to learn in full, where there are no more."""
_TO_LEARN: Final = 12.0
_LEAST_TO_LEARN: Final = 500_000.0
_LEARNERS: Final = 50_000
_FEWEST_SEEN: Final = 200
_SURE: Final = 0.9
_PURGES: Final = 4
_SEED: Final = 4
_LEARNED, _COMPARING = 0.4, 0.5
"""How far linking is, of 1, when the model is learned, and what comparing adds to it."""
_FLOOR_BITS: Final = -7.0
"""Pairs less likely than this (about 1 in 128) before they compete are not kept."""


@dataclass(frozen=True)
class Learned:
    """What was learned: the model, the rules that propose pairs, and the matches to expect.

    ``crowds`` are values by which no pair is proposed, because too many rows bear them. ``pairs``
    is how rows pair.
    """

    model: Model
    rules: tuple[Rule, ...]
    expected: float
    crowds: Crowds = field(default_factory=dict)
    pairs: Pairs = "many to many"

    def blocked(self, table: EncodedTable) -> EncodedTable:
        """Return a table as the rules see it."""
        return uncrowded(table, self.crowds) if self.crowds else table

    def weighed(self, table: EncodedTable) -> EncodedTable:
        """Return one of two tables as its pairs are weighed."""
        return calm(table, self.crowds) if self.crowds else table


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
    """Links between two encoded tables: row places, and the probability of each link.

    ``left_out`` is how many matches are expected among the likely pairs that were not linked.
    """

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float64]
    learned: Learned
    scored: Scored
    left_out: float = 0.0


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
    progress(_LEARNED, "comparing")
    scored = score(left, right, learned, progress=progress)
    progress(_LEARNED + _COMPARING, "giving pairs out")
    rivals = Rivals(scored.left, scored.right, left.rows, right.rows, pairs)
    weights = scored.log_odds - learned.model.prior_bits
    log_odds = calibrate(rivals, scored.pattern, weights, learned.expected)
    chance = rivals.probabilities(log_odds)
    kept = _given_out(scored, log_odds, chance, pairs, at_least)
    progress(1.0, "linked")
    sure = chance[kept]
    left_out = max(0.0, float(chance.sum() - sure.sum()))
    return Links(scored.left[kept], scored.right[kept], sure, learned, scored, left_out)


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
    train = choose(features, number, rows, max(_TO_LEARN * rows, _LEAST_TO_LEARN), rng)
    progress(0.1, "learning")
    share = some.rows / max(1, left.rows)
    crowds = crowds_in(features)
    ways: Pairs = "many to many" if within else pairs
    model = _model(_gathered(some, right, train, crowds, rng, within, number * share, ways))
    whole = number <= AFFORDABLE
    first = Learned(model, ((),) if whole else train, model.matches * number, crowds, ways)
    if whole:
        return first
    seen = score(some, right, first, within=within)
    rivals = Rivals(seen.left, seen.right, some.rows, right.rows, pairs)
    sure = np.flatnonzero(rivals.probabilities(seen.log_odds) > _SURE)
    if len(sure) < _FEWEST_SEEN:
        return first
    at = rng.choice(sure, min(5000, len(sure)), replace=False)
    sides = first.blocked(some), first.blocked(right)
    met = agreements(features, *sides, (seen.left[at], seen.right[at]))
    budget = max(float(AFFORDABLE), _A_ROW * rows)
    return replace(first, rules=choose(features, number, rows, budget, rng, met))


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
    other = None if within else learned.blocked(right)
    blocks = blocks_of(learned.blocked(left), other, learned.rules)
    if not within:
        # Within a table this lost more where a crowd's value is a town than it gained.
        left, right = learned.weighed(left), learned.weighed(right)
    exact = exact_weights(model, left, right, learned.crowds, learned.pairs)
    radices, classes = radices_in(left), 1 + len(model.moved)

    def likely(number: int, own: Sequence[Probabilities], share: float) -> kernel.Scored:
        """Pairs of which one class of matches makes enough, with the weight of the first class."""
        begun, part = _LEARNED + _COMPARING * number / classes, _COMPARING / classes
        beyond = [_ratio_bits(one, match) for one, match in zip(own, model.match, strict=True)]
        found = kernel.score_pairs(
            left,
            right,
            blocks,
            [weight + more for weight, more in zip(model.weights, beyond, strict=True)],
            {n: exact[n] + more[-1] for n, more in zip(model.fields, beyond, strict=True)},
            _FLOOR_BITS - float(np.log2(share)),
            within=within,
            progress=lambda done: progress(begun + part * done, "comparing"),
        )
        more = pattern_weights(levels_in(found.pattern, radices), beyond)
        return replace(found, weight=found.weight - more.astype(np.float32))

    found = likely(0, model.match, model.prior / (1 - model.prior))
    for number, each in enumerate(model.moved, 1):
        found = _joined(found, likely(number, each.levels, each.share), right.rows)
    log_odds = found.weight.astype(np.float64) + model.prior_bits
    log_odds += classes_of(model, found.pattern, radices)
    return Scored(found.left, found.right, found.pattern, found.rule, log_odds)


def _ratio_bits(one: Probabilities, other: Probabilities) -> npt.NDArray[np.float32]:
    """Return how many times likelier each level is in one class than in another, in bits."""
    found = np.zeros(len(one), np.float32)
    found[1:] = np.log2(one[1:] / other[1:])
    return found


def _joined(one: kernel.Scored, other: kernel.Scored, rows: int) -> kernel.Scored:
    """Return the pairs of both, each once; ``rows`` are those of the right table."""
    known = one.left.astype(np.int64) * rows + one.right
    new = np.flatnonzero(~np.isin(other.left.astype(np.int64) * rows + other.right, known))
    return kernel.Scored(
        *(
            np.concatenate([getattr(one, name), getattr(other, name)[new]])
            for name in ("left", "right", "pattern", "weight", "rule")
        )
    )


def classes_of(
    model: Model, patterns: npt.NDArray[np.int64], radices: Sequence[int]
) -> Probabilities:
    """Return what kin take from each pair's weight and movers add, once for each pattern."""
    distinct, at = np.unique(patterns, return_inverse=True)
    levels = levels_in(distinct, radices)
    return (kin_bits(model, levels) + moved_bits(model, levels))[at]


def _number_of_pairs(left: EncodedTable, right: EncodedTable, within: bool) -> float:
    return left.rows * (left.rows - 1) / 2 if within else float(left.rows) * right.rows


@dataclass(frozen=True)
class _Learning:
    """What weights are learned from: random pairs, and the pairs of each rule by itself.

    ``together`` are the pairs that all rules propose, of ``number`` in all. The ``personal`` fields
    tell the people of a home apart.
    """

    fields: tuple[str, ...]
    radices: tuple[int, ...]
    random: Block
    blocks: tuple[Block, ...]
    together: Block
    number: float
    personal: Mapping[str, Kind]
    within: bool


def _gathered(
    left: EncodedTable,
    right: EncodedTable,
    rules: Sequence[Rule],
    crowds: Crowds,
    rng: np.random.Generator,
    within: bool,
    number: float,
    pairs: Pairs,
) -> _Learning:
    left, right = calm(left, crowds), calm(right, crowds)
    keyed = uncrowded(left, crowds)
    other = None if within else uncrowded(right, crowds)
    none = np.zeros(0, np.int64)

    def block(*of: Rule) -> Block:
        blocks = blocks_of(keyed, other, of)
        found = kernel.count_patterns(left, right, blocks, within=within)
        most = most_matches(blocks, pairs) if len(of) == 1 else float("inf")
        return Block(found.pattern, found.count, frozenset(name for name, _ in of[0]), most)

    every: tuple[Rule, ...] = ((),) if number <= _AT_ONCE else tuple(rules)
    return _Learning(
        tuple(left.fields),
        radices_in(left),
        _random(left, right, rng, within),
        tuple(block(rule) for rule in rules),
        block(*every) if every else Block(none, none, frozenset()),
        number,
        {name: each.kind for name, each in left.fields.items() if tells_apart(each.kind)},
        within,
    )


def _random(
    left: EncodedTable, right: EncodedTable, rng: np.random.Generator, within: bool
) -> Block:
    """Return the patterns of random pairs of rows; no row is held against itself."""
    number = min(RANDOM_PAIRS, left.rows * right.rows)
    a = rng.integers(0, max(1, left.rows), number).astype(np.int32)
    b = rng.integers(0, max(1, right.rows), number).astype(np.int32)
    apart = a != b if within else np.ones(number, np.bool_)
    patterns = kernel.patterns_of(left, right, a[apart], b[apart])
    distinct, counts = np.unique(patterns, return_counts=True)
    return Block(distinct, counts, frozenset())


def _model(learning: _Learning) -> Model:
    """Learn the model; in small tables random pairs hold matches too, which are taken out."""
    levels = levels_in(learning.random.patterns, learning.radices)
    counts = learning.random.counts.astype(np.float64)
    together = levels_in(learning.together.patterns, learning.radices)
    model = None
    for _ in range(_PURGES):
        strange = counts if model is None else counts * (1 - _posterior(model, levels))
        chance = _levels_of(levels, strange, learning.radices)
        match = learn(learning.blocks, learning.fields, learning.radices, chance, learning.personal)
        model = Model(learning.fields, match, tuple(chance), 1e-6)
        weights = pattern_weights(together, model.weights)
        prior = _prior(weights, learning.together.counts.astype(np.float64), learning.number)
        model = Model(learning.fields, match, tuple(chance), prior)
    assert model is not None
    alike = [block.chosen_by for block in learning.blocks]
    found = learn_kin(model, together, learning.together.counts, learning.number, alike)
    if learning.within:
        return replace(model, kin=plainly_two(model, found, learning.personal, learning.number))
    kin, moved = parted(model, found, learning.personal, learning.number)
    return replace(model, kin=kin, moved=moved)


def _posterior(model: Model, levels: npt.NDArray[np.int8]) -> Probabilities:
    log_odds = pattern_weights(levels, model.weights) + model.prior_bits
    return 1.0 / (1.0 + np.exp2(-np.clip(log_odds, -60, 60)))


def _levels_of(
    levels: npt.NDArray[np.int8], amounts: Probabilities, radices: Sequence[int]
) -> list[Probabilities]:
    """Return each field's distribution of levels, half a pair added to each."""
    found = []
    for place, radix in enumerate(radices):
        seen = np.bincount(levels[:, place], weights=amounts, minlength=radix) + 0.5
        seen[0] = 0.0
        found.append(seen / seen.sum())
    return found


def _prior(weights: Probabilities, counts: Probabilities, number: float) -> float:
    """Return the share of all pairs that are matches: the one that its own posterior gives back."""
    prior = 1.0 / max(2.0, float(np.sqrt(number)))
    for _ in range(100):
        odds = prior / (1 - prior) * np.exp2(weights)
        matches = float((counts * odds / (1 + odds)).sum())
        fresh = float(np.clip(matches / max(1.0, number), 1e-15, 0.5))
        if abs(fresh - prior) < 1e-6 * prior:
            break
        prior = fresh
    return prior
