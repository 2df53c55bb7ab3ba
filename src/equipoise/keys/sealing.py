"""Sealing for a receiver with age (https://age-encryption.org/v1), in memory and in streams."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pyrage

from equipoise.errors import IntegrityRefused, Problem, UsageRefused

Seal = Callable[[bytes], bytes]
SealStream = Callable[[BinaryIO, BinaryIO], None]
Unseal = Callable[[bytes], bytes]


def seal_to(public: str) -> Seal:
    """Return a function that seals bytes for the holder of the age key ``public`` (``age1…``).

    Raises ``UsageRefused`` KEY010 when ``public`` is not such a key.
    """
    recipient = recipient_from(public)

    def seal(data: bytes) -> bytes:
        return bytes(pyrage.encrypt(data, [recipient]))

    return seal


def recipient_from(public: str) -> pyrage.x25519.Recipient:
    """Return the age recipient that ``public`` names. Raises ``UsageRefused`` KEY010."""
    try:
        return pyrage.x25519.Recipient.from_str(public)
    except pyrage.RecipientError:
        raise UsageRefused(
            Problem(
                "KEY010",
                "this is not an age public key",
                why="one begins with age1 and has a check of its own",
                next="ask the receiver for its public key again",
            )
        ) from None


def cannot_unseal() -> IntegrityRefused:
    """Return the refusal for bytes that this key does not open (KEY009)."""
    return IntegrityRefused(
        Problem(
            "KEY009",
            "the seal cannot be opened with this key",
            why="it was sealed for somebody else, or was changed or cut short on the way",
            next="ask the sender to seal it again for the key you now hold",
        )
    )


def unseal(data: bytes, identity: pyrage.x25519.Identity) -> bytes:
    """Open bytes sealed to ``identity``. Raises ``IntegrityRefused`` KEY009."""
    try:
        return bytes(pyrage.decrypt(data, [identity]))
    except pyrage.DecryptError:
        raise cannot_unseal() from None


class _Watched(io.RawIOBase):
    """Passes bytes on and keeps the first error, which the age library would only describe."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self.error = error
            raise

    def write(self, data: bytes) -> int:  # type: ignore[override]
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


def seal_stream(source: BinaryIO, sink: BinaryIO, recipient: pyrage.x25519.Recipient) -> None:
    """Seal ``source`` into ``sink`` in pieces of 64 KiB. Raises the ``OSError`` of either.

    The library writes its last piece while it tidies up and lets an error there pass unsaid (seen
    in pyrage 1.4): a full disk would look like success. So both files are asked afterwards.
    """
    reading, writing = _Watched(source), _Watched(sink)
    with _own_error(reading, writing):
        pyrage.encrypt_io(reading, writing, [recipient])


def seal_stream_to(public: str) -> SealStream:
    """Return a function that seals one file into another for the holder of ``public``.

    Raises ``UsageRefused`` KEY010 when ``public`` is not an age key.
    """
    recipient = recipient_from(public)
    return lambda source, sink: seal_stream(source, sink, recipient)


def unseal_stream(source: BinaryIO, sink: BinaryIO, identity: pyrage.x25519.Identity) -> None:
    """Open ``source`` into ``sink`` in pieces, each of them authentic.

    Only the end of the stream shows that it is whole: use what was written after this returns.
    Raises ``IntegrityRefused`` KEY009, or the ``OSError`` of either file.
    """
    reading, writing = _Watched(source), _Watched(sink)
    with _own_error(reading, writing):
        pyrage.decrypt_io(reading, writing, [identity])


@contextmanager
def _own_error(reading: _Watched, writing: _Watched) -> Iterator[None]:
    """Raise the files' own error, whatever the library made of it."""
    try:
        yield
    except (pyrage.EncryptError, pyrage.DecryptError, OSError):
        raise (reading.error or writing.error or cannot_unseal()) from None
    if (error := reading.error or writing.error) is not None:
        raise error
