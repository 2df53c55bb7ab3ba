"""The ledger: what it may say, and how it shows that it was not changed."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ledgers import DIGEST, START, Site, sha, whole_site

from equipoise.account.deeds import ACTS
from equipoise.account.ledger import (
    GENESIS,
    Entry,
    check_detail,
    check_entry,
    entry_hash,
    make_entry,
    sentence,
    verify_chain,
)
from equipoise.account.shapes import SHAPES, fits, moment_text, read_moment
from equipoise.account.tell import _BLANK, _OPTIONAL, person_text
from equipoise.errors import EnvironmentFailed, IntegrityRefused


def first(**changes: object) -> Entry:
    said = {
        "at": START,
        "actor": "room/Ben Lyle",
        "act": "run requested",
        "digest": DIGEST,
        "object": "run:r1",
        "detail": {"use": "counts"},
        **changes,
    }
    return make_entry(None, **said)  # type: ignore[arg-type]


def codes(problems: object) -> list[str]:
    return [problem.code for problem in problems]  # type: ignore[attr-defined]


def refused(**changes: object) -> list[str]:
    with pytest.raises(IntegrityRefused) as caught:
        first(**changes)
    return codes(caught.value.problems)


def test_the_first_entry_is_number_one_and_follows_nothing():
    entry = first()
    assert (entry.sequence, entry.previous) == (1, GENESIS)
    assert entry.hash.startswith("sha256:") and entry.hash == entry_hash(entry)


def test_each_entry_carries_the_hash_of_the_one_before():
    one = first()
    two = make_entry(
        one, START, "room/Ben Lyle", "run requested", DIGEST, "run:r2", {"use": "counts"}
    )
    assert (two.sequence, two.previous) == (2, one.hash)
    assert verify_chain([one, two]) == ()


def test_a_hash_covers_every_field():
    entry = first()
    for changed in (
        {"sequence": 2},
        {"at": START + timedelta(seconds=1)},
        {"actor": "room/Ben Lyl"},
        {"act": "run started"},
        {"digest": ""},
        {"object": "run:r2"},
        {"detail": {}},
        {"previous": sha("x")},
    ):
        assert entry_hash(replace(entry, **changed)) != entry.hash


def test_time_is_utc_in_whole_seconds():
    entry = first(at=datetime(2026, 7, 1, 10, 0, 0, 999, timezone(timedelta(hours=1))))
    assert entry.as_dict()["at"] == "2026-07-01T09:00:00Z"
    assert entry.at == datetime(2026, 7, 1, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        moment_text(datetime(2026, 7, 1))


@pytest.mark.parametrize("text", ["2026-07-01 09:00:00Z", "2026-02-30T09:00:00Z", "", "today"])
def test_any_other_time_is_refused(text: str):
    with pytest.raises(ValueError):
        read_moment(text)


def test_two_writers_who_read_the_clock_at_once_do_not_turn_time_back():
    one = first()
    two = make_entry(
        one,
        START - timedelta(minutes=1),
        "room/Ben Lyle",
        "run requested",
        DIGEST,
        "run:r2",
        {"use": "counts"},
    )
    assert two.at == one.at


def test_a_clock_far_behind_the_ledger_stops_writing():
    with pytest.raises(EnvironmentFailed) as caught:
        make_entry(
            first(),
            START - timedelta(hours=1),
            "room/Ben Lyle",
            "run requested",
            DIGEST,
            "run:r2",
            {"use": "counts"},
        )
    assert codes(caught.value.problems) == ["LED010"]


def test_an_unknown_act_is_refused():
    assert refused(act="data copied") == ["LED001"]
    assert codes(check_detail("data copied", {})) == ["LED001"]


@pytest.mark.parametrize(
    "actor",
    [
        "Ben Lyle",
        "room/",
        "/Ben",
        "room/Ben/Lyle",
        "ROOM/Ben",
        "room/Ben\nLyle",
        "room/" + "x" * 201,
        "room/Be\u0301n",
    ],
)
def test_an_entry_names_who_did_it(actor: str):
    assert refused(actor=actor) == ["LED002"]


@pytest.mark.parametrize("object", ["r1", "permit:p1", "run:", "run:Ada Osei", "run:" + "x" * 200])
def test_an_entry_names_what_it_was_done_to(object: str):
    assert refused(object=object) == ["LED003"]


def test_an_entry_names_the_agreement_it_was_done_under():
    assert refused(digest="") == ["LED005"]
    assert refused(digest="tea") == ["LED004"]


def test_all_problems_are_told_at_once():
    assert refused(actor="x", object="y", digest="z", detail={"Surname": "Osei", "colour": 1}) == [
        "LED002",
        "LED003",
        "LED004",
        "LED006",
        "LED007",
        "LED009",
    ]


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ({"use": "counts", "nhs_number": "9434765919"}, "LED007"),
        ({"use": "counts", "NHS number": 1}, "LED006"),
        ({"use": "counts", 7: 1}, "LED006"),
        ({"use": "Ada Osei, 4 High Street"}, "LED008"),
        ({"use": ["counts"]}, "LED008"),
        ({"use": {"a": "b"}}, "LED008"),
        ({"use": None}, "LED008"),
        ({"use": "x" * 201}, "LED008"),
        ({"use": ""}, "LED008"),
        ({"use": "co\u200bunts"}, "LED008"),
        ({"use": True}, "LED008"),
        ({}, "LED009"),
    ],
)
def test_only_named_details_of_the_named_shape_may_enter(detail: dict, code: str):
    assert codes(check_detail("run requested", detail)) == [code]


def test_no_message_repeats_what_was_refused():
    problems = check_detail("run requested", {"use": "Osei, Ada", "nhs_9434765919": 1, "Osei": 2})
    told = " ".join(problem.sentence() for problem in problems)
    assert "Osei" not in told and "9434765919" not in told


@pytest.mark.parametrize("number", [math.nan, math.inf, -1, True, "1", 1.5, 2**53])
def test_a_count_is_a_whole_number(number: object):
    assert codes(check_detail("register published", {"agreements": number, "entries": 1})) == [
        "LED008"
    ]


@pytest.mark.parametrize("number", [math.nan, math.inf, -0.1, True, "1"])
def test_seconds_are_finite_and_not_negative(number: object):
    assert codes(check_detail("run computed", {"outputs": 1, "seconds": number})) == ["LED008"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("yes/no", True, 1),
        ("person", "owner/Ada Osei", "Ada"),
        ("moment", "2026-03-02T09:00:00Z", "2026-13-02T09:00:00Z"),
        ("codes", "GATE001 AGR012", "GATE001, AGR012"),
        ("names", "cups, saucers", "cups,saucers"),
        ("reference", "tea@1", "tea@0"),
        ("fingerprint", "ab" * 16, "AB" * 16),
        ("version", "0.1.0", "v1"),
        ("words", "Rebate analyst", "Ada <3"),
        ("id", "run:r1", "r1"),
        ("digest", sha("x"), "sha256:" + "A" * 64),
        (("pass", "fail"), "pass", "Pass"),
    ],
)
def test_shapes_let_in_what_they_name(kind: object, good: object, bad: object):
    assert fits(kind, good) and not fits(kind, bad)  # type: ignore[arg-type]


def test_a_removed_entry_shows():
    entries = whole_site().entries
    assert codes(verify_chain([*entries[:4], *entries[5:]])) == ["LED102", "LED103"]


def test_two_swapped_entries_show():
    entries = whole_site().entries
    entries[3], entries[4] = entries[4], entries[3]
    assert {"LED102", "LED103", "LED104"} <= set(codes(verify_chain(entries)))


def test_a_changed_entry_shows_even_if_its_hash_is_made_anew():
    entries = whole_site().entries
    lie = replace(entries[4], actor="owner/Nobody Here")
    assert codes(verify_chain([*entries[:4], lie, *entries[5:]])) == ["LED105"]
    lie = replace(lie, hash=entry_hash(lie))
    assert codes(verify_chain([*entries[:4], lie, *entries[5:]])) == ["LED103"]


def test_an_entry_that_says_more_than_it_may_shows_although_its_hash_fits():
    one = first()
    lie = replace(one, detail={"use": "counts", "surname": "Osei"})
    lie = replace(lie, hash=entry_hash(lie))
    (problem,) = verify_chain([lie])
    assert problem.code == "LED007" and problem.what.startswith("entry 1:")


def test_an_entry_that_has_no_canonical_form_shows():
    entry = replace(first(), detail={"use": math.nan})
    assert codes(verify_chain([entry])) == ["LED105", "LED008"]


def test_an_entry_survives_being_written_and_read():
    for entry in whole_site().entries:
        assert Entry.from_dict(entry.as_dict()) == entry


@pytest.mark.parametrize(
    "change",
    [
        {"at": "now"},
        {"sequence": True},
        {"detail": []},
        {"actor": 1},
        {"more": 1},
        {"detail": {"use": ["x"]}},
        {"detail": {"use": None}},
    ],
)
def test_what_is_not_an_entry_is_not_read(change: dict):
    with pytest.raises(IntegrityRefused) as caught:
        Entry.from_dict({**first().as_dict(), **change})
    assert codes(caught.value.problems) == ["LED101"]


def test_an_entry_cannot_be_altered_in_memory():
    with pytest.raises(TypeError):
        first().detail["use"] = "other"  # type: ignore[index]


def test_every_detail_of_the_table_has_a_known_shape():
    for act, deed in ACTS.items():
        for key, kind in {**deed.must, **deed.may}.items():
            assert isinstance(kind, tuple) or kind in SHAPES, (act, key)
        assert not set(deed.must) & set(deed.may), act


def test_every_sentence_of_the_table_can_be_told():
    for act, deed in ACTS.items():
        outside = _OPTIONAL.sub("", deed.tells)
        needed = {match["key"] for match in _BLANK.finditer(outside)} - {"who", "it"}
        inside = {match["key"] for match in _BLANK.finditer(deed.tells)} - {"who", "it"}
        assert needed <= set(deed.must), act
        assert inside <= set(deed.must) | set(deed.may), act
        assert outside.endswith("."), act


def test_the_ledger_tells_each_step_in_plain_english():
    told = [sentence(entry) for entry in whole_site().entries]
    assert told[0] == "The gate made the site tea, for practice with invented data."
    assert told[4] == "The text of tea@1 became final; 2 people must sign it."
    assert told[7] == (
        "The gate refused Dev Anand (owner), who asked to run, for 2 reasons: GATE003, GATE007."
    )
    assert told[9].endswith("it can be used once, before 2 March 2026 at 09:24 UTC.")
    assert told[12] == "Run r1 computed 1 output in 1.5 seconds."
    assert told[16] == "Ben Lyle (room) released counts to owner: about 12 rows, 2 files."
    assert all(line[0].isupper() and line.endswith(".") for line in told)


def test_details_that_are_absent_are_left_out_of_the_sentence():
    site = Site()
    assert sentence(site.say("run computed", "run:r1", outputs=2)) == "Run r1 computed 2 outputs."
    assert sentence(site.say("site made", "site:tea", bare=True, practice=False)) == (
        "The gate made the site tea."
    )
    assert sentence(site.say("text final", "agreement:tea@1", signatories=1)) == (
        "The text of tea@1 became final; 1 person must sign it."
    )


def test_what_did_not_happen_is_not_told():
    site = Site()
    none = site.say("run computed", "run:r1", outputs=2, reasons=0)
    assert sentence(none) == "Run r1 computed 2 outputs."
    some = site.say("run computed", "run:r1", outputs=2, reasons=1)
    assert sentence(some) == "Run r1 computed 2 outputs; 1 reason to report no result."


def test_the_machine_and_its_people_are_told_apart():
    assert person_text("site/gate") == "the gate"
    assert person_text("room/Ben Lyle") == "Ben Lyle (room)"
    assert person_text("Ben Lyle") == "Ben Lyle"


def test_an_act_of_a_later_version_is_still_told():
    entry = replace(first(), act="moon visited")
    assert sentence(entry) == "Ben Lyle (room): moon visited."
    assert codes(check_entry(entry)) == ["LED001"]
