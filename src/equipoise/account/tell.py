"""Tell a ledger entry in plain English. The sentences stand in the table ``ACTS``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

from equipoise.account.deeds import ACTS, Kind
from equipoise.account.shapes import Scalar, read_moment


class Told(Protocol):
    """What is needed to tell an entry."""

    @property
    def actor(self) -> str:
        """Return who did it, as ``party/Name``."""
        ...

    @property
    def act(self) -> str:
        """Return what was done."""
        ...

    @property
    def object(self) -> str:
        """Return what it was done to, as ``run:id``."""
        ...

    @property
    def detail(self) -> Mapping[str, Scalar]:
        """Return the details."""
        ...


_OPTIONAL: Final = re.compile(r"\[(\+?)([^\[\]]*)\]")
_BLANK: Final = re.compile(
    r"\{(?P<key>\w+)(?:\?(?P<yes>[^:{}]*):(?P<no>[^{}]*)|\|(?P<one>[^|{}]*)(?:\|(?P<many>[^{}]*))?)?\}"
)


def day_text(at: datetime) -> str:
    """Return a day in words: ``31 January 2027``."""
    return f"{at.day} {at:%B %Y}"


def time_text(at: datetime) -> str:
    """Return a moment in words: ``31 January 2027 at 09:00 UTC``."""
    return f"{day_text(at)} at {at:%H:%M} UTC"


def person_text(actor: str) -> str:
    """Return ``party/Name`` in words: ``Name (party)``; the machine's parts are ``the part``.

    Anything else is returned as it is.
    """
    party, slash, name = actor.partition("/")
    if not slash:
        return actor
    return f"the {name}" if party == "site" else f"{name} ({party})"


def _number(value: Scalar) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


_SHOWN: Final[Mapping[str, Callable[[Scalar], str]]] = {
    "count": _number,
    "seconds": _number,
    "person": lambda value: person_text(str(value)),
    "digest": lambda value: str(value)[7:19],
    "fingerprint": lambda value: str(value).removeprefix("sha256:")[:12],
    "moment": lambda value: time_text(read_moment(str(value))),
    "id": lambda value: str(value).partition(":")[2],
    "codes": lambda value: str(value).replace(" ", ", "),
}


def _show(kind: Kind | None, value: Scalar) -> str:
    show = _SHOWN.get(kind) if isinstance(kind, str) else None
    return show(value) if show else str(value)


def sentence(entry: Told) -> str:
    """Return what happened in one plain sentence, without its time.

    An act that this version does not know is told by its name: a ledger is never silent.
    """
    deed = ACTS.get(entry.act)
    if deed is None:
        return f"{person_text(entry.actor)}: {entry.act}."
    words: dict[str, tuple[Kind | None, Scalar]] = {
        key: (deed.kind_of(key), value) for key, value in entry.detail.items()
    }
    words["who"] = ("person", entry.actor)
    words["it"] = ("id", entry.object)

    def blank(match: re.Match[str]) -> str:
        kind, value = words[match["key"]]
        if match["yes"] is not None:
            return match["yes"] if value else match["no"]
        if match["one"] is not None:
            noun = match["one"] if value == 1 else match["many"] or f"{match['one']}s"
            return f"{_show(kind, value)} {noun}"
        return _show(kind, value)

    def optional(match: re.Match[str]) -> str:
        keys = [blank["key"] for blank in _BLANK.finditer(match[2])]
        absent = any(key not in words for key in keys)
        nought = not absent and match[1] and any(not words[key][1] for key in keys)
        return "" if absent or nought else match[2]

    told = _BLANK.sub(blank, _OPTIONAL.sub(optional, deed.tells))
    return told[:1].upper() + told[1:]
