"""Make a text with faults whole enough for the checks that need several clauses.

Twenty faults are told in one pass: what is wrong in one clause is replaced by something that holds
there, the checks run on the result, and what they find at a replaced place is not told, because
nobody wrote it. The repaired agreement goes nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from equipoise.agree import shape
from equipoise.agree.document import Agreement
from equipoise.agree.faults import Fault, faults
from equipoise.agree.places import Path, clause_of
from equipoise.errors import Problem


@dataclass(frozen=True)
class Shaped:
    """An agreement, the problems of its single clauses, and what was replaced.

    ``replaced`` maps each clause to what was written there, None when nothing was.
    """

    agreement: Agreement
    problems: tuple[Problem, ...]
    replaced: Mapping[str, str | None]


def _validated(data: Any) -> Agreement | tuple[Fault, ...]:
    try:
        return Agreement.model_validate_json(
            json.dumps(data), strict=True, by_alias=True, by_name=False
        )
    except ValidationError as error:
        return faults(error.errors(include_url=False), data)


def _mend(data: Any, fault: Fault) -> None:
    """Replace what stands at a fault, or take it out where the clause holds without it."""
    schema, parent = shape.at(data, fault.path[:-1])
    assert schema is not None, "a fault lies within what the schema knows"
    step = fault.path[-1]
    if fault.instead is not None:
        parent[step] = fault.instead
    elif fault.unknown or (isinstance(step, str) and shape.may_be_left_out(schema, step, parent)):
        parent.pop(step, None)
    else:
        below = shape.child(schema, step, parent)
        assert below is not None, "what may not be left out is known to the schema"
        parent[step] = shape.sample(below)


def _replaced(fault: Fault, data: Any) -> Iterator[tuple[str, str | None]]:
    """Yield the clause that is no longer as it was written, and what was."""
    _, value = shape.at(data, fault.path)
    said = json.dumps(value, ensure_ascii=False)
    wrote = said if value is not None and any(map(str.isalpha, said)) else None
    if not fault.unknown:
        yield clause_of(fault.path), wrote
    elif fault.meant:
        yield clause_of((*fault.path[:-1], fault.meant)), wrote


def shape_agreement(data: dict[str, Any], refused: frozenset[Path]) -> Shaped:
    """Return ``data`` as an agreement, with all problems of its single clauses.

    ``refused`` are the parts that the reading of YAML refused: they have been told already.
    A second round tells what shows only after the first, as in a use whose kind was misspelt.
    """
    problems: list[Problem] = []
    replaced: dict[str, str | None] = {clause_of(path): None for path in refused}
    while not isinstance(outcome := _validated(data), Agreement):
        told = set(replaced)
        for fault in outcome:
            if clause_of(fault.path) not in told:
                problems.append(fault.problem)
            replaced.update(_replaced(fault, data))
            _mend(data, fault)
    return Shaped(outcome, tuple(problems), MappingProxyType(replaced))
