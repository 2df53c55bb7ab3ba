"""A permit is used once, soon, for what it names: alike in memory and on the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from equipoise.clock import system_clock
from equipoise.errors import GateRefused
from equipoise.gate.permit import LASTS, MemoryPermits, Permit, PermitBook, issue
from equipoise.gate.terms import Allow, Request
from equipoise.store.changing import Store

NOON = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
HASHES = {"secure-room/cohort": "sha256:" + "b" * 64}
REQUEST = Request(
    "use", "lab", "Ada Osei", "analyst", "to learn", use="effect",
    datasets={"cohort": ("age", "sex")}, form="aggregate",
)  # fmt: skip


def permit(name: str = "p1", request: Request = REQUEST) -> Permit:
    allow = Allow("tea@1", DIGEST, request, NOON, None, ("uses.effect",))
    return issue(allow, id=name, at=NOON)


@pytest.fixture(params=["memory", "store"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> PermitBook:
    if request.param == "memory":
        return MemoryPermits()
    return Store(f"sqlite:///{tmp_path}/site.sqlite3", system_clock).permits()


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(GateRefused) as error:
        act()
    return error.value.problems[0].code


def test_a_permit_comes_back_as_it_was_issued(book: PermitBook) -> None:
    book.issue(permit())
    used = book.use("p1", NOON, request=REQUEST.digest)
    assert used == permit()
    assert used.request.datasets == {"cohort": ("age", "sex")}


def test_a_permit_is_used_once(book: PermitBook) -> None:
    book.issue(permit())
    book.use("p1", NOON)
    assert refused(lambda: book.use("p1", NOON)) == "GATE091"


def test_an_id_is_issued_once(book: PermitBook) -> None:
    book.issue(permit())
    assert refused(lambda: book.issue(permit())) == "GATE091"


def test_an_unknown_permit_opens_nothing(book: PermitBook) -> None:
    assert refused(lambda: book.use("p1", NOON)) == "GATE090"
    assert refused(lambda: book.close("p1", NOON, {})) == "GATE090"
    assert refused(lambda: book.abandon("p1", NOON)) == "GATE090"


@pytest.mark.parametrize("when", [NOON - timedelta(seconds=1), NOON + LASTS])
def test_a_permit_opens_in_its_time_only(book: PermitBook, when: datetime) -> None:
    book.issue(permit())
    assert refused(lambda: book.use("p1", when)) == "GATE092"
    book.use("p1", NOON + LASTS - timedelta(seconds=1))


def test_a_permit_is_for_the_request_that_it_names(book: PermitBook) -> None:
    book.issue(permit())
    other = Request("use", "lab", "Ben Lyle", "analyst", "to learn", use="effect")
    assert refused(lambda: book.use("p1", NOON, request=other.digest)) == "GATE093"
    book.use("p1", NOON, request=REQUEST.digest)


def test_only_a_permit_in_use_is_closed_or_abandoned_and_once(book: PermitBook) -> None:
    for name, end in (
        ("p1", lambda name: book.close(name, NOON, HASHES)),
        ("p2", lambda name: book.abandon(name, NOON)),
    ):
        book.issue(permit(name))
        assert refused(lambda name=name, end=end: end(name)) == "GATE094"
        book.use(name, NOON)
        end(name)
        assert refused(lambda name=name, end=end: end(name)) == "GATE094"
        assert refused(lambda name=name: book.use(name, NOON)) == "GATE091"


class TestOnTheLedger:
    """What only the kept book promises."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return Store(f"sqlite:///{tmp_path}/site.sqlite3", system_clock)

    def test_every_step_is_one_entry(self, store: Store) -> None:
        book = store.permits()
        book.issue(permit())
        assert [p["permit"] for p in store.open_permits()] == ["p1"]
        book.use("p1", NOON)
        book.close("p1", NOON, HASHES)
        assert [e.act for e in store.entries()] == [
            "permit issued", "permit used", "permit closed",
        ]  # fmt: skip
        issued, _, closed = store.entries()
        assert issued.actor == "lab/Ada Osei"
        assert issued.detail["request"] == REQUEST.digest and issued.detail["use"] == "effect"
        assert issued.detail["expires"] == "2026-06-15T12:15:00Z"
        assert closed.detail["outputs"] == 1
        assert store.open_permits() == ()

    def test_a_refused_step_leaves_no_entry(self, store: Store) -> None:
        book = store.permits()
        book.issue(permit())
        with pytest.raises(GateRefused):
            book.close("p1", NOON, {})
        assert [e.act for e in store.entries()] == ["permit issued"]

    def test_what_a_killed_process_left_is_cleared_begun_or_not(self, store: Store) -> None:
        book = store.permits()
        book.issue(permit("begun"))
        book.use("begun", NOON)
        book.issue(permit("not"))
        for name in ("begun", "not"):
            book.clear(name)
        causes = [e.detail["cause"] for e in store.entries() if e.act == "permit abandoned"]
        assert causes == ["interrupted", "never used"]
        assert store.open_permits() == ()
