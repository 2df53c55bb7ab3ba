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

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.record_parts import Column, columns_of
from equipoise.carry.encode.record_tokens import record_tokens
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.asked import (
    Choice,
    asked,
    not_a_function,
    not_a_probability,
    not_there,
    unknown,
)
from equipoise.carry.link.calibrate import Pairs
from equipoise.carry.link.clusters import cluster_encoded
from equipoise.carry.link.doubts import ALIKE, RECORDS, about_links, about_tables, look, tell
from equipoise.carry.link.fitting import fitted
from equipoise.carry.link.frames import ids_of, together
from equipoise.carry.link.memory import memory_for
from equipoise.carry.link.probabilistic import Progress, link_encoded
from equipoise.carry.link.record_search import COMPARED_WHOLE, COMPARED_WITHOUT
from equipoise.carry.link.same_filters import cluster_files, link_files
from equipoise.errors import Problem, UsageRefused

Mode = Literal["identified", "enclave", "encoded"]
OneToOne = bool | Literal["right"]
_PAIRS: Final[Mapping[OneToOne, Pairs]] = {
    True: "one to one",
    "right": "many to one",
    False: "many to many",
}
FieldClause = str | tuple[str, str, str]

_SIDES: Final = ("left", "right")

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

    Raises all that is wrong at once: as ``UsageRefused`` where an argument is (LNK110, LNK112,
    LNK115, ENC101), else as ``EnvironmentFailed`` where a file cannot be read (LNK111), else as
    ``DataRefused`` (LNK113, LNK114, LNK116, LNK118). More rows than there is memory for are
    ``EnvironmentFailed`` (LNK117). Warns, with ``LinkageWarning`` (LNK130 to LNK139), of what
    should be looked into before the links are used.
    """
    problems = unknown([*_choices(mode, strength), _pairing(one_to_one)])
    problems += not_a_probability(at_least) + not_a_function(progress)
    found = asked({"left": left, "right": right}, fields, id, key, problems=problems)
    encoding = _Encoding(found.kinds, found.names, found.hasher)
    tables = list(found.tables.values())
    rows = sum(table.num_rows for table in tables)
    words = STRENGTHS[strength].bits // 64 if mode == "encoded" else 0
    with memory_for(rows, len(found.kinds), words=words):
        progress(0.0, "encoding")
        if mode == "encoded":
            links = _by_filters(encoding, tables, strength, _PAIRS[one_to_one], at_least, progress)
        else:
            links = _by_fields(encoding, tables, _PAIRS[one_to_one], at_least, progress)
        order = np.lexsort((links.right, links.left, -links.probability))
        made = pa.table(
            {
                "left_id": ids_of(tables[0], id).take(pa.array(links.left[order])),
                "right_id": ids_of(tables[1], id).take(pa.array(links.right[order])),
                "probability": links.probability[order],
            }
        )
    tell(links.doubts)
    return made


@dataclass(frozen=True)
class _Found:
    """Links by places of rows, and what should be looked into before they are used."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float64]
    doubts: list[Problem]


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

    def read(self, table: pa.Table, side: int) -> dict[str, Column]:
        return columns_of(table, self.kinds, self.columns(side))

    def filters(
        self, table: pa.Table, side: int, strength: str, read: Mapping[str, Column]
    ) -> npt.NDArray[np.uint64]:
        made, names = STRENGTHS[strength], self.columns(side)
        return record_filters(table, self.kinds, self.hasher, made, column=names, columns=read)

    def tokens(self, table: pa.Table, side: int) -> npt.NDArray[np.uint64]:
        return record_tokens(table, self.kinds, self.hasher, column=self.columns(side))


def _by_fields(
    encoding: _Encoding,
    tables: list[pa.Table],
    pairs: Pairs,
    at_least: float,
    progress: Progress,
) -> _Found:
    made = [encoding.fields(table, side) for side, table in enumerate(tables)]
    left, right = fitted(*made)
    links = link_encoded(left, right, pairs=pairs, at_least=at_least, progress=progress)
    # A row may have several partners on a side where people may stand more than once.
    once = {"one to one": (ALIKE, ALIKE), "many to one": (ALIKE, RECORDS)}
    alike = once.get(pairs, (RECORDS, RECORDS))
    looked = [
        look(name, tables[side], encoding.columns(side), made[side], alike=alike[side])
        for side, name in enumerate(_SIDES)
    ]
    crowds = {field for field, part in links.learned.crowds if part == "exact"}
    doubts = [
        *about_tables(looked, crowds),
        *about_links(links.probability, links.left_out, min(left.rows, right.rows)),
    ]
    return _Found(links.left, links.right, links.probability, doubts)


def _by_filters(
    encoding: _Encoding,
    tables: list[pa.Table],
    strength: str,
    pairs: Pairs,
    at_least: float,
    progress: Progress,
) -> _Found:
    filters, looked = [], []
    for side, (name, table) in enumerate(zip(_SIDES, tables, strict=True)):
        read = encoding.read(table, side)
        filters.append(encoding.filters(table, side, strength, read))
        # Rows that are the same in everything have one filter: of these the engine tells.
        looked.append(look(name, table, encoding.columns(side), read, alike=0))
    left, right = filters
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
    probability, report = links.probability[kept], links.report
    # Matches that filters do not show are in no figure: recall is of those that can be seen.
    every = report.links * report.precision / report.recall if report.recall else 0.0
    left_out = max(0.0, every - float(probability.sum()))
    doubts = [
        *about_tables(looked),
        *about_links(probability, left_out, min(len(left), len(right)), report.doubt),
    ]
    return _Found(links.left[kept], links.right[kept], probability, doubts)


def _choices(mode: str, strength: str) -> list[Choice]:
    return [
        Choice("mode", mode, "mode of this call", get_args(Mode)),
        Choice("strength", strength, "strength", tuple(STRENGTHS)),
    ]


def _pairing(one_to_one: OneToOne) -> Choice:
    return Choice("one_to_one", one_to_one, "way to give rows out", tuple(_PAIRS))


def cluster_tables(
    tables: Mapping[str, Any],
    fields: Mapping[str, str],
    id: str = "record_id",
    *,
    without_repeats: str | Collection[str] = frozenset(),
    mode: Mode = "identified",
    strength: str = "standard",
    key: bytes | None = None,
    progress: Progress = _silent,
) -> pa.Table:
    """Return ``table, id, entity_id`` for every row of every table: one entity, one number.

    One table finds its own repeats; several are joined and their repeats found at once. Every table
    has all of ``fields`` (a column may be empty). ``without_repeats`` names tables that hold nobody
    twice. In mode ``encoded`` more records with several errors are missed than by fields. Other
    arguments, errors and warnings are those of ``link_tables``.
    """
    if not isinstance(tables, Mapping) or not tables:
        what = "no table is given by name"
        raise UsageRefused(Problem("LNK110", what, next="give one or more, as {'census': table}"))
    problems = unknown(_choices(mode, strength)) + not_a_function(progress)
    problems += not_there(tables, without_repeats)
    found = asked(tables, fields, id, key, problems=problems, one_column=True)
    apart = frozenset([without_repeats] if isinstance(without_repeats, str) else without_repeats)
    encoding, read = _Encoding(found.kinds, found.names, found.hasher), found.tables
    sizes = [table.num_rows for table in read.values()]
    words = STRENGTHS[strength].bits // 64 if mode == "encoded" else 0
    with memory_for(sum(sizes), len(found.kinds), words=words):
        progress(0.0, "encoding")
        if mode == "encoded":
            entities, doubts = _filters_gathered(encoding, read, strength, apart, progress)
        else:
            entities, doubts = _fields_gathered(encoding, read, apart, progress)
        labels = np.repeat(np.arange(len(sizes)), sizes)
        made = pa.table(
            {
                "table": pa.array(list(read)).take(pa.array(labels)),
                "id": together([ids_of(table, id) for table in read.values()]),
                "entity_id": np.concatenate(list(entities.values())),
            }
        )
    tell(doubts)
    return made


_Gathered = tuple[dict[str, npt.NDArray[np.int64]], list[Problem]]
"""The entity of each row of each table, and what should be looked into."""


def _fields_gathered(
    encoding: _Encoding,
    tables: Mapping[str, pa.Table],
    without_repeats: frozenset[str],
    progress: Progress,
) -> _Gathered:
    made = {name: encoding.fields(table, 0) for name, table in tables.items()}
    columns = encoding.columns(0)
    looked = [look(n, table, columns, made[n], alike=RECORDS) for n, table in tables.items()]
    fields = dict(zip(made, fitted(*made.values()), strict=True))
    found = cluster_encoded(fields, without_repeats=without_repeats, progress=progress)
    return found, [*about_tables(looked)]


def _filters_gathered(
    encoding: _Encoding,
    tables: Mapping[str, pa.Table],
    strength: str,
    without_repeats: frozenset[str],
    progress: Progress,
) -> _Gathered:
    files, looked = {}, []
    for name, table in tables.items():
        read = encoding.read(table, 0)
        files[name] = encoding.filters(table, 0, strength, read)
        looked.append(look(name, table, encoding.columns(0), read, alike=RECORDS))
    # Chance is best told where everybody was compared, so tokens serve later than for links.
    large = sum(map(len, files.values())) ** 2 > COMPARED_WITHOUT
    tokens = {name: encoding.tokens(table, 0) for name, table in tables.items()} if large else None
    found = cluster_files(files, tokens, without_repeats=without_repeats, progress=progress)
    return found, [*about_tables(looked)]
