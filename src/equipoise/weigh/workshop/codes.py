"""Codes to join with: short enough to type from a wall, and held against guessing.

Six letters of twenty, without vowels (no words come about) and without letters that are taken for
one another: 64 million codes. Whoever scans the printed square joins by a key of 128 bits instead,
which no limit need guard; so a guesser who shuts everybody's typing out of a room with one address
shuts nobody out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from equipoise.errors import Problem, StateRefused, UsageRefused

LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH: Final = 6
WINDOW: Final = timedelta(minutes=10)
FROM_ONE: Final = 30
"""Wrong codes from one address in ten minutes: a hall of people behind one address mistype too."""
FROM_ALL: Final = 600
"""Wrong codes at one site in ten minutes; at that rate one code is found in about a year."""


def make_code(draw: Callable[[int], int]) -> str:
    """Return a new code. ``draw(n)`` gives a random whole number below n."""
    return "".join(LETTERS[draw(len(LETTERS))] for _ in range(LENGTH))


def read_code(text: str) -> str:
    """Return a code as typed, with spaces, hyphens and small letters put right.

    Raises ``UsageRefused`` (WGH170) for what can be no code.
    """
    code = re.sub(r"[\s\-.]", "", text[:40]).upper()
    if len(code) != LENGTH or set(code) - set(LETTERS):
        raise UsageRefused(
            Problem(
                "WGH170",
                f"a code has {LENGTH} letters, and no vowels or figures",
                next="read it from the wall again",
            )
        )
    return code


def spoken(code: str) -> str:
    """Return a code in two halves, as it is easier to read out."""
    return f"{code[:3]} {code[3:]}"


def refuse_guessing(
    now: datetime, from_one: Iterable[datetime], from_all: Iterable[datetime]
) -> None:
    """Raise ``StateRefused`` (WGH171) when too many wrong codes were typed of late.

    A try in the future, as after a clock was set back, counts as one of now.
    """
    for tries, most in ((from_one, FROM_ONE), (from_all, FROM_ALL)):
        recent = sorted(at for at in tries if at > now - WINDOW)
        if len(recent) >= most:
            wait = min(recent[-most], now) + WINDOW - now
            raise StateRefused(
                Problem(
                    "WGH171",
                    "too many wrong codes were typed",
                    why="codes could be guessed otherwise",
                    next=f"wait {max(1, round(wait.total_seconds() / 60))} minutes, or scan the "
                    "square on the table",
                )
            )
