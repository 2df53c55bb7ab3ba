"""Write a table of texts as one owner's file, in the form that this owner's system gives it."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from equipoise.city.agencies.record import Noted
from equipoise.city.draws import Floats, Whole
from equipoise.city.spoil import lose_accents

_BATCH: Final = 100_000
_PLAIN: Final = "equipoise.city.plain"


@dataclass(frozen=True)
class Form:
    """How a file is written: the habits of one system."""

    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"
    quoted: bool = False

    def in_words(self) -> str:
        """Describe the form."""
        ends = "Windows line ends" if self.line_end == "\r\n" else "plain line ends"
        quotes = "texts in quotes" if self.quoted else "no quotes"
        return f"delimiter {self.delimiter!r}, {self.encoding}, {ends}, {quotes}"


@dataclass(frozen=True)
class Filed:
    """One agency's file before it is written.

    ``table`` has one row per record; ``order`` says which record stands in each row of the file, so
    that a record entered twice is there twice. ``key`` is the owner's own name for the record.
    """

    table: pa.Table
    key: pa.Array
    person: Whole  # -1 where nobody is meant
    home: Whole  # -1 where no home is meant
    order: Whole
    noted: Noted


def write_file(filed: Filed, form: Form, path: Path) -> int:
    """Write the file in batches; return its rows."""
    quoting = "needed" if form.quoted else "none"
    with path.open("wb") as out:
        for start in range(0, max(len(filed.order), 1), _BATCH):
            rows = filed.table.take(pa.array(filed.order[start : start + _BATCH]))
            buffer = io.BytesIO()
            options = pa_csv.WriteOptions(
                include_header=start == 0,
                delimiter=form.delimiter,
                eol=form.line_end,
                quoting_style=quoting,
                quoting_header=quoting,
            )
            pa_csv.write_csv(rows, buffer, options)
            out.write(_encoded(buffer.getvalue(), form.encoding, first=start == 0))
    return len(filed.order)


def _encoded(data: bytes, encoding: str, *, first: bool) -> bytes:
    if encoding == "utf-8":
        return data
    if encoding == "utf-8-sig":
        return (b"\xef\xbb\xbf" if first else b"") + data
    return data.decode("utf-8").encode(encoding, errors=_PLAIN)


def _plain_letters(error: UnicodeError) -> tuple[str, int]:
    """Write letters that the encoding lacks without their accents, as export programs do."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return lose_accents(error.object[error.start : error.end], 0.0), error.end


codecs.register_error(_PLAIN, _plain_letters)


def shuffled(rows: Whole, chance: Floats) -> Whole:
    """Return rows in an order by chance, so that no file's order says who is who."""
    return rows[np.argsort(chance, kind="stable")]
