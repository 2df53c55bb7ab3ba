"""A key for one piece of work: drawn on the spot, told to nobody, gone when it is done.

Who links files they hold themselves needs no key store, yet no code path here compares names in the
clear. So the library's calls encode under such a key and forget it.
"""

from __future__ import annotations

import secrets
from hashlib import blake2s
from typing import NoReturn

import pyarrow as pa

from equipoise.errors import Problem, UsageRefused
from equipoise.hashing import KEY_BYTES, Values, keyed_digests


class _ThrowAwayHasher:
    """Keyed BLAKE2s for one label; satisfies ``carry.encode.tokens.Hasher``."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digests(self, values: Values) -> pa.Array:
        """Return one 16-byte digest for each message, null for a missing one."""
        return keyed_digests(self._key, values)

    def __repr__(self) -> str:
        return "<a throw-away hasher, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a throw-away hasher is never pickled or copied")


class ThrowAwayKey:
    """Makes one hasher for each label, under a key that is never printed, pickled or stored.

    ``key`` is 32 bytes; without it they are drawn from the system. Two tables encoded under one
    ``ThrowAwayKey`` meet; under two, nothing meets. Raises ``UsageRefused`` (ENC101) for a key of
    another length, or that is text.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes | None = None) -> None:
        is_bytes = isinstance(key, bytes | bytearray)
        if key is not None and not (is_bytes and len(key) == KEY_BYTES):
            has = f"has {len(key)} bytes" if is_bytes else f"is a {type(key).__name__}"
            raise UsageRefused(
                Problem(
                    "ENC101",
                    f"the key {has}, not {KEY_BYTES} bytes",
                    why="a short key can be guessed, and a long one is not what it is taken for",
                    next="leave the key out, or draw 32 random bytes",
                )
            )
        self._key = secrets.token_bytes(KEY_BYTES) if key is None else bytes(key)

    def __call__(self, label: str) -> _ThrowAwayHasher:
        """Return the hasher for ``label``; hashers of two labels have nothing in common."""
        return _ThrowAwayHasher(blake2s(label.encode(), key=self._key).digest())

    def __repr__(self) -> str:
        return "<a throw-away key, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a throw-away key is never pickled or copied")
