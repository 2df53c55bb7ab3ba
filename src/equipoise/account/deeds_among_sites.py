"""What the ledger may say of partners: cards, agreements, secrets and receipts that pass between
sites, and pseudonyms that change their key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from equipoise.account.deed import Deed

AMONG_SITES: Final[Mapping[str, Deed]] = {
    "post filled": Deed(
        "site",
        "{it} acts for {party} as {role}, and for nobody else unless it says so.",
        must={"party": "name", "role": "words"},
        binds=False,
    ),
    "partner accepted": Deed(
        "partner",
        "{who} accepted the card of {it}, fingerprint {fingerprint}[, in the place of {instead}].",
        must={"fingerprint": "fingerprint"},
        may={"instead": "fingerprint"},
        binds=False,
    ),
    "partner refused": Deed(
        "partner",
        "{who} turned a partner's card away: {codes}.",
        must={"codes": "codes"},
        binds=False,
    ),
    "agreement exported": Deed("agreement", "{who} wrote {it} to a file with its signatures."),
    "agreement imported": Deed(
        "agreement",
        "{who} took in {it} with {signatures|signature} that this site had not.",
        must={"signatures": "count"},
    ),
    "secret made": Deed(
        "key",
        "{who} made the owners' secret {it}, fingerprint {fingerprint}[, and sealed it for {to}].",
        must={"fingerprint": "fingerprint"},
        may={"to": "names"},
    ),
    "secret sent": Deed(
        "key",
        "{who} sealed the owners' secret {it} once more, for {to}.",
        must={"fingerprint": "fingerprint", "to": "names"},
    ),
    "secret taken": Deed(
        "key",
        "{who} took in the owners' secret {it} from {sender}, fingerprint {fingerprint}.",
        must={"fingerprint": "fingerprint", "sender": "name"},
    ),
    "re-keyed": Deed(
        "key",
        "{who} moved {tables|held table} to the new key of pseudonyms {it}, fingerprint "
        "{fingerprint}.",
        must={"tables": "count", "fingerprint": "fingerprint"},
    ),
    "receipt kept": Deed(
        "receipt",
        "{who} kept the receipt {it} of the partner {partner}: {files|sealed file} and "
        "{keys|key} destroyed there.",
        must={"receipt": "digest", "partner": "fingerprint", "files": "count", "keys": "count"},
    ),
}
