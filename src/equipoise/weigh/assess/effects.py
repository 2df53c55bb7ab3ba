"""How heavy a benefit or a risk is: its size times its likelihood, and what may change either.

Size and likelihood go from 1 to 5. A control lowers a risk's likelihood, and nothing else: what is
shared stays as sensitive as it is. To be recognised is worse for people who have no good of what
exposes them (founding report, lines 331 to 336): the size of such a risk counts one more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from equipoise.agree.words import Beneficiary
from equipoise.weigh.assess.sheet import Bearer, Effect, Risk

REIDENTIFICATION: Final = frozenset({"R02"})
"""Items of the catalogue that speak of people being recognised; a rater may mark others."""

HIGH: Final = 15
"""A risk of this weight or more is high: 3 x 5, or 4 x 4 with nothing done about it."""

WHO_GAINS: Final[Mapping[Beneficiary, tuple[Bearer, ...]]] = {
    "individuals": ("people in the data",),
    "wider public": ("wider public", "people like them", "families and neighbours"),
    "providers": ("providers", "staff"),
}
"""The beneficiaries that an agreement's purpose names -> on whom, in the words of a sheet."""


def gainers(beneficiaries: Sequence[Beneficiary]) -> frozenset[Bearer]:
    """Return who has the good of it, in the words of a sheet."""
    return frozenset(bearer for each in beneficiaries for bearer in WHO_GAINS[each])


def exposed_for_others(risk: Risk, beneficiaries: Sequence[Beneficiary]) -> bool:
    """Say whether people may be recognised for a good that is not theirs."""
    if not risk.reidentifies and risk.item not in REIDENTIFICATION:
        return False
    gains = frozenset(risk.gains) if risk.gains is not None else gainers(beneficiaries)
    return risk.on not in gains


def size_of(effect: Effect, beneficiaries: Sequence[Beneficiary] = ()) -> int | None:
    """Return how large it is, 1 to 5, or 6 for people exposed for others; None: not known."""
    if isinstance(effect.size, str):
        return None
    worse = isinstance(effect, Risk) and exposed_for_others(effect, beneficiaries)
    return effect.size + (1 if worse else 0)


def weight(effect: Effect, beneficiaries: Sequence[Beneficiary] = ()) -> int | None:
    """Return size x likelihood before any control, 1 to 30; None when one is not known."""
    size = size_of(effect, beneficiaries)
    if size is None or isinstance(effect.likelihood, str):
        return None
    return size * effect.likelihood


def residual(risk: Risk, beneficiaries: Sequence[Beneficiary] = ()) -> int | None:
    """Return what remains with every control, 1 to 30; None when something is not known."""
    size, likelihood = size_of(risk, beneficiaries), risk.residual_likelihood
    return None if size is None or likelihood is None else size * likelihood
