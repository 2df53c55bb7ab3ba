"""The propensity score: how likely each person was to receive the service, by logistic regression.

Fitted by maximum likelihood (Newton's method, as in McCullagh and Nelder 1989, ch. 4). Where a
covariate tells the groups wholly apart the likelihood has no maximum; then Firth's penalty (1993,
Biometrika 80:27; Heinze and Schemper 2002, Stat Med 21:2409) gives finite scores, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.carry.uses.evaluate.coding import Booleans, Floats

_STEPS = 60
_FLOOR = 1e-12
_WIDE = 5.0  # a standard error this wide, per SD of a covariate, only separation brings about


@dataclass(frozen=True)
class Score:
    """``logit`` and ``probability`` of n people. ``separated``: the penalty was needed.
    ``converged``: the fit settled; a score that did not must not be used."""

    logit: Floats
    probability: Floats
    separated: bool
    converged: bool


def fit_score(design: Floats, treated: Booleans) -> Score:
    """Fit the score. ``design`` (n, k) starts with a constant column and has full column rank."""
    scaled = design.copy()
    spread = scaled[:, 1:].std(axis=0)
    scaled[:, 1:] = (scaled[:, 1:] - scaled[:, 1:].mean(axis=0)) / spread
    outcome = treated.astype(np.float64)
    logit, errors, converged = _newton(scaled, outcome)
    separated = not converged or bool(np.any(errors[1:] > _WIDE))
    if separated:
        logit, converged = _firth(scaled, outcome)
    # Twelve figures: people alike in every covariate must tie, whatever the order of summing.
    logit = np.round(logit, 12)
    return Score(logit, _expit(logit), separated, converged)


def _expit(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -700, 700))))


def _newton(x: Floats, y: Floats) -> tuple[Floats, Floats, bool]:
    """Return the linear predictor, the coefficients' standard errors, and whether it settled."""
    beta = np.zeros(x.shape[1])
    information = np.eye(x.shape[1])
    for _ in range(_STEPS):
        p = _expit(x @ beta)
        information = x.T @ (x * np.maximum(p * (1 - p), _FLOOR)[:, None])
        step = np.linalg.solve(information, x.T @ (y - p))
        # A long step is cut: far out the curvature is nearly nil and a full one would overshoot.
        step *= min(1.0, 5.0 / (np.abs(step).max() + 1e-300))
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            return x @ beta, np.sqrt(np.diag(np.linalg.inv(information))), True
    return x @ beta, np.sqrt(np.abs(np.diag(np.linalg.pinv(information)))), False


def _firth(x: Floats, y: Floats) -> tuple[Floats, bool]:
    """Return the linear predictor that maximises the likelihood times the root of the determinant
    of the information, and whether it settled.

    Newton's method creeps where groups are nearly apart, so a quasi-Newton one climbs (BFGS).
    """
    from scipy.optimize import minimize

    def descend(beta: Floats) -> tuple[float, Floats]:
        logit = x @ beta
        p = _expit(logit)
        weight = np.maximum(p * (1 - p), _FLOOR)
        information = x.T @ (x * weight[:, None])
        lever = weight * np.einsum("ij,ij->i", x @ np.linalg.inv(information), x)
        gradient = x.T @ (y - p + lever * (0.5 - p))
        likelihood = y @ logit - np.logaddexp(0, logit).sum()
        return -(likelihood + 0.5 * np.linalg.slogdet(information)[1]), -gradient

    found = minimize(descend, np.zeros(x.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-4})
    settled = bool(np.abs(found.jac).max() < 1e-2)
    return np.asarray(x @ found.x), settled
