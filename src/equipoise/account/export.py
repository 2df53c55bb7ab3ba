"""Write a whole ledger, and the evidence it refers to, as one file that strangers can check.

The file is JSON lines. Every line is in canonical form, so that there is exactly one way to write
it, and the last line is a head, signed by the site, over every byte before it:

    header      the form of the file, the site, its public key
    trust       the public key that the site holds for each signatory
    entry …     the ledger, in order
    agreement … the canonical text of each agreement, with its signatures
    receipt …   each erasure receipt
    release …   the digest of each release's manifest
    head        the newest hash, the number of lines, the digest of all bytes above, the signature
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from equipoise.account.ledger import GENESIS, Entry
from equipoise.account.receipts import Receipt
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.sign import Signature, Signer
from equipoise.errors import IntegrityRefused, Problem

FORMAT: Final = "equipoise ledger, first form"
DOMAIN: Final = b"equipoise: head of an exported ledger, first form\n"
"""Begins the signed message, so that no other signature can pass for a head's."""


@dataclass(frozen=True)
class AgreementEvidence:
    """The canonical text of one agreement version, and every signature under it."""

    text: str
    signatures: tuple[Signature, ...] = ()


def write_export(
    site: str,
    public_key: str,
    entries: Sequence[Entry],
    agreements: Sequence[AgreementEvidence],
    receipts: Sequence[Receipt],
    signer: Signer,
    *,
    trusted: Mapping[str, str] | None = None,
    ended: Mapping[str, Sequence[str]] | None = None,
    releases: Mapping[str, str] | None = None,
) -> bytes:
    """Return the file. ``trusted`` maps ``party/name`` to a public key, ``ended`` to the keys with
    which they sign no more, ``releases`` the release's object to its manifest's digest.

    Raises ``IntegrityRefused`` (VER001) when an agreement's text is not canonical, or (VER002)
    when ``public_key`` is not the signer's.
    """
    if signer.public_key != public_key:
        raise IntegrityRefused(
            Problem("VER002", "the key that signs the export is not the site's key")
        )
    head = entries[-1].hash if entries else GENESIS
    lines = [
        canonical_bytes(line) + b"\n"
        for line in (
            {"kind": "header", "format": FORMAT, "site": site, "public_key": public_key},
            {"kind": "trust", "keys": dict(trusted or {}), **_ended(ended or {})},
            *({"kind": "entry", "entry": entry.as_dict()} for entry in entries),
            *_evidence(agreements, receipts, releases or {}),
        )
    ]
    body = b"".join(lines)
    said = {
        "kind": "head",
        "head": head,
        "entries": len(entries),
        "lines": len(lines),
        "sha256": digest_of(body),
        "public_key": public_key,
    }
    return body + canonical_bytes({**said, "signature": signer.sign(head_message(said))}) + b"\n"


def _ended(ended: Mapping[str, Sequence[str]]) -> dict[str, dict[str, list[str]]]:
    """Return what the file says of ended keys: where there are none, what it always said."""
    return {"ended": {who: [*keys] for who, keys in ended.items()}} if ended else {}


def head_message(said: Mapping[str, Any]) -> bytes:
    """Return the bytes that the head's signature covers: the head without its signature."""
    return DOMAIN + canonical_bytes({key: said[key] for key in said if key != "signature"})


def _evidence(
    agreements: Sequence[AgreementEvidence],
    receipts: Sequence[Receipt],
    releases: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    for agreement in agreements:
        yield {
            "kind": "agreement",
            "text": _canonical(agreement.text),
            "signatures": [signature.as_dict() for signature in agreement.signatures],
        }
    for receipt in receipts:
        yield {"kind": "receipt", "receipt": receipt.as_dict()}
    for release, manifest in releases.items():
        yield {"kind": "release", "release": release, "manifest": manifest}


def _canonical(text: str) -> Any:
    """Return the text as JSON, after making sure that its digest can be found again from it."""
    try:
        value = json.loads(text)
        same = canonical_bytes(value) == text.encode("utf-8")
    except (TypeError, ValueError):
        same = False
    if not same:
        raise IntegrityRefused(
            Problem(
                "VER001",
                "an agreement's text is not in canonical form",
                "its digest could not be found again from the exported file",
                "pass the text that canonical_json returned",
            )
        )
    return value
