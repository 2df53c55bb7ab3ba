"""Read the tables of rates, errors and names: the only place where the city's figures live."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_NOT_RATES: Final = ("kind", "source")


@cache
def _read(name: str) -> dict[str, Any]:
    text = files("equipoise.city").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def rates(table: str) -> dict[str, Any]:
    """Return one table of ``rates.toml`` without its source and kind."""
    body = _read("rates.toml")[table]
    return {key: value for key, value in body.items() if key not in _NOT_RATES}


def sources() -> dict[str, tuple[str, str]]:
    """Return for each table of rates whether it is published or assumed, and its source."""
    return {name: (body["kind"], body["source"]) for name, body in _read("rates.toml").items()}


def errors_of(dataset: str) -> dict[str, Any]:
    """Return one agency's error profile: kind to rate, and the habits of its file."""
    return dict(_read("errors_table.toml")[dataset])


def error_kinds() -> dict[str, str]:
    """Return each kind of error and what it is, in words."""
    return dict(_read("errors_table.toml")["kinds"])


def names(group: str) -> dict[str, Any]:
    """Return one table of ``names.toml``."""
    return dict(_read("names.toml")[group])


def shares(table: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the values of a table as shares that sum to 1, in the table's order."""
    values = np.array([float(value) for value in table.values()])
    return np.asarray(values / values.sum())
