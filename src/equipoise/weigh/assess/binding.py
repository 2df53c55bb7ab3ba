"""Write what was weighed into the agreement: hashes, red lines, conditions, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from equipoise.agree.canonical import substance
from equipoise.agree.parse import Parsed
from equipoise.agree.weighed import Weighed
from equipoise.errors import DocumentRefused
from equipoise.weigh.assess.assessment import Assessment
from equipoise.weigh.assess.problems import problem
from equipoise.weigh.assess.written import block, with_clause

Answers = Mapping[str, Mapping[str, str]]
"""Condition -> what came of it: {"clause": …}, {"answer": …}, or nothing yet."""
NONE_YET: Final[Answers] = MappingProxyType({})


def bound_text(
    parsed: Parsed,
    text: str,
    assessment: Assessment,
    cover: Weighed,
    answers: Answers = NONE_YET,
    read: str = "",
) -> str:
    """Return ``text`` with its clause ``weighing`` telling of this assessment.

    ``read`` is the digest of what people read in the workshop that was heard, where it is known.

    Lines and conditions that stand there stay as they are. A condition that came of the assessment
    is added with what ``answers`` says of it, or without: then people write in which clause it
    became, or what they answer.

    Raises ``DocumentRefused`` (WGH110) when the assessment weighed another text.
    """
    if cover.substance != substance(parsed.agreement):
        raise DocumentRefused(problem("WGH110", "weighing", name=cover.name))
    line = parsed.places.line_of("weighing") or 1
    clause = clause_of_binding(parsed, assessment, cover, answers, read)
    return with_clause(text, line, block("weighing", clause))


def clause_of_binding(
    parsed: Parsed,
    assessment: Assessment,
    cover: Weighed,
    answers: Answers = NONE_YET,
    read: str = "",
) -> dict[str, Any]:
    """Return the clause ``weighing`` as it should read, in the order in which it is written."""
    old = parsed.agreement.weighing
    heard = assessment.closing.heard if assessment.closing else None
    said = old.model_dump(mode="json", by_alias=True, exclude_none=True)
    clause: dict[str, Any] = {"route": old.route}
    if old.reason:
        clause["reason"] = old.reason
    clause["assessment"] = cover.digest
    for key, value in (
        ("workshop", heard.workshop if heard else None),
        ("information pack", read or (heard.information_pack if heard else None)),
    ):
        if value or key in said:
            clause[key] = value or said[key]
    if lines := [*said["red lines"], *_new_lines(parsed, assessment, cover)]:
        clause["red lines"] = lines
    if conditions := [*said.get("conditions", ()), *_new_conditions(parsed, assessment)]:
        clause["conditions"] = [_with_answer(one, answers) for one in conditions]
    departs = assessment.closing.departs if assessment.closing else ()
    told = said.get("departs", []) or [each.model_dump(by_alias=True) for each in departs]
    if told:
        clause["departs"] = told
    if passed := said.get("passed over"):
        clause["passed over"] = passed
    return clause


def _with_answer(condition: dict[str, str], answers: Answers) -> dict[str, str]:
    said = answers.get(condition["condition"])
    if not said:
        return condition
    kept = {key: value for key, value in condition.items() if key not in ("clause", "answer")}
    return {**kept, **said}


def _new_lines(parsed: Parsed, assessment: Assessment, cover: Weighed) -> Iterator[dict[str, str]]:
    drawn = {line.line for line in parsed.agreement.weighing.red_lines}
    settled = assessment.closing.settled if assessment.closing else ()
    for line in cover.lines:
        said = [s for s in settled if s.line == line.line and s.for_holder(line.held_by)]
        if line.line not in drawn and said:
            how = said[0]
            words = f"{how.how} Signed off by {how.by}."
            yield {"line": line.line, "held by": line.held_by, "settled": words}


def _new_conditions(parsed: Parsed, assessment: Assessment) -> Iterator[dict[str, str]]:
    told = {one.condition for one in parsed.agreement.weighing.conditions or ()}
    for sheet in assessment.sheets:
        for wish in sheet.conditions:
            if wish.condition not in told:
                told.add(wish.condition)
                who = f"{sheet.rater.role} ({sheet.rater.sector})"
                yield {"condition": wish.condition, "set by": who}
