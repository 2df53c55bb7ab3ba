"""Graph matching: align the encoded file with the register by who is like whom. The worst attack.

After Vidanage, Christen, Ranbaduge and Schnell (CIKM 2020) and Schäfer, Armknecht and Heng (ACSAC
2024): the attacker encodes his register under a key of his own with the very same scheme, and lays
the two similarity graphs over each other. Ours is adaptive: he averages over several keys, starts
from several profiles and from a spectral alignment, grows each start in two ways (see ``align``),
and takes the one on which the graphs agree best, which he can see without truth.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .align import TABLE, Guess, Sides, agreement, compare, grow, nearest, settled
from .similarity import Floats, Whole

KEYS: Final = 4
"""How many keys of his own the attacker averages over."""
_SPECTRAL: Final = 48
_PLAIN: Final = 0.75
"""Correlation of the two graphs on the surest claims that no wrong alignment comes near."""
_AGAIN: Final = 2
"""How often growth starts again from its surest matches, as long as the graphs agree better."""
_FEWER_ROUNDS: Final = ((TABLE, 10), (5_000, 25), (2_000, 40))
"""Rounds of growth in files above so many records, where one takes a minute or a second. All claims
are landmarks by the tenth or the thirteenth. Growth that found the right people in plain files
took four in every size, a dozen where half of them were in the register, and 23 at a quarter."""


def starts(
    spectra: tuple[Floats, Floats], profiles: tuple[Floats, Floats]
) -> list[tuple[Whole, Whole]]:
    """Return first alignments: by the near columns of the profiles, by all, and by spectra."""
    made = []
    encoded, register = profiles
    third = encoded.shape[1] // 3
    for columns in (slice(None), slice(0, third)):
        guess = nearest(encoded[:, columns], register[:, columns])
        made.append(_surest(guess, 0.25))
    guess = compare(*_spectral(spectra, encoded, register))
    made.append(_surest(guess, 0.25))
    return made


def _surest(guess: Guess, share: float) -> tuple[Whole, Whole]:
    rows = np.flatnonzero(guess.claimed)
    rows = rows[np.argsort(-guess.sure[rows], kind="stable")]
    rows = rows[: max(50, round(len(rows) * share))]
    return rows, guess.best[rows]


def _spectral(
    spectra: tuple[Floats, Floats], encoded: Floats, register: Floats
) -> tuple[Floats, Floats]:
    """Smooth the profiles' likeness over the graphs' spectra (after GRAMPA; Fan, Mao, Wu, Xu 2020).

    Each pair of main directions is weighted by how near their shares of the spread are; what the
    profiles say along both decides which way round they lie.
    """
    left, left_share = _directions(spectra[0])
    right, right_share = _directions(spectra[1])
    nearness = 1 / (
        (left_share[:, None] - right_share[None, :]) ** 2 + 0.02 * left_share.max() ** 2
    )
    along = (left.T @ encoded) @ (right.T @ register).T
    middle = np.asarray(nearness * along, dtype=np.float32)
    scores = left @ middle
    return scores / np.maximum(np.linalg.norm(scores, axis=1, keepdims=True), 1e-9), right


def _directions(rows: Floats) -> tuple[Floats, Floats]:
    """Return the main directions' scores (unit columns) and their shares of the spread."""
    count = min(_SPECTRAL, len(rows) - 1, rows.shape[1])
    if rows.shape[1] <= len(rows):
        value, vector = np.linalg.eigh(rows.T @ rows)
        scores = rows @ vector[:, ::-1][:, :count]
    else:
        value, vector = np.linalg.eigh(rows @ rows.T)
        scores = vector[:, ::-1][:, :count] * np.sqrt(np.maximum(value[::-1][:count], 0))
    length = np.linalg.norm(scores, axis=0)
    share = np.asarray(length**2 / len(rows), dtype=np.float32)
    return np.asarray(scores / np.maximum(length, 1e-9), np.float32), share


def align_graphs(
    sides: Sides,
    spectra: tuple[Floats, Floats],
    profiles: tuple[Floats, Floats],
    rounds: int = 100,
) -> Guess:
    """Return the best alignment of all starts and both ways, by the agreement of the graphs.

    ``spectra`` are rows of bits on both sides, ``profiles`` what each record looks like. A start
    on which the graphs plainly agree is not followed by others.
    """
    large = len(sides.encoded) > TABLE
    fewer = [most for above, most in _FEWER_ROUNDS if len(sides.encoded) > above]
    rounds = min([rounds, *fewer])
    best: tuple[float, Guess, str] | None = None
    for number, start in enumerate(starts(spectra, profiles)):
        for way in ("shape", "odds") if number == 0 else ("shape",):
            guess = grow(sides, start, way, rounds=rounds)
            worth = agreement(sides, guess)
            for _ in range(_AGAIN if worth < _PLAIN and not large else 0):
                again = grow(sides, _surest(guess, 0.15), way, rounds=rounds)
                if (better := agreement(sides, again)) <= worth:
                    break
                guess, worth = again, better
            if best is None or worth > best[0]:
                best = worth, guess, way
            if worth >= _PLAIN:
                return settled(sides, guess, way)
    assert best is not None
    return settled(sides, best[1], best[2])


def known_people(sides: Sides, known: Whole, there: Whole, rounds: int = 100) -> Guess:
    """Return what follows from knowing for certain who some of the encoded people are.

    Seeded matching (Narayanan and Shmatikov, IEEE S&P 2009): from the known alone, and grown from
    them; the attacker keeps what finds most of the known again without using themselves.
    """
    best: tuple[float, Guess] | None = None
    for way in ("shape", "odds"):
        for turns in (1, 4, rounds):
            guess = grow(sides, (known, there), way, known=True, rounds=turns)
            again = float(np.mean(guess.best[known] == there))
            settled_share = float(np.mean(guess.claimed))
            worth = again * np.sqrt(len(known)) + 10 * settled_share * agreement(sides, guess)
            if best is None or worth > best[0]:
                best = worth, guess
    assert best is not None
    return best[1]
