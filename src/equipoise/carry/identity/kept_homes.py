"""Households as one table, so that they are held as one sealed file, as a register is.

The lines are who was in which household from when to when. The households stand in the metadata,
and so does where each dataset said that somebody was, and since when (``said.SAID``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

import pyarrow as pa

from equipoise.carry.identity.households import Households
from equipoise.carry.identity.kept import read_stream, stream_of
from equipoise.carry.identity.register import Register
from equipoise.errors import IntegrityRefused, Problem

_FORMAT: Final = "equipoise households 1"
_ABOUT: Final = b"equipoise.households"
_TABLE: Final = b"households"
_SAID: Final = b"said"


@dataclass(frozen=True)
class RestsOn:
    """What households rest on: the check of the key that made what says where people live, and a
    digest that tells the people's register from another."""

    made_with: str
    people: str


def first_of(people: Register) -> str:
    """Return a digest of the first identifier of a register, by which it is told from another."""
    if not people.identities.num_rows:
        return ""
    return hashlib.sha256(people.identities["identifier"][0].as_py()).hexdigest()[:32]


def homes_table(homes: Households, entity: str, rests_on: RestsOn, said: pa.Table) -> pa.Table:
    """Return households as one table, to be sealed."""
    about = {"format": _FORMAT, "entity": entity, **asdict(rests_on)}
    return homes.members.replace_schema_metadata(
        {
            _ABOUT: json.dumps(about).encode(),
            _TABLE: stream_of(homes.households),
            _SAID: stream_of(said),
        }
    )


def homes_from(table: pa.Table) -> tuple[Households, RestsOn, pa.Table]:
    """Return the households that ``homes_table`` wrote, what they rest on, and what was said.

    Raises ``IntegrityRefused`` (IDR050) for any other table, or another format.
    """
    try:
        metadata = table.schema.metadata or {}
        about = json.loads(metadata[_ABOUT])
        if about["format"] != _FORMAT:
            raise ValueError("another format")
        households, said = (read_stream(metadata[name]) for name in (_TABLE, _SAID))
    except (KeyError, ValueError, TypeError, pa.ArrowException):
        raise IntegrityRefused(
            Problem(
                "IDR050",
                "what is held here are no households of this version",
                why="which household was known before could not be known again",
                next="use the version of the program that wrote it",
            )
        ) from None
    rests_on = RestsOn(str(about["made_with"]), str(about["people"]))
    return Households(households, table.replace_schema_metadata(None)), rests_on, said
