"""From text to typed values, one field type at a time, on distinct texts.

Each reader takes distinct, trimmed texts and returns their values (null where missing or faulty)
and a fault number for each (0 for none; see ``codes``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import FieldClause
from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import kept_where, rewrite
from equipoise.carry.encode.numbers import rounded_by_a_spreadsheet
from equipoise.carry.encode.standardise import SEX_UNKNOWN, sex_words, standardise
from equipoise.carry.intake.codes import number_of
from equipoise.carry.intake.dates import ReadDates, read_dates

Faults = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Read:
    """Distinct values of one column: typed, with their faults. ``dates`` is there for dates."""

    values: pa.Array
    faults: Faults
    dates: ReadDates | None = None


@dataclass(frozen=True)
class Asked:
    """What the agreement asks of one field. ``birth`` says that it is a date of birth."""

    kind: FieldType
    clause: FieldClause
    today: date
    birth: bool = False


Reader = Callable[[pa.Array, Asked], Read]

ARROW: Final[dict[FieldType, pa.DataType]] = {
    "yes/no": pa.bool_(),
    "whole number": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("s"),
}
"""The column type of each field type; all others are strings."""

_YES: Final = ("yes", "y", "true", "t", "1", "1.0")
_NO: Final = ("no", "n", "false", "f", "0", "0.0")
_GROUPED = r"^(£? ?[-+]?)([0-9]{1,3})(?:,([0-9]{3}))(?:,([0-9]{3}))?(?:,([0-9]{3}))?(\.[0-9]+)?$"
_DECIMAL = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?$"
_PLAIN: Final = ((_GROUPED, r"\1\2\3\4\5\6"), (r"^£ ?", ""), (r"^\+", ""))


def _judged(texts: pa.Array, values: pa.Array, code: str) -> Read:
    """Return a read in which every text that gave no value has the fault ``code``."""
    wrong = pc.and_(texts.is_valid(), values.is_null()).to_numpy(zero_copy_only=False)
    return Read(values, np.where(wrong, number_of(code), 0).astype(np.uint8))


def _text(texts: pa.Array, asked: Asked) -> Read:
    if asked.clause.values is None:
        standard = asked.clause.role == "identifier"
        return Read(standardise(texts, asked.kind) if standard else texts, _none(texts))
    allowed = pa.array(asked.clause.values)
    exact = pc.index_in(texts, allowed)
    # A different case is the same word; the agreement's spelling is what enters.
    near = pc.index_in(pc.utf8_lower(texts), pc.utf8_lower(allowed))
    return _judged(texts, allowed.take(pc.coalesce(exact, near)), "INT108")


def _none(texts: pa.Array) -> Faults:
    return np.zeros(len(texts), np.uint8)


def _name(texts: pa.Array, asked: Asked) -> Read:
    standard = standardise(texts, asked.kind)
    read = _judged(texts, standard, "INT121")
    return read if asked.clause.role == "identifier" else Read(texts, _none(texts))


def _address(texts: pa.Array, asked: Asked) -> Read:
    standard = asked.clause.role == "identifier"
    return Read(standardise(texts, "address") if standard else texts, _none(texts))


def _sex(texts: pa.Array, asked: Asked) -> Read:
    read = _judged(texts, standardise(texts, "sex"), "INT118")
    unknown = pc.is_in(sex_words(texts), pa.array(sorted(SEX_UNKNOWN)))
    return Read(read.values, np.where(unknown.to_numpy(zero_copy_only=False), 0, read.faults))


def _official(code: str) -> Reader:
    def reader(texts: pa.Array, asked: Asked) -> Read:
        read = _judged(texts, standardise(texts, asked.kind), code)
        rounded = rounded_by_a_spreadsheet(texts).fill_null(False).to_numpy(zero_copy_only=False)
        return Read(read.values, np.where(rounded, number_of("INT119"), read.faults))

    return reader


def _postcode(texts: pa.Array, asked: Asked) -> Read:
    read = _judged(texts, standardise(texts, "postcode"), "INT114")
    nobody = pc.match_substring_regex(texts, r"(?i)^ *zz99").fill_null(False)
    return Read(read.values, np.where(nobody.to_numpy(zero_copy_only=False), 0, read.faults))


def _yes_no(texts: pa.Array, asked: Asked) -> Read:
    lower = pc.utf8_lower(texts)
    found = pc.index_in(lower, pa.array(_YES + _NO))
    return _judged(texts, pc.less(found, len(_YES)), "INT109")


def _whole_number(texts: pa.Array, asked: Asked) -> Read:
    plain = rewrite(texts, (*_PLAIN, (r"\.0+$", "")))
    shaped = kept_where(plain, pc.match_substring_regex(plain, r"^-?[0-9]{1,18}$"))
    read = _judged(texts, shaped.cast(pa.int64()), "INT106")
    return _bounded(texts, read, asked)


def _number(texts: pa.Array, asked: Asked) -> Read:
    plain = rewrite(texts, _PLAIN)
    shaped = kept_where(plain, pc.match_substring_regex(plain, _DECIMAL))
    read = _judged(texts, shaped.cast(pa.float64()), "INT105")
    return _bounded(texts, read, asked)


def _bounded(texts: pa.Array, read: Read, asked: Asked) -> Read:
    faults = read.faults
    values = read.values.cast(pa.float64(), safe=False)
    for bound, outside in ((asked.clause.at_least, pc.less), (asked.clause.at_most, pc.greater)):
        if bound is not None:
            beyond = outside(values, bound).fill_null(False).to_numpy(zero_copy_only=False)
            faults = np.where(beyond, number_of("INT107"), faults).astype(np.uint8)
    return _cleared(read.values, faults)


def _cleared(values: pa.Array, faults: Faults, dates: ReadDates | None = None) -> Read:
    """Return a read whose faulty values are null."""
    return Read(kept_where(values, pa.array(faults == 0)), faults.astype(np.uint8), dates)


def _date(texts: pa.Array, asked: Asked) -> Read:
    read = read_dates(texts)
    days = read.moments // 86_400
    faults = read.faults.copy()
    if asked.birth:
        faults[(faults == 0) & (days > _day_number(asked.today))] = number_of("INT113")
    missing = texts.is_null().to_numpy(zero_copy_only=False)
    values = pa.array(days.astype("datetime64[D]"), mask=missing)
    return _cleared(values, faults, read)


def _datetime(texts: pa.Array, asked: Asked) -> Read:
    read = read_dates(texts)
    missing = texts.is_null().to_numpy(zero_copy_only=False)
    values = pa.array(read.moments.astype("datetime64[s]"), mask=missing)
    return _cleared(values, read.faults, read)


def _day_number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


READERS: Final[dict[FieldType, Reader]] = {
    "text": _text,
    "code": _text,
    "category": _text,
    "yes/no": _yes_no,
    "whole number": _whole_number,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "forename": _name,
    "surname": _name,
    "sex": _sex,
    "postcode": _postcode,
    "address": _address,
    "uprn": _official("INT115"),
    "nhs number": _official("INT116"),
    "nino": _official("INT117"),
}
"""One reader for each type that a field may have."""


def read_values(texts: pa.Array, asked: Asked) -> Read:
    """Read distinct, trimmed texts as the agreement asks; texts that hold a NUL byte are faulty."""
    broken = pc.match_substring(texts, "\0").fill_null(False)
    if not pc.any(broken).as_py():
        return READERS[asked.kind](texts, asked)
    read = READERS[asked.kind](kept_where(texts, pc.invert(broken)), asked)
    faults = np.where(broken.to_numpy(zero_copy_only=False), number_of("INT104"), read.faults)
    return _cleared(read.values, faults, read.dates)
