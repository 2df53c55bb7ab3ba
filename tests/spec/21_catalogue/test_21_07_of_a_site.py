"""A site weighs with what is shipped and with the lists in its folder ``weighing/``."""

from __future__ import annotations

from pathlib import Path

import pytest
from sites import new_site

from equipoise.acts.weigh_lists import LARGEST, lists_in, lists_of
from equipoise.errors import DataRefused
from equipoise.weigh.catalogue import shipped_lists
from equipoise.weigh.catalogue.table import SITE

EXAMPLE = SITE.split("```yaml\n")[1].split("```")[0]
YORK = """\
adds: york
version: 2
items:
  york-floods:
    group: risks
    words: The river rises.
    place: exercise:naming benefits and risks
"""


def refused(folder: Path) -> list[tuple[str | None, str]]:
    with pytest.raises(DataRefused) as caught:
        lists_in(folder)
    return [(problem.file, problem.code) for problem in caught.value.problems]


def test_a_site_without_lists_weighs_with_what_is_shipped(tmp_path: Path) -> None:
    assert lists_of(new_site(tmp_path / "site")) == shipped_lists()


def test_lists_are_added_in_the_order_of_their_names(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site")
    folder = site.folder("weighing")
    folder.mkdir()
    (folder / "b.yaml").write_text(EXAMPLE, encoding="utf-8")
    (folder / "a.yaml").write_text(YORK, encoding="utf-8")
    (folder / "notes.txt").write_text("no list", encoding="utf-8")
    lists = lists_of(site)
    assert lists.catalogue.version == "1+york.2+leeds.1"
    assert {"york-floods", "leeds-night-buses"} < {item.id for item in lists.catalogue.items}
    assert "leeds-parking" in lists.cards and "leeds-nights" in lists.questions


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(YORK, encoding="utf-8")
    before = lists_in(tmp_path).catalogue
    path.write_text(YORK.replace("rises", "falls"), encoding="utf-8")
    after = lists_in(tmp_path).catalogue
    assert after["york-floods"].words == "The river falls." and after.digest != before.digest


def test_the_faults_of_all_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(YORK.replace("risks\n", "risk\n", 1), encoding="utf-8")
    (tmp_path / "b.yaml").write_text("adds: leeds\n", encoding="utf-8")
    assert refused(tmp_path) == [
        ("a.yaml", "WGH006"), ("b.yaml", "WGH002"), ("b.yaml", "WGH004"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_told_and_nothing_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"adds: \xff\xfe")
    (tmp_path / "b.yaml").mkdir()
    (tmp_path / "c.yaml").write_bytes(b"#" * (LARGEST + 1))
    (tmp_path / "d.yaml").write_text(YORK, encoding="utf-8")
    assert refused(tmp_path) == [(f"{name}.yaml", "WGH016") for name in "abc"]
