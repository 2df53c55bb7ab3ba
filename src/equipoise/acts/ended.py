"""Ended keys: a signed receipt for keys that were destroyed by themselves, without any file."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator

from equipoise.account.receipts import Destroyed, Receipt, make_receipt
from equipoise.acts.files import write_whole
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.gate.passage import GoneKey
from equipoise.store.facts import Person


def receipt_id(agreement: Agreement) -> str:
    """Return a new id for a receipt under an agreement."""
    return f"{agreement.agreement}-v{agreement.version}-{secrets.token_hex(4)}"


def not_told_yet(site: Site, agreement: Agreement, gone: Iterable[GoneKey]) -> tuple[GoneKey, ...]:
    """Return the keys of whose end no receipt of this site tells yet, as after a crash."""
    told = {
        item["fingerprint"]
        for erased in site.store.erasures(agreement.reference)
        for item in erased.receipt["destroyed"]
    }
    return tuple(key for key in gone if key.fingerprint not in told)


def as_destroyed(agreement: Agreement, gone: Iterable[GoneKey]) -> Iterator[Destroyed]:
    """Yield keys as a receipt names them."""
    for key in gone:
        name = f"key:{key.role}/{agreement.reference}/{key.name}"
        yield Destroyed("key", name, fingerprint=key.fingerprint)


def told(
    site: Site, agreement: Agreement, person: Person, gone: Iterable[GoneKey]
) -> Receipt | None:
    """Sign, keep and write the receipt for keys that are gone; ``None`` when all was told before.

    A crash between the end of a key and its receipt is made good by the next call.
    """
    fresh = not_told_yet(site, agreement, gone)
    if not fresh:
        return None
    receipt = make_receipt(
        id=receipt_id(agreement),
        site=site.name,
        reference=agreement.reference,
        digest=digest(agreement),
        at=site.clock(),
        by=person.key,
        destroyed=tuple(as_destroyed(agreement, fresh)),
        signer=site.custody.site_signer(),
    )
    with site.store.change(person.key) as change:
        change.erase(agreement.reference, fresh[-1].name, receipt.as_dict())
        change.note(
            "erased",
            f"receipt:{receipt.id}",
            digest(agreement),
            receipt=receipt.digest_of_receipt(),
            files=0,
            keys=len(fresh),
        )
    folder = site.folder("reports") / agreement.reference
    write_whole(folder / f"receipt-{receipt.id}.json", receipt.file_bytes())
    return receipt
