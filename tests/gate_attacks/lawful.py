"""A world in which everything is lawful: an agreement signed by real keys, people in their posts,
and one allowed request for each act. Every attack takes one thing away from it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from equipoise.agree.canonical import digest, substance
from equipoise.agree.document import Agreement
from equipoise.agree.sign import Signature, required_signatories, sign_agreement
from equipoise.agree.weighed import Line, Weighed
from equipoise.gate import requests
from equipoise.gate.promises import ALWAYS
from equipoise.gate.terms import Approval, Facts, Request

EXAMPLE = Path(__file__).parents[2] / "examples" / "fuel-poverty" / "agreement.yaml"
NOON = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
SIGNED_AT = datetime(2025, 12, 1, 9, 0, 0, tzinfo=UTC)
LOOKED_AT = "sha256:" + "a" * 64
CONDITION = "It is used to help people, and for nothing else."
ACTS = (
    "pack", "receive tokens", "receive payload", "link", "use", "review", "release", "erase",
    "agree-secret", "take-links", "re-key",
)  # fmt: skip
SUPPLIERS = ("brightgas", "northlight", "homewarm")
Document = dict[str, Any]
WORKSHOP = Weighed(
    kind="workshop",
    name="day",
    substance="",
    content="sha256:" + "d" * 64,
    closed="2025-10-20T15:00:00Z",
    raters=20,
    said="with conditions",
    conditions=(CONDITION,),
    information_pack="sha256:" + "2" * 64,
)
"""A day on which people talked about it, before there was a text."""


class Key:
    """A signer with a key of its own."""

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.generate()
        self.public_key = self._private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        return self._private.sign(message).hex()


KEYS: dict[str, Key] = {}


def key_of(party: str, name: str) -> Key:
    return KEYS.setdefault(f"{party}/{name}", Key())


def document() -> Document:
    """The fuel poverty agreement with every duty that an agreement can set."""
    data = copy.deepcopy(_EXAMPLE)
    data["datasets"]["tax_credits"]["opt out"] = {"check": "national"}
    data["datasets"]["properties"]["fields"]["agreed"] = {
        "is": "payload", "type": "yes/no", "why": "only homes whose owners agreed may enter",
    }  # fmt: skip
    data["datasets"]["properties"]["consent"] = {"field": "agreed"}
    data["uses"]["entitled"]["training"] = ["safe researcher"]
    data["weighing"]["route"] = "full"
    data["weighing"]["assessment"] = "sha256:" + "0" * 64
    data["weighing"]["workshop"] = WORKSHOP.digest
    data["weighing"]["information pack"] = WORKSHOP.information_pack
    data["weighing"]["conditions"] = [
        {"condition": CONDITION, "set by": "The tables of the workshop", "clause": "purpose.nature"}
    ]
    data["prohibitions"] = ["re-identify", "onward use", "marketing", "individual action"]
    return data


_EXAMPLE: Document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class World:
    """One signed agreement, what is known about it, and its lawful requests."""

    agreement: Agreement
    facts: Facts

    def lawful(self, act: str) -> Request:
        """Return an allowed request for one of ``ACTS``."""
        agreement = self.agreement
        made: dict[str, Callable[[], Request]] = {
            "pack": lambda: requests.to_pack(agreement, "tax_credits", "Amara Osei"),
            "receive tokens": lambda: requests.to_receive(
                agreement, "matching-service", "Farid Noor", "linkage unit", ["tax_credits"]
            ),
            "receive payload": lambda: requests.to_receive(
                agreement, "rebate-team", "Grace Adeyemi", "secure room", ["tax_credits"]
            ),
            "link": lambda: requests.to_link(agreement, "matching-service", "Farid Noor"),
            "use": lambda: requests.to_use(
                agreement, "entitled", "rebate-team", "Hana Brook", "rebate analyst"
            ),
            "review": lambda: requests.to_review(agreement, "entitled", "hmrc", "Amara Osei"),
            "release": lambda: requests.to_release(
                agreement, "entitled", "brightgas", "rebate-team", "Grace Adeyemi"
            ),
            "agree-secret": lambda: requests.to_agree_secret(agreement, "hmrc", "Amara Osei"),
            "take-links": lambda: requests.to_take_links(agreement, "rebate-team", "Grace Adeyemi"),
            "re-key": lambda: requests.to_rekey(agreement, "rebate-team", "Grace Adeyemi"),
            "erase": lambda: requests.to_erase(
                agreement, "rebate-team", "Grace Adeyemi", ["tax_credits", "entitled"]
            ),
        }
        return made[act]()

    def knowing(self, **changes: Any) -> World:
        """Return the same world with other facts."""
        return replace(self, facts=replace(self.facts, **changes))


def signatures_of(agreement: Agreement) -> tuple[Signature, ...]:
    return tuple(
        sign_agreement(agreement, party, name, SIGNED_AT, key_of(party, name))
        for party, name in required_signatories(agreement)
    )


def posts_of(agreement: Agreement) -> frozenset[tuple[str, str, str]]:
    """Every signatory holds the party's roles and checks; one analyst works in the secure room."""
    held = {
        (key, party.signatory.name, role)
        for key, party in agreement.parties.items()
        for role in (*party.roles, "checker")
    }
    return frozenset({*held, ("rebate-team", "Hana Brook", "rebate analyst")})


def world(change: Callable[[Document], object] = lambda data: None) -> World:
    """Return the lawful world, its agreement changed by ``change`` and then signed by everybody."""
    data = document()
    change(data)
    covers = []
    if "assessment" in data["weighing"]:
        covers = [cover_of(Agreement.model_validate(data))]
        data["weighing"]["assessment"] = covers[0].digest
    return signed_world(Agreement.model_validate(data), *covers)


def cover_of(agreement: Agreement, **changes: Any) -> Weighed:
    """Return the cover of an assessment that weighed this very text."""
    cover = Weighed(
        kind="assessment",
        name="rebate",
        substance=substance(agreement),
        content="sha256:" + "c" * 64,
        closed="2025-11-20T12:00:00Z",
        raters=4,
        said="with conditions",
        lines=tuple(
            Line(line.line, line.held_by, "settled") for line in agreement.weighing.red_lines
        ),
        conditions=(CONDITION,),
    )
    return replace(cover, **changes)


def signed_world(agreement: Agreement, *covers: Weighed) -> World:
    """Return a world in which everybody signed ``agreement``, and these weighings are known, beside
    the workshop that was held."""
    signatures = signatures_of(agreement)
    facts = Facts(
        now=NOON,
        state="signed",
        digest=digest(agreement),
        signatures=signatures,
        trusted={f"{one.party}/{one.name}": one.public_key for one in signatures},
        posts=posts_of(agreement),
        training={"rebate-team/Hana Brook": frozenset({"safe researcher"})},
        opt_out_applied=frozenset({"tax_credits"}),
        consent_applied=frozenset({"properties"}),
        lists_checked={"tax_credits": "national"},
        approvals=(
            Approval("hmrc", "Amara Osei", "approve", LOOKED_AT, NOON),
            Approval("rebate-team", "Grace Adeyemi", "approve", LOOKED_AT, NOON),
        ),
        author="Hana Brook",
        output=LOOKED_AT,
        disclosure="pass",
        isolation=ALWAYS,
        weighed=(*covers, WORKSHOP),
    )
    return World(agreement, facts)
