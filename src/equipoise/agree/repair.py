"""Make a text with faults whole enough for the checks that need several clauses.

Twenty faults are told in one pass: what is wrong in one clause is replaced by something that holds
there, the checks run on the result, and what they find at a replaced place is not told, because
nobody wrote it. The repaired agreement goes nowhere else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from equipoise.agree import shape
from equipoise.agree.document import Agreement
from equipoise.agree.faults import Fault, faults
from equipoise.agree.places import Path, clause_of
from equipoise.errors import Problem


@dataclass(frozen=True)
class Shaped:
    """An agreement, the problems of its single clauses, and the clauses that were replaced."""

    agreement: Agreement
    problems: tuple[Problem, ...]
    replaced: frozenset[str]


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


def _replaced(fault: Fault) -> str | None:
    """Return the clause that is no longer as it was written."""
    if not fault.unknown:
        return clause_of(fault.path)
    return clause_of((*fault.path[:-1], fault.meant)) if fault.meant else None


def shape_agreement(data: dict[str, Any], refused: frozenset[Path]) -> Shaped:
    """Return ``data`` as an agreement, with all problems of its single clauses.

    ``refused`` are the parts that the reading of YAML refused: they have been told already.
    A second round tells what shows only after the first, as in a use whose kind was misspelt.
    """
    problems: list[Problem] = []
    replaced = {clause_of(path) for path in refused}
    while not isinstance(outcome := _validated(data), Agreement):
        for fault in outcome:
            if clause_of(fault.path) not in replaced:
                problems.append(fault.problem)
            _mend(data, fault)
        replaced |= {clause for clause in map(_replaced, outcome) if clause is not None}
    return Shaped(outcome, tuple(problems), frozenset(replaced))
