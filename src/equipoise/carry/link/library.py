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

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.record_tokens import record_tokens
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.calibrate import Pairs
from equipoise.carry.link.clusters import cluster_encoded
from equipoise.carry.link.fitting import fitted
from equipoise.carry.link.frames import as_arrow, as_text, ids_of, named_once, together
from equipoise.carry.link.memory import memory_for
from equipoise.carry.link.probabilistic import Progress, link_encoded
from equipoise.carry.link.record_clusters import cluster_records
from equipoise.carry.link.record_search import COMPARED_WHOLE, COMPARED_WITHOUT
from equipoise.carry.link.same_filters import link_files
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

_CLAUSE: Final = 3
"""Kind, left column, right column."""

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
    ``{"surname": ("surname", "last_name", "pername2")}`` names each side's own column. Of more than
    some twenty fields those that tell least are compared for equality only, or not at all
    (``fitting``). ``id`` is a column of both with one value a row. ``one_to_one``: each row of both
    tables has one partner at most; ``"right"``: each right row has, and a left row any number, as
    where the right table may hold somebody twice; False: neither. ``at_least``: the least
    probability of a link. ``key`` (32 bytes) makes the encoding repeatable; without it one is drawn
    and forgotten. ``strength`` is for mode ``encoded`` only: how hard a filter is to undo
    (``STRENGTHS``).

    Raises ``UsageRefused`` (LNK110, LNK112, LNK115) and ``DataRefused`` (LNK113, LNK114, LNK116,
    LNK118), all problems at once, ``EnvironmentFailed`` for a file that cannot be
    read (LNK111) and for more rows than there is memory for (LNK117).
    """
    kinds, names = _declared(fields)
    _refuse_unknown(mode, strength, one_to_one, at_least)
    encoding = _Encoding(kinds, names, ThrowAwayKey(key))
    tables = _taken({"left": left, "right": right}, names, id)
    rows = sum(table.num_rows for table in tables)
    words = STRENGTHS[strength].bits // 64 if mode == "encoded" else 0
    with memory_for(rows, len(kinds), words=words):
        progress(0.0, "encoding")
        if mode == "encoded":
            found = _by_filters(encoding, tables, strength, _PAIRS[one_to_one], at_least, progress)
        else:
            found = _by_fields(encoding, tables, _PAIRS[one_to_one], at_least, progress)
        at_left, at_right, probability = found
        order = np.lexsort((at_right, at_left, -probability))
        return pa.table(
            {
                "left_id": ids_of(tables[0], id).take(pa.array(at_left[order])),
                "right_id": ids_of(tables[1], id).take(pa.array(at_right[order])),
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

    def tokens(self, table: pa.Table, side: int) -> npt.NDArray[np.uint64]:
        return record_tokens(table, self.kinds, self.hasher, column=self.columns(side))


def _by_fields(
    encoding: _Encoding,
    tables: list[pa.Table],
    pairs: Pairs,
    at_least: float,
    progress: Progress,
) -> Found:
    left, right = fitted(*(encoding.fields(table, side) for side, table in enumerate(tables)))
    links = link_encoded(left, right, pairs=pairs, at_least=at_least, progress=progress)
    return links.left, links.right, links.probability


def _by_filters(
    encoding: _Encoding,
    tables: list[pa.Table],
    strength: str,
    pairs: Pairs,
    at_least: float,
    progress: Progress,
) -> Found:
    left, right = (encoding.filters(table, side, strength) for side, table in enumerate(tables))
    # Small files are compared whole, and need no tokens.
    large = len(left) * len(right) > COMPARED_WHOLE
    tokens = [encoding.tokens(table, side) for side, table in enumerate(tables)] if large else []
    links = link_files(
        left,
        right,
        pairs=pairs,
        tokens_left=tokens[0] if large else None,
        tokens_right=tokens[1] if large else None,
        progress=progress,
    )
    kept = links.probability >= at_least
    return links.left[kept], links.right[kept], links.probability[kept]


def cluster_tables(
    tables: Mapping[str, Any],
    fields: Mapping[str, str],
    id: str = "record_id",
    *,
    without_repeats: frozenset[str] = frozenset(),
    mode: Mode = "identified",
    strength: str = "standard",
    key: bytes | None = None,
    progress: Progress = _silent,
) -> pa.Table:
    """Return ``table, id, entity_id`` for every row of every table: one entity, one number.

    One table finds its own repeats; several are joined and their repeats found at once. Every table
    has all of ``fields`` (a column may be empty). ``without_repeats`` names tables that hold nobody
    twice. In mode ``encoded`` more records with several errors are missed than by fields. Other
    arguments and errors are those of ``link_tables``.
    """
    kinds, names = _declared(fields, one_column=True)
    _refuse_no_tables(tables, without_repeats)
    _refuse_unknown(mode, strength, True, 0.5)
    encoding = _Encoding(kinds, names, ThrowAwayKey(key))
    read = dict(zip(tables, _taken(tables, names, id), strict=True))
    sizes = [table.num_rows for table in read.values()]
    words = STRENGTHS[strength].bits // 64 if mode == "encoded" else 0
    with memory_for(sum(sizes), len(kinds), words=words):
        progress(0.0, "encoding")
        if mode == "encoded":
            entities = _filters_gathered(encoding, read, strength, without_repeats, progress)
        else:
            encoded = fitted(*(encoding.fields(table, 0) for table in read.values()))
            fields_of = dict(zip(read, encoded, strict=True))
            entities = cluster_encoded(
                fields_of, without_repeats=without_repeats, progress=progress
            )
        labels = np.repeat(np.arange(len(sizes)), sizes)
        return pa.table(
            {
                "table": pa.array(list(read)).take(pa.array(labels)),
                "id": together([ids_of(table, id) for table in read.values()]),
                "entity_id": np.concatenate(list(entities.values())),
            }
        )


def _filters_gathered(
    encoding: _Encoding,
    tables: Mapping[str, pa.Table],
    strength: str,
    without_repeats: frozenset[str],
    progress: Progress,
) -> dict[str, npt.NDArray[np.int64]]:
    files = {name: encoding.filters(table, 0, strength) for name, table in tables.items()}
    # Chance is best told where everybody was compared, so tokens serve later than for links.
    large = sum(map(len, files.values())) ** 2 > COMPARED_WITHOUT
    tokens = {name: encoding.tokens(table, 0) for name, table in tables.items()} if large else None
    return cluster_records(files, tokens, without_repeats=without_repeats, progress=progress)


def _taken(
    given: Mapping[str, Any], names: Mapping[str, tuple[str, str]], id: str
) -> list[pa.Table]:
    """Return the tables as Arrow, their text as text. Raises what is wrong with any of them."""
    with memory_for(0, 0):
        read = {name: as_arrow(table) for name, table in given.items()}
        _refuse_unfit(read, names, id)
        return [
            as_text(table, name, {columns[min(place, 1)] for columns in names.values()})
            for place, (name, table) in enumerate(read.items())
        ]


def _declared(
    fields: Mapping[str, FieldClause], *, one_column: bool = False
) -> tuple[dict[str, Kind], dict[str, tuple[str, str]]]:
    """Return each field's kind and its columns on the left and on the right; ``one_column``: where
    tables have no sides, a field has one column."""
    if not isinstance(fields, Mapping):
        raise UsageRefused(_no_fields())
    kinds: dict[str, Kind] = {}
    names: dict[str, tuple[str, str]] = {}
    problems = [] if fields else [_no_fields()]
    for name, clause in fields.items():
        said = (clause, name, name) if isinstance(clause, str) else clause
        if not _is_clause(said) or (one_column and not isinstance(clause, str)):
            problems.append(_no_clause(name))
            continue
        kind, one, two = said
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


def _is_clause(said: object) -> bool:
    whole = isinstance(said, tuple | list) and len(said) == _CLAUSE
    return whole and all(isinstance(word, str) for word in cast(tuple[object, ...], said))


def _no_clause(name: str) -> Problem:
    return Problem(
        "LNK112",
        f"what is said of the field {name!r} is neither a kind nor a kind and two columns",
        clause=f"fields.{name}",
        next="say its kind, as 'surname'; or ('surname', 'left column', 'right column')",
    )


def _refuse_unknown(mode: str, strength: str, one_to_one: object, at_least: object) -> None:
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
    if not (isinstance(at_least, int | float) and 0 <= at_least <= 1):
        problems.append(
            Problem(
                "LNK115", f"{at_least!r} is not a probability", next="give a number from 0 to 1"
            )
        )
    if problems:
        raise UsageRefused(problems)


def _refuse_no_tables(tables: Mapping[str, Any], without_repeats: frozenset[str]) -> None:
    if not isinstance(tables, Mapping) or not tables:
        what = "no table is given by name"
        raise UsageRefused(Problem("LNK110", what, next="give one or more, as {'census': table}"))
    if unknown := sorted(set(without_repeats) - set(tables)):
        raise UsageRefused(
            Problem(
                "LNK115",
                f"without_repeats names no table that is given: {', '.join(unknown)}",
                next=f"the tables are: {', '.join(tables)}",
            )
        )


def _no_fields() -> Problem:
    return Problem(
        "LNK112",
        "no field is named",
        why="there is nothing to compare",
        next="name some fields and their kinds, as {'surname': 'surname'}",
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
        if table.column_names.count(id) == 1 and not named_once(table[id]):
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
