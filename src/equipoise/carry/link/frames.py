"""Tables from wherever an analyst has them, as Arrow: files, DuckDB, pandas, Polars.

Nothing is imported for it: any object that speaks Arrow's C stream interface (PyCapsule) is read,
and pandas, Polars and DuckDB relations do.
"""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
from pyarrow import feather

from equipoise.errors import DataRefused, EnvironmentFailed, Problem, UsageRefused

_READ = {
    ".parquet": pq.read_table,
    ".arrow": feather.read_table,
    ".feather": feather.read_table,
}


def as_arrow(frame: Any) -> pa.Table:
    """Return ``frame`` as an Arrow table.

    Takes an Arrow table or record batch, anything with ``__arrow_c_stream__`` (pandas, Polars,
    DuckDB relations), or the path of a Parquet, Arrow, Feather or CSV file (CSV: every column as
    text, so that leading noughts stay). Raises ``UsageRefused`` (LNK110) for anything else,
    ``EnvironmentFailed`` (LNK111) for a file that is not there or cannot be read.
    """
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if isinstance(frame, str | Path):
        return _from_file(Path(frame))
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    raise UsageRefused(
        Problem(
            "LNK110",
            f"a {type(frame).__name__} is not a table that can be read",
            next="give an Arrow table, a pandas or Polars frame, a DuckDB relation, or the path of "
            "a Parquet, Arrow or CSV file",
        )
    )


def as_text(table: pa.Table, name: str, columns: Set[str]) -> pa.Table:
    """Return the table with those of ``columns`` that hold bytes as text.

    Raises ``DataRefused`` (LNK116), of all columns, where bytes are not text in UTF-8.
    """
    problems = []
    for place, field in enumerate(table.schema):
        if field.name not in columns or not _is_bytes(field.type):
            continue
        try:
            table = table.set_column(place, field.name, table[place].cast(pa.large_string()))
        except pa.ArrowInvalid:
            problems.append(
                Problem(
                    "LNK116",
                    f"the column {field.name!r} of the table {name} is not text in UTF-8",
                    why="what cannot be read cannot be compared",
                    next="say in which character set the file was written when you read it",
                )
            )
    if problems:
        raise DataRefused(problems)
    return table


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _from_file(path: Path) -> pa.Table:
    try:
        if path.suffix in _READ:
            return _READ[path.suffix](path)
        with path.open("rb") as file:
            names = pc_csv.open_csv(file).schema.names
        as_text = pc_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        return pc_csv.read_csv(path, convert_options=as_text)
    except MemoryError:
        raise  # an error of Arrow's, too, and yet nothing is wrong with the file
    except (OSError, pa.ArrowException) as fault:
        raise EnvironmentFailed(
            Problem(
                "LNK111",
                f"the file {path.name} cannot be read as a table",
                why=type(fault).__name__,
                next="give the path of a Parquet, Arrow, Feather or CSV file",
            )
        ) from None
