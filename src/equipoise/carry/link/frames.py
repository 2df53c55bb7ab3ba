"""Tables from wherever an analyst has them, as Arrow: files, DuckDB, pandas, Polars.

Nothing is imported for it: any object that speaks Arrow's C stream interface (PyCapsule) is read,
and pandas, Polars and DuckDB relations do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
from pyarrow import feather

from equipoise.errors import EnvironmentFailed, Problem, UsageRefused

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


def _from_file(path: Path) -> pa.Table:
    try:
        if path.suffix in _READ:
            return _READ[path.suffix](path)
        with path.open("rb") as file:
            names = pc_csv.open_csv(file).schema.names
        as_text = pc_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        return pc_csv.read_csv(path, convert_options=as_text)
    except (OSError, pa.ArrowException) as fault:
        raise EnvironmentFailed(
            Problem(
                "LNK111",
                f"the file {path.name} cannot be read as a table",
                why=type(fault).__name__,
                next="give the path of a Parquet, Arrow, Feather or CSV file",
            )
        ) from None
