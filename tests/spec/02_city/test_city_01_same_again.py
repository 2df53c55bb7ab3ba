"""The same seed makes the same city, to the byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from equipoise.city import build_city, write_agencies
from equipoise.errors import EnvironmentFailed, UsageRefused


def _hashes(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_agencies(build_city(2_000, 11), tmp_path / name)
    assert _hashes(tmp_path / "one") == _hashes(tmp_path / "two")


def test_another_seed_writes_other_bytes_in_every_file(tmp_path: Path) -> None:
    write_agencies(build_city(2_000, 11), tmp_path / "one")
    write_agencies(build_city(2_000, 12), tmp_path / "two")
    one, two = _hashes(tmp_path / "one"), _hashes(tmp_path / "two")
    assert one.keys() == two.keys()
    assert {name for name in one if one[name] == two[name]} == set()


def test_a_file_does_not_depend_on_which_others_are_written(tmp_path: Path) -> None:
    city = build_city(2_000, 11)
    write_agencies(city, tmp_path / "all")
    write_agencies(city, tmp_path / "two", agencies=["offenders", "customers_homewarm"])
    every, two = _hashes(tmp_path / "all"), _hashes(tmp_path / "two")
    for name in ("offenders.csv", "customers_homewarm.csv"):
        assert two[name] == every[name]
    assert "tax_credits.csv" not in two


def test_writing_again_replaces_the_files_and_the_truth(tmp_path: Path) -> None:
    write_agencies(build_city(3_000, 1), tmp_path)
    write_agencies(build_city(2_000, 1), tmp_path)
    write_agencies(build_city(2_000, 1), tmp_path / "fresh")
    again = {k: v for k, v in _hashes(tmp_path).items() if not k.startswith("fresh")}
    assert again == _hashes(tmp_path / "fresh")


def test_births_and_homes_are_the_same_on_every_machine() -> None:
    # Taken once from this city; a change of library that moves it would move every city.
    city = build_city(1_000, 1)
    parts = (city.birth_day, np.round(city.homes.cost_score * 10).astype(np.int64))
    digest = hashlib.sha256(b"".join(part.astype("<i8").tobytes() for part in parts))
    assert digest.hexdigest() == "4d767f0310e55fafe73c6d267d7184291c1af53051809835d00a3bdd4c4d97bf"


def test_a_city_has_exactly_the_people_asked_for() -> None:
    for people in (1_000, 1_001, 4_999):
        city = build_city(people, 3)
        assert len(city.birth_day) == len(city.households.household) == people
        assert city.counts()["people"] == people


def test_progress_is_told_from_nothing_to_all(tmp_path: Path) -> None:
    built: list[float] = []
    wrote: list[tuple[float, str]] = []
    city = build_city(1_000, 1, on_progress=lambda share, doing: built.append(share))
    write_agencies(city, tmp_path, on_progress=lambda share, doing: wrote.append((share, doing)))
    assert built[0] == 0 and built[-1] == 1 and built == sorted(built)
    shares = [share for share, _ in wrote]
    assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)
    assert any("offenders" in doing for _, doing in wrote)


@pytest.mark.parametrize("people", [0, 999, 10_000_001, -5, 2_000.5, True, "many"])
def test_a_city_of_no_sensible_size_is_refused(people: object) -> None:
    with pytest.raises(UsageRefused) as refused:
        build_city(people, 1)  # type: ignore[arg-type]
    assert [problem.code for problem in refused.value.problems] == ["CIT001"]


def test_a_bad_size_and_a_bad_seed_are_both_told() -> None:
    with pytest.raises(UsageRefused) as refused:
        build_city(5, -1)
    assert [problem.code for problem in refused.value.problems] == ["CIT001", "CIT002"]
    assert all(problem.next for problem in refused.value.problems)


def test_an_agency_that_the_city_lacks_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageRefused) as refused:
        write_agencies(build_city(1_000, 1), tmp_path, agencies=["offenders", "circus", "zoo"])
    assert [problem.code for problem in refused.value.problems] == ["CIT003", "CIT003"]
    assert "circus" in str(refused.value) and "tax_credits" in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_text("something else", encoding="utf-8")
    with pytest.raises(EnvironmentFailed) as refused:
        write_agencies(build_city(1_000, 1), place)
    assert refused.value.problems[0].code == "CIT004"
    assert place.read_text(encoding="utf-8") == "something else"


def test_nothing_is_copied_from_shared_data() -> None:
    package = Path(__file__).parents[3] / "src/equipoise/city"
    shared = Path(__file__).parents[3] / "../shared/data"
    if not shared.is_dir():
        pytest.skip("no folder shared/data beside the project to compare with")
    sizes = {path.stat().st_size for path in shared.rglob("*") if path.is_file()}
    for path in package.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert path.stat().st_size not in sizes or path.stat().st_size < 100, path.name
