"""What one attack achieved in one scene, beside guessing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from equipoise.carry.uses.intervals import wilson

from .align import Guess
from .similarity import Whole

SURE = 0.05


@dataclass(frozen=True)
class Outcome:
    """One figure. ``measure`` says what it is: ``re-identified`` (a share of the people whom the
    attacker could have found), ``right`` (a share of claims), ``AUC`` or ``correlation``.

    ``guessing`` is what chance gives, ``trivial`` the best guess that looks at no bits. ``low`` and
    ``high`` are the 95 % interval. ``precision`` and ``coverage`` are of mutual best matches;
    ``surest`` is the precision of the surest twentieth of them.
    """

    attack: str
    variant: str
    measure: str
    value: float
    low: float
    high: float
    of: int
    guessing: float
    trivial: float
    precision: float | None = None
    coverage: float | None = None
    surest: float | None = None

    def row(self) -> dict[str, Any]:
        """Return the outcome as JSON takes it."""
        rounded = {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(self).items()}
        return rounded


def share(
    attack: str, variant: str, measure: str, right: int, of: int, guessing: float, trivial: float
) -> Outcome:
    """Return a share with its Wilson interval."""
    low, high = wilson(right, of)
    value = right / of if of else 0.0
    return Outcome(attack, variant, measure, value, low, high, of, guessing, trivial)


def found(
    attack: str, variant: str, guess: Guess, truth: Whole, people: int, known: Whole | None = None
) -> Outcome:
    """Return how many of the common people a guess finds; the known in advance are left out.

    ``truth`` is each encoded row's row in the register or -1; ``people`` are in the register.
    """
    free = np.ones(len(truth), dtype=np.bool_)
    if known is not None:
        free[known] = False
    here = free & (truth >= 0)
    right = guess.best == truth
    low, high = wilson(int(right[here].sum()), int(here.sum()))
    claims = np.flatnonzero(guess.claimed & free)
    surest = claims[np.argsort(-guess.sure[claims], kind="stable")]
    surest = surest[: max(1, round(len(claims) * SURE))]
    chance = 1 / max(1, people - (0 if known is None else len(known)))
    return Outcome(
        attack,
        variant,
        "re-identified",
        float(right[here].mean()) if here.any() else 0.0,
        low,
        high,
        int(here.sum()),
        chance,
        chance,
        float(right[claims].mean()) if len(claims) else None,
        float(len(claims) / max(1, free.sum())),
        float(right[surest].mean()) if len(claims) else None,
    )


def area(attack: str, variant: str, score: npt.NDArray[Any], yes: npt.NDArray[np.bool_]) -> Outcome:
    """Return the area under the curve of a score that should tell ``yes`` from no.

    The interval is Hanley and McNeil's (Radiology 1982, 143:29).
    """
    from scipy.stats import rankdata

    many, few = int(yes.sum()), int((~yes).sum())
    if not many or not few:
        return Outcome(attack, variant, "AUC", 0.5, 0.0, 1.0, many, 0.5, 0.5)
    value = (rankdata(score)[yes].sum() - many * (many + 1) / 2) / many / few
    one, two = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value) + (many - 1) * (one - value**2) + (few - 1) * (two - value**2)
    error = 1.96 * float(np.sqrt(max(0.0, spread) / many / few))
    low, high = max(0.0, value - error), min(1.0, value + error)
    return Outcome(attack, variant, "AUC", float(value), low, high, many, 0.5, 0.5)
