"""The JSON Schema of an agreement, generated from its models.

An editor that knows it completes keys and words while somebody writes, and marks what is wrong in
one clause. What needs two clauses to be seen is told by ``equipoise check`` only.
"""

from __future__ import annotations

from typing import Any, Final

from equipoise.agree.document import Agreement

SCHEMA_ID: Final = "https://example.org/equipoise/agreement.schema.json"


def _without_noise(value: Any) -> Any:
    """Drop the titles that repeat a key, and the second backquotes of docstrings."""
    if isinstance(value, dict):
        kept = {
            key: _without_noise(item)
            for key, item in value.items()
            if not (key == "title" and isinstance(item, str))
        }
        if isinstance(kept.get("description"), str):
            kept["description"] = " ".join(kept["description"].replace("``", "'").split())
        return kept
    return [_without_noise(item) for item in value] if isinstance(value, list) else value


def json_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12), with the keys as they are written in YAML."""
    schema = _without_noise(Agreement.model_json_schema(by_alias=True, mode="validation"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A data-sharing agreement that Equipoise carries out",
        **schema,
    }
