"""Where each clause stands in the text, so that every reason can point at its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

Path = tuple[str | int, ...]
"""A clause as its steps: keys by name, list items by number from 0."""

Place = tuple[int, int]
"""(line, column), both counted from 1."""

_INDEX = re.compile(r"\[(\d+)\]")


def clause_of(path: Path) -> str:
    """Return the name of a clause, as ``releases.0.fields`` or ``datasets.homes.fields.uprn``."""
    return ".".join(str(step) for step in path)


def steps_of(clause: str) -> Path:
    """Return the steps of a clause's name; ``releases[0]`` is read as ``releases.0``."""
    steps = _INDEX.sub(r".\1", clause).split(".")
    return tuple(int(step) if step.isascii() and step.isdigit() else step for step in steps)


class Places:
    """The line and column of every clause of one text."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = MappingProxyType(dict(places))

    def place(self, clause: str) -> Place | None:
        """Return where ``clause`` stands, or the nearest clause around it; None for no clause.

        List items are numbered from 0, as ``releases.0`` or ``releases[0]``.
        """
        name = _INDEX.sub(r".\1", clause)
        while name:
            if name in self._places:
                return self._places[name]
            name = name.rpartition(".")[0]
        return self._places.get("") if clause else None

    def line_of(self, clause: str) -> int | None:
        """Return the line on which ``clause`` stands, counted from 1."""
        found = self.place(clause)
        return None if found is None else found[0]

    def as_dict(self) -> dict[str, Place]:
        """Return every clause and its place; the empty name is the whole text."""
        return dict(self._places)
