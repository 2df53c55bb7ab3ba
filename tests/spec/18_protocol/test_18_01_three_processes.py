"""Owners, linkage unit and secure room live on sites of their own, and exchange files alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from partners import (
    DATASETS,
    OWNER,
    REFERENCE,
    ROOM,
    RUNNER,
    SIGNERS,
    SUPPLIER,
    UNIT,
    Four,
    given_here,
)

from equipoise.cli import main

Sites = Callable[[str], Four]


@pytest.mark.slow
def test_four_processes_come_from_raw_files_to_a_released_answer(
    small_city: Path, tmp_path: Path
) -> None:
    """Every step of four sites, each a process of its own with its own folder."""
    four = Four(tmp_path / "four", small_city, processes=True)
    four.make()
    four.introduce()
    four.sign()
    four.share_secret()
    for party in DATASETS:
        four.deliver(party)
    four.do(UNIT, "link", REFERENCE)
    answers_hold(four)
    assert all(verified(four, party) for party in SIGNERS)


def test_four_sites_come_from_raw_files_to_a_released_answer(four_at: Sites) -> None:
    answers_hold(four_at("linked"))


def answers_hold(four: Four) -> None:
    """Hand the links over, release, open the release, and hold it against the planted truth."""
    four.do(ROOM, "receive", four.links(), REFERENCE)
    package = four.release()
    out = four.base / "opened"
    four.do(SUPPLIER, "receive", package, "--party", SUPPLIER, "--out", out)
    (data,) = (path for path in out.rglob("*.csv"))
    rows = csv.DictReader(io.StringIO(data.read_text(encoding="utf-8")))
    answers = {row["account"]: row["flag"] == "yes" for row in rows}
    truth = four.truth()
    asked = set(answers) & set(truth)
    assert len(asked) > 0.9 * len(truth) > 100
    entitled = {account for account in asked if truth[account]}
    told = {account for account in asked if answers[account]}
    assert len(entitled) > 30
    assert len(told & entitled) > 0.75 * len(entitled)
    assert len(told - entitled) <= 0.05 * len(told)


def secrets_of(site: Path) -> Iterator[bytes]:
    """The secret part of every key file of a site."""
    for path in (site / "keys").rglob("*"):
        if path.is_file() and path.suffix in {".signer", ".identity", ".root", ".salt", ".pair"}:
            yield path.read_bytes()[24:-16]


def test_no_key_is_at_two_sites_but_the_owners_secret(four_at: Sites) -> None:
    four = four_at("linked")
    held = {party: set(secrets_of(four.site(party))) for party in SIGNERS}
    assert all(len(keys) >= 4 for keys in held.values())
    for party, keys in held.items():
        for other in SIGNERS:
            shared = keys & held[other] if other != party else set()
            assert len(shared) == (1 if {party, other} == {OWNER, SUPPLIER} else 0)


def test_no_site_has_another_roles_keys_or_rooms(four_at: Sites) -> None:
    four = four_at("linked")
    for party, roles in (
        (OWNER, {"owners", "signatories", "site"}),
        (SUPPLIER, {"owners", "recipients", "signatories", "site"}),
        (UNIT, {"linkage-unit", "signatories", "site"}),
        (ROOM, {"secure-room", "signatories", "site"}),
    ):
        site = four.site(party)
        assert {path.name for path in (site / "keys").iterdir() if any(path.rglob("*"))} == roles
        rooms = {path.name for path in (site / "rooms").iterdir()}
        assert rooms == ({"linkage-unit": {UNIT}, "secure-room": {ROOM}}.get(party) or {
            UNIT: {"linkage-unit"}, ROOM: {"secure-room"}}.get(party, set()))  # fmt: skip


def test_no_site_holds_what_another_shall_not_see(four_at: Sites) -> None:
    """No name, account or secret of an owner lies in the clear at the unit or in the room."""
    four = four_at("linked")
    with (four.data / "tax_credits.csv").open(encoding="utf-8-sig") as file:
        names = {row["surname"].encode() for row in csv.DictReader(file)}
    secret = max(secrets_of(four.site(OWNER)), key=len)
    long_names = {name for name in names if len(name) > 8}
    assert len(secret) >= 64 and len(long_names) > 10
    for party in (UNIT, ROOM):
        for path in four.site(party).rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                assert secret not in data and secret.hex().encode() not in data, path
                assert not any(name in data for name in long_names), path


def test_wrong_roles_are_refused_by_the_gate(four_at: Sites) -> None:
    four = four_at("linked")
    assert "GATE057" in four.refused(OWNER, "link", REFERENCE)
    assert "GATE057" in four.refused(ROOM, "link", REFERENCE)
    assert "GATE057" in four.refused(UNIT, "pack", REFERENCE, "tax_credits", "--data", four.data)
    assert {"GATE041", "GATE057"} & set(four.refused(UNIT, "secret", "make", REFERENCE))
    assert "GATE057" in four.refused(OWNER, "rekey", REFERENCE)
    for kind, wrong in (("encodings", (OWNER, ROOM)), ("payload", (OWNER, UNIT))):
        (parcel,) = four.post.glob(f"tax_credits--{kind}--*")
        for party in wrong:
            assert "GATE057" in four.refused(party, "receive", parcel, REFERENCE)
    assert "GATE057" in four.refused(UNIT, "receive", four.links(), REFERENCE)
    refusals = [entry for entry in four.ledger(UNIT) if entry["act"] == "refused"]
    assert len(refusals) >= 4
    for party in SIGNERS:
        assert verified(four, party)


def verified(four: Four, party: str) -> bool:
    """Export a site's ledger and check it as a stranger would."""
    file = four.base / f"{party}.jsonl"
    key = four.do(party, "ledger", "--export", file)["key"]
    code, said = given_here("verify", file, "--key", key, "--json")
    assert code == 0, said
    return int(said["entries"]) > 10


def test_somebody_enrolled_for_another_role_is_refused_all_the_same(four_at: Sites) -> None:
    four = four_at("received")
    four.do(OWNER, "init", "--enrol", f"{UNIT}/Eve Stone", "--role", "linkage unit")
    assert four.refused(OWNER, "link", REFERENCE) == ["GATE057"]
    assert four.refused(OWNER, "init", "--enrol", f"{UNIT}/Farid Noor", "--role",
                        "linkage unit") == ["ACT120"]  # fmt: skip


def test_each_party_signs_at_its_own_site(four_at: Sites) -> None:
    four = four_at("introduced")
    assert four.refused(OWNER, "sign", four.text, "--as", SIGNERS[UNIT]) == ["ACT131"]
    assert four.refused(OWNER, "sign", four.text, "--practice") == ["ACT012"]


def test_data_are_asked_for_where_they_are(four_at: Sites) -> None:
    four = four_at("signed")
    assert four.refused(ROOM, "run", REFERENCE, "--as", "Nia Bowen") == ["ACT123"]
    four = four_at("received")
    assert four.refused(ROOM, "run", REFERENCE, "--as", "Nia Bowen") == ["ACT124"]
    assert set(DATASETS.values()) == {"tax_credits", "customers_brightgas"}


def test_linking_names_the_parcels_that_it_made_and_no_others(four_at: Sites) -> None:
    four = four_at("received")
    strange = four.site(UNIT) / "parcels" / "another-agreement@1"
    strange.mkdir(parents=True)
    (strange / "person--links--00ff.parcel").write_bytes(b"of another agreement")
    four.do(UNIT, "link", REFERENCE)
    (before,) = (four.site(UNIT) / "parcels" / REFERENCE).glob("*--links--*")
    words = ["link", REFERENCE, "--site", str(four.site(UNIT))]
    said = "".join(RUNNER.invoke(main.app, words).stdout.split())
    (made,) = set((four.site(UNIT) / "parcels" / REFERENCE).glob("*--links--*")) - {before}
    assert made.name in said
    assert "another-agreement" not in said and before.name not in said
