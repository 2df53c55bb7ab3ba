"""Packing happens on the owner's machine: only agreed fields and keyed tokens leave it."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from sites import DATASETS, REBATE, Ledger, Stages, codes, drafts, no_work_left

from equipoise.acts.pack import find_file, pack
from equipoise.acts.receive import expected_by
from equipoise.acts.site import Site
from equipoise.carry.parcel import Kind, open_parcel
from equipoise.errors import DataRefused, EnvironmentFailed, EquipoiseError, UsageRefused

ROOM = {"encodings": "linkage-unit", "payload": "secure-room"}


def opened(site: Site, path: Path, kind: Kind) -> pa.Table:
    """Open a parcel with its room's own key, as the room does."""
    unseal = site.custody.store_of(ROOM[kind]).unseal_with("room")
    agreement = site.frozen(REBATE).agreement
    return open_parcel(path.read_bytes(), unseal, expected=expected_by(site, agreement, kind))[1]


def kinds(paths: tuple[Path, ...]) -> dict[str, Path]:
    return {path.name.split("--")[1]: path for path in paths}


def test_two_parcels_are_made_and_told_of(site_at: Callable[..., Site], stages: Stages) -> None:
    site = site_at("signed")
    ledger = Ledger(site)
    packed = pack(site, stages.source, "customers_brightgas", stages.data)
    assert set(kinds(packed.parcels)) == {"encodings", "payload"}
    assert ledger.acts() == [
        "permit issued", "permit used", "parcel packed", "parcel packed", "permit closed",
    ]  # fmt: skip
    told = [entry for entry in ledger.new() if entry.act == "parcel packed"]
    assert {entry.actor for entry in told} == {"brightgas/Carys Penhale"}
    # the owner's own counts add up; the ledger, which is for everybody, tells a size only
    read = sum(int(packed.counts[name]) for name in packed.counts if name != "read")
    assert packed.counts["read"] == read
    for entry in told:
        assert abs(entry.detail["rows"] - packed.counts["accepted"]) <= 5
        assert entry.detail["rows"] % 10 == 0
    assert drafts(site) == [] and no_work_left(site) == []


def test_encodings_hold_tokens_only_and_payload_agreed_fields_only(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    agreement = site.frozen(REBATE).agreement
    for dataset in DATASETS:
        packed = pack(site, stages.source, dataset, stages.data)
        paths = kinds(packed.parcels)
        tokens = opened(site, paths["encodings"], "encodings")
        assert tokens.column_names[0] == "row_id"
        assert all("." in name for name in tokens.column_names[1:]), tokens.column_names
        for name in tokens.column_names:
            assert tokens.schema.field(name).type in (pa.binary(16), pa.binary()), name
            assert {len(v) for v in tokens[name].to_pylist() if v is not None} <= {16}
        payload = opened(site, paths["payload"], "payload")
        fields = agreement.datasets[dataset].fields
        kept = [name for name, field in fields.items() if field.role != "identifier"]
        assert sorted(payload.column_names) == sorted(["row_id", *kept])
        assert set(payload["row_id"].to_pylist()) == set(tokens["row_id"].to_pylist())


def test_no_identity_is_in_the_parcels_reports_or_ledger(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    source = find_file(stages.data, site.frozen(REBATE), "tax_credits")
    with source.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    said = random.Random(1).sample(rows, 30)
    identities = {row["uprn"] for row in said if row["uprn"]} | {
        row["surname"] for row in said if len(row["surname"]) > 6
    }
    packed = pack(site, stages.source, "tax_credits", stages.data)
    paths = kinds(packed.parcels)
    texts = [
        json.dumps([entry.as_dict() for entry in site.store.entries()]),
        *(path.read_text(encoding="utf-8") for path in packed.report.iterdir()),
        *(path.read_bytes().decode("latin-1") for path in packed.parcels),
        str(opened(site, paths["payload"], "payload").to_pylist()),
        str(opened(site, paths["encodings"], "encodings").to_pylist()),
    ]
    assert len(identities) > 20
    for text in texts:
        assert [value for value in identities if value in text] == []


def test_two_packings_cannot_be_joined_by_their_row_ids(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    ids = []
    for _ in range(2):
        path = kinds(pack(site, stages.source, "properties", stages.data).parcels)["payload"]
        ids.append(set(opened(site, path, "payload")["row_id"].to_pylist()))
    assert not ids[0] & ids[1] and len(ids[0]) == len(ids[1])


def damaged(lines: list[str], how: str) -> str:
    head, *rows = lines
    if how == "column missing":
        return "\n".join([head.replace("postcode", "post_kode"), *rows])
    if how == "column doubled":
        return "\n".join([head + ",surname", *(row + ",x" for row in rows)])
    if how == "wrong delimiter":
        return "\n".join(line.replace(",", "|") for line in [head.replace(",", ";", 1), *rows])
    if how == "truncated":
        return "\n".join([head, *rows])[:-30]
    if how == "rejected":
        spoilt = [row.replace('"Y",', '"perhaps",').replace('"N",', '"perhaps",') for row in rows]
        return "\n".join([head, *spoilt])
    return how


@pytest.mark.parametrize(
    "how",
    ["column missing", "column doubled", "wrong delimiter", "truncated", "rejected", "", "\0"],
)
def test_a_file_that_is_not_right_leaves_no_parcel(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path, how: str
) -> None:
    site = site_at("signed")
    good = find_file(stages.data, site.frozen(REBATE), "tax_credits")
    lines = good.read_text(encoding="utf-8").splitlines()
    bad = tmp_path / "tax_credits.csv"
    bad.write_text(damaged(lines, how), encoding="utf-8")
    ledger = Ledger(site)
    with pytest.raises(EquipoiseError) as refused:
        pack(site, stages.source, "tax_credits", bad)
    assert isinstance(refused.value, DataRefused), refused.value
    assert all(problem.next for problem in refused.value.problems)
    assert ledger.acts() == ["permit issued", "permit used", "permit abandoned"]
    assert [*site.folder("parcels").rglob("*")] == [] and drafts(site) == []
    names = {row["surname"] for row in csv.DictReader(lines[:60]) if len(row["surname"]) > 6}
    assert names and [name for name in names if name in str(refused.value)] == []


def test_a_file_that_is_not_there_is_told_with_where_it_was_looked_for(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("signed")
    ledger = Ledger(site)
    for data in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(EnvironmentFailed) as refused:
            pack(site, stages.source, "tax_credits", data)
        assert codes(refused) == ["ACT020"]
        assert "tax_credits" in refused.value.problems[0].why
        assert refused.value.problems[0].line is not None
    assert ledger.acts() == []


def test_a_dataset_that_was_not_agreed_is_refused(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    with pytest.raises(UsageRefused) as refused:
        pack(site, stages.source, "medical_records", stages.data)
    assert codes(refused) == ["ACT021"]
    assert "tax_credits" in refused.value.problems[0].next


def test_a_full_disk_leaves_nothing_half_written(
    site_at: Callable[..., Site], stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equipoise.acts import pack as module

    site = site_at("signed")
    ledger = Ledger(site)
    honest, calls = module.write_draft, []

    def full_at_the_second(path: Path, data: bytes) -> Path:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return honest(path, data)

    with monkeypatch.context() as broken, pytest.raises(OSError, match="No space"):
        broken.setattr(module, "write_draft", full_at_the_second)
        pack(site, stages.source, "properties", stages.data)
    assert [p for p in site.folder("parcels").rglob("*") if p.is_file()] == []
    assert ledger.acts() == ["permit issued", "permit used", "permit abandoned"]
    pack(site, stages.source, "properties", stages.data)


def test_rejected_rows_are_named_by_number_alone(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("signed")
    good = find_file(stages.data, site.frozen(REBATE), "properties")
    lines = good.read_text(encoding="utf-8").splitlines()
    parts = lines[3].split(",")
    parts[-2] = '"a very secret value"'
    lines[3] = ",".join(parts)
    bad = tmp_path / "properties.csv"
    bad.write_text("\n".join(lines) + "\n", encoding="utf-8")
    packed = pack(site, stages.source, "properties", bad)
    assert packed.counts["rejected"] == 1
    report = (packed.report / "rejected-rows.csv").read_text(encoding="utf-8")
    assert "secret" not in report and len(report.splitlines()) == 2
    assert next(csv.DictReader(report.splitlines()))["field"] == "cost_score"
