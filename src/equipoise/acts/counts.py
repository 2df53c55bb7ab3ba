"""How many rows the ledger and the receipts speak of: a size, never an exact count.

The ledger is for everybody, and so are released figures. An exact number of rows in one, less a
rounded number in the other, would say how many were found; so the ledger rounds more coarsely than
any output of the agreement, and below the minimum it says none.
"""

from __future__ import annotations

from equipoise.agree.document import Agreement


def rounding(agreement: Agreement) -> tuple[int, int]:
    """Return the least count that the ledger may tell, and what it rounds to."""
    least = max(rule.min_count for rule in agreement.outputs.values())
    return least, max(least, *(rule.round_to for rule in agreement.outputs.values()))


def about(agreement: Agreement, rows: int) -> int:
    """Return ``rows`` as the ledger may tell it under ``agreement``."""
    least, base = rounding(agreement)
    return 0 if rows < least else base * round(rows / base)
