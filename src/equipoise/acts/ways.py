"""Ways: which parcels a dataset makes, and to which room and role each goes.

It follows from the agreement's mode: what is linked goes to whoever links, which is the linkage
unit or, in the modes that show more, the secure room; payload goes to the secure room.
"""

from __future__ import annotations

from typing import Final, Literal, cast, get_args

from equipoise.agree.document import Agreement
from equipoise.agree.reads import pack_fields, to_link, with_payload
from equipoise.agree.words import LINKED_IN, TRAVELS, LinkMode, PartyRole
from equipoise.carry.encode.wire import column_types, repeated_columns
from equipoise.carry.parcel import Kind
from equipoise.store.facts import Delivered

Room = Literal["linkage-unit", "secure-room"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LINKING: Final[tuple[Kind, ...]] = ("encodings", "identifiers")
"""The kinds of parcel that hold what is linked."""


def mode_of(agreement: Agreement) -> LinkMode:
    """Return the agreement's mode of linkage; ``exact`` where it links nothing."""
    return agreement.linkage.mode if agreement.linkage is not None else "exact"


def kinds_of(agreement: Agreement, dataset: str) -> tuple[Kind, ...]:
    """Return the parcels that are made of a dataset."""
    linked: tuple[Kind, ...] = (TRAVELS[mode_of(agreement)],)
    return (
        *(linked if dataset in to_link(agreement) else ()),
        *(("payload",) if dataset in with_payload(agreement) else ()),
    )


def role_of(agreement: Agreement, kind: Kind) -> PartyRole:
    """Return the role that receives a kind of parcel."""
    return LINKED_IN[mode_of(agreement)] if kind in LINKING else "secure room"


def room_of(agreement: Agreement, kind: Kind) -> Room:
    """Return the room that receives a kind of parcel."""
    return cast(Room, role_of(agreement, kind).replace(" ", "-"))


def columns_of(agreement: Agreement, kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the columns that each dataset's parcel of a kind has besides the row id."""
    return {
        name: tuple(column_types(agreement, name))
        if kind in LINKING
        else pack_fields(agreement, name)
        for name in agreement.datasets
        if kind in kinds_of(agreement, name)
    }


def repeated_of(agreement: Agreement, kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the columns of each dataset that are read in dictionary form."""
    named = to_link(agreement) if kind in LINKING else ()
    return {name: repeated_columns(agreement, name) for name in named}


def holds(delivered: Delivered) -> Kind:
    """Return what a delivery held. Those from before it was noted held what their room receives."""
    noted = delivered.counts.get("holds")
    if noted in KINDS:
        return cast(Kind, noted)
    return "encodings" if delivered.room == "linkage-unit" else "payload"
