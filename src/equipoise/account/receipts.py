"""Erasure receipts: what a site destroyed, how, and what that does not prove.

Nothing is overwritten and none is claimed to be. What makes the data unreadable is that the keys of
the sealed files are gone; so the receipt names files and keys by hash and fingerprint, and says in
plain words what a reader may not conclude from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from equipoise.account.shapes import fits, is_person, moment_text, plain, read_moment
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.sign import Signer, verify_signature
from equipoise.errors import IntegrityRefused, Problem

DOMAIN: Final = b"equipoise: erasure receipt, first form\n"
"""Begins the signed message, so that no other signature can pass for a receipt's."""

METHOD: Final = (
    "The keys were destroyed and the sealed files were removed. The bytes on the disk were not "
    "overwritten, because many disks and file systems write changes to a new place and keep the "
    "old one for a while, so that overwriting would be a promise nobody can check. Without its "
    "key a sealed file cannot be read."
)
LIMITS: Final = (
    "A copy of a key that was made before, for instance in a backup of the keys, would still open "
    "a copy of the sealed file. Destroy the backups of the keys too.",
    "What left this site before, such as released results, is not covered.",
    "The data owners' own files are theirs and were not touched.",
    "The receipt shows what this site states that it did. Nobody can prove that no copy is left.",
)

What = Literal["sealed file", "key", "working folder"]
_HEX32: Final = re.compile(r"[0-9a-f]{64}")
_HEX64: Final = re.compile(r"[0-9a-f]{128}")


def fingerprint(public_key: str) -> str:
    """Return the fingerprint of a signing key's public half: 32 hexadecimal digits.

    The same that the key store gives, so that people compare one thing. ``public_key`` is 64
    hexadecimal digits in lower case; raises ``ValueError`` for anything else.
    """
    if not _HEX32.fullmatch(public_key):
        raise ValueError("a public key is 64 hexadecimal digits in lower case")
    said = b"equipoise fingerprint 1\0signer\0" + bytes.fromhex(public_key)
    return digest_of(said).removeprefix("sha256:")[:32]


@dataclass(frozen=True)
class Destroyed:
    """One thing that is gone: a sealed file (hash, bytes, rows), a key (fingerprint), a folder."""

    what: What
    object: str
    dataset: str = ""
    sha256: str = ""
    bytes: int = 0
    rows: int = 0
    fingerprint: str = ""


@dataclass(frozen=True)
class Receipt:
    """One erasure, signed by the site. ``reference`` and ``digest`` name the agreement."""

    id: str
    site: str
    reference: str
    digest: str
    at: datetime
    by: str
    destroyed: tuple[Destroyed, ...]
    public_key: str
    signature: str
    method: str = METHOD
    limits: tuple[str, ...] = LIMITS

    @property
    def rows(self) -> int:
        """Return the number of rows that the destroyed files held."""
        return sum(item.rows for item in self.destroyed)

    def of(self, what: What) -> tuple[Destroyed, ...]:
        """Return the destroyed things of one kind."""
        return tuple(item for item in self.destroyed if item.what == what)

    def as_dict(self) -> dict[str, Any]:
        """Return the receipt for JSON."""
        said = asdict(self)
        said["at"] = moment_text(self.at)
        said["destroyed"] = [asdict(item) for item in self.destroyed]
        said["limits"] = list(self.limits)
        said["kind"] = "erasure receipt"
        return said

    def message(self) -> bytes:
        """Return the bytes that are signed: everything but the signature."""
        said = self.as_dict()
        del said["signature"]
        return DOMAIN + canonical_bytes(said)

    def digest_of_receipt(self) -> str:
        """Return the digest that the ledger's ``erased`` entry names."""
        return digest_of(canonical_bytes(self.as_dict()))

    def file_bytes(self) -> bytes:
        """Return the receipt as one line of canonical JSON, as it is kept and published."""
        return canonical_bytes(self.as_dict()) + b"\n"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Receipt:
        """Read a receipt from JSON. Raises ``IntegrityRefused`` (LED201) for any other shape."""
        try:
            receipt = _read(dict(data))
        except (TypeError, ValueError, KeyError, AttributeError):
            raise IntegrityRefused(
                Problem(
                    "LED201",
                    "this is not an erasure receipt",
                    "a part is missing, is too much, or has another type",
                    "ask the site for the receipt again",
                )
            ) from None
        return receipt


_ITEM: Final[Mapping[str, type]] = {
    "what": str,
    "object": str,
    "dataset": str,
    "sha256": str,
    "bytes": int,
    "rows": int,
    "fingerprint": str,
}
_TEXTS: Final = ("id", "site", "reference", "digest", "by", "public_key", "signature", "method")


def _read(data: dict[str, Any]) -> Receipt:
    if data.pop("kind") != "erasure receipt":
        raise ValueError
    items = data.pop("destroyed")
    for item in items:
        if {key: type(value) for key, value in item.items()} != _ITEM:
            raise ValueError
    limits = data.pop("limits")
    at = read_moment(data.pop("at"))
    if not isinstance(items, list) or not isinstance(limits, list):
        raise TypeError
    if not all(isinstance(text, str) for text in (*limits, *(data[name] for name in _TEXTS))):
        raise TypeError
    destroyed = tuple(Destroyed(**item) for item in items)
    return Receipt(**data, at=at, destroyed=destroyed, limits=tuple(limits))


def make_receipt(
    *,
    id: str,
    site: str,
    reference: str,
    digest: str,
    at: datetime,
    by: str,
    destroyed: tuple[Destroyed, ...],
    signer: Signer,
) -> Receipt:
    """Return a signed receipt for what was destroyed at ``at`` by the person ``by``.

    ``id`` is the object of the ledger's ``erased`` entry without ``receipt:``. Raises
    ``IntegrityRefused`` (LED202-LED205) when the receipt would say nothing or say too much.
    """
    unsigned = Receipt(
        id,
        site,
        reference,
        digest,
        read_moment(moment_text(at)),
        by,
        destroyed,
        signer.public_key,
        "",
    )
    receipt = replace(unsigned, signature=signer.sign(unsigned.message()))
    if problems := check_receipt(receipt):
        raise IntegrityRefused(problems)
    return receipt


def check_receipt(receipt: Receipt) -> tuple[Problem, ...]:
    """Return everything that does not hold in a receipt; nothing when it holds."""
    return (*_said(receipt), *_signed(receipt))


def _signed(receipt: Receipt) -> Iterator[Problem]:
    # hexadecimal in capitals would read the same, so that a changed file would still pass
    exact = _HEX64.fullmatch(receipt.signature) and _HEX32.fullmatch(receipt.public_key)
    try:
        holds = verify_signature(receipt.public_key, receipt.message(), receipt.signature)
    except ValueError:
        holds = False
    if not exact or not holds:
        yield Problem(
            "LED202",
            "the signature of the receipt does not hold",
            "the receipt was changed after it was signed, or was never signed by this key",
            "ask the site for the receipt again",
        )


def _said(receipt: Receipt) -> Iterator[Problem]:
    if not receipt.destroyed:
        yield Problem(
            "LED203", "the receipt names nothing that was destroyed", "then nothing was erased"
        )
    named = (
        fits("id", f"receipt:{receipt.id}")
        and fits("reference", receipt.reference)
        and fits("digest", receipt.digest)
        and is_person(receipt.by)
        and plain(receipt.site)
    )
    if not named:
        yield Problem(
            "LED204",
            "the receipt does not say properly what was erased, where and by whom",
            "it needs an id, a site, an agreement as id@version with its digest, and party/Name",
        )
    for number, item in enumerate(receipt.destroyed, start=1):
        if not _is_named(item):
            yield Problem(
                "LED205",
                f"thing number {number} of the receipt is not named as a destroyed thing is",
                "a sealed file has a hash, a key has a fingerprint, ids hold no spaces",
            )


def _is_named(item: Destroyed) -> bool:
    by_kind = {
        "sealed file": fits("digest", item.sha256) and not item.fingerprint,
        "key": fits("fingerprint", item.fingerprint) and not item.sha256,
        "working folder": not item.sha256 and not item.fingerprint,
    }
    return (
        item.what in get_args(What)
        and by_kind[item.what]
        and fits("id", item.object)
        and (not item.dataset or fits("name", item.dataset))
        and fits("count", item.bytes)
        and fits("count", item.rows)
    )
