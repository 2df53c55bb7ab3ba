"""The file in which an owners' secret travels: canonical JSON, signed, under one owner's seal."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from equipoise.agree.canonical import canonical_bytes
from equipoise.agree.sign import Signer, verify_signature
from equipoise.errors import IntegrityRefused, Problem

SUFFIX: Final = ".secret"
DOMAIN: Final = b"equipoise: owners' secret, first form\n"
KIND: Final = "owners' secret"


@dataclass(frozen=True)
class Letter:
    """What the file says beside the secret: of which agreement it is, which number, from whom, to
    whom. ``created`` is UTC, ISO 8601."""

    agreement: str
    version: int
    digest: str
    number: int
    sender: str
    receiver: str
    created: str


_TYPES: Final[dict[str, type]] = {
    "agreement": str, "version": int, "digest": str, "number": int, "sender": str,
    "receiver": str, "created": str,
}  # fmt: skip


def _message(said: dict[str, Any]) -> bytes:
    return DOMAIN + canonical_bytes(said)


def write_letter(letter: Letter, pair: bytes, signer: Signer) -> bytes:
    """Return the bytes to be sealed."""
    said = {"kind": KIND, **asdict(letter), "secret": pair.hex()}
    signed = {"public_key": signer.public_key, "signature": signer.sign(_message(said))}
    return canonical_bytes({**said, **signed})


def open_letter(data: bytes) -> tuple[Letter, bytes, str]:
    """Return what the file says, the secret, and the key that signed both.

    Raises ``IntegrityRefused`` (ACT137) when it is no such file, or its signature does not hold.
    """
    try:
        said = json.loads(data)
        key, signature = said.pop("public_key"), said.pop("signature")
        message = _message(said)
        pair = bytes.fromhex(said.pop("secret"))
        if said.pop("kind") != KIND or {n: type(v) for n, v in said.items()} != _TYPES:
            raise ValueError
        letter = Letter(**said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _broken("it has not the form of one") from None
    if not isinstance(key, str) or not verify_signature(key, message, signature):
        raise _broken("its signature does not hold")
    return letter, pair, key


def _broken(why: str) -> IntegrityRefused:
    return IntegrityRefused(
        Problem(
            "ACT137",
            "this is not an owners' secret",
            why=why,
            next="let the owner who made it send it: equipoise secret send AGREEMENT",
        )
    )
