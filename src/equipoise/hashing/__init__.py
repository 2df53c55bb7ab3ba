"""Keyed hashing of many short values at once: BLAKE2s (RFC 7693), a 32-byte key, 16 bytes out.

A token's parts mostly fit one block of 64 bytes, and the key's own block is hashed once for all
values, so a value costs one compression where HMAC-SHA256 costs two or more. ``blake2s.c`` does it,
compiled when the package is installed; where that is missing, ``hashlib`` does the same one value
at a time. This room holds no key: who has one passes it in.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.cores import in_threads

DIGEST_BYTES: Final = 16
KEY_BYTES: Final = 32
LIBRARY: Final = Path(__file__).with_name(
    "_blake2s.dll" if sys.platform == "win32" else "_blake2s.so"
)
_LAYOUT: Final = 1
_PIECE: Final = 1 << 16
"""Values that one thread takes at a time."""

Values: TypeAlias = "pa.Array | Sequence[bytes | None]"


def keyed_digests(key: bytes, values: Values) -> pa.Array:
    """Return ``fixed_size_binary(16)``: one digest for each value, null for a missing one.

    ``key`` has 32 bytes. ``values`` are an array of binary or string, or a sequence of bytes and
    None. Equal values under one key have equal digests, wherever they stand.
    """
    assert len(key) == KEY_BYTES, "a key of another length is never derived"
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.binary())
    array = array.cast(pa.binary())
    made = np.empty((len(array), DIGEST_BYTES), np.uint8)
    native = library()
    if native is None:
        _by_hashlib(key, array, made)
    else:
        _compiled(native, key, array, made)
    valid = None
    if array.null_count:
        there = pc.is_valid(array).to_numpy(zero_copy_only=False)
        made[~there] = 0
        valid = pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(pa.binary(DIGEST_BYTES), len(array), [valid, pa.py_buffer(made)])


@cache
def library(path: Path = LIBRARY) -> ctypes.CDLL | None:
    """Return the compiled library, None where it is not there or is of another layout."""
    try:
        loaded = ctypes.CDLL(str(path))
        if loaded.eqh_layout() != _LAYOUT:
            return None
        pointer, long = ctypes.c_void_p, ctypes.c_int64
        loaded.eqh_digests.argtypes = (ctypes.c_char_p, pointer, pointer, long, long, pointer)
        loaded.eqh_digests.restype = None
    except (OSError, AttributeError):
        return None
    return loaded


def _compiled(
    native: ctypes.CDLL, key: bytes, array: pa.Array, made: npt.NDArray[np.uint8]
) -> None:
    if not len(array):
        return
    _, offsets, data = array.buffers()
    first = offsets.address + 4 * array.offset
    where = data.address if data is not None else first

    def piece(start: int, stop: int) -> None:
        native.eqh_digests(key, first, where, start, stop, made.ctypes.data)

    in_threads(piece, len(array), _PIECE)


def _by_hashlib(key: bytes, array: pa.Array, made: npt.NDArray[np.uint8]) -> None:
    keyed = hashlib.blake2s(key=key, digest_size=DIGEST_BYTES)
    for row, value in enumerate(array.to_pylist()):
        state = keyed.copy()
        state.update(value or b"")
        made[row] = np.frombuffer(state.digest(), np.uint8)
