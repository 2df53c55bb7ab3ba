"""What is published follows from the rows that were kept, and a stopped run goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from attack_scenes import ROOT  # noqa: F401 - it puts the project on the path

from benchmarks.attacks.linkage import __main__ as command
from benchmarks.attacks.linkage.grid import FULL, QUICK, jobs, read, run
from benchmarks.attacks.linkage.page import curve, figure, page
from benchmarks.attacks.linkage.verdict import worst, worst_named


def row(scheme: str, attack: str, value: float, **other: object) -> dict[str, object]:
    return {
        "run": attack, "scheme": scheme, "population": "city", "layout": "strangers",
        "overlap": 1.0, "size": 1000, "seed": 1, "attack": attack, "variant": "no seeds",
        "measure": "re-identified", "value": value, "low": value / 2, "high": min(1.0, 2 * value),
        "of": 1000, "guessing": 0.001, "trivial": 0.001, "precision": None, "coverage": None,
        "surest": None, **other,
    }  # fmt: skip


RESULTS = {
    "accuracy": [
        {"set": "A", "scheme": "none", "precision": 1.0, "recall": 0.99, "f1": 0.995},
        {"set": "A", "scheme": "hard", "precision": 1.0, "recall": 0.97, "f1": 0.985},
    ],
    "rows": [
        row("none", "graph", 0.98),
        row("hard", "graph", 0.004),
        row("hard", "graph", 0.031, overlap=0.25, size=10_000, seed=2),
        row("hard", "graph", 0.012, overlap=0.5),
        row("hard", "known people", 0.22, variant="10% known"),
        row("hard", "households", 0.61, variant="who lives together", measure="AUC"),
    ],
}


def test_the_worst_case_is_the_highest_figure_over_all_scenes() -> None:
    found = worst(RESULTS["rows"])["hard", "graph", "no seeds", "re-identified"]
    assert (found["value"], found["size"], found["seed"]) == (0.031, 10_000, 2)
    assert worst_named(RESULTS["rows"], "hard")["value"] == 0.031


def test_the_page_says_the_worst_case_its_interval_and_its_scene() -> None:
    text = page(RESULTS, "picture.svg")
    assert "| hard | 0.9850 | 3.1 % | 22 % |" in text
    assert "| graph | no seeds | re-identified | 3.1 % | 1.6 % to 6.2 % | 0.10 % | 0.10 % |" in text
    assert "city, 10,000, 25% strangers, seed 2" in text
    assert "Nothing here is a proof" in text
    changed = {**RESULTS, "rows": [*RESULTS["rows"], row("hard", "graph", 0.4)]}
    assert "| hard | 0.9850 | 40 % | 22 % |" in page(changed, "picture.svg")


def test_the_figure_tells_in_words_what_it_draws() -> None:
    picture = ElementTree.fromstring(figure(RESULTS))
    name = "{http://www.w3.org/2000/svg}"
    assert picture.find(f"{name}title").text
    said = picture.find(f"{name}desc").text
    assert "hard: F1 0.9850, worst case 3.1 % with the register alone, 22 % with known" in said
    assert curve(RESULTS)[1] == ("hard", 0.985, 0.031, 0.22)


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path) -> None:
    kept = tmp_path / "rows.jsonl"
    plan = replace(QUICK, schemes=("none",), sizes=(200,), attacks=("frequency", "lengths"))
    rows = run(plan, kept, lambda _: None)
    before = kept.read_text()
    assert len(rows) == len(read(kept)) == 4
    kept.write_text(before + '{"cut": ')
    again = run(plan, kept, lambda _: None)
    assert again == rows


def test_figures_of_a_scheme_that_has_changed_since_are_dropped(tmp_path) -> None:
    kept = tmp_path / "rows.jsonl"
    plan = replace(QUICK, schemes=("none",), sizes=(200,), attacks=("frequency",))
    made = run(plan, kept, lambda _: None)
    kept.write_text(kept.read_text() + json.dumps({**made[0], "making": "an older one"}) + "\n")
    assert read(kept) == made


def test_the_full_plan_holds_every_overlap_size_and_several_seeds() -> None:
    made = jobs(replace(FULL, populations=("city",)))
    assert {j.overlap for j in made} == {0.05, 0.25, 0.5, 1.0}
    assert {j.size for j in made} == {1_000, 10_000, 50_000}
    assert len({j.seed for j in made}) >= 5
    assert {"none", "random", "fields", "tokens"} < {j.scheme for j in made}


def test_the_command_adds_the_controls_to_what_is_asked_for() -> None:
    options = command.parser().parse_args(
        ["--quick", "--strength", "high", "--attack", "lengths", "--overlap", "0.25"]
    )
    plan = command.chosen(options)
    assert plan.schemes == ("none", "random", "high")
    assert plan.attacks == ("graph", "lengths")
    assert 1.0 in plan.overlaps


def test_what_is_published_beside_the_suite_is_drawn_from_its_json() -> None:
    results = command.HERE / "results" / "results.json"
    if not results.exists():
        pytest.skip("no results are published yet")
    held = json.loads(results.read_text(encoding="utf-8"))
    published = (command.DOCS / "explanation" / "linkage-attacks.md").read_text(encoding="utf-8")
    assert published == page(held, "../images/linkage-attacks.svg")
    picture = (command.DOCS / "images" / "linkage-attacks.svg").read_text(encoding="utf-8")
    assert picture == figure(held)
