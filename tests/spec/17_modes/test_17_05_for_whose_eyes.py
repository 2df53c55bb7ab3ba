"""Exact figures of a linkage are for the people of whoever links; everybody else reads sizes.

A count of three says of three people that they were found, and a released rounded figure less an
exact one says the same. So nothing but the command of the linkage unit itself, asked for exact
figures, shows them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from in_modes import Files, agreed, packed
from sites import REBATE, Stages, command

from equipoise.acts.link import link
from equipoise.acts.publish import export_ledger, publish
from equipoise.acts.site import Site
from equipoise.acts.walk import walk
from equipoise.carry.link import LinkReport

LEAST, BASE = 10, 10
NO_COUNT = ("sure_at_least", "least", "below", "rate", "precision", "recall", "of_those_seen",
            "precision_between", "recall_between", "fewest")  # fmt: skip


def counts(told: Any) -> Iterator[int]:
    """Every count in a report's JSON."""
    if isinstance(told, dict):
        for name, value in told.items():
            if name not in NO_COUNT:
                yield from counts(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from counts(value)
    elif isinstance(told, int) and not isinstance(told, bool):
        yield told


def numbers_in(text: str) -> list[int]:
    """Every number of a sentence that is neither a share nor the number of a rule."""
    plain = re.sub(r"\d+(\.\d+)?%|Rule \d+|\(one|in \d+ datasets?", "", text)
    return [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*", plain)]


def exact_counts(report: LinkReport) -> set[int]:
    """The counts that would tell: not a multiple of what is rounded to, or below the least."""
    return {n for n in counts(report.as_dict()) if n % BASE or 0 < n < LEAST}


@pytest.mark.parametrize("mode", ["exact", "encoded", "enclave"])
def test_a_report_for_other_eyes_holds_no_exact_count(files: Files, mode: str) -> None:
    rules = {"rules": [["uprn"], ["surname", "forename", "birth_date"]]}
    exact = packed(files, agreed(mode, **rules)).linked().report
    assert exact_counts(exact), "there is something to be rounded"
    told = exact.rounded(LEAST, BASE)
    assert not exact_counts(told)
    assert told.as_dict()["fewest"] == LEAST and exact.as_dict()["fewest"] == 0
    for line in told.sentences():
        assert all(number % BASE == 0 for number in numbers_in(line)), line
    assert any("fewer than 10" in line for line in told.sentences())
    for dataset in told.as_dict()["datasets"]:
        shares = [dataset["rate"], *(dataset.get("compared", {}).get(n) for n in NO_COUNT[4:7])]
        assert all(share is None or share == round(share, 2) for share in shares)


def test_a_share_of_so_few_is_not_told(files: Files) -> None:
    few = {name: table.slice(0, 60) for name, table in files.tables.items()}
    told = packed(Files(few, files.truth), agreed("enclave")).linked().report.rounded(5000, 5000)
    for count in told.datasets:
        assert count.linked == count.rows == 0 and count.rate == 0.0
        assert count.compared is not None
        assert count.compared.precision is None and count.compared.precision_between is None


@pytest.mark.slow
def test_linking_tells_sizes_and_keeps_the_exact_report_apart(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("received")
    for done in link(site, stages.source):
        assert not [n for n in counts(done.report) if n % BASE]
        assert exact_counts(done.exact)
    (kept, *_) = (each.report for each in site.store.links(REBATE))
    assert not [n for n in counts(kept["for others"]["numbers"]) if n % BASE]


@pytest.mark.slow
def test_the_command_shows_exact_figures_only_when_they_are_asked_for(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("received")
    words = ("link", stages.source, "--site", site.directory)
    rounded = json.loads(command(*words, "--json").stdout)
    assert not [n for n in counts(rounded) if n % BASE]
    assert re.search(r"about \d", command(*words).stdout)
    exact = json.loads(command(*words, "--json", "--exact").stdout)
    assert [n for n in counts(exact) if n % BASE]
    said = command(*words, "--exact").stdout
    assert "not passed on" in said and not re.search(r"about \d", said)


@pytest.mark.slow
def test_what_others_read_holds_no_exact_figure(
    city_files: Path, stages: Stages, site_at: Callable[..., Site], tmp_path: Path
) -> None:
    """The walk's own words, the ledger as it is exported, and the public register."""
    site = site_at("signed")
    walked = walk(site, stages.source, city_files, practice=True)
    for line in walked.links:
        assert all(number % BASE == 0 for number in numbers_in(line)), line
    linked = [entry for entry in site.store.entries() if entry.act == "linked"]
    assert linked and all(int(entry.detail["rows"]) % BASE == 0 for entry in linked)
    export_ledger(site, tmp_path / "ledger.jsonl")
    shown = (tmp_path / "ledger.jsonl").read_text(encoding="utf-8")
    shown += "".join(p.read_text(encoding="utf-8") for p in publish(site).rglob("*.html"))
    shown += "".join(p.read_text(encoding="utf-8") for p in publish(site).rglob("*.json"))
    for word in ("found_by", "spine_linked", "of_those_seen", "unsure", "were linked ("):
        assert word not in shown
