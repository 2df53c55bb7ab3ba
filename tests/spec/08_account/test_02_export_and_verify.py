"""An exported ledger: strangers check it with nothing but the file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ledgers import (
    ADA,
    BEN,
    CLEO,
    DIGEST,
    Key,
    Site,
    head_line,
    resealed,
    sha,
    signed_site,
    whole_site,
)

from equipoise.account.audit import required
from equipoise.account.audit_keys import signature_digest
from equipoise.account.export import AgreementEvidence, write_export
from equipoise.account.ledger import GENESIS
from equipoise.account.receipts import fingerprint
from equipoise.account.verify import KEY_FROM_FILE, verify
from equipoise.agree.canonical import canonical_bytes
from equipoise.errors import IntegrityRefused


def codes(data: bytes, *, key: str | None = None) -> list[str]:
    """The codes of everything that is wrong, each once, in order."""
    with pytest.raises(IntegrityRefused) as caught:
        verify(data, key=key)
    return sorted({problem.code for problem in caught.value.problems})


def test_a_whole_story_holds():
    site = whole_site()
    found = verify(site.export(), key=site.key.public_key)
    assert found.site == "tea site"
    assert found.head == site.entries[-1].hash
    assert found.fingerprint == fingerprint(site.key.public_key)
    assert (found.entries, found.agreements, found.signatures) == (18, 1, 2)
    assert (found.receipts, found.releases, found.open_permits) == (1, 1, ())
    assert found.first == site.entries[0].at and found.last == site.entries[-1].at
    assert KEY_FROM_FILE not in found.notes
    assert json.dumps(found.as_dict())


def test_without_the_sites_key_a_note_says_what_to_compare():
    assert KEY_FROM_FILE in verify(whole_site().export()).notes


def test_an_empty_ledger_holds():
    site = Site()
    found = verify(write_export("tea site", site.key.public_key, [], [], [], site.key))
    assert (found.entries, found.head, found.first, found.last) == (0, GENESIS, None, None)
    assert found.as_dict()["first"] is None


def test_a_key_from_elsewhere_must_match():
    site = whole_site()
    assert codes(site.export(), key=Key("another").public_key) == ["VER108"]
    assert codes(site.export(), key=site.key.public_key.upper()) == ["VER112"]


def test_a_permit_that_was_never_closed_is_shown():
    site = signed_site()
    site.permit("permit:p1", close=False)
    site.issue("permit:p2")
    found = verify(site.export())
    assert found.open_permits == ("permit:p1", "permit:p2")
    assert "2 permit(s) were never closed: permit:p1, permit:p2" in found.notes[-1]


def test_a_text_that_is_not_canonical_cannot_be_exported():
    site = signed_site()
    for text in (json.dumps(site.text, indent=1), "tea: yes", '{"a":NaN}'):
        with pytest.raises(IntegrityRefused, match="VER001"):
            write_export("tea", site.key.public_key, [], [AgreementEvidence(text)], [], site.key)


def test_only_the_sites_key_signs():
    with pytest.raises(IntegrityRefused, match="VER002"):
        write_export("tea", Key("a").public_key, [], [], [], Key("b"))


# --- every byte ------------------------------------------------------------------------------


def small_export() -> bytes:
    """One signed agreement and one permit; the whole story has its own, slower test."""
    site = Site()
    site.people = {ADA: Key("ada")}
    site.text = {
        "agreement": "tea",
        "version": 1,
        "starts": "2026-01-01",
        "ends": "2026-12-31",
        "parties": {"owner": {"signatory": {"name": "Ada Osei"}}},
    }
    site.sign(ADA)
    site.issue("permit:p1")
    return site.export()


def test_a_single_byte_that_is_changed_fails():
    data = small_export()
    verify(data)
    for place in range(0, len(data), 3):
        changed = bytearray(data)
        changed[place] ^= 0x01 if place % 2 else 0x20  # 0x20 turns a letter's case
        with pytest.raises(IntegrityRefused):
            verify(bytes(changed))


@pytest.mark.slow
def test_any_single_byte_of_a_whole_story_that_is_changed_fails():
    data = whole_site().export()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x20 if place % 2 else 0x01
        with pytest.raises(IntegrityRefused):
            verify(bytes(changed))


def test_any_byte_that_is_taken_out_or_put_in_fails():
    data = small_export()
    for place in range(0, len(data), 11):
        with pytest.raises(IntegrityRefused):
            verify(data[:place] + data[place + 1 :])
        for extra in (b" ", b"\n", b"0"):
            with pytest.raises(IntegrityRefused):
                verify(data[:place] + extra + data[place:])


def test_a_file_that_was_cut_off_fails_wherever_it_was_cut():
    data = small_export()
    for end in range(0, len(data), 7):
        with pytest.raises(IntegrityRefused):
            verify(data[:end])
    assert codes(data[:-1]) == ["VER101"]
    assert codes(b"") == ["VER101", "VER102", "VER103", "VER106", "VER107"]


def test_lines_that_were_swapped_removed_or_doubled_fail():
    lines = small_export().splitlines(keepends=True)
    for place in range(len(lines) - 1):
        swapped = [*lines]
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
        for changed in (
            swapped,
            lines[:place] + lines[place + 1 :],
            [*lines[:place], lines[place], *lines[place:]],
        ):
            with pytest.raises(IntegrityRefused):
                verify(b"".join(changed))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\n",
        lambda data: data + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"\xff" + data,
        lambda data: data.replace(b'"kind":"header"', b'"kind":"header","kind":"header"'),
        lambda data: data.replace(b'"sequence":1}', b'"sequence":1.0}'),
        lambda data: data.replace(b"Ada", b"\\u0041da", 1),
        lambda data: b"[" * 100_000 + data,
        lambda data: b'"\\ud800"\n' + data,
        lambda data: b"1e999\n" + data,
    ],
)
def test_other_ways_to_write_the_same_fail(change):
    data = small_export()
    assert change(data) != data
    assert codes(change(data))


# --- the form of the file, with a head made anew by a site that lies ---------------------------


def line_changed(which: str, **changes: object):
    def change(lines: list[dict]) -> list[dict]:
        for line in lines:
            if line["kind"] == which:
                line.update(changes)
        return lines

    return change


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("header", {"format": "another form"}, "VER105"),
        ("header", {"site": 7}, "VER104"),
        ("header", {"public_key": "AB" * 32}, "VER104"),
        ("header", {"public_key": "ab" * 32}, "VER111"),
        ("header", {"more": 1}, "VER103"),
        ("trust", {"keys": []}, "VER104"),
        ("trust", {"keys": {"owner/Ada Osei": 7}}, "VER104"),
        ("agreement", {"text": []}, "VER104"),
        ("agreement", {"signatures": [7]}, "VER104"),
        ("agreement", {"signatures": [{}]}, "AGR308"),
        ("release", {"manifest": 7}, "VER104"),
        ("receipt", {"receipt": {}}, "LED201"),
        ("receipt", {"receipt": 7}, "LED201"),
        ("receipt", {"kind": "postcard"}, "VER103"),
    ],
)
def test_a_part_of_another_shape_is_named(kind: str, changes: dict, code: str):
    assert code in codes(resealed(whole_site().export(), line_changed(kind, **changes)))


def test_lines_out_of_order_are_refused_even_under_a_new_head():
    found = codes(resealed(whole_site().export(), lambda lines: lines[::-1]))
    assert {"LED102", "LED104", "VER106"} <= set(found)
    assert {"VER301", "VER312", "VER402", "VER405"} <= set(found)


def test_a_file_signed_by_somebody_else_holds_only_as_theirs():
    forged = resealed(whole_site().export(), lambda lines: lines, key=Key("a forger"))
    assert codes(forged) == ["VER111", "VER501"]


def test_a_head_must_fit_what_stands_above_it():
    data = whole_site().export()
    body = data[: data[:-1].rfind(b"\n") + 1]
    key, newest = Key("the site"), whole_site().entries[-1].hash
    count = body.count(b"\n")
    assert verify(body + head_line(body, count, 18, newest, key)).entries == 18
    for head in (
        head_line(body, count + 1, 18, newest, key),
        head_line(body, count, 17, newest, key),
        head_line(body, count, 18, GENESIS, key),
        head_line(body + b"x", count, 18, newest, key),
    ):
        assert codes(body + head) == ["VER109"]


def test_a_head_without_a_signature_is_refused():
    data = small_export()
    head = json.loads(data.splitlines()[-1])
    for value in ("", 7, head["signature"].upper(), "00" * 64):
        said = canonical_bytes({**head, "signature": value}) + b"\n"
        assert codes(data[: data[:-1].rfind(b"\n") + 1] + said) == ["VER110"]
    said = canonical_bytes({**head, "public_key": 7}) + b"\n"
    assert "VER104" in codes(data[: data[:-1].rfind(b"\n") + 1] + said)


# --- agreements ----------------------------------------------------------------------------------


def test_an_entry_under_a_text_that_is_not_in_the_file_is_refused():
    def drop(lines):
        return [line for line in lines if line["kind"] != "agreement"]

    assert codes(resealed(signed_site().export(), drop)) == ["VER202", "VER215"]


def test_a_proposal_or_a_refusal_may_name_a_text_that_came_to_nothing():
    site = Site()
    site.say("agreement proposed", "agreement:tea@1")
    site.say("refused", "gate:g1", step="run", reasons=1, codes="GATE001")
    data = write_export("tea", site.key.public_key, site.entries, [], [], site.key)
    assert verify(data).entries == 2


def test_a_text_twice_in_the_file_is_refused():
    def double(lines):
        return [line for line in lines for _ in range(2 if line["kind"] == "agreement" else 1)]

    assert "VER201" in codes(resealed(signed_site().export(), double))


@pytest.mark.parametrize(
    "parties", [None, {}, {"owner": 7}, {"owner": {"signatory": 7}}, {"owner": {"signatory": {}}}]
)
def test_a_text_without_signatories_is_refused(parties: object):
    site = Site()
    site.text["parties"] = parties
    site.say("agreement proposed", "agreement:tea@1")
    assert codes(site.export()) == ["VER203"]


def test_everybody_whom_a_party_names_must_sign():
    assert required(Site().text) == {("owner", "Ada Osei"), ("room", "Ben Lyle")}


def test_a_signature_under_another_text_is_refused():
    site = signed_site()
    site.text["ends"] = "2029-12-31"
    assert "VER211" in codes(site.export())


def test_a_signature_for_another_version_is_refused():
    site = Site()
    one = site.sign(ADA, tell=False)
    changed = replace(
        one, reference="tea@2", value=Key("ada").sign(replace(one, reference="tea@2").message())
    )
    site.signatures = [changed]
    site.say("signed", "agreement:tea@1", person=ADA, signature=signature_digest(changed))
    assert codes(site.export()) == ["VER211"]


def test_a_signature_by_somebody_who_is_no_signatory_is_refused():
    site = signed_site()
    site.people[CLEO] = Key("cleo")
    site.sign(CLEO)
    assert codes(site.export()) == ["VER212"]


def test_a_signature_with_a_key_that_is_not_trusted_is_refused():
    site = signed_site()
    site.people[ADA] = Key("an impostor")
    assert codes(site.export()) == ["VER213", "VER216"]


def test_a_signature_that_does_not_hold_is_refused():
    site = signed_site()
    site.signatures[0] = replace(site.signatures[0], value="00" * 64)
    assert codes(site.export()) == ["VER214", "VER215"]


def test_a_signature_that_is_no_signature_is_refused():
    site = signed_site()
    site.signatures[0] = replace(site.signatures[0], value="my mark")
    assert codes(site.export()) == ["VER214", "VER215"]


def test_a_signature_of_which_the_ledger_does_not_tell_is_refused():
    site = signed_site()
    site.signatures.pop()
    assert codes(site.export()) == ["VER215"]
    site = Site()
    site.sign(ADA, tell=False)
    assert codes(site.export()) == ["VER215"]


def test_an_accepted_key_that_is_not_in_the_file_is_refused():
    site = signed_site()
    site.say("key trusted", "key:x", bare=True, person="owner/Nobody", fingerprint="ab" * 16)
    assert codes(site.export()) == ["VER216"]


# --- keys that were ended -----------------------------------------------------------------------


def end(site: Site, who: str, key: Key) -> None:
    """End a key in the ledger and in the file."""
    mark = fingerprint(key.public_key)
    said = {"person": who, "fingerprint": mark, "because": "lost", "reason": sha("why")}
    site.say("key ended", "key:x", bare=True, **said)
    site.ended = {who: [key.public_key]}


def replaced_site() -> Site:
    """A signed site on which Ada's key was ended since, and another is trusted."""
    site = signed_site()
    end(site, ADA, site.people[ADA])
    site.people[ADA] = Key("ada's second")
    mark = fingerprint(site.people[ADA].public_key)
    site.say("key trusted", "key:x", bare=True, person=ADA, fingerprint=mark)
    return site


def test_what_was_signed_before_a_key_was_ended_holds():
    site = replaced_site()
    assert verify(site.export()).signatures == 2
    site = signed_site()
    end(site, ADA, site.people.pop(ADA))
    assert verify(site.export()).signatures == 2, "and needs no other key in its place"


def test_what_was_signed_after_its_key_was_ended_is_refused_whatever_its_date():
    site = Site()
    end(site, ADA, site.people[ADA])
    leaked, site.people[ADA] = site.people[ADA], Key("ada's second")
    site.sign(BEN)
    site.people[ADA] = leaked  # as a thief has it
    site.sign(ADA)
    site.people[ADA] = Key("ada's second")
    assert codes(site.export()) == ["VER217"]


def test_an_ended_key_of_which_the_ledger_does_not_tell_is_refused():
    """Else a site could add any key as one that somebody once had."""
    site = signed_site()
    impostor = Key("an impostor")
    site.ended = {ADA: [impostor.public_key]}
    assert codes(site.export()) == ["VER218"]
    site.people[BEN], site.ended = impostor, {BEN: [site.people[BEN].public_key]}
    assert codes(site.export()) == ["VER217", "VER218"], "no entry ended the key that Ben had"


def test_an_end_that_the_file_leaves_out_is_refused():
    site = replaced_site()
    site.ended = {}
    assert codes(site.export()) == ["VER213", "VER216", "VER218"]
    site = signed_site()
    end(site, ADA, site.people[ADA])
    assert codes(site.export()) == ["VER218"], "what was ended is not trusted as well"


@pytest.mark.parametrize("ended", [[], {ADA: ["no key"]}, {ADA: [7]}, {ADA: 7}])
def test_ended_keys_of_another_shape_are_refused(ended: Any):
    site = signed_site()
    lines = site.export().splitlines(keepends=True)
    trust = json.loads(lines[1])
    lines[1] = canonical_bytes({**trust, "ended": ended}) + b"\n"
    assert "VER104" in codes(b"".join(lines))


# --- permits -------------------------------------------------------------------------------------


def test_no_permit_before_everybody_has_signed():
    site = Site()
    site.sign(ADA)
    site.permit("permit:p1")
    site.sign(BEN)
    assert codes(site.export()) == ["VER301"]


@pytest.mark.parametrize("stop", ["suspended", "withdrawn", "ended", "agreement erased"])
def test_no_permit_while_the_agreement_is_stopped(stop: str):
    site = signed_site()
    site.say(stop, "agreement:tea@1", actor=ADA)
    site.permit("permit:p1")
    assert codes(site.export()) == ["VER302"]


def test_a_suspended_agreement_may_be_resumed():
    site = signed_site()
    site.say("resumed", "agreement:tea@1", actor=ADA)
    site.say("suspended", "agreement:tea@1", actor=ADA, cause="complaint")
    site.say("resumed", "agreement:tea@1", actor=ADA)
    site.permit("permit:p1")
    assert verify(site.export()).open_permits == ()


@pytest.mark.parametrize(
    ("starts", "ends"),
    [("2026-03-03", "2026-12-31"), ("2026-01-01", "2026-03-01"), ("soon", "later")],
)
def test_no_permit_out_of_date(starts: str, ends: str):
    site = Site()
    site.text |= {"starts": starts, "ends": ends}
    site.sign(ADA)
    site.sign(BEN)
    site.permit("permit:p1")
    assert codes(site.export()) == ["VER303"]


def test_the_first_and_the_last_day_count():
    site = Site()
    site.text |= {"starts": "2026-03-02", "ends": "2026-03-02"}
    site.sign(ADA)
    site.sign(BEN)
    site.permit("permit:p1")
    assert verify(site.export()).entries == 5


def story(*steps: str) -> list[str]:
    """The codes of a permit's story, told as issue, use, close, abandon."""
    site = signed_site()
    for step in steps:
        if step == "issue":
            site.issue("permit:p1")
        elif step == "abandon":
            site.say("permit abandoned", "permit:p1", cause="expired")
        else:
            site.say(f"permit {step}", "permit:p1")
    return codes(site.export())


def test_a_permit_lives_once():
    assert story("issue", "issue") == ["VER311"]
    assert story("used") == ["VER312"]
    assert story("issue", "used", "used") == ["VER315"]
    assert story("issue", "closed") == ["VER317"]
    assert story("issue", "used", "closed", "closed") == ["VER314"]
    assert story("issue", "used", "closed", "abandon") == ["VER314"]
    assert story("issue", "abandon", "used") == ["VER314"]


def test_a_permit_that_was_never_used_may_be_abandoned():
    site = signed_site()
    site.issue("permit:p1")
    site.say("permit abandoned", "permit:p1", cause="never used")
    assert verify(site.export()).open_permits == ()


def test_a_permit_ends_on_time():
    site = signed_site()
    site.issue("permit:p1", minutes=1)
    site.say("permit used", "permit:p1")
    site.say("permit closed", "permit:p1")
    assert codes(site.export()) == ["VER316"]


def test_a_permit_whose_end_cannot_be_read_is_never_in_time():
    def blur(lines):
        for line in lines:
            if line["kind"] == "entry" and line["entry"]["act"] == "permit issued":
                line["entry"]["detail"]["expires"] = "later"
        return lines

    assert codes(resealed(whole_site().export(), blur)) == ["LED008", "VER316"]


def test_a_permit_is_for_one_agreement():
    site = signed_site()
    site.issue("permit:p1")
    site.text["title"] = "Another"
    other = site.digest
    site.say("permit used", "permit:p1")
    site.text.pop("title")
    assert other != DIGEST
    assert codes(site.export()) == ["VER202", "VER313"]


# --- releases ------------------------------------------------------------------------------------


def asked() -> Site:
    site = signed_site()
    site.say("run requested", "run:r1", actor="owner/Elin Farrow", use="counts")
    return site


def test_a_release_needs_two_other_people():
    site = asked()
    site.check()
    site.approve(BEN)
    site.release()
    assert codes(site.export()) == ["VER406"]


def test_one_person_who_acts_for_two_parties_is_one_person():
    site = asked()
    site.check()
    site.approve("room/Ben Lyle")
    site.approve("owner/ben lyle")
    site.release()
    assert codes(site.export()) == ["VER406"]


def test_whoever_asked_cannot_approve():
    site = asked()
    site.check()
    site.approve(BEN)
    site.approve("owner/Elin Farrow")
    site.release()
    assert codes(site.export()) == ["VER406"]


def test_approvals_are_for_just_what_was_checked():
    site = asked()
    site.check()
    site.approve(BEN)
    site.approve(CLEO, checked="another")
    site.release()
    assert codes(site.export()) == ["VER406"]


def test_approvals_come_before_the_release():
    site = asked()
    site.check()
    site.release()
    site.approve(BEN)
    site.approve(CLEO)
    assert codes(site.export()) == ["VER406"]


def test_a_rejected_result_stays_in():
    site = asked()
    site.check()
    site.approve(BEN)
    site.approve(CLEO)
    site.say("review rejected", "run:r1", actor=ADA, checked=sha("checked"))
    site.release()
    assert codes(site.export()) == ["VER407"]


def test_a_release_needs_a_check_that_did_not_fail():
    for verdict, expected in (("review", None), ("fail", ["VER403"])):
        site = asked()
        site.check(verdict)
        site.approve(BEN)
        site.approve(CLEO)
        site.release()
        if expected:
            assert codes(site.export()) == expected
        else:
            assert verify(site.export()).releases == 1


def test_what_was_checked_again_must_be_approved_again():
    site = asked()
    site.check()
    site.approve(BEN)
    site.approve(CLEO)
    site.check(checked="another")
    site.release()
    assert codes(site.export()) == ["VER402"]


def test_a_release_out_of_nothing_is_refused():
    site = signed_site()
    site.release()
    assert codes(site.export()) == ["VER402", "VER405", "VER406"]


@pytest.mark.parametrize("end", ["run refused", "run erased"])
def test_a_refused_or_erased_run_has_nothing_to_release(end: str):
    site = asked()
    site.check()
    site.approve(BEN)
    site.approve(CLEO)
    detail = {"reasons": 1, "codes": "USE021"} if end == "run refused" else {}
    site.say(end, "run:r1", **detail)
    site.release()
    assert codes(site.export()) == ["VER404"]


def test_a_release_is_under_the_agreement_of_its_run():
    site = asked()
    site.text["title"] = "Another"
    site.check()
    site.text.pop("title")
    site.approve(BEN)
    site.approve(CLEO)
    site.release()
    assert codes(site.export()) == ["VER202", "VER401"]


def test_the_manifests_in_the_file_are_those_of_the_ledger():
    site = whole_site()
    site.releases = {"release:l1": sha("another")}
    assert codes(site.export()) == ["VER408"]
    site.releases = {}
    assert codes(site.export()) == ["VER408"]
    site.releases = {"release:l1": sha("release:l1"), "release:l2": sha("x")}
    assert codes(site.export()) == ["VER408"]


# --- receipts ------------------------------------------------------------------------------------


def test_a_receipt_without_its_entry_is_refused():
    site = signed_site()
    site.receipts.append(site.receipt())
    assert codes(site.export()) == ["VER503"]


def test_an_erasure_without_its_receipt_is_refused():
    site = whole_site()
    site.receipts = []
    assert codes(site.export()) == ["VER503"]


def test_an_erasure_is_told_once():
    site = whole_site()
    receipt = site.receipts[0]
    site.say(
        "erased", "receipt:e1", actor=BEN, receipt=receipt.digest_of_receipt(), files=1, keys=1
    )
    assert codes(site.export()) == ["VER503"]


def test_a_changed_receipt_is_refused():
    site = whole_site()
    site.receipts = [replace(site.receipts[0], method="We did it somehow.")]
    assert codes(site.export()) == ["LED202", "VER503"]


def test_a_receipt_by_another_site_is_refused():
    site = signed_site()
    receipt = site.receipt(key=Key("another site"))
    site.receipts.append(receipt)
    site.say(
        "erased", "receipt:e1", actor=BEN, receipt=receipt.digest_of_receipt(), files=1, keys=1
    )
    assert codes(site.export()) == ["VER501"]


def test_a_receipt_is_not_later_than_the_entry_that_tells_of_it():
    site = signed_site()
    later = replace(site.receipt(), at=site.now.replace(year=2027), signature="")
    later = replace(later, signature=site.key.sign(later.message()))
    site.receipts.append(later)
    site.say("erased", "receipt:e1", actor=BEN, receipt=later.digest_of_receipt(), files=1, keys=1)
    assert codes(site.export()) == ["VER504"]


def test_a_receipt_for_an_agreement_that_is_not_in_the_file_is_refused():
    site = signed_site()
    other = replace(site.receipt(), reference="coffee@1", signature="")
    other = replace(other, signature=site.key.sign(other.message()))
    site.receipts.append(other)
    site.say("erased", "receipt:e1", actor=BEN, receipt=other.digest_of_receipt(), files=1, keys=1)
    assert codes(site.export()) == ["VER502"]


def test_everything_wrong_is_told_at_once():
    site = asked()
    site.issue("permit:p1")
    site.say("permit closed", "permit:p1")
    site.release()
    site.receipts.append(site.receipt())
    site.signatures.pop()
    assert codes(site.export()) == ["VER215", "VER317", "VER402", "VER406", "VER503"]
