"""Put together what two people wrote from one text, line by line, where they do not meet."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

Edit = tuple[int, int, list[str]]
"""Lines of the first text from, up to, and what stands in their place."""
Lines = Sequence[str]

CLOSE: Final = 10_000
"""The most pairs of lines, between two lines that both texts hold once, that are looked at one by
one. Where there are more, all that stands between is one change: it is as true, and is told at
once, where comparing every pair of a long draft took minutes."""
IN_ALL: Final = 40 * CLOSE
"""The most such pairs in two texts, for the same reason."""


def merged(first: str, mine: str, theirs: str) -> str | None:
    """Return both people's changes of ``first`` in one text, or ``None`` where they touch."""
    lines = first.split("\n")
    both = sorted([*edits(lines, mine.split("\n")), *edits(lines, theirs.split("\n"))])
    out: list[str] = []
    at = 0
    last: Edit | None = None
    for edit in both:
        begin, end, put = edit
        if edit == last:
            continue  # both made the same change
        if last is not None and begin <= last[1]:
            return None
        out += [*lines[at:begin], *put]
        at, last = end, edit
    return "\n".join([*out, *lines[at:]])


def edits(before: Lines, after: Lines) -> Iterator[Edit]:
    """Yield the changes that make ``after`` of ``before``, in order; none touches the next.

    What both begin and end with is left aside. The rest is cut at the lines that each text holds
    once and that come in the same order in both (a *patience diff*), and only what stands between
    two of these is compared line against line.
    """
    head, tail = _alike(before, after)
    ends = (len(before) - tail, len(after) - tail)
    cuts = [(head - 1, head - 1), *_anchors(before, after, head, ends), ends]
    left_over = IN_ALL
    for (left, right), (to_left, to_right) in pairwise(cuts):
        first, other = left + 1, right + 1
        pairs = (to_left - first) * (to_right - other)
        close = pairs <= min(CLOSE, left_over)
        left_over -= pairs if close else 0
        for begin, end, low, high in _between(
            before[first:to_left], after[other:to_right], close=close
        ):
            yield first + begin, first + end, list(after[other + low : other + high])


def _alike(before: Lines, after: Lines) -> tuple[int, int]:
    """Return how many lines two texts begin with alike, and end with."""
    shorter = min(len(before), len(after))
    head = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    rest = shorter - head
    tail = next((n for n in range(rest) if before[-1 - n] != after[-1 - n]), rest)
    return head, tail


def _anchors(
    before: Lines, after: Lines, head: int, ends: tuple[int, int]
) -> list[tuple[int, int]]:
    """Return the places of lines that each text holds once, as many as come in one order."""
    mine, theirs = before[head : ends[0]], after[head : ends[1]]
    once = {line for line, n in Counter(mine).items() if n == 1}
    once &= {line for line, n in Counter(theirs).items() if n == 1}
    at = {line: number for number, line in enumerate(theirs, head) if line in once}
    pairs = [(n, at[line]) for n, line in enumerate(mine, head) if line in once]
    return _rising(pairs)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest row of pairs, in order of the first, whose seconds rise."""
    ends: list[int] = []  # the smallest second with which a row of this length ends
    which: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(which[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        which[length : length + 1] = [number]
    row: list[tuple[int, int]] = []
    number = which[-1] if which else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return row[::-1]


def _between(before: Lines, after: Lines, *, close: bool) -> Iterator[tuple[int, int, int, int]]:
    """Yield what differs, as lines from, up to, and of the other text from, up to."""
    if not close or not before or not after:
        if before or after:
            yield 0, len(before), 0, len(after)
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, begin, end, low, high in matcher.get_opcodes():
        if what != "equal":
            yield begin, end, low, high
