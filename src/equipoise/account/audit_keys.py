"""Rules on the keys in an exported ledger: whose they are, and until which entry they counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from equipoise.account.receipts import fingerprint
from equipoise.agree.canonical import digest_of
from equipoise.agree.sign import Signature
from equipoise.errors import Problem

if TYPE_CHECKING:
    from equipoise.account.audit import Evidence


def keys_of(evidence: Evidence, who: str) -> tuple[str, ...]:
    """Return a person's keys: those that were ended, and the one that counts."""
    now = (evidence.trusted[who],) if who in evidence.trusted else ()
    return (*evidence.ended.get(who, ()), *now)


def ends_of(evidence: Evidence) -> dict[tuple[str, str], int]:
    """Return the entry that ended each key, by the person and the key's fingerprint."""
    return {
        (str(entry.detail.get("person")), str(entry.detail.get("fingerprint"))): entry.sequence
        for entry in evidence.acts("key ended")
    }


def made_too_late(
    evidence: Evidence,
    signature: Signature,
    digest: str,
    where: str,
    ends: Mapping[tuple[str, str], int],
) -> Iterator[Problem]:
    """Yield that a signature came after its key was ended: its own date proves nothing."""
    who = f"{signature.party}/{signature.name}"
    if signature.public_key not in evidence.ended.get(who, ()):
        return
    # Where no entry ended it, the file says what the ledger does not, and ``trust`` tells so.
    last = ends.get((who, fingerprint(signature.public_key)), 0)
    kept = [
        entry.sequence
        for entry in evidence.acts("signed")
        if (entry.digest, entry.detail.get("person")) == (digest, who)
        and entry.detail.get("signature") == signature_digest(signature)
    ]
    if not kept or min(kept) > last:
        yield Problem("VER217", f"{where} was made with a key that had been ended before")


def signature_digest(signature: Signature) -> str:
    """Return the digest by which the ledger's ``signed`` entry names a signature: of its bytes.

    The signature covers text, person and time, so its own bytes are name enough. A value that is
    not hexadecimal cannot hold; it is named by its letters, so that the check can go on.
    """
    try:
        return digest_of(bytes.fromhex(signature.value))
    except ValueError:
        return digest_of(signature.value.encode())


def trust(evidence: Evidence) -> Iterator[Problem]:
    """A key whose acceptance the ledger tells of is a key in the file, and so is one whose end it
    tells of; and that one counts no more."""
    told = {(who, fingerprint(key)) for who, keys in evidence.ended.items() for key in keys}
    now = {(who, fingerprint(key)) for who, key in evidence.trusted.items()}
    ends = set(ends_of(evidence))
    for who, said in sorted((told ^ ends) | (now & ends)):
        yield Problem(
            "VER218",
            f"file and ledger do not agree whether the key {said} of {who} was ended",
        )
    for entry in evidence.acts("key trusted"):
        person = str(entry.detail.get("person"))
        keys = [fingerprint(key) for key in keys_of(evidence, person)]
        if entry.detail.get("fingerprint") not in keys:
            yield Problem(
                "VER216",
                f"the key held for {person} is not the one that entry {entry.sequence} accepted",
            )
