"""Steps on pages of keys that are sent twice, too late or at once; and keys that are not their
holder's own: those that the site holds, invented people's, and partners'."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import connections
from losing_keys import (
    ADMIN,
    AT,
    MATE,
    PARTIES,
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

from equipoise.account.cards import CardPerson, CardPost, make_card
from equipoise.acts import key_replace
from equipoise.acts.key_replace import confirm_key, end_key, offer_key
from equipoise.acts.keys_here import key_steps, keys_of, states
from equipoise.acts.own_key import OwnKey
from equipoise.acts.sign import sign
from equipoise.acts.site import enrol
from equipoise.errors import EquipoiseError, StateRefused
from equipoise.store.ended_keys import EndedKeys
from equipoise.store.facts import Partner


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


# -- twice, and at once --------------------------------------------------------------------------


def test_sent_twice_is_done_once(house: Place, at: dict[str, Visitor], signer: OwnKey) -> None:
    other, before = new(), len(acts(house))
    steps: tuple[tuple[str, str, dict[str, str]], ...] = (
        (SIGNER, "end", {**WHY, "looked_at": mark(signer)}),
        (ADMIN, "offer", {"public_key": other.public_key}),
        (MATE, "confirm", {"fingerprint": mark(other)}),
    )
    for number, (name, step, fields) in enumerate(steps, 1):
        for _ in range(2):
            done = at[name].send(f"{AT}{step}", "/account/", **fields)
            assert done.status_code == 302 and done["Location"].replace("%20", " ") == AT
        assert len(acts(house)) == before + number


def test_a_page_left_open_does_not_end_the_key_that_came_after(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    other = new()
    ended(house)
    offer_key(house.site, WHO, other.public_key, f"council/{ADMIN}")
    confirm_key(house.site, WHO, mark(other), f"council/{SECOND}")
    late = at[SIGNER].send(f"{AT}end", **WHY, looked_at=mark(signer))
    assert late.status_code == 302 and house.site.trusted()[WHO] == other.public_key
    odd = at[SIGNER].send(f"{AT}end", **WHY, looked_at="0" * 32)
    assert odd.status_code == 409 and "ACT307" in said(odd) and WHY["reason"] in said(odd)
    bare = at[SIGNER].send(f"{AT}end", **WHY)
    assert bare.status_code == 409 and house.site.trusted()[WHO] == other.public_key


def test_steps_out_of_turn_are_told_with_the_way_on(
    house: Place, at: dict[str, Visitor], signer: OwnKey
) -> None:
    for name, step in ((ADMIN, "offer"), (MATE, "confirm")):
        early = at[name].get(f"{AT}{step}")
        assert early.status_code == 409 and "ACT303" in said(early)
        assert 'href="/keys/"' in said(early) and "equipoise key" not in said(early)
    ended(house)
    again = at[SIGNER].get(f"{AT}end")
    assert again.status_code == 422 and "ACT300" in said(again)
    assert 'href="/keys/"' in said(again) and "equipoise key" not in said(again)
    assert "No key is in force" in said(at[MATE].get(AT))


def test_of_two_in_one_moment_one_comes_second(house: Place, signer: OwnKey) -> None:
    """Two threads that each read before either wrote: one ends it, and one is told."""
    site, gate, told = house.site, threading.Barrier(2), []
    alias = site.store.alias

    plain = key_replace.key_to_end

    def run() -> None:
        try:
            end_key(site, WHO, "lost", "Gone.", WHO)
            told.append("done")
        except StateRefused as error:
            told.append(error.problems[0].code)
        finally:
            connections[alias].close()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(key_replace, "key_to_end", lambda *given: (plain(*given), gate.wait(5))[0])
        threads = [threading.Thread(target=run) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(20)
    assert sorted(told) == ["STO016", "done"]


def test_what_another_did_meanwhile_is_not_written_over(house: Place, signer: OwnKey) -> None:
    site = house.site
    book = EndedKeys(site.store.alias)
    ended(house)
    first, second = new(), new()
    offer_key(site, WHO, first.public_key, f"council/{ADMIN}")
    seen = book.ended()[-1]
    offer_key(site, WHO, second.public_key, f"council/{SECOND}")
    with pytest.raises(StateRefused, match="STO016"), site.store.change(WHO) as change:
        book.settle(change, seen)
    confirm_key(site, WHO, mark(second), f"council/{ADMIN}")
    with pytest.raises(StateRefused, match="STO016"), site.store.change(WHO) as change:
        book.offer(change, seen, first.public_key, f"council/{ADMIN}")
    assert site.trusted()[WHO] == second.public_key


# -- keys that the site holds, and partners' -----------------------------------------------------


def test_a_key_that_the_site_holds_is_destroyed_and_its_page_says_so(
    house: Place, at: dict[str, Visitor]
) -> None:
    own = f"/keys/council/{STRANGER}/"
    page = said(at[STRANGER].get(own))
    assert "This site holds it" in page
    assert "is destroyed" in said(at[STRANGER].get(f"{own}end"))
    held = keys_of(house.site, "council", STRANGER, house.person(STRANGER)).in_force
    assert held is not None and held.by == "whoever runs this site"
    sent = at[STRANGER].send(f"{own}end", because="changed", reason="I keep my own now.",
                             looked_at=held.fingerprint)  # fmt: skip
    assert sent.status_code == 302
    assert not house.site.custody.holds_key_of("council", STRANGER)
    page = said(at[STRANGER].get(own))
    assert "Nothing was signed with it" in page and "It is to be changed" in page
    assert [one.step for one in key_steps(house.site, house.person(STRANGER))] == ["offer"]


def test_a_partners_person_has_their_key_ended_here_and_the_next_by_their_card(
    house: Place, at: dict[str, Visitor]
) -> None:
    site, theirs, partner = house.site, new(), new()
    card = make_card(
        "Elsewhere", (CardPost("voa", "owner", "age1" + "q" * 58, "cd" * 32),),
        (CardPerson("voa", "Lou Hart", theirs.public_key),),
        practice=False, made=site.clock(), signer=partner,
    )  # fmt: skip
    with site.store.change("site/machine") as change:
        change.accept(Partner(partner.public_key, "Elsewhere", card.as_dict(), change.now))
        change.note("partner accepted", f"partner:{partner.public_key[:32]}",
                    fingerprint=mark(partner))  # fmt: skip
    assert "Lou Hart" in said(at[ADMIN].get("/keys/"))
    page = said(at[ADMIN].get("/keys/voa/Lou Hart/"))
    assert "At a partner’s site" in page and mark(theirs) in page and "not told" in page
    done = at[ADMIN].send("/keys/voa/Lou Hart/end", **WHY, looked_at=mark(theirs))
    assert done.status_code == 302 and "voa/Lou Hart" not in site.trusted()
    page = said(at[ADMIN].get("/keys/voa/Lou Hart/"))
    assert "next card names another key" in page and "Offer a new key" not in page
    assert states(site, house.person(ADMIN))["voa/Lou Hart"] == "ended"
    refused = at[ADMIN].get("/keys/voa/Lou Hart/offer")
    assert refused.status_code == 409 and "ACT303" in said(refused)


def test_an_invented_person_whose_practice_key_was_ended_is_told_on_the_signing_page(
    practice: Place,
) -> None:
    site = practice.site
    source = site.directory / "lalonde.yaml"
    source.write_text(TEXT, encoding="utf-8")
    for party, one in PARTIES.items():
        enrol(site, party, one.signatory.name, roles=tuple(one.roles), practice=True)
    other = next(one.signatory.name for one in PARTIES.values()
                 if one.signatory.name != SIGNER)  # fmt: skip
    reference = sign(site, str(source), other).reference
    visitor = practice.visitor()
    visitor.send("/sign-in/as", "/sign-in", person=WHO)
    address = f"/agreements/{reference}/sign"
    assert "signs with it" in said(visitor.get(address))
    end_key(site, WHO, "lost", "Gone.", WHO)
    page = said(visitor.get(address))
    assert "Your key was ended" in page and "Sign it</button>" not in page
    key = new()
    offer_key(site, WHO, key.public_key, f"council/{ADMIN}")
    confirm_key(site, WHO, mark(key), WHO)
    page = said(visitor.get(address))
    assert "--key my-key.pem" in page and mark(key) in page, "their own key signs where it lies"
    with pytest.raises(EquipoiseError, match="ACT279"):
        sign(site, reference, WHO)
