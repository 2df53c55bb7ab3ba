"""A register as one table, so that it is held as one sealed file: whole, old or new, never between.

The records are the table's lines. The other five tables stand in its metadata, each as a compressed
Arrow stream.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.identity.register import Register
from equipoise.errors import IntegrityRefused, Problem

_FORMAT: Final = b"equipoise register 1"
_ABOUT: Final = b"equipoise.register"
_DATE: Final = pa.binary(88)
_DATE_BEFORE: Final = pa.binary(80)
"""The features of a date, and those of layout 1, which had no next year (``encode.wire``)."""
_PARTS: Final = ("identities", "events", "moves", "turns", "proposals")


def as_table(register: Register) -> pa.Table:
    """Return a register as one table, to be sealed."""
    metadata = {
        _ABOUT: json.dumps(
            {
                "format": _FORMAT.decode(),
                "entity": register.entity,
                "next_record": register.next_record,
                "made_with": register.made_with,
            }
        ).encode(),
        **{name.encode(): stream_of(getattr(register, name)) for name in _PARTS},
    }
    return register.records.replace_schema_metadata(metadata)


def from_table(table: pa.Table) -> Register:
    """Return the register that ``as_table`` wrote.

    Raises ``IntegrityRefused`` (IDR050) for any other table, or another format.
    """
    try:
        metadata = table.schema.metadata or {}
        about = json.loads(metadata[_ABOUT])
        if about["format"] != _FORMAT.decode():
            raise ValueError("another format")
        parts = {name: read_stream(metadata[name.encode()]) for name in _PARTS}
    except (KeyError, ValueError, TypeError, pa.ArrowException):
        raise IntegrityRefused(
            Problem(
                "IDR050",
                "what is held here is no identity register of this version",
                why="who was known before could not be known again",
                next="use the version of the program that wrote it",
            )
        ) from None
    records = table.replace_schema_metadata(None)
    return Register(
        about["entity"],
        records,
        **parts,
        next_record=int(about["next_record"]),
        made_with=str(about.get("made_with", "")),
    )


def with_next_year(register: Register, schema: pa.Schema) -> Register:
    """Return a register whose dates have the part that dates were given since it was made.

    ``schema`` is what comes now. The part is 0 in what was held before, as where it is missing, so
    whoever was known stays known: only a year one apart is told from one side.
    """
    records = register.records
    for name in register.encodings:
        came = schema.field(name).type if name in schema.names else None
        if (records.schema.field(name).type, came) != (_DATE_BEFORE, _DATE):
            continue
        none = pa.scalar(bytes(_DATE.byte_width - _DATE_BEFORE.byte_width), pa.binary())
        wide = pc.binary_join_element_wise(records[name].cast(pa.binary()), none, b"")
        at = records.column_names.index(name)
        records = records.set_column(at, pa.field(name, _DATE), wide.cast(_DATE))
    return replace(register, records=records)


def stream_of(table: pa.Table) -> bytes:
    """Return a table as a compressed Arrow stream."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def read_stream(data: bytes) -> pa.Table:
    """Return the table of an Arrow stream."""
    return pa.ipc.open_stream(pa.BufferReader(data)).read_all()
