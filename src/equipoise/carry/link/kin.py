"""Two people who share more than chance: a household, a family, two of one name.

The model of two classes, one person or two strangers, takes a housemate for a very strange
stranger and so for a likely match. Here further classes are learned beside them, from the very
pairs that the blocking rules propose: pairs of two people who have something in common. Each class
starts from one rule, as strangers who agree on what the rule reads, and becomes what it finds:
people of one surname and address, people of one name, people who use one number. What a class
explains no longer speaks for a match. Nothing here knows what a household is.

This is a latent class model with the match class held; see Winkler, Improved decision rules in the
Fellegi-Sunter model of record linkage (1993), for classes beyond two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.estimate import (
    Kin,
    Levels,
    Model,
    Probabilities,
    log_chance,
    shares,
)

_ROUNDS: Final = 150
_STILL: Final = 1e-5
_UNSEEN: Final = 0.5
_AT_FIRST: Final = 0.2
"""Share of the proposed pairs that all classes of kin begin with."""
_BOUND: Final = 60.0


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
    amounts = counts.astype(np.float64)
    fixed = np.exp2(log_chance(levels, model.match)) * model.prior * number
    fixed += np.exp2(log_chance(levels, model.chance)) * number
    kinds = [
        tuple(
            match if name in fields else chance
            for name, match, chance in zip(model.fields, model.match, model.chance, strict=True)
        )
        for fields in alike
    ]
    sizes = np.full(len(kinds), _AT_FIRST * amounts.sum() / max(1, len(kinds)))
    unseen = [np.full(len(match), _UNSEEN) for match in model.match]
    radices = [len(match) for match in model.match]
    for _ in range(_ROUNDS):
        each = [
            np.exp2(log_chance(levels, kind)) * size
            for kind, size in zip(kinds, sizes, strict=True)
        ]
        whole = fixed + sum(each)
        taken = [amounts * one / whole for one in each]
        before, sizes = sizes, np.array([one.sum() for one in taken])
        kinds = [tuple(shares(levels, one, radices, unseen)) for one in taken]
        if np.abs(sizes - before).sum() <= _STILL * amounts.sum():
            break
    return tuple(Kin(size / number, kind) for size, kind in zip(sizes, kinds, strict=True))


def kin_bits(model: Model, levels: Levels) -> Probabilities:
    """Return for each pattern what the classes of kin take from its weight, in bits: 0 or less."""
    total = np.ones(len(levels))
    strangers = log_chance(levels, model.chance)
    for kin in model.kin:
        ratio = np.log2(max(kin.share, 1e-15)) + log_chance(levels, kin.levels) - strangers
        total += np.exp2(np.clip(ratio, -_BOUND, _BOUND))
    return -np.log2(total)
