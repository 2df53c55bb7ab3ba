"""Record-level filters: one row of bits a record, that only the same person's other row resembles.

How a filter is made, so that another program can make the same one (layout version 2):

1. The plan (``record_plan``) gives lines: a field, its salt, and a number of positions. In what is
   hashed, forenames and surnames all go by one name.
2. A value's grams are keyed 64-bit digests, sorted; a line with ``b`` positions takes gram ``j mod
   g`` for position ``j`` of a value with ``g`` grams, in round ``j div g``. So long names set as
   many bits as short ones.
3. A salt is the line's own keyed digest, then one keyed 64-bit digest for each of its parts: each
   in turn is joined by exclusive or and ``mixed``. A record that lacks a field or a part of its
   salt leaves the line out; so does one whose value too many rows share (``record_defaults``).
4. Each (gram, round, salt) is mixed to one inner position; the inner filter has many more bits than
   the record sets.
5. Output bit ``i`` is the exclusive or of ``diffusion`` inner bits, chosen by key.

All digests are the hasher's; whoever lacks the key can compute none of this. Arrays are processed
in batches of records, so memory does not grow with the file beyond the result.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.carry.encode import record_plan
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record_check import check_fields
from equipoise.carry.encode.record_defaults import Defaults, defaults_of, without
from equipoise.carry.encode.record_native import Line, library
from equipoise.carry.encode.record_parts import WHOLE, Codes, Column, Words, columns_of, digests
from equipoise.carry.encode.record_plan import called, plan
from equipoise.carry.encode.tokens import Hasher
from equipoise.cores import in_threads

Hashers = Callable[[str], Hasher]

LAYOUT: Final = "equipoise record filter 2"
_BATCH: Final = 8192
_MOST_INNER: Final = 1 << 16
"""Inner bits that the compiled part has room for."""


@dataclass(frozen=True)
class Strength:
    """How hard a filter is to undo.

    ``bits``: bits of the filter, a multiple of 64. ``inner``: bits of the filter before diffusion,
    a power of two. ``hashes``: positions a record sets. ``salting``: whether grams are salted.
    ``diffusion``: inner bits in each output bit; 1 means none, and then ``inner == bits``.
    """

    name: str
    bits: int
    inner: int
    hashes: int
    salting: bool
    diffusion: int

    @property
    def load(self) -> float:
        """Return how many of an output bit's inputs a full record sets, on average."""
        return self.diffusion * self.hashes / self.inner


STRENGTHS: Final[Mapping[str, Strength]] = MappingProxyType(
    {
        made.name: made
        for made in (
            Strength("none", 1024, 1024, 256, salting=False, diffusion=1),
            Strength("salted", 4096, 4096, 240, salting=True, diffusion=1),
            Strength("light", 4096, 8192, 240, salting=True, diffusion=8),
            Strength("standard", 2048, 8192, 240, salting=True, diffusion=6),
            Strength("high", 4096, 8192, 240, salting=True, diffusion=20),
            Strength("highest", 4096, 8192, 240, salting=True, diffusion=28),
        )
    }
)
"""From weakest to hardest. ``none`` and ``salted`` are for the attack suite only: a plain filter,
and what somebody would hold who had undone the diffusion."""


def record_filters(
    table: pa.Table,
    fields: Mapping[str, Kind],
    hasher: Hashers,
    strength: Strength,
    *,
    column: Mapping[str, str] | None = None,
    columns: Mapping[str, Column] | None = None,
    inputs: Codes | None = None,
    defaults: Defaults | None = None,
) -> Words:
    """Return one filter for each row: ``n x (strength.bits / 64)``, bit ``i`` in word ``i div 64``.

    ``fields`` maps the agreed name of each field to its kind, in the agreed order; ``column`` maps
    it to the table's column where that has another name. ``hasher`` gives the keyed hash of a
    label. ``columns`` (of ``columns_of``), ``inputs`` (of ``diffusion``) and ``defaults`` (of
    ``defaults_in``) may be given by whoever has them already; without the last the table is the
    whole file and tells them by itself. Two owners' filters meet only under one key, one set of
    fields and one strength. Raises ``UsageRefused`` (ENC201 to ENC204) for fields that no filter
    can be made of.
    """
    check_fields(table, fields, column)
    columns = columns or columns_of(table, fields, column)
    lines = prepared(columns, fields, hasher, strength, defaults)
    inputs = diffusion(strength, hasher) if inputs is None else inputs
    out = np.zeros((table.num_rows, strength.bits // 64), np.uint64)
    native = library() if strength.inner <= _MOST_INNER else None
    if native is not None:
        _fill_native(native, lines, strength, inputs, out)
        return out
    for start in range(0, table.num_rows, _BATCH):
        stop = min(start + _BATCH, table.num_rows)
        inner = np.zeros((strength.inner, _BATCH), np.uint8)
        for line in lines:
            at, row = line.positions(start, stop, strength.inner)
            inner[at, row] = 1
        out[start:stop] = _diffused(inner, inputs)[: stop - start]
    return out


def _fill_native(
    native: ctypes.CDLL, lines: list[_Prepared], strength: Strength, inputs: Codes, out: Words
) -> None:
    """Do what ``record_filters`` does, compiled, on all cores."""
    laid = (Line * len(lines))(*(line.laid() for line in lines))
    order = np.argsort(inputs, axis=None, kind="stable")
    outputs = (order // inputs.shape[1]).astype(np.int32)
    starts = np.zeros(strength.inner + 1, np.int32)
    starts[1:] = np.cumsum(np.bincount(inputs.ravel(), minlength=strength.inner))
    shift = 64 - (strength.inner.bit_length() - 1)

    def fill(start: int, stop: int) -> None:
        if native.eqr_filters(
            laid, len(lines), start, stop, shift, starts.ctypes.data, outputs.ctypes.data,
            out.shape[1], out.ctypes.data,
        ):  # fmt: skip
            raise MemoryError("there is no room for the filters of one batch")

    in_threads(fill, len(out), _BATCH)


def prepared(
    columns: Mapping[str, Column],
    fields: Mapping[str, Kind],
    hasher: Hashers,
    strength: Strength,
    defaults: Defaults | None = None,
) -> list[_Prepared]:
    """Return the lines of the plan with their digests, ready for any batch of rows."""
    lines = plan(fields, strength.hashes, salting=strength.salting)
    hashed = called(fields)
    grams = {
        name: columns[name].grams(hasher(_label("gram", hashed[name])))
        for name in {line.field for line in lines}
    }
    if defaults is None:
        defaults = defaults_in(columns, fields, hasher, strength)
    used = {part for line in lines for part in line.salt} | {
        key for key in defaults if key[1] == WHOLE
    }
    parts = _parts(columns, fields, hasher, used)
    names = digests(pa.array([line.name for line in lines], pa.string()), hasher(_label("line")))
    sizes = {(line.field, line.bits) for line in lines}
    slots = {(name, bits): _slots(grams[name], bits) for name, bits in sizes}
    for (name, _), made in slots.items():
        if (name, WHOLE) in defaults:
            made[np.isin(parts[name, WHOLE], defaults[name, WHOLE])] = 0
    salts = without(parts, defaults)
    return [
        _Prepared(line, own, columns, slots[line.field, line.bits], salts)
        for line, own in zip(lines, names, strict=True)
    ]


def defaults_in(
    columns: Mapping[str, Column], fields: Mapping[str, Kind], hasher: Hashers, strength: Strength
) -> Defaults:
    """Return which values are too common to salt, told by these rows: all, or drawn at random."""
    lines = plan(fields, strength.hashes, salting=strength.salting)
    looked_at = {part for line in lines for part in line.salt} | {(name, WHOLE) for name in fields}
    return defaults_of(columns, fields, _parts(columns, fields, hasher, looked_at))


def _parts(
    columns: Mapping[str, Column],
    fields: Mapping[str, Kind],
    hasher: Hashers,
    wanted: Iterable[tuple[str, str]],
) -> dict[tuple[str, str], Words]:
    """Return the digests of (field, part), as they salt, for each distinct value of the field."""
    hashed = called(fields)
    return {
        (name, part): columns[name].part(part, hasher(_label("salt", hashed[name], part)))
        for name, part in wanted
    }


class _Prepared:
    """One line, with the digests of its distinct grams and of the distinct parts of its salt."""

    def __init__(
        self,
        line: record_plan.Line,
        own: np.uint64,
        columns: Mapping[str, Column],
        slots: Words,
        parts: Mapping[tuple[str, str], Words],
    ) -> None:
        self.own = own
        self.codes = columns[line.field].codes
        self.slots = slots
        self.salts = [(columns[name].codes, parts[name, part]) for name, part in line.salt]

    def laid(self) -> Line:
        """Return the line as the compiled part reads it; it must not outlive this object."""
        codes = [codes.ctypes.data for codes, _ in self.salts]
        words = [made.ctypes.data for _, made in self.salts]
        pair = ctypes.c_void_p * 2
        return Line(
            self.codes.ctypes.data, self.slots.ctypes.data, self.slots.shape[1], len(codes),
            pair(*codes), pair(*words), int(self.own),
        )  # fmt: skip

    def digests(self, start: int, stop: int) -> tuple[Words, Codes]:
        """Return ``m x bits`` digests and the rows, counted from ``start``, that have them."""
        slots = self.slots[self.codes[start:stop]]
        good = slots[:, 0] != 0
        salt = np.full(stop - start, self.own)
        for codes, made in self.salts:
            part = made[codes[start:stop]]
            good &= part != 0
            salt = mixed(salt ^ part)
        rows = np.flatnonzero(good)
        return mixed(slots[rows] ^ salt[rows, None]), rows

    def positions(self, start: int, stop: int, inner: int) -> tuple[Codes, Codes]:
        """Return inner positions and the rows, counted from ``start``, that set them."""
        made, rows = self.digests(start, stop)
        shift = np.uint64(64 - (inner.bit_length() - 1))
        return (made >> shift).astype(np.int64).ravel(), np.repeat(rows, made.shape[1])


def _slots(grams: Words, bits: int) -> Words:
    """Return ``(d + 1) x bits``: the grams dealt round by round; zeros for a value without any."""
    count = np.maximum((grams != 0).sum(axis=1), 1)[:, None]
    j = np.arange(bits)[None, :]
    dealt = np.take_along_axis(grams, j % count, axis=1)
    rounds = (j // count).astype(np.uint64)
    slots = np.where(dealt == 0, 0, mixed(dealt + rounds * np.uint64(0x9E3779B97F4A7C15)))
    return np.vstack([slots, np.zeros((1, bits), np.uint64)])


def mixed(numbers: Words) -> Words:
    """Mix 64 bits so that every input bit moves every output bit (Stafford's variant 13, as in
    SplitMix64; Steele, Lea and Flood, OOPSLA 2014). Its inputs are secret keyed digests."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _label(*parts: str) -> str:
    return "\n".join([LAYOUT, *parts])


def diffusion(strength: Strength, hasher: Hashers) -> npt.NDArray[np.int64]:
    """Return ``bits x diffusion``: the inner bits of each output bit, each used equally often.

    Keyed shuffles of all inner bits are laid end to end and cut into output bits.
    """
    if strength.diffusion == 1:
        return np.arange(strength.bits)[:, None]
    wanted = strength.bits * strength.diffusion
    shuffles = [
        np.argsort(_numbers(hasher(_label("diffusion", str(turn))), strength.inner), kind="stable")
        for turn in range(-(-wanted // strength.inner))
    ]
    return np.concatenate(shuffles)[:wanted].reshape(strength.bits, strength.diffusion)


def _numbers(hasher: Hasher, count: int) -> Words:
    made = hasher.digests([str(number).encode() for number in range(count)])
    return np.frombuffer(made.buffers()[1], "<u8").reshape(-1, 2)[:, 0].copy()


def _diffused(inner: npt.NDArray[np.uint8], inputs: npt.NDArray[np.int64]) -> Words:
    """Return the filters of one batch: records lie 64 to a word while bits are joined."""
    packed = np.packbits(inner, axis=1, bitorder="little").view(np.uint64)
    joined = np.empty((len(inputs), packed.shape[1]), np.uint64)
    for start in range(0, len(inputs), 64):
        joined[start : start + 64] = np.bitwise_xor.reduce(
            packed[inputs[start : start + 64]], axis=1
        )
    return _turned(joined)


def _turned(rows: Words) -> Words:
    """Transpose bits: ``bits x (n / 64)`` words become ``n x (bits / 64)``."""
    loose = np.unpackbits(rows.view(np.uint8), axis=1, bitorder="little")
    return np.packbits(loose.T.copy(), axis=1, bitorder="little").view(np.uint64)
