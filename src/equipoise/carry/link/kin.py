"""Two people who share more than chance: a household, a family, two of one name; and movers.

The model of two classes, one person or two strangers, takes a housemate for a very strange
stranger and so for a likely match. Here further classes are learned beside them, from the very
pairs that the blocking rules propose: pairs of two people who have something in common. Each class
starts from one rule, as strangers who agree on what the rule reads, and becomes what it finds:
people of one surname and address, people of one name, people who use one number. What a class
explains no longer speaks for a match. Nothing here knows what a household is.

Not every class is of two people. Who moves house changes postcode, address and telephone at once,
which the model, for which fields err each by itself, takes for all but impossible; a class then
forms of people who agree on their names and birth date and on nothing else. Such a class is told
from namesakes by what it agrees on: all that tells apart the people of a home, and so much in all
that strangers would hardly agree so. It counts as matches. Where one person has many records,
classes form of his errors too; there only those count that are plainly of two people.

This is a latent class model with the match class held; see Winkler, Improved decision rules in the
Fellegi-Sunter model of record linkage (1993), for classes beyond two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.link.estimate import (
    Kin,
    Levels,
    Model,
    Probabilities,
    log_chance,
    pattern_weights,
    strange,
    unlike,
)

_ROUNDS: Final = 150
_STILL: Final = 1e-5
_UNSEEN: Final = 0.5
_AT_FIRST: Final = 0.2
"""Share of the proposed pairs that all classes of kin begin with."""
_MOSTLY: Final = 0.5
_BY_CHANCE: Final = 0.1
_UNLIKE: Final = 0.8
"""Share of the pairs of a class of two people that are in the lower half of a field's levels."""
_STRANGE: Final = 0.9
_ALL_STRANGE: Final = 0.97
"""How often such pairs differ outright, in some field and in all, against how often strangers
do."""
_FEW: Final = 5.0
"""Pairs of a class below which nothing is made of it."""
_BOUND: Final = 60.0
_HELD: Final = 8_000_000
"""Numbers in the table of indicators, beyond which unlikely patterns are sampled: 32 MB."""
_SEED: Final = 7


def learn_kin(
    model: Model,
    levels: Levels,
    counts: npt.NDArray[np.int64],
    number: float,
    alike: Sequence[frozenset[str]],
) -> tuple[Kin, ...]:
    """Return one class of kin for each set of fields in ``alike``, as EM finds them.

    ``levels`` (patterns × fields) and ``counts`` are the pairs proposed, of ``number`` in all.
    """
    if not alike:
        return ()
    levels, amounts = _some(model, levels, counts.astype(np.float32))
    fixed = np.exp2(log_chance(levels, model.match)) * model.prior * number
    fixed += np.exp2(log_chance(levels, model.chance)) * number
    radices = [len(match) for match in model.match]
    marks = indicators(levels, radices)
    kinds = np.column_stack([_at_first(model, fields) for fields in alike])
    sizes = np.full(len(alike), _AT_FIRST * amounts.sum() / max(1, len(alike)))
    for _ in range(_ROUNDS):
        each = np.exp2(marks @ _logs(kinds)) * sizes.astype(np.float32)
        taken = each * (amounts / (fixed.astype(np.float32) + each.sum(axis=1)))[:, None]
        before, sizes = sizes, taken.sum(axis=0, dtype=np.float64)
        kinds = _shares(marks.T @ taken, radices)
        if np.abs(sizes - before).sum() <= _STILL * amounts.sum():
            break
    ends = np.cumsum(radices)[:-1]
    return tuple(
        Kin(size / number, tuple(np.split(kind, ends)))
        for size, kind in zip(sizes, kinds.T, strict=True)
    )


def parted(
    model: Model, classes: Sequence[Kin], personal: Mapping[str, Kind], number: float
) -> tuple[tuple[Kin, ...], tuple[Kin, ...]]:
    """Return which classes are of two people, and which of one who changed in several fields.

    ``personal`` are the fields that tell the people of a home apart, ``number`` is of all pairs.
    A class is of one person when its pairs mostly agree on each of these, and when strangers who
    agree by chance on all that it mostly agrees on would be no more than a tenth as many.
    """
    one_person = [_is_one_person(model, each, personal, number) for each in classes]
    return (
        tuple(each for each, one in zip(classes, one_person, strict=True) if not one),
        tuple(each for each, one in zip(classes, one_person, strict=True) if one),
    )


def plainly_two(
    model: Model, classes: Sequence[Kin], personal: Mapping[str, Kind], number: float
) -> tuple[Kin, ...]:
    """Return the classes that are of two people whatever errors one person's records share.

    Where a person stands many times, records of his err together (a wrong name and a wrong date
    copied on), and a class forms of these as well. A class is of two people when its pairs agree on
    none of the ``personal`` fields and are in one of them as unlike as strangers are, and when they
    agree on so much else that hardly any strangers would: a home, and all that goes with it. When
    they are as unlike as strangers in all of these, nothing else is asked: a street.
    """
    return tuple(each for each in classes if _is_two_people(model, each, personal, number))


def _is_two_people(model: Model, kin: Kin, personal: Mapping[str, Kind], number: float) -> bool:
    named = zip(model.fields, kin.levels, model.chance, strict=True)
    own = [(personal[name], levels, chance) for name, levels, chance in named if name in personal]
    if not own or kin.share * number < _FEW:
        return False
    differ = [strange(*each) for each in own]
    if min(differ) > _ALL_STRANGE:
        return True
    is_unlike = min(unlike(levels) for _, levels, _ in own) > _UNLIKE
    return is_unlike and max(differ) > _STRANGE and _beyond_chance(model, kin)


def _beyond_chance(model: Model, kin: Kin) -> bool:
    """Return whether strangers who agree on all that a class mostly does are a tenth of it."""
    named = zip(kin.levels, model.chance, strict=True)
    by_chance = [chance[-1] for levels, chance in named if levels[-1] > _MOSTLY]
    return float(np.prod(by_chance)) < _BY_CHANCE * kin.share


def _is_one_person(model: Model, kin: Kin, personal: Mapping[str, Kind], number: float) -> bool:
    agrees = [levels[-1] > _MOSTLY for levels in kin.levels]
    alike = {name for name, same in zip(model.fields, agrees, strict=True) if same}
    if not personal or not personal.keys() <= alike or kin.share * number < _FEW:
        return False
    return _beyond_chance(model, kin)


def indicators(levels: Levels, radices: Sequence[int]) -> npt.NDArray[np.float32]:
    """Return a row for each pattern and a column for each level of each field: 1 where it is met.

    Missing fields are met nowhere. Sums over fields and over patterns become two products of
    matrices, which is what makes many fields affordable.
    """
    starts = np.concatenate([[0], np.cumsum(radices)])
    found = np.zeros((len(levels), starts[-1]), np.float32)
    for place, start in enumerate(starts[:-1]):
        there = np.flatnonzero(levels[:, place])
        found[there, start + levels[there, place]] = 1.0
    return found


def _some(
    model: Model, levels: Levels, amounts: npt.NDArray[np.float32]
) -> tuple[Levels, npt.NDArray[np.float32]]:
    """Return all patterns, or the likelier half of what can be held and a sample of the others."""
    most = _HELD // max(1, sum(len(match) for match in model.match))
    if len(levels) <= most:
        return levels, amounts
    order = np.argsort(-pattern_weights(levels, model.weights), kind="stable")
    likely, others = order[: most // 2], order[most // 2 :]
    drawn = np.random.default_rng(_SEED).choice(others, most - len(likely), replace=False)
    scale = np.float32(amounts[others].sum() / amounts[drawn].sum())
    kept = np.concatenate([likely, drawn])
    return levels[kept], np.concatenate([amounts[likely], amounts[drawn] * scale])


def _at_first(model: Model, fields: frozenset[str]) -> Probabilities:
    """Return the levels of strangers who agree on ``fields`` as matches do, one after the other."""
    named = zip(model.fields, model.match, model.chance, strict=True)
    return np.concatenate([match if name in fields else chance for name, match, chance in named])


def _logs(kinds: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float32]:
    found = np.zeros(kinds.shape, np.float32)
    np.log2(kinds, out=found, where=kinds > 0, casting="unsafe")
    return found


def _shares(seen: npt.NDArray[np.float32], radices: Sequence[int]) -> Probabilities:
    """Return each class's distribution over the levels of each field (levels × classes)."""
    found = seen.astype(np.float64) + _UNSEEN
    start = 0
    for radix in radices:
        found[start] = 0.0
        found[start : start + radix] /= found[start : start + radix].sum(axis=0)
        start += radix
    return found


def kin_bits(model: Model, levels: Levels) -> Probabilities:
    """Return for each pattern what the classes of kin take from its weight, in bits: 0 or less."""
    return -_besides(levels, model.kin, 1.0, model.chance)


def moved_bits(model: Model, levels: Levels) -> Probabilities:
    """Return for each pattern what the classes of movers add to its weight, in bits: 0 or more."""
    return _besides(levels, model.moved, model.prior, model.match)


def _besides(
    levels: Levels, classes: Sequence[Kin], share: float, of: Sequence[Probabilities]
) -> Probabilities:
    """Return how many times likelier each pattern is with these classes beside one, in bits."""
    total = np.ones(len(levels))
    own = np.log2(share) + log_chance(levels, of)
    for each in classes:
        ratio = np.log2(max(each.share, 1e-15)) + log_chance(levels, each.levels) - own
        total += np.exp2(np.clip(ratio, -_BOUND, _BOUND))
    return np.log2(total)
