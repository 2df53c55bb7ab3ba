"""Dates and times in the forms people use, read day first.

Read: ``1980-04-03``, ``1980/4/3``, ``3/4/1980``, ``3-4-1980``, ``3.4.1980``, ``19800403``,
``03041980``, ``3 Apr 1980``, ``3rd April 1980``, ``3-APR-1980``, ``April 3, 1980``, and a
spreadsheet's day number (five digits, counted from 30 December 1899); each perhaps with a time.
Not read: years of two digits, because a guess would make some people a century younger, and
month-first dates. Eight digits are never in doubt: years run from 1800 to 2199, so what stands in
the middle is either a month (01 to 12) or a century (18 to 21).

Times with a zone (``Z``, ``+01:00``) become UK wall-clock time; times without one stay as written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.intake.codes import number_of

Numbers = npt.NDArray[np.int64]

_TIME = (
    r"(?:[T ,]+(?P<hh>[0-9]{1,2}):(?P<mi>[0-9]{2})(?::(?P<ss>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(?P<half>[aApP]\.?[mM]\.?)?(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_MONTH = r"(?P<m>[A-Za-z]{3,9})\.?"
_DAY = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<y>[0-9]{4})"
SHAPES: Final[dict[str, str]] = {
    "year first": r"(?P<y>[0-9]{4})[-/. ](?P<m>[0-9]{1,2})[-/. ](?P<d>[0-9]{1,2})",
    "day first": r"(?P<d>[0-9]{1,2})[-/. ](?P<m>[0-9]{1,2})[-/. ](?P<y>[0-9]{4})",
    "day month name": rf"{_DAY}[-/., ]*{_MONTH}[-/., ]*{_YEAR}",
    "month name day": rf"{_MONTH}[-/. ]+{_DAY}[-/., ]+{_YEAR}",
    "eight digits": r"(?P<y>(?:18|19|20|21)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-9]{2})",
    "eight digits, day first": r"(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>(?:18|19|20|21)[0-9]{2})",
}
"""Name of a form -> its pattern (RE2); a time may follow each."""

_TWO_DIGITS = r"^[0-9]{1,2}[-/. ]([0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2}([T ,].*)?$"
_SERIAL = r"^[1-9][0-9]{4}(\.[0-9]+)?$"
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
_SPREADSHEET_EPOCH = int(np.datetime64("1899-12-30", "D").astype(np.int64))


@dataclass(frozen=True)
class ReadDates:
    """What was made of distinct texts: all arrays have one entry for each.

    ``moments`` are seconds since 1970 on the UK clock; ``faults`` are numbers of ``codes``, 0 for
    none; ``day_only`` and ``month_only`` mark numeric dates that make sense only day first or only
    month first; ``serial`` marks a spreadsheet's day number.
    """

    moments: Numbers
    faults: npt.NDArray[np.uint8]
    day_only: npt.NDArray[np.bool_]
    month_only: npt.NDArray[np.bool_]
    serial: npt.NDArray[np.bool_]


def read_dates(texts: pa.Array) -> ReadDates:
    """Read distinct, trimmed texts; nulls give moment 0 and no fault."""
    count = len(texts)
    read = ReadDates(
        np.zeros(count, np.int64),
        np.zeros(count, np.uint8),
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
    )
    waiting = texts.is_valid().to_numpy(zero_copy_only=False)
    for shape, pattern in SHAPES.items():
        if waiting.any():
            _read_shape(texts, shape, pattern, waiting, read)
    if waiting.any():
        _read_serials(texts, waiting, read)
    two = pc.match_substring_regex(texts, _TWO_DIGITS).fill_null(False)
    two_digits = two.to_numpy(zero_copy_only=False) & waiting
    read.faults[waiting] = number_of("INT110")
    read.faults[two_digits] = number_of("INT112")
    return read


def _read_shape(
    texts: pa.Array, shape: str, pattern: str, waiting: npt.NDArray[np.bool_], read: ReadDates
) -> None:
    places = np.flatnonzero(waiting)
    found = pc.extract_regex(texts.take(pa.array(places)), pattern=f"^{pattern}{_TIME}$")
    matched = found.is_valid().to_numpy(zero_copy_only=False)
    places, found = places[matched], found.drop_null()
    if not len(places):
        return
    waiting[places] = False
    year, day = _whole(found, "y"), _whole(found, "d")
    month = _named_months(found) if "name" in shape else _whole(found, "m")
    if shape == "day first":
        read.day_only[places] = (day > 12) & (month <= 12)
        read.month_only[places] = (month > 12) & (month <= 31) & (day <= 12)
    days, good = _days(year, month, day)
    seconds, timed = _seconds(found)
    read.moments[places] = _uk_clock(days * 86_400 + seconds, found)
    faults = np.where(good & timed, 0, number_of("INT111"))
    faults[month == 0] = number_of("INT110")
    faults[read.month_only[places]] = number_of("INT120")
    read.faults[places] = faults


def _read_serials(texts: pa.Array, waiting: npt.NDArray[np.bool_], read: ReadDates) -> None:
    shaped = pc.match_substring_regex(texts, _SERIAL).fill_null(False)
    read.serial[:] = shaped.to_numpy(zero_copy_only=False) & waiting
    places = np.flatnonzero(read.serial)
    if len(places):
        days = texts.take(pa.array(places)).cast(pa.float64()).to_numpy() + _SPREADSHEET_EPOCH
        read.moments[places] = np.rint(days * 86_400).astype(np.int64)
        waiting[places] = False


def _whole(found: pa.StructArray, name: str) -> Numbers:
    text = found.field(name)
    filled = pc.if_else(pc.equal(text, ""), "0", text)
    numbers: Numbers = filled.cast(pa.int64()).to_numpy()
    return numbers


def _named_months(found: pa.StructArray) -> Numbers:
    places = pc.index_in(pc.utf8_lower(found.field("m")), pa.array(list(_MONTHS)))
    months = pa.array(list(_MONTHS.values())).take(places).fill_null(0)
    numbers: Numbers = months.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _days(year: Numbers, month: Numbers, day: Numbers) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return days since 1970 and whether the calendar has that day."""
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]")
    length = (after - first).astype(np.int64)
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= length) & (year >= 1800)
    return first.astype(np.int64) + day - 1, good


def _seconds(found: pa.StructArray) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return seconds since midnight and whether the clock has that time."""
    hour, minute, second = (_whole(found, part) for part in ("hh", "mi", "ss"))
    half = pc.utf8_lower(pc.utf8_slice_codeunits(found.field("half"), 0, 1))
    said = pc.not_equal(half, "").to_numpy(zero_copy_only=False)
    afternoon = pc.equal(half, "p").to_numpy(zero_copy_only=False)
    good = np.where(said, (hour >= 1) & (hour <= 12), hour <= 23) & (minute <= 59) & (second <= 60)
    hour = np.where(said, hour % 12 + 12 * afternoon, hour)
    return hour * 3600 + minute * 60 + second, good


def _uk_clock(moments: Numbers, found: pa.StructArray) -> Numbers:
    """Turn moments that state a zone into UK wall-clock time.

    Summer time runs from the last Sunday of March to the last Sunday of October, 01:00 UTC: the law
    since 1996 (The Summer Time Order 2002, SI 2002/262), taken for earlier years too.
    """
    zone = found.field("zone")
    stated = pc.not_equal(zone, "").to_numpy(zero_copy_only=False)
    if not stated.any():
        return moments
    signed = pc.replace_substring_regex(zone, pattern="^(Z|UTC|GMT|)$", replacement="0000")
    plain = pc.replace_substring_regex(signed, pattern="[+:]", replacement="")
    digits = plain.cast(pa.int64()).to_numpy()
    offset = np.sign(digits) * (np.abs(digits) // 100 * 3600 + np.abs(digits) % 100 * 60)
    utc = moments - offset
    year = utc.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64)
    summer = (utc >= _last_sunday(year, 3)) & (utc < _last_sunday(year, 10))
    return np.where(stated, utc + 3600 * summer, moments)


def _last_sunday(year: Numbers, month: int) -> Numbers:
    """Return 01:00 UTC on the last Sunday of ``month``; years count from 1970."""
    last = (year * 12 + month).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    # Day 3 after 1 January 1970, a Thursday, is a Sunday.
    return (last - (last - 3) % 7) * 86_400 + 3600
