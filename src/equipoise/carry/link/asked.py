"""What a library call asks for, held against what there is: all that is wrong is told at once.

Tables come into a call from many places, and whoever makes the call the first time has several
things wrong together: a kind that is none, a column that is called otherwise, a file that is not
there. None of it hides the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Final, cast, get_args

import pyarrow as pa

from equipoise.agree.nearest import nearest
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.frames import as_arrow, as_text, named_once
from equipoise.carry.link.memory import memory_for
from equipoise.errors import DataRefused, EnvironmentFailed, EquipoiseError, Problem, UsageRefused

_CLAUSE: Final = 3
"""Kind, left column, right column."""

_ALSO_CALLED: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("first name", "given name", "middle name", "firstname"), "forename"),
    **dict.fromkeys(("last name", "family name", "lastname"), "surname"),
    **dict.fromkeys(("full name", "person"), "name"),
    **dict.fromkeys(("dob", "birth date", "date of birth", "birthday", "datetime"), "date"),
    **dict.fromkeys(("gender",), "sex"),
    **dict.fromkeys(("zip", "zip code", "postal code"), "postcode"),
    **dict.fromkeys(("street",), "address"),
    **dict.fromkeys(("town", "city", "area"), "place"),
    **dict.fromkeys(("company", "business", "charity", "school"), "organisation"),
    **dict.fromkeys(("nhs", "nhs no"), "nhs number"),
    **dict.fromkeys(("ni number", "national insurance number"), "nino"),
    **dict.fromkeys(("id", "identifier", "int", "integer"), "number"),
    **dict.fromkeys(("telephone", "telephone number", "mobile"), "phone"),
    **dict.fromkeys(("mail", "email address"), "email"),
    **dict.fromkeys(("string", "str", "free text", "notes"), "text"),
}
"""What other tools and people call the kinds of field."""


@dataclass(frozen=True)
class Choice:
    """One argument of a call, and what it may be."""

    argument: str
    said: object
    what: str
    known: Collection[object]


@dataclass(frozen=True)
class Asked:
    """What a call asks for, found sound: each field's kind and its columns on the left and on the
    right, the key, and the tables as Arrow, their text as text."""

    kinds: dict[str, Kind]
    names: dict[str, tuple[str, str]]
    hasher: ThrowAwayKey
    tables: dict[str, pa.Table]


def asked(
    tables: Mapping[str, Any],
    fields: object,
    id: str,
    key: bytes | None,
    *,
    problems: Sequence[Problem] = (),
    one_column: bool = False,
) -> Asked:
    """Return what is asked for. ``problems`` are those of the call's other arguments;
    ``one_column``: where tables have no sides, a field has one column.

    Raises all that is wrong, as ``UsageRefused`` if any argument is, else as ``EnvironmentFailed``
    if a file cannot be read, else as ``DataRefused``.
    """
    problems = [*problems, *_no_name(id)]
    faults: list[EquipoiseError] = [UsageRefused(problems)] if problems else []
    kinds, names, wrong = _declared(fields, one_column=one_column)
    faults += [UsageRefused(wrong)] if wrong else []
    with _noted(faults, "key"):
        hasher = ThrowAwayKey(key)
    read: dict[str, pa.Table] = {}
    for name, table in tables.items():
        with _noted(faults), memory_for(0, 0):
            read[name] = as_arrow(table, name)
    sides = {name: min(place, 1) for place, name in enumerate(tables)}
    for name, table in read.items():
        side = sides[name]
        columns = {field: both[side] for field, both in names.items()}
        with _noted(faults):
            _refuse_unfit(table, name, columns, id if isinstance(id, str) else None)
        with _noted(faults), memory_for(0, 0):
            read[name] = as_text(table, name, set(columns.values()))
    _tell(faults)
    return Asked(kinds, names, hasher, read)


@contextmanager
def _noted(faults: list[EquipoiseError], where: str | None = None) -> Iterator[None]:
    """Keep what is refused, and go on to the next; ``where`` is the place of what has none."""
    try:
        yield
    except (UsageRefused, EnvironmentFailed, DataRefused) as fault:
        told = [replace(one, clause=one.clause or where) for one in fault.problems]
        faults.append(type(fault)(told))


def _tell(faults: Sequence[EquipoiseError]) -> None:
    problems = dict.fromkeys(problem for fault in faults for problem in fault.problems)
    for kind in (UsageRefused, EnvironmentFailed, DataRefused):
        if any(isinstance(fault, kind) for fault in faults):
            raise kind(problems)


def unknown(choices: Sequence[Choice]) -> list[Problem]:
    """Return a problem (LNK115) for each argument that says what is not known."""
    return [
        Problem(
            "LNK115",
            f"{each.said!r} is not a {each.what}",
            next=f"choose one of: {', '.join(map(repr, each.known))}",
            clause=each.argument,
        )
        for each in choices
        if each.said not in each.known
    ]


def not_a_probability(at_least: object) -> list[Problem]:
    """Return a problem (LNK115) where ``at_least`` is no number from 0 to 1."""
    if isinstance(at_least, Real) and 0 <= float(at_least) <= 1:
        return []
    what = f"{at_least!r} is not a probability"
    return [Problem("LNK115", what, next="give a number from 0 to 1", clause="at_least")]


def not_a_function(progress: object) -> list[Problem]:
    """Return a problem (LNK115) where ``progress`` cannot be called."""
    if callable(progress):
        return []
    return [
        Problem(
            "LNK115",
            f"a {type(progress).__name__} is not a function that can be told of progress",
            next="give a function of two: a share from 0 to 1 and words; or leave it out",
            clause="progress",
        )
    ]


def not_there(tables: Mapping[str, Any], without_repeats: object) -> list[Problem]:
    """Return a problem (LNK115) where ``without_repeats`` is no collection of names, or names
    tables that are not given."""
    if not isinstance(without_repeats, Collection):
        return [
            Problem(
                "LNK115",
                f"a {type(without_repeats).__name__} names no tables",
                next="name one, or several: without_repeats=['census']",
                clause="without_repeats",
            )
        ]
    without_repeats = {without_repeats} if isinstance(without_repeats, str) else without_repeats
    if not (missing := sorted({str(one) for one in without_repeats if one not in list(tables)})):
        return []
    return [
        Problem(
            "LNK115",
            f"without_repeats names no table that is given: {', '.join(missing)}",
            next=f"the tables are: {', '.join(map(str, tables))}",
            clause="without_repeats",
        )
    ]


# -- fields ---------------------------------------------------------------------------------------


def _declared(
    fields: object, *, one_column: bool
) -> tuple[dict[str, Kind], dict[str, tuple[str, str]], list[Problem]]:
    """Return each field's kind and columns, as far as they are told, and what is wrong."""
    if not isinstance(fields, Mapping) or not fields:
        return {}, {}, [_no_fields()]
    kinds: dict[str, Kind] = {}
    names: dict[str, tuple[str, str]] = {}
    problems = []
    for name, clause in fields.items():
        said = (clause, name, name) if isinstance(clause, str) else clause
        if not _is_clause(said) or (one_column and not isinstance(clause, str)):
            problems.append(_no_clause(name, clause, one_column=one_column))
            continue
        kind, one, two = said
        names[name] = (one, two)
        if kind in KINDS:
            kinds[name] = cast(Kind, kind)
        else:
            problems.append(_no_kind(name, kind))
    return kinds, names, problems


def _is_clause(said: object) -> bool:
    whole = isinstance(said, tuple | list) and len(said) == _CLAUSE
    return whole and all(isinstance(word, str) for word in cast(tuple[object, ...], said))


def _no_clause(name: str, clause: object, *, one_column: bool) -> Problem:
    next = "say its kind, as 'surname'"
    next += "" if one_column else "; or ('surname', 'left column', 'right column')"
    if isinstance(clause, tuple | list) and any(isinstance(one, tuple | list) for one in clause):
        next = "a field has one column: put its parts together in one first, as 1980-04-03"
    elif one_column and _is_clause(clause):
        next += "; give the column one name in all tables"
    return Problem(
        "LNK112",
        f"what is said of the field {name!r} is "
        + ("no kind" if one_column else "neither a kind nor a kind and two columns"),
        clause=f"fields.{name}",
        next=next,
    )


def _no_kind(name: str, kind: str) -> Problem:
    words = " ".join(re.split(r"[\s_-]+", kind.strip().casefold()))
    meant = _ALSO_CALLED.get(words) or nearest(words, get_args(Kind))
    return Problem(
        "LNK112",
        f"{kind!r} is not a kind of field",
        clause=f"fields.{name}",
        next=f"say {meant!r} if that is meant; text fits anything"
        if meant
        else f"choose one of: {', '.join(get_args(Kind))}; text fits anything",
    )


def _no_fields() -> Problem:
    return Problem(
        "LNK112",
        "no field is named",
        why="there is nothing to compare",
        next="name some fields and their kinds, as {'surname': 'surname'}",
        clause="fields",
    )


# -- columns --------------------------------------------------------------------------------------


def _no_name(id: object) -> list[Problem]:
    if isinstance(id, str):
        return []
    what = f"a {type(id).__name__} is not the name of a column"
    return [Problem("LNK115", what, next="name the column that names each row", clause="id")]


def _refuse_unfit(table: pa.Table, name: str, columns: Mapping[str, str], id: str | None) -> None:
    problems = []
    wanted = {} if id is None else {id: "id"}
    wanted |= {column: f"fields.{field}" for field, column in columns.items()}
    for column, clause in wanted.items():
        there = table.column_names.count(column)
        if there != 1:
            problems.append(_no_column(table, name, column, clause))
        elif clause == "id" and not named_once(table[column]):
            problems.append(
                Problem(
                    "LNK114",
                    f"the column {column!r} of the table {name} does not name each row once",
                    why="a link could not be told from another",
                    next="give a column with a value of its own in every row",
                    clause="id",
                )
            )
    if problems:
        raise DataRefused(problems)


def _no_column(table: pa.Table, name: str, column: str, clause: str) -> Problem:
    if table.column_names.count(column):
        return Problem(
            "LNK113",
            f"the table {name} has several columns called {column!r}",
            why="which of them is meant, nobody can tell",
            next="give each a name of its own",
            clause=clause,
        )
    # pandas hands over an index under a name of its own making
    there = [one for one in table.column_names if not one.startswith("__index_level_")]
    near = nearest(str(column), there)
    meant = f"say {near!r} if that is meant; " if near else ""
    if clause == "id":
        meant = "say with id='…' which column names its rows; "
    return Problem(
        "LNK113",
        f"the table {name} has no column called {column!r}",
        next=f"{meant}it has: {', '.join(there)}" if there else "give a table with columns",
        clause=clause,
    )
