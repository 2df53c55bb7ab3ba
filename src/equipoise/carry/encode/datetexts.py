"""Dates for linking: every form people write, and as much of a broken date as can be read.

The standard form is ``yyyy-mm-dd``; a part that is not there is ``00`` (``1985-02-00``). The day
need not exist: 30 February is a slip, and its other parts are still true. A text that is no date
stays as it is, in capitals without space, so that equal slips still meet.

Which of day and month comes first is decided once for a column, from values that can be read in one
order only; day first where nothing tells. A single value that is impossible in the column's order
is read in the other. Two-digit years: 30 to 99 are the twentieth century, 00 to 29 the next.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.folding import kept_where, rewrite
from equipoise.carry.encode.forms import known, plain
from equipoise.carry.encode.words import flags

Numbers = npt.NDArray[np.int64]
Order = Literal["day first", "month first"]

LATEST_SHORT_YEAR: Final = 29
"""The last two-digit year of the present century."""

_BETWEEN = r"[-/., ]+"
_DAY = r"(?P<d>[0-9]{1,2})(?:ST|ND|RD|TH)?"
_SHAPES: Final[dict[str, str]] = {
    "year first": rf"(?P<y>[0-9]{{4}}){_BETWEEN}(?P<m>[0-9]{{1,2}}){_BETWEEN}(?P<d>[0-9]{{1,2}})",
    "year last": rf"(?P<d>[0-9]{{1,2}}){_BETWEEN}(?P<m>[0-9]{{1,2}}){_BETWEEN}"
    r"(?P<y>[0-9]{4}|[0-9]{2})",
    "day month name": rf"{_DAY}[-/., ]*(?:OF )?(?P<m>[A-Z]{{3,9}})[-/., ]*"
    r"(?P<y>[0-9]{4}|[0-9]{2})",
    "month name day": rf"(?P<m>[A-Z]{{3,9}})[-/. ]*{_DAY}{_BETWEEN}(?P<y>[0-9]{{4}}|[0-9]{{2}})",
    "month name year": r"(?P<d>)(?P<m>[A-Z]{3,9})[-/., ]*(?P<y>[0-9]{4})",
    "eight, year first": r"(?P<y>(?:1[89]|2[01])[0-9]{2})(?P<m>0[0-9]|1[0-2])(?P<d>[0-9]{2})",
    "eight, year last": r"(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>(?:1[89]|2[01])[0-9]{2})",
    "eight, broken": r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
    "six digits": r"(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>[0-9]{2})",
    "year and month": rf"(?P<y>[0-9]{{4}}){_BETWEEN}(?P<m>[0-9]{{1,2}})(?P<d>)",
    "month and year": rf"(?P<d>)(?P<m>[0-9]{{1,2}}){_BETWEEN}(?P<y>[0-9]{{4}})",
    "year": r"(?P<y>(?:1[5-9]|2[01])[0-9]{2})(?P<m>)(?P<d>)",
}
"""Name of a form -> its pattern (RE2); the first that fits is taken."""

_EITHER_ORDER: Final = frozenset({"year last", "eight, year last", "six digits"})
_TIME: Final = ((r"[T ,]+[0-9]{1,2}:[0-9]{2}.*$", ""), (r"\.0+$", ""), (r"^[\s]+|[\s]+$", ""))
_MONTHS: Final = (
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
)
_SERIAL = r"^[1-9][0-9]{4}$"
_FIRST_SERIAL: Final = np.datetime64("1899-12-30")


def standard_dates(values: pa.Array, order: Order | None = None) -> pa.Array:
    """Return dates as ``yyyy-mm-dd`` text; see the head of this file.

    ``values`` are the distinct values of one column: without ``order`` they decide it.
    """
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return pc.strftime(values.cast(pa.date32(), safe=False), format="%Y-%m-%d")
    texts = rewrite(plain(values), _TIME)
    parts, shaped = _parts(texts)
    month_first = (order or _order(parts, shaped)) == "month first"
    read = _written(parts, shaped, month_first)
    # What is no date stays; nothing but zeros and signs is nothing.
    left = rewrite(texts, ((r"\s", ""), (r"^(?:[^\p{L}\p{N}]|0)*$", "")))
    return known(pc.coalesce(read, left))


def order_of(values: pa.Array) -> Order:
    """Return which of day and month a column's distinct values put first."""
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return "day first"
    return _order(*_parts(rewrite(plain(values), _TIME)))


def standard_years(values: pa.Array) -> pa.Array:
    """Return four-digit years, of a year or of a date; other text stays."""
    dates = standard_dates(values)
    years = rewrite(
        kept_where(dates, pc.match_substring_regex(dates, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")),
        ((r"-.*$", ""),),
    )
    short = pc.match_substring_regex(dates, r"^[0-9]{2}$").fill_null(False)
    late = pc.greater(dates, str(LATEST_SHORT_YEAR)).fill_null(False)
    century = pc.if_else(late, "19", "20")
    full = pc.binary_join_element_wise(century, dates, "")
    return pc.coalesce(years, pc.if_else(short, full, dates))


def _parts(texts: pa.Array) -> tuple[Numbers, npt.NDArray[np.int8]]:
    """Return day, month and year (n x 3, as written) and the number of the shape, -1 for none."""
    shaped = np.full(len(texts), -1, np.int8)
    parts = np.zeros((len(texts), 3), np.int64)
    waiting = flags(texts.is_valid())
    for number, (shape, pattern) in enumerate(_SHAPES.items()):
        places = np.flatnonzero(waiting)
        if not len(places):
            break
        found = pc.extract_regex(texts.take(pa.array(places)), pattern=f"^{pattern}$")
        matched = flags(found.is_valid())
        found, places = found.drop_null(), places[matched]
        if not len(places):
            continue
        month = _named(found.field("m")) if "name" in shape else _whole(found.field("m"))
        good = month >= 0
        read = np.stack([_whole(found.field("d")), month, _full_year(found.field("y"))], axis=1)
        places, read = places[good], read[good]
        if shape == "year last":
            _turn_short_years(read, found.field("y"), good)
        parts[places], shaped[places], waiting[places] = read, number, False
    _read_serials(texts, waiting, parts, shaped)
    return parts, shaped


def _turn_short_years(read: Numbers, years: pa.Array, good: npt.NDArray[np.bool_]) -> None:
    """Read ``85-02-01`` as a year first: no day is greater than 31."""
    short = flags(pc.equal(pc.utf8_length(years), 2))[good] & (read[:, 0] > 31)
    last = read[short, 2] % 100
    read[short, 2] = 1900 + read[short, 0]
    read[short, 0] = last


def _read_serials(
    texts: pa.Array,
    waiting: npt.NDArray[np.bool_],
    parts: Numbers,
    shaped: npt.NDArray[np.int8],
) -> None:
    """Read a spreadsheet's day numbers."""
    places = np.flatnonzero(flags(pc.match_substring_regex(texts, _SERIAL)) & waiting)
    if len(places):
        days = _FIRST_SERIAL + texts.take(pa.array(places)).cast(pa.int64()).to_numpy()
        months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
        parts[places, 0] = (days - months).astype(np.int64) + 1
        parts[places, 1] = months.astype(np.int64) % 12 + 1
        parts[places, 2] = years.astype(np.int64) + 1970
        shaped[places] = 0


def _turnable(shaped: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    numbers = [place for place, shape in enumerate(_SHAPES) if shape in _EITHER_ORDER]
    return np.isin(shaped, numbers)


def _order(parts: Numbers, shaped: npt.NDArray[np.int8]) -> Order:
    first, second = parts[_turnable(shaped), 0], parts[_turnable(shaped), 1]
    day_first = ((first > 12) & (first <= 31) & (second <= 12)).sum()
    month_first = ((second > 12) & (second <= 31) & (first <= 12)).sum()
    return "month first" if month_first > day_first else "day first"


def _written(parts: Numbers, shaped: npt.NDArray[np.int8], month_first: bool) -> pa.Array:
    day, month, year = parts[:, 0].copy(), parts[:, 1].copy(), parts[:, 2]
    turnable = _turnable(shaped)
    if month_first:
        day, month = np.where(turnable, month, day), np.where(turnable, day, month)
    turned = turnable & (month > 12) & (day <= 12)
    day, month = np.where(turned, month, day), np.where(turned, day, month)
    nothing = (shaped < 0) | ((year == 0) & (month == 0) & (day == 0))
    written = [
        None if no else f"{y:04d}-{m:02d}-{d:02d}"
        for no, y, m, d in zip(
            nothing.tolist(), year.tolist(), month.tolist(), day.tolist(), strict=True
        )
    ]
    return pa.array(written, pa.string())


def _whole(texts: pa.Array) -> Numbers:
    filled = pc.if_else(pc.equal(texts, ""), "0", texts)
    numbers: Numbers = filled.cast(pa.int64()).to_numpy()
    return numbers


def _full_year(texts: pa.Array) -> Numbers:
    years = _whole(texts)
    short = flags(pc.equal(pc.utf8_length(texts), 2))
    return np.where(short, years + np.where(years > LATEST_SHORT_YEAR, 1900, 2000), years)


def _named(texts: pa.Array) -> Numbers:
    """Return the month that a word's first three letters name, -1 where they name none."""
    begins = pc.utf8_slice_codeunits(texts, 0, 3)
    places = pc.index_in(begins, value_set=pa.array(_MONTHS))
    numbers: Numbers = places.fill_null(-2).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    return numbers
