"""What the register was: replayed from its events, at any moment.

``replay`` uses nothing of the present state (``leaf``, ``standing``, what has ended since): it
starts from nothing and does each event again. That it comes to the present state is a property the
tests hold it to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.identity.register import (
    CURRENT,
    ID,
    MOMENT,
    UNBORN,
    Numbers,
    Register,
    Truths,
    flat,
    numbers,
    roots,
)
from equipoise.errors import Problem, UsageRefused

LINKS = pa.schema(
    [
        ("dataset", pa.string()),
        ("row_id", ID),
        ("identity", pa.int64()),
        ("valid_from", MOMENT),
        ("valid_to", MOMENT),
    ]
)
"""One line for each record: to whom it is linked, from when, until when (null: still)."""


@dataclass(frozen=True)
class State:
    """A register at one moment. ``records`` are those then held, ``leaf`` beside each; ``standing``
    is of every identity, ``UNBORN`` for one that was issued later."""

    records: Numbers
    leaf: Numbers
    standing: Numbers

    @property
    def identity(self) -> Numbers:
        """Return the identity of each of ``records``."""
        return roots(self.standing)[self.leaf]


def events_until(register: Register, moment: datetime | None) -> int:
    """Return the number of the last event at or before a moment, 0 for none."""
    if moment is None:
        return int(register.events.num_rows)
    at = register.events["at"]
    return int(pc.sum(pc.less_equal(at, pa.scalar(moment, MOMENT))).as_py() or 0)


def replay(register: Register, moment: datetime | None = None) -> State:
    """Do every event again from nothing, up to a moment (both included), or all of them.

    A record that was erased since is not shown at any moment: it is gone from the history too.
    """
    last = events_until(register, moment)
    entered = numbers(register.records["entered"])
    ended = numbers(register.records["ended"], missing=np.iinfo(np.int64).max)
    held = (entered <= last) & (ended > last)
    number = numbers(register.records["record"])
    leaf = numbers(register.records["entered_as"]).copy()
    _apply(leaf, register.moves, last, "record", number)
    born = numbers(register.identities["born"])
    standing = np.where(born <= last, CURRENT, UNBORN).astype(np.int64)
    _apply(standing, register.turns, last, "identity", np.arange(len(standing)))
    return State(number[held], leaf[held], standing)


def _apply(state: Numbers, changes: pa.Table, last: int, name: str, of: Numbers) -> None:
    """Apply changes in order; the later of two to one thing stands. ``of`` is sorted."""
    due = numbers(changes["event"]) <= last
    what, now = numbers(changes[name])[due], numbers(changes["now"])[due]
    place = np.searchsorted(of, what)
    there = place < len(of)
    there[there] = of[place[there]] == what[there]
    # Assignment to a repeated place keeps the last, which is the newest event.
    state[place[there]] = now[there]


def links(register: Register, moment: datetime | None = None) -> pa.Table:
    """Return every link, past ones too, or those of one moment, with its validity in time."""
    at = flat(register.events["at"])
    entered = numbers(register.records["entered"]) - 1
    ended = register.records["ended"]
    left = pc.subtract(ended, 1)
    table = pa.table(
        {
            "dataset": register.records["dataset"],
            "row_id": register.records["row_id"],
            "identity": register.identity_of_records(),
            "valid_from": at.take(pa.array(entered)),
            "valid_to": at.take(flat(left)),
        },
        schema=LINKS,
    )
    if moment is None:
        return table
    then = replay(register, moment)
    held = np.isin(numbers(register.records["record"]), then.records)
    shown = table.filter(pa.array(held))
    place = shown.column_names.index("identity")
    return shown.set_column(place, "identity", pa.array(then.identity, pa.int64()))


def members(register: Register, identity: int, moment: datetime | None = None) -> pa.Table:
    """Return the records of one identity, as it was at a moment or is now.

    An identity that redirects shows the records of the one it redirects to. The table has record,
    dataset and row_id. Raises ``UsageRefused`` (IDR020) for a number that was never issued.
    """
    check_number(register, identity)
    then = replay(register, moment)
    if then.standing[identity] == UNBORN:
        return register.records.select(["record", "dataset", "row_id"]).slice(0, 0)
    root = roots(then.standing)[identity]
    chosen = then.records[then.identity == root]
    held = np.isin(numbers(register.records["record"]), chosen)
    return register.records.select(["record", "dataset", "row_id"]).filter(pa.array(held))


def check_number(register: Register, identity: int) -> None:
    """Raise ``UsageRefused`` (IDR020) for a number under which no identity was issued."""
    if not 0 <= identity < register.identities.num_rows:
        raise UsageRefused(
            Problem(
                "IDR020",
                f"the register has no identity number {identity}",
                next="numbers run from 0; list the proposals or the history to find them",
            )
        )


def undone(register: Register) -> Truths:
    """Return for each event whether it has been undone, and that undoing not undone in turn."""
    count = register.events.num_rows
    gone = np.zeros(count, np.bool_)
    undoes = numbers(register.events["undoes"], missing=0)
    # From the newest back: an event that is itself undone undoes nothing.
    for place in np.flatnonzero(undoes)[::-1]:
        if not gone[place]:
            gone[undoes[place] - 1] = True
    return gone


def history(register: Register, identity: int | None = None) -> list[dict[str, Any]]:
    """Return the events, oldest first: all, or those that touched one identity.

    Each has number, time, kind, actor, reason, evidence, what it undoes, and whether it was itself
    undone. Deliveries are told when the identity was born in them.
    """
    gone = undone(register)
    rows: list[dict[str, Any]] = register.events.to_pylist()
    for row, is_undone in zip(rows, gone.tolist(), strict=True):
        row["undone"] = is_undone
    if identity is None:
        return rows
    check_number(register, identity)
    about = {identity, int(roots(register.standing)[identity])}
    touched = {int(numbers(register.identities["born"])[identity])}
    for table, name in ((register.turns, "identity"), (register.moves, "was")):
        hit = np.isin(numbers(table[name]), list(about))
        touched |= set(numbers(table["event"])[hit].tolist())
    return [row for row in rows if row["event"] in touched or about & {row["left"], row["right"]}]
