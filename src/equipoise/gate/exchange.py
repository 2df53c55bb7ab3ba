"""What passes between sites: the owners' secret, link ids, and pseudonyms that change their key.

A secret leaves a key store here only sealed for another owner; a link id enters the secure room
and is at once covered with the room's own key, so that what lies there is neither the linkage
unit's id nor a pseudonym in the clear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.sign import Signer
from equipoise.agree.words import LINKED_IN, TRAVELS
from equipoise.errors import GateRefused, Problem, StateRefused
from equipoise.gate.answers import Answers
from equipoise.gate.known import IDENTIFIER, Gone, Known
from equipoise.holdings import Held
from equipoise.keys import Hasher, Secret
from equipoise.keys.secrets import KeyedHasher, as_pseudonyms, covered, link_ids, uncovered
from equipoise.keys.store import KeyStore

LINKS: Final = "links"
"""The secure room's holding of (dataset, row id, covered id), one for each entity."""

COVERED: Final = "covered_"
"""The column of covered ids; the number of their key follows."""

PSEUDONYM: Final = "pseudonym_"
"""The column of an entity's pseudonyms; the entity's name follows."""


def to_link_name(agreement: Agreement, dataset: str) -> str:
    """Return the name under which a room holds what is linked of a dataset.

    The secure room holds the payload under the dataset's own name; no dataset's has a full stop.
    """
    mode = agreement.linkage.mode if agreement.linkage else "exact"
    in_room = LINKED_IN[mode] == "secure room"
    return f"{TRAVELS[mode]}.{dataset}" if in_room else dataset


class Exchange(Known, Answers):
    """The part of a passage that deals with keys which sites share, and with those that change."""

    # -- the owners' secret ----------------------------------------------------------------------

    def _secret(self) -> str:
        """Return the key id of the newest owners' secret, or nothing where none was agreed."""
        held = self._custody.numbers("owners", *self._name, "secret")
        return self._custody.key_of(*self._name, "secret", held[-1]) if held else ""

    def _token_key(self, label: str) -> Secret:
        store = self._custody.store_of("owners")
        if key_id := self._secret():
            return store.derive_from(key_id, *map(str, self._name), "tokens", label)
        if not self._custody.shares_with_nobody(self.agreement):
            raise StateRefused(
                Problem(
                    "GATE192",
                    f"this site has not the owners' secret of {self.agreement.reference}",
                    why="owners make tokens with one secret; with another, nothing would be found",
                    next="equipoise secret make AGREEMENT, on one owner's site; on the others "
                    "equipoise secret take FILE AGREEMENT",
                )
            )
        return store.derive("root", *self._name, "tokens", label)

    def hasher(self, label: str) -> Hasher:
        """Return the owners' keyed hasher for one token label. Raises GATE192 before the owners
        have agreed a secret."""
        self._only("pack")
        return KeyedHasher(self._token_key(label))

    def key_check(self) -> str:
        """Return the fingerprint of the owners' secret: equal at two owners when the secret is.

        It tells nothing else, and travels with the encodings so that two secrets are noticed.
        """
        self._only("pack")
        digits = KeyedHasher(self._token_key("key check")).digests([b"key check"])[0].as_py()
        return bytes(digits).hex()

    def make_secret(self) -> tuple[int, str]:
        """Make the next owners' secret; return its number and fingerprint."""
        self._only("agree-secret")
        used = self._custody.numbers("owners", *self._name, "secret", ever=True)
        number = (used[-1] if used else 0) + 1
        key_id = self._custody.key_of(*self._name, "secret", number)
        return number, self._custody.store_of("owners").new_pair(key_id)

    def sealed_secret(self, party: str, number: int, wrap: Callable[[bytes], bytes]) -> bytes:
        """Return the secret, wrapped by ``wrap`` and sealed for another owner alone."""
        self._only("agree-secret")
        store = self._custody.store_of("owners")
        pair = store.pair(self._custody.key_of(*self._name, "secret", number)).reveal()
        return store.seal_to(self._custody.address(party, "owner").sealing)(wrap(pair))

    def owner_signer(self, party: str) -> Signer:
        """Return the signer of an owner's secret."""
        self._only("agree-secret", party=party)
        return self._custody.store_of("owners").signer(f"parties/{party}")

    def unsealed_secret(self, data: bytes) -> bytes:
        """Open what was sealed for this site's owners. Raises ``IntegrityRefused`` (KEY009)."""
        self._only("agree-secret")
        return self._custody.store_of("owners").unseal_with("room")(data)

    def keep_secret(self, number: int, pair: bytes) -> str:
        """Hold a secret that another owner made, and return its fingerprint.

        Raises ``StateRefused`` (GATE194) when it is not newer than all that this site ever had.
        """
        self._only("agree-secret")
        used = self._custody.numbers("owners", *self._name, "secret", ever=True)
        store, key_id = self._custody.store_of("owners"), self._secret()
        if key_id.endswith(f"-{number}") and store.pair(key_id).reveal() == pair:
            return store.fingerprint(key_id, "pair")  # a crash came before it was told
        if used and number <= used[-1]:
            raise StateRefused(
                Problem(
                    "GATE194",
                    f"this site has had the owners' secret number {used[-1]} already",
                    why=f"what arrived is number {number}; an old secret does not come back, and "
                    "two owners may not both make one",
                    next="compare fingerprints (equipoise secret show); if they differ, one owner "
                    "makes a new secret and sends it to all the others",
                )
            )
        return store.take_pair(self._custody.key_of(*self._name, "secret", number), pair)

    def end_old_secrets(self) -> tuple[Gone, ...]:
        """Destroy every secret but the newest; return what ever was destroyed of them."""
        self._only("agree-secret")
        held = self._custody.numbers("owners", *self._name, "secret")
        return self._end("owners", "secret", held[:-1])

    def _end(self, role: str, name: str, numbers: tuple[int, ...]) -> tuple[Gone, ...]:
        """Destroy keys, and return all of that name that are destroyed, now or before a crash."""
        store = self._custody.store_of(role)
        for number in numbers:
            store.destroy(self._custody.key_of(*self._name, name, number))
        ever = self._custody.numbers(role, *self._name, name, ever=True)
        left = self._custody.numbers(role, *self._name, name)
        return tuple(
            Gone(role, f"{name}-{number}", self._print(store, name, number))
            for number in ever
            if number not in left
        )

    def _print(self, store: KeyStore, name: str, number: int) -> str:
        told = store.destroy(self._custody.key_of(*self._name, name, number))
        return next(iter(told.fingerprints.values()))

    # -- link ids, at the linkage unit -----------------------------------------------------------

    def link_table(
        self, entity: str, spine: str, members: pa.Table, dropped: pa.Table | None = None
    ) -> pa.Table:
        """Return (row_id, dataset, link_id): entity numbers as ids under a key made for this one
        linkage, so that an id never derives from a name or number of a person.

        ``members`` has dataset, row_id and entity_row, or the identifier of a register, which gives
        the same id in each linkage; ``dropped`` (dataset, row_id) are rows that an opt-out list
        bars, and get no id. The key ends with ``end_link_keys``.
        """
        self._only("link", spine)
        room = self._link_room
        store = self._custody.store_of(room)
        used = self._custody.numbers(room, *self._name, "links", ever=True)
        key_id = self._custody.key_of(*self._name, "links", (used[-1] if used else 0) + 1)
        store.new_pair(key_id)
        give = link_ids(store.derive_from(key_id, *map(str, self._name), "link ids", entity))
        lasting = IDENTIFIER in members.column_names
        table = pa.table(
            {
                "row_id": members["row_id"],
                "dataset": members["dataset"].cast(pa.string()),
                "link_id": self.lasting_ids(entity, members[IDENTIFIER])
                if lasting
                else give(members["entity_row"]),
            }
        )
        if dropped is None or not dropped.num_rows:
            return table
        barred = dropped.select(["row_id", "dataset"])
        nothing = pa.nulls(dropped.num_rows, table.schema.field("link_id").type)
        return pa.concat_tables([table, barred.append_column("link_id", nothing)])

    def link_sender(self) -> Signer:
        """Return the signer of the linkage unit's parcels."""
        self._only("link")
        return self._custody.store_of("linkage-unit").signer("room")

    def end_link_keys(self) -> tuple[Gone, ...]:
        """Destroy the keys of every linkage so far; return what ever was destroyed of them."""
        self._only("erase")
        numbers = self._custody.numbers(self._link_room, *self._name, "links")
        return self._end(self._link_room, "links", numbers)

    def held_in(self, room: str) -> tuple[str, ...]:
        """Return the names of what a room holds, so that all of it can be erased."""
        self._only("erase")
        return tuple(each.name for each in self._custody.room(room).list(*self._name, room))

    # -- pseudonyms, in the secure room ----------------------------------------------------------

    def hand_over_links(
        self, entity: str, spine: str, members: pa.Table, dropped: pa.Table | None = None
    ) -> None:
        """Give the links of one entity to the secure room of this same site."""
        self._cover_and_hold(entity, self.link_table(entity, spine, members, dropped))

    def take_links(self, entity: str, table: pa.Table) -> None:
        """Hold link ids that the linkage unit sent (row_id, dataset, link_id)."""
        self._only("take-links")
        self._cover_and_hold(entity, table)

    def _pseudonym_key(self, entity: str, number: int) -> Secret:
        store = self._custody.store_of("secure-room")
        key_id = self._custody.key_of(*self._name, "pseudonyms", number)
        return store.derive_from(key_id, *map(str, self._name), "pseudonyms", entity)

    def _cover_and_hold(self, entity: str, table: pa.Table) -> None:
        table = self._without_barred(table)
        held = self._custody.numbers("secure-room", *self._name, "pseudonyms")
        ids = covered(self._pseudonym_key(entity, held[-1]))(table["link_id"])
        plain = table.select(["dataset", "row_id"])
        self._hold("secure-room", f"{LINKS}-{entity}",
                   plain.append_column(f"{COVERED}{held[-1]}", ids))  # fmt: skip

    def _without_barred(self, table: pa.Table) -> pa.Table:
        """Destroy the payload of rows that an opt-out list bars (no link id); return the others."""
        barred = table.filter(pc.is_null(table["link_id"]))
        room = self._custody.room("secure-room")
        held = {each.name for each in room.list(*self._name, "secure-room")}
        for dataset in pc.unique(barred["dataset"]).to_pylist():
            if dataset not in held:
                continue
            gone = barred.filter(pc.equal(barred["dataset"], dataset))["row_id"]
            whole = room.get(*self._name, "secure-room", dataset)
            meets = pc.is_in(whole["row_id"], value_set=gone.combine_chunks())
            if pc.any(meets).as_py():
                self._hold("secure-room", dataset, whole.filter(pc.invert(meets)))
        return table.filter(pc.is_valid(table["link_id"]))

    def _pseudonyms(self, entity: str) -> pa.Table:
        """Return (dataset, row_id, pseudonym) of everybody who was linked by an entity."""
        room = self._custody.room("secure-room")
        links = room.get(*self._name, "secure-room", f"{LINKS}-{entity}")
        column = links.column_names[-1]
        if not column.startswith(COVERED):
            raise GateRefused(
                Problem(
                    "GATE191",
                    f"the links of {entity} are of an older form of this program",
                    next="link again: equipoise link AGREEMENT",
                )
            )
        numbers = as_pseudonyms(links[column].combine_chunks())
        return links.drop_columns([column]).append_column("pseudonym", numbers)

    def rekey(self) -> tuple[str, ...]:
        """Move everything held under an old key of pseudonyms to the newest; make one if none
        waits. Return the names of what was moved.

        Link ids exist in memory only, one entity at a time. May be called again after a crash:
        each table says under which key it lies, and both keys live until ``end_old_pseudonyms``.
        """
        self._only("re-key")
        tables = self._custody.room("secure-room").list(*self._name, "secure-room")
        links = {one.name.removeprefix(f"{LINKS}-"): one for one in tables if _under(one)}
        _refuse_left_behind(tables, links)
        number = self._waiting_key()
        moved: list[str] = []
        for entity, held in links.items():
            if _under(held) != number:
                moved += self._move(entity, _under(held), number, tables)
        return tuple(moved)

    def _waiting_key(self) -> int:
        """Return the number of the key to move to: one that waits since a crash, or a new one."""
        held = self._custody.numbers("secure-room", *self._name, "pseudonyms")
        if len(held) > 1:
            return held[-1]
        key_id = self._custody.key_of(*self._name, "pseudonyms", held[-1] + 1)
        self._custody.store_of("secure-room").new_pair(key_id)
        return held[-1] + 1

    def _move(self, entity: str, old: int, new: int, tables: Sequence[Held]) -> list[str]:
        """Move the results that bear an entity's pseudonyms, then its links: in this order a crash
        leaves nothing that can no longer be moved."""
        room, name = self._custody.room("secure-room"), f"{LINKS}-{entity}"
        table = room.get(*self._name, "secure-room", name)
        before = table[f"{COVERED}{old}"].combine_chunks()
        ids = uncovered(self._pseudonym_key(entity, old))(before)
        after = covered(self._pseudonym_key(entity, new))(ids)
        mapping = pa.table({"old": as_pseudonyms(before), "new": as_pseudonyms(after)})
        bearing = [one.name for one in tables if f"{PSEUDONYM}{entity}" in one.columns]
        for result in bearing:
            found = room.get(*self._name, "secure-room", result)
            self._hold("secure-room", result, _renamed(found, f"{PSEUDONYM}{entity}", mapping))
        plain = table.drop_columns([f"{COVERED}{old}"]).append_column(f"{COVERED}{new}", after)
        self._hold("secure-room", name, plain)
        return [*bearing, name]

    def pseudonym_key(self) -> tuple[int, str]:
        """Return the number and fingerprint of the newest key of pseudonyms, for the ledger."""
        self._only("re-key")
        held = self._custody.numbers("secure-room", *self._name, "pseudonyms")
        key_id = self._custody.key_of(*self._name, "pseudonyms", held[-1])
        return held[-1], self._custody.store_of("secure-room").fingerprint(key_id, "pair")

    def ended_pseudonyms(self) -> tuple[Gone, ...]:
        """Return the keys of pseudonyms that were ever destroyed, when only one is left."""
        self._only("re-key")
        held = self._custody.numbers("secure-room", *self._name, "pseudonyms")
        return self._end("secure-room", "pseudonyms", ()) if len(held) == 1 else ()

    def end_old_pseudonyms(self) -> tuple[Gone, ...]:
        """Destroy every key of pseudonyms but the newest; return what ever was destroyed."""
        self._only("re-key")
        held = self._custody.numbers("secure-room", *self._name, "pseudonyms")
        return self._end("secure-room", "pseudonyms", held[:-1])


def _under(held: Held) -> int:
    """Return the number of the key under which links lie, or nought for what is no links."""
    last = held.columns[-1] if held.columns else ""
    number = last.removeprefix(COVERED)
    return int(number) if last.startswith(COVERED) and number.isdigit() else 0


def _left_behind(name: str) -> StateRefused:
    return StateRefused(
        Problem(
            "GATE196",
            f"{name} bears pseudonyms of people whose links are held no more",
            why="without the links they cannot be moved to a new key, and the old key must go",
            next="erase it first: equipoise erase AGREEMENT OUTPUT",
        )
    )


def _refuse_left_behind(tables: Sequence[Held], links: Mapping[str, Held]) -> None:
    """Refuse (GATE196) when a result bears pseudonyms that nothing held can move."""
    for held in tables:
        borne = {c.removeprefix(PSEUDONYM) for c in held.columns if c.startswith(PSEUDONYM)}
        if borne - set(links):
            raise _left_behind(held.name)


def _renamed(result: pa.Table, column: str, mapping: pa.Table) -> pa.Table:
    """Return a result under new pseudonyms, in their order: the old order would tell of the old.

    One that a crash left moved already stays as it is. Raises GATE196 as above.
    """
    numbers = result[column].combine_chunks()
    place = pc.index_in(numbers, value_set=mapping["old"].combine_chunks())
    if place.null_count == 0:
        fresh = mapping["new"].take(place)
        renamed = result.set_column(result.column_names.index(column), column, fresh)
        return renamed.sort_by(column)
    known = pc.index_in(numbers, value_set=mapping["new"].combine_chunks())
    if known.null_count:
        raise _left_behind("a held result")
    return result
