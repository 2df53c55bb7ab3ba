"""The first and the last second, and one beyond each, wherever the clock stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lawful import world
from test_taking_one_thing_away import MOVING

from equipoise.gate.decide import Allow, Deny, decide

WORLD = world()  # 2026-01-01 to 2027-12-31
EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
SECOND = timedelta(seconds=1)
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)


def answer(now: datetime, act: str = "use") -> Allow | Deny:
    return decide(WORLD.agreement, None, WORLD.lawful(act), replace(WORLD.facts, now=now))


@pytest.mark.parametrize("act", MOVING)
@pytest.mark.parametrize("zone", [UTC, EAST, WEST])
def test_the_first_and_the_last_second_are_in_and_their_neighbours_out(
    act: str, zone: timezone
) -> None:
    approved_since = FIRST - timedelta(days=30)
    where = WORLD.knowing(
        approvals=tuple(replace(one, at=approved_since) for one in WORLD.facts.approvals)
    )
    for moment, code in ((FIRST, ""), (LAST, ""), (FIRST - SECOND, "GATE012"),
                         (LAST + SECOND, "GATE013")):  # fmt: skip
        facts = replace(where.facts, now=moment.astimezone(zone))
        found = decide(where.agreement, None, where.lawful(act), facts)
        codes = [one.code for one in found.problems] if isinstance(found, Deny) else [""]
        assert codes == [code], moment


def test_the_last_microsecond_is_in() -> None:
    assert isinstance(answer(LAST + timedelta(microseconds=999_999)), Allow)


def test_new_year_in_another_zone_is_not_new_year() -> None:
    assert isinstance(answer(datetime(2026, 1, 1, 0, 0, 0, tzinfo=EAST)), Deny)
    assert isinstance(answer(datetime(2026, 1, 1, 0, 0, 0, tzinfo=WEST)), Allow)
    assert isinstance(answer(datetime(2028, 1, 1, 0, 0, 0, tzinfo=EAST)), Allow)


def test_a_time_without_its_zone_decides_nothing() -> None:
    found = answer(datetime(2026, 6, 15, 12, 0, 0))
    assert isinstance(found, Deny)
    assert [one.code for one in found.problems] == ["GATE003"]


@settings(max_examples=100, deadline=None)
@given(st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)), st.integers(-14, 14))
def test_any_moment_is_allowed_exactly_between_the_two_days(wall: datetime, hours: int) -> None:
    now = wall.replace(tzinfo=timezone(timedelta(hours=hours)))
    in_greenwich = (wall - timedelta(hours=hours)).date()
    inside = date(2026, 1, 1) <= in_greenwich <= date(2027, 12, 31)
    assert isinstance(answer(now), Allow) == inside
