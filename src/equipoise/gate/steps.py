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
    """Where a step lives: a function of a session, an agreement and a name, or a table of them.

    For a table, ``key`` says which entry is meant for the named use or entity, and ``method`` which
    of its functions.
    """

    module: str
    attribute: str
    key: Callable[[Agreement, str], str] | None = None
    method: str = ""


def _kind(agreement: Agreement, name: str) -> str:
    return agreement.uses[name].use


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "use": Step("equipoise.carry.uses", "USES", _kind, "compute"),
        "link": Step("equipoise.carry.link", "link"),
        "review-links": Step("equipoise.carry.link.reviewing", "pairs_to_review"),
        "know": Step("equipoise.carry.identity.step", "know"),
        "house": Step("equipoise.carry.identity.homes", "house"),
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
    found = getattr(importlib.import_module(step.module), step.attribute)
    try:
        entry = found if step.key is None else found[step.key(agreement, of)]
    except KeyError as error:
        raise GateRefused(
            Problem(
                "GATE107",
                f"this version cannot carry out the {name} that was asked for",
                why="the agreement names no such thing, or the step is not built",
                next="name a use of the agreement",
            )
        ) from error
    function: Callable[[Any, Agreement, str], Any]
    function = getattr(entry, step.method) if step.method else entry
    return function
