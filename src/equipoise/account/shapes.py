"""The shapes that a ledger's words may have. There is none that free text would fit."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from equipoise.account.deeds import Kind

Scalar = str | int | float | bool
"""A detail is one of these; nothing nested ever enters the ledger."""

LONGEST: Final = 200
"""Characters in any text of an entry."""

_NAME: Final = r"[a-z][a-z0-9_-]{0,62}"
_ID: Final = rf"{_NAME}:[A-Za-z0-9][A-Za-z0-9@._/-]{{0,135}}"
_CODE: Final = r"[A-Z]{3,4}[0-9]{3}"
_TEXTS: Final[Mapping[str, re.Pattern[str]]] = {
    "name": re.compile(_NAME),
    "names": re.compile(rf"{_NAME}(, {_NAME})*"),
    "reference": re.compile(rf"{_NAME}@[1-9][0-9]{{0,5}}"),
    "digest": re.compile(r"sha256:[0-9a-f]{64}"),
    "fingerprint": re.compile(r"(sha256:)?[0-9a-f]{16,64}|damaged"),
    "id": re.compile(_ID),
    "codes": re.compile(rf"{_CODE}( {_CODE})*"),
    "moment": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
    "version": re.compile(r"[0-9]+(\.[0-9a-z]+){0,4}"),
    "words": re.compile(r"[A-Za-z][A-Za-z '-]{0,79}"),
}
_OBJECT: Final = re.compile(_ID)
_PARTY: Final = re.compile(_NAME)


def moment_text(at: datetime) -> str:
    """Return a moment as the ledger writes it: UTC, whole seconds, ``2027-01-31T09:00:00Z``.

    Raises ``ValueError`` when ``at`` does not say its time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a moment must state its time zone")
    return at.astimezone(UTC).replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    """Return the moment that ``moment_text`` wrote. Raises ``ValueError`` for any other text."""
    if not _TEXTS["moment"].fullmatch(text):
        raise ValueError("a moment reads 2027-01-31T09:00:00Z")
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def plain(text: str) -> bool:
    """Say whether a text is short, composed (NFC) and free of control and hidden characters."""
    return (
        0 < len(text) <= LONGEST and unicodedata.is_normalized("NFC", text) and text.isprintable()
    )


def is_person(text: str) -> bool:
    """Say whether a text is ``party/Name of the person``, or ``site/part`` for the machine."""
    party, slash, name = text.partition("/")
    return bool(slash) and bool(_PARTY.fullmatch(party)) and plain(name) and "/" not in name


def is_object(text: str, kind: str) -> bool:
    """Say whether a text is an object of ``kind``, as ``run:r7`` is of the kind ``run``."""
    return bool(_OBJECT.fullmatch(text)) and text.partition(":")[0] == kind


def is_digest(text: str) -> bool:
    """Say whether a text is ``sha256:`` and 64 hexadecimal digits."""
    return bool(_TEXTS["digest"].fullmatch(text))


def _whole(value: Scalar) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _seconds(value: Scalar) -> bool:
    if isinstance(value, str | bool):
        return False
    return math.isfinite(value) and value >= 0


def _moment(value: Scalar) -> bool:
    try:
        read_moment(str(value))
    except ValueError:
        return False
    return isinstance(value, str)


_VALUES: Final[Mapping[str, Callable[[Scalar], bool]]] = {
    "count": _whole,
    "seconds": _seconds,
    "yes/no": lambda value: isinstance(value, bool),
    "person": lambda value: isinstance(value, str) and is_person(value),
    "moment": _moment,
}

SHAPES: Final = frozenset(_TEXTS) | frozenset(_VALUES)
"""The names of all kinds."""


def fits(kind: Kind, value: object) -> bool:
    """Say whether a detail has the shape of its kind. Anything that is not a scalar does not."""
    if not isinstance(value, str | int | float | bool):
        return False
    if isinstance(value, str) and not plain(value):
        return False
    if isinstance(kind, tuple):
        return value in kind
    if kind in _VALUES:
        return _VALUES[kind](value)
    return isinstance(value, str) and bool(_TEXTS[kind].fullmatch(value))
