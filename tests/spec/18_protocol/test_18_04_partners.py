"""Sites know each other by cards whose fingerprints people compared, and notice a changed key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from partners import OWNER, REFERENCE, ROOM, SIGNERS, SUPPLIER, UNIT, Four, agreement_text

from equipoise.account.receipts import fingerprint

Sites = Callable[[str], Four]


@pytest.fixture
def strangers(small_city: Path, tmp_path: Path) -> Four:
    """Two sites that have not met: an owner's, and a linkage unit's."""
    four = Four(tmp_path / "strangers", small_city)
    four.post.mkdir(parents=True)
    four.text.write_text(agreement_text(), encoding="utf-8")
    for party, plays in ((OWNER, "hmrc: owner"), (UNIT, f"{UNIT}: linkage unit")):
        four.do(party, "init", "--name", f"Site of {party}", "--plays", plays, "--enrol",
                f"{party}/{SIGNERS[party]}", "--role", "controller")  # fmt: skip
    return four


def card(four: Four, party: str, name: str = "card.json") -> tuple[Path, dict[str, Any]]:
    file = four.post / f"{party}-{name}"
    return file, four.do(party, "partner", "card", "--out", file)


def test_a_card_is_accepted_by_the_fingerprint_that_was_read_aloud(strangers: Four) -> None:
    file, said = card(strangers, UNIT)
    assert len(said["fingerprint"].replace(" ", "")) == 20
    assert "secret" not in json.dumps(said).lower()
    assert strangers.refused(OWNER, "partner", "add", file) == ["ACT127"]
    wrong = said["fingerprint"].replace(said["fingerprint"][0], "z")
    assert strangers.refused(OWNER, "partner", "add", file, "--fingerprint", wrong) == ["ACT127"]
    assert strangers.do(OWNER, "partner", "list") == []
    spoken = said["fingerprint"].upper().replace(" ", "-")
    strangers.do(OWNER, "partner", "add", file, "--fingerprint", spoken)
    (known,) = strangers.do(OWNER, "partner", "list")
    assert known["site"] == f"Site of {UNIT}" and known["people"][0]["name"] == SIGNERS[UNIT]
    acts = [entry["act"] for entry in strangers.ledger(OWNER)]
    assert acts[-2:] == ["partner accepted", "key trusted"]


def test_the_same_card_twice_changes_nothing_and_more_people_are_taken(strangers: Four) -> None:
    file, said = card(strangers, UNIT)
    add = ("partner", "add", file, "--fingerprint", said["fingerprint"])
    strangers.do(OWNER, *add)
    before = len(strangers.ledger(OWNER))
    strangers.do(OWNER, *add)
    assert len(strangers.ledger(OWNER)) == before
    strangers.do(UNIT, "init", "--enrol", f"{UNIT}/Gil Marsh", "--role", "linkage unit")
    more, told = card(strangers, UNIT, "more.json")
    assert told["fingerprint"] != said["fingerprint"]
    strangers.do(OWNER, "partner", "add", more, "--fingerprint", told["fingerprint"])
    (known,) = strangers.do(OWNER, "partner", "list")
    assert len(known["people"]) == 2


def test_a_silently_changed_key_is_refused_and_on_the_ledger(strangers: Four) -> None:
    file, said = card(strangers, UNIT)
    strangers.do(OWNER, "partner", "add", file, "--fingerprint", said["fingerprint"])
    other = Four(strangers.base / "other", strangers.data)
    other.post.mkdir(parents=True)
    other.do(UNIT, "init", "--name", f"Site of {UNIT}", "--plays", f"{UNIT}: linkage unit")
    fresh, told = card(other, UNIT)
    add = ("partner", "add", fresh, "--fingerprint", told["fingerprint"])
    assert strangers.refused(OWNER, *add) == ["ACT128"]
    (entry,) = [e for e in strangers.ledger(OWNER) if e["act"] == "partner refused"]
    assert entry["detail"]["codes"] == "ACT128"
    assert strangers.do(OWNER, "partner", "list")[0]["public_key"] == said["public_key"]
    strangers.do(OWNER, *add, "--replace")
    (known,) = strangers.do(OWNER, "partner", "list")
    assert known["public_key"] == told["public_key"]
    other.do(UNIT, "init", "--enrol", f"{UNIT}/{SIGNERS[UNIT]}", "--role", "linkage unit")
    claims, told = card(other, UNIT, "claims.json")  # a signatory with another key than signed
    add = ("partner", "add", claims, "--fingerprint", told["fingerprint"], "--replace")
    assert strangers.refused(OWNER, *add) == ["ACT129"]


def test_a_partner_s_signatory_has_another_key_once_the_old_one_is_ended_here(
    strangers: Four,
) -> None:
    signer = f"{UNIT}/{SIGNERS[UNIT]}"
    file, said = card(strangers, UNIT)
    strangers.do(OWNER, "partner", "add", file, "--fingerprint", said["fingerprint"])
    other = Four(strangers.base / "other", strangers.data)
    other.post.mkdir(parents=True)
    plays = ("--plays", f"{UNIT}: linkage unit")
    other.do(UNIT, "init", "--name", f"Site of {UNIT}", *plays)
    other.do(UNIT, "init", "--enrol", signer, "--role", "linkage unit")
    fresh, told = card(other, UNIT, "fresh.json")
    add = ("partner", "add", fresh, "--fingerprint", told["fingerprint"], "--replace")
    assert strangers.refused(OWNER, *add) == ["ACT129"]
    strangers.do(OWNER, "init", "--enrol", f"{OWNER}/Imogen Ward", "--role", "administrator")
    why = ("--because", "lost", "--reason", "They told us by telephone.")
    strangers.do(OWNER, "key", "end", signer, *why, "--as", f"{OWNER}/Imogen Ward")
    strangers.do(OWNER, *add)
    trusted = [e for e in strangers.ledger(OWNER) if e["act"] == "key trusted"][-1]
    assert trusted["detail"]["person"] == signer
    assert trusted["detail"]["fingerprint"] == fingerprint(told["people"][0]["public_key"])
    back = ("partner", "add", file, "--fingerprint", said["fingerprint"], "--replace")
    assert strangers.refused(OWNER, *back) == ["ACT129"], "the ended key never comes back"


def test_nobody_claims_anothers_post_or_person(strangers: Four, tmp_path: Path) -> None:
    file, said = card(strangers, UNIT)
    add = ("partner", "add", file, "--fingerprint", said["fingerprint"])
    assert strangers.refused(UNIT, *add) == ["ACT129"] * 2  # its own card: post and person
    strangers.do(OWNER, *add)
    other = Four(tmp_path / "other", strangers.data)
    other.post.mkdir(parents=True)
    for name, plays in (("grabs", (f"{UNIT}: linkage unit", "voa: owner")),
                        ("ours", ("hmrc: owner",))):  # fmt: skip
        words = [word for post in plays for word in ("--plays", post)]
        other.do(name, "init", "--name", "Somebody else", *words)
        theirs, told = card(other, name)
        add = ("partner", "add", theirs, "--fingerprint", told["fingerprint"])
        expected = ["ACT128"] if name == "grabs" else ["ACT129"]
        assert strangers.refused(OWNER, *add) == expected
    other.do("practice", "init", "--practice", "--plays", "voa: owner")
    theirs, told = card(other, "practice")
    add = ("partner", "add", theirs, "--fingerprint", told["fingerprint"])
    assert strangers.refused(OWNER, *add) == ["ACT129"]


def test_a_card_that_was_changed_or_is_none_is_refused(strangers: Four) -> None:
    file, said = card(strangers, UNIT)
    text = file.read_text(encoding="utf-8")
    for changed, code in (
        (text.replace(said["people"][0]["public_key"], "0" * 64), "LED303"),
        (text.replace(SIGNERS[UNIT], "Eve Stone"), "LED303"),
        (text.replace('"linkage unit"', '"owner"'), "LED303"),
        (text.replace('"practice":false', '"practice":0'), "LED301"),
        (text[:-20], "LED301"),
        ("{}", "LED301"),
        ("", "LED301"),
    ):
        assert changed != text
        file.write_text(changed, encoding="utf-8")
        assert code in strangers.refused(OWNER, "partner", "add", file, "--fingerprint", "0")
    absent = file.with_name("absent.json")
    assert strangers.refused(OWNER, "partner", "add", absent) == ["ACT126"]


def test_a_site_for_every_post_has_no_card_and_takes_none(strangers: Four) -> None:
    strangers.do("alone", "init")
    assert strangers.refused("alone", "partner", "card", "--out", strangers.post / "x") == [
        "ACT125"
    ]
    file, said = card(strangers, UNIT)
    add = ("partner", "add", file, "--fingerprint", said["fingerprint"])
    assert strangers.refused("alone", *add) == ["ACT129"]
    assert strangers.refused("new", "init", "--plays", "hmrc: king") == ["ACT121"]


# -- the agreement as a file ---------------------------------------------------------------------


def test_the_signatures_of_all_sites_come_together(four_at: Sites) -> None:
    four = four_at("introduced")
    four.sign()
    for party in SIGNERS:
        (status,) = four.do(party, "status")["agreements"]
        assert (status["state"], status["still to sign"]) == ("signed", [])
        signed = [e["detail"]["person"] for e in four.ledger(party) if e["act"] == "signed"]
        assert sorted(signed) == sorted(f"{key}/{name}" for key, name in SIGNERS.items())


def exported(four: Four) -> tuple[Path, dict[str, Any]]:
    file = four.post / "exported.json"
    four.do(OWNER, "sign", four.text, "--as", SIGNERS[OWNER])
    four.do(OWNER, "agreement", "export", REFERENCE, "--out", file)
    return file, json.loads(file.read_text(encoding="utf-8"))


def test_a_changed_agreement_or_signature_is_not_imported(four_at: Sites) -> None:
    four = four_at("introduced")
    file, said = exported(four)
    (given,) = said["signatures"]
    wider = said["text"].replace("min count: 10", "min count: 5")
    assert wider != said["text"]
    for changed, code in (
        ({"text": wider}, "ACT134"),
        ({"text": wider, "digest": "sha256:" + "0" * 64}, "ACT134"),
        ({"signatures": [{**given, "value": "0" * 128}]}, "AGR307"),
        ({"signatures": [{**given, "name": "Eve Stone"}]}, "AGR304"),
        ({"signatures": [{**given, "public_key": "1" * 64}]}, "AGR306"),
        ({"signatures": [{}]}, "AGR308"),
        ({"kind": "another"}, "ACT133"),
        ({"more": 1}, "ACT133"),
        ({"text": 3}, "ACT133"),
    ):
        file.write_text(json.dumps({**said, **changed}), encoding="utf-8")
        assert code in four.refused(UNIT, "agreement", "import", file), changed
    assert four.do(UNIT, "status")["agreements"] == []
    file.write_text("not json", encoding="utf-8")
    assert four.refused(UNIT, "agreement", "import", file) == ["ACT133"]
    absent = file.with_name("absent.json")
    assert four.refused(UNIT, "agreement", "import", absent) == ["ACT126"]


def test_a_signature_by_somebody_without_a_card_is_not_imported(strangers: Four) -> None:
    file, _ = exported(strangers)
    assert strangers.refused(UNIT, "agreement", "import", file) == ["AGR305"]


def test_another_text_under_a_known_version_is_not_imported(four_at: Sites, tmp_path: Path) -> None:
    four = four_at("introduced")
    file, _ = exported(four)
    four.text.write_text(agreement_text().replace("min count: 10", "min count: 12"),
                         encoding="utf-8")  # fmt: skip
    four.do(SUPPLIER, "sign", four.text, "--as", SIGNERS[SUPPLIER])
    assert four.refused(SUPPLIER, "agreement", "import", file) == ["ACT010"]


def test_the_same_file_may_be_imported_again(four_at: Sites) -> None:
    four = four_at("introduced")
    file, _ = exported(four)
    for _ in range(2):
        said = four.do(ROOM, "agreement", "import", file)
        assert said["missing"] and said["state"] == "final text"
    told = [entry for entry in four.ledger(ROOM) if entry["act"] == "agreement imported"]
    assert len(told) == 1
