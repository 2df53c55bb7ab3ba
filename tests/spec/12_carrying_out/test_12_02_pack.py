"""Packing happens on the owner's machine: only agreed fields and keyed tokens leave it."""

from __future__ import annotations

import csv
import json
import random
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sites import DATASETS, REBATE, Ledger, Stages, codes, drafts, no_work_left

from equipoise.acts import files, parcels
from equipoise.acts.pack import find_file, pack
from equipoise.acts.receive import expected_by
from equipoise.acts.site import Site
from equipoise.carry import parcel_table
from equipoise.carry.parcel import Kind, Manifest, open_parcel
from equipoise.carry.spool import Spool
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


class AlmostFull:
    """A file on a disk that has room for a hundred bytes more."""

    def __init__(self, file: Any) -> None:
        self._file, self._room = file, 100

    def write(self, data: bytes) -> int:
        if len(data) > self._room:
            raise OSError(28, "No space left on device")
        self._room -= len(data)
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def disk_full(patch: pytest.MonkeyPatch, place: str) -> Iterator[None]:
    """Let the disk be full at one place of packing."""

    @contextmanager
    def filling(path: Path) -> Iterator[Any]:
        with files.drafting(path) as handle:
            yield AlmostFull(handle)

    def full(*words: Any, **more: Any) -> Any:
        raise OSError(28, "No space left on device")

    target, name = {
        "rows": (Spool, "add"),
        "table": (parcel_table.Hashing, "write"),
        "seal": (parcels, "drafting"),
        "to the disk": (files.os, "fsync"),
        "hashing again": (parcels.hashlib, "file_digest"),
    }[place]
    with patch.context() as broken:
        broken.setattr(target, name, filling if place == "seal" else full)
        yield


@pytest.mark.parametrize("place", ["rows", "table", "seal", "to the disk", "hashing again"])
def test_a_full_disk_leaves_nothing_half_written(
    site_at: Callable[..., Site], stages: Stages, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    site = site_at("signed")
    ledger = Ledger(site)
    with disk_full(monkeypatch, place), pytest.raises(OSError, match="No space"):
        pack(site, stages.source, "properties", stages.data)
    assert [p for p in site.folder("parcels").rglob("*") if p.is_file()] == []
    assert no_work_left(site) == [] and drafts(site) == []
    assert ledger.acts() == ["permit issued", "permit used", "permit abandoned"]
    pack(site, stages.source, "properties", stages.data)


def test_a_fault_at_the_second_parcel_takes_the_first_back(
    site_at: Callable[..., Site], stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_at("signed")
    ledger = Ledger(site)
    honest, calls = parcels.make_parcel, []

    def broken(manifest: Manifest, *rest: Any) -> Manifest:
        calls.append(manifest.kind)
        if len(calls) == 2:
            first = [p for p in site.folder("parcels").rglob("*") if p.is_file()]
            assert [p.suffix for p in first] == [".part", ".part"], "no whole parcel bears its name"
            raise OSError(28, "No space left on device")
        return honest(manifest, *rest)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(parcels, "make_parcel", broken)
        pack(site, stages.source, "properties", stages.data)
    assert len(calls) == 2
    assert [p for p in site.folder("parcels").rglob("*") if p.is_file()] == []
    assert no_work_left(site) == []
    assert ledger.acts() == ["permit issued", "permit used", "permit abandoned"]


def test_rows_lie_on_the_disk_for_the_packing_alone_and_for_its_owner_alone(
    site_at: Callable[..., Site], stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_at("signed")
    modes: dict[str, int] = {}
    honest = parcels.make_parcel

    def looking(*words: Any) -> Manifest:
        work = site.folder("runs")
        found = {p.name.split("-")[0]: p for p in work.rglob("*") if "@" not in p.name}
        modes.update({name: stat.S_IMODE(path.stat().st_mode) for name, path in found.items()})
        return honest(*words)

    monkeypatch.setattr(parcels, "make_parcel", looking)
    pack(site, stages.source, "properties", stages.data)
    files_of_rows = {"rows.arrow": 0o600, "table.parquet": 0o600, "marks": 0o600}
    assert {name: modes.pop(name) for name in files_of_rows} == files_of_rows
    assert {name: mode for name, mode in modes.items() if ".lock" not in name} == {
        "pack": 0o700, "seal": 0o700,
    }  # fmt: skip
    assert no_work_left(site) == []


def test_progress_is_told_from_the_start_to_the_end(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    said: list[tuple[float, str]] = []
    pack(
        site_at("signed"), stages.source, "properties", stages.data,
        on_progress=lambda share, doing: said.append((share, doing)),
    )  # fmt: skip
    shares = [share for share, _ in said]
    assert shares == sorted(shares) and shares[0] > 0 and 0.9 < shares[-1] <= 1
    words = " ".join(doing for _, doing in said)
    assert all(told in words for told in ("rows read", "encoding", "packing", "sealing"))


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
