"""Opening an owner's file: what it is, told by its content and not by its name.

The one step of the data's way that is given a path, at the owner's edge. Every way in which a file
can fail to be one has its own code, and nothing of the file's content is ever in a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa

from equipoise.errors import DataRefused, EnvironmentFailed, EquipoiseError, Problem

Progress = Callable[[float, str], None]


@dataclass
class Source:
    """A file ready to be read as batches of text.

    ``header`` holds the column names as written. ``read`` yields batches of the columns at given
    positions, all strings, null where empty. ``skipped`` fills while reading: the numbers of rows
    (1 is the first after the header) that have too few or too many cells. ``notes`` are warnings.
    """

    kind: str
    header: tuple[str, ...]
    read: Callable[[Sequence[int]], Iterator[pa.RecordBatch]]
    skipped: list[int] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    looks_separated_by: str | None = None


_FOREIGN: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save it as .xlsx or as CSV UTF-8"),
    (b"%PDF", "a PDF document", "ask for the data itself, as CSV"),
    (b"FEA1", "a Feather file of the first version", "write it again with a current Arrow"),
    (b"PARE", "an encrypted Parquet file", "write it without Parquet's own encryption"),
    (b"\x89PNG", "a picture", "ask for the data itself, as CSV"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive", "unpack it, or pack it with gzip"),
    (b"SQLite format 3", "an SQLite database", "export the table as CSV"),
)


def refused(code: str, what: str, path: Path, why: str = "", next: str = "") -> DataRefused:
    """Return a refusal of the whole file."""
    return DataRefused(Problem(code, what, why=why, next=next, file=path.name))


def read_source(path: Path, wanted: Sequence[str] = ()) -> Source:
    """Open ``path`` for reading. ``wanted`` are column names that help to tell the delimiter.

    Reads CSV (any common encoding and delimiter, also gzipped), Parquet, Arrow IPC and Feather,
    and Excel .xlsx (the first sheet that holds anything). Raises ``EnvironmentFailed`` (INT001,
    INT003) where there is no such file or no permission, ``DataRefused`` (INT002, INT004 to INT010)
    where the file is not one of these or is damaged.
    """
    head = _head(path)
    for magic, what, advice in _FOREIGN:
        if head.startswith(magic):
            raise refused("INT006", f"this is {what}", path, next=advice)
    try:
        return _opener(head)(path, wanted)
    except (EquipoiseError, MemoryError):
        raise
    except (OSError, EOFError, ValueError) as fault:  # pragma: no cover - a reader's own surprise
        raise refused(
            "INT006",
            f"the file cannot be read ({type(fault).__name__})",
            path,
            next="export it again, as CSV UTF-8 or Parquet",
        ) from None


def _opener(head: bytes) -> Callable[[Path, Sequence[str]], Source]:
    from equipoise.carry.intake import columnar, sheet, text

    if head.startswith(b"PAR1"):
        return columnar.open_parquet
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return columnar.open_arrow
    if head.startswith(b"PK\x03\x04"):
        return sheet.open_sheet
    return text.open_text


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise refused("INT002", "this is a folder, not a file", path, next="name a file in it")
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError:
        raise EnvironmentFailed(
            Problem(
                "INT001",
                "there is no such file",
                file=path.name,
                next="check the name, or put the file in the owner's data folder",
            )
        ) from None
    except OSError as fault:
        raise EnvironmentFailed(
            Problem(
                "INT003",
                f"the file cannot be opened ({fault.strerror or 'input/output error'})",
                file=path.name,
                next="check who may read it",
            )
        ) from None
    if not head:
        raise refused(
            "INT004",
            "the file is empty",
            path,
            why="not even a header is in it",
            next="ask the owner to export it again",
        )
    return head


def truncated(path: Path, where: str) -> DataRefused:
    """Return the refusal of a file whose end is missing."""
    return refused(
        "INT007",
        f"the file is cut off: {where}",
        path,
        why="rows after that point are missing, and nobody could tell which",
        next="copy or export the file again and compare its size with the owner's",
    )
