"""Similarities within one file, and what each record looks like to the others.

Bits are centred by column, so that what everybody shares says nothing, and scaled to length one:
the product of two rows is then their correlation. Tables of all pairs are made in strips and never
kept, so that 50,000 records need no more memory than 1,000 do times fifty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from .schemes import Words, unpacked, weights

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]

STRIP: Final = 1024
NEIGHBOURS: Final = 64


def centred(*files: Words) -> Floats:
    """Return rows of unit length from one file, or from several encodings of the same people.

    Several encodings under keys of the attacker's own, side by side, make the similarity among the
    register's people less noisy than any one key's collisions.
    """
    parts = []
    for words in files:
        bits = unpacked(words).astype(np.float32)
        used = bits.mean(axis=0)
        # Constant columns say nothing; the rest keep their own spread, as the pairs that share a
        # rare bit are the ones worth knowing.
        parts.append((bits - used)[:, (used > 0) & (used < 1)])
    whole = np.hstack(parts)
    length = np.linalg.norm(whole, axis=1, keepdims=True)
    return np.asarray(whole / np.maximum(length, 1e-9), dtype=np.float32)


def narrowed(rows: Floats, width: int = 1024) -> Floats:
    """Return rows with their main directions only, for files too large to keep more."""
    if rows.shape[1] <= width:
        return rows
    _, vector = np.linalg.eigh(rows.T @ rows)
    return np.asarray(rows @ vector[:, -width:], dtype=np.float32)


def strips(rows: Floats, others: Floats | None = None) -> Iterator[tuple[slice, Floats]]:
    """Yield the products of all rows with all others, a strip at a time."""
    against = (rows if others is None else others).T
    for start in range(0, len(rows), STRIP):
        at = slice(start, min(start + STRIP, len(rows)))
        yield at, rows[at] @ against


def neighbours(rows: Floats, count: int = NEIGHBOURS) -> tuple[Whole, Floats]:
    """Return each row's nearest others and how near they are, the nearest first."""
    count = min(count, len(rows) - 1)
    who = np.empty((len(rows), count), dtype=np.int64)
    near = np.empty((len(rows), count), dtype=np.float32)
    for at, strip in strips(rows):
        strip[np.arange(len(strip)), np.arange(at.start, at.stop)] = -2
        top = np.argpartition(-strip, count - 1, axis=1)[:, :count]
        value = np.take_along_axis(strip, top, axis=1)
        order = np.argsort(-value, axis=1)
        who[at] = np.take_along_axis(top, order, axis=1)
        near[at] = np.take_along_axis(value, order, axis=1)
    return who, near


def _moments(rows: Floats) -> Floats:
    """Return mean, spread and third moment of each row's similarities to the others."""
    made = np.empty((len(rows), 4), dtype=np.float32)
    for at, strip in strips(rows):
        strip[np.arange(len(strip)), np.arange(at.start, at.stop)] = 0
        made[at, 0] = strip.mean(axis=1)
        made[at, 1] = strip.std(axis=1)
        square = strip * strip  # a product; powers of single floats are many times slower
        made[at, 2] = np.cbrt(np.einsum("ij,ij->i", square, strip) / strip.shape[1])
        made[at, 3] = np.sqrt(np.sqrt(np.einsum("ij,ij->i", square, square) / strip.shape[1]))
    return made


def profiles(*files: Words, count: int = NEIGHBOURS) -> Floats:
    """Return what each record looks like without a name: the same on both sides for one person.

    Sorted similarities to the nearest others, moments, the number of set bits, and the same of the
    neighbours, weighted by nearness, twice over (in the spirit of Weisfeiler and Leman). Columns
    are standardised, so that sides of different make-up can be laid over one another. Several
    encodings of the same people are averaged after they are described, as each is then described
    through as much noise as the one that is attacked. ``count`` neighbours are looked at.
    """
    return _standard(np.mean([_profile(words, count) for words in files], axis=0))


def _profile(words: Words, count: int) -> Floats:
    rows = centred(words)
    who, near = neighbours(rows, count)
    moments = _moments(rows)
    own = _standard(np.hstack([near, moments, weights(words)[:, None]]))
    share = np.maximum(near[:, :10], 0) ** 2
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    once = np.einsum("nk,nkf->nf", share, own[who[:, :10]])
    twice = np.einsum("nk,nkf->nf", share, once[who[:, :10]])
    return np.hstack([own, once, twice])


def _standard(columns: npt.NDArray[np.floating]) -> Floats:
    spread = columns.std(axis=0)
    return np.asarray((columns - columns.mean(axis=0)) / np.maximum(spread, 1e-6), np.float32)
