"""What people decide about identities: merge, split, keep apart, undo; and how it stays decided.

The machine never merges over a person's word: two identities that a person split, or said to keep
apart, are held apart until that word is undone. It never splits at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from equipoise.carry.identity.history import check_number, undone
from equipoise.carry.identity.register import (
    CURRENT,
    MACHINE,
    RETIRED,
    Draw,
    Register,
    add_event,
    add_identities,
    move,
    numbers,
    retire_empty,
    roots,
    turn,
)
from equipoise.errors import Problem, StateRefused, UsageRefused

REVERSIBLE = ("merged", "split", "kept apart", "undone")


def merge(
    register: Register, left: int, right: int, *, at: datetime, actor: str, reason: str,
    evidence: str = "",
) -> Register:  # fmt: skip
    """Hold two identities to be one. The elder identifier stays current; the other redirects to it.

    A redirection always leads to an elder identity, so that none ever runs in a circle.
    Raises ``UsageRefused`` (IDR020 unknown number, IDR021 no reason) and ``StateRefused`` (IDR030
    already one, IDR031 kept apart by a person, IDR032 retired).
    """
    _reasoned(reason)
    one, other = _current(register, left), _current(register, right)
    if one == other:
        raise StateRefused(
            Problem("IDR030", "the two are one identity already", next="nothing is left to do")
        )
    if event := apart(register).get((min(one, other), max(one, other))):
        raise StateRefused(
            Problem(
                "IDR031",
                "somebody decided that the two are different people",
                why=f"it is event {event}, and a decision stands until it is undone",
                next=f"undo event {event} first, if it was wrong",
            )
        )
    kept, goes = min(one, other), max(one, other)
    made, event = add_event(
        register, "merged", at=at, actor=actor, reason=reason, evidence=evidence,
        left=kept, right=goes,
    )  # fmt: skip
    return turn(made, event, np.array([goes]), np.array([kept]))


def split(
    register: Register, identity: int, records: Sequence[int], *, at: datetime, actor: str,
    reason: str, draw: Draw, evidence: str = "",
) -> Register:  # fmt: skip
    """Take records out of an identity; they get a new identifier, and the rest keep theirs.

    ``records`` are record numbers. A person's split also keeps the two apart. Raises
    ``UsageRefused`` (IDR022) unless some records of the identity go and some stay.
    """
    _reasoned(reason)
    root = _current(register, identity)
    number = numbers(register.records["record"])
    own = register.identity_of_records() == root
    lines = np.flatnonzero(own & np.isin(number, list(records)))
    if len(lines) != len(set(records)) or not 0 < len(lines) < int(own.sum()):
        raise UsageRefused(
            Problem(
                "IDR022",
                "a split takes some of an identity's records and leaves some",
                why=f"{len(set(records))} were named; {len(lines)} of them are among its "
                f"{int(own.sum())} records",
                next="name records that 'members' shows for it, but not all of them",
            )
        )
    new = register.identities.num_rows
    made, event = add_event(
        register, "split", at=at, actor=actor, reason=reason, evidence=evidence,
        left=root, right=new,
    )  # fmt: skip
    made = add_identities(made, 1, event, draw)
    return move(made, event, lines, np.full(len(lines), new, np.int64))


def keep_apart(
    register: Register, left: int, right: int, *, at: datetime, actor: str, reason: str,
    evidence: str = "",
) -> Register:  # fmt: skip
    """Say that two identities are two people: no proposal and no merge joins them from now on."""
    _reasoned(reason)
    one, other = _current(register, left), _current(register, right)
    if one == other:
        raise StateRefused(
            Problem("IDR033", "the two are one identity", next="undo their merge, or split it")
        )
    made, _ = add_event(
        register, "kept apart", at=at, actor=actor, reason=reason, evidence=evidence,
        left=min(one, other), right=max(one, other),
    )  # fmt: skip
    return made


def undo(
    register: Register, event: int, *, at: datetime, actor: str, reason: str, evidence: str = ""
) -> Register:
    """Undo a merge, a split, a keeping apart, or an undoing. History keeps both.

    Every record goes back to the identity it was in. A record that came since goes with the leaf by
    which it was recognised: to the redirected identity of a merge that is undone, and back into the
    old identity of a split. Raises ``UsageRefused`` (IDR023) for an event that is not of these,
    ``StateRefused`` (IDR034) when it is undone already, IDR035 when something done since stands in
    the way, IDR036 when it would bring a retired identity back.
    """
    _reasoned(reason)
    kind = _reversible(register, event)
    made, number = add_event(
        register, "undone", at=at, actor=actor, reason=reason, evidence=evidence, undoes=event
    )
    made = _take_back_moves(made, event, number)
    made = _take_back_turns(made, event, number)
    if kind == "split":
        left, right = (int(register.events[name][event - 1].as_py()) for name in ("left", "right"))
        if made.standing[right] != CURRENT:
            raise _in_the_way(event)
        target = int(roots(made.standing)[left])
        made = turn(made, number, np.array([right]), np.array([target]))
    return retire_empty(made, number)


def _take_back_moves(register: Register, event: int, number: int) -> Register:
    own = numbers(register.moves["event"]) == event
    record = numbers(register.moves["record"])[own]
    was, now = numbers(register.moves["was"])[own], numbers(register.moves["now"])[own]
    lines = np.searchsorted(numbers(register.records["record"]), record)
    if bool((numbers(register.records["leaf"])[lines] != now).any()):
        raise _in_the_way(event)
    return move(register, number, lines, was)


def _take_back_turns(register: Register, event: int, number: int) -> Register:
    own = numbers(register.turns["event"]) == event
    identity = numbers(register.turns["identity"])[own]
    was, now = numbers(register.turns["was"])[own], numbers(register.turns["now"])[own]
    # An identity that the event retired stays so: it has nobody, and is never given again.
    back = now != RETIRED
    identity, was, now = identity[back], was[back], now[back]
    if bool((register.standing[identity] != now).any()):
        raise _in_the_way(event)
    ends = roots(register.standing)
    if bool((register.standing[ends[identity]] == RETIRED).any()):
        raise StateRefused(
            Problem(
                "IDR036",
                "the identities of this event are retired",
                why="their last records were erased, and a retired identity never comes back",
                next="nothing is left to undo",
            )
        )
    return turn(register, number, identity, was)


def _in_the_way(event: int) -> StateRefused:
    return StateRefused(
        Problem(
            "IDR035",
            f"something done since stands on event {event}",
            why="undoing it alone would not give back what was",
            next="undo the later events on the same identities first, the newest before the others",
        )
    )


def _reversible(register: Register, event: int) -> str:
    kinds = register.events["kind"]
    kind = kinds[event - 1].as_py() if 0 < event <= register.events.num_rows else ""
    if kind not in REVERSIBLE:
        raise UsageRefused(
            Problem(
                "IDR023",
                f"event {event} cannot be undone",
                why="only what somebody decided about identities can: a merge, a split, a keeping "
                "apart, or an undoing",
                next="look at the history for the event's number",
            )
        )
    if undone(register)[event - 1]:
        raise StateRefused(
            Problem("IDR034", f"event {event} is undone already", next="nothing is left to do")
        )
    return str(kind)


def apart(register: Register) -> dict[tuple[int, int], int]:
    """Return the pairs of identities (smaller number first) that a person holds apart, each with
    the event that says so."""
    standing = roots(register.standing)
    return {
        (min(pair), max(pair)): event
        for event, left, right in _words_given(register)
        if len(pair := {int(standing[left]), int(standing[right])}) == 2
    }


def _words_given(register: Register) -> Iterator[tuple[int, int, int]]:
    gone = undone(register)
    kinds, actors = register.events["kind"].to_pylist(), register.events["actor"].to_pylist()
    lefts, rights = numbers(register.events["left"]), numbers(register.events["right"])
    for place, kind in enumerate(kinds):
        told = kind in ("split", "kept apart") and actors[place] != MACHINE
        if told and not gone[place]:
            yield place + 1, int(lefts[place]), int(rights[place])


def open_proposals(register: Register) -> list[dict[str, float | int]]:
    """Return the proposed merges still to be decided, the likeliest first.

    Each has a number by which it can be named, two identities, a probability and on how many new
    rows it rests. A pair that is one by now, retired, or held apart is settled.
    """
    standing, ends = register.standing, roots(register.standing)
    held_apart = apart(register)
    found: dict[tuple[int, int], dict[str, float | int]] = {}
    for place, line in enumerate(register.proposals.to_pylist()):
        one, other = sorted((int(ends[line["left"]]), int(ends[line["right"]])))
        open_still = one != other and standing[one] == standing[other] == CURRENT
        if open_still and (one, other) not in held_apart:
            found[one, other] = {
                "proposal": place + 1,
                "left": one,
                "right": other,
                "probability": line["probability"],
                "rows": line["rows"],
            }
    return sorted(found.values(), key=lambda line: (-line["probability"], line["proposal"]))


def _current(register: Register, identity: int) -> int:
    check_number(register, identity)
    root = int(roots(register.standing)[identity])
    if register.standing[root] == RETIRED:
        raise StateRefused(
            Problem(
                "IDR032",
                "that identity is retired",
                why="its last record was erased; it stays in the history and is never given again",
                next="name an identity that is current",
            )
        )
    return root


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise UsageRefused(
            Problem(
                "IDR021",
                "a decision about an identity needs a reason",
                why="whoever looks at it later must be able to judge it",
                next="say in a few words why, without anybody's name",
            )
        )


def forget(
    register: Register, gone: np.ndarray, *, at: datetime, actor: str, reason: str,
    evidence: str = "",
) -> Register:  # fmt: skip
    """Erase records (a truth for each line) with their encodings and their part of the history.

    An identity whose last record goes is retired, and never given again.
    """
    lines = np.asarray(gone, np.bool_)
    if not lines.any():
        return register
    made, event = add_event(
        register, "forgotten", at=at, actor=actor, reason=reason, evidence=evidence
    )
    erased = numbers(register.records["record"])[lines]
    moves = register.moves.filter(~np.isin(numbers(register.moves["record"]), erased))
    made = replace(made, records=made.records.filter(~lines), moves=moves)
    return retire_empty(made, event)
