"""The key store: one directory, one role."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

import pyarrow as pa
import pyrage

from equipoise.clock import Clock, system_clock
from equipoise.errors import IntegrityRefused, Problem, StateRefused, UsageRefused
from equipoise.keys import files, sealing
from equipoise.keys.files import KINDS, SECRET_BYTES, Destroyed, Kind
from equipoise.keys.secrets import (
    Ed25519Signer,
    Hasher,
    KeyedHasher,
    Secret,
    derive,
    fingerprint_of,
    link_ids,
    pseudonyms,
)

_AGREEMENTS: Final = "agreements"


class KeyStore:
    """The keys of one role, in one directory that nobody else may read.

    A key id is a path of small letters, digits, dots and dashes, as ``hmrc/signing``; one id may
    hold a signer, an identity and a root side by side. ``clock`` dates what is destroyed.
    """

    def __init__(self, directory: Path, *, clock: Clock = system_clock) -> None:
        self._directory = Path(directory)
        self._clock = clock
        files.check_directory(self._directory)

    def __repr__(self) -> str:
        return "<KeyStore, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a KeyStore is never pickled or copied")

    # -- signing ---------------------------------------------------------------------------------

    def new_signer(self, key_id: str) -> Ed25519Signer:
        """Make an Ed25519 key. Raises ``StateRefused`` KEY003 when the id has one, or KEY008."""
        self._make(key_id, "signer", secrets.token_bytes(32))
        return self.signer(key_id)

    def signer(self, key_id: str) -> Ed25519Signer:
        """Return the signer. Raises ``IntegrityRefused`` when it is missing or damaged."""
        return Ed25519Signer(self._load(key_id, "signer"))

    def public_key(self, key_id: str) -> str:
        """Return the signer's public key, 64 hex digits."""
        return self.signer(key_id).public_key

    # -- sealing ---------------------------------------------------------------------------------

    def new_identity(self, key_id: str) -> str:
        """Make an age identity and return its public key, ``age1…``."""
        identity = pyrage.x25519.Identity.generate()
        self._make(key_id, "identity", str(identity).encode())
        return str(identity.to_public())

    def recipient(self, key_id: str) -> str:
        """Return the identity's public key, ``age1…``, which others seal to."""
        return str(self._identity(key_id).to_public())

    def seal_to(self, public: str) -> sealing.Seal:
        """Return a function that seals bytes for the holder of ``public`` (``age1…``)."""
        return sealing.seal_to(public)

    def unseal_with(self, key_id: str) -> sealing.Unseal:
        """Return a function that opens what was sealed to this identity, or raises KEY009."""
        identity = self._identity(key_id)
        return lambda data: sealing.unseal(data, identity)

    def seal_stream(self, key_id: str, source: BinaryIO, sink: BinaryIO) -> None:
        """Seal ``source`` into ``sink`` for this store's own identity, in pieces."""
        sealing.seal_stream(source, sink, self._identity(key_id).to_public())

    def unseal_stream(self, key_id: str, source: BinaryIO, sink: BinaryIO) -> None:
        """Open ``source`` into ``sink``; trust what was written only after this returns."""
        sealing.unseal_stream(source, sink, self._identity(key_id))

    def _identity(self, key_id: str) -> pyrage.x25519.Identity:
        return pyrage.x25519.Identity.from_str(self._load(key_id, "identity").decode())

    # -- roots, salts and what is derived --------------------------------------------------------

    def new_root(self, key_id: str) -> str:
        """Make a 32-byte root and return its fingerprint."""
        self._make(key_id, "root", secrets.token_bytes(32))
        return self.fingerprint(key_id, "root")

    def root(self, key_id: str) -> Secret:
        """Return the root itself; prefer ``derive``."""
        return Secret(self._load(key_id, "root"))

    def begin(self, agreement: str, version: int) -> str:
        """Make the agreement version's salt unless it is there; return its fingerprint.

        Raises ``StateRefused`` KEY008 when it was destroyed: an erased version never begins again.
        """
        key_id = self._salt_id(agreement, version)
        if not self.exists(key_id, "salt"):
            self._make(key_id, "salt", secrets.token_bytes(32))
        return self.fingerprint(key_id, "salt")

    def derive(self, root_id: str, agreement: str, version: int, *purpose: str) -> Secret:
        """Return the 32-byte key for ``purpose`` under this agreement and version.

        HKDF-SHA256 of the root, with the random salt of the agreement and version. Once the salt
        is destroyed the key cannot be made again, even by somebody who holds the root. Raises
        ``IntegrityRefused`` KEY002 before ``begin``, ``StateRefused`` KEY008 after ``destroy``.
        """
        salt = self._load(self._salt_id(agreement, version), "salt")
        return derive(self._load(root_id, "root"), salt, agreement, str(version), *purpose)

    def hasher(self, root_id: str, agreement: str, version: int, label: str) -> Hasher:
        """Return what makes the tokens named ``label`` under this agreement and version."""
        return KeyedHasher(self.derive(root_id, agreement, version, "tokens", label))

    def pseudonyms(
        self, root_id: str, agreement: str, version: int, entity: str
    ) -> Callable[[pa.Array], pa.Array]:
        """Return a function from 16-byte link ids to the entity's 64-bit pseudonyms."""
        return pseudonyms(self.derive(root_id, agreement, version, "pseudonyms", entity))

    def link_ids(
        self, root_id: str, agreement: str, version: int, entity: str, run: str = ""
    ) -> Callable[[pa.Array], pa.Array]:
        """Return a function from entity row numbers to 16-byte link ids, all different.

        ``run`` parts two linkages of one agreement version, whose row numbers are not the same
        people's.
        """
        return link_ids(self.derive(root_id, agreement, version, "link ids", entity, run))

    # -- a pair: a root and a salt in one file, for one purpose, that can end by itself -----------

    def new_pair(self, key_id: str) -> str:
        """Make a root and a salt of 32 bytes each, as one key; return its fingerprint."""
        return self.take_pair(key_id, secrets.token_bytes(64))

    def take_pair(self, key_id: str, pair: bytes) -> str:
        """Hold a pair that somebody else made (64 bytes); return its fingerprint.

        Raises ``IntegrityRefused`` KEY015 for another length, KEY003 when the id has one.
        """
        if len(pair) != SECRET_BYTES["pair"]:
            raise IntegrityRefused(
                Problem(
                    "KEY015",
                    "a shared secret has not the length of one",
                    why=f"it has {SECRET_BYTES['pair']} bytes",
                    next="ask whoever made it to send it again",
                )
            )
        self._make(key_id, "pair", pair)
        return self.fingerprint(key_id, "pair")

    def pair(self, key_id: str) -> Secret:
        """Return a pair, to be sealed for somebody who shares it; else prefer ``derive_from``."""
        return Secret(self._load(key_id, "pair"))

    def derive_from(self, key_id: str, *purpose: str) -> Secret:
        """Return the 32-byte key for ``purpose``: HKDF-SHA256 of the pair's root with its salt."""
        pair = self._load(key_id, "pair")
        return derive(pair[:32], pair[32:], *purpose)

    def _salt_id(self, agreement: str, version: int) -> str:
        return f"{_AGREEMENTS}/{agreement}/{version}/salt"

    # -- what is there, and its end --------------------------------------------------------------

    def exists(self, key_id: str, kind: Kind | None = None) -> bool:
        """Return whether the store holds the key, of ``kind`` or of any kind."""
        kinds = KINDS if kind is None else (kind,)
        files.check_id(key_id)
        return any(self._path(key_id, each).is_file() for each in kinds)

    def ids(self, prefix: str = "", *, destroyed: bool = False) -> tuple[str, ...]:
        """Return the ids of the keys held at or under ``prefix``, or of those destroyed."""
        return files.ids_under(self._directory, prefix, destroyed=destroyed)

    def fingerprint(self, key_id: str, kind: Kind | None = None) -> str:
        """Return 32 hex digits that name the key without telling it.

        Raises ``UsageRefused`` KEY007 when the id holds several kinds and ``kind`` is not given.
        """
        held = [each for each in KINDS if self.exists(key_id, each)]
        if kind is None and len(held) > 1:
            raise UsageRefused(
                Problem(
                    "KEY007",
                    f"key id {key_id} holds keys of {len(held)} kinds",
                    next=f"name one of: {', '.join(held)}",
                )
            )
        wanted = kind or (held[0] if held else "signer")
        return self._fingerprint_of(wanted, self._load(key_id, wanted))

    @staticmethod
    def _fingerprint_of(kind: Kind, secret: bytes) -> str:
        if kind == "signer":
            return fingerprint_of(kind, bytes.fromhex(Ed25519Signer(secret).public_key))
        if kind == "identity":
            identity = pyrage.x25519.Identity.from_str(secret.decode())
            return fingerprint_of(kind, str(identity.to_public()).encode())
        return fingerprint_of(kind, secret)

    def destroy(self, what: str | tuple[str | int, ...]) -> Destroyed:
        """Destroy a key, or all keys of ``(agreement, version)`` or of a part of it.

        The file is removed, not overwritten: modern disks do not overwrite in place. A tombstone
        with the fingerprint and the time stays. Destroying twice returns what the tombstones say,
        with ``already`` set. Raises ``IntegrityRefused`` KEY002 when there never was such a key.
        """
        prefix = what if isinstance(what, str) else self._scope(what)
        files.check_id(prefix)
        held = [prefix] if self.exists(prefix) else []
        if not isinstance(what, str):
            held = list(files.ids_under(self._directory, prefix))
        with files.on_disk("KEY013", "destroying keys"):
            fresh = [self._destroy_one(key_id) for key_id in held]
        if fresh:
            return self._together(fresh, already=False)
        gone = files.ids_under(self._directory, prefix, destroyed=True)
        told = [read for one in gone if (read := files.read_tombstone(self._directory, one))]
        if not told:
            raise IntegrityRefused(
                Problem("KEY002", f"there never was a key {prefix} here", next="check the id")
            )
        return self._together(told, already=True)

    def sweep(self) -> int:
        """Remove the half files that a kill left behind; return how many there were.

        Call it only while no other process is at work.
        """
        with files.on_disk("KEY013", "sweeping"):
            drafts = list(self._directory.rglob(".*.part"))
            for draft in drafts:
                draft.unlink()
        return len(drafts)

    def discard(self, key_id: str) -> None:
        """Remove a key that never sealed anything, without a tombstone: its making is undone."""
        files.check_id(key_id)
        for kind in KINDS:
            self._path(key_id, kind).unlink(missing_ok=True)

    @staticmethod
    def _scope(parts: tuple[str | int, ...]) -> str:
        return "/".join((_AGREEMENTS, *(str(part) for part in parts)))

    @staticmethod
    def _together(parts: list[Destroyed], *, already: bool) -> Destroyed:
        prints = {name: value for part in parts for name, value in part.fingerprints.items()}
        return Destroyed(prints, max(part.at for part in parts), already)

    def _destroy_one(self, key_id: str) -> Destroyed:
        prints = {}
        for kind in KINDS:
            if self._path(key_id, kind).is_file():
                prints[f"{key_id}.{kind}"] = self._print_or_damaged(key_id, kind)
        before = files.read_tombstone(self._directory, key_id)
        if before is not None:  # a crash came between the tombstone and the removal
            prints = {**before.fingerprints, **prints}
        gone = Destroyed(prints, before.at if before else self._clock())
        files.write_tombstone(self._directory, key_id, gone)
        for kind in KINDS:
            files.remove_drafts(self._path(key_id, kind))
            self._path(key_id, kind).unlink(missing_ok=True)
        files.sync_directory(self._path(key_id, "salt").parent)
        return gone

    def _print_or_damaged(self, key_id: str, kind: Kind) -> str:
        """A damaged key must still be destroyed; it has no fingerprint any more."""
        try:
            secret = files.read_guarded(self._path(key_id, kind), "the key")
            return self._fingerprint_of(kind, files.decode_key(secret, kind, "the key"))
        except IntegrityRefused:
            return "damaged"

    def _path(self, key_id: str, kind: Kind) -> Path:
        return self._directory / f"{key_id}.{kind}"

    def _make(self, key_id: str, kind: Kind, secret: bytes) -> None:
        files.check_id(key_id)
        files.refuse_destroyed(self._directory, key_id)
        with files.on_disk("KEY013", f"writing key {key_id}"):
            try:
                files.write_new(self._path(key_id, kind), files.encode_key(kind, secret))
            except FileExistsError:
                raise self._taken(key_id, kind) from None

    @staticmethod
    def _taken(key_id: str, kind: Kind) -> StateRefused:
        return StateRefused(
            Problem(
                "KEY003",
                f"there is already a {kind} under the key id {key_id}",
                why="a new key in its place would lock away what the old one sealed or signed",
                next="use the key that is there, or another id",
            )
        )

    def _load(self, key_id: str, kind: Kind) -> bytes:
        files.check_id(key_id)
        files.refuse_destroyed(self._directory, key_id)
        files.check_directory(self._directory)
        what = f"the {kind} {key_id}"
        return files.decode_key(files.read_guarded(self._path(key_id, kind), what), kind, what)
