"""How many people the similarities could name at most: signal against noise, without any attack.

For a filter of ``b`` bits the correlation of two records is the expected one plus noise of variance
``1/b``. Whoever knows some of the people reads off every other record's similarity to them; the
most that can be made of it is the likelihood ratio (Neyman and Pearson 1933). With the squared
length ``s * s`` of a person's expected similarities times ``b``, the right candidate scores
``s * s / 2`` with spread ``s``, each wrong one ``-s * s / 2`` of its own ``s``. The share in whom
the right candidate comes out first is worked out from these, and agrees with what the attacks by
known people find. Whoever could also tell which of these he had right would know more people, and
so on: where that comes to rest is given too. With *all others* known it bounds graph matching,
which at its best has found everybody else. It grows with the file, as each further person is one
more landmark.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from equipoise.carry.encode.record import STRENGTHS

from .case import Case
from .expected import Expected
from .outcome import Outcome

SAMPLE = 2_000
_AT_ONCE = 250
_DRAWS = 100
SHARES = (0.01, 0.05, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)
"""Shares of the others that are known, between which the outcome is read off a line."""
_STEPS = 200


def ceiling(case: Case) -> Iterator[Outcome]:
    """Say how many could be named if 1 %, 10 % or all of the others were known."""
    register = case.sides.register
    if not isinstance(register, Expected):
        return
    draw = case.draw(9)
    strong = np.sqrt(STRENGTHS[case.scheme].bits * signal(register, draw))
    reach = [named(each, len(register), draw) for each in strong]
    follows = np.interp(0.1, SHARES, reach)
    for _ in range(_STEPS):
        follows = np.interp(0.1 + 0.9 * follows, SHARES, reach)
    for variant, value in (
        ("1% known", reach[SHARES.index(0.01)]),
        ("10% known", reach[SHARES.index(0.1)]),
        ("10% known, and whoever follows", float(follows)),
        ("all others known", reach[-1]),
    ):
        people = len(register)
        yield Outcome(
            "ceiling", variant, "within reach", value, value, value, strong.shape[1], 1 / people,
            1 / people,
        )  # fmt: skip


def signal(register: Expected, draw: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return, for each of ``SHARES`` known and each of a sample, the sum of squared correlations.

    The known are drawn at random; who is known stays so at every greater share.
    """
    people = len(register)
    order = draw.permutation(people)
    starts = [0, *(max(1, round(part * people)) for part in SHARES[:-1])]
    sample = draw.permutation(people)[:SAMPLE]
    made = []
    for start in range(0, len(sample), _AT_ONCE):
        at = sample[start : start + _AT_ONCE]
        near = register.near(at).astype(np.float64)
        near[at, np.arange(len(at))] = 0
        made.append(np.cumsum(np.add.reduceat(near[order] ** 2, starts, axis=0), axis=0))
    return np.hstack(made)


def named(strong: npt.NDArray[np.float64], people: int, draw: np.random.Generator) -> float:
    """Return the share of people whose likelihood ratio is expected to be the highest of all.

    ``strong`` is a sample's ``s``, the length of the signal over the noise; all ``people`` vie.
    """
    made = []
    vying = np.resize(strong, people)
    for _ in range(_DRAWS if people <= SAMPLE else _DRAWS // 4):
        others = (vying * draw.standard_normal(people) - vying**2 / 2).max()
        made.append(ndtr((strong**2 / 2 - others) / np.maximum(strong, 1e-9)).mean())
    return float(np.mean(made))
