"""A use reaches people through their household, and keeps to it from one delivery to the next."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from homes_agreed import COUNCIL, HOSTELS, OTHERS, lives, whole
from known_in_modes import document
from sites import REBATE, codes, computed, deliver, new_site, verified

from equipoise.acts import identities as acts
from equipoise.acts.admit import admitted
from equipoise.acts.erase import erase
from equipoise.acts.link import link
from equipoise.acts.posts import analyst_for
from equipoise.acts.run import use_request
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site
from equipoise.cli import identities as commands
from equipoise.errors import StateRefused, UsageRefused

SPINE, SUPPLIER = "tax_credits", "customers_brightgas"
SUPPLIERS = [SUPPLIER, "customers_northlight", "customers_homewarm"]


def text() -> str:
    """Whoever pays the bill is entitled when anybody of the household is on tax credits."""
    made: dict[str, Any] = document("exact")
    made["linkage"]["entities"]["household"] = {
        "spine": SPINE, "join": SUPPLIERS, "rules": [["uprn"]],
        "households": {"of": "person"}, "identities": {"until": "2098-12-31"},
    }  # fmt: skip
    made["uses"]["entitled"]["criteria"]["on credit"]["through"] = "household"
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True)


def used(site: Site) -> dict[str, pa.Table]:
    """The tables as the use sees them."""
    parsed = site.frozen(REBATE)
    analyst = analyst_for(site, parsed.agreement, "entitled")
    assert analyst is not None
    with admitted(site, parsed, use_request(parsed.agreement, "entitled", analyst)) as passage:
        return dict(passage.pseudonymised())


@pytest.mark.slow
def test_households_reach_a_use_and_stay_the_same(
    city_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "agreement.yaml"
    source.write_text(text(), encoding="utf-8")
    site = new_site(tmp_path / "site")
    sign_all_for_practice(site, str(source))
    deliver(site, str(source), city_files)
    done = {each.entity: each for each in link(site, REBATE)}
    assert list(done)[-1] == "household", "people are known before they are placed"
    before = used(site)[SUPPLIER].select(["account", "pseudonym_household", "pseudonym_person"])
    households = len(set(before["pseudonym_household"].to_pylist()))
    people = len(set(before["pseudonym_person"].to_pylist()))
    assert 100 < households <= people

    deliver(site, REBATE, city_files)
    again = {each.entity: each for each in link(site, REBATE)}["household"].exact.as_dict()
    assert again["formed"] == again["ended"] == 0
    assert again["went_on"] == again["identities"]
    after = used(site)[SUPPLIER].select(["account", "pseudonym_household", "pseudonym_person"])
    same = set(map(str, before.to_pylist())) & set(map(str, after.to_pylist()))
    none = again["rows"] - again["placed"]
    assert len(same) >= before.num_rows - none, "all but those who are in no household"

    clerk = acts.clerk(site, REBATE, None)
    assert acts.proposals(site, REBATE, clerk) is not None, "the register meant is that of people"
    with pytest.raises(UsageRefused) as refused:
        acts.decide_merge(site, REBATE, clerk, (0, 1), "why", entity="household")
    assert codes(refused) == ["ACT153"]
    commands.show_registers(REBATE, site=site.directory)
    assert "Register of household" in capsys.readouterr().out
    assert computed(site, REBATE).startswith("entitled-")

    erased = erase(site, REBATE, ("identities-person",))
    assert erased.names == ("identities-person", "identities-household")
    assert site.store.registers(REBATE) == ()
    assert verified(site, tmp_path)
    link(site, REBATE)
    anew = used(site)[SUPPLIER]["pseudonym_household"].to_pylist()
    assert not set(anew) & set(before["pseudonym_household"].to_pylist())


def street(folder: Path) -> Path:
    """The owners' files of one street: a family of two homes, a flat, and a hostel."""
    folder.mkdir()
    people = [
        lives("ANN", "1 King Road", claim="CL1"), lives("BOB", "1 King Road"),
        lives("CAT", "Flat 2, 9 High Street", claim="CL1"), lives("DAN", "Room 1, 7 Dock Road"),
        lives("EVE", "Room 1, 7 Dock Road"),
    ]  # fmt: skip
    files = {
        SPINE: [{**row, "on_credit": "no"} for row in people[:3]],
        COUNCIL: [{**row, "account": f"A{n}"} for n, row in enumerate(people)],
        HOSTELS: [{"address": "7 Dock Road", "postcode": "EQ1 1AA", "uprn": "100000000007"}],
        "properties": [{"uprn": "100000000001", "cost_score": "70"}],
        **{name: [{**lives("ZOE", "88 Far Lane"), "account": "Z1"}] for name in OTHERS},
    }
    fields = {name: data["fields"] for name, data in whole()["datasets"].items()}
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(fields[name]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.mark.parametrize("mode", ["exact", pytest.param("identified", marks=pytest.mark.slow)])
def test_one_street_from_the_owners_files_to_the_use(mode: str, tmp_path: Path) -> None:
    """With a list of hostels and a family: who shares which pseudonym, as the use sees it."""
    source = tmp_path / "agreement.yaml"
    made = whole(mode)
    made["uses"]["entitled"]["criteria"]["on credit"]["through"] = "person"
    source.write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")
    site = new_site(tmp_path / "site")
    sign_all_for_practice(site, str(source))
    deliver(site, str(source), street(tmp_path / "files"), tuple(made["datasets"]))
    assert [each.entity for each in link(site, REBATE)][:2] == ["person", "home"]
    table = used(site)[COUNCIL].sort_by("account")
    ann, bob, cat, dan, eve = table["pseudonym_household"].to_pylist()
    assert ann == bob and len({ann, cat, dan, eve}) == 4, "a hostel is nobody's household"
    ann, bob, cat, dan, eve = table["pseudonym_family"].to_pylist()
    assert ann == cat and len({ann, bob, dan, eve}) == 4
    assert not {name for name in table.column_names if name in ("uprn", "address", "claim")}


@pytest.mark.slow
def test_households_are_refused_once_nobody_is_known_again(tmp_path: Path) -> None:
    clock = Still()
    until = {"until": str(clock.now.date() + timedelta(days=3))}
    made = whole()
    for entity in ("person", "household", "family"):
        made["linkage"]["entities"][entity]["identities"] = dict(until)
    source = tmp_path / "agreement.yaml"
    source.write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")
    site = new_site(tmp_path / "site", clock=clock)
    sign_all_for_practice(site, str(source))
    deliver(site, str(source), street(tmp_path / "files"), tuple(made["datasets"]))
    link(site, REBATE)
    clock.now += timedelta(days=4)
    with pytest.raises(StateRefused) as refused:
        link(site, REBATE)
    assert codes(refused) == ["ACT154"]
    assert {"identities-person", "identities-household", "identities-family"} <= set(
        erase(site, REBATE).names
    )


class Still:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now
