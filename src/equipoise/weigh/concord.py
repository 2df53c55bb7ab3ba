"""How far people agree: on an order, and on ratings with gaps.

Sources: M Kendall and B Babington Smith, Annals of Mathematical Statistics 10 (1939), with the
correction for ties; Kendall's tau-b, Biometrika 33 (1945); K Krippendorff, Content Analysis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import sqrt
from typing import Literal

from equipoise.errors import Problem, UsageRefused
from equipoise.weigh.ballots import Ranking, checked

Level = Literal["nominal", "ordinal", "interval"]
Ratings = Sequence[Sequence[float | None]]


def kendall_w(rankings: Sequence[Ranking], items: Iterable[str] | None = None) -> float | None:
    """Return Kendall's W, from 0 (no agreement on an order) to 1 (one order).

    What a ranking leaves out stands level behind all it names; an empty ranking is left out.
    ``None`` where there are fewer than two rankings or things, or everybody set all things level.
    Errors: WGH050 to WGH052.
    """
    names = checked(rankings, items, None)
    columns = [_mid_places(ranking, names) for ranking in rankings if ranking]
    return kendall_w_of_places([[column[name] for column in columns] for name in names])


def _mid_places(ranking: Ranking, names: Sequence[str]) -> Mapping[str, Fraction]:
    named = {item for step in ranking for item in step}
    rest = frozenset(names) - named
    places, before = {}, 0
    for step in (*ranking, rest) if rest else ranking:
        for item in step:
            places[item] = before + Fraction(len(step) + 1, 2)
        before += len(step)
    return places


def kendall_w_of_places(places: Sequence[Sequence[float | Fraction]]) -> float | None:
    """Return Kendall's W of a table of things x raters; in each column only the order counts.

    Errors: WGH056 where rows are not of one length.
    """
    _even(places)
    things, raters = len(places), len(places[0]) if places else 0
    if things < 2 or raters < 2:
        return None
    columns = [_ranked([row[rater] for row in places]) for rater in range(raters)]
    sums = [sum(column[thing] for column in columns) for thing in range(things)]
    mean = Fraction(raters * (things + 1), 2)
    spread = sum((each - mean) ** 2 for each in sums)
    ties = sum(t**3 - t for column in columns for t in Counter(column).values())
    whole = Fraction(raters**2 * (things**3 - things) - raters * ties, 12)
    return float(spread / whole) if whole else None


def _ranked(values: Sequence[float | Fraction]) -> list[Fraction]:
    """Return the place of each value, 1 for the least; equal values share the middle place."""
    counts = Counter(values)
    middle, before = {}, 0
    for value in sorted(counts):
        middle[value] = before + Fraction(counts[value] + 1, 2)
        before += counts[value]
    return [middle[value] for value in values]


def _even(rows: Sequence[Sequence[object]]) -> None:
    if len({len(row) for row in rows}) > 1:
        raise UsageRefused(
            Problem(
                "WGH056",
                "the rows of the table are not of one length",
                why="A place or an answer cannot be told from its neighbour's.",
                next="Give each row a value, or an empty one, for each column.",
            )
        )


@dataclass(frozen=True)
class Tau:
    """``mean`` of tau-b over ``pairs`` of rankings; ``left_out`` pairs could not be compared: they
    share fewer than two things, or one of them sets all shared things level."""

    mean: float | None
    pairs: int
    left_out: int


def mean_tau(rankings: Sequence[Ranking]) -> Tau:
    """Return the mean of Kendall's tau-b over all pairs of rankings, each on what both rank.

    Errors: WGH050, WGH051.
    """
    names = checked(rankings, None, None)
    alike = Counter(ranking for ranking in rankings if ranking)
    masks = {ranking: _masks(ranking, names) for ranking in alike}
    total, pairs, left_out = 0.0, 0, 0

    def take(one: Ranking, other: Ranking, times: int) -> None:
        nonlocal total, pairs, left_out
        tau = _tau(masks[one], masks[other])
        if tau is None:
            left_out += times
        else:
            total += tau * times
            pairs += times

    for one, times in alike.items():
        if times > 1:
            take(one, one, times * (times - 1) // 2)
    for one, other in combinations(alike, 2):
        take(one, other, alike[one] * alike[other])
    return Tau(total / pairs if pairs else None, pairs, left_out)


_Masks = tuple[int, int, int]
"""as bits, one for each pair of things: the first is before, the first is behind, both ranked"""


def _masks(ranking: Ranking, names: Sequence[str]) -> _Masks:
    place = {item: at for at, step in enumerate(ranking) for item in step}
    before = behind = both = 0
    for bit, (one, other) in enumerate(combinations(names, 2)):
        if one in place and other in place:
            both |= 1 << bit
            before |= (place[one] < place[other]) << bit
            behind |= (place[one] > place[other]) << bit
    return before, behind, both


def _tau(one: _Masks, other: _Masks) -> float | None:
    same = (one[0] & other[0] | one[1] & other[1]).bit_count()
    turned = (one[0] & other[1] | one[1] & other[0]).bit_count()
    told_one = ((one[0] | one[1]) & other[2]).bit_count()
    told_other = ((other[0] | other[1]) & one[2]).bit_count()
    if not told_one or not told_other:
        return None
    return (same - turned) / sqrt(told_one * told_other)


def alpha(ratings: Ratings, level: Level = "ordinal") -> float | None:
    """Return Krippendorff's alpha of raters x questions; ``None`` is an answer not given.

    1 is agreement, 0 is what luck would give, below 0 is worse than luck. A question that fewer
    than two answered does not count. ``None`` where nothing can be compared or all answers are one
    and the same: there is then no variation to agree on. "Don't know" is ``None``, never a middle.
    Errors: WGH056 where rows are not of one length.
    """
    _even(ratings)
    units = [
        answers
        for unit in zip(*ratings, strict=True)
        if len(answers := [a for a in unit if a is not None]) > 1
    ]
    totals = Counter(answer for answers in units for answer in answers)
    if len(totals) < 2:
        return None
    distance = _distances(totals, level)
    seen = sum(
        (
            Fraction(2 * counts[c] * counts[k], len(answers) - 1) * distance(c, k)
            for answers in units
            for counts in [Counter(answers)]
            for c, k in combinations(counts, 2)
        ),
        Fraction(0),
    )
    expected = sum(2 * totals[c] * totals[k] * distance(c, k) for c, k in combinations(totals, 2))
    return float(1 - (sum(totals.values()) - 1) * seen / expected)


def _distances(totals: Mapping[float, int], level: Level) -> Callable[[float, float], Fraction]:
    if level == "nominal":
        return lambda c, k: Fraction(c != k)
    if level == "interval":
        return lambda c, k: (Fraction(c) - Fraction(k)) ** 2
    middles, before = {}, Fraction(0)
    for value in sorted(totals):
        middles[value] = before + Fraction(totals[value], 2)
        before += totals[value]
    return lambda c, k: (middles[c] - middles[k]) ** 2
