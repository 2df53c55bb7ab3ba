"""From the guided form into the text.

A field is written into the text only if it was changed in the form. What was changed in the text
alone shows in the form the next time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from equipoise.agree.places import Path, clause_of, steps_of
from equipoise.agree.rewrite import clauses_in, put, rewritten, value_at
from equipoise.web.pages.drafting_form import AFTER_USE, Field, Value, guide, opened

_WHOLE: Final = re.compile(r"-?\d{1,18}")
_NUMBER: Final = re.compile(r"-?\d{1,15}\.\d{1,15}")


def given(field: Field, values: Sequence[str]) -> Value:
    """Return what was sent of a field, in the form in which it is shown."""
    if field.kind == "any":
        return tuple(each for each in values if each)
    said = (values[-1] if values else "").replace("\r\n", "\n").strip()
    return said if field.kind in ("long", "lines", "rules") else " ".join(said.split())


def meant(field: Field, said: Value) -> Any:
    """Return what is to be written for what was filled in; ``None`` for nothing."""
    if not said:
        return None
    if not isinstance(said, str) or field.kind in ("lines", "rules"):
        return _rows(field, said)
    value: Any = " ".join(said.split())
    if field.kind == "yes":
        value = {"yes": True, "no": False}.get(said, said)
    elif field.kind in ("whole", "number") and _WHOLE.fullmatch(said):
        value = int(said)
    elif field.kind == "number" and _NUMBER.fullmatch(said):
        value = float(said)
    return value


def _rows(field: Field, said: Value) -> Any:
    rows = said.split("\n") if isinstance(said, str) else list(said)
    held = [row.strip() for row in rows if row.strip()]
    if field.kind == "rules":
        return [[part.strip() for part in row.split(",") if part.strip()] for row in held]
    return held[0] if field.one and len(held) == 1 else held


@dataclass(frozen=True)
class Filled:
    """The text with what was changed in the form, and what it said where the form went over it."""

    text: str
    changed: tuple[str, ...]
    over: tuple[tuple[str, str], ...]


def filled_in(text: str, clause: str, was: str, sent: Mapping[str, Sequence[str]]) -> Filled:
    """Put into a text what was changed in the form of a clause since the form showed ``was``.

    Raises ``DocumentRefused`` when the text cannot be read.
    """
    form = guide(text, clause)
    try:
        before = json.loads(was)
    except ValueError:
        before = None
    if form is None or not isinstance(before, dict):
        return Filled(text, (), ())
    changed: list[str] = []
    over: list[tuple[str, str]] = []
    data = clauses_in(text)
    path = steps_of(clause) if clause else ()
    if path and (whole := opened(value_at(data, path))) != value_at(data, path):
        put(data, path, whole)
    for field in form.fields():
        said, showed = given(field, sent.get(field.clause, ())), before.get(field.clause)
        if showed is None or said == (tuple(showed) if isinstance(showed, list) else showed):
            continue
        if field.value != said:
            changed.append(field.clause)
            if field.value != (tuple(showed) if isinstance(showed, list) else showed):
                over.append((field.label, str(field.value)))
            put(data, steps_of(field.clause), meant(field, said))
    return Filled(_written(text, data, path, changed), tuple(changed), tuple(over))


def _written(text: str, data: dict[str, Any], path: Path, changed: Sequence[str]) -> str:
    """Return the text with the changed clauses; empty groups below the clause are left out."""
    for clause in changed:
        below = steps_of(clause)
        top = value_at(data, path) if path else data
        while len(below) > len(path) + 1 and value_at(data, below) in (None, {}, []):
            put(data, below, None)
            below = below[:-1]
        if top == {"after use": True} and path[:1] == ("retention",):
            text = rewritten(text, path, AFTER_USE)
            continue
        step = path if path[:1] == ("retention",) else below
        text = rewritten(text, step, value_at(data, step))
    return text


def with_entry(text: str, clause: str, name: str) -> tuple[str, str]:
    """Return the text with a new, empty entry in a list of clauses, and the entry's clause.

    Raises ``ValueError`` with what is wrong with the name; ``DocumentRefused`` as ``guide`` does.
    """
    form = guide(text, clause.rpartition(".")[0]) if "." in clause else guide(text, clause)
    listed = [each for each in form.entries if each.clause == clause] if form else []
    if not listed:
        raise ValueError("There is no such list in the text")
    if listed[0].named:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 _-]{0,62}", name):
            raise ValueError("Enter a name of letters, digits, '-' and '_'")
        step: str | int = name
    else:
        step = len(listed[0].rows)
    path = (*steps_of(clause), step)
    if value_at(clauses_in(text), path) is not None:
        raise ValueError(f"There is one called {name} already")
    return rewritten(text, path, {}), clause_of(path)
