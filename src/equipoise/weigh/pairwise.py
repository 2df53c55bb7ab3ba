"""Which of these two matters more? From many such answers, how strong each thing is.

The model is that of Bradley and Terry (Biometrika 39, 1952): of things with strengths a and b, the
first is chosen with chance a / (a + b). Strengths are found by minorisation-maximisation (D Hunter,
Annals of Statistics 32, 2004).

The prior: each thing is taken to have won once and lost once against an imagined thing of middling
strength. It keeps a thing that won its only vote from being infinitely strong, pulls both ways
alike, and fades as votes come in; ``prior`` scales it. It also joins things that no votes link:
``islands`` says whether there are such, and an order across islands rests on the prior alone.

The figure to show is the chance to be chosen over a thing drawn at random from the others, as in
M Salganik and K Levy, Wiki surveys, PLoS ONE 10 (2015).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, log, sqrt
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from equipoise.errors import Problem, UsageRefused
from equipoise.weigh.ballots import islands

MOST: Final = 300
"""Things in one exercise; the work grows with the cube."""
_ROUNDS: Final = 10_000
_STILL: Final = 1e-9

Wins = Mapping[tuple[str, str], float]
"""(chosen, not chosen) -> how often; a half each way is "cannot decide" """


@dataclass(frozen=True)
class Strengths:
    """``strength`` is the logarithm of each thing's strength, 0 the imagined middling thing;
    ``covariance`` of these, items x items, from the curvature at the top; ``votes`` how many were
    counted; ``islands`` the sets that votes link, more than one where the prior alone joins them.
    """

    items: tuple[str, ...]
    strength: Mapping[str, float]
    covariance: tuple[tuple[float, ...], ...]
    votes: float
    islands: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Chance:
    """The chance to be chosen over another thing drawn at random, and its interval."""

    chance: float
    low: float
    high: float


def bradley_terry(
    votes: Wins | Iterable[tuple[str, str]], items: Collection[str], *, prior: float = 1.0
) -> Strengths:
    """Return the strengths of ``items`` from ``votes``, each (chosen, not chosen).

    Errors: WGH060 a vote on a thing not in ``items``, of a thing against itself, or below nought;
    WGH063 fewer than two or more than 300 things, or a prior that is not above nought.
    """
    wins = _gathered(votes)
    names = tuple(sorted(set(items)))
    _check(wins, names, prior)
    at = {name: number for number, name in enumerate(names)}
    won = [prior] * len(names)
    met: list[dict[int, float]] = [{} for _ in names]
    for (one, other), times in wins.items():
        i, j = at[one], at[other]
        won[i] += times
        met[i][j] = met[i].get(j, 0.0) + times
        met[j][i] = met[j].get(i, 0.0) + times
    strength = _climb(won, met, prior)
    linked = [
        (frozenset([one]), frozenset([other])) for (one, other), times in wins.items() if times
    ]
    return Strengths(
        names,
        MappingProxyType({name: log(value) for name, value in zip(names, strength, strict=True)}),
        _inverse(_curvature(strength, met, prior)),
        sum(wins.values()),
        islands([*linked, *((frozenset([name]),) for name in names)]),
    )


def _gathered(votes: Wins | Iterable[tuple[str, str]]) -> dict[tuple[str, str], float]:
    if isinstance(votes, Mapping):
        return {pair: float(times) for pair, times in votes.items()}
    wins: dict[tuple[str, str], float] = {}
    for pair in votes:
        wins[pair] = wins.get(pair, 0.0) + 1
    return wins


def _check(wins: Wins, names: Sequence[str], prior: float) -> None:
    known = set(names)
    problems = []
    bad = sum(
        one == other or times < 0 or not {one, other} <= known
        for (one, other), times in wins.items()
    )
    if bad:
        problems.append(
            Problem(
                "WGH060",
                f"votes that choose between no two of the things shown: {bad}",
                why="A vote names one thing shown and another it was chosen over.",
                next="Take the pair from the question that was asked.",
            )
        )
    if not 2 <= len(names) <= MOST or prior <= 0:
        problems.append(
            Problem(
                "WGH063",
                f"pairs are asked of 2 to {MOST} things, with a prior above nought",
                why="Without a prior, a thing that never lost would be infinitely strong.",
                next="Give fewer things, or more, and leave the prior as it is.",
            )
        )
    if problems:
        raise UsageRefused(problems)


def _climb(won: Sequence[float], met: Sequence[Mapping[int, float]], prior: float) -> list[float]:
    strength = [1.0] * len(won)
    for _ in range(_ROUNDS):
        moved = 0.0
        for i, mine in enumerate(met):
            below = 2 * prior / (strength[i] + 1)
            below += sum(times / (strength[i] + strength[j]) for j, times in mine.items())
            new = won[i] / below
            moved = max(moved, abs(log(new / strength[i])))
            # Taken up at once, not after the round: it climbs as surely, in fewer rounds.
            strength[i] = new
        if moved < _STILL:
            break
    return strength


def _curvature(
    strength: Sequence[float], met: Sequence[Mapping[int, float]], prior: float
) -> list[list[float]]:
    size = len(strength)
    found = [[0.0] * size for _ in range(size)]
    for i, mine in enumerate(met):
        found[i][i] = 2 * prior * strength[i] / (strength[i] + 1) ** 2
        for j, times in mine.items():
            bend = times * strength[i] * strength[j] / (strength[i] + strength[j]) ** 2
            found[i][i] += bend
            found[i][j] = -bend
    return found


def _inverse(matrix: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """Invert by elimination; the matrix is positive definite, so no pivot vanishes."""
    size = len(matrix)
    rows = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for i in range(size):
        lead = rows[i][i]
        rows[i] = top = [value / lead for value in rows[i]]
        for k in range(size):
            if k != i and (by := rows[k][i]):
                rows[k] = [a - by * b for a, b in zip(rows[k], top, strict=True)]
    return tuple(tuple(row[size:]) for row in rows)


def _over(gap: float) -> float:
    return 1 / (1 + exp(-gap))


def chance_to_win(found: Strengths, *, level: float = 0.95) -> Mapping[str, Chance]:
    """Return each thing's chance to be chosen over another drawn at random, with its interval.

    The interval is taken on the scale of log odds from the curvature, so it stays within 0 and 1.
    It speaks of these votes as if each came by itself; one person's many votes make it too narrow.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    span = range(len(found.items))
    chances = {}
    for i, name in enumerate(found.items):
        beats = [_over(found.strength[name] - found.strength[other]) for other in found.items]
        others = len(found.items) - 1
        chance = (sum(beats) - beats[i]) / others
        slope = [-p * (1 - p) / others for p in beats]
        slope[i] = -sum(slope[j] for j in span if j != i)
        spread = sum(slope[a] * slope[b] * found.covariance[a][b] for a in span for b in span)
        width = z * sqrt(max(spread, 0.0)) / (chance * (1 - chance))
        middle = log(chance / (1 - chance))
        chances[name] = Chance(chance, _over(middle - width), _over(middle + width))
    return MappingProxyType(chances)


def next_pair(
    found: Strengths,
    *,
    asked: Collection[frozenset[str]] = frozenset(),
    draw: float = 0.0,
) -> tuple[str, str] | None:
    """Return the pair to ask next, in the order to show it; ``None`` when all have been asked.

    A pair is drawn with a chance in proportion to what its answer would teach: how open the answer
    is, times how unsure the difference of the two is. ``asked`` are pairs this person has had.
    ``draw`` is the caller's random number, from 0 up to 1; it also settles which stands first, so
    that standing first favours neither.
    """
    gains: list[tuple[float, int, int]] = []
    for i, j in combinations(range(len(found.items)), 2):
        one, other = found.items[i], found.items[j]
        if frozenset((one, other)) not in asked:
            p = _over(found.strength[one] - found.strength[other])
            cov = found.covariance
            gains.append((p * (1 - p) * (cov[i][i] + cov[j][j] - 2 * cov[i][j]), i, j))
    if not gains:
        return None
    left = draw * sum(gain for gain, _, _ in gains)
    for gain, i, j in gains:
        if left < gain:
            pair = found.items[i], found.items[j]
            return pair if left < gain / 2 else (pair[1], pair[0])
        left -= gain
    return found.items[gains[-1][2]], found.items[gains[-1][1]]
