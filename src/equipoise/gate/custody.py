"""Keys and holdings of one site, role by role, behind the gate.

Each role has a key store of its own, so that a role moved to another machine takes its folder and
nothing else:

    owners         the secrets from which owners' tokens are made; parties' signing keys
    linkage-unit   the keys of link ids; the identity to which encodings are sealed
    secure-room    the keys of pseudonyms; the identity to which payload is sealed
    signatories    the keys with which named people sign agreements
    recipients     the identities to which row-level releases are sealed
    site           the key that signs the ledger's head, receipts, cards and packages

A site that lives with partners has the keys of the posts that it fills, and of no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from equipoise.agree.document import Agreement
from equipoise.agree.sign import Signer
from equipoise.clock import Clock, system_clock
from equipoise.errors import Problem, StateRefused
from equipoise.gate.addresses import STORE_OF, Address, Addresses, Post, PostRole
from equipoise.holdings import Holdings
from equipoise.keys import KeyStore, key_id_for

ROOMS: Final = ("linkage-unit", "secure-room")
ROLES: Final = ("owners", "linkage-unit", "secure-room", "signatories", "recipients", "site")
SALTED: Final = ("owners", "linkage-unit", "secure-room")
"""The roles that hold keys for each agreement version."""

ROOM = "room"
"""The key id of what belongs to a role as a whole, whatever the agreement."""


class Custody:
    """The keepers of a site's keys and holdings. ``gate.passage`` hands out what a permit allows;
    the methods here that are public reveal public keys and make signatures, and nothing else.

    ``posts`` are the (party, role) that the site fills; ``None`` means all of them.
    """

    def __init__(
        self, directory: Path, clock: Clock = system_clock, posts: frozenset[Post] | None = None
    ) -> None:
        self._stores: Mapping[str, KeyStore] = {
            role: KeyStore(directory / "keys" / role, clock=clock) for role in ROLES
        }
        self._rooms: Mapping[str, Holdings] = {
            room: Holdings(directory / "rooms" / room, self._stores[room], clock=clock)
            for room in ROOMS
        }
        self._posts = posts
        self.addresses: Callable[[], Addresses] = dict
        """Tells the partners' public keys, as the site has accepted them."""

    def fills(self, party: str, role: PostRole) -> bool:
        """Say whether this site fills a post."""
        return self._posts is None or (party, role) in self._posts

    def shares_with_nobody(self, agreement: Agreement) -> bool:
        """Say whether every owner of a linked dataset is of this site."""
        return all(
            self.fills(data.controller, "owner")
            for name, data in agreement.datasets.items()
            if agreement.entities_of(name)
        )

    def _salted(self) -> tuple[str, ...]:
        if self._posts is None:
            return SALTED
        mine = {STORE_OF[role] for _, role in self._posts}
        return tuple(role for role in SALTED if role in mine)

    def found(self) -> None:
        """Make the keys that a new site needs and has not got."""
        self._signer("site", "site")
        for role in self._salted():
            if not self._stores[role].exists("root", "root"):
                self._stores[role].new_root("root")
            if role in ROOMS or self._posts is not None:
                self._identity(role, ROOM)
        for party, role in sorted(self._posts or ()):
            if role == "owner":
                self._signer("owners", f"parties/{party}")
            elif role == "linkage unit":
                self._signer("linkage-unit", ROOM)
            elif role == "recipient":
                self._identity("recipients", f"parties/{party}")

    def _signer(self, role: str, key_id: str) -> None:
        if not self._stores[role].exists(key_id, "signer"):
            self._stores[role].new_signer(key_id)

    def _identity(self, role: str, key_id: str) -> None:
        if not self._stores[role].exists(key_id, "identity"):
            self._stores[role].new_identity(key_id)

    def site_key(self) -> str:
        """Return the site's public key (hex)."""
        return self._stores["site"].public_key("site")

    def site_signer(self) -> Signer:
        """Return the signer of ledger heads, receipts, cards and packages."""
        return self._stores["site"].signer("site")

    def key_name(self, party: str, name: str) -> str:
        """Return the id of a person's key."""
        return key_id_for("people", party, name)

    def enrol(self, party: str, name: str) -> str:
        """Make a person's signing key, unless it is there, and return its public half (hex)."""
        key_id = self.key_name(party, name)
        self._signer("signatories", key_id)
        return self._stores["signatories"].public_key(key_id)

    def person_signer(self, party: str, name: str) -> Signer:
        """Return the signer of one enrolled person."""
        return self._stores["signatories"].signer(self.key_name(party, name))

    def holds_key_of(self, party: str, name: str) -> bool:
        """Say whether this site holds a person's private key, and not its public half alone."""
        return self._stores["signatories"].exists(self.key_name(party, name), "signer")

    def forget_key_of(self, party: str, name: str) -> None:
        """Destroy a person's private key, if this site holds it: it signs nothing any more."""
        if self.holds_key_of(party, name):
            self._stores["signatories"].destroy(self.key_name(party, name))

    def begin(self, agreement: Agreement) -> None:
        """Make what each role needs to work under a signed version: its salt, its parties' keys,
        the secure room's first key of pseudonyms."""
        name, version = agreement.agreement, agreement.version
        for role in self._salted():
            self._stores[role].begin(name, version)
        if "secure-room" in self._salted():
            first = self.key_of(name, version, "pseudonyms", 1)
            if not self.numbers("secure-room", name, version, "pseudonyms", ever=True):
                self._stores["secure-room"].new_pair(first)
        for party in agreement.parties:
            if self.fills(party, "owner"):
                self._signer("owners", f"parties/{party}")
            if self.fills(party, "recipient"):
                self._identity("recipients", f"parties/{party}")

    # -- keys that come one after another -------------------------------------------------------

    @staticmethod
    def key_of(agreement: str, version: int, name: str, number: int) -> str:
        """Return the id of the ``number``-th key called ``name`` of an agreement version."""
        return f"agreements/{agreement}/{version}/{name}-{number}"

    def numbers(
        self, role: str, agreement: str, version: int, name: str, *, ever: bool = False
    ) -> tuple[int, ...]:
        """Return the numbers of the keys called ``name`` that are held; with ``ever``, also of
        those destroyed."""
        store, scope = self._stores[role], f"agreements/{agreement}/{version}"
        ids = {*store.ids(scope), *(store.ids(scope, destroyed=True) if ever else ())}
        ends = (key_id.removeprefix(f"{scope}/{name}-") for key_id in ids)
        return tuple(sorted(int(end) for end in ends if end.isdigit()))

    # -- who is where ---------------------------------------------------------------------------

    def address(self, party: str, role: PostRole) -> Address:
        """Return the public keys of a post, here or at a partner's site.

        Raises ``StateRefused`` (GATE193) when no partner's card names the post.
        """
        if self.fills(party, role):
            return self._own(party, role)
        found = self.addresses().get((party, role))
        if found is None:
            raise StateRefused(
                Problem(
                    "GATE193",
                    f"no partner of this site is known as the {role} {party}",
                    why="what is sent is sealed for its receiver, and what comes is held against "
                    "its sender's key",
                    next=f"ask {party} for its card, then: equipoise partner add CARD",
                )
            )
        return found

    def _own(self, party: str, role: PostRole) -> Address:
        store, of_party = self._stores[STORE_OF[role]], f"parties/{party}"
        signer = {"owner": of_party, "linkage unit": ROOM}.get(role, "")
        sealer = of_party if role == "recipient" else ROOM
        return Address(
            party,
            role,
            store.recipient(sealer) if store.exists(sealer, "identity") else "",
            store.public_key(signer) if signer and store.exists(signer, "signer") else "",
            "",
            self.site_key(),
        )

    def posts(self) -> tuple[Address, ...]:
        """Return the public keys of the posts that this site fills among partners."""
        return tuple(self._own(party, role) for party, role in sorted(self._posts or ()))

    def party_key(self, party: str) -> str:
        """Return the public key (hex) with which an owner's parcels are signed (GATE193)."""
        return self.address(party, "owner").signing

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
