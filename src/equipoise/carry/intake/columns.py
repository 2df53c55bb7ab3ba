"""The header against the agreement: which columns enter, and what is wrong with the rest.

Names are compared without regard to case, spaces, hyphens and underscores. A column that is merely
similar is never taken, only suggested. Columns that the agreement does not name never enter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from equipoise.agree.parts import Dataset
from equipoise.errors import DataRefused, Problem


@dataclass(frozen=True)
class Chosen:
    """``places`` maps each field to its column's position, or three for a composed date."""

    places: dict[str, tuple[int, ...]]
    ignored: tuple[str, ...]

    def all_places(self) -> list[int]:
        """Return the position of every column that enters, each once, in their order."""
        return sorted({place for at in self.places.values() for place in at})


def wanted_columns(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Return field -> the names of its columns in the owner's file."""
    return {
        name: clause.columns or (clause.column or name,) for name, clause in dataset.fields.items()
    }


def choose_columns(
    header: Sequence[str], dataset: Dataset, file: str, looks_separated_by: str | None = None
) -> Chosen:
    """Find every agreed column. Raises ``DataRefused`` with all problems: INT020 to INT024."""
    folded = [fold(name) for name in header]
    wanted = wanted_columns(dataset)
    sought = [column for columns in wanted.values() for column in columns]
    if len(header) == 1 and len(sought) > 1 and not set(folded) & {fold(name) for name in sought}:
        raise DataRefused(_one_wide_column(file, looks_separated_by))
    problems: list[Problem] = []
    places: dict[str, tuple[int, ...]] = {}
    free = {fold(name): name for name in header if fold(name) not in {fold(n) for n in sought}}
    for field, columns in wanted.items():
        for column in columns:
            found = [at for at, name in enumerate(folded) if name == fold(column)]
            places[field] = (*places.get(field, ()), *found)
            if len(found) > 1:
                problems.append(_doubled(column, len(found), field, file))
            elif not found:
                problems.append(_absent(column, free, field, file))
    if problems:
        raise DataRefused(problems if _is_header(folded, sought) else _no_header(file, sought))
    taken = {place for at in places.values() for place in at}
    return Chosen(places, tuple(n for at, n in enumerate(header) if at not in taken and n))


def fold(name: str) -> str:
    """Return a column's name in the form in which names are compared."""
    return re.sub(r"[\s_\-]+", "_", name.strip()).casefold()


def _is_header(folded: Sequence[str], sought: Sequence[str]) -> bool:
    """Return whether the first row holds names: if it is data, none of it may be in a message."""
    known = sum(bool(get_close_matches(fold(name), folded, 1, 0.6)) for name in sought)
    return known * 2 >= len(sought)


def _no_header(file: str, sought: Sequence[str]) -> Problem:
    return Problem(
        "INT024",
        "the first row is not the header that was agreed",
        file=file,
        why=f"columns are found by name, and few of these are there: {', '.join(sought)}",
        next="put the agreed column names in the first row, or agree the names that are there",
    )


def _doubled(column: str, count: int, field: str, file: str) -> Problem:
    return Problem(
        "INT021",
        f"{count} columns are called {column!r}",
        file=file,
        clause=f"fields.{field}",
        why="which of them is meant cannot be told",
        next="remove or rename the others",
    )


def _absent(column: str, free: dict[str, str], field: str, file: str) -> Problem:
    near = get_close_matches(fold(column), list(free), 1, 0.6)
    if near:
        name = free[near[0]]
        return Problem(
            "INT022",
            f"there is no column {column!r}, but one called {name!r}",
            file=file,
            clause=f"fields.{field}",
            why="it may be the same under a new name, or something else",
            next=f"if it is the same, rename it, or agree 'column: {name}'",
        )
    return Problem(
        "INT020",
        f"there is no column {column!r}",
        file=file,
        clause=f"fields.{field}",
        why="every agreed field must be in the file, even if it is empty",
        next="ask the owner to export it, or agree a version without the field",
    )


def _one_wide_column(file: str, looks_separated_by: str | None) -> Problem:
    seems = f"; it looks separated by {looks_separated_by}" if looks_separated_by else ""
    return Problem(
        "INT023",
        f"the whole header is one column{seems}",
        file=file,
        why="only commas, tabs, semicolons and upright bars separate columns",
        next="export the file again with commas",
    )
