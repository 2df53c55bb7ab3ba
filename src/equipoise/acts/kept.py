"""Kept: the receipts that partners give for what they destroyed, checked and put on the ledger."""

from __future__ import annotations

from pathlib import Path

from equipoise.account.receipts import Receipt, fingerprint
from equipoise.account.verify import verify_receipt
from equipoise.acts.files import write_whole
from equipoise.acts.partners import read_bytes, the_partner
from equipoise.acts.site import MACHINE, Site
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import Problem, StateRefused
from equipoise.store.facts import Kept, Partner


def keep_receipt(site: Site, path: Path) -> tuple[Receipt, Partner, bool]:
    """Keep a partner's erasure receipt. Return it, the partner, and whether it was kept before.

    Raises ``IntegrityRefused`` (VER1xx, LED2xx) when it does not hold, ``StateRefused`` (ACT130)
    when no partner signed it, (ACT139) when it is for an agreement that this site does not have.
    """
    receipt = verify_receipt(read_bytes(path, "the receipt"))
    partner = the_partner(site, receipt.public_key)
    known = site.store.knows(receipt.reference)
    if not known or site.store.agreement(receipt.reference).digest != receipt.digest:
        raise StateRefused(
            Problem(
                "ACT139",
                "the receipt is for an agreement that this site does not have",
                next="take the agreement in first: equipoise agreement import FILE",
            )
        )
    said = receipt.digest_of_receipt()
    before = any(kept.digest == said for kept in site.store.kept_receipts())
    if not before:
        with site.store.change(MACHINE) as change:
            change.keep_receipt(
                Kept(
                    said, receipt.id, receipt.reference, receipt.public_key, receipt.as_dict(),
                    change.now,
                )
            )  # fmt: skip
            change.note(
                "receipt kept",
                f"receipt:{receipt.id}",
                receipt.digest,
                receipt=said,
                partner=fingerprint(receipt.public_key),
                files=len(receipt.of("sealed file")),
                keys=len(receipt.of("key")),
            )
    folder = site.folder("reports") / receipt.reference / "partners"
    mark = digest_of(canonical_bytes(receipt.as_dict()))[7:15]
    write_whole(folder / f"receipt-{receipt.id}-{mark}.json", receipt.file_bytes())
    return receipt, partner, before
