"""Somebody who writes down everything a wall shows, and works out what it does not.

Each person is of a kind: a sector, and what they answered in each of two rounds (``NONE`` for not
at all). All that was shown is sums over kinds. What is asked is whether only one number of people
can be of some group of kinds: integer programming finds the least and the most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from equipoise.weigh.workshop.exercises import CANNOT_SAY
from equipoise.weigh.workshop.shown import OTHERS

NONE = -1
Kind = tuple[str, int, int]
Sum = tuple[Callable[[Kind], bool], float, float]
"""which kinds, and the least and the most people that they can be"""


def moved(kind: Kind) -> int:
    """Down, as before or no second answer, up - or 0 for who is not of the first round."""
    _, first, second = kind
    if first in (NONE, CANNOT_SAY):
        return 0
    return 2 if second in (NONE, CANNOT_SAY, first) else 1 if second < first else 3


def told_by(figures: Mapping[str, Any], value: Callable[[Kind], int]) -> Iterator[Sum]:
    """Yield the sums that one picture tells; ``value`` is where a kind stands on its scale."""
    for (first, last), count in zip(
        figures.get("bands", ()), figures.get("counts", ()), strict=True
    ):
        yield (lambda k, a=first, b=last: a <= value(k) <= b), count, count
    if "unsaid" in figures:
        yield (lambda k: value(k) == CANNOT_SAY), figures["unsaid"], figures["unsaid"]
    groups = set(figures.get("by sector", {})) - {OTHERS}
    for name, counts in figures.get("by sector", {}).items():
        for (first, last), count in zip(figures["sector bands"], counts, strict=True):

            def among(k: Kind, a: int = first, b: int = last, s: str = name) -> bool:
                return a <= value(k) <= b and (k[0] == s if s != OTHERS else k[0] not in groups)

            yield among, count, count


def heads(people: Sequence[str]) -> Iterator[Sum]:
    """Yield what head counts in fives tell: of everybody, and of each sector."""
    for sector in (None, *sorted(set(people))):
        number = sum(sector in (None, each) for each in people)
        low = number // 5 * 5
        yield (lambda k, s=sector: s in (None, k[0])), low, low + 4


class Listener:
    """What follows from what was shown."""

    def __init__(
        self, sectors: Sequence[str], points: int, possible: Callable[[Kind], bool]
    ) -> None:
        answers = (NONE, *range(points + 1))
        self.kinds = [k for k in product(sectors, answers, answers) if possible(k)]
        self.sums: list[Sum] = []

    def hear(self, sums: Iterator[Sum]) -> None:
        self.sums += sums

    def row(self, which: Callable[[Kind], bool]) -> np.ndarray:
        return np.array([float(which(kind)) for kind in self.kinds])

    def knows(self, which: Callable[[Kind], bool], true: int) -> bool:
        """Say whether no other number of people than ``true`` can be of these kinds."""
        rows = np.array([self.row(each) for each, _, _ in self.sums])
        held = LinearConstraint(rows, [a for _, a, _ in self.sums], [b for _, _, b in self.sums])
        for sign in (-1, 1):
            found = milp(
                sign * self.row(which),
                constraints=held,
                integrality=np.ones(len(self.kinds)),
                bounds=Bounds(0, 10_000),
            )
            assert found.success, found.message
            end = round(sign * found.fun)
            assert sign * end <= sign * true, "what was shown is not true"
            if end != true:
                return False
        return True


def groups_of(
    sectors: Sequence[str], points: int, *, silence: bool
) -> Iterator[tuple[str, Callable[[Kind], bool]]]:
    """Yield every group worth finding out about: answers, of everybody and of each sector."""
    for answer, place in product(range(points + 1), (1, 2)):
        if answer == CANNOT_SAY and not silence:
            continue
        name = f"round {place}: {answer}" if answer else f"silent in round {place}"
        yield name, lambda k, a=answer, p=place: k[p] == a
        for sector in sectors:
            yield (
                f"{name} of {sector}",
                lambda k, a=answer, p=place, s=sector: k[p] == a and k[0] == s,
            )
    for sector, way in product((None, *sectors), (1, 3)):
        yield (
            f"moved {way} of {sector}",
            lambda k, s=sector, w=way: moved(k) == w and s in (None, k[0]),
        )
    for first, second in product(range(1, points + 1), repeat=2):
        yield f"{first} to {second}", lambda k, a=first, b=second: k[1:] == (a, b)
