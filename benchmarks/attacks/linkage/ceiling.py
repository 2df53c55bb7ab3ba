"""How many people the similarities could name at most: signal against noise, without any attack.

For a filter of ``b`` bits the correlation of two records is the expected one plus noise of variance
``1/b``. Whoever knows some of the people reads off every other record's similarity to them; the
most that can be made of it is the likelihood ratio (Neyman and Pearson 1933). With the squared
length ``s * s`` of a person's expected similarities times ``b``, the right candidate scores
``s * s / 2`` with spread ``s``, each wrong one ``-s * s / 2`` of its own ``s``. The share in whom
the right candidate comes out first is worked out from these, and agrees with what the attacks by
known people find. With *all others* known it bounds graph matching, which at its best has found
everybody else. It grows with the file, as each further person is one more landmark.
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
from .similarity import Whole

_AT_ONCE = 500
_DRAWS = 100
_KNOWN = (0.01, 0.10, 1.0)


def ceiling(case: Case) -> Iterator[Outcome]:
    """Say how many could be named if 1 %, 10 % or all of the others were known."""
    register = case.sides.register
    if not isinstance(register, Expected):
        return
    bits = STRENGTHS[case.scheme].bits
    everybody = np.arange(len(register))
    for part in _KNOWN:
        draw = case.draw(9)
        known = draw.permutation(everybody)[: round(part * len(register))]
        rest = everybody if part == 1 else np.setdiff1d(everybody, known)
        value = named(np.sqrt(bits * signal(register, known)[rest]), draw)
        yield Outcome(
            "ceiling", "all others known" if part == 1 else f"{part:.0%} known", "within reach",
            value, value, value, len(rest), 1 / len(rest), 1 / len(rest),
        )  # fmt: skip


def signal(register: Expected, known: Whole) -> npt.NDArray[np.float64]:
    """Return the sum of each person's squared correlations to the known but themselves."""
    total = np.zeros(len(register))
    for start in range(0, len(known), _AT_ONCE):
        at = known[start : start + _AT_ONCE]
        near = register.near(at).astype(np.float64)
        near[at, np.arange(len(at))] = 0
        total += (near**2).sum(axis=1)
    return total


def named(strong: npt.NDArray[np.float64], draw: np.random.Generator) -> float:
    """Return the share of people whose likelihood ratio is expected to be the highest of all.

    ``strong`` is each person's ``s``, the length of the signal over the noise.
    """
    made = []
    for _ in range(_DRAWS):
        others = (strong * draw.standard_normal(len(strong)) - strong**2 / 2).max()
        made.append(ndtr((strong**2 / 2 - others) / np.maximum(strong, 1e-9)).mean())
    return float(np.mean(made))
