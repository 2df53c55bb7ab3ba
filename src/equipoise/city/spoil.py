"""How names, dates and numbers go wrong between agencies: each error as a function of one text.

Every function takes the text and one chance from 0 to 1, from which all it decides follows. The
rates at which agencies make these errors are in ``errors_table.toml``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final

from equipoise.city import tables

Change = Callable[[str, float], str]

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALIKE: Final = (
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("d", "cl"),
    ("li", "h"),
    ("vv", "w"),
    ("w", "vv"),
    ("o", "0"),
    ("l", "1"),
    ("i", "l"),
    ("e", "c"),
    ("h", "b"),
    ("n", "u"),
    ("u", "v"),
    ("a", "o"),
    ("g", "q"),
    ("t", "f"),
    ("s", "5"),
)
_SOUNDS: Final = (
    ("ph", "f"),
    ("ck", "k"),
    ("ch", "sh"),
    ("ie", "y"),
    ("y", "ie"),
    ("ee", "ea"),
    ("ea", "ee"),
    ("ai", "ay"),
    ("tt", "t"),
    ("ll", "l"),
    ("nn", "n"),
    ("ss", "s"),
    ("mm", "m"),
    ("tch", "ch"),
    ("gh", ""),
    ("ough", "uff"),
    ("wr", "r"),
    ("kn", "n"),
    ("ce", "se"),
    ("s", "ss"),
    ("er", "or"),
    ("or", "er"),
    ("an", "on"),
    ("on", "en"),
    ("c", "k"),
    ("k", "c"),
    ("z", "s"),
    ("l", "ll"),
    ("t", "tt"),
    ("n", "nn"),
    ("e", ""),
)
_PLAIN: Final = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "đ": "d", "ß": "ss", "ı": "i"})
_MIDDLE_INITIALS: Final = "ABCDEFGHJKLMNPRSTW"


def _beside(letter: str, chance: float) -> str:
    for row in _ROWS:
        at = row.find(letter.lower())
        if at >= 0:
            near = row[max(at - 1, 0) : at] + row[at + 1 : at + 2]
            other = near[int(chance * len(near))]
            return other.upper() if letter.isupper() else other
    return "e"


def _split(chance: float, ways: int) -> tuple[int, float]:
    """Return one of so many ways, and what is left of the chance, again from 0 to 1."""
    scaled = chance * ways
    return int(scaled), scaled - int(scaled)


def mistype(text: str, chance: float) -> str:
    """Drop, double, swap or miss one letter; the first letter is spared, as typists look at it."""
    if len(text) < 3:
        return text + text[-1:]
    way, chance = _split(chance, 4)
    at, chance = _split(chance, len(text) - 2)
    at += 1
    before, here, after = text[:at], text[at], text[at + 1 :]
    if way == 0:
        return before + after
    if way == 1:
        return before + here + here + after
    if way == 2 and after[0] != here:
        return before + after[0] + here + after[1:]
    return before + _beside(here, chance) + after


def _replace(text: str, pairs: tuple[tuple[str, str], ...], chance: float) -> str:
    low = text.lower()
    possible = [(low.find(old, 1), old, new) for old, new in pairs if low.find(old, 1) > 0]
    if not possible:
        return mistype(text, chance)
    at, old, new = possible[int(chance * len(possible))]
    return text[:at] + new + text[at + len(old) :]


def misread(text: str, chance: float) -> str:
    """Take letters for others that look alike."""
    return _replace(text, _ALIKE, chance)


def mishear(text: str, chance: float) -> str:
    """Put letters down as they sound."""
    return _replace(text, _SOUNDS, chance)


@cache
def _nicknames() -> dict[str, list[str]]:
    return {name: known.split() for name, known in tables.names("nicknames").items()}


def has_nickname(text: str) -> bool:
    """Tell whether a forename has an everyday form."""
    return text in _nicknames()


def nickname(text: str, chance: float) -> str:
    """Use the everyday form of a forename."""
    known = _nicknames().get(text, [text])
    return known[int(chance * len(known))]


def initial(text: str, chance: float) -> str:
    """Keep the initial only."""
    return text[:1]


def middle(text: str, chance: float) -> str:
    """Add a middle initial."""
    return f"{text} {_MIDDLE_INITIALS[int(chance * len(_MIDDLE_INITIALS))]}"


def is_double(text: str) -> bool:
    """Tell whether a surname is of two names joined by a hyphen."""
    return "-" in text


def half_surname(text: str, chance: float) -> str:
    """Keep one half of a double surname."""
    return text.split("-")[int(chance * 2) if "-" in text else 0]


def lose_hyphen(text: str, chance: float) -> str:
    """Write a double surname with a space, or as one word."""
    return text.replace("-", " " if chance < 0.8 else "")


def has_accent(text: str) -> bool:
    """Tell whether a text has letters beyond the plain alphabet."""
    return not text.isascii()


def lose_accents(text: str, chance: float) -> str:
    """Write accented letters as plain ones."""
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def stray_space(text: str, chance: float) -> str:
    """Add a space before, after or twice within."""
    way, _ = _split(chance, 3)
    if way == 0:
        return " " + text
    if way == 1 or " " not in text:
        return text + " "
    return text.replace(" ", "  ", 1)


def wrong_figure(text: str, chance: float) -> str:
    """Change one figure, or swap it with the next when that differs."""
    places = [at for at, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    which, chance = _split(chance, len(places))
    at = places[which]
    if chance < 0.5 and which + 1 < len(places) and places[which + 1] == at + 1:
        after = text[at + 1]
        if after != text[at]:
            return text[:at] + after + text[at] + text[at + 2 :]
    figure = (int(text[at]) + 1 + int(chance * 8.99)) % 10
    return f"{text[:at]}{figure}{text[at + 1 :]}"
