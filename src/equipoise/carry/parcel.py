"""A parcel: one dataset's half, signed by its sender and sealed for one receiver.

``pack`` makes two of every dataset, joined only by a random row id: what is linked (encodings, or
the identifiers where the agreement says so) for whoever links, and payload for the secure room.
``link`` makes one of every entity: the link ids of those rows, from the linkage unit to the secure
room. A parcel is a plain file and may travel by any means.

    "EQPARCEL" · format (2 bytes) · length (8 bytes) · an age file, sealed for the receiver, of
        manifest · signature · table        each with its length (8 bytes) before it

The manifest is canonical JSON, the signature Ed25519 over it, and the manifest names the SHA-256 of
the table (Parquet, zstd). Rows travel in the order of their random ids, so that the order of the
owner's file, often by surname, is not handed on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, Literal, cast

import pyarrow as pa

from equipoise.agree.canonical import canonical_bytes
from equipoise.agree.sign import Signer, verify_signature
from equipoise.carry.parcel_table import (
    AGAIN,
    WHY_BROKEN,
    After,
    pack_table,
    read_table,
    table_problems,
)
from equipoise.errors import DataRefused, EquipoiseError, IntegrityRefused, Problem

FORMAT: Final = 1
SUFFIX: Final = ".parcel"
_MAGIC: Final = b"EQPARCEL"
_HEAD: Final = len(_MAGIC) + 2 + 8
_DOMAIN: Final = b"equipoise parcel 1\n"
_MANIFEST_LIMIT: Final = 1 << 20
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_:-]{0,80}")
_ROLES_OF: Final[dict[str, tuple[str, ...]]] = {
    "encodings": ("linkage unit", "secure room"),
    "identifiers": ("secure room",),
    "payload": ("secure room",),
    "links": ("secure room",),
}
"""Kind -> the roles for which a parcel of it may be. Which of them, the agreement's mode says."""

Kind = Literal["encodings", "identifiers", "payload", "links"]
SealStream = Callable[[BinaryIO, BinaryIO], None]
"""Seals what it reads of one file into another."""


@dataclass(frozen=True)
class Manifest:
    """What a parcel says of itself. Rows, columns, size and hash are filled in by ``make_parcel``.

    ``pair`` is the same in the two parcels of one dataset. ``receiver`` is a role, and follows from
    ``kind`` and the agreement's mode. ``created`` is UTC, ISO 8601, and ``serial`` a number that
    grows with everything its sender does: together they order one sender's parcels. A parcel of
    links bears the name of its entity as its dataset. ``key`` is the fingerprint of the owners'
    secret with which encodings were made, ``layout`` how (see ``encode.wire``); other kinds have
    neither.
    """

    parcel: str
    pair: str
    agreement: str
    version: int
    digest: str
    dataset: str
    sender: str
    receiver: str
    kind: Kind
    created: str
    serial: int = 0
    key: str = ""
    layout: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    columns: tuple[str, ...] = ()
    sha256: str = ""
    size: int = 0
    format: int = FORMAT

    def as_dict(self) -> dict[str, Any]:
        """Return the manifest for JSON."""
        return {**asdict(self), "columns": list(self.columns)}


@dataclass(frozen=True)
class Expected:
    """What a receiver is ready to accept.

    ``datasets`` maps each agreed dataset to its controller, ``senders`` each party to its public
    key, ``columns`` each dataset to the columns its parcel must have besides ``row_id``: the agreed
    fields without identifiers for a payload, the tokens for encodings; ``repeated`` names those
    of them whose values repeat, so that they are read in dictionary form. ``seen`` holds the ids of
    parcels already received; ``newest`` maps a dataset to the ``created`` and ``serial`` of the
    newest parcel of it, and ``erased`` to the moment (ISO 8601) at which it was last erased:
    nothing made before those, or in the second of an erasure, is taken. A table larger in memory
    than ``at_most_bytes`` is refused.
    """

    agreement: str
    version: int
    digest: str
    receiver: str
    kind: Kind
    datasets: Mapping[str, str]
    senders: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    repeated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen: Set[str] = field(default_factory=frozenset)
    newest: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    erased: Mapping[str, str] = field(default_factory=dict)
    at_most_bytes: int = 8 << 30


def make_parcel(
    manifest: Manifest,
    parts: Iterable[pa.Table],
    signer: Signer,
    seal: SealStream,
    sink: BinaryIO,
    work: BinaryIO,
) -> Manifest:
    """Write a parcel into ``sink``; return its manifest, filled in.

    ``parts`` are the table, some rows at a time, in the order of ``row_id`` (16 bytes, never null,
    all different): memory holds one of them. ``work`` is an empty file, to write and to read, in a
    private place: there the table waits, since the manifest, which goes first, tells its hash.
    Raises ``DataRefused`` PAR009, PAR011, PAR012 when it is not what the manifest's kind must hold.
    """
    if problems := [*_destination_problems(manifest)]:
        raise DataRefused(problems)
    packed = pack_table(manifest.kind, parts, work)
    whole = replace(
        manifest,
        rows=packed.rows,
        columns=packed.columns,
        sha256=packed.sha256,
        size=packed.size,
    )
    told = canonical_bytes(whole.as_dict())
    signature = {"public_key": signer.public_key, "value": signer.sign(_DOMAIN + told)}
    heads = (len(part).to_bytes(8, "big") + part for part in (told, canonical_bytes(signature)))
    before = b"".join([*heads, packed.size.to_bytes(8, "big")])
    work.seek(0)
    sink.write(_MAGIC + FORMAT.to_bytes(2, "big") + bytes(8))
    seal(cast(BinaryIO, After(before, work)), sink)
    end = sink.tell()
    sink.seek(_HEAD - 8)
    sink.write((end - _HEAD).to_bytes(8, "big"))
    sink.seek(end)
    return whole


def open_parcel(
    data: bytes, unseal: Callable[[bytes], bytes], *, expected: Expected
) -> tuple[Manifest, pa.Table]:
    """Return a parcel's manifest and table when it is exactly what was expected.

    The table is read only when the signature and the hash hold. Raises ``DataRefused`` PAR001 not a
    parcel, PAR002 cut short, PAR003 another format, PAR004 not sealed for this receiver or changed,
    PAR006 another agreement, version or text, PAR007 not the sender's dataset, PAR008 received
    before, PAR009 for another role, PAR011 other columns, PAR012 row ids, PAR013 too large, PAR014
    older than one received, PAR015 older than an erasure; and ``IntegrityRefused`` PAR005
    signature, PAR010 table. All that can be known at once is told at
    once, and one broken seal makes the whole an ``IntegrityRefused``.
    """
    manifest, told, signature, packed = _open_seal(_body(data), unseal)
    broken = [*_signature_problems(manifest, told, signature, expected)]
    if hashlib.sha256(packed).hexdigest() != manifest.sha256 or len(packed) != manifest.size:
        broken.append(
            Problem("PAR010", "the table is not the one that was signed", WHY_BROKEN, AGAIN)
        )
    others = [*_manifest_problems(manifest, expected)]
    if broken:
        raise IntegrityRefused([*broken, *others])
    if others and any(problem.code not in _LATE for problem in others):
        raise DataRefused(others)
    table = read_table(
        packed,
        manifest.rows,
        manifest.columns,
        at_most_bytes=expected.at_most_bytes,
        repeated=expected.repeated.get(manifest.dataset, ()),
    )
    others += table_problems(manifest.kind, table)
    if others:
        raise DataRefused(others)
    return manifest, table


# -- the outside ---------------------------------------------------------------------------------


def _body(data: bytes) -> bytes:
    if not data.startswith(_MAGIC):
        raise DataRefused(
            Problem("PAR001", "this file is not a parcel", next="give the file that pack wrote")
        )
    version = int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 2], "big")
    if len(data) >= _HEAD and version != FORMAT:
        raise DataRefused(
            Problem(
                "PAR003",
                f"the parcel is of format {version}; this installation reads format {FORMAT}",
                next="pack it with the same version of the program as the receiver's",
            )
        )
    stated = int.from_bytes(data[len(_MAGIC) + 2 : _HEAD], "big")
    if len(data) < _HEAD or len(data) - _HEAD != stated:
        raise DataRefused(
            Problem(
                "PAR002",
                "the parcel is cut short or has something added",
                why=f"it says {stated} bytes and {max(0, len(data) - _HEAD)} are there",
                next="copy the file again, or " + AGAIN,
            )
        )
    return data[_HEAD:]


def _open_seal(
    sealed: bytes, unseal: Callable[[bytes], bytes]
) -> tuple[Manifest, bytes, dict[str, str], bytes]:
    try:
        plain = unseal(sealed)
    except EquipoiseError:
        raise DataRefused(
            Problem(
                "PAR004",
                "the parcel does not open with this receiver's key",
                why="it was sealed for another key, or changed on the way",
                next="give the sender your public key and let it pack again",
            )
        ) from None
    try:
        told, signature, packed = _parts(plain)
        manifest = _manifest(json.loads(told))
        signed = json.loads(signature)
        if set(signed) != {"public_key", "value"}:
            raise ValueError("another signature")
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DataRefused(
            Problem("PAR001", "what is under the seal is not a parcel", next=AGAIN)
        ) from None
    return manifest, told, {key: str(value) for key, value in signed.items()}, packed


def _parts(plain: bytes) -> tuple[bytes, bytes, bytes]:
    parts, at = [], 0
    while at < len(plain):
        size = int.from_bytes(plain[at : at + 8], "big")
        parts.append(plain[at + 8 : at + 8 + size])
        at += 8 + size
    if at != len(plain) or len(parts) != 3 or len(parts[0]) > _MANIFEST_LIMIT:
        raise ValueError("not three parts")
    return parts[0], parts[1], parts[2]


def _manifest(held: Any) -> Manifest:
    wanted = {each.name: each.type for each in fields(Manifest)}
    if not isinstance(held, dict) or set(held) != set(wanted):
        raise ValueError("another manifest")
    kinds: dict[str, type] = {"columns": list, "layout": dict}
    kinds |= dict.fromkeys(("version", "serial", "rows", "size", "format"), int)
    for name, value in held.items():
        if type(value) is not kinds.get(name, str):
            raise ValueError("another manifest")
    if held["format"] != FORMAT or not all(isinstance(name, str) for name in held["columns"]):
        raise ValueError("another manifest")
    return Manifest(**{**held, "columns": tuple(held["columns"])})


# -- what the manifest must say ------------------------------------------------------------------


def _signature_problems(
    manifest: Manifest, told: bytes, signature: dict[str, str], expected: Expected
) -> Iterator[Problem]:
    trusted = expected.senders.get(manifest.sender)
    if trusted is None:
        why = "this receiver holds no key for the party that sent it"
    elif signature["public_key"] != trusted:
        why = "it was made with another key than the sender's"
    elif not verify_signature(trusted, _DOMAIN + told, signature["value"]):
        why = WHY_BROKEN
    else:
        return
    yield Problem("PAR005", "the parcel's signature does not hold", why, AGAIN)


def _manifest_problems(manifest: Manifest, expected: Expected) -> Iterator[Problem]:
    terms: dict[str, tuple[str | int, str | int]] = {
        "agreement": (manifest.agreement, expected.agreement),
        "version": (manifest.version, expected.version),
        "text": (manifest.digest, expected.digest),
    }
    for what, (found, wanted) in terms.items():
        if found != wanted:
            yield Problem(
                "PAR006",
                f"the parcel was made under another {what} of agreement",
                why=f"it says {_told(found)}; expected is {wanted}",
                next="pack it under the agreement that is in force",
            )
    known = manifest.dataset in expected.datasets
    if expected.datasets.get(manifest.dataset) != manifest.sender:
        yield Problem(
            "PAR007",
            "the parcel holds a dataset that its sender does not control",
            next="only the controller named in the agreement packs a dataset",
            clause=f"datasets.{manifest.dataset}.from" if known else "datasets",
        )
    if manifest.parcel in expected.seen:
        yield Problem(
            "PAR008", "this parcel was received before", next="nothing; or pack the data anew"
        )
    yield from _late_problems(manifest, expected)
    yield from _destination_problems(manifest, expected)
    if known:
        yield from _column_problems(manifest, expected)


_LATE: Final = frozenset({"PAR008", "PAR014", "PAR015"})


def _late_problems(manifest: Manifest, expected: Expected) -> Iterator[Problem]:
    """A parcel held back, or sent again, does not take the place of what came after it."""
    newest = expected.newest.get(manifest.dataset)
    if newest is not None and _place(manifest.created, manifest.serial) < _place(*newest):
        yield Problem(
            "PAR014",
            "the parcel is older than one of the same dataset that was received",
            why="it would put old data in the place of newer",
            next="receive the newest parcel; if the sender's clock was put back, pack it again",
        )
    erased = expected.erased.get(manifest.dataset)
    if erased is not None and _place(manifest.created, 0) <= _place(erased, 0):
        yield Problem(
            "PAR015",
            "the parcel was made before this dataset was erased here",
            why="what was erased does not come back by an old parcel",
            next="if the data are needed again, ask the sender to pack them anew",
        )


def _place(created: str, serial: int) -> tuple[datetime, int]:
    """Return a parcel's place in time. A time that cannot be read is before all."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        moment = datetime.min
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC), serial


def _told(value: str | int) -> str:
    """Return a stated value when it is an id; else a stranger could write into our messages."""
    return str(value) if _ID.fullmatch(str(value)) else "something that is no id"


def _destination_problems(
    manifest: Manifest, expected: Expected | None = None
) -> Iterator[Problem]:
    wanted_kind = expected.kind if expected else manifest.kind
    wanted_role = expected.receiver if expected else manifest.receiver
    if (manifest.kind, manifest.receiver) != (wanted_kind, wanted_role) or (
        manifest.receiver not in _ROLES_OF.get(manifest.kind, ())
    ):
        yield Problem(
            "PAR009",
            "the parcel is for another role, or of another kind",
            why="encodings go to whoever links, payload and link ids to the secure room, and a "
            "linkage unit never holds both halves",
            next="send each parcel to its own receiver",
        )


def _column_problems(manifest: Manifest, expected: Expected) -> Iterator[Problem]:
    agreed = {"row_id", *expected.columns.get(manifest.dataset, ())}
    found = set(manifest.columns)
    doubled = len(found) != len(manifest.columns)
    missing, added = sorted(agreed - found), sorted(found - agreed)
    if missing or added or doubled:
        yield Problem(
            "PAR011",
            "the parcel's columns are not the agreed ones",
            why=f"missing: {', '.join(missing) or 'none'}; not agreed: {len(added)}; "
            f"doubled: {'yes' if doubled else 'no'}",
            next="pack it again under the agreement that is in force",
            clause=f"datasets.{manifest.dataset}.fields",
        )
