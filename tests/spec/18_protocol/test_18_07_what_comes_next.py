"""Who signed among partners is told what their own site can do next, and it can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml
from partners import (
    OWNER,
    REFERENCE,
    ROLES,
    ROOM,
    RUNNER,
    SIGNERS,
    SUPPLIER,
    UNIT,
    Four,
    agreement_text,
)

from equipoise.cli import main

Sites = Callable[[str], Four]


def commands(said: dict[str, list[dict[str, str]]]) -> list[str]:
    return [step["command"].removeprefix("equipoise ") for step in said["next"]]


def test_each_post_is_told_its_own_next_steps(four_at: Sites) -> None:
    four = four_at("introduced")
    export, run = f"agreement export {REFERENCE}", f"run {REFERENCE}"
    file = four.post / "agreement.json"
    for number, (party, name) in enumerate(SIGNERS.items()):
        if number:
            taken = four.do(party, "agreement", "import", file)
            assert commands(taken) == [f"sign {REFERENCE} --as '{name}'"], "it is their turn"
        said = four.do(party, "sign", REFERENCE if number else four.text, "--as", name)
        assert commands(said)[0] == export, "no partner has this signature yet"
        assert party == ROOM or commands(said) == [export], "others have still to sign"
        four.do(party, "agreement", "export", REFERENCE, "--out", file)
    made = f"secret make {REFERENCE}", f"secret take FILE {REFERENCE}"
    parcel = f"receive PARCEL {REFERENCE}"
    told = {
        OWNER: [*made, f"pack {REFERENCE} tax_credits --data FILE"],
        SUPPLIER: [*made, f"pack {REFERENCE} customers_brightgas --data FILE",
                   "receive FILE --party brightgas"],
        UNIT: [parcel, f"link {REFERENCE}"],
        ROOM: [parcel, f"{run} --as 'NAME'"],
    }  # fmt: skip
    assert commands(said) == [export, *told[ROOM]]
    for party, steps in told.items():
        assert commands(four.do(party, "agreement", "import", file)) == steps


def test_a_linkage_unit_that_signs_last_is_not_told_to_run(four_at: Sites) -> None:
    four = four_at("introduced")
    file = four.post / "agreement.json"
    order = [OWNER, SUPPLIER, ROOM, UNIT]
    for number, party in enumerate(order):
        if number:
            four.do(party, "agreement", "import", file)
        source = REFERENCE if number else four.text
        words = ["sign", source, "--as", SIGNERS[party], "--site", four.site(party)]
        done = RUNNER.invoke(main.app, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        four.do(party, "agreement", "export", REFERENCE, "--out", file)
    said = " ".join(done.stdout.split())
    assert "Everybody has signed." in said
    assert f"equipoise link {REFERENCE}" in said and "equipoise run" not in said


def test_in_a_mode_that_shows_more_the_secure_room_links_and_no_secret_is_needed(
    four_at: Sites,
) -> None:
    four = four_at("introduced")
    said = yaml.safe_load(agreement_text())
    said["linkage"] |= {"mode": "identified", "by": ROOM}
    del said["parties"][UNIT]
    four.text.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    file = four.post / "agreement.json"
    for party in (OWNER, SUPPLIER, ROOM):
        if party != OWNER:
            four.do(party, "agreement", "import", file)
        done = four.do(
            party, "sign", four.text if party == OWNER else REFERENCE, "--as", SIGNERS[party]
        )
        four.do(party, "agreement", "export", REFERENCE, "--out", file)
    assert commands(done)[1:] == [f"receive PARCEL {REFERENCE}", f"run {REFERENCE} --as 'NAME'"]
    assert "links" not in done["next"][1]["what"]
    assert commands(four.do(OWNER, "agreement", "import", file)) == [
        f"pack {REFERENCE} tax_credits --data FILE"
    ]


def test_a_site_that_fills_every_post_carries_it_out_from_the_first_day_on(tmp_path: Path) -> None:
    four = Four(tmp_path, tmp_path)
    said = yaml.safe_load(agreement_text())
    said |= {"starts": date(2098, 1, 1), "ends": date(2099, 1, 1), "review": date(2098, 6, 1)}
    said["retention"] = dict.fromkeys(said["retention"], "delete after use")
    for benefit in said["purpose"]["benefits"]:
        benefit["by"] = date(2098, 12, 1)
    four.text.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    for party, name in SIGNERS.items():
        four.do("all", "init", "--enrol", f"{party}/{name}", "--role", ROLES[party])
    left = dict(SIGNERS)
    for name in SIGNERS.values():
        done = four.do("all", "sign", four.text, "--as", name)
        left = {party: who for party, who in left.items() if who != name}
        if left:
            assert commands(done) == [f"sign {REFERENCE} --as '{who}'" for who in left.values()]
    assert commands(done) == ["", f"run {REFERENCE} --data DIR"]
    assert done["next"][0]["what"] == "It starts on 1 January 2098: nothing opens before"


def test_who_runs_or_links_at_the_wrong_place_is_told_what_can_be_done_there(
    four_at: Sites,
) -> None:
    four = four_at("signed")
    for party, step in ((UNIT, "link"), (OWNER, f"pack {REFERENCE} tax_credits --data FILE")):
        code, said = four.give(party, "run", REFERENCE, "--data", four.data)
        (problem,) = said["problems"]
        assert (code, problem["code"]) == (8, "ACT141")
        assert "the secure room's site" in problem["next"]
        assert f"here: equipoise {step}" in problem["next"]
        assert "--enrol" not in problem["next"]
    _, said = four.give(UNIT, "link", REFERENCE)
    assert [(one["code"], "equipoise run" in one["next"]) for one in said["problems"]] == [
        ("ACT040", False)
    ]


def test_a_text_that_is_not_known_yet_is_not_run_elsewhere_either(four_at: Sites) -> None:
    four = four_at("introduced")
    assert four.refused(UNIT, "run", four.text, "--data", four.data) == ["ACT141"]
