"""Bad input to an agreement in each mode: it ends in words and a code, and leaves nothing open."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from in_modes import COMPARING, document
from sites import DATASETS, command, deliver, new_site

from equipoise.acts.link import link
from equipoise.acts.pack import pack
from equipoise.acts.receive import receive
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site, open_site
from equipoise.errors import EquipoiseError
from equipoise.gate.exchange import Exchange

MODES = ("exact", *COMPARING)
NAMES = ("forename", "surname", "birth_date", "postcode")
OTHER = ["Αλέξανδρος", "Дмитрий", "محمد", "王小明", "ঈশিতা", "עמית", "ศิริพร", "김철수"]

Rows = list[dict[str, str]]


def agreement(folder: Path, mode: str) -> str:
    path = folder / f"{mode}.yaml"
    path.write_text(yaml.safe_dump(document(mode), sort_keys=False, allow_unicode=True), "utf-8")
    return str(path)


def linked(
    folder: Path, city: Path, mode: str, change: Callable[[str, Rows], Rows]
) -> dict[str, Any]:
    """Carry files out as far as links, each changed; return the report of ``person``."""
    data = folder / "data"
    data.mkdir()
    for name in DATASETS:
        source = (city / f"{name}.csv").read_bytes()
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = source.decode("cp1252")
        mark = max(",;\t|", key=text.splitlines()[0].count)
        rows = list(csv.DictReader(text.splitlines(), delimiter=mark))
        with (data / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(change(name, rows))
    site = new_site(folder / "site")
    text_of = agreement(folder, mode)
    sign_all_for_practice(site, text_of)
    deliver(site, text_of, data)
    (person,) = (done for done in link(site, text_of) if done.entity == "person")
    assert not list(site.folder("runs").rglob("*.arrow"))
    return {one["dataset"]: one for one in person.exact.as_dict()["datasets"]}


def columns(name: str) -> dict[str, str]:
    """What the owner's file calls the columns of the people's fields."""
    fields = document()["datasets"][name]["fields"]
    return {
        (fields[each] or {}).get("column", each): each
        for each in (*NAMES, "uprn")
        if each in fields
    }


def emptied(name: str, rows: Rows) -> Rows:
    own = columns(name)
    return [{key: "" if key in own else cell for key, cell in row.items()} for row in rows]


def all_one(name: str, rows: Rows) -> Rows:
    one = dict(zip(NAMES, ("Maria", "Garcia", "01/01/1980", "EQ1 1AA"), strict=True)) | {"uprn": ""}
    same = {key: one[field] for key, field in columns(name).items()}
    return [{key: same.get(key, cell) for key, cell in row.items()} for row in rows]


def one_row(name: str, rows: Rows) -> Rows:
    return rows[:1]


def other_scripts(name: str, rows: Rows) -> Rows:
    own = [key for key, field in columns(name).items() if field in ("forename", "surname")]

    def foreign(row: dict[str, str]) -> dict[str, str]:
        return row | {key: OTHER[sum(map(ord, row[key])) % len(OTHER)] for key in own if row[key]}

    return [foreign(row) for row in rows]


LONG = pytest.mark.slow
"""Each of these carries an agreement out: one mode by default, the others in the long run."""
IN_MODES = ["enclave", *(pytest.param(mode, marks=LONG) for mode in MODES if mode != "enclave")]


@pytest.mark.parametrize("mode", IN_MODES)
@pytest.mark.parametrize(
    "change", [one_row, *(pytest.param(e, marks=LONG) for e in (other_scripts, emptied, all_one))]
)
def test_odd_files_are_carried_out_as_far_as_links(
    mode: str, change: Callable[[str, Rows], Rows], city_files: Path, tmp_path: Path
) -> None:
    try:
        found = linked(tmp_path, city_files, mode, change)
    except EquipoiseError as refused:  # in words: intake may refuse a file of which nothing is left
        assert all(one.code and one.what and one.next for one in refused.problems)
        assert change in (emptied, all_one)
        return
    shares = [one["linked"] / one["rows"] for one in found.values() if one["rows"]]
    if change is other_scripts:
        assert max(shares) > 0.05, "names in other scripts are told apart, and found again"
    elif change is not one_row:
        assert max(shares) < 0.05, "nobody can be told apart by names that say nothing"


@pytest.mark.parametrize("mode", IN_MODES[:3])
def test_another_owners_key_is_noticed_before_anything_is_compared(
    mode: str, city_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever linked such files would find nobody, and might believe it."""
    site, text_of = new_site(tmp_path / "site"), agreement(tmp_path, mode)
    sign_all_for_practice(site, text_of)
    deliver(site, text_of, city_files, DATASETS[:-1])
    other = "0123456789abcdef" * 2
    monkeypatch.setattr(Exchange, "key_check", lambda passage: other)
    for path in pack(site, text_of, DATASETS[-1], city_files).parcels:
        receive(site, text_of, path)
    seen: list[str] = []
    with pytest.raises(EquipoiseError) as refused:
        link(site, text_of, on_progress=lambda share, doing: seen.append(doing))
    (problem,) = refused.value.problems
    assert problem.code == "ACT122" and DATASETS[-1] in problem.what
    assert not seen and other not in problem.sentence()


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_memory_smaller_than_the_data_ends_in_advice_and_can_be_mended(
    mode: str, city_files: Path, tmp_path: Path
) -> None:
    site, text_of = new_site(tmp_path / "site"), agreement(tmp_path, mode)
    sign_all_for_practice(site, text_of)
    deliver(site, text_of, city_files)
    settings = site.directory / "equipoise.toml"
    usual = settings.read_text(encoding="utf-8")
    settings.write_text(usual + "\n[steps]\nmemory = 0.04\n", encoding="utf-8")
    words = ("link", text_of, "--site", site.directory, "--json")
    ended = command(*words)
    assert ended.returncode == 9
    (problem,) = json.loads(ended.stdout)["problems"]
    assert problem["code"] == "GATE101"
    assert "equipoise.toml" in problem["next"] and "fewer rows" in problem["next"]
    assert "Traceback" not in ended.stderr
    assert not left_open(open_site(site.directory))
    settings.write_text(usual + "\n[steps]\nmemory = 4\n", encoding="utf-8")
    assert command(*words).returncode == 0


def left_open(site: Site) -> list[Any]:
    """What a step that was stopped left behind: permits, unsealed tables."""
    return [*site.store.open_permits(), *site.folder("runs").rglob("*.arrow")]
