"""Cards: what a site says of itself to its partners, signed, with a fingerprint to read aloud.

A card holds public keys only. Whoever takes one in trusts those keys, so two people compare its
fingerprint by telephone first: the signature shows that the card is whole, not whose it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from equipoise.account.shapes import fits, is_person, moment_text, plain, read_moment
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.sign import Signer, verify_signature
from equipoise.errors import IntegrityRefused, Problem

DOMAIN: Final = b"equipoise: card of a site, first form\n"
KIND: Final = "site card"
ROLES: Final = ("owner", "linkage unit", "secure room", "recipient")
_HEX32: Final = re.compile(r"[0-9a-f]{64}")
_AGE: Final = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_LONGEST: Final = 1 << 20


@dataclass(frozen=True)
class CardPost:
    """One post: a party, its role, the key to seal to (age) and the key that signs for it (hex, or
    empty for a post that signs no parcels)."""

    party: str
    role: str
    sealing: str
    signing: str


@dataclass(frozen=True)
class CardPerson:
    """One person of a party on the card, with the public key (hex) of their signature."""

    party: str
    name: str
    public_key: str


@dataclass(frozen=True)
class Card:
    """What a site says of itself. ``public_key`` is the site's own, which signs the card."""

    site: str
    practice: bool
    made: datetime
    posts: tuple[CardPost, ...]
    people: tuple[CardPerson, ...]
    public_key: str
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """Return the card for JSON."""
        said = asdict(self)
        said["made"] = moment_text(self.made)
        said["posts"] = [asdict(post) for post in self.posts]
        said["people"] = [asdict(person) for person in self.people]
        said["kind"] = KIND
        return said

    def message(self) -> bytes:
        """Return the bytes that are signed: everything but the signature."""
        said = self.as_dict()
        del said["signature"]
        return DOMAIN + canonical_bytes(said)

    def file_bytes(self) -> bytes:
        """Return the card as one line of canonical JSON."""
        return canonical_bytes(self.as_dict()) + b"\n"

    @property
    def fingerprint(self) -> str:
        """Return 20 hexadecimal digits over every key and name on the card, in groups of four.

        When it was made does not count, so a card that says the same has the same fingerprint.
        """
        said = self.as_dict()
        del said["signature"], said["made"]
        digits = digest_of(DOMAIN + canonical_bytes(said)).removeprefix("sha256:")[:20]
        return " ".join(digits[at : at + 4] for at in range(0, 20, 4))

    def is_called(self, fingerprint: str) -> bool:
        """Say whether a fingerprint, as a person typed it, is this card's."""
        plain_digits = re.sub(r"[^0-9a-f]", "", fingerprint.lower())
        return plain_digits == self.fingerprint.replace(" ", "")

    def keys(self) -> Mapping[str, str]:
        """Return every key on the card by whose it is."""
        return {
            **{f"{post.party} as {post.role}": f"{post.sealing} {post.signing}"
               for post in self.posts},
            **{f"{person.party}/{person.name}": person.public_key for person in self.people},
            "the site": self.public_key,
        }  # fmt: skip


def make_card(
    site: str,
    posts: tuple[CardPost, ...],
    people: tuple[CardPerson, ...],
    *,
    practice: bool,
    made: datetime,
    signer: Signer,
) -> Card:
    """Return a signed card. Raises ``IntegrityRefused`` (LED302) when it would not be whole."""
    when = read_moment(moment_text(made))
    unsigned = Card(site, practice, when, posts, people, signer.public_key, "")
    card = replace(unsigned, signature=signer.sign(unsigned.message()))
    if problems := check_card(card):
        raise IntegrityRefused(problems)
    return card


def read_card(data: bytes) -> Card:
    """Read a card's file. Raises ``IntegrityRefused``: LED301 no card, LED302 not whole, LED303
    its signature does not hold."""
    try:
        if len(data) > _LONGEST:
            raise ValueError
        card = _read(json.loads(data))
        exact = card.file_bytes() == data
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise IntegrityRefused(
            Problem(
                "LED301",
                "this is not the card of a site",
                "a part is missing, is too much, or has another form",
                "ask the partner for its card again: equipoise partner card",
            )
        ) from None
    problems = check_card(card)
    if not exact and not problems:
        problems = (_unsigned(),)
    if problems:
        raise IntegrityRefused(problems)
    return card


def _read(said: Any) -> Card:
    held = dict(said)
    if held.pop("kind") != KIND or type(held["practice"]) is not bool:
        raise ValueError
    for name in ("site", "public_key", "signature"):
        if not isinstance(held[name], str):
            raise TypeError
    made = read_moment(held.pop("made"))
    posts = tuple(CardPost(**post) for post in held.pop("posts"))
    people = tuple(CardPerson(**person) for person in held.pop("people"))
    texts = [text for post in posts for text in asdict(post).values()]
    texts += [text for person in people for text in asdict(person).values()]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return Card(**held, made=made, posts=posts, people=people)


def check_card(card: Card) -> tuple[Problem, ...]:
    """Return everything that does not hold in a card; nothing when it holds."""
    return (*_said(card), *_signed(card))


def _said(card: Card) -> Iterator[Problem]:
    posts = {(post.party, post.role) for post in card.posts}
    people = {(person.party, person.name) for person in card.people}
    whole = (
        plain(card.site)
        and bool(_HEX32.fullmatch(card.public_key))
        and bool(posts)
        and len(posts) == len(card.posts)
        and len(people) == len(card.people)
        and all(map(_post_is_whole, card.posts))
        and all(_person_is_whole(person, posts) for person in card.people)
    )
    if not whole:
        yield Problem(
            "LED302",
            "the card does not say properly who acts there and with which keys",
            "it names the site, each post once with its keys, and people of those parties only",
            "ask the partner for its card again",
        )


def _post_is_whole(post: CardPost) -> bool:
    return (
        fits("name", post.party)
        and post.role in ROLES
        and bool(_AGE.fullmatch(post.sealing))
        and (post.signing == "" or bool(_HEX32.fullmatch(post.signing)))
    )


def _person_is_whole(person: CardPerson, posts: set[tuple[str, str]]) -> bool:
    return (
        person.party in {party for party, _ in posts}
        and is_person(f"{person.party}/{person.name}")
        and bool(_HEX32.fullmatch(person.public_key))
    )


def _unsigned() -> Problem:
    return Problem(
        "LED303",
        "the card's signature does not hold",
        "it was changed after the site signed it",
        "ask the partner for its card again",
    )


def _signed(card: Card) -> Iterator[Problem]:
    if not verify_signature(card.public_key, card.message(), card.signature):
        yield _unsigned()


def changed(old: Card, new: Card) -> tuple[str, ...]:
    """Return whose keys on ``old`` are other ones on ``new``, or are gone from it."""
    held = new.keys()
    return tuple(who for who, key in old.keys().items() if held.get(who) != key)
