"""From the rankings of many to one order: four ways, because they can differ.

Borda is the headline: of all comparisons that were made of a thing with another, the share it won.
Kemeny is the order with which the rankings disagree least; every order that is as good is told.
Schulze and Condorcet go by pairs: who leads whom, and where that runs in a circle.

Sources: J-C de Borda, 1781; J Kemeny, Daedalus 88 (1959), solved exactly by dynamic programming
over subsets; M Schulze, Social Choice and Welfare 36 (2011); Condorcet, 1785; J Smith,
Econometrica 41 (1973). What an unranked thing means is told in ``ballots``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Final

from equipoise.errors import Problem, UsageRefused
from equipoise.weigh.ballots import (
    Number,
    Ranking,
    Tally,
    Unranked,
    as_ranking,
    from_places,
    islands,
    tally,
)

__all__ = [
    "Borda",
    "Condorcet",
    "Kemeny",
    "Number",
    "Ranking",
    "Schulze",
    "Tally",
    "Unranked",
    "as_ranking",
    "borda",
    "condorcet",
    "from_places",
    "islands",
    "kemeny",
    "schulze",
    "tally",
]

KEMENY_MOST: Final = 15
"""The work doubles with each thing; up to here it takes well under a second."""
ORDERS_TOLD: Final = 100


@dataclass(frozen=True)
class Borda:
    """``points`` is one for each comparison won and a half for each drawn; ``share`` is points by
    comparisons, a half where there were none; ``order`` goes by ``share``."""

    points: Mapping[str, Fraction]
    share: Mapping[str, Fraction]
    order: Ranking


@dataclass(frozen=True)
class Kemeny:
    """``distance`` is how many pairwise judgements every best order contradicts; ``count`` how many
    orders are best; ``orders`` the first of them by name, at most a hundred; ``places`` the best
    and the worst place of each thing over all of them."""

    distance: Number
    count: int
    orders: tuple[tuple[str, ...], ...]
    places: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Schulze:
    """``order`` takes off, step after step, the things that none of the rest defeats; ``winners``
    is its first step; ``strongest[a, b]`` is the strength of the strongest path from a to b."""

    order: Ranking
    winners: frozenset[str]
    strongest: Mapping[tuple[str, str], Number]


@dataclass(frozen=True)
class Condorcet:
    """``winner`` leads every other thing, and may not exist; ``cycles`` are circles in which each
    leads the next and the last leads the first; ``top`` is the smallest set whose members lead all
    others outside it."""

    winner: str | None
    cycles: tuple[tuple[str, ...], ...]
    top: frozenset[str]


def borda(
    rankings: Sequence[Ranking],
    items: Iterable[str] | None = None,
    *,
    unranked: Unranked = "last",
    weights: Sequence[Number] | None = None,
) -> Borda:
    """Count Borda points. Where all rank everything, it is one point for each thing ranked below.

    Errors: as ``ballots.tally``.
    """
    counted = tally(rankings, items, unranked=unranked, weights=weights)
    points, share = {}, {}
    for i, item in enumerate(counted.items):
        won = Fraction(sum(counted.over[i])) + Fraction(sum(counted.level[i])) / 2
        lost = sum(row[i] for row in counted.over) + Fraction(sum(counted.level[i])) / 2
        points[item] = won
        share[item] = won / (won + lost) if won + lost else Fraction(1, 2)
    return Borda(MappingProxyType(points), MappingProxyType(share), ordered(share))


def ordered(score: Mapping[str, Number]) -> Ranking:
    """Return the ranking by falling score; equal scores are level."""
    steps: dict[Number, set[str]] = {}
    for item, value in score.items():
        steps.setdefault(value, set()).add(item)
    return tuple(frozenset(steps[value]) for value in sorted(steps, reverse=True))


def kemeny(
    rankings: Sequence[Ranking],
    items: Iterable[str] | None = None,
    *,
    unranked: Unranked = "last",
    weights: Sequence[Number] | None = None,
) -> Kemeny:
    """Find every order that the rankings contradict least. A pair set level contradicts none.

    Errors: as ``ballots.tally``, and WGH054 for more than fifteen things.
    """
    counted = tally(rankings, items, unranked=unranked, weights=weights)
    size = len(counted.items)
    if size > KEMENY_MOST:
        raise UsageRefused(
            Problem(
                "WGH054",
                f"{size} things are too many to weigh every order of them",
                why=f"Each doubles the work; {KEMENY_MOST} is the most.",
                next="Rank fewer things, or go by Borda or Schulze.",
            )
        )
    scale = lcm(*(Fraction(value).denominator for row in counted.over for value in row))
    over = [[int(value * scale) for value in row] for row in counted.over]
    best, ways = _least(over)
    full = (1 << size) - 1
    first = _firsts(over, best)
    orders = tuple(
        tuple(counted.items[i] for i in order) for order in _told(first, full, ORDERS_TOLD)
    )
    places = {
        counted.items[i]: (min(seen), max(seen))
        for i, seen in enumerate(_places(first, full, size))
    }
    distance = Fraction(best[full], scale)
    whole = distance.numerator if distance.denominator == 1 else distance
    return Kemeny(whole, ways[full], orders, MappingProxyType(places))


def _least(over: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """Return for each set of things the least cost of ordering it, and how many orders cost that.

    Setting x first in a set costs one for each judgement that puts another of the set before x.
    """
    size = len(over)
    best, ways = [0] * (1 << size), [1] * (1 << size)
    costs = [_costs([row[x] for row in over]) for x in range(size)]
    for members in range(1, 1 << size):
        least, count = -1, 0
        rest = members
        while rest:
            bit = rest & -rest
            rest ^= bit
            others = members ^ bit
            cost = best[others] + costs[bit.bit_length() - 1][others]
            if least < 0 or cost < least:
                least, count = cost, ways[others]
            elif cost == least:
                count += ways[others]
        best[members], ways[members] = least, count
    return best, ways


def _costs(judged: Sequence[int]) -> list[int]:
    """Return for each set the sum of ``judged`` over its members."""
    sums = [0]
    for value in judged:
        sums += [each + value for each in sums]
    return sums


def _firsts(over: Sequence[Sequence[int]], best: Sequence[int]) -> Callable[[int], list[int]]:
    def first(members: int) -> list[int]:
        found = []
        for x in range(len(over)):
            others = members & ~(1 << x)
            if others != members:
                cost = sum(over[y][x] for y in range(len(over)) if others >> y & 1)
                if best[others] + cost == best[members]:
                    found.append(x)
        return found

    return first


def _told(first: Callable[[int], list[int]], full: int, most: int) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    todo: list[tuple[tuple[int, ...], int]] = [((), full)]
    while todo and len(found) < most:
        order, members = todo.pop()
        if not members:
            found.append(order)
            continue
        todo += [((*order, x), members ^ (1 << x)) for x in reversed(first(members))]
    return found


def _places(first: Callable[[int], list[int]], full: int, size: int) -> list[set[int]]:
    places: list[set[int]] = [set() for _ in range(size)]
    reached = {full}
    for place in range(1, size + 1):
        after = set()
        for members in reached:
            for x in first(members):
                places[x].add(place)
                after.add(members ^ (1 << x))
        reached = after
    return places


def schulze(
    rankings: Sequence[Ranking],
    items: Iterable[str] | None = None,
    *,
    unranked: Unranked = "last",
    weights: Sequence[Number] | None = None,
) -> Schulze:
    """Order by strongest paths; a link is as strong as the lead of one thing over the next.

    The strength of a link is its margin, those for less those against; where rankings leave things
    level or out, counting only those for could give another order. Errors: as ``ballots.tally``.
    """
    counted = tally(rankings, items, unranked=unranked, weights=weights)
    span = range(len(counted.items))
    path = [[max(counted.over[i][j] - counted.over[j][i], 0) for j in span] for i in span]
    for k in span:
        for i in span:
            for j in span:
                if i != j:
                    path[i][j] = max(path[i][j], min(path[i][k], path[k][j]))
    left, steps = set(span), []
    while left:
        step = {i for i in left if not any(path[j][i] > path[i][j] for j in left)}
        steps.append(frozenset(counted.items[i] for i in step))
        left -= step
    strongest = {
        (counted.items[i], counted.items[j]): path[i][j] for i in span for j in span if i != j
    }
    return Schulze(tuple(steps), steps[0] if steps else frozenset(), MappingProxyType(strongest))


def condorcet(
    rankings: Sequence[Ranking],
    items: Iterable[str] | None = None,
    *,
    unranked: Unranked = "last",
    weights: Sequence[Number] | None = None,
) -> Condorcet:
    """Say who leads all others, and where leading runs in a circle.

    Each cycle starts with the first of its names; for each thing that is in any circle, one that is
    as short as can be is told. Errors: as ``ballots.tally``.
    """
    counted = tally(rankings, items, unranked=unranked, weights=weights)
    span = range(len(counted.items))
    leads = [{j for j in span if counted.over[i][j] > counted.over[j][i]} for i in span]
    winner = next((i for i in span if len(leads[i]) == len(span) - 1), None)
    circles = {_turned(circle) for i in span if (circle := _circle(i, leads))}
    return Condorcet(
        None if winner is None else counted.items[winner],
        tuple(sorted(tuple(counted.items[i] for i in circle) for circle in circles)),
        frozenset(counted.items[i] for i in _top(leads)),
    )


def _circle(start: int, leads: Sequence[set[int]]) -> tuple[int, ...]:
    """Return the shortest way from ``start`` back to itself; empty where there is none."""
    ways: list[tuple[int, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        for after in sorted(leads[way[-1]]):
            if after == start:
                return way
            if after not in seen:
                seen.add(after)
                ways.append((*way, after))
    return ()


def _turned(circle: tuple[int, ...]) -> tuple[int, ...]:
    at = circle.index(min(circle))
    return circle[at:] + circle[:at]


def _top(leads: Sequence[set[int]]) -> set[int]:
    """Grow the set from whoever leads most: it takes in all that some member does not lead."""
    if not leads:
        return set()
    start = max(range(len(leads)), key=lambda i: len(leads[i]) - sum(i in row for row in leads))
    top, todo = {start}, [start]
    while todo:
        i = todo.pop()
        more = set(range(len(leads))) - top - leads[i]
        top |= more
        todo += more
    return top
