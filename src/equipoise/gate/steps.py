"""The steps that a locked process may carry out: a table, and nothing beside it.

A step is found by its name here, in a module of ``equipoise.carry`` and nowhere else, so that a job
cannot name other code to run on the data.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from equipoise.agree.document import Agreement
from equipoise.errors import GateRefused, Problem

HOME: Final = "equipoise.carry."


@dataclass(frozen=True)
class Step:
    """Where a step lives.

    ``key`` says which entry of the module's ``registry`` is meant for the named use or entity;
    ``method`` is the entry's function, or empty when the entry is the function itself.
    """

    module: str
    registry: str
    key: Callable[[Agreement, str], str]
    method: str = ""


def _mode(agreement: Agreement, entity: str) -> str:
    if agreement.linkage is None:
        raise KeyError(entity)
    return agreement.linkage.mode


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "use": Step(
            "equipoise.carry.uses",
            "USES",
            lambda agreement, name: agreement.uses[name].use,
            "compute",
        ),
        "link": Step("equipoise.carry.link", "LINKERS", _mode),
    }
)


def known_step(name: str) -> Step:
    """Return the step of that name. Raises ``GateRefused`` (GATE106) for any other."""
    step = STEPS.get(name)
    if step is None or not step.module.startswith(HOME):
        raise GateRefused(
            Problem(
                "GATE106",
                "no such step may run on data",
                why="a locked process carries out the steps of the data's way and nothing else",
                next=f"name one of: {', '.join(STEPS)}",
            )
        )
    return step


def find_step(name: str, agreement: Agreement, of: str) -> Callable[[Any, Agreement, str], Any]:
    """Import and return a step's function for the use or entity ``of``.

    Raises ``GateRefused`` (GATE107) when the agreement or this version has no such thing.
    """
    step = known_step(name)
    try:
        registry = getattr(importlib.import_module(step.module), step.registry)
        entry = registry[step.key(agreement, of)]
    except KeyError as error:
        raise GateRefused(
            Problem(
                "GATE107",
                f"this version cannot carry out the {name} that was asked for",
                why="the agreement names no such use or linkage, or the step is not built",
                next="name a use or entity of the agreement",
            )
        ) from error
    function: Callable[[Any, Agreement, str], Any]
    function = getattr(entry, step.method) if step.method else entry
    return function
