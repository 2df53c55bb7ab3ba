"""May this be done? Pure, total, and no by default.

    decision = decide(agreement, places, request, facts)

The order: known act and well-formed question · signed by all, in date, not suspended, state, text ·
red lines · prohibitions · a clause that permits this party, person, role, purpose, use, dataset,
every field, form and recipient · opt-outs and consent · training, approvals, isolation · output
rule. A denial holds every reason, not the first. Nothing here reads a file, a clock or the network,
and nothing that is passed in can make it raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.places import Places
from equipoise.agree.sign import Signature
from equipoise.agree.weighed import is_cover
from equipoise.errors import Problem
from equipoise.gate import clauses, standing
from equipoise.gate.case import Case, problem
from equipoise.gate.deeds import DEEDS, IN_ORDER, PROHIBITED, Stage
from equipoise.gate.reasons import show
from equipoise.gate.terms import TEXTS, Allow, Approval, Deny, Facts, Request, insist

LONGEST_TEXT: Final = 4000
MOST_NAMES: Final = 10_000

STAGES: Final[Mapping[Stage, Callable[[Case], Iterator[Problem]]]] = MappingProxyType(
    {
        "signed": standing.signed,
        "dates": standing.in_date,
        "not suspended": standing.not_suspended,
        "state": standing.state_allows,
        "same text": standing.same_text,
        "red lines": standing.red_lines,
        "prohibitions": standing.prohibitions,
        "party": clauses.party,
        "mode": clauses.mode,
        "person": clauses.person,
        "purpose": clauses.purpose,
        "use": clauses.use,
        "data": clauses.data,
        "form": clauses.form,
        "recipient": clauses.recipient,
        "filters": clauses.filters,
        "lists": clauses.lists,
        "training": clauses.training,
        "author": clauses.author,
        "approvals": clauses.approvals,
        "isolation": clauses.isolation,
        "output rule": clauses.output_rule,
        "disclosure": clauses.disclosure,
    }
)


def decide(
    agreement: Agreement, places: Places | None, request: Request, facts: Facts
) -> Allow | Deny:
    """Return ``Allow``, or ``Deny`` with every reason, each with its clause and line.

    ``places`` gives the lines; without it reasons name their clause only. Never raises: a question
    that cannot be decided is denied (GATE000).
    """
    try:
        return _decide(agreement, places, request, facts)
    except Exception:  # total: whatever was passed in, the answer to it is no
        return Deny((problem("GATE000", None, None),))


def _decide(
    agreement: Agreement, places: Places | None, request: Request, facts: Facts
) -> Allow | Deny:
    where = places if isinstance(places, Places) else None
    malformed = [
        *([] if isinstance(agreement, Agreement) else [problem("GATE004", None, None)]),
        *(problem("GATE002", None, None, part=part) for part in _wrong_request(request)),
        *(problem("GATE003", None, None, part=part) for part in _wrong_facts(facts)),
    ]
    if malformed:
        return Deny(tuple(malformed))
    deed = DEEDS.get(request.act)
    if deed is None:
        return Deny(tuple(_unknown_act(agreement, where, request)))
    case = Case(agreement, where, request, facts, deed)
    problems = [one for name in IN_ORDER if name in deed.stages for one in STAGES[name](case)]
    if problems:
        return Deny(tuple(dict.fromkeys(problems)))
    return Allow(
        reference=agreement.reference,
        digest=digest(agreement),
        request=request,
        decided=facts.now.astimezone(UTC),
        until=standing.end_moment(case) if "dates" in deed.stages else None,
        clauses=_permitting(case),
    )


def _permitting(case: Case) -> tuple[str, ...]:
    """Return the clauses that permit the act, for the ledger."""
    request = case.request
    if case.deed.data == "output":
        return tuple(
            f"releases.{number}"
            for number, release in enumerate(case.agreement.releases)
            if (release.of, release.to) == (request.use, request.recipient)
        )
    if case.deed.for_use:
        return (case.use_clause,)
    return tuple(f"datasets.{name}" for name in case.agreement.datasets if name in request.datasets)


def _unknown_act(
    agreement: Agreement, places: Places | None, request: Request
) -> Iterator[Problem]:
    act = show(request.act)
    yield problem("GATE001", None, places, act=act, known=", ".join(DEEDS))
    for number, prohibition in enumerate(agreement.prohibitions):
        if request.act in PROHIBITED[prohibition].acts:
            clause = f"prohibitions.{number}"
            yield problem("GATE030", clause, places, prohibition=prohibition)


def _is_text(value: Any) -> bool:
    if type(value) is not str or len(value) > LONGEST_TEXT:
        return False
    # A lone surrogate cannot be written as UTF-8, and so has no digest.
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _wrong_request(request: Any) -> Iterator[str]:
    """Yield the parts of a request that are not plain text in the agreed shape."""
    if type(request) is not Request:
        yield "it is no request"
        return
    for name in TEXTS:
        if not _is_text(getattr(request, name)):
            yield name
    for name in ("act", "party", "person", "role"):
        if getattr(request, name) == "":
            yield name
    if not _are_fields(request.datasets):
        yield "datasets"


def _are_fields(datasets: Any) -> bool:
    if not isinstance(datasets, dict | MappingProxyType) or len(datasets) > MOST_NAMES:
        return False
    return all(
        _is_text(name)
        and type(fields) is tuple
        and len(fields) <= MOST_NAMES
        and all(map(_is_text, fields))
        and len(set(fields)) == len(fields)
        for name, fields in datasets.items()
    )


def _wrong_facts(facts: Any) -> Iterator[str]:
    """Yield the parts of the facts that are not of their type."""
    if type(facts) is not Facts:
        yield "they are no facts"
        return
    if not isinstance(facts.now, datetime) or facts.now.utcoffset() is None:
        yield "now must be a time with its zone"
    for name, kinds in _KINDS.items():
        if not isinstance(getattr(facts, name), kinds):
            yield name
    if isinstance(facts.signatures, tuple) and not all(
        type(one) is Signature for one in facts.signatures
    ):
        yield "signatures"
    if isinstance(facts.approvals, tuple) and not all(map(_is_approval, facts.approvals)):
        yield "approvals"
    if isinstance(facts.weighed, tuple) and not all(map(is_cover, facts.weighed)):
        yield "weighed"


def _is_approval(value: Any) -> bool:
    return (
        type(value) is Approval
        and isinstance(value.at, datetime)
        and (value.at.utcoffset() is not None)
    )


_MAPPING = (dict, MappingProxyType)
_KINDS: Final[Mapping[str, Any]] = {
    "state": str,
    "digest": str,
    "suspended": bool,
    "signatures": tuple,
    "trusted": _MAPPING,
    "posts": frozenset,
    "training": _MAPPING,
    "opt_out_applied": frozenset,
    "consent_applied": frozenset,
    "lists_checked": _MAPPING,
    "lists_at_hand": _MAPPING,
    "approvals": tuple,
    "author": str,
    "output": str,
    "disclosure": str,
    "isolation": tuple,
    "compensating_control": str,
    "away": frozenset,
    "weighed": tuple,
}

__all__ = ["Allow", "Approval", "Deny", "Facts", "Request", "decide", "insist"]
