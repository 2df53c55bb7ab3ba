"""Which values of a file occur again, when the file does not fit into memory: marks, kept on disk.

A mark is a value's 64-bit hash under a key that Python draws anew in each process, so a mark tells
nothing to another process. Two of ten million values share one by chance in three files of a
million: rare enough for figures about a file and for telling which values to look at twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.carry.spool import private_file

Hashes = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.void]

AT_ONCE: Final = 1 << 20
"""Marks that are sorted at a time."""
_PAIR: Final = np.dtype([("mark", "<u8"), ("beside", "<u8")])


def marks_of(texts: pa.Array) -> Hashes:
    """Return a mark for each text; equal texts have equal ones, a missing text has 0."""
    found = np.fromiter(map(hash, texts.to_pylist()), np.int64, len(texts)).view(np.uint64)
    found[found == 0] = 1
    found[texts.is_null().to_numpy(zero_copy_only=False)] = 0
    return found


def joined(columns: Sequence[Hashes]) -> Hashes:
    """Return one mark for each row of several columns of marks."""
    whole = np.zeros(len(columns[0]) if columns else 0, np.uint64)
    for column in columns:
        whole = (whole ^ column) * np.uint64(0x9E3779B97F4A7C15)
        whole ^= whole >> np.uint64(29)
    return whole


@dataclass
class Marks:
    """Marks, each with a number beside it: in a file at ``path``, or in memory without one.

    The folder of the file is one that nobody else may read.
    """

    path: Path | None = None
    _held: list[Pairs] = field(default_factory=list)
    _file: IO[bytes] | None = None
    _total: int = 0

    def add(self, marks: Hashes, beside: npt.NDArray[Any] | int = 1) -> None:
        """Keep marks with the numbers beside them."""
        pairs = np.zeros(len(marks), _PAIR)
        pairs["mark"], pairs["beside"] = marks, beside
        self._total += len(pairs)
        if self.path is None:
            self._held.append(pairs)
            return
        if self._file is None:
            self._file = private_file(self.path)
        self._file.write(pairs.tobytes())

    def counted(self) -> tuple[int, int]:
        """Return how many different marks there are, and the largest sum of what is beside one."""
        distinct = most = 0
        for pairs, first in self._sorted():
            sums = np.add.reduceat(pairs["beside"].astype(np.int64), first)
            distinct, most = distinct + len(sums), max(most, int(sums.max()))
        return distinct, most

    def divided(self) -> Hashes:
        """Return the marks that have two or more different numbers beside them."""
        found = [np.zeros(0, np.uint64)]
        for pairs, first in self._sorted():
            low = np.minimum.reduceat(pairs["beside"], first)
            high = np.maximum.reduceat(pairs["beside"], first)
            found.append(pairs["mark"][first[low != high]])
        return np.concatenate(found)

    def _sorted(self) -> Iterator[tuple[Pairs, npt.NDArray[np.int64]]]:
        """Yield all pairs in turns, each sorted by marks, and where each mark begins."""
        turns = max(1, -(-self._total // AT_ONCE))
        for turn in range(turns):
            some = [_of_turn(block, turn, turns) for block in self._blocks()]
            pairs = np.concatenate(some) if some else np.zeros(0, _PAIR)
            if len(pairs):
                pairs = pairs[np.argsort(pairs["mark"])]
                new = np.append(True, pairs["mark"][1:] != pairs["mark"][:-1])
                yield pairs, np.flatnonzero(new)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _blocks(self) -> Iterator[Pairs]:
        yield from self._held
        if self._file is not None:
            self._file.seek(0)
            while block := self._file.read(_PAIR.itemsize * AT_ONCE):
                yield np.frombuffer(block, _PAIR)


def _of_turn(pairs: Pairs, turn: int, turns: int) -> Pairs:
    """Return the pairs whose marks fall to one turn: the turns part the marks among them."""
    if turns == 1:
        return pairs
    chosen: Pairs = pairs[pairs["mark"] % np.uint64(turns) == turn]
    return chosen
