"""From pairs to decisions: which identity a new record joins, and which new records are one.

Nothing here snowballs. A new record is held against what the register held before the delivery, so
records of one delivery gather round an identity like a star and never in a chain; and new records
among themselves become one only when each of them met each of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equipoise.carry.identity.register import Numbers, Truths

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Resolution:
    """How sure the machine must be.

    ``one_per_file``: at most one record of a dataset belongs to an identity ("one to one"; the same
    record given twice counts once, and what a person merged stays merged). ``accept`` is the
    probability from which a new record joins an identity, ``repeat`` that from which two records of
    one file are one person, ``propose`` that from which a record that fits two identities makes
    them a proposed merge. With ``merge`` such identities are merged by the machine, where each of
    the two fits no third. An identity with more than ``crowded`` records that differ gathers no
    more.
    """

    one_per_file: bool = False
    accept: float = 0.5
    repeat: float = 0.75
    propose: float = 0.75
    merge: bool = False
    crowded: int = 50


@dataclass(frozen=True)
class Pairs:
    """Pairs of a leaf and a new record, one line each; ``identity`` is the root of the leaf.

    ``alone`` is what the probability would be without rivals, where a matcher compares: then a
    record that two identities fit has a low probability with either. None for a rank.
    """

    leaf: Numbers
    identity: Numbers
    new: Numbers
    probability: Shares
    alone: Shares | None = None

    def where(self, keep: Truths | Numbers) -> Pairs:
        """Return some of the lines."""
        alone = None if self.alone is None else self.alone[keep]
        return Pairs(
            self.leaf[keep], self.identity[keep], self.new[keep], self.probability[keep], alone
        )


def best_of_each(of: Numbers, new: Numbers, probability: Shares) -> Numbers:
    """Return the most probable line for each ``of`` and record; of equals the first."""
    order = np.lexsort((np.arange(len(new)), -probability, of, new))
    first = np.ones(len(order), np.bool_)
    one, two = order[1:], order[:-1]
    first[1:] = (new[one] != new[two]) | (of[one] != of[two])
    return np.sort(order[first])


def choose(pairs: Pairs, records: int, one_per_file: bool) -> tuple[Numbers, Truths]:
    """Return for each new record its line in ``pairs``, or -1, and which records are uncertain.

    A record joins the identity that fits it best and alone: where two fit equally well, neither is
    guessed at. With ``one_per_file`` the record must also be the one that fits the leaf best; who
    loses a leaf to a better record looks at the next. It is the leaf that has one record, so that
    two rows which a person held to be one stay one.
    """
    taken = np.full(records, -1, np.int64)
    left = np.arange(len(pairs.new))
    while len(left):
        now = pairs.where(left)
        fits = _of_one_identity(now, records)
        if one_per_file:
            fits &= _alone_best(now.leaf, now.probability)
        if not fits.any():
            break
        taken[now.new[fits]] = left[fits]
        done = taken[now.new] >= 0
        if one_per_file:
            done |= np.isin(now.leaf, now.leaf[fits], kind="table")
        left = left[~done]
    uncertain = np.zeros(records, np.bool_)
    uncertain[pairs.new[left]] = True
    return taken, uncertain


def _of_one_identity(pairs: Pairs, records: int) -> Truths:
    """Return the first of the best lines of each record whose best lines are of one identity."""
    top = np.full(records, -1.0)
    np.maximum.at(top, pairs.new, pairs.probability)
    lines = np.flatnonzero(pairs.probability == top[pairs.new])
    lowest = np.full(records, np.iinfo(np.int64).max)
    highest = np.full(records, -1)
    np.minimum.at(lowest, pairs.new[lines], pairs.identity[lines])
    np.maximum.at(highest, pairs.new[lines], pairs.identity[lines])
    fits = np.zeros(len(pairs.new), np.bool_)
    _, first = np.unique(pairs.new[lines], return_index=True)
    fits[lines[first]] = True
    return np.asarray(fits & (lowest == highest)[pairs.new])


def _alone_best(of: Numbers, chance: Shares) -> Truths:
    """Return which lines have the highest probability of all lines of one leaf, and alone."""
    size = int(of.max()) + 1
    top = np.full(size, -1.0)
    np.maximum.at(top, of, chance)
    at_top = chance == top[of]
    alone = np.bincount(of[at_top], minlength=size) == 1
    return np.asarray(at_top & alone[of])


def rivals(pairs: Pairs, taken: Numbers, least: float) -> tuple[Numbers, Numbers, Numbers, Shares]:
    """Return pairs of identities that one new record fits: the two, the records, the probability.

    A record that joined an identity and fits another with ``least`` or more makes these two rivals;
    one that joined nobody because two fitted equally well, or each well if it were alone, makes
    those two.
    """
    pairs = pairs.where(best_of_each(pairs.identity, pairs.new, pairs.probability))
    order = np.lexsort((pairs.identity, -pairs.probability, pairs.new))
    new, chance = pairs.new[order], pairs.probability[order]
    alone = chance if pairs.alone is None else pairs.alone[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = new[1:] != new[:-1]
    starts = np.flatnonzero(first)
    second = starts + 1
    has = second < len(order)
    has[has] = new[second[has]] == new[starts[has]]
    one, two = starts[has], second[has]
    joined = taken[new[one]] >= 0
    equal = chance[two] == chance[one]
    if pairs.alone is not None:
        equal = (alone[one] >= least) & (alone[two] >= least)
    enough = np.where(joined, alone[two] >= least, equal)
    one, two = one[enough], two[enough]
    pair = np.sort(np.stack([pairs.identity[order[one]], pairs.identity[order[two]]], 1), axis=1)
    if not len(pair):
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing, np.zeros(0)
    both, at = np.unique(pair, axis=0, return_inverse=True)
    at = at.reshape(-1)
    rows = np.bincount(at, minlength=len(both))
    highest = np.zeros(len(both))
    np.maximum.at(highest, at, alone[two])
    return both[:, 0], both[:, 1], rows, highest


def gather(one: Numbers, two: Numbers, probability: Shares, records: int) -> Numbers:
    """Return a cluster number for each new record, from pairs among them.

    Pairs are taken the most probable first, and two clusters become one only when every record of
    the one met every record of the other: a chain of likenesses makes nobody one.
    """
    cluster = np.arange(records)
    order = np.lexsort((two, one, -probability))
    met = {(min(a, b), max(a, b)) for a, b in zip(one.tolist(), two.tolist(), strict=True)}
    members: dict[int, list[int]] = {}
    for a, b in zip(one[order].tolist(), two[order].tolist(), strict=True):
        first, second = int(cluster[a]), int(cluster[b])
        if first == second:
            continue
        ours, theirs = members.get(first, [first]), members.get(second, [second])
        if len(ours) * len(theirs) > 1 and any(
            (min(x, y), max(x, y)) not in met for x in ours for y in theirs
        ):
            continue
        kept, gone = min(first, second), max(first, second)
        members[kept] = sorted(ours + theirs)
        members.pop(gone, None)
        cluster[members[kept]] = kept
    return cluster
