"""Why: a purpose that not any use would satisfy, and a weighing that fits the risk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.document import Agreement

OPEN_ENDED: Final = (
    "any lawful purpose",
    "any other purpose",
    "any purpose",
    "other purposes",
    "related purposes",
    "similar purposes",
    "such purposes as",
    "and so on",
    "etc",
    "as appropriate",
    "as needed",
    "as required",
    "where necessary",
    "from time to time",
    "including but not limited to",
    "among other things",
)
"""Phrases that leave a purpose open, whatever else it says."""

HOLLOW: Final = (
    "better outcomes",
    "improve outcomes",
    "improve services",
    "service improvement",
    "support decision making",
    "support decision-making",
    "data sharing",
    "share data",
    "share information",
    "information sharing",
    "work together",
    "joined-up",
    "joined up",
    "partnership working",
    "insight",
    "insights",
    "analytics",
    "research and analysis",
    "analysis and research",
    "make best use of data",
    "business needs",
    "business purposes",
    "efficiency",
    "intelligence",
    "planning purposes",
)
"""Phrases that do not say what will be different. With a measured benefit beside them they pass."""

OUTCOMES: Final = (
    "answer", "avoid", "build", "compare", "count", "cut", "deliver", "detect", "direct",
    "estimate", "evaluate", "find", "forecast", "give", "help", "house", "identify", "increase",
    "learn", "lower", "measure", "monitor", "offer", "pay", "plan", "prevent", "produce",
    "protect", "provide", "publish", "raise", "reach", "recover", "reduce", "refer", "repair",
    "send", "show", "stop", "tell", "test", "treat", "visit", "warn",
)  # fmt: skip
"""Words that say what will be done or found out."""

MANY_PARTIES: Final = 10


def _has(text: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text.lower()) is not None


def _first(text: str, phrases: tuple[str, ...]) -> str | None:
    return next((phrase for phrase in phrases if _has(text, phrase)), None)


def purpose(agreement: Agreement) -> Iterator[Finding]:
    """A purpose that any use would satisfy is sent back."""
    said = agreement.purpose
    clause = "purpose.statement"
    texts = {clause: said.statement}
    texts |= {f"uses.{key}.for": use.purpose for key, use in agreement.uses.items()}
    for at, text in texts.items():
        if (phrase := _first(text, OPEN_ENDED)) is not None:
            yield find("AGR211", at, phrase=phrase)
    if said.benefits or _first(said.statement, OPEN_ENDED):
        return
    if (phrase := _first(said.statement, HOLLOW)) is not None:
        yield find("AGR212", clause, "purpose.benefits", phrase=phrase)
    elif not any(re.search(rf"\b{word}", said.statement.lower()) for word in OUTCOMES):
        yield find("AGR213", clause, "purpose.benefits")


def raisers(agreement: Agreement) -> tuple[str, ...]:
    """Return, in words, what in this agreement raises the weighing that people expect."""
    parties = agreement.parties
    sold = [
        release
        for release in agreement.releases
        if release.to in parties and parties[release.to].sector == "commercial"
    ]
    outputs = [agreement.outputs.get(release.of) for release in sold]
    identifiable = any(rule is not None and rule.form == "identifiable" for rule in outputs)
    found = {
        "the purpose is punitive": agreement.purpose.nature == "punitive",
        "names and numbers themselves leave their owners": agreement.linkage is not None
        and agreement.linkage.mode == "identified",
        "a commercial body receives identifiable data": identifiable,
        "a commercial body receives a result": bool(sold) and not identifiable,
        "data may be passed on": bool(agreement.onward),
        f"more than {MANY_PARTIES} parties take part": len(parties) > MANY_PARTIES,
    }
    return tuple(words for words, holds in found.items() if holds)


def weighing(agreement: Agreement) -> Iterator[Finding]:
    """The light route gives its reason; the full route binds three documents."""
    weighed = agreement.weighing
    if weighed.route == "light" and not weighed.reason.strip():
        raised = raisers(agreement)
        reason = "Whoever did not weigh in full must say why that was enough."
        if raised:
            reason = f"Here {' and '.join(raised)}, and people expect that to be weighed."
        yield find("AGR221", "weighing.reason", "weighing.route", reason=reason)
    documents = {
        "assessment": weighed.assessment,
        "workshop": weighed.workshop,
        "information pack": weighed.information_pack,
    }
    missing = [name for name, held in documents.items() if held is None]
    if weighed.route == "full" and missing:
        rests = tuple(f"weighing.{name}" for name in documents)
        words = {"missing": " and ".join(f"'{name}'" for name in missing)}
        yield find("AGR222", "weighing", "weighing.route", *rests, **words)


CHECKS: Final = (purpose, weighing)
