"""Key files: made whole or not at all, readable by their owner alone, and gone for good.

A file is written under another name, flushed to the disk, and then linked to its own name, which
fails when that name is taken: a crash leaves no half key and two processes cannot both make one.
What is destroyed leaves a tombstone with the fingerprint and the time, never the secret.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, get_args

from equipoise.errors import (
    EnvironmentFailed,
    IntegrityRefused,
    Problem,
    StateRefused,
    UsageRefused,
)

Kind = Literal["signer", "identity", "root", "salt", "pair"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SECRET_BYTES: Final[dict[Kind, int]] = {
    "signer": 32, "identity": 74, "root": 32, "salt": 32, "pair": 64,
}  # fmt: skip

_MAGIC: Final = b"equipoise key 1\n"
_CHECK_BYTES: Final = 16
_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_TOMBSTONE: Final = ".destroyed"


@dataclass(frozen=True)
class Destroyed:
    """Keys that can never be used again.

    ``fingerprints`` maps ``<key id>.<kind>`` to the fingerprint a receipt quotes; ``at`` is when
    the last of them was destroyed; ``already`` is true when nothing was left to destroy.
    """

    fingerprints: dict[str, str]
    at: datetime
    already: bool = False


def key_id_for(*parts: str) -> str:
    """Return a well-formed key id for any names, as ``hmrc/amara-osei-1f0c9a2b``.

    A part that is not already well formed is put into lower case letters and digits and followed
    by eight digits of its own hash, so that two different names never share a key.
    """
    return "/".join(part if _PART.fullmatch(part) else _plain(part) for part in parts)


def _plain(part: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:60]
    mark = hashlib.sha256(part.encode()).hexdigest()[:8]
    return f"{words}-{mark}" if words else mark


def check_id(key_id: str) -> str:
    """Return ``key_id`` when it can be a path inside the store. Raises ``UsageRefused`` KEY001."""
    if not key_id or not all(_PART.fullmatch(part) for part in key_id.split("/")):
        raise UsageRefused(
            Problem(
                "KEY001",
                "a key id is not well formed",
                why="it names a file, so it holds small letters, digits, dots, dashes and slashes",
                next="make it with key_id_for(...)",
            )
        )
    return key_id


@contextlib.contextmanager
def on_disk(code: str, doing: str) -> Iterator[None]:
    """Turn an operating-system error into an ``EnvironmentFailed`` with ``code``."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                code,
                f"{doing} failed: {error.strerror or type(error).__name__}",
                why="the disk or its permissions did not allow it; nothing was left half done",
                next="make room or mend the permissions, then do the same again",
            )
        ) from error


def remove_drafts(path: Path) -> int:
    """Remove what a kill left beside ``path``: a draft may still be a second name of a key."""
    drafts = list(path.parent.glob(f".{glob.escape(path.name)}.*.part"))
    for draft in drafts:
        draft.unlink(missing_ok=True)
    return len(drafts)


def make_directory(directory: Path) -> None:
    """Make ``directory`` and its missing parents, each readable by the owner alone."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)


def sync_directory(directory: Path) -> None:
    """Flush a directory's list of names to the disk, where the platform can."""
    if os.name != "posix":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_new(path: Path, data: bytes) -> None:
    """Write a whole new file of mode 0600. Raises ``FileExistsError`` when the name is taken."""
    draft = _draft(path, data)
    try:
        path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    try:
        sync_directory(path.parent)
    except BaseException:
        path.unlink()
        raise


def write_over(path: Path, data: bytes) -> None:
    """Write a whole file of mode 0600 in the place of what was there."""
    draft = _draft(path, data)
    try:
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _draft(path: Path, data: bytes) -> Path:
    make_directory(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _check_of(kind: Kind, secret: bytes) -> bytes:
    return hashlib.blake2b(
        kind.encode() + b"\0" + secret, digest_size=_CHECK_BYTES, person=b"equipoise key"
    ).digest()


def encode_key(kind: Kind, secret: bytes) -> bytes:
    """Return a key file's bytes: magic, kind, secret, and a check that finds a changed byte."""
    return _MAGIC + kind.ljust(8).encode() + secret + _check_of(kind, secret)


def decode_key(data: bytes, kind: Kind, what: str) -> bytes:
    """Return the secret in a key file. Raises ``IntegrityRefused`` KEY004, KEY005 or KEY007."""
    head = len(_MAGIC) + 8
    if len(data) != head + SECRET_BYTES[kind] + _CHECK_BYTES or not data.startswith(_MAGIC):
        raise IntegrityRefused(
            _problem("KEY004", f"{what} is not a whole {kind} file", "its length or start is wrong")
        )
    if data[len(_MAGIC) : head].rstrip() != kind.encode():
        raise IntegrityRefused(
            _problem("KEY007", f"{what} holds a key of another kind", "files were mixed up")
        )
    secret, check = data[head:-_CHECK_BYTES], data[-_CHECK_BYTES:]
    if check != _check_of(kind, secret):
        raise IntegrityRefused(
            _problem("KEY005", f"{what} is corrupt", "its bytes do not agree with its own check")
        )
    return secret


def _problem(code: str, what: str, why: str) -> Problem:
    return Problem(code, what, why=why, next="restore the file from the role's own safe copy")


def read_guarded(path: Path, what: str) -> bytes:
    """Read a key file that only its owner may read.

    Raises ``IntegrityRefused``: KEY002 missing, KEY006 others can read it, KEY014 not a plain
    file; ``EnvironmentFailed`` KEY013 when the machine cannot read it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        raise IntegrityRefused(
            _problem("KEY002", f"{what} is missing", "this store does not hold it")
        ) from None
    except OSError as error:
        if path.is_symlink():
            raise IntegrityRefused(
                _problem("KEY014", f"{what} is not a plain file", "a link may point anywhere")
            ) from None
        raise EnvironmentFailed(
            Problem("KEY013", f"reading {what} failed: {error.strerror}", next="mend the disk")
        ) from error
    with os.fdopen(handle, "rb") as file:
        _refuse_open(os.fstat(file.fileno()).st_mode, what)
        return file.read(4096)


def _refuse_open(mode: int, what: str) -> None:
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise IntegrityRefused(
            Problem(
                "KEY006",
                f"others on this machine can reach {what}",
                why="a key that others could have read protects nothing",
                next="take the permission away (chmod go=), and replace the key if in doubt",
            )
        )


def check_directory(directory: Path) -> None:
    """Refuse a key directory that others can reach (KEY006)."""
    if directory.is_dir():
        _refuse_open(directory.stat().st_mode, "the key directory")


def tombstone_of(directory: Path, key_id: str) -> Path:
    """Return where the tombstone of ``key_id`` lies."""
    return directory / f"{key_id}{_TOMBSTONE}"


def read_tombstone(directory: Path, key_id: str) -> Destroyed | None:
    """Return what was destroyed under ``key_id``, or ``None``. Raises KEY005 when unreadable."""
    try:
        text = tombstone_of(directory, key_id).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        held = json.loads(text)
        return Destroyed(dict(held["fingerprints"]), datetime.fromisoformat(held["at"]), True)
    except (ValueError, KeyError, TypeError):
        raise IntegrityRefused(
            _problem("KEY005", f"the tombstone of key {key_id} is corrupt", "it cannot be read")
        ) from None


def refuse_destroyed(directory: Path, key_id: str) -> None:
    """Refuse an id whose key was destroyed (``StateRefused`` KEY008)."""
    if (gone := read_tombstone(directory, key_id)) is not None:
        raise StateRefused(
            Problem(
                "KEY008",
                f"key {key_id} was destroyed at {gone.at.isoformat()}",
                why="what it protected is erased; an id is never used twice",
                next="make a new version of the agreement, or a key under another id",
            )
        )


def write_tombstone(directory: Path, key_id: str, gone: Destroyed) -> None:
    """Write down what is about to be destroyed, before it is."""
    record = {"fingerprints": gone.fingerprints, "at": gone.at.isoformat()}
    text = json.dumps(record, sort_keys=True, indent=1)
    write_over(tombstone_of(directory, key_id), text.encode())


def ids_under(directory: Path, prefix: str, *, destroyed: bool = False) -> tuple[str, ...]:
    """Return the key ids at or under ``prefix`` that the store holds, or has destroyed."""
    endings = (_TOMBSTONE,) if destroyed else tuple(f".{kind}" for kind in KINDS)
    found = set()
    for path in directory.glob("**/*"):
        if path.suffix in endings and not path.name.startswith("."):
            key_id = path.relative_to(directory).with_suffix("").as_posix()
            if key_id == prefix or key_id.startswith(prefix + "/") or not prefix:
                found.add(key_id)
    return tuple(sorted(found))
