"""The city's agreement is carried out in every mode, from the owners' files to what leaves.

Everything but the linking is the same: the gate, the locked process, the review, the release, the
receipt. Which people are found is held against who is who in the invented city.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from in_modes import COMPARING, Document, document, text
from sites import new_site, verified

from equipoise.acts.counts import about
from equipoise.acts.link import link, missing_deliveries
from equipoise.acts.pack import pack
from equipoise.acts.receive import receive
from equipoise.acts.release import opened_package
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site
from equipoise.acts.status import status
from equipoise.acts.walk import Walked, walk
from equipoise.city import Scores, score_flags
from equipoise.errors import DataRefused, EquipoiseError

DATASETS = ("tax_credits", "properties", "customers_brightgas", "customers_northlight",
            "customers_homewarm")  # fmt: skip
ENCODED_IN = {"encoded": "encodings", "enclave": "encodings", "identified": "identifiers"}
ROOM = {"encoded": "linkage-unit", "enclave": "secure-room", "identified": "secure-room"}


def written(folder: Path, mode: str, change: Callable[[Document], object] = lambda d: None) -> str:
    whole = document(mode)
    change(whole)
    path = folder / f"{mode}.yaml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return str(path)


def flags(site: Site, walked: Walked) -> dict[str, list[tuple[str, str]]]:
    """What each supplier was told, as it can open it."""
    told = {}
    for run in walked.runs:
        for released in run.releases:
            sealed = (site.directory / released.path).read_bytes()
            package = opened_package(site, released.recipient, sealed)
            (content,) = [data for name, data in package.files.items() if name.startswith("data/")]
            rows = csv.DictReader(io.StringIO(content.decode("utf-8")))
            told[f"customers_{released.recipient}"] = [(r["account"], r["flag"]) for r in rows]
    return told


@dataclass
class Done:
    mode: str
    site: Site
    walked: Walked
    scores: Scores
    steps: list[str]


@pytest.fixture(
    scope="module",
    params=[
        "enclave",
        pytest.param("encoded", marks=pytest.mark.slow),
        pytest.param("identified", marks=pytest.mark.slow),
    ],
)
def done(
    request: pytest.FixtureRequest, city_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Done:
    folder = tmp_path_factory.mktemp(request.param)
    site = new_site(folder / "site")
    steps: list[str] = []
    walked = walk(
        site,
        written(folder, request.param),
        city_files,
        practice=True,
        on_progress=lambda share, doing: steps.append(doing),
    )
    scores = score_flags(city_files / "truth", flags(site, walked))
    print(request.param, scores.sentence())
    return Done(request.param, site, walked, scores, steps)


def test_every_supplier_is_told_and_almost_always_rightly(done: Done) -> None:
    assert [run.state for run in done.walked.runs] == ["released"]
    assert done.scores.all.precision is not None and done.scores.all.recall is not None
    assert done.scores.all.precision >= 0.85
    assert done.scores.all.recall >= 0.80


def test_what_is_linked_went_only_to_whoever_links(done: Done) -> None:
    received = [e.detail for e in done.site.store.entries() if e.act == "parcel received"]
    assert {(e["holds"], e["room"]) for e in received} == {
        (ENCODED_IN[done.mode], ROOM[done.mode]), ("payload", "secure-room"),
    }  # fmt: skip


def test_the_report_tells_of_rules_and_of_comparing(done: Done) -> None:
    said = " ".join(done.walked.links)
    assert "Rule 1 (uprn)" in said, "homes are found by rule in every mode"
    assert "Compared on forename, surname, birth_date, postcode, uprn" in said
    assert "Estimated without truth" in said


def test_long_work_says_what_it_is_doing(done: Done) -> None:
    assert any(step.startswith("encoding") for step in done.steps)
    assert any(step.startswith("linking by person") for step in done.steps)


def test_everything_is_erased_and_the_receipt_names_what_was_linked(
    done: Done, tmp_path: Path
) -> None:
    assert set(done.walked.erased) == set(DATASETS)
    for room in ("linkage-unit", "secure-room"):
        held = done.site.custody.room(room).list("fuel-poverty-rebate", 1, room)
        assert not [each.name for each in held if not each.name.startswith("result-")]
    receipts = [erased.receipt for erased in done.site.store.erasures("fuel-poverty-rebate@1")]
    names = [item["object"] for receipt in receipts for item in receipt["destroyed"]]
    held_as = "tax_credits" if done.mode == "encoded" else f"{ENCODED_IN[done.mode]}.tax_credits"
    assert any(f"{ROOM[done.mode]}/{held_as}/" in name for name in names)
    verified(done.site, tmp_path)


def test_status_says_where_it_stands(done: Done) -> None:
    (said,) = status(done.site)["agreements"]
    assert said["term"] == "in force"
    assert said["erasure due"] == []


# -- refusals -------------------------------------------------------------------------------------


@pytest.fixture
def enclave(city_files: Path, tmp_path: Path) -> tuple[Site, str]:
    site = new_site(tmp_path / "site")
    source = written(tmp_path, "enclave")
    sign_all_for_practice(site, source)
    return site, source


def test_who_links_is_named_while_something_is_missing(enclave: tuple[Site, str]) -> None:
    site, source = enclave
    of = site.read(source).agreement
    assert set(missing_deliveries(site, of, "linkage-unit")) == set(DATASETS)
    with pytest.raises(EquipoiseError) as caught:
        link(site, source)
    (problem,) = caught.value.problems
    assert problem.code == "ACT040"
    assert problem.what.startswith("the secure room has not received")


def test_the_two_parcels_of_a_dataset_lie_side_by_side_in_the_secure_room(
    enclave: tuple[Site, str], city_files: Path
) -> None:
    site, source = enclave
    parcels = pack(site, source, "properties", city_files).parcels
    assert [path.name.split("--")[1] for path in parcels] == ["encodings", "payload"]
    for path in reversed(parcels):
        assert receive(site, source, path).room == "secure-room"
    held = site.custody.room("secure-room").list("fuel-poverty-rebate", 1, "secure-room")
    assert {each.name for each in held} == {"properties", "encodings.properties"}
    of = site.read(source).agreement
    assert "properties" not in missing_deliveries(site, of, "linkage-unit")
    assert "properties" not in missing_deliveries(site, of, "secure-room")


def test_a_parcel_of_another_mode_is_of_another_text_and_refused(
    enclave: tuple[Site, str], city_files: Path, tmp_path: Path
) -> None:
    site, source = enclave
    (encodings, _) = pack(site, source, "properties", city_files).parcels
    other = new_site(tmp_path / "other")
    theirs = written(tmp_path, "encoded")
    sign_all_for_practice(other, theirs)
    with pytest.raises(DataRefused):
        receive(other, theirs, encodings)


# -- opt-out lists ---------------------------------------------------------------------------------


def with_objectors(whole: Document) -> None:
    whole["datasets"]["tax_credits"]["opt out"] = {
        "check": "objectors", "rules": [["surname", "forename", "birth_date"]],
    }  # fmt: skip
    why = "to leave out whoever said no"
    whole["datasets"]["objectors"] = {
        "from": "voa",
        "about": "people who said no to any matching",
        "fields": {
            name: {"is": "identifier", "why": why} for name in ("surname", "forename", "birth_date")
        },
    }
    whole["retention"]["objectors"] = "delete after use"


@pytest.fixture
def with_list(city_files: Path, tmp_path: Path) -> tuple[Site, str, Path, int]:
    """A site, an agreement with a list, and a folder with the files and a list of 50 awards."""
    data = tmp_path / "data"
    data.mkdir()
    for file in city_files.glob("*.csv"):
        (data / file.name).write_bytes(file.read_bytes())
    with (data / "tax_credits.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said_no = [r for r in rows if r["forename"] and r["surname"] and r["birth_date"]][:50]
    names = ("surname", "forename", "birth_date")
    with (data / "objectors.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(said_no)
    barred = {tuple(r[n] for n in names) for r in said_no}
    count = sum(tuple(r[n] for n in names) in barred for r in rows)
    return new_site(tmp_path / "site"), written(tmp_path, "enclave", with_objectors), data, count


def test_who_said_no_takes_no_part_and_is_counted_never_named(
    with_list: tuple[Site, str, Path, int], tmp_path: Path
) -> None:
    site, source, data, count = with_list
    walked = walk(site, source, data, practice=True)
    assert [run.state for run in walked.runs] == ["released"]
    told = about(site.frozen("fuel-poverty-rebate@1").agreement, count)
    assert told and f"tax_credits: about {told} rows were left out" in " ".join(walked.links)
    assert "objectors" in walked.erased
    packed = [e.detail for e in site.store.entries() if e.act == "parcel packed"]
    assert [e["holds"] for e in packed if e["dataset"] == "objectors"] == ["encodings"]
    verified(site, tmp_path)


def test_the_payload_of_whoever_said_no_is_destroyed_when_links_arrive(
    with_list: tuple[Site, str, Path, int],
) -> None:
    site, source, data, count = with_list
    sign_all_for_practice(site, source)

    def rows() -> int:
        held = site.custody.room("secure-room").list("fuel-poverty-rebate", 1, "secure-room")
        return next(each.rows for each in held if each.name == "tax_credits")

    for name in (*DATASETS, "objectors"):
        for path in pack(site, source, name, data).parcels:
            receive(site, source, path)
    before = rows()
    link(site, source)
    assert rows() == before - count


def test_nothing_is_linked_before_the_list_has_come(
    with_list: tuple[Site, str, Path, int],
) -> None:
    site, source, data, _ = with_list
    sign_all_for_practice(site, source)
    for name in DATASETS:
        for path in pack(site, source, name, data).parcels:
            receive(site, source, path)
    with pytest.raises(EquipoiseError) as caught:
        link(site, source)
    assert "has not received objectors" in caught.value.problems[0].what


def test_the_text_that_people_write_is_the_text_that_is_carried_out() -> None:
    for mode in COMPARING:
        assert yaml.safe_load(text(mode)) == document(mode)
