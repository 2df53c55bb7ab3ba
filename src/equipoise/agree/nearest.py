"""Did you mean?"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that ``word`` was most likely meant to be, or None."""
    choices = {choice.lower(): choice for choice in known}
    spaced = word.lower().replace("_", " ")
    for spelling in (word.lower(), spaced):
        close = get_close_matches(spelling, choices, n=1, cutoff=0.6)
        if close:
            return choices[close[0]]
    return None


def suggest(word: str, known: Iterable[str]) -> str:
    """Return what to write instead of ``word``: the nearest known word, or all of them."""
    words = tuple(known)
    if (close := nearest(word, words)) is not None:
        return f"Did you mean '{close}'?"
    return f"Use one of: {', '.join(words)}." if words else "There is none to choose from."
