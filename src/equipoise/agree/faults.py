"""From what pydantic says about one clause to what a person can mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from equipoise.agree import shape
from equipoise.agree.catalogue import problem
from equipoise.agree.nearest import nearest, suggest
from equipoise.agree.places import Path, clause_of
from equipoise.errors import Problem

_USES: Final = frozenset({"linked", "flag", "evaluate"})
MOST_LOOKED_UP: Final = 200
"""Unknown keys for which the nearest known one is sought; a text of more is no agreement, and the
search would keep a server at work for minutes."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one clause.

    ``unknown``: it is a key nobody knows, and ``meant`` the one it was likely meant to be.
    ``instead`` is the word that was likely meant, where the rest of the clause hangs on it.
    """

    path: Path
    problem: Problem
    meant: str | None = None
    unknown: bool = False
    instead: Any = None


def _holds(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _path(error: Mapping[str, Any], data: Any) -> Path:
    """Return the clause an error is about: its location without the marks of alternatives."""
    path: list[str | int] = []
    last = len(error["loc"]) - 1
    for position, step in enumerate(error["loc"]):
        if len(path) == 2 and path[0] == "uses" and step in _USES:
            continue
        if _holds(data, step):
            data = data[step]
            path.append(step)
        elif position == last and error["type"] == "missing" and isinstance(step, str):
            path.append(step)
    return tuple(path)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "a list" if isinstance(value, list) else str(value)
    text = "a set of keys" if isinstance(value, dict) else text
    return text if len(text) <= 60 else text[:57] + "..."


def _kind(value: Any) -> str:
    kinds = {bool: "true/false", int: "a number", float: "a number", str: "text"}
    kinds |= {list: "a list", dict: "a set of keys", type(None): "nothing"}
    return kinds[type(value)]


_NEEDED: Final[dict[str, tuple[str, str]]] = {
    "string_type": ("text", "Write a line of text; put a number or true/false in quotes."),
    "int_type": ("a whole number", "Write a whole number without quotes."),
    "float_type": ("a number", "Write a number without quotes."),
    "bool_type": ("true or false", "Write true or false without quotes."),
    "tuple_type": ("a list", "Write a list, as [first, second]."),
    "mapping_type": ("a set of keys", "Write its keys below it, indented."),
    "dict_type": ("a set of keys", "Write its keys below it, indented."),
    "model_type": ("a set of keys", "Write its keys below it, indented."),
    "model_attributes_type": ("a set of keys", "Write its keys below it, indented."),
    "int_from_float": ("a whole number", "Write a whole number without quotes."),
}
_LENGTHS: Final[dict[str, tuple[str, str]]] = {
    "string_too_short": ("The text is shorter than {n} letters.", "Write what is meant."),
    "string_too_long": ("The text is longer than {n} letters.", "Say it in fewer words."),
    "too_short": ("At least {n} must be named here.", "Name what is meant."),
    "too_long": ("At most {n} may be named here.", "Keep {n}."),
}
_BOUNDS: Final[dict[str, str]] = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
}


def _missing(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    if isinstance(error["loc"][-1], int):
        words = {"what": "Something is missing in this list.", "next": "Name all it needs."}
        return Fault(path, problem("AGR024", clause_of(path), **words))
    schema, _ = shape.at(data, path)
    choices = shape.words(schema or {"type": "null"})
    about = f": one of {', '.join(choices)}" if choices else ""
    return Fault(path, problem("AGR021", clause_of(path), key=path[-1], about=about))


def _no_tag(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    about = f": one of {', '.join(sorted(_USES))}"
    return Fault(path, problem("AGR021", clause_of((*path, "use")), key="use", about=about))


def _tag(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    tag = error["ctx"]["tag"]
    words = {"value": tag, "next": suggest(tag, sorted(_USES))}
    found = problem("AGR029", clause_of((*path, "use")), **words)
    close = nearest(tag, _USES)
    return Fault((*path, "use") if close else path, found, instead=close)


def _unknown(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    schema, clause = shape.at(data, path[:-1])
    key = str(path[-1])
    choices = shape.keys(schema or {"type": "null"}, clause)
    free = [name for name in choices if name not in clause]
    next_ = suggest(key, free) if free else "Take it out: every key there is stands here already."
    found = problem("AGR020", clause_of(path), key=key, next=next_)
    return Fault(path, found, meant=nearest(key, free), unknown=True)


def _stranger(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    """Tell an unknown key without looking for what was meant."""
    next_ = "Take it out; what may have been meant is told of the first unknown keys."
    return Fault(path, problem("AGR020", clause_of(path), key=path[-1], next=next_), unknown=True)


def _word(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    schema, value = shape.at(data, path)
    choices = shape.words(schema or {"type": "null"})
    if not isinstance(value, str):
        return _type(path, {"type": "string_type"}, data)
    next_ = suggest(value, choices)
    if "combine" in path:
        next_ = "Write all, any, or 'at least 2' with the number that is meant."
    return Fault(path, problem("AGR023", clause_of(path), value=_shown(value), next=next_))


def _type(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    _, value = shape.at(data, path)
    needed, next_ = _NEEDED[error["type"]]
    shown = _shown(value)
    given = shown if shown == _kind(value) else f"'{shown}' ({_kind(value)})"
    what = f"{given} stands where {needed} is needed.".capitalize()
    if value is None:
        what = f"Nothing is written where {needed} is needed."
    return Fault(path, problem("AGR022", clause_of(path), what=what, next=next_))


def _length(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    what, next_ = _LENGTHS[error["type"]]
    limits = error["ctx"]
    count = limits.get("min_length", limits.get("max_length"))
    words = {"what": what.format(n=count), "next": next_.format(n=count)}
    return Fault(path, problem("AGR024", clause_of(path), **words))


def _bound(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    _, value = shape.at(data, path)
    name, limit = next(iter(error["ctx"].items()))
    words = {"value": _shown(value), "bound": _BOUNDS[name].format(limit)}
    return Fault(path, problem("AGR025", clause_of(path), **words))


def _form(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
    schema, value = shape.at(data, path)
    form = shape.form_in_words(schema or {"type": "null"})
    words = {
        "value": _shown(value),
        "why": "The machine finds things by texts of one plain form.",
        "next": f"Write {form}.",
    }
    return Fault(path, problem("AGR027", clause_of(path), **words))


def _said(code: str) -> Callable[[Path, Mapping[str, Any], Any], Fault]:
    def fault(path: Path, error: Mapping[str, Any], data: Any) -> Fault:
        _, value = shape.at(data, path)
        return Fault(path, problem(code, clause_of(path), value=_shown(value)))

    return fault


def _other(  # pragma: no cover  # every kind that today's models can make has words above
    path: Path, error: Mapping[str, Any], data: Any
) -> Fault:
    found = problem("AGR039", clause_of(path), what=error["msg"] + ".")
    return Fault(path, found)


_BY_TYPE: Final[dict[str, Callable[[Path, Mapping[str, Any], Any], Fault]]] = {
    "missing": _missing,
    "union_tag_not_found": _no_tag,
    "union_tag_invalid": _tag,
    "extra_forbidden": _unknown,
    "literal_error": _word,
    "string_pattern_mismatch": _form,
    "day": _said("AGR026"),
    "date_type": _said("AGR026"),
    "condition": _said("AGR028"),
    **dict.fromkeys(_NEEDED, _type),
    **dict.fromkeys(_LENGTHS, _length),
    **dict.fromkeys(("greater_than_equal", "greater_than", "less_than_equal", "less_than"), _bound),
}


def faults(errors: Iterable[Mapping[str, Any]], data: Any) -> tuple[Fault, ...]:
    """Return one fault for each clause that is wrong, from pydantic's errors about ``data``.

    Several complaints about one value become one; a list that is short only because an item of it
    is wrong is not told; a key that is missing only because it was misspelt is told as misspelt.
    """
    located = [(_path(error, data), error) for error in errors]
    above = {path[:length] for path, _ in located for length in range(len(path))}
    found: dict[Path, Fault] = {}
    unknown = 0
    for path, error in located:
        if error["type"] == "too_short" and path in above:
            continue
        how = _BY_TYPE.get(error["type"], _other)
        if error["type"] == "extra_forbidden":
            unknown += 1
            how = _unknown if unknown <= MOST_LOOKED_UP else _stranger
        found.setdefault(path, how(path, error, data))
    misspelt = {(*fault.path[:-1], fault.meant) for fault in found.values() if fault.meant}
    return tuple(fault for path, fault in found.items() if path not in misspelt)
