"""How old a reader must be, by the Flesch-Kincaid grade (Kincaid and others, 1975).

    grade = 0.39 words/sentences + 11.8 syllables/words - 15.59        age = grade + 5

The syllables of an English word are counted by its groups of vowels, which is right for most words
and close on the average of a text.
"""

from __future__ import annotations

import re
from typing import Final

PUBLIC_AGE: Final = 14
"""The age at which a text for everybody should be readable."""

_SENTENCE = re.compile(r"[.!?;:]+(?=\s|$)|\n\s*(?=[-*#|])|\n\s*\n")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")
_MARKS = re.compile(r"https?://\S+|\S+@\S+|[*_`#|]+")


def syllables(word: str) -> int:
    """Return the syllables of an English word; at least one."""
    lower = word.lower()
    groups = len(_VOWELS.findall(lower))
    if lower.endswith("e") and not lower.endswith(("le", "ee")) and groups > 1:
        groups -= 1
    if lower.endswith("ed") and not lower.endswith(("ted", "ded")) and groups > 1:
        groups -= 1
    return max(groups, 1)


def reading_age(text: str) -> float:
    """Return the age in years at which ``text`` (plain or Markdown) is readable; 5 at least.

    Addresses of pages and mail are left out: nobody reads them aloud. A text without words is
    readable at 5.
    """
    plain = _MARKS.sub(" ", text)
    sentences = [part for part in _SENTENCE.split(plain) if _WORD.search(part)]
    words = _WORD.findall(plain)
    if not words:
        return 5.0
    sounds = sum(map(syllables, words))
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sounds / len(words) - 15.59
    return max(grade + 5, 5.0)
