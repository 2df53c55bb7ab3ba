"""How many matches no blocking rule proposed, told by how often rules find the same ones.

Two nets that catch independently tell how many fish there are: if the second net holds nine tenths
of what the first caught, it catches nine tenths of everything. Blocking rules are such nets where
they read different fields, as far as errors in different fields are independent. Errors that come
together (a person who moved and married) make the true number greater than is told here, so each
figure is a lower bound in spirit, and is called an estimate of *at least* so many.

Rules commonly share fields. ``unseen`` therefore asks field by field: from the matches that were
seen it learns how often each field is whole, allowing for those that could not be seen, and from
that how many a match's fields let no rule see. ``matches_in_all`` is the plain estimate of two
nets: of all matches, whether no rule proposed them or they were too unlike to be told. ``chao`` is
a lower bound that holds also when some matches are harder to catch than others.

Sources: Chapman, Some properties of the hypergeometric distribution with applications to zoological
sample censuses (1951); Chao, Estimating the population size for capture-recapture data with unequal
catchability (1987); Herzog, Scheuren and Winkler, Data Quality and Record Linkage Techniques
(2007), chapter on estimating error rates by capture and recapture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.link.blocks import Rule, block_keys
from equipoise.carry.link.estimates import ENDS, Estimate, Numbers, Z

Flags = npt.NDArray[np.bool_]

_ROUNDS: Final = 200
_STILL: Final = 1e-6
_MOST_STATES: Final = 20_000
_MOST_PAIRS: Final = 100_000
"""Matches from which it is told; of more, as many are drawn."""
_AGAIN: Final = 100
_SEED: Final = 11
_LEAST_SEEN: Final = 30.0


@dataclass(frozen=True)
class Unseen:
    """Matches that no rule proposed. ``matches`` is None where it cannot be told, and ``why``
    says why in words; ``why`` may also bound what is told."""

    matches: Estimate | None
    why: str = ""


def chapman(first: float, second: float, both: float) -> Estimate:
    """Return how many there are in all, from what two independent nets caught and both did.

    The interval is that of the logarithm of the number not caught, so it never reaches below what
    was seen.
    """
    total = (first + 1) * (second + 1) / (both + 1) - 1
    seen = first + second - both
    spread = (first + 1) * (second + 1) * (first - both) * (second - both)
    variance = spread / ((both + 1) ** 2 * (both + 2))
    return _around(total, seen, variance)


def chao(once: float, twice: float, seen: float) -> Estimate:
    """Return at least how many there are, from those caught once, those caught twice, and all."""
    extra = once * max(once - 1, 0.0) / (2 * (twice + 1))
    ratio = once / (twice + 1)
    variance = extra + ratio**3 * (once / 4 + 1) + ratio**2 * once / 2
    return _around(seen + extra, seen, variance)


def _around(total: float, seen: float, variance: float) -> Estimate:
    missed = max(total - seen, 0.0)
    if missed < 1e-9:
        return Estimate(seen, seen, seen + 3.0)  # none in a Poisson count: up to 3 (95 %)
    factor = float(np.exp(Z * np.sqrt(np.log1p(variance / missed**2))))
    return Estimate(total, seen + missed / factor, seen + missed * factor)


def met_by(
    left: EncodedTable,
    right: EncodedTable,
    rules: Sequence[Rule],
    at: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
) -> Flags:
    """Return, pairs × rules, by which rules each pair of rows is brought together."""
    a, b = left.taken(at[0]), right.taken(at[1])
    found = np.zeros((len(at[0]), len(rules)), np.bool_)
    for number, rule in enumerate(rules):
        keys = block_keys(a, rule)
        found[:, number] = (keys != 0) & (keys == block_keys(b, rule))
    return found


def unseen(
    left: EncodedTable,
    right: EncodedTable,
    rules: Sequence[Rule],
    at: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
    weight: Numbers,
) -> Unseen:
    """Return how many matches no rule proposed.

    ``at`` are pairs that rules proposed, ``weight`` each one's probability of being a match.
    """
    if () in rules:
        return Unseen(Estimate(0.0, 0.0, 0.0), "every pair was compared")
    if float(weight.sum()) < _LEAST_SEEN:
        return Unseen(None, "too few matches were found to tell how many rules missed")
    always = _never_seen_otherwise(rules)
    if always:
        return Unseen(
            None,
            f"every rule reads {' and '.join(always)}: a match in which that differs is never "
            "proposed, and nothing here tells how many there are",
        )
    some, scale = _some(weight)
    rows, weight = (at[0][some], at[1][some]), weight[some]
    parts = tuple(dict.fromkeys(part for rule in rules for part in rule))
    states = _states(parts, met_by(left, right, [(part,) for part in parts], rows), weight)
    if states is None:
        return Unseen(None, "the rules read too many fields together")
    return Unseen(_by_fields(states, parts, rules).times(scale))


def matches_in_all(
    left: EncodedTable,
    right: EncodedTable,
    rules: Sequence[Rule],
    at: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
    weight: Numbers,
) -> Estimate | None:
    """Return how many matches there are, found or not, as two rules tell that read other fields.

    Of several such pairs of rules the one that shares the most matches is taken. None where there
    is none. Arguments as those of ``unseen``.
    """
    some, scale = _some(weight)
    met = met_by(left, right, rules, (at[0][some], at[1][some]))
    told = _by_two_nets(rules, met, weight[some])
    return told and told.times(scale)


def _some(weight: Numbers) -> tuple[npt.NDArray[np.int64], float]:
    """Return places of pairs to tell from, and what these stand for."""
    if len(weight) <= _MOST_PAIRS:
        return np.arange(len(weight)), 1.0
    some = np.random.default_rng(_SEED).choice(len(weight), _MOST_PAIRS, replace=False)
    return some, float(weight.sum() / weight[some].sum())


def _never_seen_otherwise(rules: Sequence[Rule]) -> list[str]:
    """Return the fields that every rule reads: without them being alike nothing is proposed."""
    fields = [{field for field, _ in rule} for rule in rules]
    return sorted(set.intersection(*fields)) if fields else []


def _by_two_nets(rules: Sequence[Rule], met: Flags, weight: Numbers) -> Estimate | None:
    best, most = None, _LEAST_SEEN
    for one, two in combinations(range(len(rules)), 2):
        if {field for field, _ in rules[one]} & {field for field, _ in rules[two]}:
            continue
        both = float(weight[met[:, one] & met[:, two]].sum())
        if both >= most:
            first, second = (float(weight[met[:, rule]].sum()) for rule in (one, two))
            best, most = chapman(first, second, both), both
    return best


# -- field by field -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _States:
    """Which of a field's features agree is the field's state. ``of`` gives for each field the
    states that occur (states × the field's features), ``cells`` the seen matches in each
    combination of states."""

    fields: tuple[str, ...]
    of: tuple[Flags, ...]
    cells: Numbers


def _states(parts: Sequence[tuple[str, str]], flags: Flags, weight: Numbers) -> _States | None:
    fields = tuple(dict.fromkeys(field for field, _ in parts))
    kinds, codes = [], []
    for field in fields:
        own = flags[:, [n for n, part in enumerate(parts) if part[0] == field]]
        bits = np.int64(1) << np.arange(own.shape[1], dtype=np.int64)
        # That nothing agrees is always a state, first in order, seen or not.
        kind, code = np.unique(np.append(0, own @ bits), return_inverse=True)
        kinds.append((kind[:, None] & bits) > 0)
        codes.append(code[1:])
    shape = tuple(len(kind) for kind in kinds)
    if np.prod([float(size) for size in shape]) > _MOST_STATES:
        return None
    cells = np.zeros(shape)
    np.add.at(cells, tuple(codes), weight)
    return _States(fields, tuple(kinds), cells)


def _by_fields(
    states: _States, parts: Sequence[tuple[str, str]], rules: Sequence[Rule]
) -> Estimate:
    """Return the missed matches when fields err independently, with a bootstrapped interval."""
    caught = _caught(states, parts, rules)
    value = _missed(states.cells, caught)
    rng = np.random.default_rng(_SEED)
    total = states.cells.sum()
    drawn = [
        _missed(
            rng.multinomial(round(total), states.cells.ravel() / total)
            .reshape(states.cells.shape)
            .astype(np.float64),
            caught,
        )
        for _ in range(_AGAIN)
    ]
    # That none was missed among so many is no proof: what is missed is itself a Poisson count.
    low, high = np.quantile(drawn, ENDS)
    return Estimate(
        value, max(0.0, float(low) - Z * float(np.sqrt(low))), float(high + Z * np.sqrt(high))
    )


def _caught(states: _States, parts: Sequence[tuple[str, str]], rules: Sequence[Rule]) -> Flags:
    """Return for each combination of states whether some rule brings such a match together."""
    found: Flags = np.zeros(states.cells.shape, np.bool_)
    own = {f: [part for part in parts if part[0] == f] for f in states.fields}
    for place in product(*(range(len(kind)) for kind in states.of)):
        agree = {
            part
            for field, kind, state in zip(states.fields, states.of, place, strict=True)
            for part, same in zip(own[field], kind[state], strict=True)
            if same
        }
        found[place] = any(set(rule) <= agree for rule in rules)
    return found


def _missed(cells: Numbers, caught: Flags) -> float:
    """Return how many matches fell where nothing is caught, fields independent (EM)."""
    seen = np.where(caught, cells, 0.0)
    total, missed = seen.sum(), 0.0
    if not total:
        return 0.0
    whole = seen
    for _ in range(_ROUNDS):
        chance = np.ones(())
        for axis in range(cells.ndim):
            rest = tuple(other for other in range(cells.ndim) if other != axis)
            margin = whole.sum(axis=rest) / whole.sum()
            chance = np.multiply.outer(chance, margin)
        hidden = float(chance[~caught].sum())
        before, missed = missed, float(total * hidden / max(1 - hidden, 1e-9))
        whole = seen + np.where(caught, 0.0, chance * total / max(1 - hidden, 1e-9))
        if abs(missed - before) <= _STILL * total:
            break
    return missed
