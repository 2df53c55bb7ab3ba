"""Keys and holdings of one site, role by role, behind the gate.

Each role has a key store of its own, so that a role moved to another machine takes its folder and
nothing else:

    owners         the secret from which owners' tokens are made; parties' signing keys
    linkage-unit   the key of link ids; the identity to which encodings are sealed
    secure-room    the key of pseudonyms; the identity to which payload is sealed
    signatories    the keys with which named people sign agreements
    recipients     the identities to which row-level releases are sealed
    site           the key that signs the ledger's head, receipts and packages
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from equipoise.agree.document import Agreement
from equipoise.agree.sign import Signer
from equipoise.clock import Clock, system_clock
from equipoise.holdings import Holdings
from equipoise.keys import KeyStore, key_id_for

ROOMS: Final = ("linkage-unit", "secure-room")
ROLES: Final = ("owners", "linkage-unit", "secure-room", "signatories", "recipients", "site")


class Custody:
    """The keepers of a site's keys and holdings. ``gate.passage`` hands out what a permit allows;
    the methods here that are public reveal public keys and make signatures, and nothing else."""

    def __init__(self, directory: Path, clock: Clock = system_clock) -> None:
        self._stores: Mapping[str, KeyStore] = {
            role: KeyStore(directory / "keys" / role, clock=clock) for role in ROLES
        }
        self._rooms: Mapping[str, Holdings] = {
            room: Holdings(directory / "rooms" / room, self._stores[room], clock=clock)
            for room in ROOMS
        }

    def found(self) -> None:
        """Make the keys that a new site needs and has not got."""
        if not self._stores["site"].exists("site", "signer"):
            self._stores["site"].new_signer("site")
        for role in ("owners", "linkage-unit", "secure-room"):
            if not self._stores[role].exists("root", "root"):
                self._stores[role].new_root("root")
        for room in ROOMS:
            if not self._stores[room].exists("room", "identity"):
                self._stores[room].new_identity("room")

    def site_key(self) -> str:
        """Return the site's public key (hex)."""
        return self._stores["site"].public_key("site")

    def site_signer(self) -> Signer:
        """Return the signer of ledger heads, receipts and packages."""
        return self._stores["site"].signer("site")

    def key_name(self, party: str, name: str) -> str:
        """Return the id of a person's key."""
        return key_id_for("people", party, name)

    def enrol(self, party: str, name: str) -> str:
        """Make a person's signing key, unless it is there, and return its public half (hex)."""
        keys, key_id = self._stores["signatories"], self.key_name(party, name)
        if not keys.exists(key_id, "signer"):
            keys.new_signer(key_id)
        return keys.public_key(key_id)

    def person_signer(self, party: str, name: str) -> Signer:
        """Return the signer of one enrolled person."""
        return self._stores["signatories"].signer(self.key_name(party, name))

    def begin(self, agreement: Agreement) -> None:
        """Make what each role needs to work under a signed version: its salt, its parties' keys."""
        for role in ("owners", "linkage-unit", "secure-room"):
            self._stores[role].begin(agreement.agreement, agreement.version)
        for party in agreement.parties:
            if not self._stores["owners"].exists(f"parties/{party}", "signer"):
                self._stores["owners"].new_signer(f"parties/{party}")
            if not self._stores["recipients"].exists(f"parties/{party}", "identity"):
                self._stores["recipients"].new_identity(f"parties/{party}")

    def party_key(self, party: str) -> str:
        """Return the public key (hex) with which a party's parcels are signed."""
        return self._stores["owners"].public_key(f"parties/{party}")

    def unseal_for(self, party: str, data: bytes) -> bytes:
        """Open, as a recipient, what was released to it. Raises ``IntegrityRefused`` (KEY009)."""
        return self._stores["recipients"].unseal_with(f"parties/{party}")(data)

    def sweep(self) -> None:
        """Remove half files, and keys and files that no record names, after a crash.

        Call it only while no other process is at work in the site.
        """
        for holdings in self._rooms.values():
            holdings.sweep()
        for store in self._stores.values():
            store.sweep()

    def store_of(self, role: str) -> KeyStore:
        """Return one role's keys. For ``gate.passage`` only."""
        return self._stores[role]

    def room(self, room: str) -> Holdings:
        """Return one room's holdings. For ``gate.passage`` only."""
        return self._rooms[room]
