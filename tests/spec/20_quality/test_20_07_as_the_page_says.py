"""The code on the page about quality runs as it stands there, and its pictures can be drawn."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(Path(__file__).parents[1] / "05_link"))

from people import two_files  # noqa: E402


def test_the_pages_code_runs_as_it_stands(tmp_path, monkeypatch, capsys):
    page = (ROOT / "docs" / "explanation" / "link-quality.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page.partition("## From code")[2], re.DOTALL)
    files = two_files(300)
    pq.write_table(files.left, tmp_path / "census.parquet")
    pq.write_table(files.right, tmp_path / "survey.parquet")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    exec(compile(code, "link-quality.md", "exec"), namespace)
    told = capsys.readouterr().out
    assert 0.9 <= namespace["quality"].precision.value <= 1
    assert "Estimate(" in told and "robability" in told
    assert isinstance(files.left, pa.Table)


def test_the_page_s_pictures_have_a_maker_that_can_be_loaded(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    made = runpy.run_path(str(ROOT / "docs" / "link_quality.py"))
    assert callable(made["main"])


def test_the_page_about_linking_puts_a_date_together_as_it_says():
    pandas = pytest.importorskip("pandas")
    page = (ROOT / "docs" / "howto" / "link-tables.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(parts = .*?)```", page, re.DOTALL)
    frame = pandas.DataFrame({"year": [1980, None], "month": [4, 5], "day": [3, 6]})
    exec(compile(code, "link-tables.md", "exec"), {"frame": frame})
    assert frame["birth_date"][0] == "1980-4-3"
    assert pandas.isna(frame["birth_date"][1])
