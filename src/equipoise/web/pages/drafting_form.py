"""The guided form: fields for one clause of an agreement, made from the agreement's own schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from equipoise.agree import shape
from equipoise.agree.places import Path, clause_of, steps_of
from equipoise.agree.rewrite import clauses_in, value_at
from equipoise.web.pages.drafting_words import ADDED, LABELS, LONG, NAMES_OF, PARTS

Kind = Literal["line", "long", "lines", "rules", "choice", "any", "yes", "whole", "number"]
Value = str | tuple[str, ...]
AFTER_USE: Final = "delete after use"
_SIMPLE: Final[Mapping[str, Kind]] = {
    "number": "number",
    "integer": "whole",
    "boolean": "yes",
}


@dataclass(frozen=True)
class Field:
    """One field of the form, as it shows what the text says. ``one`` may stand without a list."""

    clause: str
    label: str
    hint: str
    kind: Kind
    value: Value
    choices: tuple[str, ...] = ()
    one: bool = False

    @property
    def id(self) -> str:
        """Return the field's id on the page."""
        return id_of(self.clause)


@dataclass(frozen=True)
class Entries:
    """A list of clauses, each with a form of its own: (clause, what it is called, what it says)."""

    clause: str
    label: str
    hint: str
    add: str
    add_hint: str
    named: bool
    rows: tuple[tuple[str, str, str], ...]

    @property
    def id(self) -> str:
        """Return the id of the field in which a new entry is named."""
        return id_of(f"new-{self.clause}")


@dataclass(frozen=True)
class Guide:
    """The form for one clause: what leads to it, and its fields and lists under their headings."""

    clause: str
    title: str
    above: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, tuple[Field, ...]], ...]
    entries: tuple[Entries, ...]

    def fields(self) -> Iterator[Field]:
        """Yield every field."""
        for _, fields in self.groups:
            yield from fields

    def was(self) -> str:
        """Return what the fields show, to tell later what was changed in the form."""
        return json.dumps({field.clause: field.value for field in self.fields()})


def id_of(clause: str) -> str:
    """Return the id of a clause's field on a page."""
    return "c-" + re.sub(r"[^A-Za-z0-9_-]", "-", clause)


def guide(text: str, clause: str) -> Guide | None:
    """Return the form for a clause of a text, or ``None`` where the text has no such clause.

    Raises ``DocumentRefused`` when the text cannot be read.
    """
    data = clauses_in(text)
    if clause not in PARTS and value_at(data, steps_of(clause)) is None:
        return None
    path = steps_of(clause) if clause else ()
    return _Builder(data).guide(path)


class _Builder:
    """Builds the form of one clause from the schema and from what the whole text says."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.groups: list[tuple[str, list[Field]]] = []
        self.entries: list[Entries] = []

    def guide(self, path: Path) -> Guide | None:
        found = self._schema(path)
        if found is None:
            return None
        schema, pattern = found
        value = opened(value_at(self.data, path) if path else self.data)
        self.groups.append(("", []))
        if not path:
            self._start()
        elif objects_in(schema):
            self._object(schema, value, path, pattern)
        else:
            self._one(schema, value, path, pattern)
        above = tuple((clause_of(path[:n]), _called(path[:n])) for n in range(1, len(path)))
        groups = tuple((legend, tuple(fields)) for legend, fields in self.groups if fields)
        return Guide(clause_of(path), _called(path), above, groups, tuple(self.entries))

    def _schema(self, path: Path) -> tuple[shape.Schema, str] | None:
        schema: shape.Schema | None = shape.root()
        data: Any = self.data
        steps: list[str] = []
        for step in path:
            named = isinstance(step, int) or any("properties" not in o for o in objects_in(schema))
            schema = shape.child(schema, step, data) if schema else None
            if schema is None:
                return None
            steps.append("*" if named else str(step))
            data = opened(value_at(data, (step,)))
        return (schema, ".".join(steps)) if schema else None

    def _start(self) -> None:
        for key, schema in shape.root()["properties"].items():
            if key not in PARTS:
                self._one(schema, self.data.get(key), (key,), key)

    def _object(self, schema: shape.Schema, value: Any, path: Path, pattern: str) -> None:
        value = value if isinstance(value, dict) else {}
        objects = objects_in(schema)
        if any("properties" not in option for option in objects):
            self._listed(schema, value, path, pattern, named=True)
            return
        kinds = [
            o["properties"]["use"]["const"]
            for o in objects
            if "const" in o["properties"].get("use", {})
        ]
        if kinds:
            use = Field(clause_of((*path, "use")), *_words(f"{pattern}.use"), "choice",
                        str(value.get("use") or ""), tuple(kinds))  # fmt: skip
            self.groups[-1][1].append(use)
        for option in objects:
            if not kinds or option["properties"]["use"]["const"] == value.get("use"):
                for key, below in option["properties"].items():
                    if not (kinds and key == "use"):
                        self._one(below, value.get(key), (*path, key), f"{pattern}.{key}")

    def _one(self, schema: shape.Schema, value: Any, path: Path, pattern: str) -> None:
        """Add what one clause needs: a field, a group of fields, or a list of entries."""
        arrays = [o for o in shape.options(schema) if o.get("type") == "array"]
        if objects_in(schema):
            if any("properties" not in option for option in objects_in(schema)):
                self._listed(schema, value, path, pattern, named=True)
                return
            self.groups.append((_words(pattern)[0], []))
            self._object(schema, value, path, pattern)
            self.groups.append(("", []))
        elif arrays and objects_in(arrays[0].get("items", {"type": "null"})):
            self._listed(schema, value, path, pattern, named=False)
        else:
            self.groups[-1][1].append(self._field(schema, value, path, pattern))

    def _listed(
        self, schema: shape.Schema, value: Any, path: Path, pattern: str, *, named: bool
    ) -> None:
        held: Sequence[tuple[str | int, Any]] = ()
        if isinstance(value, dict):
            held = [*value.items()]
        elif isinstance(value, list):
            held = [*enumerate(value)]
        rows = tuple(
            (
                clause_of((*path, step)),
                str(step) if named else _told(each),
                _told(each) if named else "",
            )
            for step, each in held
        )
        label, hint = _words(pattern)
        add, add_hint = ADDED.get(pattern, ("Add one", "A short name for it."))
        made = Entries(clause_of(path), label, hint, add, add_hint if named else "", named, rows)
        self.entries.append(made)

    def _field(self, schema: shape.Schema, value: Any, path: Path, pattern: str) -> Field:
        kind, choices, one = self._kind(schema, str(path[-1]), pattern)
        shown = _shown(value, kind)
        if kind in ("choice", "any"):
            given = (shown,) if isinstance(shown, str) else shown
            choices = (*choices, *(each for each in given if each and each not in choices))
        return Field(clause_of(path), *_words(pattern), kind, shown, choices, one)

    def _kind(
        self, schema: shape.Schema, key: str, pattern: str
    ) -> tuple[Kind, tuple[str, ...], bool]:
        """Return of what kind a field is, between what it chooses, and if one needs no list."""
        options = [*shape.options(schema)]
        types = {option.get("type") for option in options}
        words = shape.words(schema)
        fixed = all("enum" in option or "const" in option for option in options)
        if pattern in NAMES_OF:
            held = value_at(dict(self.data), steps_of(NAMES_OF[pattern]))
            words = tuple(held) if isinstance(held, dict) else ()
            fixed = True
        kind: Kind = "long" if key in LONG else "line"
        if "array" in types:
            items = [o.get("items", {}) for o in options if o.get("type") == "array"]
            kind = "any" if words else "rules" if items[0].get("type") == "array" else "lines"
        elif types <= _SIMPLE.keys():
            kind = next(found for one, found in _SIMPLE.items() if one in types)
        elif words and fixed:
            kind = "choice"
        return kind, words if kind in ("any", "choice") else (), "string" in types


def objects_in(schema: shape.Schema | None) -> list[shape.Schema]:
    """Return the sets of keys that may stand at a schema."""
    return [o for o in shape.options(schema or {"type": "null"}) if o.get("type") == "object"]


def _words(pattern: str) -> tuple[str, str]:
    key = pattern.rpartition(".")[2].replace("_", " ")
    return LABELS.get(pattern, (PARTS.get(pattern, key[:1].upper() + key[1:]), ""))


def _called(path: Path) -> str:
    if not path or (len(path) == 1 and str(path[0]) in PARTS):
        return PARTS[clause_of(path)]
    last = path[-1]
    return f"Number {last + 1}" if isinstance(last, int) else str(last)


def opened(value: Any) -> Any:
    """Return a term of retention with its keys, where it was written as words."""
    return {"after use": True} if value == AFTER_USE else value


def _told(value: Any) -> str:
    """Return the first words that a clause says, to know it again in a list."""
    value = opened(value)
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    if value == {"after use": True}:
        return AFTER_USE
    said = [str(each) for each in value.values() if isinstance(each, str | int | float)]
    return ", ".join(said[:3]) or "nothing yet"


def _shown(value: Any, kind: Kind) -> Value:
    """Return what a field shows of a value, whatever was written there."""
    if kind == "any":
        return tuple(map(str, value)) if isinstance(value, list) else _listed_text(value)
    if kind == "yes":
        return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""
    if isinstance(value, list):
        rows = (", ".join(map(str, row)) if isinstance(row, list) else str(row) for row in value)
        return "\n".join(rows)
    return "" if value is None or isinstance(value, dict) else str(value)


def _listed_text(value: Any) -> tuple[str, ...]:
    return (str(value),) if isinstance(value, str) and value else ()
