"""A parcel is taken once, under its own agreement, in its own order, and never after erasure."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from partners import OWNER, REFERENCE, ROOM, SUPPLIER, UNIT, Four, agreement_text

Sites = Callable[[str], Four]
AT = {"encodings": UNIT, "payload": ROOM, "links": ROOM}


def parcel(four: Four, kind: str) -> Path:
    name = "person" if kind == "links" else "tax_credits"
    (found,) = four.post.glob(f"{name}--{kind}--*")
    return found


@pytest.mark.parametrize("kind", AT)
def test_the_same_parcel_is_not_taken_twice(four_at: Sites, kind: str) -> None:
    four = four_at("linked")
    if kind == "links":
        four.do(ROOM, "receive", parcel(four, kind), REFERENCE)
    assert four.refused(AT[kind], "receive", parcel(four, kind), REFERENCE) == ["PAR008"]
    copied = parcel(four, kind).with_name(parcel(four, kind).name.replace("--", "--", 1))
    assert four.refused(AT[kind], "receive", copied, REFERENCE) == ["PAR008"]


@pytest.mark.parametrize("kind", ["encodings", "payload"])
def test_an_older_parcel_does_not_take_the_place_of_a_newer(four_at: Sites, kind: str) -> None:
    four = four_at("packed")
    held_back = parcel(four, kind)
    newer = four.pack(OWNER)[kind]
    four.do(AT[kind], "receive", newer, REFERENCE)
    assert four.refused(AT[kind], "receive", held_back, REFERENCE) == ["PAR014"]


def test_older_links_do_not_take_the_place_of_newer(four_at: Sites) -> None:
    four = four_at("linked")
    held_back = parcel(four, "links")
    four.do(UNIT, "link", REFERENCE)
    newer = four.links()
    assert newer != held_back
    four.do(ROOM, "receive", newer, REFERENCE)
    assert four.refused(ROOM, "receive", held_back, REFERENCE) == ["PAR014"]


@pytest.mark.parametrize("kind", ["encodings", "payload"])
def test_what_was_erased_does_not_come_back_by_an_old_parcel(four_at: Sites, kind: str) -> None:
    four = four_at("received")
    held_back = four.pack(OWNER)[kind]
    four.do(AT[kind], "erase", REFERENCE, "tax_credits")
    assert four.refused(AT[kind], "receive", held_back, REFERENCE) == ["PAR015"]
    before = [path for path in four.post.glob(f"tax_credits--{kind}--*") if path != held_back]
    assert "PAR008" in four.refused(AT[kind], "receive", before[0], REFERENCE)
    next_second()
    four.do(AT[kind], "receive", four.pack(OWNER)[kind], REFERENCE)


def next_second() -> None:
    """Let the clock of the ledger go on: nothing made in the second of an erasure is taken."""
    time.sleep(1.05)


def test_links_are_erased_with_their_data_and_do_not_come_back(four_at: Sites) -> None:
    four = four_at("linked")
    four.do(ROOM, "erase", REFERENCE, "tax_credits")
    held_back = parcel(four, "links")
    four.do(ROOM, "receive", held_back, REFERENCE)  # no links were ever here
    next_second()
    four.do(ROOM, "receive", four.pack(OWNER)["payload"], REFERENCE)
    four.do(UNIT, "link", REFERENCE)
    late = four.links()
    four.do(ROOM, "erase", REFERENCE, "tax_credits")
    assert four.refused(ROOM, "receive", late, REFERENCE) == ["PAR015"]
    assert "PAR008" in four.refused(ROOM, "receive", held_back, REFERENCE)


def second_version(four: Four) -> str:
    text = four.base / "second.yaml"
    text.write_text(agreement_text(2), encoding="utf-8")
    reference = REFERENCE.replace("@1", "@2")
    four.sign(text, reference)
    return reference


def test_a_parcel_of_an_earlier_version_is_refused_under_the_next(four_at: Sites) -> None:
    four = four_at("linked")
    second = second_version(four)
    for kind, party in AT.items():
        assert "PAR006" in four.refused(party, "receive", parcel(four, kind), second)


def test_a_parcel_under_another_datasets_or_kinds_name_is_refused(four_at: Sites) -> None:
    four = four_at("packed")
    found = parcel(four, "encodings")
    other = found.with_name(found.name.replace("tax_credits", "customers_brightgas"))
    assert four.refused(UNIT, "receive", shutil.copy(found, other), REFERENCE) == ["ACT032"]
    for kind in ("payload", "links"):
        disguised = found.with_name(found.name.replace("encodings", kind))
        assert four.refused(ROOM, "receive", shutil.copy(found, disguised), REFERENCE) == ["PAR004"]


def test_links_of_somebody_else_than_the_linkage_unit_are_refused(four_at: Sites) -> None:
    """Another unit of the same name, which nobody here has a card of, sends links."""
    four = four_at("received")
    stranger = Four(four.base / "stranger", four.data)
    stranger.make()
    stranger.introduce()
    stranger.sign()
    stranger.share_secret()
    for party in (OWNER, SUPPLIER):
        stranger.deliver(party)
    stranger.do(UNIT, "link", REFERENCE)
    assert four.refused(ROOM, "receive", stranger.links(), REFERENCE) == ["PAR004"]
    assert four.refused(UNIT, "receive", parcel(stranger, "encodings"), REFERENCE) == ["PAR004"]


def test_every_refusal_of_a_parcel_is_on_the_ledger(four_at: Sites) -> None:
    four = four_at("linked")
    four.refused(UNIT, "receive", parcel(four, "encodings"), REFERENCE)
    told = [entry for entry in four.ledger(UNIT) if entry["act"] == "parcel refused"]
    assert [entry["detail"]["codes"] for entry in told] == ["PAR008"]
