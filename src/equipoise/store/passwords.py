"""Passwords: hashed slowly with scrypt, by Django's own hasher, and judged before they are taken.

scrypt is memory-hard and comes with Python's OpenSSL, so that no further library is needed.
"""

from __future__ import annotations

from typing import Final

from django.contrib.auth.hashers import ScryptPasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

SHORTEST: Final = 12
LONGEST: Final = 256
"""Characters; a password of megabytes would keep the machine at work."""

_NOBODY: Final = "scrypt$16384$nobodys-salt$8$5$" + "A" * 86 + "=="


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    hasher = ScryptPasswordHasher()
    return hasher.encode(password, hasher.salt())


def is_password(password: str, kept: str) -> bool:
    """Say whether this is the password. Takes as long when nothing is kept, and says no."""
    if len(password) > LONGEST:
        return False
    right = ScryptPasswordHasher().verify(password, kept or _NOBODY)
    return right and bool(kept)


def faults(password: str, *names: str) -> tuple[str, ...]:
    """Say what makes a password unfit, in words that go on after "the password"."""
    found = []
    if len(password) < SHORTEST:
        found.append(f"has fewer than {SHORTEST} characters")
    if len(password) > LONGEST:
        found.append(f"has more than {LONGEST} characters")
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        found.append("is one that many people use")
    plain = password.casefold()
    if any(len(name) > 3 and name.casefold() in plain for name in names):
        found.append("contains your name")
    if len(set(plain)) < 5:
        found.append("repeats the same few characters")
    return tuple(found)
