"""What a permit opens: the keys and holdings of one act, for as long as the permit is open.

``Passage`` is made by ``opened`` and handed to an act. Each method checks that the permit's request
names the act and the dataset, so that a permit to pack one file cannot read another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.document import Agreement
from equipoise.agree.sign import Signer
from equipoise.clock import Clock
from equipoise.errors import EquipoiseError, GateRefused, Problem
from equipoise.gate.addresses import PostRole
from equipoise.gate.answers import answers_name
from equipoise.gate.custody import ROOMS, SALTED, Custody
from equipoise.gate.exchange import LINKS, PSEUDONYM, Exchange, to_link_name
from equipoise.gate.known import Gone as GoneKey
from equipoise.gate.permit import Permit, PermitBook
from equipoise.holdings import DestroyedFile
from equipoise.keys import SealStream, seal_stream_to, seal_to

_RECEIVING = ("receive", "receive-to-link", "take-links")

Gone = DestroyedFile
"""What ``Passage.destroy`` tells of each file, under the name by which acts know it."""


class Passage(Exchange):
    """The open door of one act. ``hashes`` is what the ledger records when it closes."""

    # -- the owner's machine ----------------------------------------------------------------------

    def sender(self, party: str) -> Signer:
        """Return the signer of a party's parcels."""
        self._only("pack", party=party)
        return self._custody.store_of("owners").signer(f"parties/{party}")

    def seal_for_room(self, room: str) -> SealStream:
        """Return what seals a parcel, file to file, for a room, here or at a partner's site
        (GATE193)."""
        self._only("link" if self.permit.act == "link" else "pack")
        party = self._party_of(room)
        role: PostRole = "linkage unit" if room == "linkage-unit" else "secure room"
        return seal_stream_to(self._custody.address(party, role).sealing)

    def _party_of(self, room: str) -> str:
        if room == self._link_room and self.agreement.linkage is not None:
            return self.agreement.linkage.by
        return self.agreement.parties_in(room.replace("-", " "))[0]

    # -- the rooms --------------------------------------------------------------------------------

    def unseal_in(self, room: str) -> Callable[[bytes], bytes]:
        """Return what opens a parcel sealed for a room."""
        act = self.permit.act if self.permit.act in _RECEIVING else "receive"
        self._only(act, role=room.replace("-", " "))
        return self._custody.store_of(room).unseal_with("room")

    def take_into(self, room: str, dataset: str, table: pa.Table) -> None:
        """Hold a received table in a room, in place of an earlier delivery.

        In the secure room what is linked lies beside the payload, under a name of its own.
        """
        linking = self.permit.act == "receive-to-link"
        self._only(
            "receive-to-link" if linking else "receive", dataset, role=room.replace("-", " ")
        )
        self._hold(room, to_link_name(self.agreement, dataset) if linking else dataset, table)

    def tokens(self, datasets: Sequence[str]) -> dict[str, pa.Table]:
        """Return what the room that links holds of each dataset, to be linked."""
        self._only(self._linking_act, *datasets)
        room = self._link_room
        return {
            name: self._custody.room(room).get(
                *self._name, room, to_link_name(self.agreement, name)
            )
            for name in datasets
        }

    def _read(
        self, act: str, room: str, name: str, columns: Sequence[str] | None = None
    ) -> pa.Table:
        self._only(act, name)
        return self._custody.room(room).get(*self._name, room, name, columns=columns)

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

    def end(self) -> tuple[GoneKey, ...]:
        """Destroy, role by role, everything from which a key of this version was derived.

        Return each, also of those destroyed before a crash or by an earlier erasure. Nothing under
        this version begins again.
        """
        self._only("erase")
        gone: list[GoneKey] = []
        scope = f"agreements/{self.agreement.agreement}/{self.agreement.version}"
        for role in SALTED:
            store = self._custody.store_of(role)
            ids = {*store.ids(scope), *store.ids(scope, destroyed=True)}
            for key_id in sorted(one for one in ids if one.count("/") == scope.count("/") + 1):
                told = store.destroy(key_id).fingerprints
                gone.append(GoneKey(role, key_id.rpartition("/")[2], next(iter(told.values()))))
        return tuple(gone)

    def seal_for_party(self, party: str) -> Callable[[bytes], bytes]:
        """Return what seals a row-level release for its recipient."""
        self._only("release")
        if party != self.permit.request.recipient:
            self._refuse()
        return seal_to(self._custody.address(party, "recipient").sealing)


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
    return table.append_column(f"{PSEUDONYM}{entity}", own["pseudonym"].take(place))


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


__all__ = [
    "LINKS",
    "Gone",
    "GoneKey",
    "Passage",
    "answers_name",
    "hashes_digest",
    "opened",
    "to_link_name",
]
