"""Owners agree one secret for one agreement version, and nobody else can have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from partners import DATASETS, OWNER, REFERENCE, ROOM, SUPPLIER, UNIT, Four, agreement_text

from equipoise.acts.site import open_site
from equipoise.errors import IntegrityRefused

Sites = Callable[[str], Four]


def test_both_owners_see_one_fingerprint(four_at: Sites) -> None:
    four = four_at("packed")
    seen = [four.do(party, "secret", "show", REFERENCE) for party in (OWNER, SUPPLIER)]
    assert seen[0] == seen[1] and len(seen[0]["fingerprint"]) == 32
    (told,) = [e for e in four.ledger(SUPPLIER) if e["act"] == "secret taken"]
    assert told["detail"]["fingerprint"] == seen[0]["fingerprint"]


def test_nobody_packs_before_the_secret_is_agreed(four_at: Sites) -> None:
    four = four_at("signed")
    four.do(OWNER, "secret", "make", REFERENCE)
    words = ("pack", REFERENCE, DATASETS[SUPPLIER], "--data", four.data)
    assert four.refused(SUPPLIER, *words) == ["GATE192"]
    assert four.refused(SUPPLIER, "secret", "show", REFERENCE) == ["ACT135"]


@pytest.mark.parametrize("party", [UNIT, ROOM])
def test_the_linkage_unit_and_the_secure_room_cannot_have_it(four_at: Sites, party: str) -> None:
    four = four_at("signed")
    (sealed,) = four.do(OWNER, "secret", "make", REFERENCE)["files"]
    for words in (("make", REFERENCE), ("send", REFERENCE), ("take", sealed, REFERENCE)):
        assert "GATE041" in four.refused(party, "secret", *words)
    site = open_site(four.site(party))
    for role, key_id in (("linkage-unit", "room"), ("secure-room", "room")):
        if not site.custody.store_of(role).exists(key_id, "identity"):
            continue
        with pytest.raises(IntegrityRefused) as refused:
            site.custody.store_of(role).unseal_with(key_id)(Path(sealed).read_bytes())
        assert refused.value.problems[0].code == "KEY009"
    assert not site.custody.store_of("owners").ids()


def test_a_secret_is_taken_once_and_an_old_one_never(four_at: Sites) -> None:
    four = four_at("signed")
    first = four.share_secret()
    assert four.refused(SUPPLIER, "secret", "take", first, REFERENCE) == ["ACT140"]
    (again,) = four.do(OWNER, "secret", "send", REFERENCE)["files"]
    assert four.refused(SUPPLIER, "secret", "take", again, REFERENCE) == ["ACT140"]
    second = four.share_secret()
    assert first != second
    assert four.refused(SUPPLIER, "secret", "take", first, REFERENCE) == ["ACT140"]


def test_two_owners_who_both_make_one_are_told(four_at: Sites) -> None:
    four = four_at("signed")
    (one,) = four.do(OWNER, "secret", "make", REFERENCE)["files"]
    four.do(SUPPLIER, "secret", "make", REFERENCE)
    assert four.refused(SUPPLIER, "secret", "take", one, REFERENCE) == ["ACT140"]
    for party in (OWNER, SUPPLIER):
        four.do(UNIT, "receive", four.pack(party)["encodings"], REFERENCE)
    assert four.refused(UNIT, "link", REFERENCE) == ["ACT122"]
    four.share_secret()
    for party in (OWNER, SUPPLIER):
        four.deliver(party)
    four.do(UNIT, "link", REFERENCE)


def test_a_new_secret_ends_the_one_before_with_a_receipt(four_at: Sites) -> None:
    four = four_at("packed")
    before = four.do(OWNER, "secret", "show", REFERENCE)["fingerprint"]
    made = four.do(OWNER, "secret", "make", REFERENCE)
    (ended,) = made["receipt"]["destroyed"]
    assert ended["fingerprint"] == before != made["fingerprint"] and made["number"] == 2
    keys = open_site(four.site(OWNER)).custody.store_of("owners")
    assert keys.ids("agreements/partners-rebate/1/secret-1") == ()
    taken = four.do(SUPPLIER, "secret", "take", made["files"][0], REFERENCE)
    assert taken["receipt"]["destroyed"][0]["fingerprint"] == before


def test_encodings_under_an_old_and_a_new_secret_are_not_linked(four_at: Sites) -> None:
    four = four_at("received")
    four.share_secret()
    four.do(UNIT, "receive", four.pack(OWNER)["encodings"], REFERENCE)
    assert four.refused(UNIT, "link", REFERENCE) == ["ACT122"]


def test_the_secret_of_another_version_or_agreement_is_refused(four_at: Sites) -> None:
    four = four_at("packed")
    text = four.base / "second.yaml"
    text.write_text(agreement_text(2), encoding="utf-8")
    second = REFERENCE.replace("@1", "@2")
    four.sign(text, second)
    assert four.refused(OWNER, "pack", second, DATASETS[OWNER], "--data", four.data) == ["GATE192"]
    (of_first,) = four.do(OWNER, "secret", "send", REFERENCE)["files"]
    assert four.refused(SUPPLIER, "secret", "take", of_first, second) == ["ACT136"]
    four.share_secret(second)
    seen = [four.do(OWNER, "secret", "show", one)["fingerprint"] for one in (REFERENCE, second)]
    assert seen[0] != seen[1]


def test_a_secret_that_was_changed_or_is_none_is_refused(four_at: Sites) -> None:
    four = four_at("signed")
    (sealed,) = four.do(OWNER, "secret", "make", REFERENCE)["files"]
    data = bytearray(Path(sealed).read_bytes())
    data[-5] ^= 1
    Path(sealed).write_bytes(bytes(data))
    assert four.refused(SUPPLIER, "secret", "take", sealed, REFERENCE) == ["KEY009"]
    absent = Path(sealed).with_name("absent.secret")
    assert four.refused(SUPPLIER, "secret", "take", absent, REFERENCE) == ["ACT126"]


def test_a_secret_sealed_by_a_stranger_is_refused(four_at: Sites) -> None:
    """Anybody can seal to a public key; only an owner whose card was accepted can sign."""
    from equipoise.acts.secret_letter import Letter, write_letter
    from equipoise.agree.canonical import digest
    from equipoise.keys import KeyStore, seal_to

    four = four_at("signed")
    site = open_site(four.site(SUPPLIER))
    agreement = site.frozen(REFERENCE).agreement
    keys = KeyStore(four.base / "strangers-keys")
    signer = keys.new_signer("stranger")
    sealing = site.custody.address(SUPPLIER, "owner").sealing
    said = Letter("partners-rebate", 1, digest(agreement), 1, OWNER, SUPPLIER, "2026-01-01")
    for number, plain in enumerate((
        write_letter(said, bytes(64), signer), b"{}", b"no json",
        write_letter(said, bytes(64), signer).replace(b'"number":1', b'"number":2'),
    )):  # fmt: skip
        path = four.base / f"{number}.secret"
        path.write_bytes(seal_to(sealing)(plain))
        expected = ["ACT136"] if number == 0 else ["ACT137"]
        assert four.refused(SUPPLIER, "secret", "take", path, REFERENCE) == expected
