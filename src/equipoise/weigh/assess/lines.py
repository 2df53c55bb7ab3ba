"""The red lines that an agreement itself answers: each held against its clauses, and nothing else.

``pass`` says that the text gives no reason to doubt; ``doubt`` that somebody must look and sign
off; ``fail`` that the text crosses the line, which no signature makes good. None of them is a
judgement of the initiative: that is for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

from equipoise.agree.document import Agreement
from equipoise.agree.reading_age import PUBLIC_AGE, reading_age
from equipoise.agree.words import Sensitivity
from equipoise.weigh.assess.sheet import Part

Verdict = Literal["pass", "doubt", "fail"]
_GRAVER: Final = ("pass", "doubt", "fail")


class Finding(Part):
    """One thing in the text that speaks for or against, at its clause."""

    verdict: Verdict
    clause: str
    reason: str


class ComputedLine(Part):
    """One red line as the text answers it: the gravest of its findings."""

    line: str
    verdict: Verdict
    findings: tuple[Finding, ...]


def _found(verdict: Verdict, clause: str, reason: str) -> Finding:
    return Finding(verdict=verdict, clause=clause, reason=reason)


def _named(agreement: Agreement, party: str) -> str:
    """Return a party by its name, and how the agreement calls it after that."""
    held = agreement.parties.get(party)
    return party if held is None else f"{held.name} ({party})"


def _lawful(agreement: Agreement) -> Iterator[Finding]:
    """Every party that shares names its power, and nobody disputes it."""
    controllers = {data.controller: key for key, data in agreement.datasets.items()}
    for party, dataset in controllers.items():
        gateway = agreement.gateway.get(party)
        who = _named(agreement, party)
        if gateway is None:
            reason = f"{who} shares '{dataset}' and names no legal power to share it."
            yield _found("fail", f"datasets.{dataset}.from", reason)
        elif gateway.disputed and not gateway.settled_by.strip():
            reason = f"The power of {who} is disputed, and nobody settled that."
            yield _found("fail", f"gateway.{party}.disputed", reason)
        elif gateway.disputed:
            reason = f"The power of {who} was disputed; it was settled by: {gateway.settled_by}."
            yield _found("doubt", f"gateway.{party}.settled by", reason)
        else:
            reason = f"{who} shares as {gateway.basis}, by {gateway.power}."
            yield _found("pass", f"gateway.{party}", reason)


def _purpose(agreement: Agreement) -> Iterator[Finding]:
    """The purpose is set down beforehand, with what will be different and for whom not."""
    purpose = agreement.purpose
    if not purpose.statement.strip():
        yield _found("fail", "purpose.statement", "No purpose is stated.")
        return
    yield _found("pass", "purpose.statement", f"The purpose is stated: {purpose.statement}")
    if not purpose.benefits:
        reason = "No benefit is named with how it will be measured."
        yield _found("doubt", "purpose.benefits", reason)
    if not purpose.nobody_else.strip():
        yield _found("doubt", "purpose.must not affect", "It is not said who stays unaffected.")
    if purpose.nature == "punitive":
        yield _found("doubt", "purpose.nature", "The purpose is to take away or to punish.")


def _onward(agreement: Agreement) -> Iterator[Finding]:
    """Data serve no other end: onward use is prohibited, or allowed to somebody by name."""
    for number, further in enumerate(agreement.onward):
        to = _named(agreement, further.to)
        reason = f"'{further.what}' may go on to {to}, {further.form}."
        yield _found("doubt", f"onward.{number}", reason)
    if "onward use" in agreement.prohibitions:
        number = agreement.prohibitions.index("onward use")
        yield _found("pass", f"prohibitions.{number}", "Onward use is prohibited.")
    elif not agreement.onward:
        reason = "Nobody may pass it on by this agreement, but no clause forbids it to them."
        yield _found("doubt", "prohibitions", reason)
    if "re-identify" not in agreement.prohibitions:
        yield _found("doubt", "prohibitions", "Nobody is forbidden to find out who a record is.")


def _secure(agreement: Agreement) -> Iterator[Finding]:
    """Data are safe where they lie, are worked on and move."""
    linkage = agreement.linkage
    if not agreement.safeguards:
        grave = high_sensitivity(agreement) == "high"
        reason = "No protection is named" + (
            ", and the data are highly sensitive." if grave else "."
        )
        yield _found("fail" if grave else "doubt", "safeguards", reason)
    for number, safeguard in enumerate(agreement.safeguards):
        reason = f"{safeguard.what} Evidence: {safeguard.evidence}."
        yield _found("pass", f"safeguards.{number}", reason)
    if linkage is not None and linkage.mode == "identified":
        yield _found("doubt", "linkage.mode", "Names and numbers themselves leave their owners.")
    for name, entity in () if linkage is None else linkage.entities.items():
        if entity.strength == "light":
            clause = f"linkage.entities.{name}.strength"
            yield _found(
                "doubt", clause, "The codes are of the strength that is easiest to attack."
            )
    for name, rule in agreement.outputs.items():
        if rule.form == "identifiable" and not rule.checked_by:
            reason = f"'{name}' names people, and nobody checks it before it leaves."
            yield _found("doubt", f"outputs.{name}.checked by", reason)


def _open(agreement: Agreement) -> Iterator[Finding]:
    """People can learn what is done, ask, and complain."""
    age = reading_age(agreement.public.summary)
    if age > PUBLIC_AGE:
        reason = f"The summary for the public reads at an age of about {age:.0f}."
        yield _found("doubt", "public.summary", reason)
    else:
        yield _found("pass", "public.summary", "The public is told in words that it can read.")
    for clause in ("contact", "complaints"):
        if not getattr(agreement.public, clause).strip():
            yield _found("fail", f"public.{clause}", f"Nothing stands at '{clause}'.")
    if agreement.review is None:
        yield _found("doubt", "review", "Nobody looks at it again before it ends.")


RULES: Final[Mapping[str, Callable[[Agreement], Iterator[Finding]]]] = MappingProxyType(
    {"X1": _lawful, "X2": _purpose, "X4": _onward, "X5": _secure, "X6": _open}
)
"""Red line of the catalogue -> how the text answers it."""


def computed(agreement: Agreement) -> tuple[ComputedLine, ...]:
    """Return every red line that the text itself answers, with its clauses and reasons."""
    return tuple(_line(name, tuple(rule(agreement))) for name, rule in RULES.items())


def _line(name: str, findings: tuple[Finding, ...]) -> ComputedLine:
    verdict = max((each.verdict for each in findings), key=_GRAVER.index, default="doubt")
    return ComputedLine(line=name, verdict=verdict, findings=findings)


def high_sensitivity(agreement: Agreement) -> Sensitivity:
    """Return how sensitive the most sensitive field is. No control changes it."""
    order: tuple[Sensitivity, ...] = ("low", "medium", "high")
    found = [
        field.sensitivity or "low"
        for data in agreement.datasets.values()
        for field in data.fields.values()
    ]
    return max(found, key=order.index)
