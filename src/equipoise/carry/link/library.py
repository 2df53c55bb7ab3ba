"""Linkage as a plain library call, on tables an analyst already holds.

    from equipoise.carry.link import link_tables
    fields = {"forename": "forename", "surname": "surname", "birth_date": "date"}
    links = link_tables("census.parquet", "survey.parquet", fields, id="record_id")

Values are encoded on the spot under a key that is thrown away, and only encodings are compared: the
very code that links under an agreement. ``enclave`` and ``identified`` compare field by field and
differ in where the encoding happens, which is here in both; ``encoded`` compares one filter of the
whole record, as a linkage unit does that is trusted with nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.calibrate import Pairs
from equipoise.carry.link.clusters import cluster_encoded
from equipoise.carry.link.frames import as_arrow
from equipoise.carry.link.probabilistic import Progress, link_encoded
from equipoise.carry.link.record import link_records
from equipoise.errors import DataRefused, Problem, UsageRefused

Mode = Literal["identified", "enclave", "encoded"]
OneToOne = bool | Literal["right"]
Found = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64]]
_PAIRS: Final[Mapping[OneToOne, Pairs]] = {
    True: "one to one",
    "right": "many to one",
    False: "many to many",
}
FieldClause = str | tuple[str, str, str]

LINKS: Final = ("left_id", "right_id", "probability")
CLUSTERS: Final = ("table", "id", "entity_id")


def _silent(share: float, doing: str) -> None:
    """Report nothing."""


def link_tables(
    left: Any,
    right: Any,
    fields: Mapping[str, FieldClause],
    *,
    id: str = "record_id",
    mode: Mode = "identified",
    one_to_one: OneToOne = True,
    at_least: float = 0.5,
    strength: str = "standard",
    key: bytes | None = None,
    progress: Progress = _silent,
) -> pa.Table:
    """Return ``left_id, right_id, probability`` for every link, the likeliest first.

    ``left`` and ``right`` are Arrow tables, pandas or Polars frames, DuckDB relations or paths of
    Parquet, Arrow or CSV files. ``fields`` names what to compare: ``{"surname": "surname"}`` gives
    a column and its kind (``KINDS`` lists them; what fits none is ``text``), and
    ``{"surname": ("surname", "last_name", "pername2")}`` names each side's own column. ``id`` is a
    column of both with one value a row. ``one_to_one``: each row of both tables has one partner at
    most; ``"right"``: each right row has, and a left row any number, as where the right table may
    hold somebody twice; False: neither. ``at_least``: the least probability of a link. ``key`` (32
    bytes) makes the encoding repeatable; without it one is drawn and forgotten. ``strength`` is for
    mode ``encoded`` only: how hard a filter is to undo (``STRENGTHS``).

    Raises ``UsageRefused`` (LNK110, LNK112, LNK115) and ``DataRefused`` (LNK113, LNK114), all
    problems at once, ``EnvironmentFailed`` (LNK111) for a file that cannot be read.
    """
    kinds, names = _declared(fields)
    tables = [as_arrow(left), as_arrow(right)]
    _refuse_unfit({"left": tables[0], "right": tables[1]}, names, id)
    _refuse_unknown(mode, strength, one_to_one)
    encoding = _Encoding(kinds, names, ThrowAwayKey(key))
    progress(0.0, "encoding")
    if mode == "encoded":
        filters = [encoding.filters(table, side, strength) for side, table in enumerate(tables)]
        found = _by_filters(filters[0], filters[1], one_to_one is True, at_least, progress)
    else:
        fields_of = [encoding.fields(table, side) for side, table in enumerate(tables)]
        pairs: Pairs = _PAIRS[one_to_one]
        links = link_encoded(
            fields_of[0], fields_of[1], pairs=pairs, at_least=at_least, progress=progress
        )
        found = (links.left, links.right, links.probability)
    at_left, at_right, probability = found
    order = np.lexsort((at_right, at_left, -probability))
    return pa.table(
        {
            "left_id": tables[0][id].take(pa.array(at_left[order])),
            "right_id": tables[1][id].take(pa.array(at_right[order])),
            "probability": probability[order],
        }
    )


@dataclass(frozen=True)
class _Encoding:
    """How tables are encoded: kinds, each side's columns, and the key."""

    kinds: dict[str, Kind]
    names: dict[str, tuple[str, str]]
    hasher: ThrowAwayKey

    def columns(self, side: int) -> dict[str, str]:
        return {name: columns[side] for name, columns in self.names.items()}

    def fields(self, table: pa.Table, side: int) -> EncodedTable:
        return encode_fields(table, self.kinds, self.hasher, column=self.columns(side))

    def filters(self, table: pa.Table, side: int, strength: str) -> npt.NDArray[np.uint64]:
        made = STRENGTHS[strength]
        return record_filters(table, self.kinds, self.hasher, made, column=self.columns(side))


def _by_filters(
    left: npt.NDArray[np.uint64],
    right: npt.NDArray[np.uint64],
    one_to_one: bool,
    at_least: float,
    progress: Progress,
) -> Found:
    links = link_records(left, right, one_to_one=one_to_one, progress=progress)
    kept = links.probability >= at_least
    return links.left[kept], links.right[kept], links.probability[kept]


def cluster_tables(
    tables: Mapping[str, Any],
    fields: Mapping[str, str],
    id: str = "record_id",
    *,
    without_repeats: frozenset[str] = frozenset(),
    key: bytes | None = None,
    progress: Progress = _silent,
) -> pa.Table:
    """Return ``table, id, entity_id`` for every row of every table: one entity, one number.

    One table finds its own repeats; several are joined and their repeats found at once. Every table
    has all of ``fields`` (a column may be empty). ``without_repeats`` names tables that hold nobody
    twice. Other arguments and errors are those of ``link_tables``.
    """
    kinds, names = _declared(fields)
    read = {name: as_arrow(table) for name, table in tables.items()}
    _refuse_unfit(read, names, id)
    hasher = ThrowAwayKey(key)
    progress(0.0, "encoding")
    encoded = {name: encode_fields(table, kinds, hasher) for name, table in read.items()}
    entities = cluster_encoded(encoded, without_repeats=without_repeats, progress=progress)
    sizes = [table.num_rows for table in read.values()]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    return pa.table(
        {
            "table": pa.array(list(read)).take(pa.array(labels)),
            "id": _together([table[id] for table in read.values()]),
            "entity_id": np.concatenate(list(entities.values())) if entities else [],
        }
    )


def _together(columns: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return the ids of all tables as one column; as text where their types differ."""
    types = {column.type for column in columns}
    if len(types) > 1:
        columns = [column.cast(pa.string()) for column in columns]
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks])


def _declared(
    fields: Mapping[str, FieldClause],
) -> tuple[dict[str, Kind], dict[str, tuple[str, str]]]:
    """Return each field's kind and its columns on the left and on the right."""
    kinds: dict[str, Kind] = {}
    names: dict[str, tuple[str, str]] = {}
    problems = [] if fields else [_no_fields()]
    for name, clause in fields.items():
        kind, one, two = (clause, name, name) if isinstance(clause, str) else clause
        if kind not in KINDS:
            problems.append(
                Problem(
                    "LNK112",
                    f"{kind!r} is not a kind of field",
                    clause=f"fields.{name}",
                    next=f"choose one of: {', '.join(get_args(Kind))}; text fits anything",
                )
            )
        kinds[name], names[name] = cast(Kind, kind), (one, two)
    if problems:
        raise UsageRefused(problems)
    return kinds, names


def _refuse_unknown(mode: str, strength: str, one_to_one: object) -> None:
    problems = [
        Problem(
            "LNK115",
            f"{said!r} is not a {what}",
            next=f"choose one of: {', '.join(map(str, known))}",
        )
        for said, what, known in (
            (mode, "mode of this call", get_args(Mode)),
            (strength, "strength", tuple(STRENGTHS)),
            (one_to_one, "way to give rows out", tuple(_PAIRS)),
        )
        if said not in known
    ]
    if problems:
        raise UsageRefused(problems)


def _no_fields() -> Problem:
    return Problem(
        "LNK112", "no field is named", why="there is nothing to compare", next="name some fields"
    )


def _refuse_unfit(
    tables: Mapping[str, pa.Table], names: Mapping[str, tuple[str, str]], id: str
) -> None:
    problems = []
    for place, (name, table) in enumerate(tables.items()):
        wanted = [columns[min(place, 1)] for columns in names.values()]
        for column in dict.fromkeys([id, *wanted]):
            if table.column_names.count(column) != 1:
                problems.append(
                    Problem(
                        "LNK113",
                        f"the table {name} does not have one column called {column!r}",
                        next=f"it has: {', '.join(table.column_names)}",
                    )
                )
        if id in table.column_names and _repeated(table[id]):
            problems.append(
                Problem(
                    "LNK114",
                    f"the column {id!r} of the table {name} does not name each row once",
                    why="a link could not be told from another",
                    next="give a column with a value of its own in every row",
                )
            )
    if problems:
        raise DataRefused(problems)


def _repeated(ids: pa.ChunkedArray) -> bool:
    return bool(ids.null_count) or pc.count_distinct(ids).as_py() != len(ids)
