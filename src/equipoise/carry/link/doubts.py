"""What a person should look into before links are used: told, and nothing is stopped.

An agreement's run says it in its report. A library call, which gives links and no report, says it
as Python warnings of one class, ``LinkageWarning``. They speak of columns and of shares of rows,
and never of a value.

    LNK130  a column is empty
    LNK131  a column holds one value
    LNK132  cells that do not look like their kind
    LNK133  a value that a crowd bears
    LNK134  hardly anybody was linked
    LNK135  what the engine of filters doubts
    LNK136  fewer than three fields tell rows apart
    LNK137  many links are wrong, by their own probabilities
    LNK138  many matches are likely, and not linked
    LNK139  rows that are the same in every field
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.columns import EncodedField, EncodedTable
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.record_parts import Column
from equipoise.carry.encode.record_plan import LEAST_ALONE, USES
from equipoise.carry.link.report import MANY, hardly_any
from equipoise.errors import Problem

Codes = npt.NDArray[np.int64]

_UNLIKE: Final = 0.2
"""The share of filled cells that do not look like their kind, from which on they are told."""
_DRAWN: Final = 1000
_LOOKS: Final[Mapping[Kind, str]] = {
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "year": r"^\d{4}$",
    "nhs number": r"^\d{10}$",
    "nino": r"^[A-Z]{2}\d{6}[A-Z]?$",
    "uprn": r"^\d{1,12}$",
    "postcode": r"\d",
    "number": r"\d",
    "phone": r"\d{5}",
    "email": "@",
}
"""How values of a kind look in standard form, as a regular expression; others look like anything.
"""
_CARRIED: Final = 1 / 3
_BEAR: Final = 64
"""A value is a crowd's where more rows bear it than that, and it carries less than this share of
the bits of its kind: as in ``record_defaults``."""
_FIELDS: Final = 3
_WRONG: Final = 0.2
_LEFT: Final = 1 / 3
"""Links that are wrong, and matches that are not linked, from which on they are told."""
LIKELY: Final = 0.5
ALIKE: Final = 8
RECORDS: Final = 200
"""Rows the same in everything that may be one person's: in one of two tables, in gathered ones."""
_TOLD_ROWS: Final = 100


class LinkageWarning(UserWarning):
    """Something to look into before links are used.

    ``code`` is stable (``LNK134``) and begins the message, so that one sort can be silenced:
    ``warnings.filterwarnings("ignore", "LNK136", LinkageWarning)``. ``problem`` has what was found,
    why it matters and what to do. No message holds a value of a row.
    """

    def __init__(self, problem: Problem) -> None:
        # Kept as it came, so that another process can make the same warning of it again.
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem.sentence()

    @property
    def code(self) -> str:
        """Return the stable code."""
        return self.problem.code


def tell(problems: Iterable[Problem], *, stacklevel: int = 3) -> None:
    """Warn of each, as of the caller of whoever calls this."""
    for problem in problems:
        warnings.warn(LinkageWarning(problem), stacklevel=stacklevel)


# -- tables ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Filled:
    """One column as it was encoded: ``codes`` of each row, -1 where missing, and of each distinct
    value how many rows bear it (``counts``). ``written`` is the column as it came."""

    column: str
    kind: Kind
    codes: Codes
    counts: Codes
    written: pa.ChunkedArray

    @property
    def rows(self) -> int:
        """Return how many rows have a value."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class Looked:
    """What was seen of a table called ``name``: what is odd, the fields that are odd in that a
    crowd bears a value (``crowded``), and those that tell no rows apart (``silent``)."""

    name: str
    columns: Mapping[str, str]
    problems: tuple[Problem, ...]
    crowded: frozenset[str]
    silent: frozenset[str]


def look(
    name: str,
    table: pa.Table,
    columns: Mapping[str, str],
    encoded: EncodedTable | Mapping[str, Column],
    *,
    alike: int,
) -> Looked:
    """Look at a table as it was encoded, field by field or for filters. More rows than ``alike``
    that are the same in everything are told; 0 says nothing of them."""
    each = encoded.fields if isinstance(encoded, EncodedTable) else encoded
    fields = {field: _filled(columns[field], table, one) for field, one in each.items()}
    problems: list[Problem] = []
    if table.num_rows:
        for field, one in fields.items():
            problems += _of_column(f"fields.{field}", _called(one.column, name), one)
    if alike:
        problems += _alike(name, table.num_rows, fields.values(), alike)
    crowded = frozenset(field for field, one in fields.items() if _crowded(one))
    silent = frozenset(field for field, one in fields.items() if table.num_rows and _silent(one))
    return Looked(name, columns, tuple(problems), crowded, silent)


def _filled(column: str, table: pa.Table, encoded: EncodedField | Column) -> _Filled:
    if isinstance(encoded, Column):
        missing = len(encoded.forms)
        codes = np.where(encoded.codes == missing, -1, encoded.codes)
        counts = np.bincount(encoded.codes, minlength=missing + 1)[:missing]
    else:
        codes, counts = encoded.codes.astype(np.int64), encoded.counts
    return _Filled(column, encoded.kind, codes, counts[counts > 0], table[column])


def about_tables(tables: Sequence[Looked], crowds: Collection[str] = ()) -> Iterator[Problem]:
    """Yield what is odd about tables. ``crowds`` are fields of which the engine set a value aside,
    because a crowd bears it."""
    for table in tables:
        yield from table.problems
        for name in table.columns:
            if name not in table.silent and (name in crowds or name in table.crowded):
                of = _called(table.columns[name], table.name)
                yield Problem(
                    "LNK133",
                    f"a great many rows have one and the same value in {of}",
                    why="what so many share tells nobody apart, and brings nobody together by "
                    "itself",
                    next="if it stands for what is not known (1 January, 00000), leave those cells "
                    "empty; if it is true of them all, such as one town or one office, compare by "
                    "something else as well",
                    clause=f"fields.{name}",
                )
    silent = frozenset[str]().union(*(table.silent for table in tables))
    left = len(set(tables[0].columns) - silent)
    if left < _FIELDS:
        yield Problem(
            "LNK136",
            f"only {left} field{'s' * (left != 1)} can tell rows of these tables apart",
            why="with fewer than three there is little to learn from how much two rows of one "
            "person may differ, so probabilities are rough",
            next="name more fields that all tables hold, or check some links by hand",
            clause="fields",
        )


def _called(column: str, table: str) -> str:
    return f"the column {column!r} of the table {table}"


def _of_column(clause: str, of: str, field: _Filled) -> Iterator[Problem]:
    lacks = field.rows < len(field.codes) - field.written.null_count
    written = len(_cells(field.written)) if lacks else field.rows
    if not written:
        yield Problem(
            "LNK130",
            f"{of} is empty",
            why="the field can be held against nothing",
            next="name the column that is filled, or leave the field out",
            clause=clause,
        )
    elif (unlike := _unlike(field)) >= _UNLIKE:
        yield Problem(
            "LNK132",
            f"about {unlike:.0%} of the filled cells of {of} do not look like the kind "
            f"{field.kind}",
            why="what cannot be read as its kind is held against others as bare text, or not at "
            "all",
            next="look whether it is the right column and how it is written, or declare another "
            "kind; text fits anything",
            clause=clause,
        )
    if _constant(field):
        yield Problem(
            "LNK131",
            f"every filled cell of {of} holds the same value",
            why="it tells nobody apart",
            next="leave the field out",
            clause=clause,
        )


def _silent(field: _Filled) -> bool:
    return not field.rows or _constant(field)


def _constant(field: _Filled) -> bool:
    return field.rows >= MANY and len(field.counts) == 1


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the cells of a column that hold something: no null, no NaN, not white space alone."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = column.filter(pc.invert(pc.is_null(column, nan_is_null=True)))
    column = column.drop_null()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return column.filter(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0))


def _unlike(field: _Filled) -> float:
    """Return the share of filled cells that do not look like their kind, of some drawn evenly."""
    rows = len(field.written)
    some = np.unique(np.linspace(0, rows - 1, min(rows, _DRAWN)).astype(np.int64))
    drawn = _cells(field.written.take(pa.array(some))).cast(pa.string()).combine_chunks()
    forms = KINDS[field.kind].standard(drawn)
    looks = pc.match_substring_regex(forms, _LOOKS.get(field.kind, ""))
    return 1 - float(pc.sum(looks).as_py() or 0) / len(drawn) if len(drawn) else 0.0


def _crowded(field: _Filled) -> bool:
    bits = max(USES[field.kind].salts.values(), default=0.0)
    most = field.counts.max(initial=0)
    return bool(bits >= LEAST_ALONE and most > max(_BEAR, field.rows * 2 ** (-bits * _CARRIED)))


def _alike(name: str, rows: int, fields: Iterable[_Filled], most: int) -> Iterator[Problem]:
    """Tell of rows that are the same in every field and too many to be one person's."""
    marks = np.zeros(rows, np.uint64)
    draw = np.random.default_rng(0)
    for field in fields:
        marks += field.codes.astype(np.uint64) * (draw.integers(0, 2**63, None, np.uint64) * 2 + 1)
    counts = np.unique(marks, return_counts=True)[1]
    same = int(counts[counts > most].sum())
    if same >= _TOLD_ROWS:
        yield Problem(
            "LNK139",
            f"about {round(same, -2):,} rows of the table {name} are the same in every field as "
            f"{most} others or more",
            why="nothing says which of them is whose: they are linked to nobody, or each to all",
            next="look for values that stand for what is not known, and name more fields",
            clause="fields",
        )


# -- links ----------------------------------------------------------------------------------------


def about_links(
    probability: npt.NDArray[np.float64], left: float, smaller: int, doubt: str = ""
) -> Iterator[Problem]:
    """Yield what is odd about links: ``left`` is how many matches are expected among the pairs that
    were not linked, ``smaller`` the rows of the smaller table, ``doubt`` the engine's own words."""
    likely = probability[probability >= LIKELY]
    found = float(probability.sum())
    if hardly_any(float(likely.sum()), smaller):
        yield Problem(
            "LNK134",
            "hardly anybody was linked: fewer than one in a hundred rows of the smaller table",
            why="either the tables have hardly anybody in common, or one is written otherwise than "
            "the other, or people stand several times in each",
            next="hold some rows of both side by side: columns taken for one another, other ways "
            "of writing, values cut short",
        )
    elif doubt:
        yield Problem(
            "LNK135",
            f"the comparison of whole records is in doubt: {doubt.rstrip('.')}",
            why="a filter tells little of its record",
            next="look into this before the links are used",
        )
    if len(likely) >= MANY and 1 - float(likely.mean()) > _WRONG:
        yield Problem(
            "LNK137",
            f"about {1 - float(likely.mean()):.0%} of the links are wrong, by their own "
            "probabilities",
            why="the fields tell too little of who is who",
            next="ask for surer ones with at_least=0.9, or name more fields",
            clause="at_least",
        )
    if found >= MANY and left > _LEFT * (found + left):
        yield Problem(
            "LNK138",
            f"about {left / (found + left):.0%} of the matches that can be told are not linked",
            why="each of them is too unsure, or another row is as likely",
            next="name more fields, or look at what at_least=0.1 links",
            clause="at_least",
        )
