"""How firmly an order stands: without a table, with another criterion, under other weights.

Orders go by Borda shares (``rank.borda``). Where criteria are weighed together, a thing's score is
the weighted mean of its share under each criterion; a criterion nobody used does not count.
Weights are shares of one: that something weighs 0.4 means it decides two fifths of the score.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from types import MappingProxyType

from equipoise.errors import Problem, UsageRefused
from equipoise.weigh.ballots import Number, Ranking, Unranked
from equipoise.weigh.rank import borda, ordered

Scores = Mapping[str, Mapping[str, Fraction]]
"""criterion -> thing -> Borda share"""


@dataclass(frozen=True)
class Change:
    """The order when ``what`` is left out or added: ``moved`` is each thing whose place changed,
    (place before, place now), a place being one more than the things before it; ``same_first``
    says whether the same things stand first."""

    what: str
    order: Ranking
    moved: Mapping[str, tuple[int, int]]
    same_first: bool


def places(order: Ranking) -> dict[str, int]:
    """Return the place of each thing: one more than the number of things before it."""
    found, before = {}, 0
    for step in order:
        found.update(dict.fromkeys(sorted(step), before + 1))
        before += len(step)
    return found


def change(what: str, before: Ranking, now: Ranking) -> Change:
    """Set two orders side by side. A thing that stands in one of them only has not moved."""
    then, here = places(before), places(now)
    moved = {i: (then[i], here[i]) for i in sorted(then) if i in here and then[i] != here[i]}
    return Change(what, now, MappingProxyType(moved), before[:1] == now[:1])


def without_each_table(
    tables: Mapping[str, Sequence[Ranking]],
    items: Iterable[str] | None = None,
    *,
    unranked: Unranked = "last",
) -> tuple[Change, ...]:
    """Return how the order changes when each table in turn is left out.

    ``tables`` is table -> its rankings: one for a table that settled on one, or one for each
    person. Errors: as ``ballots.tally``.
    """
    asked = items if items is None else sorted(set(items))
    whole = borda(
        [each for mine in tables.values() for each in mine], asked, unranked=unranked
    ).order
    return tuple(
        change(
            left_out,
            whole,
            borda(
                [each for name, mine in tables.items() if name != left_out for each in mine],
                asked,
                unranked=unranked,
            ).order,
        )
        for left_out in tables
    )


def scores(
    by_criterion: Mapping[str, Sequence[Ranking]],
    items: Iterable[str] | None = None,
    *,
    unranked: Unranked = "last",
) -> Scores:
    """Return each thing's Borda share under each criterion that anybody ranked by."""
    asked = items if items is None else sorted(set(items))
    if asked is None:
        asked = sorted(
            {i for mine in by_criterion.values() for each in mine for step in each for i in step}
        )
    found = {
        name: borda(mine, asked, unranked=unranked).share for name, mine in by_criterion.items()
    }
    return {name: share for name, share in found.items() if share}


def combined(found: Scores, weights: Mapping[str, Number]) -> Ranking:
    """Return the order under ``weights``, criterion -> weight; what is not named weighs nothing.

    A thing that a criterion does not rank is scored by the others. Errors: WGH061 a criterion
    nobody ranked by, or weights that are below nought or all nought.
    """
    _check(found, weights)
    return ordered(_mixed(found, weights))


def _check(found: Scores, weights: Mapping[str, Number]) -> None:
    unknown = weights.keys() - found.keys()
    if unknown or any(w < 0 for w in weights.values()) or not any(weights.values()):
        raise UsageRefused(
            Problem(
                "WGH061",
                "weights must be nought or more, not all nought, and of criteria that were used"
                + (f"; not used: {len(unknown)}" if unknown else ""),
                why="The order would rest on something that nobody ranked by.",
                next="Weigh the criteria that tables ranked by.",
            )
        )


def _mixed(found: Scores, weights: Mapping[str, Number]) -> dict[str, Fraction]:
    total: dict[str, Fraction] = {}
    weight: dict[str, Fraction] = {}
    for name, by in weights.items():
        for item, share in found[name].items() if by else ():
            total[item] = total.get(item, Fraction(0)) + Fraction(by) * share
            weight[item] = weight.get(item, Fraction(0)) + Fraction(by)
    return {item: total[item] / weight[item] for item in total}


def with_criterion(found: Scores, weights: Mapping[str, Number], added: str) -> Change:
    """Return how the order changes when ``added`` counts as much as the mean of the others.

    Errors: WGH061.
    """
    others = {name: by for name, by in weights.items() if name != added}
    mean = Fraction(sum(Fraction(by) for by in others.values()), max(len(others), 1))
    return change(added, combined(found, others), combined(found, {**others, added: mean}))


def without_each_criterion(found: Scores, weights: Mapping[str, Number]) -> tuple[Change, ...]:
    """Return how the order changes when each criterion in turn counts for nothing.

    A criterion without which none is left is not told. Errors: WGH061.
    """
    whole = combined(found, weights)
    rest = {name: {k: w for k, w in weights.items() if k != name} for name in weights}
    return tuple(
        change(name, whole, combined(found, others))
        for name, others in rest.items()
        if any(others.values())
    )


@dataclass(frozen=True)
class Room:
    """``criterion`` weighs ``weight`` of the whole; from ``low`` to ``high``, with the others kept
    in proportion, whatever stands first now stands first still."""

    criterion: str
    weight: Fraction
    low: Fraction
    high: Fraction


def weight_room(found: Scores, weights: Mapping[str, Number]) -> tuple[Room, ...]:
    """Return within what limits each weight may move before another thing stands first.

    Exact: a score is a straight line in the share of one criterion. All things that stand first
    must do so still; where two do, a weight may have no room at all. Errors: WGH061, and WGH064
    where a criterion leaves things out: a mean over fewer criteria is no straight line.
    """
    _check(found, weights)
    used = {name: Fraction(by) for name, by in weights.items() if by}
    _same_things(found, used)
    total = sum(used.values())
    first = next(iter(combined(found, weights)))
    rooms = []
    for name, by in used.items():
        others = {k: w for k, w in used.items() if k != name}
        rest = _mixed(found, others) if others else found[name]
        low, high = Fraction(0), Fraction(1)
        for item, other in ((i, o) for i in first for o in found[name] if o != i):
            here, there = found[name][item] - found[name][other], rest[item] - rest[other]
            # The lead is here * s + there * (1 - s) for a share s; it must not fall below nought.
            if here < there and there >= 0:
                high = min(high, there / (there - here))
            elif here > there and there < 0:
                low = max(low, there / (there - here))
        rooms.append(Room(name, by / total, low, high))
    return tuple(rooms)


def _same_things(found: Scores, names: Collection[str]) -> None:
    if len({frozenset(found[name]) for name in names}) > 1:
        raise UsageRefused(
            Problem(
                "WGH064",
                "the criteria do not rank the same things",
                why="Their weights cannot be moved against each other.",
                next="Weigh criteria that were used on the same set.",
            )
        )


def first_shares(found: Scores, *, steps: int = 12) -> Mapping[str, Fraction]:
    """Return for each thing the share of all weightings under which it stands first.

    Every way to share ``steps`` equal parts of weight among the criteria is tried; things that
    stand first together share the way. After R Lahdelma and P Salminen's acceptability index
    (Operations Research 49, 2001), on a grid and not by chance, so that anybody gets the same.
    Errors: WGH064; WGH065 more ways than 100,000.
    """
    names = sorted(found)
    _same_things(found, names)
    if not names:
        return MappingProxyType({})
    ways = 1
    for k in range(1, len(names)):
        ways = ways * (steps + k) // k
    if ways > 100_000 or steps < 1:
        raise UsageRefused(
            Problem(
                "WGH065",
                f"{len(names)} criteria and {steps} parts make {ways:,} weightings",
                why="Each is tried; 100,000 is the most.",
                next="Use fewer parts.",
            )
        )
    firsts = dict.fromkeys(sorted(found[names[0]]), Fraction(0))
    # Whole numbers with one denominator: thousands of weightings are then quick.
    scale = _denominator(found)
    whole = {item: [int(found[name][item] * scale) for name in names] for item in firsts}
    for parts in _shared_out(steps, len(names)):
        score = {
            item: sum(w * s for w, s in zip(parts, mine, strict=True))
            for item, mine in whole.items()
        }
        top = max(score.values())
        best = [item for item, value in score.items() if value == top]
        for item in best:
            firsts[item] += Fraction(1, len(best))
    return MappingProxyType({item: value / ways for item, value in firsts.items()})


def _denominator(found: Scores) -> int:
    return lcm(*(share.denominator for mine in found.values() for share in mine.values()))


def _shared_out(parts: int, among: int) -> Iterator[tuple[int, ...]]:
    if among == 1:
        yield (parts,)
        return
    for mine in range(parts + 1):
        for rest in _shared_out(parts - mine, among - 1):
            yield (mine, *rest)
