"""Change one clause of a text and leave everything else as it was written, comments and all.

What is written is read back and held against what was meant. If a clause stands where it cannot be
changed alone, as within braces, the part around it is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from equipoise.agree.places import Path
from equipoise.agree.schema import DESCRIPTIONS
from equipoise.agree.yaml_text import Node, key_places, plain_data, read_yaml
from equipoise.errors import DocumentRefused

WIDEST: Final = 100
"""Characters of a line that holds more than one value."""

_ORDER: Final = tuple(DESCRIPTIONS)


def clauses_in(text: str) -> dict[str, Any]:
    """Return the clauses of a text as they were written, whatever is wrong between them.

    Raises ``DocumentRefused`` (AGR001-012) for what cannot be read, or could mean another thing.
    """
    return _read(text)[1]


def _read(text: str) -> tuple[Node, dict[str, Any]]:
    reading = read_yaml(text)
    if reading.node is None or reading.problems:
        raise DocumentRefused(reading.problems)
    data: dict[str, Any] = plain_data(reading.node)
    return reading.node, data


def rewritten(text: str, path: Path, value: Any) -> str:
    """Return a text in which the clause at ``path`` reads ``value``; None takes the clause out.

    Raises ``DocumentRefused`` as ``clauses_in`` does, ``KeyError`` or ``IndexError`` where no such
    clause can be.
    """
    node, data = _read(text)
    if value_at(data, path) == value:
        return text
    put(data, path, value)
    for whole in (path[:length] for length in range(len(path), 0, -1)):
        written = _with_part(text, node, whole, data)
        if written is not None and _reads(written) == data:
            return written
    return "\n".join(line for key in data for line in _part(key, data[key], 0)) + "\n"


def value_at(data: Any, path: Path) -> Any:
    """Return what stands at ``path``; None for nothing."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def put(data: Any, path: Path, value: Any) -> None:
    """Set what stands at ``path``, and make what is missing on the way; None takes it out."""
    *above, last = path
    for step, after in zip(above, path[1:], strict=True):
        if value_at(data, (step,)) is None:
            put(data, (step,), [] if isinstance(after, int) else {})
        data = data[step]
    if isinstance(data, list) and isinstance(last, int):
        data[last : last + 1] = [] if value is None else [value]
    elif value is None:
        data.pop(last, None)
    else:
        data[last] = value


def _reads(text: str) -> Any:
    reading = read_yaml(text)
    return None if reading.node is None or reading.problems else plain_data(reading.node)


# -- one part of a text ----------------------------------------------------------------------------


def _with_part(text: str, node: Node, path: Path, data: Any) -> str | None:
    """Return the text with the part at ``path`` written anew, or None where it has no lines of its
    own."""
    lines = text.split("\n")
    value = value_at(data, path)
    keys = {clause: place for clause, place in key_places(node).items() if clause}
    name = ".".join(map(str, path))
    if any(isinstance(step, int) for step in path):
        return None
    if name not in keys:
        if len(path) == 1:
            return _with_new_part(lines, keys, name, value)
        return _with_new_entry(lines, keys, path, value)
    line, column = keys[name]
    if lines[line - 1][: column - 1].strip():
        return None
    after = _end(lines, line, column, [p[0] for c, p in keys.items() if not _within(c, name)])
    made = [] if value is None else list(_part(str(path[-1]), value, column - 1))
    return "\n".join([*lines[: line - 1], *made, *lines[after:]])


def _within(clause: str, name: str) -> bool:
    return clause == name or clause.startswith(f"{name}.")


def _end(lines: list[str], line: int, column: int, others: list[int]) -> int:
    """Return how many lines there are up to the end of the part that begins at a place."""
    after = min((other - 1 for other in others if other > line), default=len(lines))
    while after > line:
        last = lines[after - 1]
        indent = len(last) - len(last.lstrip())
        if last.strip() and not (last.lstrip().startswith("#") and indent < column):
            break
        after -= 1
    return after


def _with_new_entry(
    lines: list[str], keys: dict[str, tuple[int, int]], path: Path, value: Any
) -> str | None:
    """Return the text with an entry more, below those that a part has on lines of their own."""
    whole = ".".join(map(str, path[:-1]))
    siblings = [place for clause, place in keys.items() if clause.rpartition(".")[0] == whole]
    if whole not in keys or not siblings:
        return None
    line, column = keys[whole]
    first, indent = siblings[0]
    if first == line or lines[line - 1][: column - 1].strip():
        return None
    after = _end(lines, line, column, [p[0] for c, p in keys.items() if not _within(c, whole)])
    made = _part(str(path[-1]), value, indent - 1)
    return "\n".join([*lines[:after], *made, *lines[after:]])


def _with_new_part(lines: list[str], keys: dict[str, tuple[int, int]], key: str, value: Any) -> str:
    """Return the text with a part that was not there, before the part that comes after it."""
    later = _ORDER[_ORDER.index(key) + 1 :] if key in _ORDER else ()
    at = next((keys[name][0] - 1 for name in later if name in keys), None)
    if at is None:
        at = len(lines) - 1 if lines[-1] == "" else len(lines)
    gap = [""] if isinstance(value, dict | list) else []
    while at > 0 and (lines[at - 1].startswith("#") or not (gap or lines[at - 1])):
        at -= 1
    after = any(line.strip() for line in lines[at:])
    before = gap if at > 0 and lines[at - 1].strip() else []
    return "\n".join(
        [*lines[:at], *before, *_part(key, value, 0), *(gap if after else ()), *lines[at:]]
    )


# -- writing ---------------------------------------------------------------------------------------


def _part(key: str, value: Any, indent: int) -> Iterator[str]:
    """Yield a clause as lines: short ones on one line, as people write them."""
    head = f"{' ' * indent}{_scalar(key, flow=True)}:"
    if not isinstance(value, dict | list) or not value:
        yield f"{head} {_flow(value, within=False)}"
        return
    short = f"{head} {_flow(value)}"
    few = indent >= 4 or isinstance(value, list) or (indent == 2 and len(value) == 1)
    if few and _is_flat(value) and len(short) <= WIDEST:
        yield short
        return
    yield head
    yield from _below(value, indent + 2)


def _below(value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _part(key, each, indent)
        return
    for each in value:
        dash = f"{' ' * indent}- "
        short = _is_flat(each) and len(dash + _flow(each)) <= WIDEST
        if isinstance(each, dict) and each and not short:
            inner = [line for key, item in each.items() for line in _part(key, item, indent + 2)]
            yield dash + inner[0].lstrip()
            yield from inner[1:]
        else:
            yield dash + _flow(each)


def _is_flat(value: Any) -> bool:
    """Say whether a value holds nothing but single values, and lists of them within a mapping."""
    if not isinstance(value, dict | list):
        return True
    if isinstance(value, dict):
        return all(
            not isinstance(each, dict) and (not isinstance(each, list) or _is_flat(each))
            for each in value.values()
        )
    return not any(isinstance(each, dict | list) for each in value)


def _flow(value: Any, *, within: bool = True) -> str:
    """Return a value on one line; ``within`` braces or brackets less may stand bare."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_scalar(k, flow=True)}: {_flow(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value, flow=within)


def _scalar(value: Any, *, flow: bool) -> str:
    """Return one value as YAML: bare if it then reads back as itself, else in JSON's quotes."""
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower()
    around = f"k: [{value}]" if flow else f"k: {value}"
    meant = {"k": [value] if flow else value}
    if "\n" not in value and _reads(around) == meant and _reads(f"{value}: 1") == {value: 1}:
        return value
    return json.dumps(value, ensure_ascii=False)
