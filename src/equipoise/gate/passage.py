"""What a permit opens: the keys and holdings of one act, for as long as the permit is open.

``Passage`` is made by ``opened`` and handed to an act. Each method checks that the permit's request
names the act and the dataset, so that a permit to pack one file cannot read another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.document import Agreement
from equipoise.agree.sign import Signer
from equipoise.clock import Clock
from equipoise.errors import EquipoiseError, GateRefused, Problem
from equipoise.gate.custody import ROOMS, Custody
from equipoise.gate.permit import Permit, PermitBook
from equipoise.holdings import DestroyedFile
from equipoise.keys import Hasher

SALTED = ("owners", "linkage-unit", "secure-room")
"""The roles that hold a salt for each agreement version."""

LINKS = "links"
"""The secure room's holding of (dataset, row id, link id), one for each entity."""


Gone = DestroyedFile
"""What ``Passage.destroy`` tells of each file, under the name by which acts know it."""


@dataclass
class Passage:
    """The open door of one act. ``hashes`` is what the ledger records when it closes."""

    agreement: Agreement
    permit: Permit
    _custody: Custody
    hashes: dict[str, str] = field(default_factory=dict)
    open: bool = True

    def _only(self, act: str, *datasets: str, role: str = "", party: str = "") -> None:
        """Refuse (GATE190) what the permit does not name: act, datasets, role or party."""
        request = self.permit.request
        named = (
            request.act == act
            and set(datasets) <= set(request.datasets)
            and role in ("", request.role)
            and party in ("", request.party)
        )
        if not (self.open and named):
            self._refuse()

    def _refuse(self) -> NoReturn:
        raise GateRefused(
            Problem(
                "GATE190",
                f"the permit to {self.permit.request.act} does not open this",
                why="a permit opens what it names and nothing else, and only until it is closed",
                next="report this as a fault of the program",
            )
        )

    @property
    def _name(self) -> tuple[str, int]:
        return self.agreement.agreement, self.agreement.version

    # -- the owner's machine ----------------------------------------------------------------------

    def hasher(self, label: str) -> Hasher:
        """Return the owners' keyed hasher for one token label."""
        self._only("pack")
        return self._custody.store_of("owners").hasher("root", *self._name, label)

    def sender(self, party: str) -> Signer:
        """Return the signer of a party's parcels."""
        self._only("pack", party=party)
        return self._custody.store_of("owners").signer(f"parties/{party}")

    def seal_for_room(self, room: str) -> Callable[[bytes], bytes]:
        """Return what seals a parcel for a room."""
        self._only("pack")
        store = self._custody.store_of(room)
        return store.seal_to(store.recipient("room"))

    # -- the rooms --------------------------------------------------------------------------------

    def unseal_in(self, room: str) -> Callable[[bytes], bytes]:
        """Return what opens a parcel sealed for a room."""
        self._only("receive", role=room.replace("-", " "))
        return self._custody.store_of(room).unseal_with("room")

    def take_into(self, room: str, dataset: str, table: pa.Table) -> None:
        """Hold a received table in a room, in place of an earlier delivery."""
        self._only("receive", dataset, role=room.replace("-", " "))
        self._hold(room, dataset, table)

    def _hold(self, room: str, name: str, table: pa.Table) -> None:
        held = self._custody.room(room).put(*self._name, room, name, table, replace_held=True)
        self.hashes[f"{room}/{name}"] = held.sha256

    def tokens(self, datasets: Sequence[str]) -> dict[str, pa.Table]:
        """Return the encodings that the linkage unit holds."""
        return {name: self._read("link", "linkage-unit", name) for name in datasets}

    def _read(
        self, act: str, room: str, name: str, columns: Sequence[str] | None = None
    ) -> pa.Table:
        self._only(act, name)
        return self._custody.room(room).get(*self._name, room, name, columns=columns)

    def hand_over_links(self, entity: str, spine: str, members: pa.Table) -> None:
        """Turn entity numbers into the linkage unit's keyed ids and give them to the secure room.

        ``members`` has dataset, row_id and entity_row. An id is made of the entity's number in this
        linkage, so that it never derives from a name or number of a person.
        """
        self._only("link", spine)
        store = self._custody.store_of("linkage-unit")
        give = store.link_ids("root", *self._name, entity, self.permit.id)
        table = pa.table(
            {
                "dataset": members["dataset"],
                "row_id": members["row_id"],
                "link_id": give(members["entity_row"]),
            }
        )
        self._hold("secure-room", f"{LINKS}-{entity}", table)

    def pseudonymised(self) -> dict[str, pa.Table]:
        """Return the tables of a use: the permitted fields, and a pseudonym for each entity.

        The row id, with which the linkage unit could be asked, is left behind.
        """
        self._only("use")
        fields = self.permit.request.datasets
        entities = {name: self.agreement.entities_of(name) for name in fields}
        links = {
            entity: self._pseudonyms(entity)
            for entity in sorted({name for names in entities.values() for name in names})
        }
        tables = {}
        for dataset, names in fields.items():
            table = self._read("use", "secure-room", dataset, ["row_id", *names])
            for entity in entities[dataset]:
                table = _with_pseudonym(table, dataset, entity, links[entity])
            tables[dataset] = table.drop_columns(["row_id"])
        return tables

    def _pseudonyms(self, entity: str) -> pa.Table:
        room = self._custody.room("secure-room")
        links = room.get(*self._name, "secure-room", f"{LINKS}-{entity}")
        give = self._custody.store_of("secure-room").pseudonyms("root", *self._name, entity)
        return links.drop_columns(["link_id"]).append_column("pseudonym", give(links["link_id"]))

    # -- results ----------------------------------------------------------------------------------

    def keep_result(self, name: str, table: pa.Table) -> None:
        """Hold a checked output in the secure room until it is released and erased."""
        self._only("use")
        self._hold("secure-room", name, table)

    def result(self, name: str) -> pa.Table:
        """Return a checked output, for release."""
        self._only("release")
        return self._custody.room("secure-room").get(*self._name, "secure-room", name)

    # -- the end ----------------------------------------------------------------------------------

    def destroy(self, names: Sequence[str]) -> tuple[DestroyedFile, ...]:
        """Destroy, key first, every held table in either room whose name is one of ``names``."""
        self._only("erase")
        destroyed: list[DestroyedFile] = []
        for room in ROOMS:
            held = {each.name for each in self._custody.room(room).list(*self._name, room)}
            gone = self._custody.room(room).destroyed(*self._name)
            known = held | {each.name for each in gone if each.room == room}
            found = [name for name in names if name in known]
            destroyed += self._custody.room(room).destroy(*self._name, room, found)
        return tuple(destroyed)

    def end(self) -> dict[str, str]:
        """Destroy, role by role, the salt from which every key of this version was derived.

        Return the fingerprint of each, by its role, also of those destroyed before a crash. Nothing
        under this version begins again.
        """
        self._only("erase")
        gone: dict[str, str] = {}
        for role in SALTED:
            store = self._custody.store_of(role)
            key_id = f"agreements/{self.agreement.agreement}/{self.agreement.version}/salt"
            gone[role] = next(iter(store.destroy(key_id).fingerprints.values()))
        return gone

    def seal_for_party(self, party: str) -> Callable[[bytes], bytes]:
        """Return what seals a row-level release for its recipient."""
        self._only("release")
        if party != self.permit.request.recipient:
            self._refuse()
        store = self._custody.store_of("recipients")
        return store.seal_to(store.recipient(f"parties/{party}"))


def _with_pseudonym(table: pa.Table, dataset: str, entity: str, links: pa.Table) -> pa.Table:
    own = links.filter(pc.equal(links["dataset"], dataset)).select(["row_id", "pseudonym"])
    place = pc.index_in(table["row_id"], value_set=own["row_id"].combine_chunks())
    # As many rows are not the same rows: a delivery made since has other row ids.
    if own.num_rows != table.num_rows or place.null_count:
        raise GateRefused(
            Problem(
                "GATE191",
                f"the links of {entity} do not cover the rows of {dataset}",
                why="the data were delivered again after they were linked",
                next="link again: equipoise link AGREEMENT",
            )
        )
    return table.append_column(f"pseudonym_{entity}", own["pseudonym"].take(place))


@contextmanager
def opened(
    agreement: Agreement, permit: Permit, custody: Custody, book: PermitBook, clock: Clock
) -> Iterator[Passage]:
    """Open a permit: on the ledger before data opens, and closed after with the hashes made.

    A failure inside abandons the permit. A crash leaves it open, for everybody to see, and so does
    a book that cannot be written any more: then it is the first failure that is told.
    """
    book.issue(permit)
    book.use(permit.id, clock(), request=permit.request_digest)
    passage = Passage(agreement, permit, custody)
    try:
        yield passage
    except BaseException:
        with suppress(EquipoiseError):
            book.abandon(permit.id, clock())
        raise
    finally:
        passage.open = False
    book.close(permit.id, clock(), passage.hashes)


def hashes_digest(hashes: Mapping[str, str]) -> str:
    """Return one digest over everything an act made."""
    return digest_of(canonical_bytes(dict(hashes)))
