"""Which pairs are compared at all: those that share a key under one of several rules.

A rule names features; its key is made of them all, and a row that lacks one has none. A pair that
meets under several rules is compared once, under the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.link.competition import Pairs
from equipoise.errors import Problem, UsageRefused

Rule = tuple[tuple[str, str], ...]
"""Field and feature (``exact`` or the name of a part), for each that must agree; () is every
pair."""
Keys = npt.NDArray[np.uint64]
Meeting = Callable[
    [Keys, Keys], tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]
]
"""Returns rows of two sides in the order of their keys, stable, and ranges in which keys meet."""
MOST_RULES: Final = 64
_PAIRS_AT_ONCE: Final = 1 << 22
"""A block of more pairs is cut, so that none stalls the others, nor a wish to stop."""
_SIDE: Final = 2048
_LEAST_PIECE: Final = 200_000
_MOST_PIECE: Final = 30_000_000


@dataclass(frozen=True)
class Blocks:
    """Keys of every row under every rule (rules x rows), 0 for none.

    Within one table both sides are the same array.
    """

    keys_left: Keys
    keys_right: Keys
    rules: tuple[Rule, ...]


class BlockSizes(NamedTuple):
    """What one rule by itself would compare, and the most that one of its blocks would."""

    pairs: int
    largest: int


def block_keys(table: EncodedTable, rule: Rule) -> Keys:
    """Return one key for each row, 0 where a feature is missing.

    Keys are sums, so the order of features does not matter: two swapped names meet under
    ``(("forename", "either name"), ("surname", "either name"))``. Raises ``UsageRefused`` (LNK102)
    for a field the table does not have, ``DataRefused`` (LNK100) for a feature the kind lacks.
    """
    total = np.ones(table.rows, np.uint64) if not rule else np.zeros(table.rows, np.uint64)
    missing = np.zeros(table.rows, np.bool_)
    for name, feature in rule:
        if name not in table.fields:
            raise UsageRefused(
                Problem(
                    "LNK102",
                    f"a blocking rule names the field {name!r}, which was not encoded",
                    next=f"name one of: {', '.join(table.fields)}",
                )
            )
        field = table.fields[name]
        hashes = field.feature(feature)
        # The last entry, for code -1, is that of a missing value.
        mixed, absent = np.append(_mixed(hashes), np.uint64(0)), np.append(hashes == 0, True)
        total += mixed[field.codes]
        missing |= absent[field.codes]
    np.maximum(total, np.uint64(1), out=total)
    total[missing] = 0
    return total


def blocks_of(left: EncodedTable, right: EncodedTable | None, rules: tuple[Rule, ...]) -> Blocks:
    """Return the keys of two tables under all rules, or of one table when ``right`` is None.

    Raises as ``block_keys``, and ``UsageRefused`` (LNK103) for more than 64 rules.
    """
    if len(rules) > MOST_RULES:
        raise UsageRefused(
            Problem(
                "LNK103",
                f"{len(rules)} blocking rules are more than {MOST_RULES}",
                next="leave out rules that add no pairs",
            )
        )

    def keys(table: EncodedTable) -> Keys:
        made = np.empty((len(rules), table.rows), np.uint64)
        for number, rule in enumerate(rules):
            made[number] = block_keys(table, rule)
        return made

    keys_left = keys(left)
    return Blocks(keys_left, keys_left if right is None or right is left else keys(right), rules)


def block_sizes(keyed: Blocks, rule: int, *, within: bool = False) -> BlockSizes:
    """Return how many pairs one rule would compare, earlier rules not looked at."""
    values_left, counts_left = _counts(keyed.keys_left[rule])
    if within:
        pairs = counts_left * (counts_left - 1) // 2
    else:
        values_right, counts_right = _counts(keyed.keys_right[rule])
        _, at_left, at_right = np.intersect1d(
            values_left, values_right, assume_unique=True, return_indices=True
        )
        pairs = counts_left[at_left] * counts_right[at_right]
    return BlockSizes(int(pairs.sum()), int(pairs.max(initial=0)))


def most_matches(keyed: Blocks, pairs: Pairs) -> float:
    """Return how many matches the pairs of one rule can hold at most, as rows pair."""
    if pairs == "many to many":
        return float("inf")
    values_left, counts_left = _counts(keyed.keys_left[0])
    values_right, counts_right = _counts(keyed.keys_right[0])
    _, at_left, at_right = np.intersect1d(
        values_left, values_right, assume_unique=True, return_indices=True
    )
    right = counts_right[at_right]
    return float(
        (right if pairs == "many to one" else np.minimum(counts_left[at_left], right)).sum()
    )


class Tiles(NamedTuple):
    """Rows of two tables in the order of their keys, and the ranges that meet.

    ``ranges`` (t x 4): from and to in ``left``, from and to in ``right``. Within one table both
    orders are the same, and of a tile only places with the left before the right are pairs.
    """

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    ranges: npt.NDArray[np.int64]


def tiles_of(left: Keys, right: Keys, within: bool, meeting: Meeting) -> Tiles:
    """Return where rows of equal keys meet, big blocks cut into tiles of bounded size."""
    order_left, order_right, ranges = meeting(left, left if within else right)
    if within:
        ranges = ranges[ranges[:, 1] - ranges[:, 0] > 1]
    sizes = (ranges[:, 1] - ranges[:, 0]) * (ranges[:, 3] - ranges[:, 2])
    big = sizes > _PAIRS_AT_ONCE
    if big.any():
        cut = [_cut(one, within) for one in ranges[big].tolist()]
        ranges = np.concatenate([ranges[~big], *cut])
    return Tiles(order_left, order_right, np.ascontiguousarray(ranges))


def in_pieces(tiles: Tiles, pieces: int) -> list[npt.NDArray[np.int64]]:
    """Return the tiles in about so many pieces of about the same work, in order; in fewer where
    there is little to do, in more where a piece would keep whoever wants to stop waiting."""
    ranges = tiles.ranges
    if not len(ranges):
        return []
    rows = ranges[:, 1] - ranges[:, 0] + ranges[:, 3] - ranges[:, 2]
    work = np.cumsum((ranges[:, 1] - ranges[:, 0]) * (ranges[:, 3] - ranges[:, 2]) + 2 * rows)
    count = int(max(1, min(pieces, work[-1] // _LEAST_PIECE), work[-1] // _MOST_PIECE))
    cuts = np.searchsorted(work, work[-1] * np.arange(1, count) / count)
    return [piece for piece in np.split(ranges, np.unique(cuts)) if len(piece)]


def _cut(block: list[int], within: bool) -> npt.NDArray[np.int64]:
    from_left, to_left, from_right, to_right = block
    return np.array(
        [
            (a, min(a + _SIDE, to_left), b, min(b + _SIDE, to_right))
            for a in range(from_left, to_left, _SIDE)
            for b in range(a if within else from_right, to_right, _SIDE)
        ],
        np.int64,
    )


def _counts(keys: Keys) -> tuple[Keys, npt.NDArray[np.int64]]:
    values, counts = np.unique(keys[keys != 0], return_counts=True)
    return values, counts.astype(np.int64)


def _mixed(hashes: Keys) -> Keys:
    """Scatter hashes, so that sums of them collide no more often than chance (splitmix64)."""
    mixed = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
