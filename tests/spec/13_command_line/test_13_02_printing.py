"""What is printed: words and tables on a terminal, one JSON document for a script."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.console import Console
from sites import REBATE, Stages, the_run
from typer.testing import CliRunner

from equipoise.acts import demo as demo_act
from equipoise.acts.site import Site
from equipoise.cli import main, show
from equipoise.errors import Problem, UsageRefused


@pytest.fixture(autouse=True)
def fresh_consoles(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(show, "out", show.Patient(highlight=False, soft_wrap=True))
    monkeypatch.setattr(show, "err", Console(stderr=True, highlight=False, soft_wrap=True))
    yield


def give(*words: object) -> Any:
    return CliRunner().invoke(main.app, [str(word) for word in words])


def ended(monkeypatch: pytest.MonkeyPatch, *words: object) -> object:
    """Give a command through ``run`` itself, as the installed command does."""
    monkeypatch.setattr(sys, "argv", ["equipoise", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main.run()
    return stopped.value.code or 0


def test_a_run_is_told_step_by_step_and_as_json(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    words = ("run", stages.source, "--practice", "--site")
    said = give(*words, site_at("approved", "a").directory)
    assert said.exit_code == 0 and "released entitled to brightgas" in said.output
    assert "What you can say" in said.output and "Register:" in said.output
    told = give(*words, site_at("approved", "b").directory, "--json")
    document = json.loads(told.stdout)
    assert document["runs"][0]["state"] == "released" and document["refused"] == []
    assert document["waiting"] == [] and len(document["erased"]) == 5


def test_a_result_that_may_not_be_reported_ends_with_code_6_and_one_document(
    tmp_path: Any, city_files: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from sites import JUSTICE, new_site, written

    site = new_site(tmp_path / "site")
    source = written(tmp_path, JUSTICE)
    words = ("run", source, "--data", city_files, "--practice", "--site", site.directory)
    assert ended(monkeypatch, *words, "--json") == 6
    said = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in said["refused"]] == ["USE022"]


@pytest.mark.slow
def test_linking_is_told_in_sentences_and_as_json(
    site_at: Callable[..., Site],
) -> None:
    site = site_at("received")
    said = give("link", REBATE, "--site", site.directory)
    assert said.exit_code == 0 and "person" in said.output
    told = give("link", REBATE, "--site", site.directory, "--json")
    assert set(json.loads(told.stdout)) == {"person", "home"}


def test_an_agreement_is_suspended_resumed_and_ended(site_at: Callable[..., Site]) -> None:
    site = site_at("signed")
    at = ("--site", site.directory)
    assert "suspended" in give("suspend", REBATE, "--as", "Amara Osei", *at).output
    told = give("resume", REBATE, "--as", "Amara Osei", *at, "--json")
    assert json.loads(told.stdout)["state"] == "signed"
    assert give("end", REBATE, *at).exception.problems[0].code == "CLI013"
    assert "ended" in give("end", REBATE, "--as", "Amara Osei", *at).output
    assert "keys of the agreement are destroyed" in give("erase", REBATE, *at).output


def test_releasing_is_told_as_json(site_at: Callable[..., Site]) -> None:
    site = site_at("approved")
    told = give("release", the_run(site), "--site", site.directory, "--json")
    assert [each["to"] for each in json.loads(told.stdout)] == [
        "brightgas", "northlight", "homewarm",
    ]  # fmt: skip


def test_reviewing_is_told_as_json(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    words = ("--reason", "Too small a group to leave.", "--site", site.directory, "--json")
    told = give("review", the_run(site), "--as", "Amara Osei", "--reject", *words)
    assert json.loads(told.stdout) == {
        "run": the_run(site), "state": "refused", "waits for": [],
    }  # fmt: skip


def test_the_demonstration_says_what_it_came_to(
    shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_act, "demonstrate", lambda *given, **named: shown)
    said = give("demo", "--site", shown.site.directory).output
    assert "Rebates: Of" in said and "entitled: released" in said
    assert "equipoise verify" in said and "index.html" in said


def test_run_turns_every_end_into_its_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: Any
) -> None:
    from sites import ROOT

    assert ended(monkeypatch, "check", ROOT / "examples" / "fuel-poverty") == 0
    assert ended(monkeypatch, "check", tmp_path / "nothing") == 9
    assert ended(monkeypatch, "status", "--nonsense", "--json") == 2
    capsys.readouterr()
    for error, code in (
        (OSError(28, "No space left on device"), 9), (RuntimeError("Harriet Vane"), 1),
        (KeyboardInterrupt(), 130),
    ):  # fmt: skip

        def broken(*given: object, error: BaseException = error, **named: object) -> None:
            raise error

        monkeypatch.setattr(main, "app", broken)
        assert ended(monkeypatch, "status") == code
    assert "Vane" not in capsys.readouterr().err


def test_a_wide_table_comes_in_parts_and_one_row_as_names_and_values(capsys: Any) -> None:
    headings = [f"h{number}" for number in range(10)]
    show.table("Wide", headings, [["a", *range(9)], ["b", *range(9)]])
    drawn = capsys.readouterr().out
    assert drawn.count("h0") == 2 and "h9" in drawn
    show.table("One", headings, [["a", *range(9)]])
    assert "h9: 8" in capsys.readouterr().out
    show.mapping("", {"x": 1})
    assert capsys.readouterr().out.strip() == "x: 1"


def test_markup_in_a_text_is_shown_and_never_obeyed(capsys: Any) -> None:
    show.say("[red]not red[/red] [link=x]")
    assert "[red]not red[/red] [link=x]" in capsys.readouterr().out
    problem = Problem("X001", "[bold]what", why="[why", next="[/next]", file="[f]", line=3)
    show.problems(UsageRefused([problem, problem]), json_wanted=False)
    said = capsys.readouterr().err
    assert "(2 problems)" in said and "[bold]what" in said and "Next: [/next]" in said


def test_a_bar_is_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr(show, "err", terminal)
    with show.progress(quiet=False) as on_progress:
        on_progress(0.5, "linking [by] person")
    assert screen.getvalue()
    monkeypatch.setattr(show, "err", Console(file=(pipe := io.StringIO())))
    with show.progress(quiet=False) as on_progress:
        on_progress(0.5, "linking")
    assert pipe.getvalue() == ""
