"""Read a sheet or a closing from YAML: every problem at once, each with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from equipoise.agree.nearest import suggest
from equipoise.agree.places import Path, Places, clause_of
from equipoise.agree.yaml_text import key_places, places_of, plain_data, read_yaml
from equipoise.errors import DocumentRefused, Problem
from equipoise.weigh.assess.problems import problem

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Read(Generic[Model]):
    """What was read, and the place of each of its parts."""

    value: Model
    places: Places
    file: str

    def placed(self, found: Problem) -> Problem:
        """Return a problem with its file, line and column."""
        line, column = self.places.place(found.clause or "") or (1, 1)
        return replace(found, file=self.file, line=line, column=column)


def read_part(model: type[Model], text: str, file: str) -> Read[Model]:
    """Return ``text`` as a ``model``. ``file`` is only the name that problems give.

    Raises ``DocumentRefused`` (WGH080-083) with all problems, in the order of the text.
    """
    reading = read_yaml(text)
    if reading.problems or reading.node is None:
        raise DocumentRefused(
            replace(
                problem("WGH083", each.clause or "", said=each.what, next=each.next),
                file=file, line=each.line, column=each.column,
            )
            for each in reading.problems
        )  # fmt: skip
    data, places = plain_data(reading.node), places_of(reading.node)
    keys = key_places(reading.node)
    try:
        made = read_said(model, data)
    except DocumentRefused as error:
        found = {_placed(each, places, keys, file) for each in error.problems}
        raise DocumentRefused(sorted(found, key=lambda p: (p.line, p.column, p.code))) from None
    return Read(made, places, file)


def read_said(model: type[Model], data: Any) -> Model:
    """Return plain data, as a form gives them, as a ``model``.

    Raises ``DocumentRefused`` (WGH080-082) with all problems, each at its clause.
    """
    try:
        return model.model_validate_json(
            json.dumps(data), strict=True, by_alias=True, by_name=False
        )
    except ValidationError as error:
        found = _told(model, error.errors(include_url=False), data)
        raise DocumentRefused(dict.fromkeys(found)) from None


def _placed(found: Problem, places: Places, keys: Mapping[str, Any], file: str) -> Problem:
    clause = found.clause or ""
    at = keys.get(clause) if found.code == "WGH080" else None
    line, column = at or places.place(clause) or (1, 1)
    return replace(found, file=file, line=line, column=column)


_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("text is needed", "Write a line of text; put numbers in quotes."),
    "int_type": ("a whole number is needed", "Write a whole number without quotes."),
    "bool_type": ("true or false is needed", "Write true or false without quotes."),
    "date_from_datetime_parsing": ("a day is needed", "Write it as 2027-01-31."),
    "tuple_type": ("a list is needed", "Begin each entry with a dash."),
    "model_type": ("keys are needed", "Write its keys below it, indented."),
    "model_attributes_type": ("keys are needed", "Write its keys below it, indented."),
    "mapping_type": ("keys are needed", "Write its keys below it, indented."),
    "string_too_short": ("it is too short to say anything", "Say what is meant."),
    "string_too_long": ("it is too long to be read", "Say it in fewer words."),
}
"""Kind of error -> (what is wrong, what to do)."""


def _told(model: type[BaseModel], errors: Any, data: Any) -> Iterator[Problem]:
    """Yield one problem for each place at which something does not fit."""
    seen: set[Path] = set()
    for error in errors:
        path = _path(error["loc"], data, missing=error["type"] == "missing")
        if path not in seen:
            seen.add(path)
            yield _problem(model, path, error, data)


def _path(location: tuple[Any, ...], data: Any, *, missing: bool) -> Path:
    """Return an error's place, without the marks of alternatives that pydantic puts in it."""
    path: list[str | int] = []
    for step in location:
        inside = isinstance(data, dict) and step in data
        if inside or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            data = data[step]
            path.append(step)
    if missing and isinstance(location[-1], str):
        path.append(location[-1])
    return tuple(path)


def _problem(model: type[BaseModel], path: Path, error: Mapping[str, Any], data: Any) -> Problem:
    clause, kind = clause_of(path), error["type"]
    if kind == "extra_forbidden":
        next_ = suggest(str(path[-1]), _keys(model))
        return problem("WGH080", clause, key=path[-1], next=next_)
    if kind == "missing":
        return problem("WGH081", clause, key=error["loc"][-1])
    said, next_ = _SAID.get(kind, ("", ""))
    if kind in ("literal_error", "greater_than_equal", "less_than_equal"):
        choices = str(error.get("ctx", {}).get("expected", "'1' to '5'"))
        said, next_ = "it is none of the words or numbers that may stand here", f"Use {choices}."
        if path and path[-1] in ("answer", "size", "likelihood"):
            next_ = "Use 1, 2, 3, 4, 5 or don't know."
    fallback = ("it has another form", "Compare it with the sheet: equipoise assess sheet NAME")
    said, next_ = (said, next_) if said else fallback
    return problem("WGH082", clause, said=said, next=next_)


def _keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return every key that may stand anywhere in a model: a misspelt one is near one of them."""
    found: dict[str, None] = {}
    for definition in [schema := model.model_json_schema(by_alias=True), *schema["$defs"].values()]:
        found |= dict.fromkeys(definition.get("properties", ()))
    return tuple(found)
