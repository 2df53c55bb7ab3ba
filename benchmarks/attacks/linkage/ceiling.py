"""How much the similarities could tell at most: signal against noise, before any attack is tried.

A person stands out of ``n`` when the squared expected correlations to the people whom the attacker
knows, over the noise of a filter of ``b`` bits (variance ``1/b``), exceed ``2 ln n``: below that
even the most likely candidate is drowned by the others (the threshold of finding one signal among
``n`` in Gaussian noise; Donoho and Jin 2004, Annals of Statistics 32:962). It bounds attacks that
read pairwise similarities; it grows with the file, as each further person is one more landmark.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.carry.encode.record import STRENGTHS

from .case import Case
from .expected import Expected
from .outcome import Outcome, share

_SAMPLE = 400


def ceiling(case: Case) -> Iterator[Outcome]:
    """Say for how many people it could be enough to know a tenth, or all, of the others."""
    register = case.sides.register
    if not isinstance(register, Expected):
        return
    strength = STRENGTHS[case.scheme]
    some = case.draw(9).choice(len(register), min(_SAMPLE, len(register)), replace=False)
    near = register.near(some).astype(np.float64)
    near[some, np.arange(len(some))] = 0
    near -= near.mean(axis=0)
    near[some, np.arange(len(some))] = 0
    signal = strength.bits * (near**2).sum(axis=0)
    for part in (0.1, 1.0):
        within = part * signal > 2 * np.log(len(register))
        yield share(
            "ceiling", f"{part:.0%} of the others known", "within reach", int(within.sum()),
            len(some), 0.0, 0.0,
        )  # fmt: skip
