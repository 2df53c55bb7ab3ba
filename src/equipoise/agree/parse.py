"""From text to agreement: every problem at once, or the agreement and where its clauses stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from equipoise.agree.checks import findings
from equipoise.agree.document import Agreement
from equipoise.agree.places import Place, Places
from equipoise.agree.repair import Shaped, shape_agreement
from equipoise.agree.yaml_text import (
    Node,
    key_places,
    places_of,
    plain_data,
    read_yaml,
    refused_paths,
)
from equipoise.errors import DocumentRefused, Problem


@dataclass(frozen=True)
class Parsed:
    """An agreement that holds together, and the place of each of its clauses."""

    agreement: Agreement
    places: Places


def _where(
    problem: Problem, node: Node, places: Places, keys: Mapping[str, Place], file: str
) -> Problem:
    """Return ``problem`` with its file, line and column: an unknown key is shown at the key."""
    if problem.line is not None:
        return replace(problem, file=file)
    clause = problem.clause or ""
    key = keys.get(clause) if problem.code == "AGR020" else None
    line, column = key or places.place(clause) or node.at
    return replace(problem, file=file, line=line, column=column)


def _between(shaped: Shaped) -> Iterable[Problem]:
    """Yield what is wrong between clauses, except where a clause is not as it was written."""
    for finding in findings(shaped.agreement):
        if finding.stands(shaped.replaced):
            yield finding.problem


def parse(text: str, *, file: str = "agreement.yaml") -> Parsed:
    """Read an agreement.

    ``file`` is only the name by which problems call the text; nothing is opened. Raises
    ``DocumentRefused`` with all problems, in the order of the text, each with line, column, clause,
    code, what is wrong, why it matters and what to do.
    """
    reading = read_yaml(text)
    if reading.node is None:
        raise DocumentRefused(replace(problem, file=file) for problem in reading.problems)
    node = reading.node
    shaped = shape_agreement(plain_data(node), refused_paths(node))
    places = places_of(node)
    found = (*reading.problems, *shaped.problems, *_between(shaped))
    if found:
        keys = key_places(node)
        problems = [_where(problem, node, places, keys, file) for problem in found]
        raise DocumentRefused(sorted(problems, key=lambda p: (p.line, p.column, p.code)))
    return Parsed(shaped.agreement, places)
