"""The first half of the decision: is there an agreement in force that anything may rest on?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final

from equipoise.agree.canonical import digest
from equipoise.agree.sign import check_signature, missing_signatures
from equipoise.agree.weighed import Lack, shortfalls
from equipoise.errors import Problem
from equipoise.gate.case import Case
from equipoise.gate.deeds import PROHIBITED
from equipoise.gate.reasons import show


def first_moment(case: Case) -> datetime:
    """Return the first moment of the agreement: midnight UTC at the beginning of its first day."""
    return datetime.combine(case.agreement.starts, time.min, UTC)


def end_moment(case: Case) -> datetime:
    """Return the first moment after the agreement: midnight UTC at the end of its last day."""
    return datetime.combine(case.agreement.ends, time.min, UTC) + timedelta(days=1)


def signed(case: Case) -> Iterator[Problem]:
    """Everybody signed this text, with the key that is theirs, and not after now."""
    agreement, facts = case.agreement, case.facts
    now = facts.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    valid = tuple(one for one in facts.signatures if one.at <= now)
    for party, name in missing_signatures(agreement, valid, facts.trusted):
        clause = f"parties.{party}.signatory"
        yield case.no("GATE010", clause, party=show(party))
        for signature in facts.signatures:
            if (signature.party, signature.name) == (party, name):
                wrong = check_signature(signature, agreement, facts.trusted)
                codes = [one.code for one in wrong] or ["dated after the present"]
                yield case.no("GATE011", clause, party=show(party), codes=", ".join(codes))


def in_date(case: Case) -> Iterator[Problem]:
    """Now lies within the agreement's first and last day, both included, by UTC."""
    if case.facts.now < first_moment(case):
        yield case.no("GATE012", "starts", day=case.agreement.starts)
    if case.facts.now >= end_moment(case):
        yield case.no("GATE013", "ends")


def not_suspended(case: Case) -> Iterator[Problem]:
    """Nobody has suspended the agreement."""
    if case.facts.suspended or case.facts.state == "suspended":
        yield case.no("GATE014", "on breach")


def state_allows(case: Case) -> Iterator[Problem]:
    """The agreement is in a state that has this act."""
    if case.facts.state not in case.deed.states:
        yield case.no(
            "GATE015",
            state=show(case.facts.state),
            act=show(case.request.act),
            allowed=", ".join(case.deed.states),
        )


def same_text(case: Case) -> Iterator[Problem]:
    """The text presented is the one that was frozen."""
    if digest(case.agreement) != case.facts.digest:
        yield case.no("GATE016")


_LACKS: Final[Mapping[Lack, str]] = {
    "line unsettled": "GATE022",
    "unknown": "GATE026",
    "other text": "GATE027",
    "condition unanswered": "GATE028",
    "no reasons": "GATE029",
    "line failed": "GATE032",
    "line open": "GATE033",
    "line missing": "GATE034",
    "condition missing": "GATE035",
    "other pack": "GATE036",
    "other workshop": "GATE037",
}
"""What keeps a text from being the one that was weighed -> the code of the reason."""


def red_lines(case: Case) -> Iterator[Problem]:
    """Every controller has a gateway that holds, a purpose is stated, the weighing is complete, and
    this is what was weighed, with all that people asked for."""
    agreement = case.agreement
    controllers = {agreement.datasets[name].controller: name for name in reversed(case.touched())}
    for party in sorted(controllers):
        gateway = agreement.gateway.get(party)
        if gateway is None:
            clause = f"datasets.{controllers[party]}.from"
            yield case.no("GATE020", clause, party=show(party), dataset=show(controllers[party]))
        elif gateway.disputed and not gateway.settled_by.strip():
            yield case.no("GATE021", f"gateway.{party}.disputed", party=show(party))
    for each in shortfalls(agreement, case.facts.weighed):
        yield case.no(_LACKS[each.lack], each.clause, name=show(each.words.get("name")))
    yield from _weighed(case)
    if not agreement.purpose.statement.strip() or not case.request.purpose.strip():
        yield case.no("GATE025", "purpose.statement")


def _weighed(case: Case) -> Iterator[Problem]:
    weighing = case.agreement.weighing
    if weighing.route == "light":
        if not weighing.reason.strip():
            yield case.no("GATE023", "weighing.reason")
        return
    documents = {
        "assessment": weighing.assessment,
        "workshop": weighing.workshop,
        "information pack": weighing.information_pack,
    }
    for document, bound in documents.items():
        if bound is None:
            yield case.no("GATE024", f"weighing.{document}", document=document)


def prohibitions(case: Case) -> Iterator[Problem]:
    """Neither the act nor the purpose is one that the agreement prohibits."""
    said = " ".join(re.findall(r"[a-z-]+", case.request.purpose.lower()))
    for number, prohibition in enumerate(case.agreement.prohibitions):
        words = PROHIBITED[prohibition].words
        if any(f" {word} " in f" {said} " for word in words):
            yield case.no("GATE030", f"prohibitions.{number}", prohibition=prohibition)
