"""What may stand where: walks the generated schema alongside a text that may be wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final

from equipoise.agree.schema import json_schema

Schema = dict[str, Any]

FORMS: Final[dict[str, tuple[str, str]]] = {
    "^[a-z][a-z0-9_-]{0,62}$": (
        "unknown",
        "a name in small letters, digits, '-' and '_' that begins with a letter",
    ),
    "^sha256:[0-9a-f]{64}$": ("sha256:" + "0" * 64, "'sha256:' and 64 hexadecimal digits"),
    r"^https?://\S+$": ("https://example.org/unknown", "a web address, as https://example.org/a"),
    r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*$": ("unknown.unknown", "'dataset.field'"),
    "^at least [1-9]$": ("at least 1", "'all', 'any', or 'at least 2'"),
}
"""Pattern -> (a text that has it, the same in plain words)."""

_CONDITION = "unknown.unknown = 0"


@cache
def root() -> Schema:
    """Return the schema of a whole agreement."""
    return json_schema()


def options(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas of which a value must meet one, without the one for nothing."""
    if "$ref" in schema:
        yield from options(root()["$defs"][schema["$ref"].rpartition("/")[2]])
    elif "anyOf" in schema or "oneOf" in schema:
        for option in schema.get("anyOf") or schema["oneOf"]:
            yield from options(option)
    elif schema.get("type") != "null":
        yield schema


def _fits(option: Schema, data: Any) -> bool:
    """Say whether ``option`` is the one of several uses that ``data`` names."""
    tag = option.get("properties", {}).get("use", {}).get("const")
    return tag is None or (isinstance(data, dict) and data.get("use") == tag)


def child(schema: Schema, step: str | int, data: Any) -> Schema | None:
    """Return the schema of one step below; ``data`` is what stands at ``schema``."""
    for option in options(schema):
        if isinstance(step, int):
            if option.get("type") == "array":
                return _item(option)
        elif _fits(option, data) and (found := _entry(option, step)) is not None:
            return found
    return None


def _item(option: Schema) -> Schema:
    found: Schema = option["items"] if "items" in option else option["prefixItems"][0]
    return found


def _entry(option: Schema, step: str) -> Schema | None:
    if step in option.get("properties", {}):
        found: Schema = option["properties"][step]
        return found
    others = option.get("additionalProperties")
    return others if isinstance(others, dict) else None


def at(data: Any, path: Iterable[Any]) -> tuple[Schema | None, Any]:
    """Return (schema, value) at ``path``; None for what the schema does not know."""
    schema: Schema | None = root()
    for step in path:
        schema = schema and child(schema, step, data)
        data = data[step] if isinstance(data, list) else data.get(step)
    return schema, data


def keys(schema: Schema, data: Any) -> tuple[str, ...]:
    """Return the keys that may stand in a clause."""
    return tuple(
        key
        for option in options(schema)
        if _fits(option, data)
        for key in option.get("properties", {})
    )


def words(schema: Schema) -> tuple[str, ...]:
    """Return the words that may stand as a value, also as one of a list."""
    found: list[str] = []
    for option in options(schema):
        found += option.get("enum", [])
        found += [option["const"]] if "const" in option else []
        if option.get("type") == "array":
            found += words(_item(option))
    return tuple(dict.fromkeys(found))


def form_in_words(schema: Schema) -> str:
    """Return in plain words which form a text must have."""
    patterns = (option.get("pattern") for option in options(schema))
    return next((FORMS[pattern][1] for pattern in patterns if pattern in FORMS), "another form")


def may_be_left_out(schema: Schema, step: str, data: Any) -> bool:
    """Say whether the clause holds without the key ``step``."""
    return not any(
        step in option.get("required", ()) or isinstance(option.get("additionalProperties"), dict)
        for option in options(schema)
        if _fits(option, data)
    )


def sample(schema: Schema) -> Any:
    """Return a value that holds at ``schema``, to stand in for one that does not."""
    option = next(options(schema))
    if "const" in option:
        return option["const"]
    if "enum" in option:
        return option["enum"][0]
    return _SAMPLES[option["type"]](option)


def _sample_text(option: Schema) -> str:
    if option.get("format") == "date":
        return "2000-01-01"
    if "pattern" in option:
        return FORMS.get(option["pattern"], (_CONDITION, ""))[0]
    return "not stated"


def _sample_clause(option: Schema) -> dict[str, Any]:
    if "properties" not in option:
        least = option.get("minProperties", 0)
        return {"unknown": sample(option["additionalProperties"])} if least else {}
    return {key: sample(option["properties"][key]) for key in option.get("required", ())}


_SAMPLES: Final[dict[str, Callable[[Schema], Any]]] = {
    "string": _sample_text,
    "integer": lambda option: option.get("minimum", 1),
    "object": _sample_clause,
    "array": lambda option: [sample(_item(option))],
}
"""Kind of value -> how one is made. Numbers with a fraction and yes/no can always be left out."""
