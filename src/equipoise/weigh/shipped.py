"""Read the lists that come with this package: YAML beside the code, held to its models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, TypeVar

from equipoise.agree.yaml_text import plain_data, read_yaml
from equipoise.weigh.entry import Entry

__all__ = ["Entry", "entries", "entry", "read_shipped"]

Kind = TypeVar("Kind", bound=Entry)


def entry(kind: type[Kind], key: str, body: Mapping[str, Any]) -> Kind:
    """Return one entry. Raises pydantic's ``ValidationError`` when it does not fit its model."""
    return kind.model_validate_json(json.dumps({**body, "id": key}), strict=True, by_alias=True)


def entries(kind: type[Kind], data: Mapping[str, Mapping[str, Any]]) -> tuple[Kind, ...]:
    """Return ``data``, id -> keys, as entries in the order of the text."""
    return tuple(entry(kind, key, body) for key, body in data.items())


def read_shipped(package: str, name: str) -> dict[str, Any]:
    """Return the data of one YAML file that lies beside the code of ``package``."""
    reading = read_yaml(files(package).joinpath(name).read_text(encoding="utf-8"))
    assert reading.node is not None and not reading.problems, (name, reading.problems)
    data: dict[str, Any] = plain_data(reading.node)
    return data
