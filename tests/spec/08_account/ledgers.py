"""A site whose whole story is written by hand, so that tests know what is true in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from equipoise.account.audit_keys import signature_digest
from equipoise.account.export import AgreementEvidence, write_export
from equipoise.account.ledger import Entry, entry_hash, make_entry
from equipoise.account.receipts import Destroyed, Receipt, fingerprint, make_receipt
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.sign import Signature

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, BEN, CLEO = "owner/Ada Osei", "room/Ben Lyle", "owner/Cleo Penhale"


class Key:
    """A signing key that is the same in every test."""

    def __init__(self, name: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        self.public_key = self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        return self._key.sign(message).hex()


def sha(word: str) -> str:
    return digest_of(word.encode())


TEXT = {
    "agreement": "tea",
    "version": 1,
    "starts": "2026-01-01",
    "ends": "2026-12-31",
    "parties": {
        "owner": {"signatory": {"name": "Ada Osei"}},
        "room": {"signatory": {"name": "Ben Lyle"}},
    },
}
DIGEST = digest_of(canonical_bytes(TEXT))


class Site:
    """A ledger in the making; ``say`` adds an entry a minute after the last."""

    def __init__(self) -> None:
        self.key = Key("the site")
        self.people = {ADA: Key("ada"), BEN: Key("ben")}
        self.entries: list[Entry] = []
        self.signatures: list[Signature] = []
        self.receipts: list[Receipt] = []
        self.releases: dict[str, str] = {}
        self.ended: dict[str, list[str]] = {}
        self.text = dict(TEXT)
        self.now = START

    @property
    def digest(self) -> str:
        return digest_of(canonical_bytes(self.text))

    def say(
        self,
        act: str,
        object: str,
        *,
        actor: str = "site/gate",
        bare: bool = False,
        **detail: object,
    ) -> Entry:
        self.now += timedelta(minutes=1)
        last = self.entries[-1] if self.entries else None
        digest = "" if bare else self.digest
        made = make_entry(last, self.now, actor, act, digest, object, detail)
        self.entries.append(made)
        return made

    def sign(self, who: str, *, tell: bool = True) -> Signature:
        party, name = who.split("/")
        key = self.people[who]
        at = "2026-03-02T09:00:00Z"
        unsigned = Signature(party, name, "tea@1", self.digest, at, key.public_key, "")
        signature = replace(unsigned, value=key.sign(unsigned.message()))
        self.signatures.append(signature)
        if tell:
            self.say(
                "signed",
                "agreement:tea@1",
                actor=who,
                person=who,
                signature=signature_digest(signature),
                fingerprint=fingerprint(key.public_key),
            )
        return signature

    def permit(self, name: str, *, act: str = "run", close: bool = True) -> None:
        self.issue(name, act=act)
        self.say("permit used", name)
        if close:
            self.say("permit closed", name, result=sha("result"))

    def issue(self, name: str, *, act: str = "run", minutes: int = 15) -> Entry:
        until = (self.now + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.say("permit issued", name, step=act, request=sha("request"), expires=until)

    def release(self, name: str = "release:l1", *, run: str = "run:r1") -> Entry:
        self.releases[name] = sha(name)
        return self.say(
            "released",
            name,
            actor=BEN,
            run=run,
            to="owner",
            output="counts",
            checked=sha("checked"),
            manifest=sha(name),
            rows=12,
            files=2,
        )

    def check(self, verdict: str = "pass", *, checked: str = "checked") -> None:
        self.say("run checked", "run:r1", verdict=verdict, checked=sha(checked))

    def approve(self, who: str, *, run: str = "run:r1", checked: str = "checked") -> None:
        self.say("review approved", run, actor=who, checked=sha(checked), reason=sha("why"))

    def receipt(self, id: str = "e1", *, by: str = BEN, key: Key | None = None) -> Receipt:
        return make_receipt(
            id=id,
            site="tea site",
            reference="tea@1",
            digest=self.digest,
            at=self.now,
            by=by,
            destroyed=(
                Destroyed("sealed file", "file:cups", "cups", sha("cups"), 2048, 40),
                Destroyed("key", "key:cups/seal", fingerprint="ab" * 16),
            ),
            signer=key or self.key,
        )

    def erase(self, id: str = "e1") -> Receipt:
        receipt = self.receipt(id)
        self.receipts.append(receipt)
        self.say(
            "erased",
            f"receipt:{id}",
            actor=BEN,
            receipt=receipt.digest_of_receipt(),
            files=1,
            keys=1,
            rows=40,
            datasets="cups",
        )
        return receipt

    def export(self) -> bytes:
        return write_export(
            "tea site",
            self.key.public_key,
            self.entries,
            [AgreementEvidence(canonical_bytes(self.text).decode(), tuple(self.signatures))],
            self.receipts,
            self.key,
            trusted={who: key.public_key for who, key in self.people.items()},
            ended=self.ended,
            releases=self.releases,
        )


def signed_site() -> Site:
    """A site with one agreement, signed by everybody."""
    site = Site()
    site.say("site made", "site:tea", bare=True, practice=True, program="0.1.0")
    for who, key in site.people.items():
        name = who.partition("/")[0]
        site.say(
            "key trusted",
            f"key:{name}",
            bare=True,
            person=who,
            fingerprint=fingerprint(key.public_key),
        )
    site.say("agreement proposed", "agreement:tea@1", actor=ADA)
    site.say("text final", "agreement:tea@1", actor=ADA, signatories=2)
    site.sign(ADA)
    site.sign(BEN)
    return site


def whole_site() -> Site:
    """A site that ran one use, released it and erased what it held."""
    site = signed_site()
    site.say(
        "refused",
        "gate:g1",
        actor="owner/Dev Anand",
        step="run",
        reasons=2,
        codes="GATE003 GATE007",
    )
    site.say("run requested", "run:r1", actor="owner/Elin Farrow", use="counts", role="analyst")
    site.permit("permit:p1")
    site.say("run computed", "run:r1", outputs=1, seconds=1.5)
    site.check()
    site.approve(BEN)
    site.approve(CLEO)
    site.release()
    site.erase()
    return site


def resealed(data: bytes, change: object, *, key: Key | None = None) -> bytes:
    """Return an export whose lines ``change`` altered and whose chain and head were made anew.

    This is what a site can do that lies with its own key: only the rules can find it out.
    """
    lines = [json.loads(line) for line in data.splitlines()]
    lines = change(lines[:-1])  # type: ignore[operator]
    site = key or Key("the site")
    previous = "sha256:" + "0" * 64
    count = 0
    for line in lines:
        if line["kind"] == "entry":
            line["entry"]["previous"] = previous
            line["entry"]["hash"] = ""
            previous = line["entry"]["hash"] = entry_hash(Entry.from_dict(line["entry"]))
            count += 1
    body = b"".join(canonical_bytes(line) + b"\n" for line in lines)
    return body + head_line(body, len(lines), count, previous, site)


def head_line(body: bytes, lines: int, entries: int, head: str, key: Key) -> bytes:
    from equipoise.account.export import head_message

    said = {
        "kind": "head",
        "head": head,
        "entries": entries,
        "lines": lines,
        "sha256": digest_of(body),
        "public_key": key.public_key,
    }
    return canonical_bytes({**said, "signature": key.sign(head_message(said))}) + b"\n"
