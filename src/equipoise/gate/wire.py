"""What passes between the two processes: files in the run directory, never pickles.

    in/job.json          the step, its use or entity, its limits and required locks
    in/agreement.json    the canonical text
    in/0.arrow …         the tables, as Arrow IPC files that are memory-mapped
    out/result.json      the step's value, with a number wherever a table stands
    out/0.arrow …        those tables
    out/failed.json      instead of a result, what went wrong

Values are written as JSON with the name of each frozen dataclass. On the way back only dataclasses
of ``equipoise.carry`` and ``Problem`` are made again, so a file can name no other code to run.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import stat
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

ALLOWED: Final = ("equipoise.carry.", "equipoise.errors")
LARGEST_JSON: Final = 64 << 20


def write_table(table: pa.Table, path: Path) -> None:
    """Write one table as an Arrow IPC file."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def map_table(path: Path) -> pa.Table:
    """Return a table that stays on the disk and is read as it is used."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def write_value(value: Any, directory: Path) -> None:
    """Write a step's value: ``result.json`` and one Arrow file for each table in it.

    Raises ``TypeError`` for a value of a type that cannot travel.
    """
    tables: list[pa.Table] = []
    written = json.dumps(_encode(value, tables))
    for number, table in enumerate(tables):
        write_table(table, directory / f"{number}.arrow")
    # Last, so that a result that is there is whole.
    (directory / "result.json").write_text(written, encoding="utf-8")


def _encode(value: Any, tables: list[pa.Table]) -> Any:  # noqa: PLR0911  # one per type
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, pa.Table):
        tables.append(value)
        return {"table": len(tables) - 1}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        parts = {
            field.name: _encode(getattr(value, field.name), tables)
            for field in dataclasses.fields(value)
        }
        return {"is": f"{kind.__module__}:{kind.__qualname__}", "of": parts}
    if isinstance(value, Mapping):
        pairs = value.items()
        return {"map": [[_encode(key, tables), _encode(item, tables)] for key, item in pairs]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_encode(item, tables) for item in value]}
    if isinstance(value, date):
        return {type(value).__name__: value.isoformat()}
    if hasattr(value, "item"):  # a numpy number
        return _encode(value.item(), tables)
    raise TypeError(f"a {type(value).__name__} cannot leave the locked process")


def read_value(directory: Path) -> Any:
    """Read what ``write_value`` wrote.

    Raises ``ValueError`` for anything else: a link instead of a file, a class that may not be made,
    a table that is not whole.
    """
    try:
        data = json.loads(_read(directory / "result.json"))
        return _decode(data, directory)
    except (OSError, KeyError, TypeError, AttributeError, ImportError, pa.ArrowException) as error:
        raise ValueError(f"the result cannot be read ({type(error).__name__})") from error


def _read(path: Path) -> bytes:
    """Read a plain file that has one name. The child could write here, so its links are refused."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as handle:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
            raise ValueError("a result must be a plain file")
        if path.suffix == ".json" and about.st_size > LARGEST_JSON:
            raise ValueError("a result must be of bounded size")
        return handle.read()


def _decode(data: Any, directory: Path) -> Any:
    if not isinstance(data, dict):
        return data
    if set(data) == {"is", "of"}:
        parts = {name: _decode(part, directory) for name, part in data["of"].items()}
        return _class(data["is"])(**parts)
    ((kind, content),) = data.items()
    return _SHAPES[kind](content, directory)


def _class(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if not module.startswith(ALLOWED):
        raise ValueError("a result may hold classes of the data's way only")
    found = getattr(importlib.import_module(module), attribute)
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise ValueError("a result may hold frozen dataclasses only")
    return found


def _table(number: Any, directory: Path) -> pa.Table:
    data = _read(directory / f"{int(number)}.arrow")
    table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
    table.validate(full=True)
    return table


_SHAPES: Final[Mapping[str, Any]] = {
    "table": _table,
    "map": lambda content, directory: {
        _decode(key, directory): _decode(item, directory) for key, item in content
    },
    "list": lambda content, directory: [_decode(item, directory) for item in content],
    "tuple": lambda content, directory: tuple(_decode(item, directory) for item in content),
    "date": lambda content, directory: date.fromisoformat(content),
    "datetime": lambda content, directory: datetime.fromisoformat(content),
}
