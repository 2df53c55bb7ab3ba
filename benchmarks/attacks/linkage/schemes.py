"""What is attacked: each scheme turns a plain table into words of bits, under a key.

``plain`` is our own stand-in: an unhardened cryptographic long-term key (Schnell, Bachteler and
Reiher 2011), 1,024 bits, bigrams, keyed. ``random`` is the negative control: bits that say nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.record import STRENGTHS, record_filters

from .people import FIELDS

Words = npt.NDArray[np.uint64]
"""n rows of 64-bit words: what the linkage unit sees of each record."""

_BITS: Final = 1024
_HASHES: Final = 8


class SeededKey:
    """A key made from a number, so that a run can be had again: for attacks only, not for data."""

    def __init__(self, number: int, label: str = "") -> None:
        self._key = hashlib.blake2b(f"attack key {number}".encode(), digest_size=32).digest()
        self._label = label.encode()

    def __call__(self, label: str) -> SeededKey:
        """Return the hasher for one label."""
        made = SeededKey(0, label)
        made._key = self._key
        return made

    def digests(self, values: Sequence[bytes | None]) -> pa.Array:
        """Return one 16-byte digest for each value."""
        key = hashlib.blake2b(self._label, key=self._key, digest_size=32).digest()
        made = [
            None if v is None else hashlib.blake2b(v, key=key, digest_size=16).digest()
            for v in values
        ]
        return pa.array(made, pa.binary(16))


class Scheme(Protocol):
    """Encode a table with the columns of ``people.FIELDS`` under a key: words, one row a person."""

    def __call__(self, table: pa.Table, key: SeededKey) -> Words: ...


def _texts(table: pa.Table, field: str) -> list[str | None]:
    column = table[field]
    if pa.types.is_date(column.type):
        column = pc.strftime(column, format="%d%m%Y")
    return [None if v is None else v.upper() for v in column.to_pylist()]


def grams(text: str) -> list[str]:
    """Return the padded bigrams of a text; repeats bear their number."""
    padded = f"_{text}_"
    seen: dict[str, int] = {}
    found = []
    for i in range(len(padded) - 1):
        gram = padded[i : i + 2]
        seen[gram] = seen.get(gram, 0) + 1
        found.append(f"{gram}{seen[gram]}")
    return found


def row_tokens(table: pa.Table) -> list[list[str]]:
    """Return for each row its bigrams, each bearing its field's name."""
    rows: list[list[str]] = [[] for _ in range(table.num_rows)]
    for field in FIELDS:
        for row, text in zip(rows, _texts(table, field), strict=True):
            if text:
                row += [f"{field}:{gram}" for gram in grams(text)]
    return rows


def plain(table: pa.Table, key: SeededKey) -> Words:
    """Return an unhardened filter for each row: every bigram of every field sets eight bits."""
    rows = row_tokens(table)
    known = {token: i for i, token in enumerate(dict.fromkeys(t for row in rows for t in row))}
    digests = key("plain filter").digests([token.encode() for token in known])
    whole = np.array([np.frombuffer(d, np.uint16) for d in digests.to_pylist()]) % _BITS
    bits = np.zeros((len(rows), _BITS), dtype=np.uint8)
    for i, row in enumerate(rows):
        bits[i, whole[[known[t] for t in row], :_HASHES].ravel()] = 1
    return packed(bits)


def random(table: pa.Table, key: SeededKey) -> Words:
    """Return bits drawn by chance, a quarter of them set, whoever the person is."""
    digest = key("random bits").digests([b"seed"])[0].as_py()
    draw = np.random.default_rng(int.from_bytes(digest, "little"))
    return packed((draw.random((table.num_rows, _BITS)) < 0.25).astype(np.uint8))


def packed(bits: npt.NDArray[np.uint8]) -> Words:
    """Return rows of bits as 64-bit words, the lowest bit first."""
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64)


def unpacked(words: Words) -> npt.NDArray[np.uint8]:
    """Return words as rows of bits, 0 or 1."""
    return np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")


def weights(words: Words) -> npt.NDArray[np.int64]:
    """Return how many bits each row has set."""
    return np.bitwise_count(words).sum(axis=1, dtype=np.int64)


CONTROLS: Final[dict[str, Callable[[pa.Table, SeededKey], Words]]] = {
    "plain": plain,
    "random": random,
}


def recorded(name: str) -> Callable[[pa.Table, SeededKey], Words]:
    """Return the record-level scheme of one published strength."""

    def encode(table: pa.Table, key: SeededKey) -> Words:
        return record_filters(table, FIELDS, key, STRENGTHS[name])

    return encode


SCHEMES: Final[dict[str, Callable[[pa.Table, SeededKey], Words]]] = {
    **CONTROLS,
    **{name: recorded(name) for name in STRENGTHS},
}
"""Everything that can be attacked as rows of bits, by name."""
