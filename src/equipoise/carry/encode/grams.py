"""Keyed filters of a value's pieces, by which two values can be compared that must not be read.

A filter has 128 bits, as two 64-bit words: bit b is bit ``b % 64`` of word ``b // 64``. A value's
pieces ("grams") are pairs of neighbouring signs, with a space before its first and after its last
sign; a space inside a value is such an edge too, so the order of words hardly counts. Where places
count (dates) a piece is a sign and its place instead. The message hashed for a piece is its two
signs in UTF-8, or ``@``, the place from 0 in decimal, a space, and the sign. Byte j of the keyed
digest, modulo 128, is the piece's j-th bit, for as many bits as the kind of field sets.

Two filters are compared by their Dice coefficient, 2 |a & b| / (|a| + |b|): 1 for equal values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.tokens import Hasher

BITS: Final = 128
_AT_ONCE: Final = 100_000
_LARGEST_TABLE: Final = 1 << 22

Filters = npt.NDArray[np.uint64]
Signs = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Grams:
    """How a kind's filter is made: bits set for each piece, and whether places count."""

    bits: int
    placed: bool = False


def gram_filters(texts: pa.Array, grams: Grams, hasher: Hasher) -> Filters:
    """Return one filter for each text (n x 2); texts hold no nulls and no empty one."""
    made: dict[bytes, npt.NDArray[np.uint64]] = {}
    filters = np.zeros((len(texts), 2), np.uint64)
    for start in range(0, len(texts), _AT_ONCE):
        some = texts.slice(start, _AT_ONCE)
        filters[start : start + len(some)] = _some(some, grams, hasher, made)
    return filters


def _some(
    texts: pa.Array, grams: Grams, hasher: Hasher, made: dict[bytes, npt.NDArray[np.uint64]]
) -> Filters:
    first, second, starts = _pieces(texts, grams.placed)
    known_first, ranks_first = _ranked(first)
    known_second, ranks_second = _ranked(second)
    pairs = ranks_first * len(known_second) + ranks_second
    there, places = _distinct(pairs, len(known_first) * len(known_second))
    messages = list(
        _messages(
            known_first[there // len(known_second)],
            known_second[there % len(known_second)],
            grams.placed,
        )
    )
    _hash(messages, grams.bits, hasher, made)
    table = np.array([made[message] for message in messages], np.uint64).reshape(-1, 2)
    halves = [np.bitwise_or.reduceat(half[places], starts) for half in table.T.copy()]
    return np.stack(halves, axis=1)


def _pieces(texts: pa.Array, placed: bool) -> tuple[Signs, Signs, npt.NDArray[np.int64]]:
    """Return the two halves of every piece, and where each text's pieces start."""
    whole = " " + " ".join(texts.to_pylist()) + " "
    signs = np.frombuffer(whole.encode("utf-32-le"), np.uint32)
    lengths = pc.utf8_length(texts).to_numpy().astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]])
    if not placed:
        return signs[:-1], signs[1:], starts
    inside = np.ones(len(signs) - 1, np.bool_)
    inside[starts] = False
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    places = np.arange(int(lengths.sum())) - np.repeat(starts, lengths)
    return places.astype(np.uint32), signs[:-1][inside], starts


def _ranked(signs: Signs) -> tuple[Signs, npt.NDArray[np.int64]]:
    """Return the distinct signs and each sign's place among them."""
    size = int(signs.max()) + 1
    seen = np.zeros(size, np.bool_)
    seen[signs] = True
    distinct = np.flatnonzero(seen)
    rank = np.zeros(size, np.int64)
    rank[distinct] = np.arange(len(distinct))
    return distinct.astype(np.uint32), rank[signs]


def _distinct(
    pairs: npt.NDArray[np.int64], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if size > _LARGEST_TABLE:
        there, places = np.unique(pairs, return_inverse=True)
        return there, places
    seen = np.zeros(size, np.bool_)
    seen[pairs] = True
    there = np.flatnonzero(seen)
    rank = np.zeros(size, np.int64)
    rank[there] = np.arange(len(there))
    return there, rank[pairs]


def _messages(first: Signs, second: Signs, placed: bool) -> Iterator[bytes]:
    for one, two in zip(first.tolist(), second.tolist(), strict=True):
        yield (f"@{one} {chr(two)}" if placed else chr(one) + chr(two)).encode()


def _hash(
    messages: list[bytes], bits: int, hasher: Hasher, made: dict[bytes, npt.NDArray[np.uint64]]
) -> None:
    new = [message for message in messages if message not in made]
    if not new:
        return
    digests = np.frombuffer(hasher.digests(new).buffers()[1], np.uint8).reshape(-1, 16)
    places = digests[: len(new), :bits] % BITS
    filters = np.zeros((len(new), 2), np.uint64)
    for column in places.T:
        bit = np.left_shift(np.uint64(1), (column % 64).astype(np.uint64))
        filters[np.arange(len(new)), column // 64] |= bit
    made.update(zip(new, filters, strict=True))
