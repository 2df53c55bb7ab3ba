"""An agreement that says 'identities' is carried out twice, and people keep their pseudonyms."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sites import (
    FUEL,
    REBATE,
    Ledger,
    codes,
    command,
    deliver,
    new_site,
    text_of,
    verified,
    written,
)

from equipoise.acts import identities as acts
from equipoise.acts.erase import erase
from equipoise.acts.link import LinkDone, link
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site, open_site
from equipoise.agree.changes import compare
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.cli import identities as commands
from equipoise.errors import DocumentRefused, GateRefused, StateRefused, UsageRefused

CLAUSE = "identities: {until: 2098-12-31, remember absent: 30, merges: people decide}"
SUPPLIER = "customers_brightgas"


def lasting(text: str, clause: str = CLAUSE) -> str:
    return text.replace("pairs: many to one\n", f"pairs: many to one\n      {clause}\n", 1)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def pseudonyms(site: Site, dataset: str) -> pa.Table:
    """Return each row's account and pseudonym, as a use sees them."""
    from equipoise.acts.admit import admitted
    from equipoise.acts.posts import analyst_for
    from equipoise.acts.run import use_request

    parsed = site.frozen(REBATE)
    analyst = analyst_for(site, parsed.agreement, "entitled")
    assert analyst is not None
    with admitted(site, parsed, use_request(parsed.agreement, "entitled", analyst)) as passage:
        table = passage.pseudonymised()[dataset]
    return table.select(["account", "pseudonym_person"])


@pytest.fixture(scope="module")
def first(
    city_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, tuple[LinkDone, ...]]:
    """A site after its first delivery."""
    folder = tmp_path_factory.mktemp("lasting")
    source = written(folder, change=lasting)
    site = new_site(folder / "site")
    sign_all_for_practice(site, source)
    deliver(site, source, city_files)
    return folder / "site", link(site, REBATE)


@pytest.fixture
def linked(first: tuple[Path, tuple[LinkDone, ...]], tmp_path: Path) -> Callable[..., Site]:
    def at(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Site:
        shutil.copytree(first[0], tmp_path / "site")
        return open_site(tmp_path / "site", clock=clock)

    return at


def test_the_first_delivery_makes_the_register(
    first: tuple[Path, tuple[LinkDone, ...]],
) -> None:
    person = next(each for each in first[1] if each.entity == "person")
    assert all(count["known"] == 0 for count in person.exact.as_dict()["datasets"])
    assert person.exact.as_dict()["identities"] > 1000
    assert "now has" in person.exact.sentences()[-1]


def test_the_same_people_have_equal_pseudonyms_across_two_deliveries(
    linked: Callable[..., Site], city_files: Path
) -> None:
    """Every file is packed anew: other row ids, another order, and a linkage of its own."""
    site = linked()
    before = pseudonyms(site, SUPPLIER)
    deliver(site, REBATE, city_files)
    person = next(each for each in link(site, REBATE) if each.entity == "person")
    after = pseudonyms(site, SUPPLIER)
    assert sorted(map(str, after.to_pylist())) == sorted(map(str, before.to_pylist()))
    assert all(count["met"] == count["rows"] for count in person.exact.as_dict()["datasets"])
    assert "0 were new" in " ".join(person.exact.sentences())


@pytest.mark.slow
def test_without_the_clause_each_linkage_begins_anew(city_files: Path, tmp_path: Path) -> None:
    source = written(tmp_path)
    site = new_site(tmp_path / "site")
    sign_all_for_practice(site, source)
    found = []
    for _ in range(2):
        deliver(site, source, city_files)
        link(site, REBATE)
        found.append(pseudonyms(site, SUPPLIER)["pseudonym_person"].to_pylist())
    assert not set(found[0]) & set(found[1])
    assert site.store.registers(REBATE) == ()


@pytest.mark.slow
def test_somebody_new_is_told_from_those_who_were_known(
    linked: Callable[..., Site], city_files: Path, tmp_path: Path
) -> None:
    """A file comes again without its first fifty rows, and then with them."""
    shutil.copytree(city_files, tmp_path / "later")
    path = tmp_path / "later" / "tax_credits.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[51:]]))
    site = linked()
    deliver(site, REBATE, tmp_path / "later", ("tax_credits",))
    person = next(each for each in link(site, REBATE) if each.entity == "person")
    told = {count["dataset"]: count for count in person.exact.as_dict()["datasets"]}
    assert told["tax_credits"]["ended"] > 30
    assert told["tax_credits"]["met"] == told["tax_credits"]["rows"]
    assert person.exact.as_dict()["forgotten"] == 0, "they are remembered for 30 days"
    deliver(site, REBATE, city_files, ("tax_credits",))
    person = next(each for each in link(site, REBATE) if each.entity == "person")
    assert {c["dataset"]: c for c in person.exact.as_dict()["datasets"]}["tax_credits"]["new"] == 0


def test_linking_again_without_a_new_delivery_changes_nobody(linked: Callable[..., Site]) -> None:
    site = linked()
    before = pseudonyms(site, SUPPLIER)
    person = next(each for each in link(site, REBATE) if each.entity == "person")
    assert all(count["known"] == count["rows"] for count in person.exact.as_dict()["datasets"])
    assert pseudonyms(site, SUPPLIER).to_pylist() == before.to_pylist()


@pytest.mark.slow
def test_the_register_outlives_the_datasets_and_ends_with_a_receipt(
    linked: Callable[..., Site], city_files: Path, tmp_path: Path
) -> None:
    site = linked()
    before = pseudonyms(site, SUPPLIER)
    erase(site, REBATE, tuple(site.frozen(REBATE).agreement.datasets))
    assert [each.entity for each in site.store.registers(REBATE)] == ["person"]
    deliver(site, REBATE, city_files)
    link(site, REBATE)
    assert sorted(pseudonyms(site, SUPPLIER)["pseudonym_person"].to_pylist()) == sorted(
        before["pseudonym_person"].to_pylist()
    )
    done = erase(site, REBATE, ("identities-person",))
    assert done.receipt is not None
    assert {item.object.split("/")[1] for item in done.receipt.of("sealed file")} == {
        "identities-person"
    }
    keys = [item.object for item in done.receipt.of("key")]
    assert len(keys) == 2 and any(name.endswith("/identities-person-1") for name in keys)
    assert site.store.registers(REBATE) == ()
    assert verified(site, tmp_path)
    link(site, REBATE)
    assert not set(pseudonyms(site, SUPPLIER)["pseudonym_person"].to_pylist()) & set(
        before["pseudonym_person"].to_pylist()
    ), "a new register knows nobody of the old one"


@pytest.mark.slow
def test_the_register_is_due_on_the_day_after_its_last(city_files: Path, tmp_path: Path) -> None:
    clock = Clock()
    last = clock.now.date() + timedelta(days=40)
    source = written(tmp_path, change=lambda t: lasting(t, f"identities: {{until: {last}}}"))
    site = new_site(tmp_path / "site", clock=clock)
    sign_all_for_practice(site, source)
    deliver(site, source, city_files)
    link(site, REBATE)
    clock.now += timedelta(days=40)
    assert "identities-person" not in erase(site, REBATE).names
    clock.now += timedelta(days=1)
    person = next(each for each in link(site, REBATE) if each.entity == "person")
    assert "rules" in str(person.exact.as_dict()), "after the day each linkage begins anew"
    assert "identities-person" in erase(site, REBATE).names
    assert site.store.registers(REBATE) == ()


def test_only_the_linkage_unit_may_look_or_decide(linked: Callable[..., Site]) -> None:
    site = linked()
    stranger = site.person("Grace Adeyemi")
    with pytest.raises(GateRefused) as refused:
        acts.proposals(site, REBATE, stranger)
    assert {"GATE041", "GATE042"} & set(codes(refused))


def test_people_merge_split_and_undo_and_the_ledger_names_nobody(
    linked: Callable[..., Site], tmp_path: Path
) -> None:
    site = linked()
    clerk = acts.clerk(site, REBATE, None)
    ledger = Ledger(site)
    why = "one person on two awards"
    merged = acts.decide_merge(site, REBATE, clerk, (0, 1), why, evidence="case 12")
    told = ledger.one("identities decided")
    assert told.object == f"identities:{REBATE}/person"
    assert set(told.detail) == {"what", "event", "permit"}
    assert (told.detail["what"], told.detail["event"]) == ("merged", merged.event)
    assert why not in str([entry.as_dict() for entry in ledger.new()])
    records = acts.records_of(site, REBATE, clerk, 1)
    assert [row["dataset"] for row in records].count("tax_credits") >= 2
    assert {len(row["tokens"]) for row in records} == {6}
    link(site, REBATE)
    one = acts.events(site, REBATE, clerk, identity=1)
    assert [line["kind"] for line in one][-1] == "merged"
    acts.decide_undo(site, REBATE, clerk, merged.event, "they are twins")
    assert len(acts.records_of(site, REBATE, clerk, 1)) < len(records)
    mine = [row["record"] for row in records][:1]
    with pytest.raises(UsageRefused) as refused:
        acts.decide_split(site, REBATE, clerk, 0, [*mine, 99999], "wrong")
    assert codes(refused) == ["IDR022"]
    acts.decide_merge(site, REBATE, clerk, (0, 1), "they are twins", apart=True)
    with pytest.raises(StateRefused) as held_apart:
        acts.decide_merge(site, REBATE, clerk, (0, 1), why)
    assert codes(held_apart) == ["IDR031"]
    assert verified(site, tmp_path)


def test_a_correction_reaches_the_secure_room_with_the_next_linkage(
    first: tuple[Path, tuple[LinkDone, ...]], linked: Callable[..., Site]
) -> None:
    site = linked()
    clerk = acts.clerk(site, REBATE, None)
    before = set(pseudonyms(site, SUPPLIER)["pseudonym_person"].to_pylist())
    # The spine's people have the first numbers; the next is of somebody the supplier alone knows.
    person = next(each for each in first[1] if each.entity == "person")
    number = person.exact.as_dict()["datasets"][0]["identities"]
    acts.decide_merge(site, REBATE, clerk, (0, number), "one person")
    assert set(pseudonyms(site, SUPPLIER)["pseudonym_person"].to_pylist()) == before
    link(site, REBATE)
    after = set(pseudonyms(site, SUPPLIER)["pseudonym_person"].to_pylist())
    assert len(before - after) == 1 and len(after) in (len(before), len(before) - 1)


def test_what_is_asked_of_no_register_is_refused(
    linked: Callable[..., Site], tmp_path: Path
) -> None:
    site = linked()
    clerk = acts.clerk(site, REBATE, "Farid Noor")
    for ask, code in (
        (lambda: acts.proposals(site, REBATE, clerk, "home"), "ACT150"),
        (lambda: acts.decide_merge(site, REBATE, clerk, (0,), "why"), "ACT152"),
        (lambda: acts.decide_merge(site, REBATE, clerk, (), "why", proposal=77), "ACT152"),
    ):
        with pytest.raises(UsageRefused) as refused:
            ask()
        assert codes(refused) == [code]
    with pytest.raises(UsageRefused) as none:
        acts.registers(site, written(tmp_path / "plain"))
    assert codes(none) == ["ACT150"]
    erase(site, REBATE, ("identities-person",))
    with pytest.raises(StateRefused) as gone:
        acts.proposals(site, REBATE, clerk)
    assert codes(gone) == ["ACT151"]
    erase(site, REBATE, ("identities-person",))


def test_the_commands_show_rounded_figures_and_take_decisions(
    linked: Callable[..., Site], capsys: pytest.CaptureFixture[str]
) -> None:
    where = linked().directory

    def said(name: str, *words: Any, **options: Any) -> str:
        getattr(commands, name)(REBATE, *words, site=where, **options)
        return capsys.readouterr().out

    shown = said("show_registers")
    assert "Register of person" in shown and "few" in shown
    assert json.loads(said("show_registers", json=True))[0]["entity"] == "person"
    assert "Nothing is proposed." in said("proposals")
    done = json.loads(said("merge", [3, 4], reason="one person", json=True))
    assert done["kind"] == "merged"
    told = said("show_history", 4)
    assert "linkage unit: merged 3 and 4 (one person)" in told
    with pytest.raises(StateRefused) as refused:
        said("merge", [3, 4], reason="again")
    assert codes(refused) == ["IDR030"]
    assert "tokens" in said("records", 3)
    assert "can be undone by this number" in said("undo", done["event"], reason="wrong")
    assert "undone event" in said("show_history")
    assert "kept apart" in said("apart", [3, 4], reason="two people")
    assert json.loads(said("proposals", json=True)) == []
    assert len(json.loads(said("show_history", json=True))) == done["event"] + 2
    first = json.loads(said("records", 3, json=True))[0]["record"]
    with pytest.raises(UsageRefused) as all_of_it:
        said("split", 3, [first, first + 1], reason="two people")
    assert codes(all_of_it) == ["IDR022"]


def test_the_commands_are_explained() -> None:
    told = command("identities", "--help").stdout
    assert "never leaves the room" in told and "undo" in told


def mistakes(clause: str, change: Callable[[str], str] = str) -> list[str]:
    with pytest.raises(DocumentRefused) as refused:
        parse(change(lasting(text_of(FUEL), clause)))
    return codes(refused)


def test_an_agreement_s_identities_end_with_it_at_the_latest() -> None:
    assert mistakes("identities: {until: 2100-01-01}") == ["AGR238"]
    assert mistakes("identities: {until: 2020-01-01}") == ["AGR238"]
    assert mistakes("identities: {}") == ["AGR021"]
    assert mistakes("identities: {until: 2030-01-01, merges: perhaps}") == ["AGR023"]


def test_the_public_is_told_that_records_are_known_again() -> None:
    told = summarise(parse(lasting(text_of(FUEL))).agreement)
    assert (
        "It knows the same records again each time new data come, until 31 December 2098." in told
    )
    assert "kept 30 days more" in told
    at_once = summarise(parse(lasting(text_of(FUEL), "identities: {until: 2030-01-01}")).agreement)
    assert "no longer comes are destroyed at once" in at_once
    assert "knows the same records" not in summarise(parse(text_of(FUEL)).agreement)


def test_to_know_people_again_widens_an_agreement() -> None:
    plain = parse(text_of(FUEL)).agreement
    again = parse(lasting(text_of(FUEL))).agreement
    (change,) = compare(plain, again)
    assert (change.clause, change.weight) == ("linkage.entities.person.identities", "widens")
    longer = parse(lasting(text_of(FUEL), CLAUSE.replace("30,", "400,"))).agreement
    (change,) = compare(again, longer)
    assert change.weight == "widens"
