"""Characters that a signed text may not hold, because a reader cannot see them.

A text that shows one thing and says another must not be signed: see Unicode Technical Report 36
and the "Trojan Source" paper (Boucher and Anderson, 2021) for right-to-left overrides.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_ALLOWED: Final = frozenset("\t\n\u200c\u200d")
"""The two joiners are part of ordinary spelling in several scripts."""
_REFUSED_KINDS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NOT_CHARACTERS: Final = frozenset("\ufffe\uffff")


def unseen(character: str) -> bool:
    """Say whether a reader could not see ``character``: controls, overrides, odd line ends."""
    return character in _NOT_CHARACTERS or (
        character not in _ALLOWED and unicodedata.category(character) in _REFUSED_KINDS
    )


def name_of(character: str) -> str:
    """Return a character's number and, where it has one, its name."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" {name.lower()}" if name else "")


def unseen_in(text: str) -> list[str]:
    """Return the different characters of ``text`` that nobody can see, sorted."""
    if text.replace("\n", "").isprintable():
        return []  # printable text holds none of the refused kinds, and most text is printable
    return sorted({character for character in text if unseen(character)})


def without_unseen(text: str) -> str:
    """Return ``text`` without the characters that nobody can see."""
    if not unseen_in(text):
        return text
    return "".join(character for character in text if not unseen(character))
