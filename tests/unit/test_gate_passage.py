"""A permit opens what it names and nothing else, whoever holds the passage."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from equipoise.agree.parse import parse
from equipoise.errors import EnvironmentFailed, EquipoiseError, GateRefused, Problem
from equipoise.gate.custody import Custody
from equipoise.gate.passage import Passage, hashes_digest, opened
from equipoise.gate.permit import MemoryPermits, Permit, issue
from equipoise.gate.terms import Allow, Request

NOON = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "examples" / "fuel-poverty" / "agreement.yaml"
AGREEMENT = parse(EXAMPLE.read_text(encoding="utf-8")).agreement
ROWS = pa.table({"row_id": pa.array([b"a" * 16, b"b" * 16], pa.binary(16))})


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    made = Custody(tmp_path)
    made.found()
    made.begin(AGREEMENT)
    made.begin(AGREEMENT)  # a second signing of the same version makes nothing new
    return made


def permit(act: str, *datasets: str) -> Permit:
    request = Request(
        act, "hmrc", "Ada", "secure room", "why", use="entitled",
        datasets=dict.fromkeys(datasets, ()), recipient="brightgas",
    )  # fmt: skip
    return issue(Allow("x@1", "sha256:" + "0" * 64, request, NOON, None, ()), id="p", at=NOON)


def passage(custody: Custody, act: str, *datasets: str) -> Passage:
    return Passage(AGREEMENT, permit(act, *datasets), custody)


DOORS: dict[str, tuple[str, Any]] = {
    "hasher": ("pack", lambda p: p.hasher("label")),
    "sender": ("pack", lambda p: p.sender("hmrc")),
    "seal for room": ("pack", lambda p: p.seal_for_room("secure-room")),
    "unseal in": ("receive", lambda p: p.unseal_in("secure-room")),
    "take into": ("receive", lambda p: p.take_into("secure-room", "properties", ROWS)),
    "keep result": ("use", lambda p: p.keep_result("result-a", ROWS)),
    "seal for party": ("release", lambda p: p.seal_for_party("brightgas")),
    "destroy": ("erase", lambda p: p.destroy(["properties"])),
    "end": ("erase", lambda p: p.end()),
}
"""What is opened -> (the act whose permit opens it, how it is asked for)."""


@pytest.mark.parametrize("door", DOORS)
def test_a_door_opens_to_its_own_act_only(custody: Custody, door: str) -> None:
    own, ask = DOORS[door]
    for act in {act for act, _ in DOORS.values()} - {own}:
        with pytest.raises(GateRefused) as refused:
            ask(passage(custody, act, "properties"))
        assert refused.value.problems[0].code == "GATE190"
    ask(passage(custody, own, "properties"))


def test_a_permit_for_one_dataset_does_not_take_in_another(custody: Custody) -> None:
    with pytest.raises(GateRefused) as refused:
        passage(custody, "receive", "tax_credits").take_into("secure-room", "properties", ROWS)
    assert refused.value.problems[0].code == "GATE190"


@pytest.mark.parametrize(
    "ask",
    [
        lambda custody: passage(custody, "pack").sender("voa"),
        lambda custody: passage(custody, "receive").unseal_in("linkage-unit"),
        lambda custody: passage(custody, "release").seal_for_party("northlight"),
    ],
    ids=["another sender", "another room", "another recipient"],
)
def test_a_permit_names_its_party_room_and_recipient(custody: Custody, ask: Any) -> None:
    with pytest.raises(GateRefused) as refused:
        ask(custody)
    assert refused.value.problems[0].code == "GATE190"


def test_a_passage_opens_nothing_once_its_permit_is_closed(custody: Custody) -> None:
    book, given = book_of("pack")
    with opened(AGREEMENT, given, custody, book, lambda: NOON) as door:
        door.hasher("label")
    with pytest.raises(GateRefused):
        door.hasher("label")


def test_ended_keys_are_told_again_after_a_crash(custody: Custody) -> None:
    first = passage(custody, "erase").end()
    assert {(key.role, key.name) for key in first} == {
        ("owners", "salt"), ("linkage-unit", "salt"), ("secure-room", "salt"),
        ("secure-room", "pseudonyms-1"),
    }  # fmt: skip
    assert passage(custody, "erase").end() == first
    with pytest.raises(EquipoiseError):
        passage(custody, "pack").hasher("label")


def book_of(act: str) -> tuple[MemoryPermits, Permit]:
    return MemoryPermits(), permit(act, "properties")


def test_a_passage_closes_its_permit_with_what_was_made(custody: Custody) -> None:
    book, given = book_of("receive")
    with opened(AGREEMENT, given, custody, book, lambda: NOON) as door:
        door.take_into("secure-room", "properties", ROWS)
        assert book.state("p") == "used"
    assert book.state("p") == "closed"
    assert set(door.hashes) == {"secure-room/properties"}
    assert hashes_digest(door.hashes) == hashes_digest(dict(door.hashes)) != hashes_digest({})


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_inside_abandons_the_permit(
    custody: Custody, failure: type[BaseException]
) -> None:
    book, given = book_of("receive")
    with pytest.raises(failure), opened(AGREEMENT, given, custody, book, lambda: NOON):
        raise failure
    assert book.state("p") == "abandoned"


def test_a_book_that_cannot_be_written_does_not_hide_the_first_failure(custody: Custody) -> None:
    class Broken(MemoryPermits):
        def abandon(self, permit_id: str, at: datetime) -> None:
            raise EnvironmentFailed(Problem("STO003", "no room"))

    book = Broken()
    with (
        pytest.raises(ValueError, match="the first"),
        opened(AGREEMENT, permit("receive"), custody, book, lambda: NOON),
    ):
        raise ValueError("the first")
    assert book.state("p") == "used"


def test_a_permit_opens_once(custody: Custody) -> None:
    book, given = book_of("receive")
    with opened(AGREEMENT, given, custody, book, lambda: NOON):
        pass
    with (
        pytest.raises(GateRefused) as refused,
        opened(AGREEMENT, given, custody, book, lambda: NOON),
    ):
        pytest.fail("it was open")
    assert refused.value.problems[0].code == "GATE091"


def test_keys_that_are_there_are_kept(custody: Custody, tmp_path: Path) -> None:
    before = (custody.site_key(), custody.party_key("hmrc"), custody.enrol("hmrc", "Ada"))
    again = Custody(tmp_path)
    again.found()
    again.begin(AGREEMENT)
    assert (again.site_key(), again.party_key("hmrc"), again.enrol("hmrc", "Ada")) == before
    assert again.person_signer("hmrc", "Ada").public_key == before[2]


def test_sweeping_leaves_what_is_held(custody: Custody) -> None:
    passage(custody, "receive", "properties").take_into("secure-room", "properties", ROWS)
    custody.sweep()
    held = custody.room("secure-room").get(AGREEMENT.agreement, 1, "secure-room", "properties")
    assert held.equals(ROWS)
