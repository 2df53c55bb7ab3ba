"""Erasure receipts: what was destroyed, how, and what that does not prove."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ledgers import BEN, Key, Site, sha

from equipoise.account.receipts import (
    LIMITS,
    Destroyed,
    Receipt,
    check_receipt,
    fingerprint,
    make_receipt,
)
from equipoise.account.verify import verify_receipt
from equipoise.agree.canonical import canonical_bytes
from equipoise.errors import IntegrityRefused
from equipoise.keys.secrets import fingerprint_of

RECEIPT = Site().receipt()


def codes(problems: object) -> list[str]:
    return [problem.code for problem in problems]  # type: ignore[attr-defined]


def resigned(**changes: object) -> Receipt:
    changed = replace(RECEIPT, **changes)  # type: ignore[arg-type]
    return replace(changed, signature=Key("the site").sign(changed.message()))


def test_a_receipt_says_what_is_gone():
    assert RECEIPT.rows == 40
    assert [item.object for item in RECEIPT.of("sealed file")] == ["file:cups"]
    assert [item.fingerprint for item in RECEIPT.of("key")] == ["ab" * 16]
    assert RECEIPT.by == BEN and RECEIPT.reference == "tea@1"


def test_a_receipt_claims_no_more_than_was_done():
    assert "not overwritten, because" in RECEIPT.method
    assert any("backup" in limit for limit in LIMITS)
    assert any("left this site" in limit for limit in LIMITS)


def test_a_receipt_holds_by_itself():
    assert check_receipt(RECEIPT) == ()
    assert verify_receipt(RECEIPT.file_bytes()) == RECEIPT
    assert verify_receipt(RECEIPT.file_bytes(), key=Key("the site").public_key) == RECEIPT


def test_any_single_byte_of_a_receipt_that_is_changed_fails():
    data = RECEIPT.file_bytes()
    for place in range(len(data)):
        for bit in (0, 5):  # bit 5 turns a letter's case
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(IntegrityRefused):
                verify_receipt(bytes(changed))


def test_a_receipt_by_another_key_is_refused():
    with pytest.raises(IntegrityRefused) as caught:
        verify_receipt(RECEIPT.file_bytes(), key=Key("another").public_key)
    assert codes(caught.value.problems) == ["VER108"]


@pytest.mark.parametrize("data", [b"", b"\n", b"[]\n", b"{}", b"\xff\n", b"hello\n"])
def test_what_is_not_a_receipt_file_is_refused(data: bytes):
    with pytest.raises(IntegrityRefused):
        verify_receipt(data)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "postcard"},
        {"more": 1},
        {"at": "today"},
        {"limits": "none"},
        {"limits": [1]},
        {"site": 1},
        {"destroyed": {}},
        {"destroyed": [{}]},
        {"destroyed": [7]},
        {"destroyed": 7},
        {"destroyed": [{**RECEIPT.as_dict()["destroyed"][0], "rows": True}]},
    ],
)
def test_what_is_not_a_receipt_is_not_read(change: dict):
    with pytest.raises(IntegrityRefused) as caught:
        verify_receipt(canonical_bytes({**RECEIPT.as_dict(), **change}) + b"\n")
    assert codes(caught.value.problems) == ["LED201"]


def test_a_receipt_that_names_nothing_is_refused():
    assert codes(check_receipt(resigned(destroyed=()))) == ["LED203"]


@pytest.mark.parametrize(
    "change", [{"id": "e 1"}, {"reference": "tea"}, {"digest": "tea"}, {"by": "Ben"}, {"site": ""}]
)
def test_a_receipt_says_where_what_and_by_whom(change: dict):
    assert codes(check_receipt(resigned(**change))) == ["LED204"]


@pytest.mark.parametrize(
    "item",
    [
        Destroyed("sealed file", "file:a"),
        Destroyed("sealed file", "file:a", sha256=sha("a"), fingerprint="ab" * 16),
        Destroyed("key", "key:a"),
        Destroyed("key", "key:a", sha256=sha("a"), fingerprint="ab" * 16),
        Destroyed("working folder", "folder:a", sha256=sha("a")),
        Destroyed("working folder", "Ada Osei"),
        Destroyed("working folder", "folder:a", dataset="Ada Osei"),
        Destroyed("working folder", "folder:a", rows=-1),
        Destroyed("working folder", "folder:a", bytes=-1),
        Destroyed("memory", "folder:a"),  # type: ignore[arg-type]
    ],
)
def test_each_destroyed_thing_is_named_as_its_kind_is(item: Destroyed):
    assert codes(check_receipt(resigned(destroyed=(item,)))) == ["LED205"]


def test_a_folder_and_a_damaged_key_can_be_named():
    gone = (
        Destroyed("working folder", "folder:r1"),
        Destroyed("key", "key:a", fingerprint="damaged"),
    )
    assert check_receipt(resigned(destroyed=gone)) == ()


def test_a_receipt_that_would_not_hold_is_never_made():
    with pytest.raises(IntegrityRefused) as caught:
        make_receipt(
            id="e1",
            site="tea",
            reference="tea@1",
            digest=sha("x"),
            at=Site().now,
            by=BEN,
            destroyed=(),
            signer=Key("the site"),
        )
    assert codes(caught.value.problems) == ["LED203"]


def test_a_signature_in_capitals_or_over_no_text_does_not_hold():
    assert codes(check_receipt(replace(RECEIPT, signature=RECEIPT.signature.upper()))) == ["LED202"]
    assert codes(check_receipt(replace(RECEIPT, method="\ud800"))) == ["LED202"]


def test_a_receipt_survives_json():
    assert Receipt.from_dict(json.loads(RECEIPT.file_bytes())) == RECEIPT


def test_a_key_has_one_fingerprint_wherever_it_is_shown():
    key = Key("the site").public_key
    assert fingerprint(key) == fingerprint_of("signer", bytes.fromhex(key))
    with pytest.raises(ValueError, match="lower case"):
        fingerprint(key.upper())
