"""The identity register: who a record belongs to, since when, and every event that made it so.

A register is six tables, for one entity (person, home):

    records     one line for each record held: its dataset and row, when it entered and under
                which identity, when it ended, its *leaf*, and its encodings
    identities  one line for each identifier ever issued: the identifier (16 random bytes), the
                event in which it was born, and its *standing*
    events      number, time, kind, actor (a role), reason, evidence, what it was about or undoes
    moves       which event took which record from which leaf to which
    turns       which event changed which identity's standing from what to what
    proposals   pairs of identities that a delivery found alike, for people to decide on

Everybody who looks at a record sees its *identity*, which is the root of its leaf: a leaf's
standing is ``CURRENT``, ``RETIRED``, or the number of the identity to which it redirects. A merge
is one redirection and moves no record. So it is undone exactly, also when records have come and
gone since: each record, new or old, is still on the leaf by which it was recognised.

Identities are named inside by their number, the place in ``identities``; the identifier is what is
handed on, and it derives from nothing: ``draw`` is passed in and is random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.errors import DataRefused, IntegrityRefused, Problem, StateRefused

Numbers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Draw = Callable[[int], bytes]
"""Returns so many random bytes. ``secrets.token_bytes`` is one; a test passes its own."""

CURRENT: Final = -1
RETIRED: Final = -2
UNBORN: Final = -3
MACHINE: Final = "machine"
"""The actor of what no person decided."""
ID: Final = pa.binary(16)
MOMENT: Final = pa.timestamp("us", "UTC")
_TRIES: Final = 8

RECORDS: Final = pa.schema(
    [
        ("record", pa.int64()),
        ("dataset", pa.string()),
        ("row_id", ID),
        ("entered", pa.int64()),
        ("entered_as", pa.int64()),
        ("ended", pa.int64()),
        ("leaf", pa.int64()),
    ]
)
"""``record`` is a number that is never given again. ``row_id`` is that of the newest delivery: a
record that is delivered again unchanged is the same record. ``entered`` and ``ended`` are events,
``ended`` null while the row is held; ``entered_as`` is the leaf at entry, ``leaf`` the one now. The
encodings follow, one column each."""
IDENTITIES: Final = pa.schema([("identifier", ID), ("born", pa.int64()), ("standing", pa.int64())])
EVENTS: Final = pa.schema(
    [
        ("event", pa.int64()),
        ("at", MOMENT),
        ("kind", pa.string()),
        ("actor", pa.string()),
        ("reason", pa.string()),
        ("evidence", pa.string()),
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("undoes", pa.int64()),
    ]
)
"""``left`` and ``right`` are identities: kept and redirected in a merge, old and new in a split."""
MOVES: Final = pa.schema(
    [("event", pa.int64()), ("record", pa.int64()), ("was", pa.int64()), ("now", pa.int64())]
)
TURNS: Final = pa.schema(
    [("event", pa.int64()), ("identity", pa.int64()), ("was", pa.int64()), ("now", pa.int64())]
)
PROPOSALS: Final = pa.schema(
    [
        ("event", pa.int64()),
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("probability", pa.float64()),
        ("rows", pa.int64()),
    ]
)
KINDS: Final = ("delivered", "forgotten", "merged", "split", "kept apart", "undone")
"""The kinds of event. ``kept apart`` is a person's word that two identities are two people."""


@dataclass(frozen=True)
class Register:
    """One entity's register; see the head of this file. Nothing in it is ever changed in place.

    ``made_with`` names the key under which its encodings were made, by its check; empty where
    nobody said.
    """

    entity: str
    records: pa.Table
    identities: pa.Table
    events: pa.Table
    moves: pa.Table
    turns: pa.Table
    proposals: pa.Table
    next_record: int = 0
    made_with: str = ""

    @property
    def encodings(self) -> tuple[str, ...]:
        """Return the names of the columns by which records are recognised."""
        return tuple(n for n in self.records.column_names if n not in RECORDS.names)

    @property
    def standing(self) -> Numbers:
        """Return each identity's standing."""
        return numbers(self.identities["standing"])

    @property
    def living(self) -> Truths:
        """Return for each record whether its row is still held."""
        return np.asarray(self.records["ended"].is_null())

    def identity_of_records(self) -> Numbers:
        """Return the identity, now, of each line of ``records``."""
        return roots(self.standing)[numbers(self.records["leaf"])]

    def identifiers(self, identity: Numbers) -> pa.Array:
        """Return the identifiers, 16 bytes each, of numbered identities."""
        return flat(self.identities["identifier"]).take(pa.array(identity))

    def last_moment(self) -> datetime | None:
        """Return when the newest event happened."""
        at: datetime | None = self.events["at"][-1].as_py() if self.events.num_rows else None
        return at


def empty_register(entity: str, encodings: pa.Schema) -> Register:
    """Return a register of nobody, whose records will have the columns ``encodings``."""
    records = pa.schema([*RECORDS, *encodings]).empty_table()
    rest = (IDENTITIES, EVENTS, MOVES, TURNS, PROPOSALS)
    return Register(entity, records, *(schema.empty_table() for schema in rest))


def flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column in one piece."""
    if isinstance(column, pa.Array):
        return column
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def numbers(column: pa.ChunkedArray | pa.Array, missing: int = -1) -> Numbers:
    """Return a column of whole numbers; a null is ``missing``."""
    whole = flat(column)
    if whole.null_count:
        whole = whole.fill_null(missing)
    return np.asarray(whole.to_numpy(zero_copy_only=False), dtype=np.int64)


def roots(standing: Numbers) -> Numbers:
    """Return for each identity the one at the end of its redirections."""
    parent = np.where(standing >= 0, standing, np.arange(len(standing)))
    while not np.array_equal(further := parent[parent], parent):
        parent = further
    return parent


def add_event(
    register: Register, kind: str, *, at: datetime, actor: str, reason: str = "",
    evidence: str = "", left: int | None = None, right: int | None = None,
    undoes: int | None = None,
) -> tuple[Register, int]:  # fmt: skip
    """Write one event down and return its number.

    Raises ``StateRefused`` (IDR010) when it would lie before the newest event, ``DataRefused``
    (IDR011) when its time has no zone.
    """
    if at.tzinfo is None:
        raise DataRefused(Problem("IDR011", "the time of an event must state its zone"))
    last = register.last_moment()
    if last is not None and at < last:
        raise StateRefused(
            Problem(
                "IDR010",
                "the event would lie before one that is written down",
                why="history is told in order, so that any moment of it can be shown again",
                next="set the clock right, then do it again",
            )
        )
    number = register.events.num_rows + 1
    line = {
        "event": number, "at": at.astimezone(UTC), "kind": kind, "actor": actor, "reason": reason,
        "evidence": evidence, "left": left, "right": right, "undoes": undoes,
    }  # fmt: skip
    return replace(register, events=with_lines(register.events, [line])), number


def with_lines(table: pa.Table, lines: Sequence[dict[str, Any]]) -> pa.Table:
    """Return a table with lines added."""
    if not lines:
        return table
    return pa.concat_tables([table, pa.Table.from_pylist(list(lines), schema=table.schema)])


def add_identities(register: Register, count: int, event: int, draw: Draw) -> Register:
    """Issue so many identifiers, new to this register, born in ``event``.

    They are random: nothing about a record enters them, and one that was ever issued is drawn
    again. Raises ``IntegrityRefused`` (IDR001) when the randomness repeats itself.
    """
    issued = words(register.identities["identifier"])[0][:, 0]
    for _ in range(_TRIES):
        data = draw(16 * count)
        if len(data) != 16 * count:
            raise _repeats("it gave another number of bytes than was asked for")
        fresh = np.frombuffer(data, np.uint64).reshape(-1, 2)
        # The first eight bytes alone are held to be new: stricter than is needed, and fast.
        in_order = np.sort(np.concatenate([issued, fresh[:, 0]]))
        if not (in_order[1:] == in_order[:-1]).any():
            break
    else:
        raise _repeats("it gave identifiers that were issued before")
    made = pa.Array.from_buffers(ID, count, [None, pa.py_buffer(fresh.tobytes())])
    lines = {
        "identifier": made,
        "born": np.full(count, event, np.int64),
        "standing": np.full(count, CURRENT, np.int64),
    }
    added = pa.table(lines, schema=IDENTITIES)
    return replace(register, identities=pa.concat_tables([register.identities, added]))


def words(column: pa.ChunkedArray | pa.Array) -> tuple[npt.NDArray[np.uint64], Truths]:
    """Return a column's values as (n, words of eight bytes), and which values are there.

    A value of 16 bytes has two words; a whole number has one.
    """
    whole = flat(column)
    present = np.asarray(whole.is_valid())
    if not pa.types.is_fixed_size_binary(whole.type):
        number = whole.fill_null(0).to_numpy(zero_copy_only=False).astype(np.uint64)
        return number.reshape(-1, 1), present
    size = whole.type.byte_width // 8
    buffer = whole.buffers()[1] if len(whole) else None
    if buffer is None:
        return np.zeros((len(whole), size), np.uint64), np.zeros(len(whole), np.bool_)
    read = np.frombuffer(buffer, np.uint64, count=(whole.offset + len(whole)) * size)
    return read.reshape(-1, size)[whole.offset :], present


def turn(register: Register, event: int, identity: Numbers, now: Numbers) -> Register:
    """Give identities another standing, in ``event``."""
    if not len(identity):
        return register
    standing = register.standing.copy()
    lines = {
        "event": np.full(len(identity), event, np.int64),
        "identity": identity,
        "was": standing[identity],
        "now": now,
    }
    standing[identity] = now
    place = register.identities.column_names.index("standing")
    return replace(
        register,
        turns=pa.concat_tables([register.turns, pa.table(lines, schema=TURNS)]),
        identities=register.identities.set_column(place, "standing", pa.array(standing)),
    )


def move(register: Register, event: int, lines: Numbers, now: Numbers) -> Register:
    """Take records, named by their line in ``records``, to other leaves, in ``event``."""
    if not len(lines):
        return register
    leaf = numbers(register.records["leaf"]).copy()
    told = {
        "event": np.full(len(lines), event, np.int64),
        "record": numbers(register.records["record"])[lines],
        "was": leaf[lines],
        "now": now,
    }
    leaf[lines] = now
    place = register.records.column_names.index("leaf")
    return replace(
        register,
        moves=pa.concat_tables([register.moves, pa.table(told, schema=MOVES)]),
        records=register.records.set_column(place, "leaf", pa.array(leaf)),
    )


def retire_empty(register: Register, event: int) -> Register:
    """Retire, in ``event``, each identity that has no record left. It is never given again."""
    standing = register.standing
    held = np.zeros(len(standing), np.bool_)
    held[register.identity_of_records()] = True
    gone = np.flatnonzero((standing == CURRENT) & ~held)
    return turn(register, event, gone, np.full(len(gone), RETIRED, np.int64))


def _repeats(why: str) -> IntegrityRefused:
    return IntegrityRefused(
        Problem(
            "IDR001",
            "the randomness for new identifiers does not hold",
            why=why,
            next="pass a source of random bytes, such as the operating system's",
        )
    )
