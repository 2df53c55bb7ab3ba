"""What is written beside a sealed table: a record of what is held, or of what was destroyed.

A record holds names, hashes and counts, never a row value. It is not trusted: the same facts lie
inside the seal, and the two must agree.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from equipoise.errors import IntegrityRefused, Problem, UsageRefused

FORMAT: Final = 1
_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


@dataclass(frozen=True)
class Held:
    """One table at rest. ``sha256`` is of the sealed file and is its name; ``key`` is a key id."""

    id: str
    agreement: str
    version: int
    room: str
    name: str
    rows: int
    columns: tuple[str, ...]
    sha256: str
    bytes: int
    key: str
    at: datetime


@dataclass(frozen=True)
class DestroyedFile:
    """One table that can never be read again, as a receipt names it.

    ``already`` is true when this call found it destroyed before.
    """

    id: str
    agreement: str
    version: int
    room: str
    name: str
    rows: int
    sha256: str
    key_fingerprint: str
    at: datetime
    already: bool = False


Record = TypeVar("Record", Held, DestroyedFile)


def check_part(value: str, what: str) -> str:
    """Return ``value`` when it can be a name in a path. Raises ``UsageRefused`` HLD001."""
    if not _PART.fullmatch(value):
        raise UsageRefused(
            Problem(
                "HLD001",
                f"this cannot be the name of {what}",
                why="it names a folder, so it holds small letters, digits, dots and dashes",
                next="use the agreement's own ids",
            )
        )
    return value


def encode_record(record: Held | DestroyedFile) -> bytes:
    """Return a record as JSON."""
    plain = {**asdict(record), "at": record.at.isoformat(), "format": FORMAT}
    plain.pop("already", None)
    return json.dumps(plain, sort_keys=True, indent=1).encode()


def read_record(path: Path, kind: type[Record]) -> Record:
    """Read a record. Raises ``IntegrityRefused`` HLD007 when it is not one of ours."""
    try:
        held: dict[str, Any] = json.loads(path.read_bytes())
        if held.pop("format") != FORMAT:
            raise ValueError("another format")
        held["at"] = datetime.fromisoformat(held["at"])
        if "columns" in held:
            held["columns"] = tuple(held["columns"])
        return kind(**held)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise IntegrityRefused(
            Problem(
                "HLD007",
                "the record of a held table is damaged",
                why="what is held there can no longer be told apart from something else",
                next="erase it and receive the parcel again",
            )
        ) from None
