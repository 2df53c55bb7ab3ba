"""Holding new records against a register: what any linker must give, and the exact one.

A ``Matcher`` takes the register's records and the new ones, both with their encodings, and returns
pairs with a probability. It sees each new record once, and nothing is linked over again. The exact
matcher reads tokens; one that scores field encodings or record-level filters fits as well: see
``matcher_of``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.carry.identity.register import Numbers, Truths, numbers, words

Words = npt.NDArray[np.uint64]
PAIRS: Final = pa.schema(
    [("register_row", pa.int64()), ("new_row", pa.int64()), ("probability", pa.float64())]
)
"""Lines of the two tables that may be about one person or thing, and how probable that is."""

CROWD: Final = 20
"""A token that stands on more identities than this tells nobody apart, and pairs nobody."""

_MOST_RULES: Final = 48


class Matcher(Protocol):
    """Finds pairs between the register's records and new ones."""

    def __call__(self, register: pa.Table, new: pa.Table) -> pa.Table:
        """Return ``PAIRS``. Both tables have the encodings; ``register`` has ``identity`` too, the
        number of the identity that each line belongs to."""
        ...


def matcher_of(
    find: Callable[[pa.Table, pa.Table], tuple[Numbers, Numbers, npt.NDArray[np.float64]]],
) -> Matcher:
    """Return a matcher made of a function that gives left lines, right lines and probabilities, as
    the engine's own linkage does."""

    def match(register: pa.Table, new: pa.Table) -> pa.Table:
        left, right, probability = find(register, new)
        return pa.table([left, right, probability], schema=PAIRS)

    return match


def exact_matcher(rules: Sequence[str]) -> Matcher:
    """Return the matcher by equal tokens. ``rules`` are the token columns, the strongest first.

    What it gives as probability is a rank, and always above one half, since each rule of an
    agreement is held to be enough by itself: the higher, the stronger the best rule that agrees,
    and the more of the others do. 0.75 or more means that the first rule agrees.
    """

    def match(register: pa.Table, new: pa.Table) -> pa.Table:
        identity = numbers(register["identity"])
        found = [
            (rows, new_rows, 2.0 ** -(number + 2))
            for number, rule in enumerate(rules[:_MOST_RULES])
            for rows, new_rows in [_meet(register[rule], new[rule], identity)]
        ]
        return _ranked(found, identity)

    return match


def encoding_keys(table: pa.Table, columns: Sequence[str]) -> tuple[Words, Truths]:
    """Return one 128-bit mark of each line's whole encoding, and whether it has any.

    Two lines have one mark when they agree in every column, a missing value with a missing one.
    Columns are binary of fixed size, in whole words of eight bytes, or whole numbers.
    """
    mark = np.zeros((table.num_rows, 2), np.uint64)
    some = np.zeros(table.num_rows, np.bool_)
    place = 0
    for name in columns:
        value, present = words(table[name])
        some |= present
        for word in range(0, value.shape[1], 2):
            place += 1
            with np.errstate(over="ignore"):
                clean = np.where(present[:, None], value[:, word : word + 2], np.uint64(0))
                mark = _mixed(mark ^ _mixed(clean + np.uint64(place)))
    return mark, some


def codes(marks: Words) -> tuple[Numbers, Numbers]:
    """Return a code for each mark, equal where marks are, and the first line of each code."""
    data = pa.py_buffer(np.ascontiguousarray(marks).tobytes())
    column = pa.Array.from_buffers(pa.binary(16), len(marks), [None, data])
    code = column.dictionary_encode().indices.to_numpy().astype(np.int64)
    first = np.zeros(int(code.max(initial=-1)) + 1, np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return code, first


def _mixed(value: Words) -> Words:
    """Return each word spread over all its bits (Steele, Lea, Flood 2014, the finaliser)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _meet(
    left: pa.ChunkedArray, right: pa.ChunkedArray, identity: Numbers
) -> tuple[Numbers, Numbers]:
    """Return lines of both sides that bear one token."""
    left_words, left_there = words(left)
    right_words, right_there = words(right)
    return join(left_words, left_there, right_words, right_there, identity)


def join(
    left: Words, left_there: Truths, right: Words, right_there: Truths, identity: Numbers
) -> tuple[Numbers, Numbers]:
    """Return the lines of left and right with one 128-bit key, one left line for each identity.

    Left is the long side and is only looked through; right is sorted. A key that stands on more
    than ``CROWD`` identities is passed over.
    """
    rows = np.flatnonzero(right_there)
    keys, code = np.unique(right[rows, 0], return_inverse=True)
    if not len(keys):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    hit = np.flatnonzero(left_there & _perhaps(left[:, 0], keys))
    at = np.minimum(np.searchsorted(keys, left[hit, 0]), len(keys) - 1)
    hit, at = hit[keys[at] == left[hit, 0]], at[keys[at] == left[hit, 0]]
    order = np.lexsort((hit, identity[hit], at))
    hit, at = hit[order], at[order]
    first = np.ones(len(hit), np.bool_)
    first[1:] = (at[1:] != at[:-1]) | (identity[hit[1:]] != identity[hit[:-1]])
    hit, at = hit[first], at[first]
    few = np.bincount(at, minlength=len(keys))[at] <= CROWD
    hit, at = hit[few], at[few]
    starts = np.searchsorted(at, np.arange(len(keys) + 1))
    sizes = np.diff(starts)[code]
    right_rows = np.repeat(rows, sizes)
    within = np.arange(len(right_rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    left_rows = hit[np.repeat(starts[code], sizes) + within]
    equal = left[left_rows, 1] == right[right_rows, 1]
    return left_rows[equal], right_rows[equal]


def _perhaps(values: npt.NDArray[np.uint64], keys: npt.NDArray[np.uint64]) -> Truths:
    """Return which values may be among the keys: never no for one that is, and mostly no else.

    A look into a small table is many times as fast as a search among the keys.
    """
    seen = np.zeros(1 << 22, np.bool_)
    seen[keys >> np.uint64(42)] = True
    return np.asarray(seen[values >> np.uint64(42)])


def _ranked(found: Sequence[tuple[Numbers, Numbers, float]], identity: Numbers) -> pa.Table:
    """Add up, for each new line and identity, the rules that agree."""
    left = np.concatenate([each[0] for each in found])
    right = np.concatenate([each[1] for each in found])
    weight = np.concatenate([np.full(len(each[0]), each[2]) for each in found])
    if not len(left):
        return PAIRS.empty_table()
    span = int(identity.max()) + 1
    pair, at, inverse = np.unique(
        right * span + identity[left], return_index=True, return_inverse=True
    )
    rank = 0.5 + np.bincount(inverse, weights=weight, minlength=len(pair))
    return pa.table([left[at], right[at], rank], schema=PAIRS)
