"""What an output says of itself must be so, before any rule is applied to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import OutputRule, Release
from equipoise.carry.disclose.findings import Finding
from equipoise.carry.outputs import Output, OutputColumn

TOTAL: Final = "total"
_ALLOWED: Final[dict[str, frozenset[str]]] = {
    "counts": frozenset({"label", "count", "rate"}),
    "estimates": frozenset({"label", "count", "rate", "measure"}),
    "rows": frozenset({"reference", "flag", "value"}),
    "linked": frozenset({"pseudonym", "reference", "flag", "value", "label"}),
}


@dataclass(frozen=True)
class Context:
    """What the agreement says about the output being checked."""

    rule: OutputRule
    releases: tuple[Release, ...]
    secure_rooms: frozenset[str]


def shape_findings(output: Output) -> list[Finding]:
    """Return a failure for each way in which the table is not what its columns say."""
    named = [column.name for column in output.columns]
    if named != output.table.column_names or len(set(named)) != len(named):
        return [
            Finding(
                "DIS004",
                "fail",
                "the table's columns are not the ones that were described",
                {"described": len(named), "there": output.table.num_columns},
            )
        ]
    return [
        *_kind_findings(output),
        *_type_findings(output),
        *_rest_findings(output),
        *_relation_findings(output),
    ]


def plain_rows(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """Return ``table`` in the order of the columns ``by``, its coded columns as words and without
    metadata: neither the order in which rows were made nor anything beside them is handed on."""
    for position, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            words = table.column(position).cast(column.type.value_type)
            table = table.set_column(position, column.name, words)
    bare = pa.schema([pa.field(each.name, each.type) for each in table.schema])
    plain = pa.Table.from_arrays(table.columns, schema=bare)
    return plain.sort_by([(name, "ascending") for name in by])


def _kind_findings(output: Output) -> Iterator[Finding]:
    for column in output.columns:
        if column.kind not in _ALLOWED[output.kind]:
            yield Finding(
                "DIS002",
                "fail",
                f"no rule allows a column of this kind in {output.kind}: {column.name}",
            )


def _type_findings(output: Output) -> Iterator[Finding]:
    for column in output.columns:
        values = output.table.column(column.name)
        if not _has_type(column, values):
            yield Finding(
                "DIS003", "fail", f"column {column.name} does not hold what its kind must"
            )


def _has_type(column: OutputColumn, values: pa.ChunkedArray) -> bool:
    type_ = values.type
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if column.kind == "count":
        lowest = pc.min(values).as_py() if pa.types.is_integer(type_) else -1
        return lowest is None or lowest >= 0
    if column.kind in {"rate", "measure"}:
        return _is_number(type_) or pa.types.is_null(type_)
    if column.kind == "flag":
        return bool(pa.types.is_boolean(type_) or pa.types.is_string(type_))
    if column.kind == "pseudonym":
        return bool(pa.types.is_uint64(type_)) and values.null_count == 0
    return not (pa.types.is_nested(type_) or _is_bytes(type_))


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_floating(type_) or pa.types.is_integer(type_))


def _is_bytes(type_: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(type_) for test in tests)


def _rest_findings(output: Output) -> Iterator[Finding]:
    counts = {column.name for column in output.columns if column.kind == "count"}
    for column in output.columns:
        wanted = {"rate": (column.numerator, column.denominator), "measure": (column.denominator,)}
        if any(name not in counts for name in wanted.get(column.kind, ())):
            yield Finding(
                "DIS005", "fail", f"column {column.name} does not say on which counts it rests"
            )


def _relation_findings(output: Output) -> Iterator[Finding]:
    labels = {column.name for column in output.columns if column.kind == "label"}
    for name in (output.total_of, output.steps_of, output.sums_of):
        if name is not None and name not in labels:
            yield Finding("DIS004", "fail", f"{name} is said to be a label column and is not")
