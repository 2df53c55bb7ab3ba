"""How good a file is, in figures that hold no value; and what looks odd about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import Dataset
from equipoise.carry.intake.codes import NUMBERED, REASONS
from equipoise.carry.intake.fields import Field, Mask
from equipoise.carry.intake.result import FieldQuality, QualityReport
from equipoise.errors import Problem

_DEFAULT_DAYS: Final = ("1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01")
_DEFAULT_SHARE: Final = 0.01
_ENOUGH: Final = 50
_MEANT_TO_REPEAT: Final = frozenset({"forename", "surname", "category", "postcode"})


def field_quality(field: Field, kept: Mask) -> FieldQuality:
    """Return the figures of one field over the kept rows."""
    codes = field.codes[kept]
    times = np.bincount(codes[codes >= 0])
    filled = int((codes >= 0).sum())
    values = field.values.filter(pa.array(kept)).drop_null()
    text = pa.types.is_string(values.type)
    dated = pa.types.is_date(values.type) or pa.types.is_timestamp(values.type)
    low, high = _bounds(pc.utf8_length(values) if text else pc.year(values) if dated else None)
    return FieldQuality(
        field=field.name,
        type=field.kind,
        filled=filled,
        missing=len(codes) - filled,
        unreadable=int((field.faults[kept] > 0).sum()),
        distinct=int((times > 0).sum()),
        commonest=float(times.max() / filled) if filled else 0.0,
        shortest=low if text else None,
        longest=high if text else None,
        first_year=low if dated else None,
        last_year=high if dated else None,
    )


def _bounds(numbers: pa.Array | None) -> tuple[int | None, int | None]:
    if numbers is None or not len(numbers):
        return None, None
    found = pc.min_max(numbers).as_py()
    return int(found["min"]), int(found["max"])


def repeated(codes: Sequence[npt.NDArray[np.int32]]) -> int:
    """Return how many rows equal an earlier row in every column. Exact, not by a hash."""
    if not codes or not len(codes[0]) or any(_all_different(column) for column in codes):
        return 0
    whole = codes[0].astype(np.int64) + 1
    card = int(whole.max()) + 1
    for column in codes[1:]:
        width = int(column.max()) + 2
        if card * width >= 2**62:
            whole = pc.dictionary_encode(pa.array(whole)).indices.to_numpy().astype(np.int64)
            card = int(whole.max()) + 1
        whole = whole * width + column + 1
        card *= width
    return len(whole) - int(pc.count_distinct(pa.array(whole)).as_py())


def _all_different(codes: npt.NDArray[np.int32]) -> bool:
    return bool(codes.min() >= 0 and np.bincount(codes).max() == 1)


def report(fields: Sequence[Field], kept: Mask, ignored: tuple[str, ...]) -> QualityReport:
    """Return the figures of the whole file over the kept rows."""
    each = tuple(field_quality(field, kept) for field in fields)
    cells = sum(quality.filled + quality.missing for quality in each)
    readable = sum(quality.filled - quality.unreadable for quality in each)
    references = [field.codes[kept] for field in fields if field.clause.role == "reference"]
    return QualityReport(
        rows=int(kept.sum()),
        fields=each,
        ignored=ignored,
        duplicate_rows=repeated([field.codes[kept] for field in fields]),
        duplicate_references=sum(repeated([codes]) for codes in references),
        complete=readable / cells if cells else 0.0,
    )


def oddities(
    fields: Sequence[Field], kept: Mask, quality: QualityReport, dataset: Dataset
) -> list[Problem]:
    """Return warnings: nothing here stops the file, but a person should look."""
    found: list[Problem] = []
    for field, figures in zip(fields, quality.fields, strict=True):
        found += [*_unreadable(field, kept), *_shape(figures), *_days(field, kept, figures)]
    if quality.duplicate_rows:
        found.append(
            Problem(
                "INT203",
                f"{quality.duplicate_rows:,} rows repeat an earlier one in all agreed fields",
                why="a person who stands twice may be linked to nobody, or counted twice",
                next="ask the owner whether the repetition is meant",
            )
        )
    if quality.duplicate_references:
        found.append(
            Problem(
                "INT204",
                f"{quality.duplicate_references:,} rows repeat an earlier reference",
                why="an answer about a reference is then about several rows",
                next="ask the owner whether one reference may have several rows",
            )
        )
    promised = dataset.quality.complete
    if promised is not None and quality.complete < promised:
        found.append(
            Problem(
                "INT214",
                f"{quality.complete:.1%} of the cells are filled and readable",
                clause="quality.complete",
                why=f"the owner promised {promised:.1%}",
                next="ask the owner what changed",
            )
        )
    if not quality.rows:
        found.append(Problem("INT215", "no row is left after consent, opt-out and faults"))
    return found


def _unreadable(field: Field, kept: Mask) -> list[Problem]:
    """Tell how many values became missing because they could not be read, by fault."""
    found = []
    times = np.bincount(field.faults[kept], minlength=len(NUMBERED) + 1)
    for number in np.flatnonzero(times[1:]):
        code = NUMBERED[number]
        found.append(
            Problem(
                "INT202",
                f"{times[number + 1]:,} values were made missing ({code}: {REASONS[code]})",
                clause=f"fields.{field.name}",
                why="the rows stay, because a person is not lost for one unreadable identifier",
            )
        )
    if field.serials:
        found.append(
            Problem(
                "INT211",
                f"{field.serials:,} dates were a spreadsheet's day numbers",
                clause=f"fields.{field.name}",
                why="they were counted from 30 December 1899; old Macintosh files count from 1904",
                next="export dates as yyyy-mm-dd",
            )
        )
    return found


def _shape(figures: FieldQuality) -> list[Problem]:
    clause = f"fields.{figures.field}"
    rows = figures.filled + figures.missing
    if rows and not figures.filled:
        return [Problem("INT206", "the column is empty", clause=clause)]
    if figures.filled >= _ENOUGH and figures.distinct == 1:
        return [Problem("INT205", "every filled cell holds the same value", clause=clause)]
    if (
        figures.filled >= _ENOUGH
        and figures.distinct == figures.filled
        and figures.type in _MEANT_TO_REPEAT
    ):
        return [
            Problem(
                "INT207",
                "no two cells are alike, where values should repeat",
                clause=clause,
                why="the column may hold something else, or have been scrambled",
            )
        ]
    return []


def _days(field: Field, kept: Mask, figures: FieldQuality) -> list[Problem]:
    """Tell a share of dates that programs put where none was known."""
    if field.kind not in ("date", "datetime") or figures.filled < _ENOUGH:
        return []
    days = field.values.filter(pa.array(kept)).cast(pa.date32(), safe=False)
    usual = pa.array(_DEFAULT_DAYS).cast(pa.date32())
    count = int(pc.sum(pc.is_in(days, usual)).as_py() or 0)
    if count < _DEFAULT_SHARE * figures.filled:
        return []
    return [
        Problem(
            "INT208",
            f"{count / figures.filled:.1%} of the dates are days that stand for 'not known'",
            clause=f"fields.{field.name}",
            why=f"days such as {_DEFAULT_DAYS[2]} are rarely true",
            next="ask the owner to leave unknown dates empty",
        )
    ]
