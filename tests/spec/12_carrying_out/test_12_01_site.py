"""A site is made once, belongs to one ledger, and knows its people by name."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import REBATE, Ledger, codes, new_site, verified, written

from equipoise.acts.practice import enrol_cast
from equipoise.acts.sign import sign, sign_all_for_practice
from equipoise.acts.site import Site, enrol, found_site, open_site
from equipoise.acts.status import status
from equipoise.clock import system_clock
from equipoise.errors import (
    DocumentRefused,
    EnvironmentFailed,
    IntegrityRefused,
    StateRefused,
    UsageRefused,
)


def test_a_new_site_tells_of_its_making_and_opens_again(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    assert [e.act for e in site.store.entries()] == ["site made"]
    again = open_site(tmp_path / "a")
    assert (again.name, again.practice) == ("Test site", False)
    assert again.custody.site_key() == site.custody.site_key()


def test_a_practice_site_says_so_on_its_ledger(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a")
    told = [e.detail["note"] for e in site.store.entries() if e.act == "practice noted"]
    assert told == ["the people who sign are invented", "all rooms are on one machine"]


def test_nobody_else_may_read_keys_rooms_and_settings(tmp_path: Path) -> None:
    new_site(tmp_path / "a")
    modes = {
        name: stat.S_IMODE((tmp_path / "a" / name).stat().st_mode)
        for name in ("keys", "rooms", "runs", "equipoise.toml")
    }
    assert modes == {"keys": 0o700, "rooms": 0o700, "runs": 0o700, "equipoise.toml": 0o600}


def test_a_second_site_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a")
    with pytest.raises(StateRefused) as refused:
        new_site(tmp_path / "a")
    assert codes(refused) == ["ACT004"]
    assert len(site.store.entries()) == 3


def test_a_making_that_was_cut_off_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equipoise.acts import settings as module

    def full(path: Path, data: bytes) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(module, "write_whole", full)
        with pytest.raises(EnvironmentFailed) as failed:
            new_site(tmp_path / "a")
    assert codes(failed) == ["ACT005"]
    with pytest.raises(EnvironmentFailed) as failed:
        open_site(tmp_path / "a")
    assert codes(failed) == ["ACT006"]
    site = new_site(tmp_path / "a")
    acts = [e.act for e in site.store.entries()]
    assert acts == ["site made", "practice noted", "practice noted"]


def test_a_site_that_names_a_strange_database_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed) as failed:
        found_site(tmp_path / "a", name="A", database="mysql://x/y")
    assert codes(failed) == ["STO001"]
    new_site(tmp_path / "a")  # and nothing stands in the way of a better one


def test_two_sites_never_share_a_ledger(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shared.sqlite3"
    found_site(tmp_path / "a", name="A", database=url)
    with pytest.raises(StateRefused) as refused:
        found_site(tmp_path / "b", name="B", database=url)
    assert codes(refused) == ["ACT009"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EnvironmentFailed) as failed:
        new_site(tmp_path / "file" / "a")
    assert codes(failed) == ["ACT005"]


@pytest.mark.parametrize(
    "settings", ["", "[site", "[site]\n", "site = 3\n", "\ufeff\x00"] + [
        f"[site]\nname = 'A'\n[steps]\n{steps}\n"
        for steps in ("memory = 0", "memory = -4", "memory = '4 GiB'", "hours = 1e9", "cores = 2",
                      "memory = nan")
    ],
)  # fmt: skip
def test_damaged_settings_are_told(tmp_path: Path, settings: str) -> None:
    new_site(tmp_path / "a")
    (tmp_path / "a" / "equipoise.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(IntegrityRefused) as refused:
        open_site(tmp_path / "a")
    assert codes(refused) == ["ACT013"]


def test_what_one_step_may_take_is_a_setting(tmp_path: Path) -> None:
    usual = new_site(tmp_path / "a").limits
    assert (usual.memory, usual.seconds) == (4 << 30, 3600)
    with (tmp_path / "a" / "equipoise.toml").open("a", encoding="utf-8") as file:
        file.write("\n[steps]\nmemory = 16\nhours = 2.5\n")
    limits = open_site(tmp_path / "a").limits
    assert (limits.memory, limits.seconds) == (16 << 30, 9000)
    assert limits.threads == usual.threads


def test_enrolling_gives_a_key_and_tells_of_it(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    ledger = Ledger(site)
    person = enrol(site, "hmrc", "Amara Osei", roles=("controller",), post="Data owner")
    entry = ledger.one("key trusted")
    assert entry.detail["person"] == "hmrc/Amara Osei" and entry.detail["practice"] is False
    assert site.store.people() == (person,)
    with pytest.raises(StateRefused) as refused:
        enrol(site, "hmrc", "Amara Osei", roles=())
    assert codes(refused) == ["STO012"]
    assert ledger.acts() == ["key trusted"]
    assert site.person("Amara Osei").public_key == person.public_key


def test_somebody_who_is_enrolled_is_given_another_role(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    first = enrol(site, "hmrc", "Amara Osei", roles=("controller",))
    ledger = Ledger(site)
    again = enrol(site, "hmrc", "Amara Osei", roles=("checker", "controller"))
    assert again.roles == ("controller", "checker") and again.public_key == first.public_key
    assert {entry.detail["role"] for entry in ledger.new()} == {"checker", "controller"}
    assert set(ledger.acts()) == {"role given"} and len(site.store.people()) == 1


def test_an_enrolling_that_was_cut_off_can_be_done_again(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    key = site.custody.enrol("hmrc", "Amara Osei")  # then the machine stopped
    assert enrol(site, "hmrc", "Amara Osei", roles=()).public_key == key


def test_a_person_is_found_by_name_or_by_party_and_name(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    one = enrol(site, "hmrc", "Amara Osei", roles=())
    two = enrol(site, "voa", "Amara Osei", roles=())
    assert site.person("hmrc/Amara Osei") == one
    assert site.person("Amara Osei", "voa") == two
    for name, said in (("Amara Osei", "hmrc/Amara Osei, voa/Amara Osei"), ("Nobody", "init")):
        with pytest.raises(UsageRefused) as refused:
            site.person(name)
        assert codes(refused) == ["ACT002"]
        assert said in refused.value.problems[0].next


def test_an_agreement_is_found_as_file_folder_or_name(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a")
    source = written(tmp_path)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "agreement.yaml").write_text(Path(source).read_text(encoding="utf-8"))
    sign_all_for_practice(site, source)
    for given in (source, str(folder), REBATE):
        assert site.read(given).agreement.reference == REBATE


def test_what_is_no_agreement_is_told(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a")
    (tmp_path / "latin.yaml").write_bytes("agreement: caf\xe9".encode("latin-1"))
    given = {
        str(tmp_path / "latin.yaml"): (DocumentRefused, "ACT008"),
        str(tmp_path): (EnvironmentFailed, "ACT003"),
        "nothing@1": (EnvironmentFailed, "ACT003"),
        "x" * 5000: (EnvironmentFailed, "ACT003"),
    }
    for source, (kind, code) in given.items():
        with pytest.raises(kind) as refused:
            site.read(source)
        assert codes(refused) == [code], source


def test_a_file_that_lies_about_is_not_taken_for_what_was_signed(
    tmp_path: Path, site_at: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_at("in review")
    monkeypatch.chdir(tmp_path)
    Path(REBATE).write_text("this is not the agreement", encoding="utf-8")
    assert status(site)["agreements"][0]["title"] == "Automatic energy rebates"


# -- signing -------------------------------------------------------------------------------------


@pytest.fixture
def enrolled(tmp_path: Path) -> tuple[Site, str]:
    site = new_site(tmp_path / "a")
    source = written(tmp_path)
    enrol_cast(site, site.read(source).agreement)
    return site, source


def test_the_first_signature_freezes_the_text_and_the_last_puts_it_in_force(
    enrolled: tuple[Site, str], tmp_path: Path
) -> None:
    site, source = enrolled
    ledger = Ledger(site)
    first = sign(site, source, "Amara Osei")
    assert first.state == "final text"
    assert len(first.missing) == 6 and "Bernard Lyle (voa)" in first.missing
    assert ledger.acts() == ["agreement proposed", "weighed", "text final", "signed"]
    assert ledger.one("signed").detail["person"] == "hmrc/Amara Osei"
    names = [party.signatory.name for party in site.read(source).agreement.parties.values()]
    for name in names[1:]:
        last = sign(site, source, name)
    assert (last.state, last.missing) == ("signed", ())
    assert ledger.acts().count("signed") == 7
    assert verified(site, tmp_path).signatures == 7


def test_who_is_not_named_cannot_sign(enrolled: tuple[Site, str]) -> None:
    site, source = enrolled
    ledger = Ledger(site)
    for name in ("Nia Bowen", "Somebody Else", None, "", "voa/Amara Osei"):
        with pytest.raises(UsageRefused) as refused:
            sign(site, source, name)
        assert codes(refused) == ["ACT011"]
        assert "Amara Osei" in refused.value.problems[0].next
    assert ledger.acts() == [] and not site.store.knows(REBATE)


def test_a_signatory_who_is_not_enrolled_is_told_how(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    with pytest.raises(UsageRefused) as refused:
        sign(site, written(tmp_path), "Amara Osei")
    assert codes(refused) == ["ACT002"]
    assert "--enrol 'hmrc/Amara Osei'" in refused.value.problems[0].next
    assert not site.store.knows(REBATE)


def test_nobody_signs_twice(enrolled: tuple[Site, str]) -> None:
    site, source = enrolled
    sign(site, source, "Amara Osei")
    ledger = Ledger(site)
    with pytest.raises(StateRefused) as refused:
        sign(site, source, "Amara Osei")
    assert codes(refused) == ["STO013"]
    assert ledger.acts() == []


def test_another_text_of_the_same_version_is_not_signed(
    enrolled: tuple[Site, str], tmp_path: Path
) -> None:
    site, source = enrolled
    sign(site, source, "Amara Osei")
    ledger = Ledger(site)
    changed = written(
        tmp_path / "b", change=lambda text: text.replace("round to: 5", "round to: 10")
    )
    with pytest.raises(StateRefused) as refused:
        sign(site, changed, "Bernard Lyle")
    assert codes(refused) == ["ACT010"]
    assert ledger.acts() == []
    assert len(site.store.agreement(REBATE).signatures) == 1


def test_invented_people_sign_on_practice_sites_only(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    with pytest.raises(UsageRefused) as refused:
        sign_all_for_practice(site, written(tmp_path))
    assert codes(refused) == ["ACT012"]
    assert site.store.people() == ()


def test_while_another_command_is_at_an_agreement_it_waits(enrolled: tuple[Site, str]) -> None:
    site, source = enrolled
    other = open_site(site.directory, clock=system_clock)
    with other.locks.hold(REBATE), pytest.raises(StateRefused) as refused:
        sign(site, source, "Amara Osei")
    assert codes(refused) == ["ACT001"]
    sign(site, source, "Amara Osei")
