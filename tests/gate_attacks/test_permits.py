"""Replayed, forged, expired, borrowed: a permit is good once, soon, for its own request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lawful import NOON, world

from equipoise.errors import GateRefused
from equipoise.gate.decide import Allow, Deny, decide, insist
from equipoise.gate.permit import LASTS, MemoryPermits, Permit, issue

WORLD = world()
LATER = NOON + timedelta(minutes=1)


def allowed(act: str = "use", **facts: Any) -> Allow:
    where = WORLD.knowing(**facts)
    return insist(decide(where.agreement, None, where.lawful(act), where.facts))


def book_with(permit: Permit) -> MemoryPermits:
    book = MemoryPermits()
    book.issue(permit)
    return book


def refused(code: str, attempt: Any) -> None:
    with pytest.raises(GateRefused) as refusal:
        attempt()
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_a_permit_is_used_once_and_closed_once() -> None:
    permit = issue(allowed(), id="p1", at=NOON)
    book = book_with(permit)
    assert permit.act == "use"
    assert permit.digest == WORLD.facts.digest
    assert book.use("p1", LATER, request=permit.request.digest) == permit
    refused("GATE091", lambda: book.use("p1", LATER))
    book.close("p1", LATER, {"entitled": "sha256:" + "c" * 64})
    refused("GATE094", lambda: book.close("p1", LATER, {}))
    refused("GATE094", lambda: book.abandon("p1", LATER))
    refused("GATE091", lambda: book.use("p1", LATER))
    assert book.state("p1") == "closed"


def test_an_abandoned_permit_cannot_be_used_again() -> None:
    book = book_with(issue(allowed(), id="p1", at=NOON))
    refused("GATE094", lambda: book.abandon("p1", LATER))
    book.use("p1", LATER)
    book.abandon("p1", LATER)
    assert book.state("p1") == "abandoned"
    refused("GATE091", lambda: book.use("p1", LATER))


def test_the_same_permit_cannot_be_issued_again_to_be_used_again() -> None:
    permit = issue(allowed(), id="p1", at=NOON)
    book = book_with(permit)
    book.use("p1", LATER)
    refused("GATE091", lambda: book.issue(permit))


def test_a_permit_nobody_issued_is_worth_nothing() -> None:
    book = MemoryPermits()
    for attempt in (
        lambda: book.use("forged", LATER),
        lambda: book.close("forged", LATER, {}),
        lambda: book.abandon("forged", LATER),
    ):
        refused("GATE090", attempt)


def test_a_permit_expires_and_does_not_work_before_its_time() -> None:
    permit = issue(allowed(), id="p1", at=NOON)
    book = book_with(permit)
    refused("GATE092", lambda: book.use("p1", NOON - timedelta(seconds=1)))
    refused("GATE092", lambda: book.use("p1", NOON + LASTS))
    assert book.use("p1", NOON + LASTS - timedelta(seconds=1)) == permit


def test_a_permit_is_for_its_own_request() -> None:
    permit = issue(allowed(), id="p1", at=NOON)
    book = book_with(permit)
    more = replace(
        permit.request,
        datasets={**permit.request.datasets, "tax_credits": ("on_credit", "surname")},
    )
    refused("GATE093", lambda: book.use("p1", LATER, request=more.digest))
    refused("GATE093", lambda: book.use("p1", LATER, request=""))
    other = WORLD.lawful("release").digest
    refused("GATE093", lambda: book.use("p1", LATER, request=other))
    assert book.use("p1", LATER, request=permit.request_digest) == permit


def test_a_permit_of_another_agreement_is_bound_to_that_agreement() -> None:
    def other(data: dict[str, Any]) -> None:
        data["agreement"] = "another-rebate"

    there = world(other)
    permit = issue(
        insist(decide(there.agreement, None, there.lawful("use"), there.facts)), id="p1", at=NOON
    )
    assert permit.reference == "another-rebate@1"
    assert permit.digest != WORLD.facts.digest


def test_a_permit_never_outlives_its_agreement() -> None:
    late = datetime(2027, 12, 31, 23, 55, tzinfo=UTC)
    permit = issue(allowed(now=late), id="p1", at=late)
    assert permit.expires == datetime(2028, 1, 1, tzinfo=UTC)
    refused("GATE092", lambda: issue(allowed(now=late), id="p2", at=permit.expires))


def test_an_act_without_an_end_has_a_permit_that_ends() -> None:
    after = datetime(2040, 1, 1, tzinfo=UTC)
    permit = issue(allowed("erase", now=after, state="ended"), id="p1", at=after)
    assert permit.expires == after + LASTS


@pytest.mark.parametrize("at", [NOON - timedelta(seconds=1), NOON + LASTS + timedelta(seconds=1)])
def test_an_old_or_future_decision_gives_no_permit(at: datetime) -> None:
    refused("GATE092", lambda: issue(allowed(), id="p1", at=at))


def test_only_a_permission_gives_a_permit() -> None:
    where = WORLD.knowing(state="draft")
    denial = decide(where.agreement, None, where.lawful("use"), where.facts)
    assert isinstance(denial, Deny)
    for false in (denial, None, True, "Allow", WORLD.lawful("use")):
        refused("GATE093", lambda false=false: issue(false, id="p1", at=NOON))
