"""Whether a place exists, as far as a pure room can tell: clauses, questions, cards, red lines.

The gate's reasons, acts, exercises, pages and documents are known to rooms that this one may not
see; the tests of the whole resolve those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from equipoise.agree import shape
from equipoise.agree.schema import json_schema
from equipoise.weigh.cards.card import FIELDS
from equipoise.weigh.cards.shipped_cards import cards
from equipoise.weigh.catalogue.items import catalogue
from equipoise.weigh.questions.shipped_questions import evaluation, questions


def _below(option: shape.Schema, step: str) -> Iterator[shape.Schema]:
    if step in option.get("properties", {}):
        yield option["properties"][step]
    if step == "*":
        named = [option.get("additionalProperties"), *option.get("patternProperties", {}).values()]
        yield from (each for each in named if isinstance(each, dict))
        yield from option.get("prefixItems", [])[:1]
        yield from (each for each in [option.get("items")] if isinstance(each, dict))


@cache
def clause_exists(path: str) -> bool:
    """Tell whether the agreement's language has a clause, and the word it is said to hold.

    ``datasets.*.fields.*.why``: ``*`` is any name or any item of a list. ``linkage.mode=encoded``:
    the word must be one that may stand there.
    """
    name, _, word = path.partition("=")
    found: list[Any] = [json_schema()]
    for step in name.split("."):
        found = [
            below
            for schema in found
            for option in shape.options(schema)
            for below in _below(option, step)
        ]
    return bool(found) and (not word or any(word in shape.words(schema) for schema in found))


def _is_red_line(name: str) -> bool:
    return name in catalogue() and catalogue()[name].group == "red lines"


RESOLVERS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "clause": clause_exists,
        "question": lambda name: name in questions() or name in evaluation(),
        "card": lambda name: name in FIELDS or name in cards(),
        "red line": _is_red_line,
    }
)
"""Kind of place -> whether one of that name exists; the other kinds cannot be told from here."""


def exists(place: str) -> bool | None:
    """Tell whether a place exists; None where this room cannot know."""
    kind, _, name = place.partition(":")
    resolver = RESOLVERS.get(kind)
    return None if resolver is None else resolver(name)
