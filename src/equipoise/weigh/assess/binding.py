"""Write what was weighed into the agreement: hashes, red lines, conditions, reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from equipoise.agree.canonical import substance
from equipoise.agree.parse import Parsed
from equipoise.agree.weighed import Weighed
from equipoise.errors import DocumentRefused
from equipoise.weigh.assess.assessment import Assessment
from equipoise.weigh.assess.problems import problem
from equipoise.weigh.assess.written import block, with_clause


def bound_text(parsed: Parsed, text: str, assessment: Assessment, cover: Weighed) -> str:
    """Return ``text`` with its clause ``weighing`` telling of this assessment.

    Lines and conditions that stand there stay as they are. A condition that came of the assessment
    is added without an answer: people write in which clause it became, or what they answer.

    Raises ``DocumentRefused`` (WGH110) when the assessment weighed another text.
    """
    if cover.substance != substance(parsed.agreement):
        raise DocumentRefused(problem("WGH110", "weighing", name=cover.name))
    line = parsed.places.line_of("weighing") or 1
    return with_clause(text, line, block("weighing", clause_of_binding(parsed, assessment, cover)))


def clause_of_binding(parsed: Parsed, assessment: Assessment, cover: Weighed) -> dict[str, Any]:
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
        ("information pack", heard.information_pack if heard else None),
    ):
        if value or key in said:
            clause[key] = value or said[key]
    if lines := [*said["red lines"], *_new_lines(parsed, assessment, cover)]:
        clause["red lines"] = lines
    if conditions := [*said.get("conditions", ()), *_new_conditions(parsed, assessment)]:
        clause["conditions"] = conditions
    departs = assessment.closing.departs if assessment.closing else ()
    told = said.get("departs", []) or [each.model_dump(by_alias=True) for each in departs]
    return {**clause, "departs": told} if told else clause


def _new_lines(parsed: Parsed, assessment: Assessment, cover: Weighed) -> Iterator[dict[str, str]]:
    drawn = {line.line for line in parsed.agreement.weighing.red_lines}
    settled = {one.line: one for one in assessment.closing.settled} if assessment.closing else {}
    for line in cover.lines:
        if line.line not in drawn and line.line in settled:
            how = settled[line.line]
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
