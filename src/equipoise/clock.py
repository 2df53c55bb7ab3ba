"""Time is passed in, never read in passing: a run can be replayed and a test can stand still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""


def system_clock() -> datetime:
    """Return the machine's present moment in UTC, to the whole second the ledger records."""
    return datetime.now(UTC).replace(microsecond=0)
