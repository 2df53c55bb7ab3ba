"""Reading CSV: any common encoding, delimiter, quoting and line end; plain or gzipped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pacsv

from equipoise.carry.intake.encoding import BLOCK, Look, Recoded, look
from equipoise.carry.intake.source import Source, refused, truncated
from equipoise.errors import Problem

DELIMITERS: Final = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "upright bars"}
_OTHERS: Final = {
    "~": "tildes",
    "^": "carets",
    ":": "colons",
    "#": "hashes",
    " ": "spaces",
    "\x1f": "unit separators",
    "\x01": "control characters",
    "¬": "not signs",
}
_OUT_OF_PLACE = "a quotation mark opens and never closes"


def open_text(path: Path, wanted: Sequence[str] = ()) -> Source:
    """Open a delimited text file; see ``read_source``."""
    seen = look(path)
    start = _start(path, seen)
    delimiter, header = _delimiter(start, wanted)
    if seen.odd_quotes:
        _check_quotes(path, seen, delimiter)
    source = Source("csv", tuple(name.strip() for name in header), lambda columns: iter(()))
    source.read = lambda columns: _read(path, seen, delimiter, source, columns)
    if len(header) == 1:
        source.looks_separated_by = _another_delimiter(start)
    if not seen.certain:
        source.notes.append(
            Problem(
                "INT209",
                f"the file does not say how its letters are written; read as {seen.encoding}",
                why="accented letters may be wrong if it was another",
                file=path.name,
                next="export it as CSV UTF-8 to be sure",
            )
        )
    return source


def _start(path: Path, seen: Look) -> str:
    recoded = Recoded(path, seen.encoding)
    data = b""
    while len(data) < 1 << 18 and (block := recoded.read(1 << 18)):
        data += block
    # A block may end within a character; that one is left out.
    return data.decode("utf-8", errors="ignore").lstrip("\ufeff")


def _rows(start: str, delimiter: str, at_most: int = 30) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) == at_most:
                break
    except csv.Error:
        # A cell longer than the reader's limit: what was read before it is enough to judge by.
        pass
    return rows


def _delimiter(start: str, wanted: Sequence[str]) -> tuple[str, list[str]]:
    """Return the delimiter that finds most wanted columns, then most columns in most rows."""
    names = {_plain(name) for name in wanted}

    def score(delimiter: str) -> tuple[int, float, int]:
        header, *rest = _rows(start, delimiter) or [[]]
        alike = sum(len(row) == len(header) for row in rest) / max(1, len(rest))
        found = len(names & {_plain(name) for name in header})
        return found, alike * (len(header) > 1), len(header)

    best = max(DELIMITERS, key=score)
    return best, (_rows(start, best, 1) or [[""]])[0]


def _another_delimiter(start: str) -> str | None:
    """Return in words the sign by which a file of one wide column seems to be separated."""
    line = start.splitlines()[0] if start else ""
    found = max(_OTHERS, key=line.count)
    return _OTHERS[found] if line.count(found) else None


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def _check_quotes(path: Path, seen: Look, delimiter: str) -> None:
    """Refuse a file in which a quotation mark swallows everything to its end.

    Only files with an odd number of marks come here, so the slow reader does no harm.
    """
    lines = io.TextIOWrapper(
        io.BufferedReader(Recoded(path, seen.encoding)), "utf-8", errors="replace", newline=""
    )
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    row = 0
    try:
        for row, _ in enumerate(reader):  # noqa: B007 - the number is used when reading fails
            pass
    except csv.Error:
        raise refused(
            "INT009",
            f"{_OUT_OF_PLACE}, after row {row}",
            path,
            why="all that follows it would be read as one value",
            next="write a quotation mark inside a value twice, and export again",
        ) from None


def _reader(
    path: Path, seen: Look, parsing: Any, names: list[str], wanted: list[str]
) -> Iterator[pa.RecordBatch]:
    """Open the file as text in every column: what a value means is decided later, by its field."""
    reader: Iterator[pa.RecordBatch] = pacsv.open_csv(
        pa.PythonFile(Recoded(path, seen.encoding), mode="r"),
        read_options=pacsv.ReadOptions(
            use_threads=False, block_size=BLOCK, column_names=names, skip_rows_after_names=1
        ),
        parse_options=parsing,
        convert_options=pacsv.ConvertOptions(
            include_columns=wanted,
            column_types={name: pa.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    return reader


def _read(
    path: Path, seen: Look, delimiter: str, source: Source, columns: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    names = [f"c{number}" for number in range(len(source.header))]
    short: list[bool] = []

    def skip(row: Any) -> str:
        source.skipped.append(row.number - 1)
        short.append(row.actual_columns < row.expected_columns)
        return "skip"

    rows = 0
    try:
        parsing = pacsv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
        )
        reader = _reader(path, seen, parsing, names, [names[place] for place in columns])
        for batch in reader:
            rows += batch.num_rows
            yield batch
    except pa.ArrowInvalid:
        raise refused(
            "INT009",
            f"the rows after row {rows + len(source.skipped)} cannot be told apart",
            path,
            why=f"a value runs on for millions of characters: perhaps {_OUT_OF_PLACE}",
            next="look at that place in the file and export it again",
        ) from None
    total = rows + len(source.skipped)
    if short and short[-1] and source.skipped[-1] == total and not seen.ends_with_line:
        raise truncated(path, f"row {total}, the last, ends before its last cell")
