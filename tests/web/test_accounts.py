"""Accounts: invitations, passwords, the second factor, locks and sessions, as people meet them."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from pathlib import Path

import pytest
from visiting import PASSWORD, Place, StillClock, Visitor

from equipoise.acts.accounts import limits, one_time
from equipoise.acts.accounts.keep import lock, sign_out_everywhere
from equipoise.acts.accounts.permission import DUTIES, ROLES, may, require
from equipoise.acts.accounts.roles import change_roles
from equipoise.acts.accounts.sign_in import as_invented
from equipoise.acts.accounts.site_secret import PLACE, site_secret
from equipoise.errors import (
    EnvironmentFailed,
    EquipoiseError,
    GateRefused,
    StateRefused,
    UsageRefused,
)
from equipoise.store.passwords import faults, hashed, is_password

AMARA = {"sign_in": "amara@example.org", "password": PASSWORD}


def acts(place: Place) -> list[str]:
    return [one.act for one in place.site.store.entries()]


# -- one-time passwords ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hash_name", "letter_count", "codes"),
    [
        ("sha1", 20, "94287082 07081804 14050471 89005924 69279037 65353130"),
        ("sha256", 32, "46119246 68084774 67062674 91819424 90698825 77737706"),
        ("sha512", 64, "90693936 25091201 99943326 93441116 38618901 47863826"),
    ],
)
def test_codes_are_those_that_rfc_6238_prints(
    hash_name: str, letter_count: int, codes: str
) -> None:
    """Appendix B of the RFC; its secrets are the digits 1 to 0 again and again."""
    secret = (b"1234567890" * 7)[:letter_count]
    times = (59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000)
    made = [
        one_time.code_at(secret, at // one_time.STEP, digits=8, hash_name=hash_name) for at in times
    ]
    assert made == codes.split()


def test_a_code_counts_for_its_own_step_and_those_beside_it() -> None:
    secret = one_time.new_secret()
    code = one_time.code_at(secret, 1000)
    steps = [one_time.step_of(secret, code, at * 30.0) for at in range(997, 1004)]
    assert steps[2:5] == [1000, 1000, 1000] and not any((steps[0], steps[1], steps[5], steps[6]))


def test_an_authenticator_can_read_the_address() -> None:
    told = one_time.address(b"12345678901234567890", "Harbour & Hill", "amara@example.org")
    assert told.startswith(
        "otpauth://totp/Harbour%20%26%20Hill:amara%40example.org?secret=GEZDGNBV"
    )
    assert "digits=6&period=30" in told


# -- opening an account ---------------------------------------------------------------------------


def test_an_invitation_serves_once_and_for_seven_days(place: Place) -> None:
    token = place.invited("Amara Osei")
    later = place.invited("Amara Osei")
    visitor = place.visitor()
    ended = visitor.get(f"/invitation/{token}")
    assert ended.status_code == 409 and "ACT252" in ended.content.decode()
    place.clock.pass_by(days=8)
    assert visitor.get(f"/invitation/{later}").status_code == 409
    token = place.invited("Amara Osei")
    assert visitor.send(f"/invitation/{token}", **AMARA).status_code == 302
    assert place.visitor().get(f"/invitation/{token}").status_code == 409


def test_who_is_invited_sets_up_a_second_factor_before_anything_else(place: Place) -> None:
    visitor = place.visitor()
    opened = visitor.send(f"/invitation/{place.invited('Amara Osei')}", **AMARA)
    assert opened["Location"] == "/account/second-factor"
    assert visitor.get("/")["Location"] == "/account/second-factor"
    assert visitor.get("/people/")["Location"] == "/account/second-factor"
    done = visitor.set_up()
    assert len(visitor.recovery) == 10 and len(set(visitor.recovery)) == 10
    assert done.status_code == 200
    assert visitor.get("/people/").status_code == 200
    assert acts(place)[-3:] == ["account invited", "account opened", "second factor set"]


def test_unfit_names_and_passwords_are_all_named_at_once(place: Place) -> None:
    visitor = place.visitor()
    token = place.invited("Amara Osei")
    refused = visitor.send(f"/invitation/{token}", sign_in="Ä b", password="osei")
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "ACT253" in text and "ACT254" in text
    assert "fewer than 12 characters" in text and "your name" in text
    assert 'href="#password"' in text and 'href="#sign_in"' in text
    assert "<title>Error: " in text
    assert "osei" not in re.findall(r'name="password"[^>]*>', text)[0]
    assert visitor.send(f"/invitation/{token}", **AMARA).status_code == 302


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short one", "fewer than 12"),
        ("x" * 300, "more than 256"),
        ("aaaaaaabbbbbbb", "repeats"),
        ("amara-lantern-quiver", "your name"),
        ("administrator", "many people use"),
        ("plough lantern quiver", ""),
        ("пароль длинный и ясный", ""),
    ],
)
def test_a_password_is_long_and_not_guessed_at_once(password: str, fault: str) -> None:
    said = "; ".join(faults(password, "amara@example.org", "Amara", "Osei"))
    assert (fault in said) if fault else said == ""


def test_a_name_is_one_persons_alone(place: Place) -> None:
    place.signed_in("Amara Osei")
    visitor = place.visitor()
    token = place.invited("Ben Hale")
    refused = visitor.send(f"/invitation/{token}", sign_in=" AMARA@example.org ", password=PASSWORD)
    assert refused.status_code == 409 and "STO060" in refused.content.decode()


def test_an_account_opened_anew_keeps_nothing_of_the_old_one(place: Place) -> None:
    old = place.signed_in("Amara Osei")
    fresh = place.visitor()
    fresh.send(f"/invitation/{place.invited('Amara Osei')}", sign_in="amara2", password=PASSWORD)
    assert old.get("/account/").status_code == 302
    assert old.send("/sign-in", **AMARA).status_code == 422
    assert fresh.get("/")["Location"] == "/account/second-factor"


# -- signing in -----------------------------------------------------------------------------------


def test_a_password_alone_lets_nobody_in(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    visitor.send("/sign-out", "/account/")
    begun = visitor.send("/sign-in", next="/account/", **AMARA)
    assert begun["Location"] == "/sign-in/code"
    for page in ("/", "/people/", "/account/", "/account/second-factor"):
        assert visitor.get(page)["Location"] == "/sign-in/code"
    assert visitor.send("/sign-in/code", code=visitor.code()).status_code == 302
    assert visitor.get("/account/").status_code == 200


def test_a_wrong_name_and_a_wrong_password_are_told_alike(place: Place) -> None:
    place.signed_in("Amara Osei")
    visitor = place.visitor()
    pages = [
        visitor.send("/sign-in", sign_in=name, password=password).content.decode()
        for name, password in (
            ("amara@example.org", "wrong"),
            ("nobody", PASSWORD),
            ("nobody", "w"),
        )
    ]
    plain = {re.sub(r'value="[^"]*"', "", page) for page in pages}
    assert len(plain) == 1 and "ACT255" in plain.pop()


def test_a_code_serves_once(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    code = visitor.code()
    for again, status in ((False, 302), (True, 422)):
        visitor.send("/sign-in", **AMARA)
        done = visitor.send("/sign-in/code", code=code)
        assert done.status_code == status, again
    assert "ACT257" in done.content.decode()
    place.clock.pass_by(seconds=30)
    assert (
        visitor.send(
            "/sign-in/code", code=f" {visitor.code()[:3]} {visitor.code()[3:]}"
        ).status_code
        == 302
    )


def test_a_recovery_code_serves_once_and_the_ledger_tells(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    given = visitor.recovery[3]
    visitor.send("/sign-in", **AMARA)
    assert visitor.send("/sign-in/code", code=f"{given[:5]}-{given[5:].upper()}").status_code == 302
    assert acts(place)[-1] == "recovery code used"
    assert place.site.store.entries()[-1].detail["left"] == 9
    visitor.send("/sign-in", **AMARA)
    assert visitor.send("/sign-in/code", code=given).status_code == 422
    visitor.send("/sign-in/code", code=visitor.recovery[4])
    visitor.send("/account/recovery-codes", "/account/")
    visitor.send("/sign-in", **AMARA)
    assert visitor.send("/sign-in/code", code=visitor.recovery[5]).status_code == 422


def test_a_second_factor_is_taken_only_with_its_own_code_and_in_its_own_session(
    place: Place,
) -> None:
    visitor = place.signed_in("Amara Osei")
    other = place.signed_in("Ben Hale")
    page = other.get("/account/second-factor").content.decode()
    held = re.search(r'name="held" value="([^"]+)"', page)
    assert held is not None
    stolen = visitor.send("/account/second-factor", held=held[1], code="123456")
    assert stolen.status_code == 409 and "ACT261" in stolen.content.decode()
    mine = visitor.get("/account/second-factor").content.decode()
    held = re.search(r'name="held" value="([^"]+)"', mine)
    wrong = visitor.send("/account/second-factor", held=held[1], code="000000")  # type: ignore[index]
    assert wrong.status_code == 422 and "ACT259" in wrong.content.decode()


def test_a_second_factor_is_not_changed_from_a_session_that_was_left_open(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    assert visitor.get("/account/second-factor").status_code == 200
    fresh = visitor.get("/account/").content.decode()
    place.clock.pass_by(minutes=16)
    found = visitor.get("/account/second-factor")
    assert found.status_code == 409 and "ACT265" in found.content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', fresh)
    assert token is not None
    codes = visitor.post("/account/recovery-codes", {"csrfmiddlewaretoken": token[1]})
    assert codes.status_code == 409
    visitor.send("/sign-in", **AMARA)
    assert visitor.send("/sign-in/code", code=visitor.recovery[0]).status_code == 302
    assert visitor.get("/account/second-factor").status_code == 200


def test_who_stole_a_password_sets_up_no_second_factor_over_the_owners(place: Place) -> None:
    """The thief signs in before the owner has set one up, and waits."""
    owner, thief = place.visitor(), place.visitor()
    token = place.invited("Amara Osei")
    owner.send(f"/invitation/{token}", **AMARA)
    thief.send("/sign-in", **AMARA)
    assert thief.get("/")["Location"] == "/account/second-factor"
    assert owner.set_up().status_code == 200
    assert thief.get("/account/second-factor")["Location"].startswith("/sign-in")
    assert owner.get("/account/").status_code == 200


# -- limits ---------------------------------------------------------------------------------------


def guess(visitor: Visitor, times: int, address: str = "10.0.0.1") -> int:
    visitor.defaults["REMOTE_ADDR"] = address
    for _ in range(times):
        status = visitor.send("/sign-in", sign_in="amara@example.org", password="wrong").status_code
    return status


def test_guessing_a_password_is_stopped_and_begins_again_after_a_while(place: Place) -> None:
    place.signed_in("Amara Osei")
    guesser = place.visitor()
    assert guess(guesser, 5) == 422
    assert guess(guesser, 1) == 429
    right = guesser.send("/sign-in", **AMARA)
    assert right.status_code == 429 and "ACT251" in right.content.decode()
    assert "Wait 15 minutes" in right.content.decode()
    place.clock.pass_by(minutes=15)
    assert guesser.send("/sign-in", **AMARA).status_code == 302


def test_a_stranger_elsewhere_does_not_keep_the_owner_out(place: Place) -> None:
    place.signed_in("Amara Osei")
    assert guess(place.visitor(), 6) == 429
    owner = place.visitor()
    owner.defaults["REMOTE_ADDR"] = "10.0.0.2"
    assert owner.send("/sign-in", **AMARA).status_code == 302


def test_guesses_from_many_addresses_at_one_account_are_stopped(place: Place) -> None:
    place.signed_in("Amara Osei")
    statuses = [guess(place.visitor(), 1, f"10.0.{n}.1") for n in range(26)]
    assert statuses == [422] * 25 + [429]


def test_guesses_at_many_accounts_from_one_address_are_stopped(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.MOST, "address", 4)  # type: ignore[arg-type]
    visitor = place.visitor()
    statuses = [
        visitor.send("/sign-in", sign_in=f"n{n}", password="x").status_code for n in range(5)
    ]
    assert statuses == [422] * 4 + [429]


def test_guessing_a_code_is_stopped_wherever_it_is_tried(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    for n in range(6):
        other = place.visitor()
        other.defaults["REMOTE_ADDR"] = f"10.1.{n}.1"
        other.send("/sign-in", **AMARA)
        status = other.send("/sign-in/code", code="000000").status_code
    assert status == 429
    assert other.send("/sign-in/code", code=visitor.code()).status_code == 429


def test_the_address_is_the_proxys_word_only_where_a_proxy_was_named(place: Place) -> None:
    place.signed_in("Amara Osei")
    for n in range(6):
        visitor = place.visitor()
        visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"10.9.9.{n}"
        status = guess(visitor, 1)
    assert status == 429


# -- sessions and locks ---------------------------------------------------------------------------


def test_a_session_ends_an_hour_after_its_last_use_and_twelve_after_it_began(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    place.clock.pass_by(minutes=61)
    assert visitor.get("/account/").status_code == 302
    visitor.send("/sign-in", **AMARA)
    visitor.send("/sign-in/code", code=visitor.code())
    for _ in range(14):
        assert visitor.get("/account/").status_code == 200
        place.clock.pass_by(minutes=50)
    place.clock.pass_by(minutes=30)
    assert visitor.get("/account/").status_code == 302


def test_a_sign_in_left_half_way_ends_after_ten_minutes(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    visitor.send("/sign-in", **AMARA)
    place.clock.pass_by(minutes=11)
    assert visitor.get("/sign-in/code")["Location"].startswith("/sign-in?")


def test_the_browser_holds_a_token_out_of_reach_and_the_site_only_its_hash(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    cookie = visitor.cookies["session"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/"
    assert cookie["max-age"] == ""
    kept = sqlite3.connect(place.site.directory / "equipoise.sqlite3")
    whole = "\n".join(kept.iterdump())
    from base64 import b32encode

    for secret in (cookie.value, PASSWORD, *visitor.recovery, b32encode(visitor.secret).decode()):
        assert secret not in whole


def test_a_new_token_is_given_at_each_step_of_signing_in(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    tokens = {visitor.cookies["session"].value}
    visitor.send("/sign-in", **AMARA)
    tokens.add(before := visitor.cookies["session"].value)
    visitor.send("/sign-in/code", code=visitor.code())
    tokens.add(visitor.cookies["session"].value)
    assert len(tokens) == 3
    visitor.cookies["session"] = before
    assert visitor.get("/account/").status_code == 302


def test_signing_out_ends_the_session_and_not_only_the_cookie(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    token = visitor.cookies["session"].value
    done = visitor.send("/sign-out", "/account/")
    assert done["Location"] == "/sign-in"
    assert "You are signed out" in visitor.get("/sign-in").content.decode()
    assert "You are signed out" not in visitor.get("/sign-in").content.decode()
    visitor.cookies["session"] = token
    assert visitor.get("/account/").status_code == 302


def test_signing_out_everywhere_ends_every_session_of_one_person(place: Place) -> None:
    here, other = place.signed_in("Amara Osei"), place.signed_in("Ben Hale")
    there = place.visitor()
    there.secret = here.secret
    there.send("/sign-in", **AMARA)
    there.send("/sign-in/code", code=there.code())
    assert there.get("/account/").content.decode().count("another") == 1
    here.send("/account/sign-out-everywhere", "/account/")
    assert here.get("/account/").status_code == there.get("/account/").status_code == 302
    assert other.get("/account/").status_code == 200
    assert acts(place)[-1] == "signed out everywhere"


def test_a_changed_password_ends_the_other_sessions(place: Place) -> None:
    here = place.signed_in("Amara Osei")
    there = place.visitor()
    there.send("/sign-in", **AMARA)
    there.send("/sign-in/code", code=here.code())
    wrong = here.send("/account/password", old="no", password="orchard-violet-thimble")
    assert wrong.status_code == 422 and "ACT263" in wrong.content.decode()
    weak = here.send("/account/password", old=PASSWORD, password="short")
    assert weak.status_code == 422 and "ACT254" in weak.content.decode()
    done = here.send("/account/password", old=PASSWORD, password="orchard-violet-thimble")
    assert done["Location"] == "/account/"
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert acts(place)[-1] == "password changed"


def test_an_administrator_invites_locks_and_unlocks_and_nobody_else_does(place: Place) -> None:
    amara, ben = place.signed_in("Amara Osei"), place.signed_in("Ben Hale")
    shown = amara.send("/people/invite", "/people/", person="council/Cleo Marsh")
    link = re.search(r"http://testserver(/invitation/[\w-]+)", shown.content.decode())
    assert link is not None
    assert place.visitor().get(link[1]).status_code == 200
    for form in ({"what": "lock"}, {"what": "unlock"}, {"what": "sign out"}):
        refused = ben.send("/people/change", "/account/", person="council/Amara Osei", **form)
        assert refused.status_code == 403 and "ACT250" in refused.content.decode()
    refused = ben.send("/people/invite", "/account/", person="council/Ben Hale")
    assert refused.status_code == 403
    amara.send("/people/change", "/people/", person="council/Ben Hale", what="lock")
    assert ben.get("/account/").status_code == 302
    locked = ben.send("/sign-in", sign_in="ben@example.org", password=PASSWORD)
    assert locked.status_code == 422 and "ACT255" in locked.content.decode()
    amara.send("/people/change", "/people/", person="council/Ben Hale", what="unlock")
    assert ben.send("/sign-in", sign_in="ben@example.org", password=PASSWORD).status_code == 302
    itself = amara.send("/people/change", "/people/", person="council/Amara Osei", what="lock")
    assert itself.status_code == 409 and "ACT264" in itself.content.decode()
    nobody = amara.send("/people/change", "/people/", person="council/Cleo Marsh", what="lock")
    assert nobody.status_code == 409 and "ACT262" in nobody.content.decode()


def test_an_administrator_gives_a_role_and_takes_it_away(place: Place) -> None:
    amara, ben = place.signed_in("Amara Osei"), place.signed_in("Ben Hale")
    at = "/people/roles?person=council/Ben%20Hale"
    kept = [role for role in place.person("Ben Hale").roles if role not in ROLES]
    assert "/people/roles?person=council/Ben%20Hale" in amara.get("/people/").content.decode()
    assert ben.send(at, "/account/", roles="administrator").status_code == 403
    assert ben.get("/workshops/new").status_code == 403
    done = amara.send(at, roles="facilitator")
    assert done.status_code == 302 and ben.get("/workshops/new").status_code == 200
    assert {*place.person("Ben Hale").roles} == {*kept, "facilitator"}
    assert re.search(r'value="facilitator"[^>]* checked', amara.get(at).content.decode())
    before = len(acts(place))
    assert amara.send(at, roles="facilitator").status_code == 302 and len(acts(place)) == before
    assert amara.send(at).status_code == 302 and ben.get("/workshops/new").status_code == 403
    assert [*place.person("Ben Hale").roles] == kept
    assert acts(place)[-2:] == ["role given", "role taken"]
    assert amara.send(at, roles="king").status_code == 422
    out = amara.send("/people/roles?person=council/Amara%20Osei", roles="drafter")
    assert out.status_code == 422 and "ACT266" in out.content.decode()
    assert "administrator" in place.person("Amara Osei").roles
    with pytest.raises(UsageRefused, match="ACT266"):
        change_roles(place.site, place.person("Ben Hale"), ["king"], by=place.person("Amara Osei"))


def test_a_page_offers_what_the_act_allows_and_no_more(place: Place) -> None:
    amara, ben = place.signed_in("Amara Osei"), place.signed_in("Ben Hale")
    assert 'href="/people/"' in amara.get("/").content.decode()
    assert 'href="/people/"' not in ben.get("/").content.decode()
    for person in place.site.people():
        for duty in DUTIES:
            if may(person, duty):
                assert require(person, duty) is person
            else:
                with pytest.raises(GateRefused):
                    require(person, duty)
    assert {role for roles in DUTIES.values() for role in roles} == set(ROLES)
    with pytest.raises(GateRefused):
        require(None, "keep accounts")


def test_the_acts_check_the_role_whoever_calls_them(place: Place) -> None:
    place.signed_in("Amara Osei")
    ben, amara = place.person("Ben Hale"), place.person("Amara Osei")
    for call in (lock, sign_out_everywhere):
        with pytest.raises(GateRefused):
            call(place.site, amara, by=ben)
    sign_out_everywhere(place.site, amara, by=None)
    assert place.site.store.entries()[-1].actor == "site/machine"


# -- practice sites -------------------------------------------------------------------------------


def test_invented_people_are_stepped_into_on_a_practice_site_alone(
    practice: Place,
) -> None:
    visitor = practice.visitor()
    assert "Step into the part" in visitor.get("/sign-in").content.decode()
    done = visitor.send("/sign-in/as", "/sign-in", person="council/Cleo Marsh")
    assert done["Location"] == "/"
    assert "Cleo Marsh" in visitor.get("/").content.decode()
    visitor.send("/sign-out", "/account/")
    assert visitor.send("/sign-in/as", "/sign-in", person="council/Cleo Marsh").status_code == 302


def test_nobody_is_stepped_into_on_a_real_site(place: Place) -> None:
    visitor = place.visitor()
    assert "Step into" not in visitor.get("/sign-in").content.decode()
    done = visitor.send("/sign-in/as", "/sign-in", person="council/Amara Osei")
    assert done["Location"] == "/sign-in"
    with pytest.raises(GateRefused, match="ACT256"):
        as_invented(place.site, place.person("Amara Osei"))


# -- what is kept ---------------------------------------------------------------------------------


def test_the_sites_secret_is_drawn_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = site_secret(tmp_path)
    assert site_secret(tmp_path) == first and len(first) == 32
    path = tmp_path / PLACE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secret"]
    assert site_secret(tmp_path / "other") != first
    path.write_bytes(b"short")
    with pytest.raises(EnvironmentFailed, match="ACT260"):
        site_secret(tmp_path)


def test_a_secret_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("not a folder")
    with pytest.raises(EnvironmentFailed, match="ACT260"):
        site_secret(tmp_path)


def test_a_password_is_hashed_slowly_and_with_a_salt() -> None:
    one, other = hashed(PASSWORD), hashed(PASSWORD)
    assert one != other and one.startswith("scrypt$16384$")
    assert is_password(PASSWORD, one) and not is_password(PASSWORD + " ", one)
    assert not is_password(PASSWORD, "") and not is_password("x" * 1000, one)


def test_the_ledger_tells_of_accounts_in_words(place: Place) -> None:
    from equipoise.account.tell import sentence

    place.signed_in("Amara Osei")
    lock(place.site, place.person("Amara Osei"), by=None)
    place.signed_in("Ben Hale")
    told = [sentence(one) for one in place.site.store.entries()]
    assert "Amara Osei (council) opened their account, to sign in with a password." in told
    assert "The machine locked the account of Amara Osei (council)." in told
    assert json.dumps(told).count("invited") == 2


def test_two_who_use_one_invitation_at_once_do_not_both_get_in(place: Place) -> None:
    from equipoise.acts.accounts.invite import open_account

    token = place.invited("Amara Osei")
    open_account(place.site, token, "amara", PASSWORD, address="a")
    with pytest.raises(StateRefused, match="ACT252"):
        open_account(place.site, token, "amara", PASSWORD, address="a")
    with pytest.raises(EquipoiseError):
        open_account(place.site, "nosuch", "amara", PASSWORD, address="a")


def test_a_clock_that_goes_back_lets_no_code_serve_twice(place: Place) -> None:
    visitor = place.signed_in("Amara Osei")
    code = visitor.code()
    visitor.send("/sign-in", **AMARA)
    visitor.send("/sign-in/code", code=code)
    place.clock.pass_by(minutes=-2)
    visitor.send("/sign-in", **AMARA)
    assert visitor.send("/sign-in/code", code=code).status_code == 422
    assert visitor.send("/sign-in/code", code=visitor.code()).status_code == 422
    assert isinstance(place.clock, StillClock)
