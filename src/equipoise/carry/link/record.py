"""Linking record-level filters: all that a linkage unit has is two piles of bits.

``link_records`` finds the pairs that resemble each other beyond chance (``record_pairs``), judges
each without truth (``record_model``) and gives the rows out so that none is used twice
(``assign``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.assign import many_to_one
from equipoise.carry.link.assign import one_to_one as given_out
from equipoise.carry.link.calibrate import Pairs
from equipoise.carry.link.record_model import FIRM, Judged, judge
from equipoise.carry.link.record_pairs import Near, Piles
from equipoise.carry.link.record_search import Found, again, search
from equipoise.errors import DataRefused, Problem

Filters = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
_LEAST: Final = 0.01
_SEED: Final = 5
"""The same files give the same links."""
_MANY: Final = 50
_FEW: Final = 0.01
"""Links, as a share of the smaller file, below which a file of so many rows is doubted."""
_BY_CHANCE: Final = 0.05
"""Pairs that chance puts among the links of two such files, at most: where there is hardly a match
to learn from, nothing but chance itself says what a match must be."""
_HANDFUL: Final = 10
_HARDLY_BY_CHANCE: Final = 0.001
"""Of fewer links than this in small files nothing can be learned at all: then chance must put no
more than so many there, or two strangers alone would now and then be held for one person."""
_NOBODY: Final = (
    "Hardly any two filters resemble each other more than chance allows. Either the files have "
    "nobody in common, or they were not encoded under the same key, fields and strength, or people "
    "stand several times in both of them, though pairs were asked for one to one."
)
_TOO_LARGE: Final = (
    "The files are too large to compare whole, and no tokens were given: records that differ in "
    "more than a little were not found. Have both encoded again with tokens."
)
_HUNDRED: Final = 100
"""Records of crowds from which on they are told: of fewer, little depends on them."""
_CROWD: Final = (
    "{crowd} records resemble hundreds of others so much that little tells them apart. Of their "
    "pairs only the nearest were judged, so some of their links are missing. Look for values that "
    "stand for none, as one birth date for all who gave none, and leave those empty."
)


@dataclass(frozen=True)
class RecordReport:
    """What linking found, in figures.

    ``compared`` pairs were looked at (``whole``: every pair that could matter; ``left_out`` lay in
    blocks too large to look at), ``near`` of them resemble each other beyond ``cutoff``. ``crowd``
    records of the two files resemble hundreds of others: only the nearest of their pairs were kept.
    ``links`` are at least as probable as not. ``precision`` and ``recall`` of these are estimates;
    the recall is of the matches that can be seen in filters at all, so true recall is lower.
    ``doubt`` says in words what a person should look into before using the links, and is empty
    otherwise.
    """

    left_rows: int
    right_rows: int
    compared: int
    whole: bool
    left_out: int
    near: int
    links: int
    precision: float
    recall: float
    cutoff: float
    doubt: str
    crowd: int


@dataclass(frozen=True)
class RecordLinks:
    """Links: row numbers, the probability of each, and a report."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float64]
    report: RecordReport


def link_records(
    left: Filters,
    right: Filters,
    *,
    pairs: Pairs = "one to one",
    tokens_left: npt.NDArray[np.uint64] | None = None,
    tokens_right: npt.NDArray[np.uint64] | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> RecordLinks:
    """Link two files of filters (``n x words``), rows pairing as ``pairs`` says.

    "one to one": every row is given one partner at most; "many to one": every right row is, and a
    left row any number; "many to many": any number to all. Links of a probability below 0.01 are
    left out; a caller who wants links that are more probable than not keeps those above a half.
    Raises ``DataRefused`` (LNK201) for filters of different lengths.
    """
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[1]:
        raise DataRefused(
            Problem(
                "LNK201",
                "the two files hold filters of different lengths",
                why="they were made with different strengths",
                next="have both encoded again under one version of the agreement",
            )
        )
    tokens = None
    if tokens_left is not None and tokens_right is not None:
        # An owner whose tokens would have told something left them all out.
        tokens = (tokens_left, tokens_right) if tokens_left.any() and tokens_right.any() else None
    found = search(left, right, tokens, np.random.default_rng(_SEED), progress)
    i, j, odds, every, by_chance = _judged(found, left, right, pairs)
    at = np.flatnonzero(every >= _LEAST)
    weight = np.log(np.maximum(odds[at], 1e-9) / _LEAST)
    if pairs == "one to one":
        at = at[given_out(i[at], j[at], weight)]
    elif pairs == "many to one":
        at = at[many_to_one(j[at], weight, i[at])]
    report = _report(found, every, every[at], len(left), len(right), tokens is not None)
    smaller, likely = min(len(left), len(right)), np.count_nonzero(every[at] >= 0.5)
    handful = smaller < _MANY and likely < _HANDFUL
    if handful or report.doubt == _NOBODY:
        at = at[by_chance[at] <= (_HARDLY_BY_CHANCE if handful else _BY_CHANCE)]
        report = _report(found, every, every[at], len(left), len(right), tokens is not None)
    return RecordLinks(i[at], j[at], every[at], report)


def _judged(
    found: Found, left: Filters, right: Filters, pairs: Pairs
) -> tuple[Rows, Rows, npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return all near pairs: rows of the two files, odds, probability, and how many pairs that
    resemble each other as much chance puts among all that were compared."""
    told = []
    for number, part in enumerate(found.parts):
        near, sizes = part.near, (len(part.left), len(part.right))
        judged = judge(near, *sizes, pairs)
        if found.once and number == 0 and pairs == "one to one":
            free = _free(near, judged, *sizes)
            some = Piles(left[part.left], right[part.right])
            if (both := again(some, near, *free)) is not None:
                near, deeper = both
                judged = judge(near, *sizes, pairs, deeper)
        by_chance = near.chance.tail(near.resemblance) * near.compared
        rows = part.left[near.left], part.right[near.right]
        told.append((*rows, judged.odds, judged.probability, by_chance))
    i, j, odds, every, by_chance = (np.concatenate(column) for column in zip(*told, strict=True))
    return i, j, odds, every, by_chance


def _free(near: Near, judged: Judged, lefts: int, rights: int) -> tuple[Rows, Rows]:
    """Return the rows that have not firmly found their partner."""
    firm = judged.probability >= FIRM
    return (
        np.setdiff1d(np.arange(lefts, dtype=np.int32), near.left[firm]),
        np.setdiff1d(np.arange(rights, dtype=np.int32), near.right[firm]),
    )


def _report(
    found: Found,
    every: npt.NDArray[np.float64],
    kept: npt.NDArray[np.float64],
    lefts: int,
    rights: int,
    met_by_tokens: bool,
) -> RecordReport:
    likely = kept[kept >= 0.5]
    smaller = min(lefts, rights)
    crowd = sum(found.crowds) if found.thinned or found.left_out else 0
    doubt = "" if found.whole or met_by_tokens else _TOO_LARGE
    if smaller >= _MANY and likely.sum() < _FEW * smaller:
        doubt = _NOBODY
    elif crowd >= _HUNDRED:
        doubt = " ".join(filter(None, [doubt, _CROWD.format(crowd=about(crowd))]))
    return RecordReport(
        left_rows=lefts,
        right_rows=rights,
        compared=sum(part.near.compared for part in found.parts),
        whole=found.whole,
        left_out=found.left_out,
        near=len(every),
        links=len(likely),
        precision=float(likely.mean()) if len(likely) else 1.0,
        recall=float(min(1.0, likely.sum() / every.sum())) if every.sum() > 0 else 0.0,
        cutoff=found.parts[0].near.cutoff,
        doubt=doubt,
        crowd=crowd,
    )


def about(count: int) -> str:
    """Return a count of records in words, to begin a sentence: no figure that tells of few."""
    rounded = round(count, -2)
    return f"About {rounded:,}" if rounded else "Fewer than 100"
