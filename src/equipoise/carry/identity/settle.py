"""Settling what becomes of the new rows of one dataset, before anything is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from equipoise.carry.identity.compare import Comparer
from equipoise.carry.identity.match import Matcher, Words, codes, encoding_keys
from equipoise.carry.identity.register import Numbers, Register, Truths, numbers, roots
from equipoise.carry.identity.resolve import (
    Pairs,
    Resolution,
    Shares,
    best_of_each,
    choose,
    gather,
    rivals,
)

ENOUGH: Final = 5_000
"""New rows that are enough to learn from; where there are fewer, rows that came again help."""


@dataclass(frozen=True)
class Settled:
    """What becomes of each new row.

    ``leaf`` is where it belongs, -1 where a new identity is to be made: one for each ``cluster``.
    ``continues`` is the line of the record that the row is, delivered again, or -1. ``without``
    marks rows with no encoding. ``rivals`` are pairs of identities that one row fits.
    """

    leaf: Numbers
    cluster: Numbers
    continues: Numbers
    uncertain: Truths
    without: Truths
    rivals: tuple[Numbers, Numbers, Numbers, Shares]


def settle(
    register: Register, fresh: pa.Table, before: Numbers, matcher: Matcher, resolution: Resolution
) -> Settled:
    """Decide on new rows. ``before`` are the lines of the dataset's earlier rows that now end,
    unless they are delivered again. Rows with one encoding are decided on once."""
    marks, some = encoding_keys(fresh, register.encodings)
    firm = matcher.firm(fresh) & some if isinstance(matcher, Comparer) else some
    continues = _continuing(register, before, marks, some, firm)
    # A row that says nothing, or little, is no other row of its file, so each gets its own mark.
    marks[~firm, 0] = np.arange(int((~firm).sum()), dtype=np.uint64)
    marks[~firm, 1] = np.uint64(0)
    unit, first = codes(marks)
    leaf = np.full(len(first), -1, np.int64)
    again = np.flatnonzero(continues >= 0)
    leaf[unit[again]] = numbers(register.records["leaf"])[continues[again]]
    open_still = np.flatnonzero(leaf < 0)
    columns = fresh.select(list(register.encodings))
    units = columns.take(pa.array(first[open_still]))
    busy = leaf[leaf >= 0] if resolution.one_per_file else leaf[:0]
    if isinstance(matcher, Comparer):
        sample = _sampled(np.flatnonzero(leaf >= 0), max(0, ENOUGH - len(open_still)))
        sampled = (columns.take(pa.array(first[sample])), leaf[sample])
        pairs = _compared(register, units, busy, sampled, matcher, resolution)
    else:
        pairs = _held_against(register, units, busy, matcher, resolution)
    sure = pairs.where(pairs.probability >= resolution.accept)
    taken, doubtful = choose(sure, len(open_still), resolution.one_per_file)
    met = taken >= 0
    leaf[open_still[met]] = sure.leaf[taken[met]]
    pairs = _free(pairs, sure, taken, resolution)
    if pairs.alone is not None:
        doubtful[pairs.new[~met[pairs.new]]] = True
    uncertain = np.zeros(len(first), np.bool_)
    uncertain[open_still] = doubtful
    cluster = np.arange(len(first))
    if not isinstance(matcher, Comparer):
        cluster[open_still] = open_still[
            _among_themselves(units, np.flatnonzero(~met & ~doubtful), matcher, resolution)
        ]
    found = rivals(pairs, taken, resolution.propose)
    return Settled(leaf[unit], cluster[unit], continues, uncertain[unit], ~some, found)


def _sampled(units: Numbers, most: int) -> Numbers:
    """Return at most so many of the units, spread over the file, in order."""
    if len(units) <= most:
        return units
    return units[np.linspace(0, len(units) - 1, most).astype(np.int64)] if most else units[:0]


def _free(pairs: Pairs, sure: Pairs, taken: Numbers, resolution: Resolution) -> Pairs:
    """Return the pairs that may tell of two identities which are one: where it is compared, one to
    one, an identity that has a row of this very file is not the one that another row was about."""
    if pairs.alone is None or not resolution.one_per_file:
        return pairs
    joined = taken >= 0
    held = sure.leaf[taken[joined]]
    where = np.full(len(taken), -1, np.int64)
    where[joined] = held
    own = where[pairs.new] == pairs.leaf
    return pairs.where(own | ~np.isin(pairs.leaf, held, kind="table"))


def _continuing(
    register: Register, before: Numbers, marks: Words, some: Truths, firm: Truths
) -> Numbers:
    """Return for each new row the earlier line of its dataset that it is, or -1.

    Where an encoding stands on rows of several identities, nobody can say which of them a row is;
    nor where one that says little stands on several rows, then or now.
    """
    continues = np.full(len(marks), -1, np.int64)
    if not len(before) or not len(marks):
        return continues
    old = register.records.select(list(register.encodings)).take(pa.array(before))
    old_marks, old_some = encoding_keys(old, register.encodings)
    code, _ = codes(np.concatenate([old_marks, marks]))
    old_code, new_code = code[: len(before)], code[len(before) :]
    identity = register.identity_of_records()[before]
    lowest = np.full(int(code.max()) + 1, np.iinfo(np.int64).max)
    highest = np.full(len(lowest), -1)
    np.minimum.at(lowest, old_code, identity)
    np.maximum.at(highest, old_code, identity)
    clear = lowest == highest
    little = np.zeros(len(lowest), np.bool_)
    little[new_code[~firm]] = True
    several = np.maximum(_counted(old_code, len(lowest)), _counted(new_code, len(lowest))) > 1
    clear &= ~(little & several)
    ours = np.flatnonzero(old_some & clear[old_code])
    theirs = np.flatnonzero(some & clear[new_code])
    most = max(len(before), len(marks))
    left, right = _in_turn(old_code[ours], most), _in_turn(new_code[theirs], most)
    _, one, two = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    continues[theirs[two]] = before[ours[one]]
    return continues


def _counted(code: Numbers, size: int) -> Numbers:
    return np.bincount(code, minlength=size)


def _in_turn(code: Numbers, most: int) -> Numbers:
    """Number the lines of each code in turn; the number of a line tells its code and its turn."""
    order = np.argsort(code, kind="stable")
    in_order = code[order]
    nth = np.arange(len(code)) - np.searchsorted(in_order, in_order)
    turns = np.empty(len(code), np.int64)
    turns[order] = nth
    return code * most + turns


def _held_against(
    register: Register, units: pa.Table, busy: Numbers, matcher: Matcher, resolution: Resolution
) -> Pairs:
    """Return the pairs of leaves and new rows.

    ``busy`` leaves have their one row of this dataset already. The matcher is told leaves, so that
    a row is put on the leaf by which it was recognised.
    """
    leaf = numbers(register.records["leaf"])
    identity = roots(register.standing)[leaf]
    table = register.records.select(list(register.encodings)).append_column("identity", [leaf])
    found = matcher(table, units)
    row, new = numbers(found["register_row"]), numbers(found["new_row"])
    chance = np.asarray(found["probability"].to_numpy(), np.float64)
    crowded = np.bincount(identity, minlength=len(register.standing)) > resolution.crowded
    keep = (chance >= resolution.accept) & ~crowded[identity[row]]
    keep &= ~np.isin(leaf[row], busy, kind="table")
    pairs = Pairs(leaf[row], identity[row], new, chance).where(keep)
    return pairs.where(best_of_each(pairs.leaf, pairs.new, pairs.probability))


def _compared(
    register: Register,
    units: pa.Table,
    busy: Numbers,
    sampled: tuple[pa.Table, Numbers],
    matcher: Comparer,
    resolution: Resolution,
) -> Pairs:
    """Return the pairs of leaves and new rows that a comparer finds likely, were they alone.

    Busy leaves are left out beforehand, since what is taken competes for nothing. What was
    delivered again is the surest example of a match: ``sampled`` are such units and their leaves.
    They are compared as well where new rows are few, so that there is enough to learn from.
    """
    again, theirs = sampled
    leaf = numbers(register.records["leaf"])
    identity = roots(register.standing)[leaf]
    crowded = np.bincount(identity, minlength=len(register.standing)) > resolution.crowded
    taken = np.isin(leaf, busy, kind="table") & ~np.isin(leaf, theirs, kind="table")
    lines = np.flatnonzero(~taken & ~crowded[identity])
    table = register.records.select(list(register.encodings)).take(pa.array(lines))
    found = matcher(
        table.append_column("identity", [leaf[lines]]), pa.concat_tables([units, again])
    )
    row, new = lines[numbers(found["register_row"])], numbers(found["new_row"])
    chance = np.asarray(found["probability"].to_numpy(), np.float64)
    alone = np.asarray(found["alone"].to_numpy(), np.float64)
    keep = (alone >= resolution.accept) & (new < units.num_rows)
    keep &= ~np.isin(leaf[row], busy, kind="table")
    pairs = Pairs(leaf[row], identity[row], new, chance, alone).where(keep)
    return pairs.where(best_of_each(pairs.leaf, pairs.new, pairs.probability))


def _among_themselves(
    units: pa.Table, free: Numbers, matcher: Matcher, resolution: Resolution
) -> Numbers:
    """Return a cluster for each unit: those that met no identity may be one new one."""
    cluster = np.arange(units.num_rows)
    if resolution.one_per_file or len(free) < 2:
        return cluster
    some = units.take(pa.array(free))
    found = matcher(some.append_column("identity", [np.arange(len(free))]), some)
    one, two = numbers(found["register_row"]), numbers(found["new_row"])
    chance = np.asarray(found["probability"].to_numpy(), np.float64)
    keep = (one < two) & (chance >= resolution.repeat)
    cluster[free] = free[gather(one[keep], two[keep], chance[keep], len(free))]
    return cluster
