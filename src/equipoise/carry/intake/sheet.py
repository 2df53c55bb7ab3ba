"""Reading Excel .xlsx: the first sheet that holds anything; its first row is the header.

Cells keep what Excel holds: text stays text with its leading zeros, dates become ISO dates, whole
numbers lose the ``.0`` that Excel gives every number. A date in a cell that is not formatted as one
arrives as a day number, which the date reader knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import pyarrow as pa
import python_calamine

from equipoise.carry.intake.source import Source, refused, truncated
from equipoise.errors import Problem

_ROWS = 20_000
_Row = list[object]


def open_sheet(path: Path, wanted: Sequence[str] = ()) -> Source:
    """Open an Excel workbook; see ``read_source``. Other zip files are refused (INT006)."""
    book = _book(path)
    names = book.sheet_names
    filled = [name for name in names if book.get_sheet_by_name(name).height]
    if not filled:
        raise refused("INT004", "the workbook is empty", path, next="save the sheet with its data")
    header = next(_rows(book, filled[0]))

    def read(columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        rows = islice(_rows(_book(path), filled[0]), 1, None)
        while some := list(islice(rows, _ROWS)):
            yield pa.record_batch(
                [pa.array([_text(row[place]) for row in some], pa.string()) for place in columns],
                [f"c{place}" for place in columns],
            )

    source = Source("excel", tuple(str(_text(cell) or "").strip() for cell in header), read)
    if len(filled) > 1:
        source.notes.append(
            Problem(
                "INT212",
                f"the workbook has {len(filled)} sheets; only {filled[0]!r} was read",
                file=path.name,
                next="save the sheet that is meant as a file of its own",
            )
        )
    return source


def _book(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError:
        raise refused(
            "INT006", "the workbook needs a password", path, next="save it without one"
        ) from None
    except python_calamine.ZipError:
        raise truncated(path, "the zip packing of the workbook is damaged") from None
    except python_calamine.CalamineError:
        raise refused(
            "INT006", "this is a zip file, but no Excel workbook", path, next="unpack it first"
        ) from None


def _rows(book: python_calamine.CalamineWorkbook, name: str) -> Iterator[_Row]:
    """Yield the rows that hold anything: Excel also counts rows that were once touched."""
    for row in book.get_sheet_by_name(name).iter_rows():
        if any(cell != "" for cell in row):
            yield list(row)


def _text(cell: object) -> str | None:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)
