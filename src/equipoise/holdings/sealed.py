"""Sealed files: a table goes in and comes out in pieces, and no plain copy touches the disk.

The plain stream is a length-prefixed JSON header and an Arrow IPC stream (zstd). A thread writes it
into a pipe while the key store seals what comes out of the other end, and the other way round for
reading. Memory holds the table itself and a few pieces of 64 KiB.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

import pyarrow as pa

from equipoise.errors import DataRefused, EquipoiseError, IntegrityRefused, Problem
from equipoise.keys import KeyStore

_HEADER_LIMIT: Final = 1 << 20
_PIECE: Final = 1 << 20


class _Hashing:
    """Passes bytes to or from a file and hashes them on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        self._file.write(data)
        return len(data)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def flush(self) -> None:
        self._file.flush()

    def finish(self) -> str:
        """Read what is left and return the hash of the whole file."""
        while self.read(_PIECE):
            pass
        return self.digest()

    def digest(self) -> str:
        return self._hash.hexdigest()


class _Beside(threading.Thread):
    """Does one thing in a thread and keeps the error it met."""

    def __init__(self, do: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._do = do
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._do()
        except BaseException as error:  # handed to the caller, who raises it
            self.error = error


def write_sealed(
    path: Path, table: pa.Table, header: dict[str, Any], keys: KeyStore, key_id: str
) -> tuple[str, int]:
    """Seal ``table`` under its header into a new file; return its SHA-256 and size.

    The file is flushed to the disk. Raises ``OSError``; what was written is then left for the
    caller to remove.
    """
    reading, writing = os.pipe()
    source = os.fdopen(reading, "rb")
    beside = _Beside(lambda: _pour(os.fdopen(writing, "wb", _PIECE), table, header))
    beside.start()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb", _PIECE) as file:
            sink = _Hashing(file)
            keys.seal_stream(key_id, source, cast(BinaryIO, sink))
            file.flush()
            os.fsync(file.fileno())
    finally:
        source.close()  # a failure above breaks the pipe, which ends the thread
        beside.join()
    if beside.error is not None:  # the stream ended early, so the file is not whole
        raise beside.error
    return sink.digest(), sink.size


def _pour(sink: IO[bytes], table: pa.Table, header: dict[str, Any]) -> None:
    told = json.dumps(header, sort_keys=True).encode()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with sink:
        sink.write(len(told).to_bytes(4, "big") + told)
        with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
            stream.write_table(table, max_chunksize=1 << 17)


def read_sealed(
    path: Path, sha256: str, keys: KeyStore, key_id: str, columns: Sequence[str] | None
) -> tuple[dict[str, Any], pa.Table]:
    """Open a sealed file and return its header and the ``columns`` asked for, in that order.

    Nothing is returned before the whole file was read, found authentic and of hash ``sha256``.
    Raises ``IntegrityRefused`` HLD004 (missing), HLD005 (changed or cut short), HLD006 (not sealed
    with this key), HLD008 (not a holding); ``DataRefused`` HLD010 (no such column).
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise _refused("HLD004", "a sealed file is missing", "its record is still there") from None
    with file:
        source = _Hashing(file)
        found = _drink(source, keys, key_id, columns)
        if source.finish() != sha256:
            raise _refused(
                "HLD005", "a sealed file was changed or cut short", "its hash is not its name"
            ) from (found if isinstance(found, BaseException) else None)
    if isinstance(found, BaseException):
        raise found
    return found


def _drink(
    source: _Hashing, keys: KeyStore, key_id: str, columns: Sequence[str] | None
) -> tuple[dict[str, Any], pa.Table] | BaseException:
    reading, writing = os.pipe()

    def open_seal() -> None:
        with os.fdopen(writing, "wb") as sink:
            keys.unseal_stream(key_id, cast(BinaryIO, source), sink)

    beside = _Beside(open_seal)
    beside.start()
    result: tuple[dict[str, Any], pa.Table] | BaseException
    with os.fdopen(reading, "rb", _PIECE) as plain:
        try:
            result = _take(plain, columns)
        except (pa.ArrowInvalid, pa.ArrowIOError, ValueError, KeyError):
            result = _refused("HLD008", "a sealed file holds no table", "it was put there by hand")
        except EquipoiseError as error:
            result = error
    beside.join()
    return _seal_error(beside.error) or result


def _seal_error(error: BaseException | None) -> BaseException | None:
    if isinstance(error, IntegrityRefused) and error.problems[0].code == "KEY009":
        return _refused(
            "HLD006", "a sealed file does not open with its key", "files or keys were mixed up"
        )
    return None if isinstance(error, BrokenPipeError) else error


def _take(plain: IO[bytes], columns: Sequence[str] | None) -> tuple[dict[str, Any], pa.Table]:
    size = int.from_bytes(plain.read(4), "big")
    if not 2 <= size <= _HEADER_LIMIT:
        raise ValueError("no header")
    header = json.loads(plain.read(size))
    if not isinstance(header, dict):
        raise ValueError("no header")
    chosen = _positions(header, columns)
    options = pa.ipc.IpcReadOptions(included_fields=chosen)
    with pa.ipc.open_stream(plain, options=options) as stream:
        table = stream.read_all()
    with contextlib.suppress(OSError):
        while plain.read(_PIECE):  # let the seal be followed to its end
            pass
    return header, table if columns is None else table.select(list(columns))


def _positions(header: dict[str, Any], columns: Sequence[str] | None) -> list[int] | None:
    if columns is None:
        return None
    there = list(header["columns"])
    absent = [name for name in columns if name not in there]
    if absent:
        raise DataRefused(
            Problem(
                "HLD010",
                f"the held table has no column {name}",
                why="only agreed fields are held",
                next=f"choose among: {', '.join(there)}",
            )
            for name in absent
        )
    return sorted({there.index(name) for name in columns})


def _refused(code: str, what: str, why: str) -> IntegrityRefused:
    return IntegrityRefused(
        Problem(code, what, why=why, next="erase what is left of it and receive the parcel again")
    )
