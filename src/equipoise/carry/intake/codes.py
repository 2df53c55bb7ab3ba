"""Why a value or a row was not taken: a table of stable codes.

A code names a kind of fault, never a value. INT0xx refuse the file, INT1xx concern one row or
value, INT2xx are warnings.
"""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "INT101": "the row has more or fewer cells than the header",
    "INT102": "the field is required and empty",
    "INT103": "the reference is empty, so no answer could be given back",
    "INT104": "the value holds a NUL byte",
    "INT105": "not a number",
    "INT106": "not a whole number",
    "INT107": "below or above the agreed bounds",
    "INT108": "not among the agreed values",
    "INT109": "neither yes nor no",
    "INT110": "not a date in a form that is read",
    "INT111": "no such day in the calendar",
    "INT112": "the year has two digits",
    "INT113": "a birth date in the future",
    "INT114": "not a UK postcode",
    "INT115": "not a UPRN",
    "INT116": "not an NHS number: not ten digits, or the check digit fails",
    "INT117": "not a National Insurance number that is given to people",
    "INT118": "not a sex that is read",
    "INT119": "a long number that a spreadsheet rounded: its last digits are lost",
    "INT120": "a date that makes sense only with the month first",
    "INT121": "a name without letters",
}
"""Code of a row's fault -> what is wrong."""

NUMBERED: Final[tuple[str, ...]] = tuple(REASONS)
"""Faults travel through arrays as small integers: 0 is none, n is the n-th of these."""


def number_of(code: str) -> int:
    """Return the small integer by which arrays hold ``code``."""
    return NUMBERED.index(code) + 1
