"""A room takes what is meant for it, whole and once; the linkage unit joins what all have sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sites import (
    DATASETS,
    REBATE,
    Ledger,
    Stages,
    codes,
    deliver,
    drafts,
    new_site,
    no_work_left,
    verified,
    written,
)

from equipoise.acts.link import link, missing_deliveries
from equipoise.acts.pack import pack
from equipoise.acts.receive import receive
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site
from equipoise.errors import (
    DataRefused,
    EnvironmentFailed,
    EquipoiseError,
    GateRefused,
    StateRefused,
    UsageRefused,
)


def packed(site: Site, stages: Stages, dataset: str = "properties") -> dict[str, Path]:
    paths = pack(site, stages.source, dataset, stages.data).parcels
    return {path.name.split("--")[1]: path for path in paths}


def turned_away(
    site: Site, path: Path, kind: type[EquipoiseError], source: str = REBATE
) -> list[str]:
    """Give a parcel that is refused; hold the ledger to it; return the codes."""
    ledger = Ledger(site)
    before = site.store.deliveries(REBATE)
    with pytest.raises(kind) as refused:
        receive(site, source, path)
    told = ledger.one("parcel refused")
    assert told.detail["codes"] == " ".join(sorted(set(codes(refused))))
    assert ledger.acts()[-1] == "permit abandoned"
    assert site.store.deliveries(REBATE) == before
    kept = site.store.refusals()[-1]
    assert [problem["code"] for problem in kept.problems] == codes(refused)
    assert path.exists()
    return codes(refused)


def test_each_parcel_enters_its_own_room(site_at: Callable[..., Site], stages: Stages) -> None:
    site = site_at("signed")
    parcels = packed(site, stages)
    ledger = Ledger(site)
    for kind, room in (("encodings", "linkage-unit"), ("payload", "secure-room")):
        received = receive(site, REBATE, parcels[kind], keep_file=False)
        assert (received.dataset, received.room) == ("properties", room)
        assert not parcels[kind].exists()
    told = [entry for entry in ledger.new() if entry.act == "parcel received"]
    assert [(e.actor, e.detail["holds"], e.detail["room"]) for e in told] == [
        ("matching-service/Farid Noor", "encodings", "linkage-unit"),
        ("rebate-team/Grace Adeyemi", "payload", "secure-room"),
    ]
    assert missing_deliveries(site, site.frozen(REBATE).agreement, "secure-room") == tuple(
        sorted(set(DATASETS) - {"properties"})
    )


@pytest.mark.parametrize("where", [0.0, 0.02, 0.5, 0.999])
def test_a_tampered_parcel_is_refused(
    site_at: Callable[..., Site], stages: Stages, where: float
) -> None:
    site = site_at("signed")
    path = packed(site, stages)["payload"]
    data = bytearray(path.read_bytes())
    data[int(where * len(data))] ^= 1
    path.write_bytes(bytes(data))
    assert turned_away(site, path, EquipoiseError)
    assert verified(site, site.directory).open_permits == ()


@pytest.mark.parametrize("left", [0.0, 0.5, 0.99])
def test_a_truncated_parcel_is_refused(
    site_at: Callable[..., Site], stages: Stages, left: float
) -> None:
    site = site_at("signed")
    path = packed(site, stages)["encodings"]
    path.write_bytes(path.read_bytes()[: int(left * path.stat().st_size)])
    assert turned_away(site, path, EquipoiseError)


def test_a_parcel_for_the_other_room_cannot_be_opened(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    path = packed(site, stages)["payload"]
    path = path.rename(path.with_name(path.name.replace("payload", "encodings")))
    assert turned_away(site, path, DataRefused) == ["PAR004"]


def test_a_parcel_enters_once(site_at: Callable[..., Site], stages: Stages) -> None:
    site = site_at("signed")
    path = packed(site, stages)["payload"]
    receive(site, REBATE, path)
    assert turned_away(site, path, EquipoiseError)


def test_a_parcel_of_another_dataset_than_its_name_says_is_refused(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    path = packed(site, stages, "customers_homewarm")["payload"]
    path = path.rename(path.with_name(path.name.replace("homewarm", "brightgas")))
    assert turned_away(site, path, DataRefused) == ["ACT032"]


def test_a_parcel_of_another_version_is_refused(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("signed")
    second = written(tmp_path / "v2", change=lambda t: t.replace("version: 1\n", "version: 2\n"))
    sign_all_for_practice(site, second)
    path = pack(site, second, "properties", stages.data).parcels[1]
    assert turned_away(site, path, EquipoiseError)


def test_a_parcel_of_another_site_is_refused(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    """Its sender's key is another one, whatever it says of itself."""
    other = new_site(tmp_path / "other")
    sign_all_for_practice(other, stages.source)
    path = packed(other, stages)["payload"]
    assert turned_away(site_at("signed"), path, EquipoiseError)


def test_a_file_under_another_name_is_no_parcel(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("signed")
    path = packed(site, stages)["payload"]
    ledger = Ledger(site)
    for name in ("renamed.parcel", "a--payload--b.zip", "properties--other--x.parcel", "x"):
        with pytest.raises(UsageRefused) as refused:
            receive(site, REBATE, path.rename(path.with_name(name)))
        assert codes(refused) == ["ACT030"]
        path = path.with_name(name)
    assert ledger.acts() == []


def test_a_parcel_that_is_not_there_or_names_no_dataset_is_told(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    path = packed(site, stages)["payload"]
    with pytest.raises(EnvironmentFailed) as failed:
        receive(site, REBATE, path.with_name(path.name.replace("properties", "nothing")))
    assert codes(failed) == ["ACT031"]
    strange = path.rename(path.with_name(path.name.replace("properties", "records")))
    with pytest.raises(GateRefused):
        receive(site, REBATE, strange)


def test_linking_waits_for_every_owner(site_at: Callable[..., Site], stages: Stages) -> None:
    site = site_at("signed")
    deliver(site, stages.source, stages.data, DATASETS[:2])
    ledger = Ledger(site)
    with pytest.raises(StateRefused) as refused:
        link(site, REBATE)
    assert codes(refused) == ["ACT040"]
    assert "customers_homewarm" in refused.value.problems[0].what
    assert "tax_credits" not in refused.value.problems[0].what
    assert ledger.acts() == []


def test_linking_is_told_for_each_entity(site_at: Callable[..., Site]) -> None:
    site = site_at("linked")
    entries = [entry for entry in site.store.entries() if entry.act == "linked"]
    assert [(e.actor, e.detail["entity"]) for e in entries] == [
        ("matching-service/Farid Noor", "person"),
        ("matching-service/Farid Noor", "home"),
    ]
    for entry in entries:
        assert entry.detail["rows"] > 1000 and entry.detail["datasets"].startswith(
            {"person": "tax_credits", "home": "properties"}[entry.detail["entity"]]
        )
    assert {each.entity for each in site.store.links(REBATE)} == {"person", "home"}
    assert no_work_left(site) == [] and drafts(site) == []
