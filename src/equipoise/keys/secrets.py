"""What is made from a secret: derived keys, tokens, pseudonyms and signatures.

HKDF-SHA256 is RFC 5869, Ed25519 is RFC 8032, BLAKE2s with a key is RFC 7693.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, NoReturn, Protocol

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from equipoise.errors import DataRefused, IntegrityRefused, Problem
from equipoise.hashing import Values, keyed_digests

ID_BYTES: Final = 16
_FINGERPRINT_BYTES: Final = 16


class Hasher(Protocol):
    """Makes keyed tokens."""

    def digests(self, values: Values) -> pa.Array:
        """Return one 16-byte token for each value, null for a missing one."""
        ...


class _Hidden:
    """Holds a secret that no ``repr``, ``str``, copy or pickle gives away."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is never pickled or copied")

    def __getstate__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is never pickled or copied")


class Secret(_Hidden):
    """A derived key. ``reveal`` is the one way to its bytes."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the key's bytes; do not keep, print or send them."""
        return self._value


class KeyedHasher(_Hidden):
    """Tokens by keyed BLAKE2s (a 32-byte key) with 16 bytes of output: see ``hashing``."""

    __slots__ = ("_key",)

    def __init__(self, key: Secret) -> None:
        self._key = key

    def digests(self, values: Values) -> pa.Array:
        """Return ``fixed_size_binary(16)``, one token for each value, null for a missing one."""
        return keyed_digests(self._key.reveal(), values)


class Ed25519Signer(_Hidden):
    """Signs with a key that never leaves this object. ``public_key`` is 64 hex digits."""

    __slots__ = ("_key", "public_key")

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public_key: str = self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Return the signature of ``message`` as 128 hex digits."""
        return self._key.sign(message).hex()


def fingerprint_of(kind: str, material: bytes) -> str:
    """Return 32 hex digits that name a key without telling it.

    ``material`` is the public half where there is one, so that anybody can check it; else the
    secret itself, which 256 random bits keep from being guessed.
    """
    digest = hashlib.sha256(b"equipoise fingerprint 1\0" + kind.encode() + b"\0" + material)
    return digest.hexdigest()[: 2 * _FINGERPRINT_BYTES]


def labelled(*parts: str) -> bytes:
    """Return parts with their lengths before them, so that no two lists look alike."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def derive(root: bytes, salt: bytes, *purpose: str) -> Secret:
    """Return the 32-byte key for ``purpose`` by HKDF-SHA256."""
    info = labelled("equipoise", "1", *purpose)
    return Secret(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(root))


def _blocks(ids: pa.Array | pa.ChunkedArray) -> bytes:
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.combine_chunks()
    if ids.type != pa.binary(ID_BYTES) or ids.null_count:
        raise DataRefused(
            Problem(
                "KEY011",
                "link ids are not all present and 16 bytes long",
                why="every row of a linked dataset bears one",
                next="hand on the link ids as the linkage unit returned them",
            )
        )
    start = ids.offset * ID_BYTES
    buffer = ids.buffers()[1]
    return b"" if buffer is None else buffer[start : start + len(ids) * ID_BYTES].to_pybytes()


def _permute(key: Secret, blocks: bytes) -> bytes:
    """Put each 16-byte block through AES-256.

    Each block is one evaluation of a keyed permutation, which is what is wanted: equal ids must
    give equal pseudonyms. No message is enciphered, so the usual warning against this mode (that
    it shows equal blocks) does not apply.
    """
    cipher = Cipher(algorithms.AES(key.reveal()), modes.ECB())  # noqa: S305
    return cipher.encryptor().update(blocks)


def _as_ids(blocks: bytes) -> pa.Array:
    data = pa.py_buffer(blocks)
    return pa.Array.from_buffers(pa.binary(ID_BYTES), len(blocks) // ID_BYTES, [None, data])


def covered(key: Secret) -> Callable[[pa.Array], pa.Array]:
    """Return a function from link ids to the same ids under ``key``, ``fixed_size_binary(16)``.

    AES-256 of the id, whole: a permutation, so that whoever holds the key can turn it back with
    ``uncovered``, and nobody else can. Its first half, read as a number, is the pseudonym.
    """
    return lambda ids: _as_ids(_permute(key, _blocks(ids)))


def uncovered(key: Secret) -> Callable[[pa.Array], pa.Array]:
    """Return the function that turns ``covered`` back."""

    def give(ids: pa.Array) -> pa.Array:
        cipher = Cipher(algorithms.AES(key.reveal()), modes.ECB())  # noqa: S305  # see _permute
        return _as_ids(cipher.decryptor().update(_blocks(ids)))

    return give


def as_pseudonyms(ids: pa.Array) -> pa.Array:
    """Return the pseudonyms, ``uint64``, of covered ids: the first half of each.

    Two different ids that meet in one pseudonym are refused, KEY012.
    """
    pairs = np.frombuffer(_blocks(ids), dtype="<u8").reshape(-1, 2)
    numbers = pairs[:, 0].copy()
    refuse_collisions(pairs, numbers)
    return pa.array(numbers, type=pa.uint64())


def pseudonyms(key: Secret) -> Callable[[pa.Array], pa.Array]:
    """Return a function from link ids, ``fixed_size_binary(16)``, to pseudonyms, ``uint64``.

    A pseudonym is the first half of AES-256 of the id: a permutation cut short, which nobody
    without the key can tell from chance. Equal ids give equal pseudonyms. Two different ids that
    meet in one pseudonym (about 1 in 16 million for 1.5 million people) are refused, KEY012.
    """

    cover = covered(key)
    return lambda ids: as_pseudonyms(cover(ids))


def refuse_collisions(ids: np.ndarray, numbers: np.ndarray) -> None:
    """Refuse two different ids (n × 2, uint64) with one pseudonym (n, uint64): KEY012."""
    in_order = np.sort(numbers)  # much cheaper than argsort, and mostly nothing is equal
    if not bool((in_order[1:] == in_order[:-1]).any()):
        return
    order = np.argsort(numbers)
    same = numbers[order[1:]] == numbers[order[:-1]]
    other = (ids[order[1:]] != ids[order[:-1]]).any(axis=1)
    if bool((same & other).any()):
        raise IntegrityRefused(
            Problem(
                "KEY012",
                "two different people would bear one pseudonym",
                why="their rows would be taken for one person's; the chance of it is very small",
                next="link again under a new version of the agreement, which has other keys",
            )
        )


def link_ids(key: Secret) -> Callable[[pa.Array], pa.Array]:
    """Return a function from entity row numbers, ``int64``, to link ids, ``fixed_size_binary(16)``.

    AES-256 of the number: different rows can never meet in one id.
    """

    def give(rows: pa.Array) -> pa.Array:
        numbers = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
        blocks = np.zeros((len(numbers), 2), dtype="<u8")
        blocks[:, 0] = numbers.to_numpy(zero_copy_only=False).astype("<u8")
        return _as_ids(_permute(key, blocks.tobytes()))

    return give
