"""A real site on which somebody loses their key, and the people around them."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from visiting import Place, Visitor, made

from equipoise.account.receipts import fingerprint
from equipoise.acts.drafts import example_text
from equipoise.acts.key_replace import confirm_key, end_key, offer_key
from equipoise.acts.own_key import OwnKey, enrol_with_key
from equipoise.acts.site import enrol
from equipoise.agree.parse import parse

TEXT: Final = example_text("lalonde")
PARTIES: Final = parse(TEXT).agreement.parties
PARTY, SIGNER = next((party, said.signatory.name) for party, said in PARTIES.items())
ADMIN, SECOND, MATE, STRANGER = "Amara Osei", "Bea Lund", "Cal Ruiz", "Dee Fenn"
WHO: Final = f"{PARTY}/{SIGNER}"
AT: Final = f"/keys/{PARTY}/{SIGNER}/"
WHY: Final = {"because": "seen by others", "reason": "The laptop was stolen on a train."}


def house_in(folder: Path) -> Place:
    """A real site: two administrators, a signatory with a colleague, and somebody of neither."""
    found = made(folder, practice=False)
    enrol(found.site, "council", SECOND, roles=("administrator",))
    enrol(found.site, PARTY, MATE, roles=("analyst",))
    enrol(found.site, "council", STRANGER, roles=("assessor", "drafter", "facilitator"))
    enrol_with_key(found.site, PARTY, SIGNER, new().public_key)
    return found


def everybody(house: Place) -> dict[str, Visitor]:
    """Everybody's browser, by name."""
    return {name: house.signed_in(name) for name in (ADMIN, SECOND, MATE, STRANGER, SIGNER)}


def in_force(house: Place) -> OwnKey:
    """The signatory's key in force, made for one test, whatever an earlier one left."""
    site, key = house.site, new()
    if WHO in site.trusted():
        end_key(site, WHO, "changed", "Anew.", f"council/{ADMIN}")
    offer_key(site, WHO, key.public_key, f"council/{ADMIN}")
    confirm_key(site, WHO, fingerprint(key.public_key), f"council/{SECOND}")
    return key


def new() -> OwnKey:
    return OwnKey(Ed25519PrivateKey.generate())


def mark(key: OwnKey) -> str:
    return fingerprint(key.public_key)


def said(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def ended(house: Place, by: str = WHO) -> None:
    end_key(house.site, WHO, "lost", "Nobody finds it.", by)


def acts(house: Place) -> list[str]:
    return [one.act for one in house.site.store.entries() if one.act.startswith("key ")]
