"""Write values as YAML that reads back the same, whatever people wrote in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_BARE: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9 _.-]{0,60}[A-Za-z0-9.]|don't know|sha256:[0-9a-f]{64}"
)
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "nan", "inf"})


def text(value: str) -> str:
    """Return text as YAML: bare where it is plain, else in JSON's quotes, which are YAML's."""
    if _BARE.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return text(value) if isinstance(value, str) else str(value).lower()


def block(key: str, clause: Mapping[str, Any]) -> Iterator[str]:
    """Yield a clause as lines: its lists have an entry a line, all else is on one."""
    yield f"{key}:"
    for name, value in clause.items():
        if isinstance(value, list | tuple) and value:
            yield f"  {name}:"
            yield from _entries(value)
        else:
            yield f"  {name}: {flow(value)}"


def _entries(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if not isinstance(value, Mapping):
            yield f"    - {flow(value)}"
            continue
        for number, (key, each) in enumerate(value.items()):
            yield f"    {'-' if number == 0 else ' '} {key}: {flow(each)}"


_TOP: Final = re.compile(r"^[A-Za-z\"']")


def with_clause(whole: str, line: int, lines: Iterable[str]) -> str:
    """Return a text whose top-level part that begins on ``line`` (from 1) reads ``lines``.

    Blank lines and comments before the next part stay where they are.
    """
    kept = whole.split("\n")
    after = next((n for n in range(line, len(kept)) if _TOP.match(kept[n])), len(kept))
    while after > line and (not kept[after - 1].strip() or kept[after - 1].startswith("#")):
        after -= 1
    return "\n".join([*kept[: line - 1], *lines, *kept[after:]])
