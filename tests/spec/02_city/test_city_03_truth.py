"""The truth beside the files agrees with them, with itself, and with the agreements."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest
import yaml

from equipoise.agree.parse import parse
from equipoise.agree.words import FIELD_TYPE_BY_NAME
from equipoise.carry.intake import take_in
from equipoise.city import City, Written, build_city, write_agencies

Rows = list[dict[str, str]]
Read = Callable[[str], Rows]
Who = dict[tuple[str, int], dict[str, str]]

EXAMPLES = Path(__file__).parents[3] / "examples"
SUPPLIERS = ("customers_brightgas", "customers_northlight", "customers_homewarm")


def _agreed() -> dict[str, set[str]]:
    fields = {}
    for name in ("fuel-poverty", "justice-data-lab"):
        text = (EXAMPLES / name / "agreement.yaml").read_text(encoding="utf-8")
        for dataset, clause in yaml.safe_load(text)["datasets"].items():
            fields[dataset] = set(clause["fields"])
    return fields


def test_every_file_holds_the_agreed_fields_and_others_that_must_be_left_behind(
    owners_file: Read,
) -> None:
    for dataset, fields in _agreed().items():
        columns = set(owners_file(dataset)[0])
        assert fields <= columns, dataset
        assert columns - fields, f"{dataset} shows nothing of minimisation"


def test_files_are_in_the_forms_that_owners_use(written: Written) -> None:
    def start(dataset: str) -> bytes:
        return written.files[dataset].path.read_bytes()

    assert start("customers_brightgas").startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        start("customers_northlight").decode("utf-8")
    assert b";" in start("customers_northlight").split(b"\r\n")[0]
    assert b"\t" in start("customers_homewarm").split(b"\n")[0]
    assert start("tax_credits").startswith(b'"award_no"')


def test_every_file_is_taken_in_whole(written: Written) -> None:
    for name in ("fuel-poverty", "justice-data-lab"):
        text = (EXAMPLES / name / "agreement.yaml").read_text(encoding="utf-8")
        for dataset, clause in parse(text).agreement.datasets.items():
            types = {
                field: said.type or FIELD_TYPE_BY_NAME[field]
                for field, said in clause.fields.items()
            }
            path = written.files[dataset].path
            taken = take_in(path, clause, types, today=date(2026, 3, 1))
            assert taken.counts.accepted == written.files[dataset].rows, dataset
            if "surname" in types:
                assert pc.sum(pc.equal(pc.utf8_upper(taken.table["surname"]), "NA")).as_py() or (
                    dataset in SUPPLIERS
                )


def test_both_british_and_iso_dates_occur(owners_file: Read) -> None:
    assert any("/" in row["birth_date"] for row in owners_file("cohort"))
    assert any("-" in row["index_date"] for row in owners_file("offenders"))


def test_each_row_of_each_file_is_some_person_or_home(
    owners_file: Read, truth_file: Read, who: Who, written: Written
) -> None:
    people = {row["person"]: row for row in truth_file("people.csv")}
    homes = {row["home"] for row in truth_file("homes.csv")}
    for dataset, file in written.files.items():
        rows = owners_file(dataset)
        assert len(rows) == file.rows
        for number in range(1, len(rows) + 1):
            meant = who[dataset, number]
            assert meant["home"] in homes
            if dataset != "properties":
                assert meant["person"] in people
    assert len(who) == sum(file.rows for file in written.files.values())


def test_the_owners_key_in_the_truth_is_the_one_in_the_file(owners_file: Read, who: Who) -> None:
    keys = {"tax_credits": "award_no", "offenders": "pnc_id", "cohort": "member_no"}
    for dataset, column in (keys | dict.fromkeys(SUPPLIERS, "account")).items():
        for number, row in enumerate(owners_file(dataset), start=1):
            assert row[column] == who[dataset, number]["key"]


def test_a_joint_claim_names_both_adults_of_one_home(owners_file: Read, who: Who) -> None:
    claims = defaultdict(set)
    for number in range(1, len(owners_file("tax_credits")) + 1):
        row = who["tax_credits", number]
        claims[row["key"].split("-")[0]].add((row["person"], row["home"]))
    sizes = Counter(len(claimants) for claimants in claims.values())
    assert set(sizes) == {1, 2} and sizes[2] > 500
    assert all(len({home for _, home in pair}) == 1 for pair in claims.values())


def test_some_awards_have_ended(owners_file: Read) -> None:
    said = Counter(row["on_credit"] for row in owners_file("tax_credits"))
    assert set(said) == {"Y", "N"}
    assert 0.09 < said["N"] / said.total() < 0.17


def test_entitlement_is_a_live_award_and_a_costly_home(
    owners_file: Read, truth_file: Read, who: Who
) -> None:
    # Counted again from the files and who is who, by the agreement's two criteria.
    status: dict[str, bool] = {}
    for number, row in enumerate(owners_file("tax_credits"), start=1):
        status[who["tax_credits", number]["person"]] = row["on_credit"] == "Y"
    score = {
        who["properties", number]["home"]: float(row["cost_score"])
        for number, row in enumerate(owners_file("properties"), start=1)
    }
    truth = {(row["dataset"], row["account"]): row for row in truth_file("entitled.csv")}
    seen = 0
    for dataset in SUPPLIERS:
        for number, row in enumerate(owners_file(dataset), start=1):
            meant = who[dataset, number]
            live = status.get(meant["person"])
            costly = score[meant["home"]] >= 60
            said = truth[dataset, row["account"]]
            assert said["entitled"] == ("1" if live and costly else "0")
            why = {None: "no award", False: "award ended"}.get(
                live, "entitled" if costly else "home not costly to heat"
            )
            assert said["why"] == why
            seen += 1
    assert seen == len(truth)
    assert sum(row["entitled"] == "1" for row in truth.values()) > 300


def test_each_home_has_one_supplier_and_few_accounts_are_held_from_elsewhere(
    truth_file: Read, who: Who
) -> None:
    suppliers = defaultdict(set)
    for (dataset, _), row in who.items():
        if dataset in SUPPLIERS:
            suppliers[row["home"]].add(dataset)
    assert all(len(names) == 1 for names in suppliers.values())
    holders = Counter(row["holder"] for row in truth_file("entitled.csv"))
    assert set(holders) == {
        "first adult",
        "partner",
        "another adult",
        "landlord",
        "previous occupant",
    }
    away = holders["landlord"] + holders["previous occupant"]
    assert 0.01 < away / holders.total() < 0.07


def test_the_surname_na_is_in_every_kind_of_file(owners_file: Read) -> None:
    for dataset in ("tax_credits", "offenders", "cohort"):
        assert any(row["surname"].upper() == "NA" for row in owners_file(dataset)), dataset
    assert any(row["surname"].upper() == "NA" for d in SUPPLIERS for row in owners_file(d))


def test_offence_histories_hold_together(owners_file: Read) -> None:
    rows = owners_file("offenders")
    assert len({row["pnc_id"] for row in rows}) == len(rows)
    for row in rows:
        assert (int(row["reoffences"]) > 0) == (row["reoffended"] == "Y")
        assert int(row["age_at_index"]) >= 18
        assert "2020-01-01" <= row["index_date"] <= "2024-06-30"
        if row["previous_custody"] == "Y":
            assert int(row["previous_offences"]) > 0


def test_the_cohort_is_as_untidy_as_a_small_charitys_list(
    owners_file: Read, who: Who, city: City
) -> None:
    index = {
        who["offenders", number]["person"]: row["index_date"]
        for number, row in enumerate(owners_file("offenders"), start=1)
    }
    rows = owners_file("cohort")
    unknown = early = 0
    for number, row in enumerate(rows, start=1):
        day, month, year = map(int, row["started_on"].split("/"))
        record = index.get(who["cohort", number]["person"])
        unknown += record is None
        early += record is not None and date(year, month, day) < date.fromisoformat(record)
    members = Counter(row["member_no"] for row in rows)
    assert 0.03 < unknown / len(rows) < 0.12
    assert 0.01 < early / len(rows) < 0.12
    assert max(members.values()) == 2
    with_number = sum(bool(row["pnc_id"]) for row in rows) / len(rows)
    assert 0.3 < with_number < 0.55


def test_the_truth_says_that_it_is_invented(written: Written) -> None:
    text = (written.truth / "README.md").read_text(encoding="utf-8")
    assert "invented" in text and "Nobody here exists" in text
    assert json.loads((written.truth / "effects.json").read_text())["invented"] is True


def test_a_small_city_sends_too_few_people_to_study(tmp_path: Path) -> None:
    written = write_agencies(build_city(1_000, 1), tmp_path, agencies=["cohort", "offenders"])
    assert 0 <= written.files["cohort"].rows < 60


def test_a_city_of_a_hundred_thousand_sends_enough(tmp_path: Path) -> None:
    for seed in (1, 2):
        written = write_agencies(build_city(100_000, seed), tmp_path, agencies=["cohort"])
        assert written.files["cohort"].rows >= 300


def test_a_city_without_a_single_offender_is_still_written(tmp_path: Path) -> None:
    # Among small cities some have nobody mentored; effects are then unknown, not nought.
    for seed in range(40):
        city = build_city(1_000, seed)
        if not city.offenders.in_study.any():
            break
    else:
        pytest.fail("each of forty small cities had somebody in the study")
    written = write_agencies(city, tmp_path)
    effects = json.loads((written.truth / "effects.json").read_text())
    assert effects["in the study"] == 0
    assert effects["effects"]["one-year reoffending"]["realised"] is None
