"""A key that was lost or seen by others is ended, and another takes its place by two people.

What the site kept before the end stays signed. Whatever is made with the old key afterwards is
refused, whichever date it bears: the ledger's order counts, not what a signature says of itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sites import FUEL, new_site
from sites import text_of as example
from typer.testing import CliRunner

from equipoise.account.receipts import fingerprint
from equipoise.account.verify import verify
from equipoise.acts.admit import facts_of
from equipoise.acts.agreement_file import export_agreement, take_in
from equipoise.acts.agreement_texts import signings
from equipoise.acts.key_replace import confirm_key, end_key, offer_key
from equipoise.acts.own_key import OwnKey, enrol_with_key, make_own_key
from equipoise.acts.publish import export_ledger
from equipoise.acts.sign import sign
from equipoise.acts.sign_here import statement, take_signature, waits_for
from equipoise.acts.site import Site, enrol, open_site
from equipoise.agree.parse import parse
from equipoise.agree.sign import required_signatories, sign_agreement
from equipoise.cli.main import app
from equipoise.errors import EquipoiseError, GateRefused, IntegrityRefused
from equipoise.store.ended_keys import EndedKeys

TEXT = example(FUEL)
REFERENCE = "fuel-poverty-rebate@1"
ADMIN, SECOND, THIRD = "council/Imogen Ward", "hmrc/Bea Lund", "council/Cass Orr"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Site:
    made = new_site(tmp_path / "site", practice=False, clock=clock)
    enrol(made, "council", "Imogen Ward", roles=("administrator",))
    enrol(made, "hmrc", "Bea Lund", roles=("administrator",))
    enrol(made, "council", "Cass Orr", roles=("analyst",))
    return made


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "agreement.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


class Signatory:
    """Somebody who signs with a key of their own, and may have several one after another."""

    def __init__(self, folder: Path, party: str, name: str) -> None:
        self.folder, self.party, self.name = folder, party, name
        self.who = f"{party}/{name}"
        self.old = self.key("old")

    def key(self, called: str) -> OwnKey:
        return make_own_key(self.folder / f"{self.party}-{called}.pem")


@pytest.fixture
def all_of_them(site: Site, tmp_path: Path) -> list[Signatory]:
    people = [
        Signatory(tmp_path, party, name)
        for party, name in required_signatories(parse(TEXT).agreement)
    ]
    for one in people:
        enrol_with_key(site, one.party, one.name, one.old.public_key)
    return people


def replaced(site: Site, one: Signatory, new: OwnKey) -> None:
    end_key(site, one.who, "seen by others", "The laptop was stolen.", ADMIN)
    offer_key(site, one.who, new.public_key, ADMIN)
    confirm_key(site, one.who, fingerprint(new.public_key), SECOND)


def codes(doing: Callable[[], object]) -> list[str]:
    with pytest.raises(EquipoiseError) as refused:
        doing()
    return sorted({problem.code for problem in refused.value.problems})


# -- what stays and what is refused --------------------------------------------------------------


def test_what_was_signed_before_stays_and_the_new_key_signs_from_now_on(
    site: Site, source: str, all_of_them: list[Signatory], tmp_path: Path
) -> None:
    first, *others = all_of_them
    sign(site, source, first.who, first.old)
    new = first.key("new")
    replaced(site, first, new)
    for one in others:
        done = sign(site, source, one.who, one.old)
    assert done.state == "signed" and done.missing == ()
    assert [one.holds for one in signings(site, REFERENCE)] == [True] * len(all_of_them)
    facts = facts_of(site, site.frozen(REFERENCE).agreement)
    assert facts.trusted[first.who] == first.old.public_key, "for this agreement it counts"
    assert site.trusted()[first.who] == new.public_key

    later = TEXT.replace("version: 1", "version: 2", 1)
    path = tmp_path / "second.yaml"
    path.write_text(later, encoding="utf-8")
    assert codes(lambda: sign(site, str(path), first.who, first.old)) == ["ACT298"]
    assert not site.store.knows("fuel-poverty-rebate@2"), "nor is the text put forward by it"
    sign(site, str(path), first.who, new)
    assert [one.holds for one in signings(site, "fuel-poverty-rebate@2")].count(True) == 1


def test_the_ledger_and_what_is_exported_tell_of_it_and_can_be_checked(
    site: Site, source: str, all_of_them: list[Signatory], tmp_path: Path
) -> None:
    for one in all_of_them:
        sign(site, source, one.who, one.old)
    before = tmp_path / "before.jsonl"
    export_ledger(site, before)
    assert b'"ended"' not in before.read_bytes().splitlines()[0]
    replaced(site, all_of_them[0], all_of_them[0].key("new"))
    told = [entry for entry in site.store.entries() if entry.act.startswith("key ")][-3:]
    assert [entry.act for entry in told] == ["key ended", "key offered", "key trusted"]
    assert told[0].detail["because"] == "seen by others"
    assert str(told[0].detail["reason"]).startswith("sha256:")
    assert "laptop" not in json.dumps([dict(entry.detail) for entry in told])
    assert [entry.actor for entry in told] == [ADMIN, ADMIN, SECOND]
    after = tmp_path / "after.jsonl"
    export_ledger(site, after)
    assert verify(after.read_bytes()).signatures == len(all_of_them)


# -- an attacker with the old key ----------------------------------------------------------------


@pytest.mark.parametrize("days", [0, -400, 1])
def test_a_leaked_key_signs_nothing_whichever_date_it_writes(
    site: Site, source: str, all_of_them: list[Signatory], clock: Clock, days: int
) -> None:
    thief, other, *_ = all_of_them
    sign(site, source, other.who, other.old)  # the text is put forward
    replaced(site, thief, thief.key("new"))
    agreement = site.frozen(REFERENCE).agreement
    forged = sign_agreement(
        agreement, thief.party, thief.name, clock.now + timedelta(days=days), thief.old
    )
    file, _ = export_agreement(site, REFERENCE, Path(source).parent / "sent.json")
    said = json.loads(file.read_bytes())
    said["signatures"].append(forged.as_dict())
    data = json.dumps(said).encode()
    assert codes(lambda: take_in(site, data, "sent.json")) == ["ACT298"]
    person = site.person(thief.who)
    given = json.dumps(forged.as_dict()).encode()
    refused = codes(lambda: take_signature(site, REFERENCE, person, forged.at, given))
    # A page refuses a moment that is not now before it looks at the key.
    assert refused == (["ACT298"] if days == 0 else ["ACT276"])
    assert waits_for(site, REFERENCE, person)


def test_a_forged_row_of_the_database_counts_for_nothing(
    site: Site, source: str, all_of_them: list[Signatory]
) -> None:
    """Backdating at the source: the signature stands in the table, and the ledger tells of none
    before the end."""
    thief, other, *_ = all_of_them
    sign(site, source, other.who, other.old)
    replaced(site, thief, thief.key("new"))
    agreement = site.frozen(REFERENCE).agreement
    early = site.clock() - timedelta(days=30)
    with site.store.change(ADMIN) as change:
        change.sign(REFERENCE, sign_agreement(agreement, thief.party, thief.name, early, thief.old))
        change.note("role given", "key:x", person=thief.who, role="x")
    holds = {one.name: one.holds for one in signings(site, REFERENCE)}
    assert holds[thief.name] is False and holds[other.name] is True


def test_a_key_that_was_ended_is_nobody_s_ever_again(
    site: Site, all_of_them: list[Signatory]
) -> None:
    one, other, *_ = all_of_them
    replaced(site, one, one.key("new"))
    again = one.old.public_key
    assert codes(lambda: enrol_with_key(site, "council", "Eve Mallory", again)) == ["ACT299"]
    end_key(site, other.who, "lost", "Nobody finds it.", ADMIN)
    assert codes(lambda: offer_key(site, other.who, again, ADMIN)) == ["ACT299"]
    own = other.old.public_key
    assert codes(lambda: offer_key(site, other.who, own, ADMIN)) == ["ACT299"]


def test_a_key_that_the_site_held_is_destroyed_with_its_end(site: Site) -> None:
    key = site.custody.key_name("council", "Cass Orr")
    assert site.custody.holds_key_of("council", "Cass Orr")
    made = end_key(site, THIRD, "changed", "They sign with a key of their own now.", THIRD)
    assert made.signed == () and not site.custody.holds_key_of("council", "Cass Orr")
    assert not list((site.directory / "keys").rglob(f"{Path(key).name}.signer"))


# -- two people ----------------------------------------------------------------------------------


def test_one_person_ends_a_key_and_until_two_agree_nobody_signs_with_another(
    site: Site, source: str, all_of_them: list[Signatory]
) -> None:
    one, other, *_ = all_of_them
    sign(site, source, other.who, other.old)
    new = one.key("new")
    end_key(site, one.who, "lost", "Nobody finds it.", one.who)
    assert one.who not in site.trusted()
    offer_key(site, one.who, new.public_key, ADMIN)
    assert one.who not in site.trusted(), "an offer is not yet a key"
    assert codes(lambda: sign(site, source, one.who, new)) == ["AGR305"]
    mark = fingerprint(new.public_key)
    stranger = THIRD if one.party != "council" else other.who
    for by in (ADMIN, stranger):
        assert codes(partial(confirm_key, site, one.who, mark, by)) == ["ACT304"]
    assert codes(lambda: confirm_key(site, one.who, "0" * 32, SECOND)) == ["ACT305"]
    assert codes(lambda: confirm_key(site, one.who, "", SECOND)) == ["ACT305"]
    spaced = " ".join(fingerprint(new.public_key)[n : n + 4] for n in range(0, 32, 4)).upper()
    assert confirm_key(site, one.who, spaced, SECOND).public_key == new.public_key
    assert one.name not in " ".join(sign(site, source, one.who, new).missing)


def test_two_names_of_one_person_are_one_person(site: Site, all_of_them: list[Signatory]) -> None:
    one = all_of_them[0]
    enrol(site, "hmrc", "Ward, Imogen", roles=("administrator",))
    enrol(site, "hmrc", "imogen  WARD", roles=("administrator",))
    end_key(site, one.who, "lost", "Nobody finds it.", ADMIN)
    new = one.key("new").public_key
    offer_key(site, one.who, new, ADMIN)
    with pytest.raises(GateRefused, match="ACT304"):
        confirm_key(site, one.who, fingerprint(new), "hmrc/imogen  WARD")


def test_what_cannot_be_done_is_told(site: Site, all_of_them: list[Signatory]) -> None:
    one = all_of_them[0]
    new = one.key("new").public_key
    assert codes(lambda: end_key(site, "nobody/At All", "lost", "Gone.", ADMIN)) == ["ACT300"]
    assert codes(lambda: end_key(site, one.who, "lost", "Gone.", THIRD)) == ["ACT301"]
    assert codes(lambda: end_key(site, one.who, "", "Gone.", ADMIN)) == ["ACT302"]
    assert codes(lambda: end_key(site, one.who, "lost", "  ", ADMIN)) == ["ACT302"]
    assert codes(lambda: offer_key(site, one.who, new, ADMIN)) == ["ACT303"]
    end_key(site, one.who, "lost", "Gone.", ADMIN)
    assert codes(lambda: end_key(site, one.who, "lost", "Gone.", ADMIN)) == ["ACT300"]
    assert codes(lambda: confirm_key(site, one.who, "", SECOND)) == ["ACT303"]
    assert codes(lambda: offer_key(site, one.who, new, THIRD)) == ["ACT250"]
    other = all_of_them[1].old.public_key
    assert codes(lambda: offer_key(site, one.who, other, ADMIN)) == ["ACT296"]
    offer_key(site, one.who, new, ADMIN)
    confirm_key(site, one.who, fingerprint(new), SECOND)
    assert codes(lambda: confirm_key(site, one.who, fingerprint(new), SECOND)) == ["ACT303"]
    assert [(e.because, e.settled is not None) for e in EndedKeys(site.store.alias).ended()] == [
        ("lost", True)
    ]


def test_a_key_can_be_replaced_again_and_each_agreement_keeps_its_own(
    site: Site, source: str, all_of_them: list[Signatory], tmp_path: Path
) -> None:
    one = all_of_them[0]
    sign(site, source, one.who, one.old)
    second, third = one.key("second"), one.key("third")
    replaced(site, one, second)
    path = tmp_path / "second.yaml"
    path.write_text(TEXT.replace("version: 1", "version: 2", 1), encoding="utf-8")
    sign(site, str(path), one.who, second)
    replaced(site, one, third)
    for reference, key in ((REFERENCE, one.old), ("fuel-poverty-rebate@2", second)):
        assert site.trusted(reference)[one.who] == key.public_key
        assert next(s for s in signings(site, reference) if s.name == one.name).holds
    assert site.trusted()[one.who] == third.public_key


# -- the statement on a page, and the command line -----------------------------------------------


def test_a_page_takes_no_signature_of_an_ended_key(
    site: Site, source: str, all_of_them: list[Signatory]
) -> None:
    one, other, *_ = all_of_them
    sign(site, source, other.who, other.old)
    person = site.person(one.who)
    given = statement(site, REFERENCE, person)
    value = bytes.fromhex(one.old.sign(given.message()))
    end_key(site, one.who, "seen by others", "The laptop was stolen.", ADMIN)
    with pytest.raises(IntegrityRefused, match="ACT298"):
        take_signature(site, REFERENCE, person, given.at, value)


def test_on_the_command_line(site: Site, all_of_them: list[Signatory], source: str) -> None:
    one = all_of_them[0]
    sign(site, source, one.who, one.old)
    new = one.key("new")
    public = Path(source).parent / "new.pub"
    public.write_text(new.public_pem, encoding="ascii")
    where = ["--site", str(site.directory)]

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, *where])
        assert done.exit_code == 0, done.output
        return done.output

    why = ["--because", "lost", "--reason", "Nobody finds it."]
    told = run("key", "end", one.who, *why, "--as", ADMIN)
    assert REFERENCE in told and fingerprint(one.old.public_key) in told
    told = run("key", "replace", one.who, "--public-key", str(public), "--as", ADMIN)
    assert fingerprint(new.public_key) not in told, "it is to come from the holder, another way"
    mark = ["--fingerprint", fingerprint(new.public_key)]
    assert "new key" in run("key", "confirm", one.who, *mark, "--as", SECOND)
    assert open_site(site.directory).trusted()[one.who] == new.public_key
    ended = run("key", "end", one.who, *why, "--as", SECOND, "--json")
    assert json.loads(ended)["signed"] == []
    newest = one.key("newest").public_key
    offered = run("key", "replace", one.who, "--public-key", newest, "--as", ADMIN, "--json")
    assert json.loads(offered)["fingerprint"] == fingerprint(newest)
    mark = ["--fingerprint", fingerprint(newest)]
    done = run("key", "confirm", one.who, *mark, "--as", SECOND, "--json")
    assert json.loads(done)["public_key"] == newest
