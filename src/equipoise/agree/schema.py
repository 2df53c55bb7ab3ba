"""The JSON Schema of an agreement, generated from its models.

An editor that knows it completes keys and words while somebody writes, and marks what is wrong in
one clause. What needs two clauses to be seen is told by ``equipoise check`` only.
"""

from __future__ import annotations

from typing import Any, Final

from equipoise.agree.document import Agreement

SCHEMA_ID: Final = "https://example.org/equipoise/agreement.schema.json"


DESCRIPTIONS: Final[dict[str, str]] = {
    "agreement": "The agreement's short name, the same in all its versions.",
    "version": "1 for the first; any change is a new version and is signed again.",
    "title": "What people call it.",
    "starts": "The first day on which data may be shared.",
    "ends": "The last day on which data may be shared.",
    "review": "The day on which the parties look at it again, within the term.",
    "parties": "Who takes part: each with sector, role and the named person who signs.",
    "purpose": "Why, of what nature, for whom, and who must not be affected.",
    "gateway": "For each controller: the lawful basis and the power by which it may share.",
    "datasets": "What each controller shares, field by field, and why each field is needed.",
    "linkage": "How records are joined, by whom, and by which rules, tried in order.",
    "uses": "What may be done, who may ask for it, and after which training.",
    "outputs": "For each use: the form of its result, the rule it must meet, and who checks.",
    "releases": "Who receives which fields of which result, about whose rows.",
    "reveal": "Who may turn a flagged pseudonym back into a person, and with whose approval.",
    "prohibitions": "What nobody may do with the data or the results.",
    "onward": "Further sharing that is allowed; all other is refused.",
    "retention": "Until when each dataset and each result is held.",
    "safeguards": "Protections, and the evidence for them.",
    "weighing": "How benefit and risk were weighed, and what came of each red line and condition.",
    "public": "What the public is told, whom to ask, and where to complain.",
    "on breach": "What happens when the agreement is broken, and who is told.",
}
"""First keys of an agreement -> what they are for, as an editor shows it."""


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
    for key, description in DESCRIPTIONS.items():
        schema["properties"][key]["description"] = description
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A data-sharing agreement that Equipoise carries out",
        **schema,
    }
