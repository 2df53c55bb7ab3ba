"""The holdings of one role: put, get, list, destroy."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from equipoise.clock import Clock, system_clock
from equipoise.errors import DataRefused, IntegrityRefused, Problem, StateRefused
from equipoise.holdings.records import (
    DestroyedFile,
    Held,
    check_part,
    encode_record,
    read_record,
)
from equipoise.holdings.sealed import read_sealed, write_sealed
from equipoise.keys import KeyStore
from equipoise.keys.files import make_directory, on_disk, sync_directory, write_new, write_over

_RECORD: Final = "held.json"
_GONE: Final = "destroyed-"
_FACTS: Final = ("id", "agreement", "version", "room", "name", "rows", "columns")


class Holdings:
    """Tables sealed at rest under ``directory``, one folder per agreement, version, room and name.

    A sealed file is named by its own hash. Its key is an age identity made for it alone and held
    in ``keys``. ``clock`` dates what is put and destroyed.
    """

    def __init__(self, directory: Path, keys: KeyStore, *, clock: Clock = system_clock) -> None:
        self._directory = Path(directory)
        self._keys = keys
        self._clock = clock

    def put(
        self,
        agreement: str,
        version: int,
        room: str,
        name: str,
        table: pa.Table,
        *,
        replace_held: bool = False,
    ) -> Held:
        """Seal ``table`` and hold it. A crash leaves the whole of it or nothing to be seen.

        Raises ``StateRefused`` HLD002 when the name is held and ``replace_held`` is not set, and
        ``EnvironmentFailed`` HLD011 when the disk is full or refuses.
        """
        folder = self._folder(agreement, version, room, name)
        if (folder / _RECORD).exists() and not replace_held:
            raise self._taken(name)
        before = self._read(folder) if (folder / _RECORD).exists() else None
        mark = secrets.token_hex(8)
        key_id = f"agreements/{agreement}/{version}/{room}/{name}-{mark}"
        facts = Held(
            id=mark, agreement=agreement, version=version, room=room, name=name,
            rows=table.num_rows, columns=tuple(table.column_names), sha256="", bytes=0,
            key=key_id, at=self._clock(),
        )  # fmt: skip
        self._keys.new_identity(key_id)
        with on_disk("HLD011", f"holding {name}"):
            held = self._seal(folder, table, facts, fresh=before is None)
            if before is not None:
                self._end(folder, before, keep_record=True)
        return held

    def _seal(self, folder: Path, table: pa.Table, facts: Held, *, fresh: bool) -> Held:
        draft = folder / f".{facts.id}.part"
        final: Path | None = None
        try:
            make_directory(folder)
            header = _header(facts)
            sha256, size = write_sealed(draft, table, header, self._keys, facts.key)
            held = replace(facts, sha256=sha256, bytes=size)
            final = draft.replace(folder / f"{sha256}.age")
            sync_directory(folder)
            if fresh:
                try:
                    write_new(folder / _RECORD, encode_record(held))
                except FileExistsError:  # another process was quicker
                    raise self._taken(facts.name) from None
            else:
                write_over(folder / _RECORD, encode_record(held))
        except BaseException:
            draft.unlink(missing_ok=True)
            if not self._withdraw(folder, facts.id, fresh=fresh):
                raise
            if final is not None:
                final.unlink(missing_ok=True)
            self._keys.discard(facts.key)
            raise
        return held

    def _withdraw(self, folder: Path, mark: str, *, fresh: bool) -> bool:
        """Return whether a failed ``put`` is to be undone.

        When the failure came after the record was written, a new table is taken back; one that
        replaced another stays, because what it replaced has no record any more.
        """
        record = folder / _RECORD
        if not record.exists() or read_record(record, Held).id != mark:
            return True
        if fresh:
            record.unlink()
        return fresh

    def get(
        self,
        agreement: str,
        version: int,
        room: str,
        name: str,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Return the held table, or the ``columns`` of it in that order.

        Raises ``DataRefused`` HLD003 when nothing of the name is held, HLD010 for an unknown
        column; ``IntegrityRefused`` HLD004 to HLD009 when what is held is not what was put.
        """
        folder = self._folder(agreement, version, room, name)
        held = self._read(folder)
        path = folder / f"{held.sha256}.age"
        with on_disk("HLD011", f"reading {name}"):
            header, table = read_sealed(path, held.sha256, self._keys, held.key, columns)
        if header != _header(held):
            raise IntegrityRefused(
                _mixed("HLD008", "a sealed table is not the one that its record names")
            )
        if table.num_rows != held.rows:
            raise IntegrityRefused(_mixed("HLD009", "a sealed table has not the rows it should"))
        return table

    def list(self, agreement: str, version: int, room: str | None = None) -> tuple[Held, ...]:
        """Return what is held under an agreement version, by room and name."""
        folder = self._directory / check_part(agreement, "an agreement") / str(version)
        rooms = "*" if room is None else check_part(room, "a room")
        return tuple(
            read_record(path, Held) for path in sorted(folder.glob(f"{rooms}/*/{_RECORD}"))
        )

    def destroy(
        self, agreement: str, version: int, room: str, names: Iterable[str]
    ) -> tuple[DestroyedFile, ...]:
        """Destroy the keys and then the files of ``names``; say what was destroyed.

        May be called again after a crash, or twice: what was destroyed before is returned with
        ``already`` set. Raises ``DataRefused`` HLD003 when a name never was held, before anything
        is destroyed.
        """
        folders = [self._folder(agreement, version, room, name) for name in names]
        strange = [folder.name for folder in folders if not self._known(folder)]
        if strange:
            raise DataRefused(_not_held(name) for name in strange)
        destroyed: list[DestroyedFile] = []
        for folder in folders:
            with on_disk("HLD011", f"destroying {folder.name}"):
                if (folder / _RECORD).exists():
                    destroyed.append(self._end(folder, self._read(folder)))
                else:
                    destroyed += [replace(gone, already=True) for gone in self._gone(folder)]
        return tuple(destroyed)

    def destroyed(self, agreement: str, version: int) -> tuple[DestroyedFile, ...]:
        """Return everything that was destroyed under an agreement version."""
        folder = self._directory / check_part(agreement, "an agreement") / str(version)
        paths = sorted(folder.glob(f"*/*/{_GONE}*.json"))
        return tuple(read_record(path, DestroyedFile) for path in paths)

    def sweep(self) -> tuple[str, ...]:
        """Remove what a crash left behind: half files, and keys and files no record names.

        Returns the folders that were swept. Call it only while no other process is at work.
        """
        swept = set()
        named: set[str] = set()
        for path in self._directory.glob(f"*/*/*/*/{_RECORD}"):
            held = read_record(path, Held)
            named |= {held.key, f"{held.sha256}.age"}
        with on_disk("HLD011", "sweeping"):
            for path in [*self._directory.glob("*/*/*/*/.*.part"),
                         *self._directory.glob("*/*/*/*/*.age")]:  # fmt: skip
                if path.name not in named:
                    path.unlink()
                    swept.add(path.parent.relative_to(self._directory).as_posix())
        self._keys.sweep()
        for key_id in self._keys.ids("agreements"):
            if self._is_ours(key_id) and key_id not in named:
                self._keys.destroy(key_id)
                swept.add(key_id.removeprefix("agreements/").rpartition("-")[0])
        return tuple(sorted(swept))

    @staticmethod
    def _is_ours(key_id: str) -> bool:
        return key_id.count("/") == 4

    # -- inside ----------------------------------------------------------------------------------

    def _folder(self, agreement: str, version: int, room: str, name: str) -> Path:
        return (
            self._directory
            / check_part(agreement, "an agreement")
            / str(int(version))
            / check_part(room, "a room")
            / check_part(name, "a table")
        )

    def _read(self, folder: Path) -> Held:
        if not (folder / _RECORD).exists():
            raise DataRefused(_not_held(folder.name))
        held = read_record(folder / _RECORD, Held)
        if self._folder(held.agreement, held.version, held.room, held.name) != folder:
            raise IntegrityRefused(_mixed("HLD008", "a record lies in another table's place"))
        return held

    def _known(self, folder: Path) -> bool:
        return (folder / _RECORD).exists() or bool(self._gone(folder))

    @staticmethod
    def _gone(folder: Path) -> Sequence[DestroyedFile]:
        paths = sorted(folder.glob(f"{_GONE}*.json"))
        return [read_record(path, DestroyedFile) for path in paths]

    def _end(self, folder: Path, held: Held, *, keep_record: bool = False) -> DestroyedFile:
        """Key, tombstone, file, record: in this order a crash can always be taken up again."""
        prints = self._destroy_key(held.key)
        stone = folder / f"{_GONE}{held.id}.json"
        if stone.exists():
            gone = read_record(stone, DestroyedFile)
        else:
            facts = {key: value for key, value in asdict(held).items() if key in _FACTS[:-1]}
            gone = DestroyedFile(
                **facts, sha256=held.sha256, key_fingerprint=prints, at=self._clock()
            )
            write_over(stone, encode_record(gone))
        (folder / f"{held.sha256}.age").unlink(missing_ok=True)
        if not keep_record:
            (folder / _RECORD).unlink(missing_ok=True)
        sync_directory(folder)
        return gone

    def _destroy_key(self, key_id: str) -> str:
        """Return the fingerprint, or ``missing``: without its key a table is erased already."""
        try:
            return next(iter(self._keys.destroy(key_id).fingerprints.values()))
        except IntegrityRefused:
            return "missing"

    @staticmethod
    def _taken(name: str) -> StateRefused:
        return StateRefused(
            Problem(
                "HLD002",
                f"{name} is already held",
                why="a second table under the same name would hide the first",
                next="destroy it first, or say that it is to be replaced",
            )
        )


def _header(held: Held) -> dict[str, Any]:
    facts = {name: getattr(held, name) for name in _FACTS}
    return {**facts, "columns": list(held.columns)}


def _not_held(name: str) -> Problem:
    return Problem("HLD003", f"nothing is held under the name {name}", next="receive its parcel")


def _mixed(code: str, what: str) -> Problem:
    return Problem(
        code, what, why="records or files were mixed up or changed",
        next="erase it and receive the parcel again",
    )  # fmt: skip
