"""What must hold before filters are made, and a value that shows if two owners' filters fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pyarrow as pa

from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.record_plan import USES
from equipoise.carry.encode.tokens import Hasher
from equipoise.errors import Problem, UsageRefused

CHECK: Final = "equipoise record check 1"


def key_check(hasher: Callable[[str], Hasher], fields: Mapping[str, Kind], strength: str) -> bytes:
    """Return 16 bytes that are equal for two owners exactly where their filters can meet.

    They are the keyed digest of the fields, their kinds and the strength, so they say nothing of
    the key, nor of any record; the linkage unit compares them before it links.
    """
    told = "\n".join([strength, *(f"{name}: {kind}" for name, kind in fields.items())])
    made: bytes = hasher(CHECK).digests([told.encode()])[0].as_py()
    return made


def _nothing_tells() -> Problem:
    return Problem(
        "ENC201",
        "no field tells people apart",
        why="a filter of sex or categories alone would be shared by thousands",
        next="compare by names, dates, places or numbers",
    )


def check_fields(
    table: pa.Table, fields: Mapping[str, Kind], column: Mapping[str, str] | None = None
) -> None:
    """Raise ``UsageRefused`` with every reason why these fields give no filter.

    ENC201: none of them tells people apart. ENC202: a kind is unknown. ENC203: the table lacks a
    column. ENC204: a column does not hold single values.
    """
    telling = any(USES[kind].weight >= 1 for kind in fields.values() if kind in USES)
    problems = [] if telling else [_nothing_tells()]
    for name, kind in fields.items():
        source = (column or {}).get(name, name)
        if kind not in KINDS:
            problems.append(
                Problem(
                    "ENC202",
                    f"{kind!r} is no kind of field (for {name})",
                    next=f"choose one of: {', '.join(KINDS)}",
                )
            )
        if source not in table.column_names:
            problems.append(
                Problem(
                    "ENC203",
                    f"the table has no column {source!r} (for {name})",
                    next=f"its columns are: {', '.join(table.column_names)}",
                )
            )
        elif pa.types.is_nested(table.schema.field(source).type):
            problems.append(
                Problem(
                    "ENC204",
                    f"the column {source!r} does not hold single values (for {name})",
                    next="make one column of each value that is to be compared",
                )
            )
    if problems:
        raise UsageRefused(problems)
