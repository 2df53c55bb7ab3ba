"""A named person signs exactly one text for a party; anything else is refused with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from agreement_texts import agreed
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from equipoise.agree.canonical import digest
from equipoise.agree.sign import (
    Signature,
    check_signature,
    missing_signatures,
    required_signatories,
    sign_agreement,
    verify_signature,
)
from equipoise.errors import IntegrityRefused

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


class KeyInHand:
    """A signer with a fixed key, so that every run signs alike."""

    def __init__(self, number: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)

    @property
    def public_key(self) -> str:
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        return self._key.sign(message).hex()


ADA, BRIAN = KeyInHand(1), KeyInHand(2)
AGREEMENT = agreed()
TRUSTED = {"council/Ada Nwosu": ADA.public_key, "hospital/Brian Hale": BRIAN.public_key}
SIGNED = sign_agreement(AGREEMENT, "council", "Ada Nwosu", NOW, ADA)


def codes(signature: Signature, agreement=AGREEMENT, trusted=TRUSTED) -> list[str]:
    return [problem.code for problem in check_signature(signature, agreement, trusted)]


def test_the_signatory_of_every_party_must_sign() -> None:
    assert required_signatories(AGREEMENT) == (
        ("council", "Ada Nwosu"),
        ("hospital", "Brian Hale"),
        ("warmth", "Cerys Jones"),
        ("matcher", "Dan Okafor"),
        ("room", "Eve Lindqvist"),
    )


def test_a_signature_by_the_named_signatory_holds() -> None:
    assert SIGNED.at == "2026-12-01T09:30:00Z"
    assert codes(SIGNED) == []
    left = missing_signatures(AGREEMENT, [SIGNED], TRUSTED)
    assert ("council", "Ada Nwosu") not in left
    assert len(left) == 4


def test_time_is_written_in_utc_and_must_have_a_zone() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=5)))
    assert sign_agreement(AGREEMENT, "council", "Ada Nwosu", here, ADA) == SIGNED
    with pytest.raises(ValueError, match="zone"):
        sign_agreement(AGREEMENT, "council", "Ada Nwosu", NOW.replace(tzinfo=None), ADA)


def test_a_signature_over_another_version_is_refused() -> None:
    next_version = agreed(("version: 2", "version: 3"))
    assert codes(SIGNED, next_version) == ["AGR302", "AGR303"]
    assert missing_signatures(next_version, [SIGNED], TRUSTED)[0] == ("council", "Ada Nwosu")


def test_a_signature_over_another_agreement_is_refused() -> None:
    assert codes(SIGNED, agreed(("agreement: warm-homes", "agreement: cold-homes"))) == [
        "AGR301",
        "AGR303",
    ]


def test_a_text_changed_after_signing_is_refused_even_with_the_same_version() -> None:
    assert codes(SIGNED, agreed(("at most per day: 5", "at most per day: 500"))) == ["AGR303"]


def test_somebody_who_is_not_named_cannot_sign() -> None:
    other = sign_agreement(AGREEMENT, "council", "Brian Hale", NOW, BRIAN)
    assert codes(other, trusted={"council/Brian Hale": BRIAN.public_key}) == ["AGR304"]
    nobody = sign_agreement(AGREEMENT, "circus", "Ada Nwosu", NOW, ADA)
    assert codes(nobody) == ["AGR304", "AGR305"]


def test_a_key_that_the_site_does_not_hold_is_refused() -> None:
    assert codes(SIGNED, trusted={}) == ["AGR305"]


def test_a_swapped_key_is_refused_although_its_signature_holds() -> None:
    swapped = sign_agreement(AGREEMENT, "council", "Ada Nwosu", NOW, BRIAN)
    assert codes(swapped) == ["AGR306"]


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-12-02T09:30:00Z"},
        {"value": "00" * 64},
        {"value": "not hexadecimal"},
        {"value": SIGNED.value[:-2]},
    ],
)
def test_a_record_changed_after_signing_is_refused(change: dict[str, str]) -> None:
    assert codes(replace(SIGNED, **change)) == ["AGR307"]


def test_a_signature_moved_to_another_party_is_refused() -> None:
    moved = replace(SIGNED, party="hospital", name="Brian Hale")
    assert codes(moved) == ["AGR306", "AGR307"]


def test_a_signature_made_for_something_else_does_not_pass_for_one() -> None:
    bare = replace(SIGNED, value=ADA.sign(digest(AGREEMENT).encode()))
    assert codes(bare) == ["AGR307"]


def test_verifying_never_raises() -> None:
    assert verify_signature(ADA.public_key, b"text", ADA.sign(b"text"))
    for key, signature in (("", ""), ("zz", "00"), ("00" * 32, "00" * 64), (None, 7)):
        assert not verify_signature(key, b"text", signature)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key",
    [
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "00" * 31 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ],
)
def test_a_key_for_which_anybody_can_sign_verifies_nothing(key: str) -> None:
    """Some forgeries hold for one text in eight: none may hold for any."""
    identity = "01" + "00" * 31
    for forged in ("00" * 64, identity + "00" * 32, key + "00" * 32):
        for number in range(32):
            assert not verify_signature(key, bytes([number]), forged)


def test_a_record_is_written_and_read_again() -> None:
    assert Signature.from_dict(SIGNED.as_dict()) == SIGNED


@pytest.mark.parametrize(
    "change",
    [{"at": "yesterday"}, {"at": None}, {"extra": "x"}, {"value": 7}, {"at": "2026-12-01"}],
)
def test_a_record_of_another_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(IntegrityRefused) as refused:
        Signature.from_dict({**SIGNED.as_dict(), **change})
    assert refused.value.problems[0].code == "AGR308"
    with pytest.raises(IntegrityRefused):
        Signature.from_dict({"party": "council"})
