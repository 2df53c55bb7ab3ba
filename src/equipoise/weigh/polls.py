"""Polls: how split a room is, and who moved between two rounds.

Sources: C van der Eijk, Measuring agreement in ordered rating scales, Quality & Quantity 35 (2001);
F Wilcoxon, Biometrics Bulletin 1 (1945), with ranks of ties shared and unchanged answers left out.
"Don't know" is no point of the scale: it is counted beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, erfc, gcd, sqrt
from typing import Final

from equipoise.errors import Problem, UsageRefused

EXACT_MOST: Final = 100
"""Up to so many people who moved, the Wilcoxon test weighs every way in which they might have."""

Answers = Mapping[str, int | None]
"""token of a person -> point of the scale from 1, or ``None`` for "don't know" """


@dataclass(frozen=True)
class Round:
    """One round: ``counts`` by point of the scale, ``people`` who chose one, the ``mean`` point and
    van der Eijk's ``agreement``, both ``None`` where nobody did."""

    counts: tuple[int, ...]
    people: int
    mean: Fraction | None
    agreement: float | None


@dataclass(frozen=True)
class Test:
    """``statistic`` of ``people`` who moved; ``p`` is two-sided and 1 where nobody moved; ``exact``
    says whether it was counted out or taken from the normal curve."""

    name: str
    people: int
    statistic: float
    p: float
    exact: bool


@dataclass(frozen=True)
class Shift:
    """Who moved. ``table[i][j]`` counts people from point i + 1 to point j + 1; ``undecided`` did
    not know in one of the rounds, or both; ``only_before`` and ``only_after`` took part in one.
    ``before`` and ``after`` are of the ``paired`` people alone, so that like is set beside like."""

    table: tuple[tuple[int, ...], ...]
    paired: int
    undecided: int
    only_before: int
    only_after: int
    up: int
    same: int
    down: int
    before: Round
    after: Round
    sign: Test
    wilcoxon: Test


def count(answers: Iterable[int | None], points: int) -> tuple[int, ...]:
    """Return how many chose each of ``points`` points; "don't know" is not counted.

    Errors: WGH057 a scale of fewer than two points, WGH058 an answer outside it.
    """
    told = [*answers]
    problems = []
    if points < 2:
        problems.append(
            Problem(
                "WGH057",
                "a scale has fewer than two points, or a count below nought",
                next="Give a scale with a choice, and counts of people.",
            )
        )
    if outside := sum(each is not None and not 1 <= each <= points for each in told):
        problems.append(
            Problem(
                "WGH058",
                f"answers outside the scale of 1 to {points}: {outside}",
                next="Take the answers from the question that was asked.",
            )
        )
    if problems:
        raise UsageRefused(problems)
    chosen = Counter(told)
    return tuple(chosen[point] for point in range(1, points + 1))


def summary(counts: Sequence[int]) -> Round:
    """Return a round from its counts. Errors: WGH057."""
    agreement = van_der_eijk(counts)
    people = sum(counts)
    total = sum(point * number for point, number in enumerate(counts, 1))
    return Round(tuple(counts), people, Fraction(total, people) if people else None, agreement)


def van_der_eijk(counts: Sequence[int]) -> float | None:
    """Return agreement A on an ordered scale: 1 all at one point, 0 spread evenly, -1 split in
    half between the ends. ``None`` where nobody answered.

    The distribution is taken apart into layers that are flat where they are not empty; A is the
    mean of the layers' agreement, weighted by how many people each holds. Errors: WGH057.
    """
    if len(counts) < 2 or any(number < 0 for number in counts):
        raise UsageRefused(
            Problem(
                "WGH057",
                "a scale has fewer than two points, or a count below nought",
                next="Give a scale with a choice, and counts of people.",
            )
        )
    people = sum(counts)
    if not people:
        return None
    left, total = [*counts], Fraction(0)
    while any(left):
        height = min(number for number in left if number)
        layer = [int(number > 0) for number in left]
        total += height * sum(layer) * _of_layer(layer)
        left = [number - height * full for number, full in zip(left, layer, strict=True)]
    return float(total / people)


def _of_layer(layer: Sequence[int]) -> Fraction:
    points, full = len(layer), sum(layer)
    triples = Counter(combinations(layer, 3))
    together = triples[1, 1, 0] + triples[0, 1, 1]
    apart = triples[1, 0, 1]
    unimodal = Fraction(1)
    if together + apart:
        unimodal = Fraction(
            (points - 2) * together - (points - 1) * apart, (points - 2) * (together + apart)
        )
    return unimodal * (1 - Fraction(full - 1, points - 1))


def shift(before: Answers, after: Answers, points: int) -> Shift:
    """Return who moved between two rounds, person by person; people are paired by their token.

    Errors: WGH057, WGH058.
    """
    count([*before.values(), *after.values()], points)
    moves: Counter[tuple[int, int]] = Counter()
    undecided = 0
    for token in before.keys() & after.keys():
        first, second = before[token], after[token]
        if first is None or second is None:
            undecided += 1
        else:
            moves[first, second] += 1
    scale = range(1, points + 1)
    table = tuple(tuple(moves[i, j] for j in scale) for i in scale)
    differences = Counter[int]()
    for (first, second), people in moves.items():
        differences[second - first] += people
    up = sum(people for by, people in differences.items() if by > 0)
    down = sum(people for by, people in differences.items() if by < 0)
    return Shift(
        table=table,
        paired=moves.total(),
        undecided=undecided,
        only_before=len(before.keys() - after.keys()),
        only_after=len(after.keys() - before.keys()),
        up=up,
        same=differences[0],
        down=down,
        before=summary([sum(row) for row in table]),
        after=summary([sum(column) for column in zip(*table, strict=True)]),
        sign=sign_test(up, down),
        wilcoxon=wilcoxon_test(differences),
    )


def sign_test(up: int, down: int) -> Test:
    """Return the chance that as many or more would go one way, were both ways as likely."""
    moved = up + down
    tail = sum(comb(moved, k) for k in range(min(up, down) + 1))
    return Test(
        "sign", moved, float(up), float(min(Fraction(2 * tail, 2**moved), Fraction(1))), True
    )


def wilcoxon_test(differences: Mapping[int, int]) -> Test:
    """Return the signed-rank test of ``differences``: how far -> how many people moved so far.

    The statistic is the sum of the ranks of those who went up. Beyond ``EXACT_MOST`` people it is
    set on the normal curve, with ties and steps allowed for.
    """
    sizes = Counter[int]()
    for by, people in differences.items():
        if by and people:
            sizes[abs(by)] += people
    moved = sizes.total()
    # Ranks are doubled: the middle of an even number of equal ranks is then whole.
    doubled, behind = {}, 0
    for size in sorted(sizes):
        doubled[size] = 2 * behind + sizes[size] + 1
        behind += sizes[size]
    up = sum(doubled[by] * people for by, people in differences.items() if by > 0 and people)
    top = sum(doubled[size] * people for size, people in sizes.items())
    if moved <= EXACT_MOST:
        ways = _ways([(doubled[size], people) for size, people in sizes.items()], top)
        tail = sum(ways[: min(up, top - up) + 1])
        p = float(min(Fraction(2 * tail, 2**moved), Fraction(1)))
    else:
        ties = sum(people**3 - people for people in sizes.values())
        spread = sqrt(moved * (moved + 1) * (2 * moved + 1) / 24 - ties / 48)
        # Sums of shared ranks go in steps; half a step is the correction for continuity.
        step = gcd(*doubled.values()) / 2
        off = max(abs(up - top / 2) / 2 - step / 2, 0)
        p = min(erfc(off / spread / sqrt(2)), 1.0)
    return Test("wilcoxon", moved, up / 2, p, moved <= EXACT_MOST)


def _ways(ranks: Iterable[tuple[int, int]], top: int) -> list[int]:
    """Return in how many ways each sum of doubled ranks comes about."""
    ways = [1] + [0] * top
    for rank, people in ranks:
        for _ in range(people):
            for total in range(top, rank - 1, -1):
                ways[total] += ways[total - rank]
    return ways
