"""What the ledger may say of a draft: that it was begun, and by whom. It binds nobody yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from equipoise.account.deed import Deed

OF_DRAFTING: Final[Mapping[str, Deed]] = {
    "draft begun": Deed("draft", "{who} began to write the agreement {it}.", binds=False),
    "draft deleted": Deed(
        "draft", "{who} deleted the draft {it} with every text of it.", binds=False
    ),
}
"""Acts on drafts, for the table ``ACTS``."""
