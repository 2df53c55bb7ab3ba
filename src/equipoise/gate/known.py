"""Registers of identities that persist: held by whoever links, and opened by a permit alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from equipoise.agree.parts import Identities
from equipoise.agree.reads import REGISTER
from equipoise.agree.words import LINKED_IN
from equipoise.errors import GateRefused, Problem
from equipoise.gate.door import Door
from equipoise.keys import Secret
from equipoise.keys.secrets import covered

IDENTIFIER: Final = "identifier"
"""The column of a register's identifiers, which stay with whoever links."""


@dataclass(frozen=True)
class Gone:
    """One key that was destroyed: where it lay, and its fingerprint."""

    role: str
    name: str
    fingerprint: str


class Known(Door):
    """The part of a passage that deals with registers."""

    @property
    def _link_room(self) -> str:
        """Return the room in which the agreement's mode links."""
        linkage = self.agreement.linkage
        return LINKED_IN[linkage.mode if linkage else "exact"].replace(" ", "-")

    def _register_of(self, entity: str) -> str:
        """Return the name of an entity's register, if this permit may open it today (GATE195)."""
        self._only(self.permit.act if self.permit.act == "mind-identities" else "link")
        clause = self._identities(entity)
        if clause is None or self.permit.issued.date() > clause.until:
            raise GateRefused(
                Problem(
                    "GATE195",
                    f"the agreement lets nobody know {entity} again today",
                    why="identities persist where the agreement says so, and until the day it says",
                    next="link without a register, or agree 'identities' in a new version",
                    clause=f"linkage.entities.{entity}.identities",
                )
            )
        return f"{REGISTER}{entity}"

    def _identities(self, entity: str) -> Identities | None:
        linkage = self.agreement.linkage
        if linkage is None or entity not in linkage.entities:
            return None
        return linkage.entities[entity].identities

    def register(self, entity: str) -> pa.Table | None:
        """Return an entity's register as it is held, or None before its first delivery."""
        name = self._register_of(entity)
        room = self._custody.room(self._link_room)
        if name not in {each.name for each in room.list(*self._name, self._link_room)}:
            return None
        return room.get(*self._name, self._link_room, name)

    def keep_register(self, entity: str, table: pa.Table) -> None:
        """Hold an entity's register, in place of what it was."""
        self._hold(self._link_room, self._register_of(entity), table)

    def lasting_ids(self, entity: str, identifiers: pa.ChunkedArray) -> pa.Array:
        """Return a link id for each identifier: the same one in each linkage, for as long as the
        register lasts, and no identifier."""
        key = self._register_key(entity, "lasting link ids")
        return covered(key)(identifiers.combine_chunks())

    def register_key(self, entity: str) -> bytes:
        """Return the 32 bytes under which identifiers are encoded for an entity's register.

        Only in the mode ``identified``, where what comes is not encoded. They are derived for this
        one purpose, open nothing else, and end with the register.
        """
        self._only("link")
        if self.agreement.linkage is None or self.agreement.linkage.mode != "identified":
            self._refuse()
        return self._register_key(entity, "register encodings").reveal()

    def _register_key(self, entity: str, purpose: str) -> Secret:
        """Return a key derived from that of an entity's register, made at its first use."""
        name, role = self._register_of(entity), self._link_room
        store = self._custody.store_of(role)
        held = self._custody.numbers(role, *self._name, name)
        ever = self._custody.numbers(role, *self._name, name, ever=True)
        number = held[-1] if held else (ever[-1] if ever else 0) + 1
        key_id = self._custody.key_of(*self._name, name, number)
        if not held:
            store.new_pair(key_id)
        return store.derive_from(key_id, *map(str, self._name), purpose, entity)

    def end_register_keys(self, names: Sequence[str]) -> tuple[Gone, ...]:
        """Destroy the keys of registers; return what ever was destroyed of them."""
        self._only("erase")
        role = self._link_room
        store = self._custody.store_of(role)
        gone = []
        for name in names:
            for number in self._custody.numbers(role, *self._name, name, ever=True):
                told = store.destroy(self._custody.key_of(*self._name, name, number))
                print_ = next(iter(told.fingerprints.values()))
                gone.append(Gone(role, f"{name}-{number}", print_))
        return tuple(gone)
