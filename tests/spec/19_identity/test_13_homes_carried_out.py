"""A use reaches people through their household, and keeps to it from one delivery to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
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
from equipoise.errors import UsageRefused

SPINE, SUPPLIER = "tax_credits", "customers_brightgas"
SUPPLIERS = [SUPPLIER, "customers_northlight", "customers_homewarm"]


def text() -> str:
    """Whoever pays the bill is entitled when anybody of the household is on tax credits."""
    whole: dict[str, Any] = document("exact")
    whole["linkage"]["entities"]["household"] = {
        "spine": SPINE, "join": SUPPLIERS, "rules": [["uprn"]],
        "households": {"of": "person"}, "identities": {"until": "2098-12-31"},
    }  # fmt: skip
    whole["uses"]["entitled"]["criteria"]["on credit"]["through"] = "household"
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


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
