"""The ledger: an append-only chain in which each entry carries the hash of the one before.

An entry says when, who, what was done to what, and under which agreement. It never holds a row
value or the identity of anybody in the data: ``check_detail`` lets through only what the table
``ACTS`` names. Whoever changes, removes or reorders an entry breaks the hash of every later one,
and the newest hash is published in the register.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from equipoise.account.deeds import ACTS, Deed
from equipoise.account.shapes import (
    LONGEST,
    Scalar,
    fits,
    is_digest,
    is_object,
    is_person,
    moment_text,
    read_moment,
)
from equipoise.account.tell import sentence
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import EnvironmentFailed, IntegrityRefused, Problem

GENESIS: Final = "sha256:" + "0" * 64
"""What the first entry names as the hash before it."""

CLOCK_SLIP: Final = timedelta(minutes=5)
"""How far a clock may lag behind the last entry before writing is refused.

Two processes that write at once read the clock before they wait for each other, so the later
entry may carry the slightly earlier time; it is then given the time of the entry before it.
"""

_KEY: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FIELDS: Final = (
    "sequence",
    "at",
    "actor",
    "act",
    "digest",
    "object",
    "detail",
    "previous",
    "hash",
)


@dataclass(frozen=True)
class Entry:
    """One step. ``digest`` is the agreement's, or empty when the step is under none."""

    sequence: int
    at: datetime
    actor: str
    act: str
    digest: str
    object: str
    detail: Mapping[str, Scalar]
    previous: str
    hash: str

    def as_dict(self) -> dict[str, Any]:
        """Return the entry for JSON, with its time as text."""
        return {
            "sequence": self.sequence,
            "at": moment_text(self.at),
            "actor": self.actor,
            "act": self.act,
            "digest": self.digest,
            "object": self.object,
            "detail": dict(self.detail),
            "previous": self.previous,
            "hash": self.hash,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Entry:
        """Read an entry from JSON. Raises ``IntegrityRefused`` (LED101) for any other shape.

        Only the types are read here; whether the entry may say what it says is ``check_entry``.
        """
        texts = ("at", "actor", "act", "digest", "object", "previous", "hash")
        try:
            if set(data) != set(_FIELDS) or not all(isinstance(data[name], str) for name in texts):
                raise ValueError
            if type(data["sequence"]) is not int or not isinstance(data["detail"], dict):
                raise ValueError
            if not all(isinstance(value, str | int | float) for value in data["detail"].values()):
                raise ValueError
            at = read_moment(data["at"])
        except ValueError:
            raise IntegrityRefused(
                Problem(
                    "LED101",
                    "this is not a ledger entry",
                    f"an entry holds exactly {', '.join(_FIELDS)}, and its time in UTC",
                    "export the ledger again with 'equipoise ledger'",
                )
            ) from None
        return cls(**{**data, "at": at, "detail": MappingProxyType(dict(data["detail"]))})


def entry_hash(entry: Entry) -> str:
    """Return the hash of an entry: SHA-256 over the canonical bytes of all its other fields."""
    said = entry.as_dict()
    del said["hash"]
    return digest_of(canonical_bytes(said))


def make_entry(
    previous: Entry | None,
    at: datetime,
    actor: str,
    act: str,
    digest: str,
    object: str,
    detail: Mapping[str, Scalar],
) -> Entry:
    """Return the entry that follows ``previous`` (``None`` at the start of a ledger).

    Raises ``IntegrityRefused`` (LED001-LED009) with everything the entry may not say, and
    ``EnvironmentFailed`` (LED010) when the machine's clock is behind the ledger.
    """
    unhashed = Entry(
        sequence=1 if previous is None else previous.sequence + 1,
        at=at if previous is None else _after(previous.at, at),
        actor=actor,
        act=act,
        digest=digest,
        object=object,
        detail=MappingProxyType(dict(detail)),
        previous=GENESIS if previous is None else previous.hash,
        hash="",
    )
    if problems := check_entry(unhashed):
        raise IntegrityRefused(problems)
    settled = {**unhashed.__dict__, "at": read_moment(moment_text(unhashed.at))}
    return Entry(**{**settled, "hash": entry_hash(unhashed)})


def _after(last: datetime, at: datetime) -> datetime:
    if at < last - CLOCK_SLIP:
        raise EnvironmentFailed(
            Problem(
                "LED010",
                "the machine's clock is behind the ledger",
                f"the last entry was written at {moment_text(last)}, later than the clock shows",
                "set the clock right, then give the command again",
            )
        )
    return max(last, at)


def check_entry(entry: Entry) -> tuple[Problem, ...]:
    """Return everything that an entry says and may not. No message repeats what was said."""
    deed = ACTS.get(entry.act)
    if deed is None:
        return (
            Problem(
                "LED001",
                "the ledger knows no such act",
                "an act that is not in the table could carry anything",
                "name the act in the table ACTS, with the details it may carry",
            ),
        )
    return (*_check_who_and_what(entry, deed), *check_detail(entry.act, entry.detail))


def _check_who_and_what(entry: Entry, deed: Deed) -> Iterator[Problem]:
    if not is_person(entry.actor):
        yield Problem(
            "LED002",
            f"'{entry.act}' must name who did it as party/Name",
            next="pass the party's id and the person's name, or site/part for the machine",
        )
    if not is_object(entry.object, deed.object):
        yield Problem(
            "LED003",
            f"'{entry.act}' must be done to an object named {deed.object}:id",
            "an object has an id without spaces, so that no name can stand there",
            f"pass {deed.object}: and the id",
        )
    if entry.digest and not is_digest(entry.digest):
        yield Problem("LED004", f"the agreement's digest of '{entry.act}' is not a digest")
    if deed.binds and not entry.digest:
        yield Problem(
            "LED005",
            f"'{entry.act}' must name the agreement it was done under, by digest",
            next="pass the agreement's digest",
        )


def check_detail(act: str, detail: Mapping[str, object]) -> tuple[Problem, ...]:
    """Return every detail that ``act`` may not carry, and every one that it lacks.

    Refused: a key that the table does not name for the act, a key that is not snake_case, nested
    values, ``None``, numbers that are not finite, and text that is long, hidden or of another
    shape than the table says. Values are never repeated in a message.
    """
    deed = ACTS.get(act)
    if deed is None:
        return (Problem("LED001", "the ledger knows no such act"),)
    problems = [
        _problem_with(act, deed, place, key, value)
        for place, (key, value) in enumerate(detail.items(), start=1)
    ]
    lacks = [
        Problem("LED009", f"'{act}' must state its {key}") for key in deed.must if key not in detail
    ]
    return (*(problem for problem in problems if problem), *lacks)


def _problem_with(act: str, deed: Deed, place: int, key: str, value: object) -> Problem | None:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return Problem("LED006", f"key number {place} of '{act}' is not in snake_case")
    kind = deed.kind_of(key)
    if kind is None:
        return Problem(
            "LED007",
            f"'{act}' may not carry detail number {place}",
            "only details that the table ACTS names may enter the ledger",
            f"'{act}' may carry: {', '.join((*deed.must, *deed.may)) or 'no details'}",
        )
    if not fits(kind, value):
        shape = "one of: " + "; ".join(kind) if isinstance(kind, tuple) else f"a {kind}"
        return Problem(
            "LED008",
            f"the {key} of '{act}' does not have its shape",
            f"it must be {shape}; text is at most {LONGEST} characters",
        )
    return None


def verify_chain(entries: Iterable[Entry]) -> tuple[Problem, ...]:
    """Return everything that does not hold in a whole ledger, in order; nothing when it holds.

    Checked: numbers without a gap from 1, each hash, each link to the entry before, times that
    never go back, and that each entry says only what its act may say.
    """
    problems: list[Problem] = []
    last: Entry | None = None
    for entry in entries:
        problems.extend(_breaks(last, entry))
        last = entry
    return tuple(problems)


def _breaks(last: Entry | None, entry: Entry) -> Iterator[Problem]:
    place = f"entry {entry.sequence}"
    due = 1 if last is None else last.sequence + 1
    if entry.sequence != due:
        yield Problem(
            "LED102",
            f"{place} stands where entry {due} should",
            "an entry was removed, added or moved",
        )
    if entry.previous != (GENESIS if last is None else last.hash):
        yield Problem(
            "LED103",
            f"{place} does not follow from the entry before it",
            "it names another hash than that entry has",
        )
    if last is not None and entry.at < last.at:
        yield Problem("LED104", f"{place} is earlier than the entry before it")
    try:
        whole = entry.hash == entry_hash(entry)
    except (TypeError, ValueError):
        whole = False
    if not whole:
        yield Problem(
            "LED105", f"{place} was changed after it was written", "its hash does not fit its words"
        )
    for problem in check_entry(entry):
        yield Problem(problem.code, f"{place}: {problem.what}", problem.why, problem.next)


__all__ = [
    "ACTS",
    "CLOCK_SLIP",
    "GENESIS",
    "Entry",
    "check_detail",
    "check_entry",
    "entry_hash",
    "make_entry",
    "moment_text",
    "read_moment",
    "sentence",
    "verify_chain",
]
