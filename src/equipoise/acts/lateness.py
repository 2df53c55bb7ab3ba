"""Lateness: how parcels are numbered by their sender, so that an old one is known from a newer.

The clock of the ledger goes by whole seconds, so a parcel also bears the number of its sender's
newest ledger entry, which grows with everything that the sender does.
"""

from __future__ import annotations

from datetime import timedelta

from equipoise.acts.site import Site
from equipoise.agree.document import Agreement
from equipoise.store.facts import Delivered

SECOND = timedelta(seconds=1)


def made_now(site: Site, agreement: Agreement, name: str) -> tuple[str, int]:
    """Return ``created`` and ``serial`` of a parcel of ``name`` that is made at this moment.

    A receiver takes nothing made in the second of an erasure or before it; where the sender itself
    erased, a parcel made afterwards is dated after it.
    """
    now = site.clock()
    erased = [
        each.erased
        for each in site.store.deliveries(agreement.reference, held=False)
        if each.dataset == name and each.erased is not None
    ]
    last = site.store.last_entry()
    made = max([now, *(moment + SECOND for moment in erased)])
    return made.isoformat(), 0 if last is None else last.sequence


def order_of(delivered: Delivered) -> tuple[str, int]:
    """Return the place of a received parcel in the order in which its sender made them."""
    serial = delivered.counts.get("serial", 0)
    return str(delivered.counts.get("created", "")), serial if isinstance(serial, int) else 0
