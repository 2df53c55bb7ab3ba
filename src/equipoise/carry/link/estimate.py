"""How much each agreement and disagreement says: Fellegi and Sunter's model, without any truth.

A pair's pattern is the level of agreement of each field. For each field and level the model holds
``match``, the chance of the level when both rows are one person, and ``chance``, when they are two.
Their ratio is the level's weight; a missing value weighs nothing. ``chance`` comes from random
pairs, which are all but surely of two people. ``match`` comes from expectation and maximisation
(EM) inside blocks, each time over the fields that the block did not choose, because inside a block
those agree always and would teach nothing.

Sources: Fellegi and Sunter, A theory for record linkage (1969); Winkler, Using the EM algorithm
for weight computation (1988).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.link.kernel import levels_in

Probabilities = npt.NDArray[np.float64]
Patterns = npt.NDArray[np.int64]
Levels = npt.NDArray[np.int8]

_ROUNDS: Final = 200
_STILL: Final = 1e-7
_WEIGHT_BOUND: Final = 30.0
_TRUST: Final = 0.02
"""Share of a block's pairs by which its own chance agreement is held near that of random pairs."""
_TELLING: Final = 3
"""Free fields from which on two classes can be told apart."""
_SLACK: Final = 1.25
"""Times the matches that a block can hold which EM may find before they are taken for neighbours:
it counts a match somewhat less than surely, and a stranger somewhat more."""
_HALVINGS: Final = 40
_OF_TWO: Final[Mapping[Kind, float]] = MappingProxyType({"name": 0.25})
"""How often matches may differ in a field that tells the people of a home apart, against how often
strangers do, before they are taken for two people: half, but of whole names, of which a family
shares a part."""
_AGREE: Final = 0.05
"""Share of such matches that agree in one of these fields at least, or no person is met again."""
_NONE: Final[Mapping[str, Kind]] = MappingProxyType({})
_GUESSED: Final = 2.0
_ENOUGH: Final = 100.0
"""Matches in blocks that can tell, from which on blocks that cannot are not heard."""


@dataclass(frozen=True)
class Kin:
    """A class of pairs of their own: which share of all pairs, and their levels."""

    share: float
    levels: tuple[Probabilities, ...]


@dataclass(frozen=True)
class Model:
    """For each field, in order, the probability of each level given a match and given none.

    Arrays are indexed by level; place 0 (missing) is 0 and not part of the distribution.
    ``prior`` is the probability that a pair drawn at random is a match. ``kin`` are classes of
    pairs between a match and two strangers, ``moved`` classes of matches of which several fields
    changed together (both ``carry.link.kin``).
    """

    fields: tuple[str, ...]
    match: tuple[Probabilities, ...]
    chance: tuple[Probabilities, ...]
    prior: float
    kin: tuple[Kin, ...] = ()
    moved: tuple[Kin, ...] = ()

    @property
    def weights(self) -> list[npt.NDArray[np.float32]]:
        """Return the weight in bits of each level of each field; 0 for missing."""
        found = []
        for match, chance in zip(self.match, self.chance, strict=True):
            weight = np.zeros(len(match))
            weight[1:] = np.log2(rising(match[1:], chance[1:]))
            bounded = np.clip(weight, -_WEIGHT_BOUND, _WEIGHT_BOUND)
            found.append(bounded.astype(np.float32))
        return found

    @property
    def matches(self) -> float:
        """Return the share of all pairs that are matches of any class."""
        return self.prior + sum(each.share for each in self.moved)

    @property
    def prior_bits(self) -> float:
        """Return the log-odds in bits of a random pair's being a match."""
        return float(np.log2(self.prior / (1 - self.prior)))


@dataclass(frozen=True)
class Block:
    """What one blocking rule gave to learn from: patterns, how often, and the rule's fields.

    ``most`` is how many of its pairs can be matches, as rows pair.
    """

    patterns: Patterns
    counts: Patterns
    chosen_by: frozenset[str]
    most: float = float("inf")


def rising(match: Probabilities, chance: Probabilities) -> Probabilities:
    """Return the ratio at each level, levels pooled where a nearer one would say less.

    Agreeing more never speaks against a match: a ratio that falls is chance, or a level too rare to
    tell, and is shared with its neighbours (pool adjacent violators).
    """
    pools: list[tuple[float, float, int]] = []
    for one, other in zip(match, chance, strict=True):
        pool = (float(one), float(other), 1)
        while pools and pools[-1][0] * pool[1] >= pool[0] * pools[-1][1]:
            last = pools.pop()
            pool = (last[0] + pool[0], last[1] + pool[1], last[2] + pool[2])
        pools.append(pool)
    return np.concatenate([np.full(size, one / other) for one, other, size in pools])


def pattern_weights(levels: Levels, weights: Sequence[npt.NDArray[np.float32]]) -> Probabilities:
    """Return each pattern's summed weight in bits."""
    total = np.zeros(len(levels))
    for field, weight in enumerate(weights):
        total += weight[levels[:, field]]
    return total


def log_chance(levels: Levels, of: Sequence[Probabilities]) -> Probabilities:
    """Return the log (base 2) of each pattern's probability in a class; a missing field is 1."""
    tables = []
    for each in of:
        table = np.zeros(len(each), np.float32)
        table[1:] = np.log2(each[1:])
        tables.append(table)
    return pattern_weights(levels, tables)


def shares(
    levels: Levels, amounts: Probabilities, radices: Sequence[int], beside: Sequence[Probabilities]
) -> list[Probabilities]:
    """Return each field's distribution over its levels, weighted by ``amounts``.

    ``beside`` is added: what is believed besides, so that a level never seen is not impossible.
    """
    found = []
    for field, radix in enumerate(radices):
        seen = np.bincount(levels[:, field], weights=amounts, minlength=radix) + beside[field]
        seen[0] = 0.0
        found.append(seen / seen.sum())
    return found


def first_guess(radices: Sequence[int]) -> list[Probabilities]:
    """Return where EM starts: a match mostly agrees, and the nearer the level the likelier."""
    found = []
    for radix in radices:
        levels = np.arange(radix, dtype=np.float64)
        guess = np.where(
            levels == radix - 1, 0.8, 0.2 * levels / max(1, (radix - 1) * (radix - 2) / 2)
        )
        guess[0] = 0.0
        found.append(guess / guess.sum())
    return found


def learn_in_block(
    block: Block,
    fields: Sequence[str],
    radices: Sequence[int],
    match: Sequence[Probabilities],
    chance: Sequence[Probabilities],
    *,
    anew: bool = False,
) -> tuple[float, list[Probabilities]]:
    """Return how many matches a block holds and the levels' chances given a match.

    Only fields that the block did not choose take part; for the others the starting value is
    returned. Inside a block non-matches are not random pairs (a household shares more than a
    street), so their distribution is learned too, held near that of random pairs; with fewer than
    three fields two unknown classes cannot be told apart, and it stays that of random pairs. Where
    that finds more matches than the block's rows can make (a street or a type of car, in which
    strangers agree on much), or where what it found is not to be believed (``anew``), it is learned
    once more as what most pairs of the block look like.
    """
    free = [place for place, field in enumerate(fields) if field not in block.chosen_by]
    levels, counts = levels_in(block.patterns, radices)[:, free], block.counts.astype(np.float64)
    bases, total = [radices[place] for place in free], float(counts.sum())
    given, other = [match[place] for place in free], [chance[place] for place in free]
    anchors = [_TRUST * total * each for each in other] if len(free) >= _TELLING else None
    two = _TwoClasses(levels, counts, bases)
    share, found = two.learn(0.5, given, other, anchors)
    if anew or share * total > _SLACK * block.most:
        hardly = [np.full(base, 0.5) for base in bases]
        strangers = shares(levels, counts, bases, hardly)
        start = min(block.most / total, share) / 2
        share, found = two.learn(start, given, strangers, hardly, block.most)
    learned = list(match)
    for place, value in zip(free, found, strict=True):
        learned[place] = value
    return share * total, learned


def strange(kind: Kind, levels: Probabilities, chance: Probabilities) -> float:
    """Return how often the pairs of a class differ outright in a field, against how often strangers
    do. A whole name that a family shares half of differs like any in the lower half of its levels.
    """
    if kind == "name":
        return unlike(levels) / max(unlike(chance), 1e-9)
    return float(levels[1] / max(chance[1], 1e-9))


def unlike(levels: Probabilities) -> float:
    """Return how likely a pair is to be in the lower half of a field's levels."""
    return float(levels[1 : max(2, len(levels) // 2)].sum())


@dataclass(frozen=True)
class _TwoClasses:
    """The pairs of a block as a mixture of matches and others, by expectation and maximisation."""

    levels: Levels
    counts: Probabilities
    bases: Sequence[int]

    def learn(
        self,
        share: float,
        given: Sequence[Probabilities],
        other: Sequence[Probabilities],
        beside: Sequence[Probabilities] | None,
        most: float = float("inf"),
    ) -> tuple[float, Sequence[Probabilities]]:
        """Return the share of matches and their levels' chances, begun from what is given.

        ``beside`` holds the others' distribution where it is; without it that is not learned. No
        more than ``most`` matches are expected.
        """
        total = self.counts.sum()
        unseen = [np.ones(base) for base in self.bases]
        for _ in range(_ROUNDS):
            bits = log_chance(self.levels, given) - log_chance(self.levels, other)
            expected = self._expected(bits, share, most)
            before = share
            share = float(np.clip(expected.sum() / total, 1e-9, 1 - 1e-9))
            given = shares(self.levels, expected, self.bases, unseen)
            if beside is not None:
                other = shares(self.levels, self.counts - expected, self.bases, beside)
            if abs(share - before) < _STILL:
                break
        return share, given

    def _expected(self, bits: Probabilities, share: float, most: float) -> Probabilities:
        """Return how many pairs of each pattern are matches, fewer where they were too many."""
        prior = float(np.log2(share / (1 - share)))
        expected = self.counts * _chance_of(bits + prior)
        if expected.sum() <= most:
            return expected
        low, high = -60.0, prior
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            fits = (self.counts * _chance_of(bits + middle)).sum() <= most
            low, high = (middle, high) if fits else (low, middle)
        return self.counts * _chance_of(bits + low)


def _chance_of(bits: Probabilities) -> Probabilities:
    """Return the probability of log-odds in bits."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -500, 500))), np.float64)


def learn(
    blocks: Iterable[Block],
    fields: Sequence[str],
    radices: Sequence[int],
    chance: Sequence[Probabilities],
    personal: Mapping[str, Kind] = _NONE,
) -> tuple[Probabilities, ...]:
    """Return ``match`` for every field: the blocks' answers, each counted by its matches.

    A block that leaves fewer than three fields free cannot tell its matches from people who merely
    share what it chose; it is heard about a field only where no block that can tell has found
    enough. One that found homes is learned anew, and not heard if it finds them again: its matches
    differ in every field of ``personal``, which tell the people of a home apart. What is believed
    beforehand counts as two matches.
    """
    start = first_guess(radices)
    telling, others = ([np.zeros(radix) for radix in radices] for _ in range(2))
    for block in blocks:
        if not block.counts.sum():
            continue
        free = [place for place, field in enumerate(fields) if field not in block.chosen_by]
        own = [(place, personal[fields[place]]) for place in free if fields[place] in personal]
        found, given = learn_in_block(block, fields, radices, start, chance)
        if _are_homes(own, given, chance):
            found, given = learn_in_block(block, fields, radices, start, chance, anew=True)
            if _are_homes(own, given, chance):
                continue
        for place in free:
            (telling if len(free) >= _TELLING else others)[place] += found * given[place]
    return tuple(
        _believed(told if told.sum() >= _ENOUGH else told + rest, guess)
        for told, rest, guess in zip(telling, others, start, strict=True)
    )


def _are_homes(
    own: Sequence[tuple[int, Kind]], match: Sequence[Probabilities], chance: Sequence[Probabilities]
) -> bool:
    """Return whether what was taken for matches are the people of homes, by the fields that tell
    these apart (``own``: places and kinds): all differ often. Where none ever agrees (a serial
    number of each file, the day of an event) they are no sign of homes.
    """
    differ = [strange(kind, match[at], chance[at]) > _OF_TWO.get(kind, 0.5) for at, kind in own]
    return all(differ) and max((match[at][-1] for at, _ in own), default=0.0) > _AGREE


def _believed(amounts: Probabilities, guess: Probabilities) -> Probabilities:
    return np.asarray((amounts + _GUESSED * guess) / (amounts.sum() + _GUESSED), np.float64)
