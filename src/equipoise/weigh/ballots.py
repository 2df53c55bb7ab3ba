"""Rankings as people give them, and who was put before whom.

A ranking is best first; things set level stand in one step; a thing that is absent was not ranked.
What an absent thing means is for whoever counts to say, and there are two answers:

``last``   everybody was shown the same things, and named those that matter to them: what they left
           out stands level, behind all they named.
``apart``  people were shown different things: what a ranking leaves out is not compared by it. Sets
           that share nothing, directly or by way of other rankings, are not pooled (WGH053): there
           is no telling whether the best of one is better than the worst of the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Literal

from equipoise.errors import Problem, UsageRefused

Ranking = tuple[frozenset[str], ...]
Unranked = Literal["last", "apart"]
Number = int | Fraction


@dataclass(frozen=True)
class Tally:
    """``over[i][j]`` is how many put ``items[i]`` before ``items[j]``; ``level[i][j]`` how many
    set them level. ``items`` are those that were ranked, in the order of their names."""

    items: tuple[str, ...]
    over: tuple[tuple[Number, ...], ...]
    level: tuple[tuple[Number, ...], ...]

    def margin(self, one: str, other: str) -> Number:
        """Return by how many ``one`` leads ``other``; negative where it trails."""
        i, j = self.items.index(one), self.items.index(other)
        return self.over[i][j] - self.over[j][i]


def as_ranking(steps: Iterable[str | Iterable[str]]) -> Ranking:
    """Return a ranking from steps, each the name of a thing or several names set level.

    Errors: WGH050 a thing named twice, WGH051 a step with nothing in it.
    """
    ranking = tuple(frozenset([step] if isinstance(step, str) else step) for step in steps)
    if found := [*_faults(ranking, "the ranking")]:
        raise UsageRefused(found)
    return ranking


def from_places(places: Mapping[str, float | None]) -> Ranking:
    """Return a ranking from the place given to each thing, 1 being best.

    Only the order of the places counts: 1, 2, 2, 4 and 1, 2, 2, 3 and 10, 20, 20, 35 are the same.
    ``None`` is a thing that was not ranked.
    """
    steps: dict[float, set[str]] = {}
    for item, place in places.items():
        if place is not None:
            steps.setdefault(place, set()).add(item)
    return tuple(frozenset(steps[place]) for place in sorted(steps))


def _faults(ranking: Ranking, which: str) -> Iterator[Problem]:
    named = Counter(item for step in ranking for item in step)
    if any(times > 1 for times in named.values()):
        yield Problem(
            "WGH050",
            f"{which} names a thing twice",
            why="A thing has one place in a ranking.",
            next="Keep the place that was meant.",
        )
    if not all(ranking):
        yield Problem(
            "WGH051",
            f"{which} has a step with nothing in it",
            why="Only the order of the steps counts; an empty one says nothing.",
            next="Leave the step out.",
        )


def checked(
    rankings: Sequence[Ranking], items: Iterable[str] | None, weights: Sequence[Number] | None
) -> tuple[str, ...]:
    """Return the things ranked, sorted, or refuse all that is wrong at once."""
    problems: list[Problem] = []
    for number, ranking in enumerate(rankings, 1):
        problems += _faults(ranking, f"ranking {number}")
    seen = {item for ranking in rankings for step in ranking for item in step}
    asked = seen if items is None else set(items)
    if strangers := seen - asked:
        problems.append(
            Problem(
                "WGH052",
                f"rankings name things that were not asked about: {len(strangers)}",
                why="They would be counted as if everybody had left them out.",
                next="Rank what was shown, or name all that was shown.",
            )
        )
    if weights is not None and (
        len(weights) != len(rankings) or any(weight < 0 for weight in weights)
    ):
        problems.append(
            Problem(
                "WGH055",
                "each ranking needs one weight, which is nought or more",
                next="Give as many weights as there are rankings.",
            )
        )
    if problems:
        raise UsageRefused(problems)
    return tuple(sorted(asked))


def islands(rankings: Iterable[Ranking]) -> tuple[frozenset[str], ...]:
    """Return the sets of things that no ranking links, each set sorted by its first name."""
    found: list[set[str]] = []
    for ranking in rankings:
        mine = {item for step in ranking for item in step}
        if not mine:
            continue
        apart = [group for group in found if not group & mine]
        joined = mine.union(*(group for group in found if group & mine))
        found = [*apart, joined]
    return tuple(sorted((frozenset(group) for group in found), key=min))


def tally(
    rankings: Sequence[Ranking],
    items: Iterable[str] | None = None,
    *,
    unranked: Unranked = "last",
    weights: Sequence[Number] | None = None,
) -> Tally:
    """Count who was put before whom.

    ``items`` are the things that were shown; without it, those that anybody ranked. An empty
    ranking is an abstention and counts for nothing. ``weights`` gives each ranking a weight, such
    as how many people sat at the table; without it each counts once.

    Errors: WGH050 to WGH053 and WGH055.
    """
    names = checked(rankings, items, weights)
    alike: Counter[Ranking] = Counter()
    for number, ranking in enumerate(rankings):
        if ranking:
            alike[ranking] += 1 if weights is None else weights[number]  # type: ignore[assignment]
    if unranked == "apart":
        if len(islands(alike)) > 1:
            raise UsageRefused(_unlinked())
        names = tuple(sorted({item for ranking in alike for step in ranking for item in step}))
    elif not alike:
        names = ()
    return _count(names, alike, unranked)


def _unlinked() -> Problem:
    return Problem(
        "WGH053",
        "the rankings are of sets that share nothing",
        why="Nobody compared a thing of one set with a thing of another.",
        next="Show each set's order by itself, or have some rank things of both.",
    )


def _count(names: tuple[str, ...], alike: Mapping[Ranking, Number], unranked: Unranked) -> Tally:
    at = {name: number for number, name in enumerate(names)}
    size = len(names)
    over: list[list[Number]] = [[0] * size for _ in names]
    level: list[list[Number]] = [[0] * size for _ in names]
    for ranking, weight in alike.items():
        steps = [[at[item] for item in step] for step in ranking]
        left_out = set(range(size)) - {i for step in steps for i in step}
        if unranked == "last" and left_out:
            steps.append(sorted(left_out))
        for step, below in _with_below(steps):
            for i in step:
                row = over[i]
                for j in below:
                    row[j] += weight
            for i, j in combinations(step, 2):
                level[i][j] += weight
                level[j][i] += weight
    return Tally(names, tuple(map(tuple, over)), tuple(map(tuple, level)))


def _with_below(steps: Sequence[list[int]]) -> Iterator[tuple[list[int], list[int]]]:
    below: list[int] = []
    for step in reversed(steps):
        yield step, list(below)
        below += step
