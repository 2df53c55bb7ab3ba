"""How good a file is, in figures that hold no value; and what looks odd about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from equipoise.agree.parts import Dataset
from equipoise.carry.intake.codes import NUMBERED, REASONS
from equipoise.carry.intake.result import FieldQuality, QualityReport
from equipoise.carry.intake.tally import Tally
from equipoise.carry.marks import Marks
from equipoise.errors import Problem

_DEFAULT_SHARE: Final = 0.01
_ENOUGH: Final = 50
_MEANT_TO_REPEAT: Final = frozenset({"forename", "surname", "category", "postcode"})


def field_quality(tally: Tally) -> FieldQuality:
    """Return the figures of one field over the kept rows."""
    distinct, most = tally.marks.counted()
    low, high = tally.bounds or (None, None)
    return FieldQuality(
        field=tally.name,
        type=tally.kind,
        filled=tally.kept_filled,
        missing=tally.kept_missing,
        unreadable=tally.unreadable(),
        distinct=distinct,
        commonest=float(most / tally.kept_filled) if tally.kept_filled else 0.0,
        shortest=low if tally.text else None,
        longest=high if tally.text else None,
        first_year=low if tally.dated else None,
        last_year=high if tally.dated else None,
    )


def report(tallies: Sequence[Tally], whole: Marks, ignored: tuple[str, ...]) -> QualityReport:
    """Return the figures of the whole file over the kept rows; ``whole`` has a mark for each."""
    each = tuple(field_quality(tally) for tally in tallies)
    cells = sum(quality.filled + quality.missing for quality in each)
    readable = sum(quality.filled - quality.unreadable for quality in each)
    rows = each[0].filled + each[0].missing if each else 0
    unlike = any(quality.distinct == rows for quality in each)
    return QualityReport(
        rows=rows,
        fields=each,
        ignored=ignored,
        duplicate_rows=0 if unlike else rows - whole.counted()[0],
        duplicate_references=sum(
            quality.filled - quality.distinct + max(0, quality.missing - 1)
            for tally, quality in zip(tallies, each, strict=True)
            if tally.clause.role == "reference"
        ),
        complete=readable / cells if cells else 0.0,
    )


def oddities(tallies: Sequence[Tally], quality: QualityReport, dataset: Dataset) -> list[Problem]:
    """Return warnings: nothing here stops the file, but a person should look."""
    found: list[Problem] = []
    for tally, figures in zip(tallies, quality.fields, strict=True):
        found += [*_unreadable(tally), *_shape(figures), *_days(tally, figures)]
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
        found.append(_nobody_left())
    return found


def _nobody_left() -> Problem:
    return Problem(
        "INT215",
        "no row is left after consent, opt-out and faults",
        why="there is nobody to link, and nothing to compute from",
        next="look at the counts: what was left out, and for which reason",
    )


def _unreadable(tally: Tally) -> list[Problem]:
    """Tell how many values became missing because they could not be read, by fault."""
    found = []
    times = tally.kept_faults
    for number in np.flatnonzero(times[1:]):
        code = NUMBERED[number]
        found.append(
            Problem(
                "INT202",
                f"{times[number + 1]:,} values were made missing ({code}: {REASONS[code]})",
                clause=f"fields.{tally.name}",
                why="the rows stay, because a person is not lost for one unreadable identifier",
                next="look at how these values are written, and have them mended if they are many",
            )
        )
    if tally.serials:
        found.append(
            Problem(
                "INT211",
                f"{tally.serials:,} dates were a spreadsheet's day numbers",
                clause=f"fields.{tally.name}",
                why="they were counted from 30 December 1899; old Macintosh files count from 1904",
                next="export dates as yyyy-mm-dd",
            )
        )
    return found


def _shape(figures: FieldQuality) -> list[Problem]:
    clause = f"fields.{figures.field}"
    rows = figures.filled + figures.missing
    if rows and not figures.filled:
        return [
            Problem(
                "INT206",
                "the column is empty",
                clause=clause,
                why="nobody can be recognised by it, and no use can read it",
                next="ask the owner whether another column was meant",
            )
        ]
    if figures.filled >= _ENOUGH and figures.distinct == 1:
        return [
            Problem(
                "INT205",
                "every filled cell holds the same value",
                clause=clause,
                why="it tells nobody apart",
                next="ask the owner whether it stands for what is not known; if so, leave it empty",
            )
        ]
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


def _days(tally: Tally, figures: FieldQuality) -> list[Problem]:
    """Tell a share of dates that programs put where none was known."""
    count = tally.default_days
    if tally.kind not in ("date", "datetime") or figures.filled < _ENOUGH:
        return []
    if count < _DEFAULT_SHARE * figures.filled:
        return []
    return [
        Problem(
            "INT208",
            f"{count / figures.filled:.1%} of the dates are days that stand for 'not known'",
            clause=f"fields.{tally.name}",
            why="days such as 1900-01-01 are rarely true",
            next="ask the owner to leave unknown dates empty",
        )
    ]
