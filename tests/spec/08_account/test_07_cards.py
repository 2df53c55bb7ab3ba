"""A card says who acts at a site and with which keys; one changed byte is seen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from equipoise.account.cards import (
    Card,
    CardPerson,
    CardPost,
    changed,
    check_card,
    make_card,
    read_card,
)
from equipoise.errors import IntegrityRefused

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
AGE = "age1" + "q" * 58


class Key:
    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public_key = self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        return self._key.sign(message).hex()


SITE, PERSON = Key(1), Key(2)
POST = CardPost("hmrc", "owner", AGE, PERSON.public_key)
AMARA = CardPerson("hmrc", "Amara Osei", PERSON.public_key)


def made(posts: tuple[CardPost, ...] = (POST,), people: tuple[CardPerson, ...] = (AMARA,),
         signer: Key = SITE, made_at: datetime = NOON) -> Card:  # fmt: skip
    return make_card("Revenue", posts, people, practice=False, made=made_at, signer=signer)


CARD = made()


def test_a_card_is_read_as_it_was_made() -> None:
    assert read_card(CARD.file_bytes()) == CARD
    assert check_card(CARD) == ()


def test_a_fingerprint_is_short_and_stands_for_every_key_and_name() -> None:
    groups = CARD.fingerprint.split(" ")
    assert [len(group) for group in groups] == [4] * 5
    assert made(made_at=datetime(2027, 1, 1, tzinfo=UTC)).fingerprint == CARD.fingerprint
    others = (
        made(signer=Key(3)),
        made(people=()),
        made(people=(replace(AMARA, name="Amara Osey"),)),
        made(posts=(replace(POST, signing=""),)),
    )
    assert len({CARD.fingerprint, *(other.fingerprint for other in others)}) == 5


@pytest.mark.parametrize("spoken", ["{}", " {} ", "{}".upper()])
def test_a_fingerprint_may_be_typed_as_it_was_heard(spoken: str) -> None:
    assert CARD.is_called(spoken.format(CARD.fingerprint.upper()))
    assert CARD.is_called(CARD.fingerprint.replace(" ", "-"))
    assert not CARD.is_called("") and not CARD.is_called(CARD.fingerprint[:-1])


@given(st.data())
def test_one_changed_byte_is_seen(data: st.DataObject) -> None:
    whole = bytearray(CARD.file_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(IntegrityRefused) as refused:
        read_card(bytes(whole))
    assert refused.value.problems[0].code in {"LED301", "LED302", "LED303"}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "erasure receipt"}, {"practice": 0}, {"site": 3}, {"made": "today"},
        {"posts": [{}]}, {"posts": [{"party": 1, "role": "owner", "sealing": AGE, "signing": ""}]},
        {"people": None}, {"more": 1},
    ],
)  # fmt: skip
def test_another_shape_is_no_card(change: dict[str, object]) -> None:
    said = {**CARD.as_dict(), **change}
    with pytest.raises(IntegrityRefused) as refused:
        read_card(json.dumps(said).encode())
    assert [problem.code for problem in refused.value.problems] == ["LED301"]


def test_what_is_endless_or_nothing_is_no_card() -> None:
    for data in (b"", b"[]", b"[" * 100_000, b" " * (1 << 21)):
        with pytest.raises(IntegrityRefused) as refused:
            read_card(data)
        assert refused.value.problems[0].code == "LED301"


def test_a_card_written_otherwise_is_not_the_one_that_was_signed() -> None:
    spaced = json.dumps(CARD.as_dict()).encode() + b"\n"
    with pytest.raises(IntegrityRefused) as refused:
        read_card(spaced)
    assert [problem.code for problem in refused.value.problems] == ["LED303"]


@pytest.mark.parametrize(
    ("posts", "people"),
    [
        ((), ()),
        ((POST, POST), (AMARA,)),
        ((replace(POST, party="HMRC"),), ()),
        ((replace(POST, role="king"),), (AMARA,)),
        ((replace(POST, sealing="age1" + "b" * 58),), (AMARA,)),
        ((replace(POST, signing="0"),), (AMARA,)),
        ((POST,), (AMARA, AMARA)),
        ((POST,), (replace(AMARA, party="voa"),)),
        ((POST,), (replace(AMARA, name=""),)),
        ((POST,), (replace(AMARA, public_key="x"),)),
    ],
    ids=["no post", "a post twice", "no party's name", "no role", "no sealing key",
         "no signing key", "a person twice", "another party's person", "no name", "no key"],
)  # fmt: skip
def test_a_card_names_each_post_and_person_once_and_properly(
    posts: tuple[CardPost, ...], people: tuple[CardPerson, ...]
) -> None:
    with pytest.raises(IntegrityRefused) as refused:
        made(posts, people)
    assert [problem.code for problem in refused.value.problems] == ["LED302"]


def test_changed_keys_are_told_by_whose_they_are() -> None:
    more = made(people=(AMARA, CardPerson("hmrc", "Ben Noor", SITE.public_key)))
    assert changed(CARD, more) == ()
    assert changed(more, CARD) == ("hmrc/Ben Noor",)
    assert changed(CARD, made(signer=Key(3))) == ("the site",)
    other = made((replace(POST, signing=""),), (replace(AMARA, public_key=SITE.public_key),))
    assert changed(CARD, other) == ("hmrc as owner", "hmrc/Amara Osei")
