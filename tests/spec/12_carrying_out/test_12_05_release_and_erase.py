"""What was approved goes to whom the agreement names; what is due is destroyed, with a receipt."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sites import (
    DATASETS,
    REASON,
    REBATE,
    SUPPLIERS,
    Ledger,
    Stages,
    codes,
    customers,
    deliver,
    drafts,
    the_run,
    verified,
    written,
)

from equipoise.account.receipts import check_receipt
from equipoise.account.verify import verify_receipt
from equipoise.acts.erase import due, erase
from equipoise.acts.release import accept, opened_package, release
from equipoise.acts.review import review
from equipoise.acts.site import Site
from equipoise.acts.walk import walk
from equipoise.clock import system_clock
from equipoise.errors import (
    EnvironmentFailed,
    EquipoiseError,
    GateRefused,
    StateRefused,
    UsageRefused,
)


def grace(site: Site):  # type: ignore[no-untyped-def]
    return site.person("Grace Adeyemi")


def answers(site: Site, supplier: str) -> list[dict[str, str]]:
    """Open a supplier's release as the supplier does and return its rows."""
    (path,) = site.folder("outbox").glob(f"{supplier}/*")
    package = opened_package(site, supplier, path.read_bytes())
    ((_, content),) = [each for each in package.files.items() if each[0].startswith("data/")]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def test_before_both_have_approved_nothing_leaves(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    run = the_run(site)
    for expected in ({"GATE071", "GATE072"}, {"GATE071", "GATE072"}):
        ledger = Ledger(site)
        with pytest.raises(GateRefused) as refused:
            release(site, run, grace(site))
        assert expected <= set(codes(refused))
        assert all(p.clause and p.line for p in refused.value.problems)
        assert ledger.acts() == ["refused"]
        if not site.store.run(run).reviews:
            review(site, run, grace(site), approve=True, reason=REASON)
    assert [*site.folder("outbox").iterdir()] == [] and site.store.run(run).releases == ()


def test_each_supplier_gets_yes_or_no_for_its_own_customers_and_nothing_else(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("released")
    for supplier in SUPPLIERS:
        own = [row["account"] for row in customers(stages.data, supplier)]
        rows = answers(site, supplier)
        assert {tuple(row) for row in rows} == {("account", "flag")}
        assert sorted(row["account"] for row in rows) == sorted(own)
        assert {row["flag"] for row in rows} == {"yes", "no"}


def test_not_found_cannot_be_told_from_no(site_at: Callable[..., Site], stages: Stages) -> None:
    """Every rule compares the home or the postcode, and some customers have a home and a postcode
    that no tax credit record has. Their answer has the same bytes as that of a customer who was
    found and is not entitled."""
    site = site_at("released")
    (path,) = site.folder("outbox").glob("brightgas/*")
    package = opened_package(site, "brightgas", path.read_bytes())
    (content,) = (body for name, body in package.files.items() if name.startswith("data/"))
    lines = content.decode("utf-8").splitlines()[1:]
    forms = {line.partition(",")[2] for line in lines}
    assert len(forms) == 2, "there are two ways to be answered and no third"
    credits = (stages.data / "tax_credits.csv").read_text(encoding="utf-8")
    records = list(csv.DictReader(io.StringIO(credits)))
    known = {name: {row[name] for row in records} for name in ("uprn", "postcode")}
    absent = {
        row["account"]
        for row in customers(stages.data, "brightgas")
        if all(row[name] not in known[name] for name in known)
    }
    said = {row["account"]: row["flag"] for row in answers(site, "brightgas")}
    assert absent and {said[account] for account in absent} == {"no"}


def test_a_release_opens_with_its_recipients_key_only(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    site = site_at("released")
    (path,) = site.folder("outbox").glob("brightgas/*")
    with pytest.raises(EquipoiseError):
        accept(site, "northlight", path, tmp_path / "stolen")
    with pytest.raises(EquipoiseError):
        accept(site, "nobody", path, tmp_path / "stolen")
    assert not (tmp_path / "stolen").exists()
    files = accept(site, "brightgas", path, tmp_path / "mine")
    assert any(file.suffix == ".csv" for file in files)
    with pytest.raises(EnvironmentFailed) as failed:
        accept(site, "brightgas", tmp_path / "nothing", tmp_path / "mine")
    assert codes(failed) == ["ACT064"]
    (problem,) = failed.value.problems
    assert problem.file == str(tmp_path / "nothing") and "the path of the package" in problem.next
    spoilt = tmp_path / "spoilt"
    spoilt.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EquipoiseError):
        accept(site, "brightgas", spoilt, tmp_path / "spoilt-opened")


def test_every_release_is_told_and_the_run_is_released_once(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    site = site_at("released")
    told = [entry for entry in site.store.entries() if entry.act == "released"]
    assert [entry.detail["to"] for entry in told] == [*SUPPLIERS]
    assert {entry.actor for entry in told} == {"rebate-team/Grace Adeyemi"}
    with pytest.raises(StateRefused) as refused:
        release(site, the_run(site), grace(site))
    assert codes(refused) == ["ACT063"]
    assert verified(site, tmp_path).releases == 3
    assert drafts(site) == []


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_crash_between_record_and_name_is_finished_by_the_next_command(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:  # fmt: skip
    site = site_at("approved")
    run = the_run(site)
    honest, calls = Path.replace, []

    def crash(self: Path, target: Path) -> Path:
        if self.name.startswith(run):
            calls.append(self)
            if len(calls) == at:
                raise KeyboardInterrupt
        return honest(self, target)

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(Path, "replace", crash)
        release(site, run, grace(site))
    assert len(site.store.run(run).releases) == at and len(drafts(site)) == 1
    if at < 3:
        walked = walk(site, stages.source, None, practice=True)
        assert any("now has its name" in told for told in walked.recovered)
    else:
        erase(site, REBATE, ["properties"])
        assert any("now has its name" in told for told in site.recovered)
    assert drafts(site) == [] and site.store.run(run).state == "released"
    assert all(answers(site, supplier) for supplier in SUPPLIERS)
    assert verified(site, tmp_path).releases == 3


def test_a_crash_before_the_record_is_a_release_that_did_not_happen(
    site_at: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    from equipoise.store.changing import Change

    site = site_at("approved")

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="No space"):
        broken.setattr(Change, "release", full)
        release(site, the_run(site), grace(site))
    assert site.store.run(the_run(site)).releases == ()
    done = release(site, the_run(site), grace(site))
    assert any("did not happen" in told for told in site.recovered)
    assert done.state == "released" and drafts(site) == []


# -- pseudonyms ----------------------------------------------------------------------------------


def test_tokens_of_two_versions_do_not_join(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    """The same file under two versions of an agreement: no token of one is in the other."""
    site = site_at("received")
    second = written(tmp_path / "v2", change=lambda t: t.replace("version: 1\n", "version: 2\n"))
    from equipoise.acts.sign import sign_all_for_practice

    sign_all_for_practice(site, second)
    deliver(site, second, stages.data, ("tax_credits",))
    room = site.custody.room("linkage-unit")
    found = []
    for version in (1, 2):
        table = room.get("fuel-poverty-rebate", version, "linkage-unit", "tax_credits")
        names = [name for name in table.column_names if name != "row_id"]
        found.append({v for name in names for v in table[name].to_pylist() if v is not None})
    assert len(found[0]) == len(found[1]) > 100
    assert not found[0] & found[1]


def test_pseudonyms_of_two_versions_do_not_join(site_at: Callable[..., Site]) -> None:
    from equipoise.keys.secrets import pseudonyms, uncovered

    site = site_at("linked")
    keys, name = site.custody.store_of("secure-room"), "fuel-poverty-rebate"

    def key(version: int) -> Any:
        key_id = f"agreements/{name}/{version}/pseudonyms-1"
        return keys.derive_from(key_id, name, str(version), "pseudonyms", "person")

    keys.new_pair(f"agreements/{name}/2/pseudonyms-1")
    room = site.custody.room("secure-room")
    held = room.get(name, 1, "secure-room", "links-person")["covered_1"]
    ids = uncovered(key(1))(held)
    one, two = (set(pseudonyms(key(version))(ids).to_pylist()) for version in (1, 2))
    assert len(one) == len(two) > 100
    assert not one & two


# -- erase ---------------------------------------------------------------------------------------


def held(site: Site) -> set[str]:
    names: set[str] = set()
    for room in ("linkage-unit", "secure-room"):
        names |= {each.name for each in site.custody.room(room).list("fuel-poverty-rebate", 1)}
    return names


def test_nothing_is_erased_under_an_open_run(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    ledger = Ledger(site)
    assert due(site, site.frozen(REBATE).agreement) == ()
    for name in ("tax_credits", "entitled"):
        with pytest.raises(StateRefused) as refused:
            erase(site, REBATE, [name])
        assert codes(refused) == ["ACT071"] and the_run(site) in str(refused.value)
    assert not erase(site, REBATE).names and ledger.acts() == []


def test_only_what_the_agreement_holds_can_be_erased(site_at: Callable[..., Site]) -> None:
    site = site_at("signed")
    with pytest.raises(UsageRefused) as refused:
        erase(site, REBATE, ["everything"])
    assert codes(refused) == ["ACT070"]
    for name in ("tax_credits", "entitled"):
        with pytest.raises(StateRefused) as never:
            erase(site, REBATE, [name])
        assert codes(never) == ["ACT072"]


def test_after_use_keys_and_files_are_destroyed_with_a_receipt(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    site = site_at("released")
    assert set(due(site, site.frozen(REBATE).agreement)) == set(DATASETS)
    before = set(site.folder("rooms").rglob("*.age"))
    ledger = Ledger(site)
    done = erase(site, REBATE)
    assert set(done.names) == set(DATASETS) and not done.already
    assert done.receipt is not None and not [*check_receipt(done.receipt)]
    assert done.path is not None
    assert verify_receipt(done.path.read_bytes(), key=site.custody.site_key()) == done.receipt
    # a file in each room for each dataset, and the links of two entities; the key of each linkage
    assert len(done.receipt.of("sealed file")) == 12
    assert len(done.receipt.of("key")) == 14
    assert ledger.acts() == ["permit issued", "permit used", "erased", "permit closed"]
    assert ledger.one("erased").detail["files"] == 12
    kept = {name for name in held(site) if name.startswith("result-")}
    assert held(site) == kept and len(kept) >= 3
    after = set(site.folder("rooms").rglob("*.age"))
    assert len(before - after) == 12
    for room in ("linkage-unit", "secure-room"):
        with pytest.raises(EquipoiseError):
            site.custody.room(room).get("fuel-poverty-rebate", 1, room, "tax_credits")
    assert site.store.deliveries(REBATE) == () and site.store.links(REBATE) == ()
    assert verified(site, tmp_path).receipts == 1


def test_erasing_twice_says_so_and_gives_the_same_receipt(site_at: Callable[..., Site]) -> None:
    site = site_at("released")
    first = erase(site, REBATE, ["tax_credits"])
    assert first.path is not None
    first.path.unlink()  # lost, or never written before a crash
    second = erase(site, REBATE, ["tax_credits"])
    assert second.already and second.receipt == first.receipt
    assert second.path == first.path and second.path.exists()
    assert "tax_credits" not in due(site, site.frozen(REBATE).agreement)


def test_results_are_erased_when_their_days_are_over_and_the_run_with_them(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    site = site_at("released", clock=lambda: system_clock() + timedelta(days=89))
    agreement = site.frozen(REBATE).agreement
    assert "entitled" not in due(site, agreement)
    later = site_at("released", "later", clock=lambda: system_clock() + timedelta(days=91))
    assert "entitled" in due(later, agreement)
    ledger = Ledger(later)
    done = erase(later, REBATE)
    assert set(done.names) == {*DATASETS, "entitled"}
    assert held(later) == set()
    assert later.store.run(the_run(later)).state == "erased"
    assert ledger.one("run erased").object == f"run:{the_run(later)}"
    assert due(later, agreement) == ()
    assert verified(later, tmp_path).receipts == 1


@pytest.mark.parametrize("at", ["in the middle of destroying", "before the record"])
def test_a_crash_while_erasing_is_taken_up_and_one_receipt_tells_all(
    site_at: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    from equipoise.acts import erase as module
    from equipoise.holdings import Holdings

    site = site_at("released")
    honest, calls = Holdings._end, []

    def crash(self: Holdings, *given: object, **named: object) -> object:
        calls.append(given)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return honest(self, *given, **named)  # type: ignore[arg-type]

    def stop(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        if at == "before the record":
            broken.setattr(module, "_record", stop)
        else:
            broken.setattr(Holdings, "_end", crash)
        erase(site, REBATE)
    assert site.store.erasures(REBATE) == ()
    done = erase(site, REBATE)
    assert done.receipt is not None and not done.already
    assert len(done.receipt.of("sealed file")) == 12
    told = json.dumps(done.receipt.as_dict())
    assert all(dataset in told for dataset in DATASETS)
    assert verified(site, tmp_path).receipts == 1


@pytest.mark.slow
def test_data_delivered_again_are_not_due_before_they_are_used(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("released")
    erase(site, REBATE)
    import time

    time.sleep(1.1)  # the ledger counts in whole seconds
    deliver(site, stages.source, stages.data)
    assert due(site, site.frozen(REBATE).agreement) == ()
    walked = walk(site, stages.source, None, practice=True, again=True)
    assert [run.state for run in walked.runs] == ["released"]
    assert set(walked.erased) == set(DATASETS)


def test_what_is_due_is_erased_by_the_walk_even_when_every_use_is_done(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("released")
    walked = walk(site, stages.source, None, practice=True)
    assert set(walked.erased) == set(DATASETS) and walked.runs == []
    with pytest.raises(StateRefused) as refused:
        walk(site, stages.source, None, practice=True)
    assert codes(refused) == ["ACT081"]
    with pytest.raises(UsageRefused) as unknown:
        walk(site, stages.source, None, practice=True, uses=("nothing",))
    assert codes(unknown) == ["ACT080"]
    with pytest.raises(UsageRefused) as nowhere:
        walk(site, stages.source, None, practice=True, again=True)
    assert codes(nowhere) == ["ACT082"]
