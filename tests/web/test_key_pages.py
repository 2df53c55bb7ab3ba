"""A key that was lost: its holder ends it on a page, and two people put another in its place.

Who may do which step is asked of people in every role; a private key never comes to the site, and
no page tells the fingerprint that the second person must have from the key's holder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.core.files.uploadedfile import SimpleUploadedFile
from losing_keys import (
    ADMIN,
    AT,
    MATE,
    PARTY,
    SECOND,
    SIGNER,
    STRANGER,
    TEXT,
    WHO,
    WHY,
    acts,
    ended,
    everybody,
    house_in,
    in_force,
    mark,
    new,
    said,
)
from visiting import Place, Visitor, served

from equipoise.acts.key_replace import confirm_key
from equipoise.acts.keys_here import states
from equipoise.acts.own_key import OwnKey
from equipoise.acts.sign import sign
from equipoise.acts.site import enrol
from equipoise.errors import GateRefused
from equipoise.store.ended_keys import EndedKeys


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from served(house_in(tmp_path_factory.mktemp("keys")))


@pytest.fixture(scope="module")
def at(house: Place) -> dict[str, Visitor]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ScryptPasswordHasher, "work_factor", 2)
        return everybody(house)


@pytest.fixture
def signer(house: Place) -> OwnKey:
    return in_force(house)


def send_file(visitor: Visitor, data: bytes, **fields: str) -> Any:
    page = visitor.get(f"{AT}offer").content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    file = SimpleUploadedFile("key.pub", data)
    return visitor.post(
        f"{AT}offer", {"file": file, "csrfmiddlewaretoken": token[1], "public_key": "", **fields}
    )


# -- the whole way -------------------------------------------------------------------------------


def test_from_a_lost_key_to_the_next_one(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    site, holder, keeper, mate = house.site, at[SIGNER], at[ADMIN], at[MATE]
    source = house.site.directory / "lalonde.yaml"
    source.write_text(TEXT, encoding="utf-8")
    reference = sign(site, str(source), WHO, signer).reference
    assert "In force since" in said(holder.get("/account/"))
    assert f"{AT}end" in holder.get("/keys/").content.decode().replace("%20", " ")
    page = said(holder.get(f"{AT}end"))
    assert reference in page and mark(signer) in page and "cannot be undone" in page

    done = holder.send(f"{AT}end", **WHY, looked_at=mark(signer))
    assert done.status_code == 302, "sent, then shown by another address"
    page = said(holder.get(done["Location"]))
    assert "The key is ended" in page and "No key is in force" in page
    assert f'href="/agreements/{reference}/"' in page, "each that stays signed is named"
    assert WHY["reason"] in page and "Look at each. If somebody else signed it" in page
    assert "equipoise key make" in page and f"{ADMIN} (council)" in page, "and what comes next"
    assert WHO not in site.trusted()
    assert "Ended: none is in force" in said(holder.get("/account/"))
    assert "Your key was ended" in said(holder.get("/"))
    page = said(mate.get(f"/agreements/{reference}/"))
    assert "Its key was ended on 2 March 2026" in page, "whoever relies on it is told"
    assert f"Offer another key for {SIGNER}" in said(keeper.get("/"))
    assert "Offer another key" not in said(mate.get("/"))

    other = new()
    done = keeper.send(f"{AT}offer", public_key=other.public_key)
    assert done.status_code == 302 and WHO not in site.trusted(), "an offer is not yet a key"
    for visitor in (holder, keeper, mate, at[SECOND]):
        for address in ("/keys/", AT, "/", "/account/"):
            text = visitor.get(address).content.decode()
            assert mark(other) not in text and other.public_key not in text, address
    assert f"Confirm the key that is offered for {SIGNER}" in said(mate.get("/"))
    assert "Confirm the key" not in said(keeper.get("/"))
    asked = said(mate.get(f"{AT}confirm"))
    assert mark(other) not in asked and other.public_key not in asked

    spaced = " ".join(mark(other)[n : n + 4] for n in range(0, 32, 4)).upper()
    done = mate.send(f"{AT}confirm", fingerprint=spaced)
    assert done.status_code == 302
    assert "signs with the new key from now on" in said(mate.get(done["Location"]))
    assert site.trusted()[WHO] == other.public_key
    assert acts(house)[-3:] == ["key ended", "key offered", "key trusted"]
    page = said(holder.get(AT))
    assert mark(other) in page and mark(signer) in page
    assert f"{MATE} ({PARTY}); {ADMIN} (council) offered it" in page
    assert site.trusted(reference)[WHO] == signer.public_key, "what was signed stays signed"


# -- who may -------------------------------------------------------------------------------------

EVERYBODY = [SIGNER, MATE, ADMIN, SECOND, STRANGER]


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_ends_a_key(house: Place, at: dict[str, Visitor], signer: OwnKey, name: str) -> None:
    """Its holder and administrators; nobody else finds the way there or can go it."""
    may = name in (SIGNER, ADMIN, SECOND)
    page = at[name].get(AT)
    assert (page.status_code == 200) is (name != STRANGER)
    assert ("End this key" in said(page)) is may
    assert at[name].get(f"{AT}end").status_code == (200 if may else 403)
    sent = at[name].send(f"{AT}end", "/account/", **WHY, looked_at=mark(signer))
    assert sent.status_code == (302 if may else 403)
    assert (WHO in house.site.trusted()) is not may
    if not may:
        assert ("ACT306" if name == STRANGER else "ACT301") in said(sent)


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_offers_a_key(house: Place, at: dict[str, Visitor], signer: OwnKey, name: str) -> None:
    ended(house)
    may = name in (ADMIN, SECOND)
    page = at[name].get(AT)
    assert (f"{AT}offer" in page.content.decode().replace("%20", " ")) is may
    sent = at[name].send(f"{AT}offer", "/account/", public_key=new().public_key)
    assert sent.status_code == (302 if may else 403)
    assert ("ACT250" in said(sent)) is not may
    assert (acts(house)[-1] == "key offered") is may


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_confirms_a_key(
    house: Place, at: dict[str, Visitor], signer: OwnKey, name: str
) -> None:
    """Another administrator, or somebody of the holder's party; never who offered it."""
    ended(house)
    other = new()
    at[ADMIN].send(f"{AT}offer", public_key=other.public_key)
    may = name in (SECOND, MATE, SIGNER)
    page = at[name].get(AT)
    assert ("Confirm this key" in said(page)) is may
    assert at[name].get(f"{AT}confirm").status_code == (200 if may else 403)
    wrong = at[name].send(f"{AT}confirm", "/account/", fingerprint="0" * 32)
    assert wrong.status_code == (422 if may else 403)
    assert WHO not in house.site.trusted()
    sent = at[name].send(f"{AT}confirm", "/account/", fingerprint=mark(other))
    assert sent.status_code == (302 if may else 403)
    assert (house.site.trusted().get(WHO) == other.public_key) is may
    if name == ADMIN:
        assert "ACT304" in said(sent), "a key takes another's place by two people"


def test_one_person_under_two_names_does_not_confirm(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    enrol(house.site, PARTY, "amara  OSEI", roles=())
    double = house.visitor()
    double.open_account("amara  OSEI", "double@example.org")
    ended(house)
    other = new()
    at[ADMIN].send(f"{AT}offer", public_key=other.public_key)
    sent = double.send(f"{AT}confirm", "/account/", fingerprint=mark(other))
    assert sent.status_code == 403 and "ACT304" in said(sent)
    assert WHO not in house.site.trusted()


def test_a_stranger_sees_nothing_and_nobody_is_made_up(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    out = house.visitor().get(AT)
    assert out.status_code == 302 and out["Location"].startswith("/sign-in")
    for name in (STRANGER, MATE):
        at[name].get("/")  # what was told of an earlier step is told once
    assert SIGNER not in said(at[STRANGER].get("/keys/"))
    assert SIGNER not in said(at[MATE].get("/keys/")), "others' keys are listed for keepers alone"
    assert SIGNER in said(at[ADMIN].get("/keys/")) and "In force" in said(at[ADMIN].get("/people/"))
    gone = at[ADMIN].get("/keys/council/Nobody At All/")
    assert gone.status_code == 404 and "ACT308" in said(gone)
    assert f"/keys/{PARTY}/" in at[ADMIN].get(f"/people/roles?person={WHO}").content.decode()
    with pytest.raises(GateRefused, match="ACT250"):
        states(house.site, house.person(STRANGER))


# -- what is typed -------------------------------------------------------------------------------


def test_what_is_missing_is_told_at_once_and_nothing_typed_is_lost(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    empty = at[SIGNER].send(f"{AT}end", looked_at=mark(signer))
    page = said(empty)
    assert empty.status_code == 422 and page.count("Choose why the key is ended") == 2
    assert 'href="#because"' in page and 'href="#reason"' in page
    half = said(at[SIGNER].send(f"{AT}end", looked_at=mark(signer), reason="It fell in the sea."))
    assert "It fell in the sea." in half and "Choose why" in half
    odd = at[SIGNER].send(f"{AT}end", looked_at=mark(signer), because="whim", reason="So.")
    assert odd.status_code == 422 and WHO in house.site.trusted()
    ended(house)
    none = at[ADMIN].send(f"{AT}offer", public_key=" ")
    assert none.status_code == 422 and 'href="#file"' in said(none)
    at[ADMIN].send(f"{AT}offer", public_key=new().public_key)
    for typed, words in (("", "Enter the fingerprint"), ("ab12 cd34", "ACT305")):
        wrong = at[MATE].send(f"{AT}confirm", fingerprint=typed)
        assert wrong.status_code == 422 and words in said(wrong)
        assert 'href="#fingerprint"' in said(wrong) and 'id="fingerprint-error"' in said(wrong)
        assert f'value="{typed}"' in said(wrong) or not typed
        assert "equipoise key replace" not in said(wrong)


def test_a_private_key_is_refused_and_neither_kept_nor_sent_back(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    ended(house)
    held = Ed25519PrivateKey.generate()
    pem = held.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret = pem.decode().split("\n")[1]
    pasted = at[ADMIN].send(f"{AT}offer", public_key=pem.decode())
    filed = send_file(at[ADMIN], pem)
    for refused, field in ((pasted, "public_key"), (filed, "file")):
        page = said(refused)
        assert refused.status_code == 422 and "ACT294" in page
        assert f'href="#{field}"' in page and f'id="{field}-error"' in page
        assert secret not in page and "BEGIN PRIVATE" in page, "the form's own hint alone"
    assert not [one.offered for one in EndedKeys(house.site.store.alias).ended()][-1]
    kept = [*house.site.directory.rglob("*")]
    assert kept and not [p for p in kept if p.is_file() and secret.encode() in p.read_bytes()]


def test_a_public_key_is_taken_as_a_file_and_wrong_ones_are_told_at_the_field(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    ended(house)
    theirs = house.person(MATE).public_key
    for data, code in (
        (signer.public_key.encode(), "ACT299"),
        (theirs.encode(), "ACT296"),
        (b"no key at all", "ACT293"),
        (b"\xff\xfea\0b\0", "ACT293"),
        (b"a" * 100_000, "ACT293"),
        (b"00" * 32, "ACT295"),
    ):
        refused = send_file(at[ADMIN], data)
        assert refused.status_code == 422 and code in said(refused)
        assert 'href="#file"' in said(refused)
    pasted = at[ADMIN].send(f"{AT}offer", public_key=signer.public_key)
    assert "ACT299" in said(pasted) and 'href="#public_key"' in said(pasted)
    assert signer.public_key in said(pasted), "what was typed stands there still"
    other = new()
    assert send_file(at[ADMIN], other.public_pem.encode()).status_code == 302
    confirm_key(house.site, WHO, mark(other), f"council/{SECOND}")
    assert house.site.trusted()[WHO] == other.public_key
