"""Tables from wherever an analyst has them, as Arrow: files, DuckDB, pandas, Polars.

Nothing is imported for it: any object that speaks Arrow's C stream interface (PyCapsule) is read,
and pandas, Polars and DuckDB relations do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
from pyarrow import feather

from equipoise.errors import DataRefused, EnvironmentFailed, Problem, UsageRefused

_AT_FAULT = re.compile(r"column (.+) with type")
"""Where Arrow says which column of a pandas frame it could not read."""
_TORN = re.compile(r"Expected (\d+) columns, got (\d+)")
"""Where Arrow says how a row of a CSV file is torn; the row's values follow."""
_WHY = {
    FileNotFoundError: "there is no such file",
    PermissionError: "this account may not read it",
}
_DELIMITERS = (",", ";", "\t", "|")
_HEADER = 1 << 16
"""Bytes of a CSV file in which its header ends."""
_READ = {
    ".parquet": pq.read_table,
    ".arrow": feather.read_table,
    ".feather": feather.read_table,
}


def as_arrow(frame: Any, name: str = "") -> pa.Table:
    """Return ``frame`` as an Arrow table; ``name`` is what it is called in refusals.

    Takes an Arrow table or record batch, anything with ``__arrow_c_stream__`` (pandas, Polars,
    DuckDB relations), or the path of a Parquet, Arrow, Feather or CSV file (CSV, which may be
    compressed: every column as text, so that leading noughts stay; between columns commas,
    semicolons, tabs or upright strokes). Raises ``UsageRefused`` (LNK110) for anything else,
    ``EnvironmentFailed`` (LNK111) for a file that is not there or cannot be read, ``DataRefused``
    (LNK118) for a frame with a column that Arrow has no one type for.
    """
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if isinstance(frame, str | Path):
        return _from_file(Path(frame), name)
    if hasattr(frame, "__arrow_c_stream__"):
        return _from_frame(frame, name)
    lazy = callable(getattr(frame, "collect", None))
    raise UsageRefused(
        Problem(
            "LNK110",
            f"a {type(frame).__name__} is not a table that can be read",
            next="collect it first: give what .collect() returns"
            if lazy
            else "give an Arrow table, a pandas or Polars frame, a DuckDB relation, or the path of "
            "a Parquet, Arrow or CSV file",
            clause=name or None,
        )
    )


def as_text(table: pa.Table, name: str, columns: Set[str]) -> pa.Table:
    """Return the table with ``columns`` in types that the encoders read: bytes as text, views and
    extensions as what they hold.

    Raises ``DataRefused`` (LNK116, LNK118), of all columns, where bytes are not text in UTF-8 or a
    column is of a type that holds no text, number or date.
    """
    problems = []
    for place, field in enumerate(table.schema):
        if field.name not in columns:
            continue
        if pa.types.is_nested(field.type):
            problems.append(_of_no_use(field, name))
            continue
        try:
            column = _readable(table[place])
            column.slice(0, 0).cast(pa.string())
        except pa.ArrowNotImplementedError:
            problems.append(_of_no_use(field, name))
        except pa.ArrowInvalid:
            problems.append(_not_utf8(field, name))
        else:
            table = table.set_column(place, field.name, column)
    if problems:
        raise DataRefused(problems)
    return table


def _readable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type) and column.type.value_type == pa.string():
        return column
    plain = _plain(column)
    return plain.cast(pa.large_string()) if _is_bytes(plain.type) else plain


def _of_no_use(field: pa.Field, name: str) -> Problem:
    return Problem(
        "LNK118",
        f"the column {field.name!r} of the table {name} holds {field.type}",
        why="that is neither text nor a number nor a date",
        next="make one column of each value that is to be compared"
        if pa.types.is_nested(field.type)
        else "make text of it",
    )


def _not_utf8(field: pa.Field, name: str) -> Problem:
    return Problem(
        "LNK116",
        f"the column {field.name!r} of the table {name} is not text in UTF-8",
        why="what cannot be read cannot be compared",
        next="say in which character set the file was written when you read it",
    )


def named_once(ids: pa.ChunkedArray) -> bool:
    """Return whether every row has an id and no two have the same."""
    if pa.types.is_nested(ids.type) or ids.null_count:
        return False
    try:
        held = _stored(ids) if ids.type == pa.uuid() else _plain(ids)
        return bool(pc.count_distinct(held).as_py() == len(ids))
    except pa.ArrowNotImplementedError:
        return False


def ids_of(table: pa.Table, id: str) -> pa.ChunkedArray:
    """Return a column of ids in a type from which rows can be taken; a UUID stays one."""
    return table[id] if table[id].type == pa.uuid() else _plain(table[id])


def together(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return the ids of several tables as one column; as text where their types differ.

    Raises ``DataRefused`` (LNK118) where some are bytes that are no text.
    """
    if len({column.type for column in columns}) > 1:
        try:
            columns = [_as_words(column) for column in columns]
        except pa.ArrowInvalid:
            raise DataRefused(
                Problem(
                    "LNK118",
                    "the ids of the tables are of different types, and some are not text",
                    why="they could not stand in one column",
                    next="give the ids of all tables one type",
                )
            ) from None
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks])


def _as_words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.type == pa.uuid():
        return pa.chunked_array([pa.array(map(str, column.to_pylist()), pa.string())])
    return column.cast(pa.string())


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without extension, dictionary or view: few of Arrow's functions take those.

    Polars hands text over as views.
    """
    if column.type == pa.uuid():
        return _as_words(column)
    if isinstance(column.type, pa.BaseExtensionType):
        return _plain(_stored(column))
    if pa.types.is_dictionary(column.type):
        of = _plain_type(column.type.value_type)
        return pa.chunked_array([_decoded(chunk, of) for chunk in column.chunks], of)
    return column.cast(_plain_type(column.type))


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return what an extension's values are stored as."""
    chunks = [chunk.storage for chunk in column.chunks]
    return pa.chunked_array(chunks, column.type.storage_type)


def _decoded(chunk: pa.DictionaryArray, of: pa.DataType) -> pa.Array:
    return chunk.dictionary.cast(of).take(chunk.indices)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if kind == pa.string_view():
        return pa.large_string()
    return pa.large_binary() if kind == pa.binary_view() else kind


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _from_frame(frame: Any, name: str) -> pa.Table:
    try:
        return pa.table(frame)
    except MemoryError:
        raise
    except (pa.ArrowException, ValueError) as fault:
        raise DataRefused(_unreadable(frame, name, fault)) from None


def _unreadable(frame: Any, name: str, fault: Exception) -> Problem:
    a_frame = f"a {type(frame).__name__}"
    if not isinstance(fault, pa.ArrowException):  # pandas lets columns share a name
        return Problem(
            "LNK118",
            f"{a_frame} cannot be read as a table: columns of it share a name",
            why="which of them is meant, nobody can tell",
            next="give each column a name of its own",
            clause=name or None,
        )
    # What Arrow says of it quotes a value; the name of the column is all that is told.
    named = [match[1] for said in map(str, fault.args) if (match := _AT_FAULT.search(said))]
    return Problem(
        "LNK118",
        f"{f'the column {named[0]!r}' if named else 'a column'} of {a_frame} does not hold one "
        "type of value",
        why="text and numbers, say, stand side by side in it",
        next="make one type of them, as text",
        clause=name or None,
    )


def _from_file(path: Path, name: str) -> pa.Table:
    try:
        if (form := path.suffix.lower()) in _READ:
            return _READ[form](path)
        return _from_csv(path)
    except MemoryError:
        raise  # an error of Arrow's, too, and yet nothing is wrong with the file
    except (OSError, pa.ArrowException) as fault:
        raise EnvironmentFailed(
            Problem(
                "LNK111",
                f"the file {path.name or path} cannot be read as a table",
                why=_why(path, fault),
                next="give the path of a Parquet, Arrow, Feather or CSV file in UTF-8; or read the "
                "file with what can, and give the table",
                clause=name or None,
            )
        ) from None


def _from_csv(path: Path) -> pa.Table:
    with pa.input_stream(str(path), compression="detect") as file:
        first = file.read(_HEADER).partition(b"\n")[0]
    between = max(_DELIMITERS, key=lambda one: first.count(one.encode()))
    parse = pc_csv.ParseOptions(delimiter=between)
    with pa.input_stream(str(path), compression="detect") as file:
        names = pc_csv.open_csv(file, parse_options=parse).schema.names
    as_text = pc_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return pc_csv.read_csv(path, parse_options=parse, convert_options=as_text)


def _why(path: Path, fault: Exception) -> str:
    """Say why a file was not read: what Arrow says of it may quote a row."""
    for kind, why in _WHY.items():
        if isinstance(fault, kind):
            return why
    if path.is_dir():
        return "it is a folder"
    if not path.stat().st_size:
        return "it is empty"
    if torn := _TORN.search(str(fault)):
        return f"a row has {torn[2]} of the {torn[1]} columns that were expected"
    form = path.suffix.lower()
    read_as = form.removeprefix(".").capitalize() if form in _READ else "CSV"
    return "its text is not in UTF-8" if "UTF8" in str(fault) else f"it does not read as {read_as}"
