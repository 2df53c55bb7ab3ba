"""What a linkage unit held is destroyed with a receipt that its partners can check."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from partners import DATASETS, OWNER, REFERENCE, ROOM, SUPPLIER, UNIT, Four, given_here

from equipoise.acts import erase as act
from equipoise.acts.site import open_site
from equipoise.gate.passage import Passage
from equipoise.holdings import Holdings
from equipoise.keys import KeyStore

Sites = Callable[[str], Four]


def receipt_of(four: Four) -> Path:
    (file,) = (four.site(UNIT) / "reports" / REFERENCE).glob("receipt-*.json")
    return Path(shutil.copy(file, four.post))


def left_of(four: Four) -> list[str]:
    """What of encodings, scores, tokens and keys of linkages is left at the linkage unit."""
    site = four.site(UNIT)
    files = [*(site / "rooms").rglob("*.age"), *(site / "runs").rglob("*.arrow")]
    files += list((site / "keys" / "linkage-unit").rglob("links-*.pair"))
    return [path.name for path in files]


def test_once_links_are_handed_over_all_of_it_is_due(four_at: Sites) -> None:
    four = four_at("received")
    assert four.do(UNIT, "erase", REFERENCE)["erased"] == []
    assert len(left_of(four)) == 2
    four.do(UNIT, "link", REFERENCE)
    assert len(left_of(four)) == 3
    done = four.do(UNIT, "erase", REFERENCE)
    assert set(done["erased"]) == set(DATASETS.values())
    assert left_of(four) == []
    kinds = [item["what"] for item in done["receipt"]["destroyed"]]
    assert sorted(kinds) == sorted(["sealed file"] * 2 + ["key"] * 3 + ["working folder"])
    objects = [item["object"] for item in done["receipt"]["destroyed"]]
    assert f"key:linkage-unit/{REFERENCE}/links-1" in objects
    assert four.do(UNIT, "erase", REFERENCE, *DATASETS.values())["already"]
    four.do(ROOM, "receive", four.links(), REFERENCE)  # the sealed links were not lost
    four.release()


def test_each_partner_checks_the_receipt_and_keeps_it(four_at: Sites) -> None:
    four = four_at("linked")
    four.do(UNIT, "erase", REFERENCE)
    file = receipt_of(four)
    (unit,) = [p for p in four.do(OWNER, "partner", "list") if p["site"].endswith(UNIT)]
    code, _ = given_here("verify", file, "--key", unit["public_key"], "--json")
    assert code == 0
    for party in (OWNER, SUPPLIER, ROOM):
        kept = four.do(party, "receive", file)
        assert kept["partner"] == f"Site of {UNIT}" and kept["already"] is False
        assert four.do(party, "receive", file)["already"] is True
        told = [entry for entry in four.ledger(party) if entry["act"] == "receipt kept"]
        assert len(told) == 1 and told[0]["detail"]["files"] == 2
        export = four.base / f"{party}.jsonl"
        key = four.do(party, "ledger", "--export", export)["key"]
        assert given_here("verify", export, "--key", key, "--json")[0] == 0


def test_a_receipt_that_was_changed_or_is_a_strangers_is_not_kept(four_at: Sites) -> None:
    four = four_at("linked")
    four.do(UNIT, "erase", REFERENCE)
    file = receipt_of(four)
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(f"{UNIT}/Farid Noor", f"{UNIT}/Eve Stone"), encoding="utf-8")
    assert four.refused(OWNER, "receive", file) == ["LED202"]
    file.write_text(whole, encoding="utf-8")
    four.do("alone", "init", "--name", "No partner")
    assert four.refused("alone", "receive", file) == ["ACT130"]
    early = four_at("introduced")
    assert early.refused(OWNER, "receive", file) == ["ACT139"]


class Killed(BaseException):
    """Stands for a process that is killed."""


STEPS = {
    "after the first key": (KeyStore, "_destroy_one", 1),
    "after the first file": (Holdings, "_end", 1),
    "before the keys of linkages": (Passage, "end_link_keys", 0),
    "before the receipt": (act, "make_receipt", 0),
    "before the ledger": (act, "_record", 0),
    "before the receipt's file": (act, "_after", 0),
}


@pytest.mark.parametrize("when", STEPS)
def test_an_erasure_that_was_cut_off_is_finished_by_the_next(
    four_at: Sites, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    four = four_at("linked")
    place, name, after = STEPS[when]
    real, calls = getattr(place, name), iter(range(100))
    with monkeypatch.context() as broken:

        def cut_off(*args: object, **kwargs: object) -> object:
            if next(calls) >= after:
                raise Killed
            return real(*args, **kwargs)

        broken.setattr(place, name, cut_off)
        with pytest.raises(Killed):
            act.erase(open_site(four.site(UNIT)), REFERENCE)
    done = act.erase(open_site(four.site(UNIT)), REFERENCE, tuple(DATASETS.values()))
    assert done.receipt is not None and left_of(four) == []
    receipts = [e for e in four.ledger(UNIT) if e["act"] == "erased"]
    assert len(receipts) == 1
    assert len(done.receipt.of("sealed file")) == 2 and len(done.receipt.of("key")) == 3
    receipt_of(four)
    export = four.base / "unit.jsonl"
    key = four.do(UNIT, "ledger", "--export", export)["key"]
    assert given_here("verify", export, "--key", key, "--json")[0] == 0


def test_at_its_end_each_site_destroys_its_own_keys(four_at: Sites) -> None:
    four = four_at("packed")
    for party, name in ((OWNER, "Amara Osei"), (UNIT, "Farid Noor")):
        four.do(party, "end", REFERENCE, "--as", name)
        done = four.do(party, "erase", REFERENCE)
        names = {item["object"].rpartition("/")[2] for item in done["receipt"]["destroyed"]}
        assert names == ({"salt", "secret-1"} if party == OWNER else {"salt"})
        store = {OWNER: "owners", UNIT: "linkage-unit"}[party]
        keys = open_site(four.site(party)).custody.store_of(store)
        assert keys.ids("agreements/partners-rebate") == ()
        (status,) = four.do(party, "status")["agreements"]
        assert status["state"] == "erased"
    assert "GATE015" in four.refused(OWNER, "secret", "make", REFERENCE)
    (parcel,) = four.post.glob("tax_credits--encodings--*")
    assert "GATE015" in four.refused(UNIT, "receive", parcel, REFERENCE)
